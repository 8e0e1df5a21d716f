"""期間の計算 (counting of periods): 地方税法20条の5第1項, 民法139条–143条."""

from __future__ import annotations

from calendar import monthrange
from datetime import date, timedelta


def last_day_of_months(first_day: date, months: int) -> date:
    """Last day of a period of `months` that begins at 0:00 of `first_day` (1月を経過する日 for months=1).

    The day before the corresponding day of the last month; where that month has no such day, its end (民法143条2項).
    """
    index = first_day.year * 12 + first_day.month - 1 + months
    year, month = divmod(index, 12)
    days_in_month = monthrange(year, month + 1)[1]
    if first_day.day > days_in_month:
        return date(year, month + 1, days_in_month)
    return date(year, month + 1, first_day.day) - timedelta(days=1)


def months_pass_after(event_on: date, months: int) -> date:
    """Day on which `months` pass counted from the day after an event (初日不算入, 民法140条)."""
    return last_day_of_months(event_on + timedelta(days=1), months)


def days_inclusive(first_day: date, last_day: date) -> int:
    """Number of days, both ends counted."""
    return (last_day - first_day).days + 1
