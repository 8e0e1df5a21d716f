"""猶予・免除・期限の延長の照会: acts of a party or of a state, and claims that one could be for."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from addressbook.badges import Badge
from collection.deferments.grounds import grounds
from collection.deferments.models import Deferment, DefermentClaim, DefermentState
from collection.selectors.account import ChargeStanding, party_account
from taxsys.kernel import wareki

STANDING = (DefermentState.GRANTED, DefermentState.ENDED)


def deferments_of(party_id: UUID) -> list[Deferment]:
    """Every act for a party with its claims, newest number first."""
    rows = Deferment.objects.filter(party_id=party_id).prefetch_related("claims__charge__tax_kind")
    return list(rows)


def deferments_in(state: str) -> QuerySet[Deferment]:
    """Acts of a state ("" all), those that end soonest first."""
    rows = Deferment.objects.select_related("party").order_by("until_on", "number")
    return rows.filter(state=state) if state else rows


def claims_open(party_id: UUID, *, as_of: date) -> list[ChargeStanding]:
    """Instalments of the party that are open or not due yet; what a pension payer remits is left out."""
    return [
        one
        for one in party_account(party_id, as_of=as_of)
        if one.state == "active" and not one.is_paid_by_agent and (one.open_yen > 0 or one.interest_left_yen > 0)
    ]


def overlapping(charge_ids: Collection[int], from_on: date, until_on: date) -> QuerySet[DefermentClaim]:
    """Claims of other acts in force or awaiting decision that touch the period."""
    moves = [code for code, one in grounds().items() if one.effect == "due"]
    rows = DefermentClaim.objects.select_related("deferment").filter(
        charge_id__in=charge_ids,
        deferment__state__in=[DefermentState.PROPOSED, DefermentState.GRANTED],
        deferment__from_on__lte=until_on,
        deferment__until_on__gte=from_on,
    )
    return rows.exclude(deferment__ground__in=moves, deferment__state=DefermentState.GRANTED)


def deferment_badges(party_ids: Sequence[UUID], on: date) -> dict[UUID, list[Badge]]:
    """猶予期間中 of many parties on a day, with its last day. One query (F-SR-005)."""
    codes = [code for code, one in grounds().items() if one.is_deferment]
    rows = Deferment.objects.filter(
        party_id__in=party_ids, state=DefermentState.GRANTED, ground__in=codes, from_on__lte=on, until_on__gte=on
    )
    found: dict[UUID, list[Badge]] = {}
    for party_id, until in rows.order_by("until_on", "number").values_list("party_id", "until_on"):
        found.setdefault(party_id, []).append(("caution", f"猶予中 {wareki.format_short(until)}まで"))
    return found


def deferred_days(charge_id: int) -> int:
    """Days for which the claim has been deferred by acts in force, until their end."""
    codes = [code for code, one in grounds().items() if one.is_deferment]
    spans = DefermentClaim.objects.filter(
        charge_id=charge_id, deferment__state__in=STANDING, deferment__ground__in=codes
    ).values_list("deferment__from_on", "deferment__until_on", "deferment__ended_on")
    return sum(
        ((ended or until).toordinal() - first.toordinal() + (0 if ended else 1)) for first, until, ended in spans
    )
