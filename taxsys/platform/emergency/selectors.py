"""緊急時の権限の照会: what waits for a review, and what was done in a use."""

from typing import Any

from django.db.models import QuerySet

from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.emergency.models import EmergencyUse
from taxsys.platform.staff.access import EMERGENCY_PURPOSE
from taxsys.platform.staff.models import Staff


def waiting_for(staff: Staff) -> QuerySet[EmergencyUse]:
    """Uses that another person made and nobody has reviewed, running ones too."""
    open_ones = EmergencyUse.objects.filter(reviewed_at__isnull=True).exclude(person_key=staff.person_key)
    return open_ones.select_related("staff")


def waiting_count(staff: Any) -> int:
    """How many wait for this officer."""
    return waiting_for(staff).count()


def events_of(use: EmergencyUse) -> QuerySet[AccessEvent]:
    """Everything on record under this use, oldest first: each request and each look, refused ones too."""
    within = AccessEvent.objects.filter(actor_id=use.staff.staff_no, purpose=EMERGENCY_PURPOSE)
    return within.filter(occurred_at__gte=use.begun_at, occurred_at__lte=use.ends_at).order_by("pk")
