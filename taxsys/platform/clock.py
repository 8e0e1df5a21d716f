"""時計: the only place that reads the time of day.

Law is applied on a *business date* (業務日); records carry the real moment. A demonstration or test installation fixes
the business date by the setting TAXSYS_BUSINESS_DATE, a job run fixes it with `at(...)` for everything it calls.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date, datetime

from django.conf import settings
from django.utils import timezone

_business_on: ContextVar[date | None] = ContextVar("taxsys_business_on", default=None)


def today() -> date:
    """業務日: the date on which the law is applied now.

    The innermost `at(...)` wins, then the setting TAXSYS_BUSINESS_DATE (ISO date), then the real day in Asia/Tokyo.
    """
    fixed = _business_on.get()
    if fixed is not None:
        return fixed
    if settings.TAXSYS_BUSINESS_DATE:
        return date.fromisoformat(settings.TAXSYS_BUSINESS_DATE)
    return timezone.localdate()


def now() -> datetime:
    """The real moment (aware, UTC inside), for recording times, expiry and logs; never for the application of law."""
    return timezone.now()


def local(moment: datetime) -> datetime:
    """A recorded moment as the clock on the wall of the office shows it (Asia/Tokyo)."""
    return timezone.localtime(moment)


@contextmanager
def at(business_on: date) -> Iterator[date]:
    """Fix the business date for everything called inside the block (job runs, what-if, tests)."""
    token = _business_on.set(business_on)
    try:
        yield business_on
    finally:
        _business_on.reset(token)
