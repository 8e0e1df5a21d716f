"""調定 (levies): posting, adjusting, recalling. Set-based; the difference to what is posted becomes transfers."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from collection.bulk import levy as bulk
from collection.bulk.levy import EntryFacts, LevyQuery, LevyRow
from collection.closing.periods import period_refuse_closed
from collection.models import EntryReason

__all__ = ["LevyOutcome", "LevyQuery", "LevyRow", "levy_adjust", "levy_post", "levy_reverse"]


@dataclass(frozen=True, slots=True)
class LevyOutcome:
    """Counts of one call: journal entries written, charges touched, slips voided."""

    entries: int = 0
    charges: int = 0
    slips_voided: int = 0


def levy_post(
    rows: Iterable[LevyRow] | LevyQuery,
    *,
    dedupe_key: str,
    occurred_on: date,
    actor: str,
    entry_reason: str = EntryReason.LEVY,
    legal_ground: str = "",
) -> LevyOutcome:
    """調定 of new instalments: charges, employees' shares, receivables and transfers in one transaction.

    One entry per debtor's notice (or designation number); run again with the same `dedupe_key` nothing happens, with
    the same key and other totals, or on a live charge, LevyConflictError. Zero rows are left out. A charge withdrawn by
    a recall comes to life again under its key. 自治法231条, F-CL の調定.
    """
    facts = EntryFacts(str(entry_reason), dedupe_key, occurred_on, actor, legal_ground)
    with transaction.atomic(), connection.cursor() as cursor:
        bulk.levy_gate(cursor)
        bulk.levy_stage(cursor, rows, keep_zero=False)
        bulk.drop_posted(cursor, facts, is_first_levy=True)
        bulk.lock_charges(cursor)
        bulk.refuse_live_charges(cursor)
        return _post_difference(cursor, facts)


def levy_adjust(
    rows: Iterable[LevyRow] | LevyQuery, *, dedupe_key: str, occurred_on: date, actor: str, legal_ground: str = ""
) -> LevyOutcome:
    """調定の増減: rows say what each instalment (or employee's month) should be; only the difference is posted.

    A decrease below what is paid becomes an overpayment of the debtor, from the latest payment backwards
    (地方税法17条の4第3項); active slips of a changed charge are withdrawn. Idempotent by `dedupe_key`.
    """
    facts = EntryFacts(EntryReason.LEVY_ADJUST, dedupe_key, occurred_on, actor, legal_ground)
    with transaction.atomic(), connection.cursor() as cursor:
        bulk.levy_gate(cursor)
        bulk.levy_stage(cursor, rows, keep_zero=True)
        bulk.drop_posted(cursor, facts, is_first_levy=False)
        bulk.lock_charges(cursor)
        return _post_difference(cursor, facts)


def levy_reverse(
    source_refs: Sequence[str], *, dedupe_key: str, occurred_on: date, actor: str, approval_ref: str = ""
) -> LevyOutcome:
    """調定の取消 (recall of a run or a decision): everything levied by these decisions is reversed.

    Charges are closed, slips void, what was paid becomes an overpayment. Open late interest and reminder fees of the
    closed charges are reversed with them. Idempotent by `dedupe_key`.
    """
    facts = EntryFacts(EntryReason.LEVY_RECALL, dedupe_key, occurred_on, actor, approval_ref=approval_ref)
    with transaction.atomic(), connection.cursor() as cursor:
        bulk.levy_gate(cursor)
        if not bulk.stage_withdrawal(cursor, source_refs):
            return LevyOutcome()
        bulk.drop_posted(cursor, facts, is_first_levy=False)
        bulk.lock_charges(cursor)
        outcome = _post_difference(cursor, facts)
        bulk.close_charges(cursor)
        bulk.reverse_components(cursor, facts)
        return outcome


def _post_difference(cursor: CursorWrapper, facts: EntryFacts) -> LevyOutcome:
    bulk.compute_deltas(cursor)
    charges = int(bulk.scalar(cursor, "SELECT count(*) FROM levy_delta"))
    if charges:
        period_refuse_closed(facts.occurred_on)
    bulk.write_charges(cursor)
    bulk.ensure_accounts(cursor)
    entries = bulk.write_entries(cursor, facts)
    bulk.write_overpayments(cursor, facts.occurred_on)
    return LevyOutcome(entries, charges, bulk.void_slips(cursor))
