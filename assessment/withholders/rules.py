"""納期の特例 (pure): in which month's due date a withheld month is paid. 地方税法321条の5の2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

FIRST_MONTH, PLACES = 6, 12


@dataclass(frozen=True, slots=True)
class Span:
    """Months with the privilege: from the first of `first_month`; `ended_on`: the day it was revoked or given up."""

    first_month: date
    ended_on: date | None = None


def place_number(day: date, tax_year: int) -> int:
    """The place of a day's month, June of the tax year = 1; before it 0 and less, beyond May of the next year 13 on."""
    return (day.year - tax_year) * 12 + day.month - FIRST_MONTH + 1


def due_places(tax_year: int, spans: Sequence[Span], *, half_months: int) -> tuple[int, ...]:
    """For each of the twelve months (June first) the place whose ordinary due date it is paid by.

    With the privilege the months of a half are paid with its last one (June–November by 10 December, December–May by
    10 June). Where it ends within a half, the months up to that of the end are paid with the month of the end, later
    ones each by itself.
    """
    found = list(range(1, PLACES + 1))
    for span in spans:
        first = place_number(span.first_month, tax_year)
        last = None if span.ended_on is None else place_number(span.ended_on, tax_year)
        for place in range(max(first, 1), PLACES + 1):
            if last is not None and place > last:
                break
            half_end = place + (half_months - place) % half_months
            found[place - 1] = half_end if last is None else min(half_end, last)
    return tuple(found)
