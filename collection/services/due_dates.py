"""納期限の変更 (writes): a claim already levied falls due on another day by an act of law, its slips are called in."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.db import transaction

from collection.locks import charges_locked
from collection.models import Slip


@transaction.atomic
def due_dates_move(wanted: Mapping[int, tuple[date, date]]) -> list[tuple[int, date, date]]:
    """Give charges (id → day now, day to come) another due date; answers those moved as (id, before, after), in order.

    A charge that does not fall due on the day it is thought to (an extension for a disaster, say) keeps its own day.
    Active slips of what moves are withdrawn, because another day is printed on them; money paid with them still finds
    its claim. Idempotent.
    """
    moved = []
    for charge in charges_locked(list(wanted)):
        now, to_come = wanted[charge.pk]
        if charge.due_on == now != to_come:
            charge.due_on = to_come
            charge.save(update_fields=["due_on"])
            moved.append((charge.pk, now, to_come))
    slips = Slip.objects.filter(state="active", lines__charge_id__in=[one for one, _, _ in moved])
    Slip.objects.filter(pk__in=slips.values("pk")).update(state="withdrawn")
    return moved
