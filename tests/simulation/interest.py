"""延滞金・還付加算金 counted day by day, from the words of the law (地方税法326条, 附則3条の2, 20条の4の2, 17条の4).

Nothing of the product is used: rates are typed in again (per mille, from the announcements), months are counted anew.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable, Iterable, Sequence
from datetime import date, timedelta
from itertools import groupby

ONE = timedelta(days=1)
# Per mille a year: (within the first month, after it, deferment and refund).
RATES = {2025: (24, 87, 9), 2026: (28, 91, 13)}
Span = tuple[date, date, str]


def days(first: date, last: date) -> Iterable[date]:
    """Every day from first to last, both included."""
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def month_passes(event: date, months: int = 1) -> date:
    """The day on which months have passed since an event, its own day not counted (民法140条・143条)."""
    start = event + ONE
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    month += 1
    if start.day > monthrange(year, month)[1]:
        return date(year, month, monthrange(year, month)[1])
    return date(year, month, start.day) - ONE


def rounded(by_day: Iterable[tuple[int, int]]) -> int:
    """Yen of (rate, base) by day: each stretch of equal days cut to the yen, the sum under 1,000 nil, else to 100."""
    total = 0
    for (rate, base), stretch in groupby(by_day):
        total += base * rate * sum(1 for _ in stretch) // 365_000
    return 0 if total < 1000 else total // 100 * 100


def base_of(balance: int) -> int:
    """What bears interest: nothing under 2,000 yen, else cut to 1,000."""
    return 0 if balance < 2000 else balance // 1000 * 1000


def late_interest(
    tax: int, due: date, payments: Sequence[tuple[date, int]], reliefs: Sequence[Span], until: date
) -> int:
    """延滞金 of a tax from the day after the due date to full payment, at most to `until`."""
    paid = sorted((on, yen) for on, yen in payments if on <= until)
    if tax == 0 or due >= until:
        return 0
    low_until = month_passes(due)
    by_day = []
    for day in days(due + ONE, until):
        balance = max(0, tax - sum(yen for on, yen in paid if on < day))
        if balance == 0:
            break
        low, high, deferred = RATES[day.year]
        rate = low if day <= low_until else high
        effects = {effect for first, last, effect in reliefs if first <= day <= last}
        if "zero" in effects:
            rate = 0
        elif "half" in effects:
            rate = min(rate, deferred)
        by_day.append((rate, base_of(balance)))
    return rounded(by_day)


def refund_interest(first: date, leavings: Sequence[tuple[date, int]]) -> int:
    """還付加算金 of an overpayment from its first day until its parts have left it."""
    last = max(on for on, _yen in leavings)
    held: Callable[[date], int] = lambda day: sum(yen for on, yen in leavings if on >= day)  # noqa: E731
    return rounded((RATES[day.year][2], base_of(held(day))) for day in days(first, last)) if first <= last else 0
