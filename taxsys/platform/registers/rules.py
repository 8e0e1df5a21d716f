"""期限の規則 (deadlines by calendar rule): pure functions from a base day to the last day of a time limit.

The kernel's calendar says which days are closed; a statutory limit whose last day is closed ends on the next open day.
"""

from calendar import monthrange
from datetime import date, timedelta

from taxsys.kernel.calendar import add_business_days, next_business_day


def day_count_limit(known_on: date, days: int) -> date:
    """期限 where the day of knowing is day 1 and weekends count; rolled to the next open day (N-081)."""
    return next_business_day(known_on + timedelta(days=days - 1))


def days_after(base_on: date, days: int) -> date:
    """期限 of so many days, the first day not counted (民法140条); rolled to the next open day."""
    return next_business_day(base_on + timedelta(days=days))


def business_days_after(base_on: date, count: int) -> date:
    """The open day so many open days later."""
    return add_business_days(base_on, count)


def months_after(base_on: date, months: int) -> date:
    """The same day so many months later, or the last of a shorter month (民法143条); not rolled."""
    at = base_on.year * 12 + base_on.month - 1 + months
    year, month = divmod(at, 12)
    return date(year, month + 1, min(base_on.day, monthrange(year, month + 1)[1]))


def fiscal_year_end(year: int) -> date:
    """31 March of the fiscal year."""
    return date(year + 1, 3, 31)


def in_fiscal_year(year: int, month: int, day: int) -> date:
    """A month and day within the fiscal year."""
    return date(year if month >= 4 else year + 1, month, day)


def copy_fee_yen(sheets: int, per_sheet_yen: int) -> int:
    """写しの交付の手数料 of black and white sheets up to A3 (yen)."""
    return sheets * per_sheet_yen
