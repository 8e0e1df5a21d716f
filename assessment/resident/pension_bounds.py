"""年金特別徴収の月の増減 (pure): which months of the pension a change may touch, and what goes to bills instead.

地方税法321条の7の7・321条の7の9; R-019.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from assessment.resident.collection_split import ORDINARY, PENSION
from assessment.resident.pension_split import FIRST_REGULAR, PensionKnown
from assessment.resident.resplit import NOTHING, Bounds, Place, Stream, parts_less, parts_over, parts_sum


def pension_bounds(known: PensionKnown) -> Bounds:
    """仮徴収 keeps its months whatever the day; after a stop so do all months before it, and of the month of the stop
    what was withheld; nothing is withheld later."""
    if not known.is_stopped:
        return Bounds(frozenset(range(1, FIRST_REGULAR)))
    stop, withheld = known.stopped_from, known.partial_yen
    kept = frozenset(range(1, stop + (withheld > 0)))
    return Bounds(kept, frozenset(), caps={stop: withheld} if withheld else {})


def pension_raise_billed(
    streams: Sequence[Stream], posted: Sequence[Place], *, bill_places: tuple[tuple[int, date], ...], bill_unit: int
) -> list[Stream]:  # fmt: skip
    """The streams with what a pension would have to bear beyond its months as levied billed instead.

    Payers are told their amounts once (July); a raise comes by 普通徴収 (321条の7の7), a reduction lowers the months
    still to come. Without 本徴収 in the books nothing has been told yet.
    """
    months = [one for one in posted if one.method == PENSION]
    pension = next((one for one in streams if one.method == PENSION), None)
    if pension is None or not any(one.no >= FIRST_REGULAR for one in months):
        return list(streams)
    over = parts_over(pension.parts, parts_sum(one.parts for one in months))
    if not sum(over):
        return list(streams)
    lowered = replace(pension, parts=parts_less(pension.parts, over))
    empty = replace(
        pension, method=ORDINARY, parts=NOTHING, places=bill_places, unit=bill_unit, at_once_yen=0, bill_to=None
    )
    bill = next((one for one in streams if one.method == ORDINARY), empty)
    raised = replace(bill, parts=parts_sum([bill.parts, over]))
    return [raised, *(lowered if one is pension else one for one in streams if one is not bill)]
