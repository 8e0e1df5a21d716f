"""Faults planted in the product to prove that the simulated years find them: a line each, all about money."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import count
from typing import Any

import pytest

from collection.bulk import levy as bulk_levy
from collection.bulk import receipts as bulk_receipts
from collection.bulk.receipts import ReceiptRecord
from collection.models import Receipt
from collection.rules import late_interest, refund_plan
from collection.rules.interest_rates import InterestRounding
from collection.services import refund_payments, till

Mutation = Callable[[pytest.MonkeyPatch], None]


def posted_again(patch: pytest.MonkeyPatch) -> None:
    """A payment that was posted is posted anew when a later file has it again (つくば市, I8)."""
    serial, stage = count(), bulk_receipts.stage_receipts

    def another(record: ReceiptRecord) -> ReceiptRecord:
        known = Receipt.objects.filter(channel=record.channel, external_key=record.external_key, is_confirmed=True)
        if record.kind != "confirmed" or not known.exists():
            return record
        return replace(record, external_key=f"{record.external_key}#{next(serial)}")

    patch.setattr(
        bulk_receipts, "stage_receipts", lambda cursor, records: stage(cursor, [another(one) for one in records])
    )


def reversal_lost(patch: pytest.MonkeyPatch) -> None:
    """A corrected payment keeps its money."""
    patch.setattr(bulk_receipts, "corrected_receipts", lambda _cursor: [])


def base_not_cut(patch: pytest.MonkeyPatch) -> None:
    """The sum that bears interest is not cut to 1,000 yen."""
    patch.setattr(InterestRounding, "base", lambda self, yen: 0 if yen < self.base_minimum_yen else yen)


def interest_first(patch: pytest.MonkeyPatch) -> None:
    """Money goes to interest before the tax, as between private people (民法489条)."""
    _edit(patch, bulk_receipts, "WHEN 'principal' THEN 1", "WHEN 'principal' THEN 9")


def paid_twice(patch: pytest.MonkeyPatch) -> None:
    """A refund leaves the till twice under two keys."""
    write = refund_payments.entry_write

    def twice(draft: Any, transfers: Any) -> Any:
        write(replace(draft, dedupe_key=f"{draft.dedupe_key}:2"), transfers)
        return write(draft, transfers)

    patch.setattr(refund_payments, "entry_write", twice)


def slips_not_void(patch: pytest.MonkeyPatch) -> None:
    """Slips of a corrected levy stay in circulation."""
    patch.setattr(bulk_levy, "void_slips", lambda _cursor: 0)


def pressed_twice(patch: pytest.MonkeyPatch) -> None:
    """A second press of the button at the till is a second payment."""
    serial = count()
    patch.setattr(till, "till_key", lambda staff_no, token: f"till:{staff_no}:{token}:{next(serial)}")


def month_too_long(patch: pytest.MonkeyPatch) -> None:
    """The month at the low rate lasts a day longer."""
    end = late_interest.last_day_of_months
    patch.setattr(late_interest, "last_day_of_months", lambda day, months: end(day, months).replace(day=28))


def offset_forgotten(patch: pytest.MonkeyPatch) -> None:
    """What is due is not met before the refund."""
    patch.setattr(refund_plan._OpenClaim, "take", lambda _self, _surplus, _yen, _on: [])


def _edit(patch: pytest.MonkeyPatch, module: Any, old: str, new: str) -> None:
    """Change the text of a module's staged queries."""
    run = module.stage_query

    def edited(cursor: Any, table: str, query: str, params: Any = ()) -> None:
        run(cursor, table, query.replace(old, new), params)

    patch.setattr(module, "stage_query", edited)


MUTATIONS: dict[str, Mutation] = {
    one.__name__: one
    for one in (
        posted_again, reversal_lost, base_not_cut, interest_first, paid_twice, slips_not_void, pressed_twice,
        month_too_long, offset_forgotten,
    )
}  # fmt: skip
