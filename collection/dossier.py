"""本人の記録の取りまとめ (収納): every instalment with what was levied and paid (R-283)."""

from uuid import UUID

from collection.selectors.account import party_account
from collection.selectors.desk import withheld_years
from taxsys.kernel import wareki
from taxsys.platform.registers.dossier import Asked, Column, PersonTable, Section, section_register
from taxsys.platform.ui.templatetags.house import wareki_year, yen_text


def collection_tables(asked: Asked) -> list[PersonTable]:
    """期別の収納状況 as of the day, and what employers withhold for the person."""
    key = UUID(asked.party_key)
    rows = party_account(key, as_of=asked.on, with_interest=False)
    return [
        PersonTable(
            "期別の収納状況",
            (
                Column("税目", 40),
                Column("課税年度", 26),
                Column("期", 12, is_number=True),
                Column("納期限", 36),
                Column("調定額", 20, is_number=True),
                Column("納付額", 20, is_number=True),
                Column("未納額", 20, is_number=True),
            ),
            [
                [
                    one.tax_title,
                    wareki_year(one.tax_year),
                    str(one.instalment_no),
                    wareki.format_long(one.due_on),
                    yen_text(one.levied_yen),
                    yen_text(one.paid_yen),
                    yen_text(one.open_yen),
                ]
                for one in rows
            ],
        ),
        PersonTable(
            "給与からの特別徴収",
            (Column("課税年度", 40), Column("月数", 30, is_number=True), Column("税額", 40, is_number=True)),
            [[wareki_year(one.tax_year), str(one.months), yen_text(one.yen)] for one in withheld_years(key)],
        ),
    ]


def section_of_collection() -> None:
    """Register the section (AppConfig.ready)."""
    section_register(Section(name="collection", title_ja="収納", order=30, tables=collection_tables))
