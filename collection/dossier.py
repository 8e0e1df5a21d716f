"""本人の記録の取りまとめ (収納): every instalment with what was levied and paid (R-283)."""

from uuid import UUID

from collection.selectors.account import party_account
from taxsys.kernel import wareki
from taxsys.platform.registers.dossier import Asked, Column, PersonTable, Section, section_register
from taxsys.platform.ui.templatetags.house import wareki_year, yen_text


def collection_tables(asked: Asked) -> list[PersonTable]:
    """期別の収納状況 as of the day."""
    rows = party_account(UUID(asked.party_key), as_of=asked.on, with_interest=False)
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
        )
    ]


def section_of_collection() -> None:
    """Register the section (AppConfig.ready)."""
    section_register(Section(name="collection", title_ja="収納", order=30, tables=collection_tables))
