"""支援措置: whose address is hidden. One rule for every page, paper and file."""

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection
from django.db.models import Q, QuerySet

from addressbook.codes import ProtectionKind, ProtectionState
from addressbook.models import HouseholdMembership, Protection, ProtectionMember
from taxsys.platform import clock

# 満了の予告 in days before the end.
EXPIRY_WARNING = timedelta(days=30)


def protections_standing(on: date | None = None) -> Q:
    """Condition on Protection: in force on the day. The end date alone ends nothing; a record of 終了・取下げ does."""
    on = on or clock.today()
    return Q(state=ProtectionState.ACTIVE) & (Q(valid_from__lte=on) | Q(accepted_on__lte=on))


def all_protected_parties(*, on: date | None = None) -> set[UUID]:
    """Every protected party: one query for bulk outputs."""
    standing = protections_standing(on)
    own = Protection.objects.filter(standing).values_list("party_id", flat=True)
    beside = ProtectionMember.objects.filter(protection__in=Protection.objects.filter(standing)).values_list(
        "party_id", flat=True
    )
    return set(own) | set(beside)


def hidden_parties(*, on: date | None = None) -> set[UUID]:
    """Parties whose address is hidden: the protected and everybody who lives in their household on the day.

    A household member's page shows the very address that must not be found (N-087, N-089).
    """
    on = on or clock.today()
    protected = all_protected_parties(on=on)
    if not protected:
        return set()
    memberships = HouseholdMembership.objects.as_of(on)
    households = memberships.filter(party_id__in=protected).values_list("household_no", flat=True)
    together = memberships.filter(household_no__in=list(households)).values_list("party_id", flat=True)
    return protected | set(together)


def measures_due(on: date) -> QuerySet[Protection]:
    """支援措置 that ends within 30 days or has passed its end without a record of it, the earliest first; and those
    whose details have not arrived, which only a measure or two people end (N-086)."""
    pending = Q(kind=ProtectionKind.DETAILS_PENDING)
    due = protections_standing(on) & (Q(valid_to__lte=on + EXPIRY_WARNING) | pending)
    return Protection.objects.filter(due).select_related("party").order_by("valid_to", "party__person_no")


# One statement for a page: who of these parties is protected (true) or lives with a protected party (false).
_MARKS = """
WITH standing AS (
    SELECT id, party_id FROM addressbook_protection
    WHERE state = %(active)s AND (valid_from <= %(on)s OR accepted_on <= %(on)s)
), protected AS (
    SELECT party_id FROM standing
    UNION SELECT m.party_id FROM addressbook_protectionmember m JOIN standing s ON s.id = m.protection_id
), homes AS (
    SELECT h.household_no FROM addressbook_householdmembership h JOIN protected USING (party_id)
    WHERE h.superseded_at IS NULL AND h.valid_from <= %(on)s AND (h.valid_to IS NULL OR h.valid_to > %(on)s)
)
SELECT asked.id, asked.id IN (SELECT party_id FROM protected)
FROM unnest(%(ids)s::uuid[]) AS asked(id)
WHERE asked.id IN (SELECT party_id FROM protected) OR EXISTS (
    SELECT FROM addressbook_householdmembership h WHERE h.party_id = asked.id
    AND h.superseded_at IS NULL AND h.valid_from <= %(on)s AND (h.valid_to IS NULL OR h.valid_to > %(on)s)
    AND h.household_no IN (SELECT household_no FROM homes)
)
"""


def protection_marks(party_ids: Sequence[UUID], *, on: date | None = None) -> dict[UUID, bool]:
    """Which of the parties have a hidden address: True = protected (or named beside one), False = of the household.

    The same rule as `hidden_parties`, for the few parties of a page, in one statement.
    """
    if not party_ids:
        return {}
    values: dict[str, Any] = {"active": ProtectionState.ACTIVE.value, "on": on or clock.today(), "ids": list(party_ids)}
    with connection.cursor() as cursor:
        cursor.execute(_MARKS, values)
        return dict(cursor.fetchall())
