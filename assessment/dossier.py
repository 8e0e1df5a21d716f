"""本人の記録の取りまとめ (賦課): decisions, the papers that came in about the person and their pictures (R-283)."""

from uuid import UUID

from assessment.models import Decision
from assessment.scans.selectors import scans_of_party
from assessment.sources.selectors import documents_of_party
from taxsys.kernel import wareki
from taxsys.platform.registers.dossier import Asked, Column, PersonTable, Section, section_register
from taxsys.platform.ui.templatetags.house import wareki_year, yen_text


def assessment_tables(asked: Asked) -> list[PersonTable]:
    """賦課決定 of every version, and 課税資料 by kind and day."""
    key = UUID(asked.party_key)
    decisions = Decision.objects.filter(party_id=key).order_by("-tax_year", "-version")
    return [
        PersonTable(
            "賦課決定",
            (
                Column("課税年度", 30),
                Column("版", 14, is_number=True),
                Column("事由", 30),
                Column("決定年月日", 40),
                Column("通知書番号", 34, "key"),
                Column("年税額", 26, is_number=True),
            ),
            [
                [
                    wareki_year(one.tax_year),
                    str(one.version),
                    one.get_cause_display(),
                    wareki.format_long(one.decided_on),
                    one.notice_no,
                    yen_text(one.annual_yen),
                ]
                for one in decisions
            ],
        ),
        PersonTable(
            "課税資料",
            (Column("課税年度", 34), Column("種別", 60), Column("受付日", 44), Column("状態", 36)),
            [
                [
                    wareki_year(one.tax_year),
                    one.get_kind_display(),
                    wareki.format_long(one.arrived_on),
                    one.get_state_display(),
                ]
                for one in documents_of_party(key)
            ],
        ),
        PersonTable(
            "紙の画像",
            (
                Column("受付日", 44),
                Column("種別", 60),
                Column("受付番号", 34, "key"),
                Column("頁数", 16, is_number=True),
                Column("状態", 30),
            ),
            [
                [
                    wareki.format_long(one.arrived_on),
                    one.get_kind_display(),
                    one.reception_no,
                    str(one.page_count),
                    one.get_state_display(),
                ]
                for one in scans_of_party(key)
            ],
        ),
    ]


def section_of_assessment() -> None:
    """Register the section (AppConfig.ready)."""
    section_register(Section(name="assessment", title_ja="賦課", order=20, tables=assessment_tables))
