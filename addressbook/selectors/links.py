"""Who acts for whom, where papers go, and the accounts of a party."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from django.db.models import Q

from addressbook.models import BankAccount, DeliveryAddress, PartyLink


def in_force(on: date) -> Q:
    """Condition on rows with a period and a recording end: known now, in force on the day."""
    return Q(superseded_at__isnull=True, valid_from__lte=on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=on))


def _newest(party_id: UUID) -> dict[str, object]:
    return {"party_id": party_id, "superseded_at__isnull": True}


def delivery_addresses_of(party_id: UUID) -> Sequence[DeliveryAddress]:
    """送付先 as known now, past and future ones too, newest first."""
    return list(DeliveryAddress.objects.filter(**_newest(party_id)).order_by("-valid_from", "tax_kind"))


def links_of(party_id: UUID) -> Sequence[PartyLink]:
    """関係 in which someone acts for the party (納税管理人 …), with the agent, newest first."""
    rows = PartyLink.objects.filter(**_newest(party_id)).select_related("agent")
    return list(rows.order_by("-valid_from", "kind"))


def acts_for(party_id: UUID) -> Sequence[PartyLink]:
    """関係 in which the party acts for someone else, with that party, newest first."""
    rows = PartyLink.objects.filter(agent_id=party_id, superseded_at__isnull=True).select_related("party")
    return list(rows.order_by("-valid_from", "kind"))


def bank_accounts_of(party_id: UUID) -> Sequence[BankAccount]:
    """口座 as known now, newest first."""
    return list(BankAccount.objects.filter(**_newest(party_id)).order_by("-valid_from", "purpose", "tax_kind"))
