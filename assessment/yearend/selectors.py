"""年度切替の照会: the newest trial, its lines by kind and fate, the switches so far."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, QuerySet

from assessment.yearend.carrying import ITEMS
from assessment.yearend.models import CarriedLine, LineFate, SwitchState, YearSwitch
from taxsys.platform.files.payloads.spreadsheet import table_csv

_HEADINGS = ("種類", "宛名番号", "内容", "あつかい", "理由")


@dataclass(frozen=True, slots=True)
class ItemCounts:
    """Lines of one kind: how many are carried, were there, are not needed, want an officer."""

    item: str
    title_ja: str
    carry: int
    already: int
    needless: int
    check: int


def switch_newest(tax_year: int) -> YearSwitch | None:
    """The newest run for the year, whatever its state."""
    return YearSwitch.objects.filter(tax_year=tax_year).exclude(state=SwitchState.PREPARED).first()


def switches_done() -> list[YearSwitch]:
    """切替の履歴, newest first."""
    return list(YearSwitch.objects.filter(state=SwitchState.RELEASED))


def item_counts(switch: YearSwitch) -> list[ItemCounts]:
    """The lines of a switch by kind and fate, kinds without a line too."""
    rows = switch.lines.order_by().values_list("item", "fate").annotate(Count("pk"))
    found = {(item, fate): number for item, fate, number in rows}
    return [
        ItemCounts(item, title, *(found.get((item, fate), 0) for fate in (
            LineFate.CARRY, LineFate.ALREADY, LineFate.NEEDLESS, LineFate.CHECK)))
        for item, title in ITEMS.items()
    ]  # fmt: skip


def switch_lines(switch: YearSwitch, item: str, *, fate: str = "") -> QuerySet[CarriedLine]:
    """Lines of one kind by 宛名番号; "" = every fate."""
    rows = switch.lines.filter(item=item).select_related("party").order_by("party__person_no", "key")
    return rows.filter(fate=fate) if fate else rows


def line_list(switch: YearSwitch) -> tuple[bytes, int]:
    """引継ぎ明細 as CSV, numbers only, and how many lines it has."""
    rows = switch.lines.select_related("party").order_by("item", "party__person_no", "key")
    cells = [
        (ITEMS[one.item], one.party.person_no, one.detail_ja, one.get_fate_display(), one.reason_ja) for one in rows
    ]
    return table_csv(_HEADINGS, cells), len(cells)
