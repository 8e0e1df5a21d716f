"""アクセス記録の検索: by subject, officer, function, action and time; amounts and names are not in it."""

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from taxsys.platform.audit.models import AccessEvent


@dataclass(frozen=True, kw_only=True)
class EventFilter:
    """検索条件; empty members do not narrow. Days are whole days in Japanese time, both included."""

    subject: str = ""
    actor: str = ""
    action: str = ""
    result: str = ""
    from_on: date | None = None
    to_on: date | None = None


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))


def events(narrow: EventFilter) -> QuerySet[AccessEvent]:
    """The events that meet the conditions, newest first."""
    found = AccessEvent.objects.order_by("-id")
    if narrow.subject:
        found = found.filter(subjects__contains=[narrow.subject])
    if narrow.actor:
        found = found.filter(actor_id=narrow.actor)
    if narrow.action:
        found = found.filter(action=narrow.action)
    if narrow.result:
        found = found.filter(result=narrow.result)
    if narrow.from_on:
        found = found.filter(occurred_at__gte=_midnight(narrow.from_on))
    if narrow.to_on:
        found = found.filter(occurred_at__lt=_midnight(narrow.to_on + timedelta(days=1)))
    return found
