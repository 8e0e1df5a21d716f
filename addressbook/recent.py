"""最近開いた宛名: the last parties this officer opened in this sitting, read from the access log (ids only)."""

from datetime import datetime
from typing import Any
from uuid import UUID

from addressbook.search import PartyLine, party_lines
from taxsys.platform.audit.models import AccessEvent

RECENT = 10
_EVENTS = 200
OUTPUT = "addressbook.recent"


def recent_parties(staff: Any, *, since: datetime) -> list[PartyLine]:
    """At most ten parties whose card the officer opened since the moment (of signing in), the newest first."""
    events = AccessEvent.objects.filter(
        actor_kind="staff", actor_id=staff.staff_no, action=AccessEvent.Action.VIEW, record_type__startswith="card.",
        occurred_at__gte=since,
    )  # fmt: skip
    seen: dict[UUID, None] = {}
    for subjects in events.order_by("-id").values_list("subjects", flat=True)[:_EVENTS]:
        for subject in subjects:
            seen.setdefault(UUID(subject), None)
    return party_lines(list(seen)[:RECENT], staff=staff, output=OUTPUT)
