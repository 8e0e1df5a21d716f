"""本人の記録の取りまとめ (情報提供等記録): to whom what was provided, as far as it may be told (R-283, N-060)."""

from uuid import UUID

from intermediary.items import FILED_ITEM, ITEMS, STATUS_ITEM
from intermediary.models import ProvisionRecord
from taxsys.platform.registers.dossier import Asked, Column, PersonTable, Section, section_register
from taxsys.platform.ui.templatetags.house import moment


def provision_tables(asked: Asked) -> list[PersonTable]:
    """情報提供等記録; records marked 不開示該当 stand in no package; one line an item."""
    records = ProvisionRecord.objects.filter(party_id=UUID(asked.party_key), is_nondisclosed=False)
    titles = {item.name: item.title_ja for item in ITEMS} | {STATUS_ITEM: "課税区分", FILED_ITEM: "申告の有無"}
    return [
        PersonTable(
            "情報提供等記録",
            (
                Column("日時", 34),
                Column("提供先・移転先", 40),
                Column("事務", 40),
                Column("項目", 40),
                Column("結果", 20),
            ),
            [
                [
                    moment(one.provided_at),
                    one.request.row.recipient,
                    one.request.row.affair,
                    titles.get(item, item),
                    one.get_outcome_display(),
                ]
                for one in records.select_related("request__row").order_by("-provided_at", "-pk")
                for item in one.request.items
            ],
        )
    ]


def section_of_provisions() -> None:
    """Register the section (AppConfig.ready)."""
    section_register(
        Section(name="intermediary", title_ja="情報提供等記録", order=80, tables=provision_tables, for_support=False)
    )
