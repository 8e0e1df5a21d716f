"""納期限 (due dates): nominal days rolled to the next open day (地方税法20条の5第2項, 施行令6条の18)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from taxsys.kernel.calendar import next_business_day


@dataclass(frozen=True, slots=True)
class NominalDay:
    """A day of the ordinance: `day` 31 means the last day of the month; `year_offset` 1 = the next calendar year."""

    month: int
    day: int
    year_offset: int = 0


def rolled(nominal: date) -> date:
    """The due date in law: the nominal day itself when open, else the next open day."""
    return next_business_day(nominal)


def due_dates(tax_year: int, days: Sequence[NominalDay]) -> list[date]:
    """Due dates of a tax year (calendar year in which it begins) for a table of nominal days, in the table's order."""
    out = []
    for nominal in days:
        year = tax_year + nominal.year_offset
        last = monthrange(year, nominal.month)[1]
        out.append(rolled(date(year, nominal.month, min(nominal.day, last))))
    return out


def statutory_due_on(due_ons: Sequence[date]) -> date:
    """法定納期限 of every instalment: the first one's due date (地方税法11条の4第1項)."""
    return min(due_ons)


def debit_day(due_on: date, attempt_no: int, *, retry_days_after: int) -> date:
    """引落日: the due date itself; a later attempt so many days after the attempt before, rolled to an open day."""
    day = due_on
    for _again in range(1, attempt_no):
        day = next_business_day(day + timedelta(days=retry_days_after))
    return day
