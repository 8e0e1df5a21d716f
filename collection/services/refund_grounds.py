"""過誤納金の起算の号 (writes): the act that reduced a levy says by which number of 17条の4第1項 its interest starts."""

from __future__ import annotations

from collection.models import Overpayment
from collection.selectors.refunds import Ground


def overpayments_ground(entry_key: str, ground: Ground) -> int:
    """Give the overpayments of the entries whose key starts so their ground and dates. Answers their number.

    The refund desk proposes it; an officer may still choose another one there.
    """
    rows = Overpayment.objects.filter(entry__dedupe_key__startswith=entry_key, held_by__isnull=True)
    return rows.update(
        ground=ground.code,
        request_on=ground.request_on,
        correction_on=ground.correction_on,
        tax_office_notice_on=ground.tax_office_notice_on,
    )
