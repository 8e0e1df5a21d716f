"""排他 (locks of collection): a charge is the one lock of everything below it, taken in the order of ids."""

from __future__ import annotations

from collections.abc import Sequence

from collection.models import Charge


def charge_locked(charge_id: int) -> Charge:
    """The charge, locked until the end of the transaction. Raises Charge.DoesNotExist."""
    return Charge.objects.select_for_update(no_key=True).get(pk=charge_id)


def charges_locked(charge_ids: Sequence[int]) -> list[Charge]:
    """The charges in id order, locked until the end of the transaction."""
    return list(Charge.objects.select_for_update(no_key=True).filter(pk__in=charge_ids).order_by("pk"))
