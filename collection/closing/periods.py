"""締めた期間 (closed periods): up to which day nothing may be posted any more, and the refusal that says so."""

from __future__ import annotations

from datetime import date

from django.db.models import Max

from collection.closing.errors import PeriodClosedError
from collection.closing.models import PeriodClosing


def closed_through() -> date | None:
    """The last day of the standing closings; None where nothing has been closed."""
    found: date | None = PeriodClosing.objects.standing().aggregate(on=Max("last_on"))["on"]
    return found


def period_refuse_closed(occurred_on: date) -> None:
    """Raises PeriodClosedError where this day is closed. The database refuses it too (migration 0002 of closing)."""
    until = closed_through()
    if until is not None and occurred_on <= until:
        raise PeriodClosedError(
            f"会計日{occurred_on}は締め済みです({until}まで)。締めた期間には計上できません。"
            "会計日を確かめるか、締めの解除を係長に依頼してください。"
        )
