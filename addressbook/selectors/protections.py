"""支援措置: whose address is hidden. One rule for every page, paper and file."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q

from addressbook.codes import ProtectionState
from addressbook.models import HouseholdMembership, Protection, ProtectionMember
from taxsys.platform import clock


def protections_standing(on: date | None = None) -> Q:
    """Condition on Protection: in force on the day. The end date alone ends nothing; a record of 終了・取下げ does."""
    on = on or clock.today()
    return Q(state=ProtectionState.ACTIVE) & (Q(valid_from__lte=on) | Q(accepted_on__lte=on))


def protected_parties(party_ids: Sequence[UUID], *, on: date | None = None) -> set[UUID]:
    """Which of the parties are protected themselves or named as 併せて支援を求める者."""
    standing = protections_standing(on)
    own = Protection.objects.filter(standing, party_id__in=party_ids).values_list("party_id", flat=True)
    beside = ProtectionMember.objects.filter(
        protection__in=Protection.objects.filter(standing), party_id__in=party_ids
    ).values_list("party_id", flat=True)
    return set(own) | set(beside)


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


def opponents_of(party_id: UUID, *, on: date | None = None) -> set[UUID]:
    """Parties named as opponent in a protection of this party."""
    rows = Protection.objects.filter(protections_standing(on), party_id=party_id, opponent_party__isnull=False)
    return {opponent for opponent in rows.values_list("opponent_party_id", flat=True) if opponent is not None}
