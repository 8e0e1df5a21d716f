"""還付請求権の時効 (claims to refunds that have ended): listed by a run, written off to revenue by a second person.

地方税法18条の3, F-RF-009. The claim is gone by itself; what stays to do is to move the money to 雑入, once.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import F

from collection.locks import charges_locked
from collection.models import (
    AccountKind,
    EntryReason,
    Overpayment,
    RefundDecision,
    RefundPayment,
    RefundPaymentState,
    RefundState,
)
from collection.payouts.models import RefundExpiry
from collection.selectors.refunds import claim_ends_on, decision_claim_ends, open_yen_by_party, waiting
from collection.services.entries import EntryDraft, account_for, entry_write
from collection.services.refund_payments import decision_locked
from taxsys.kernel.calendar import fiscal_year
from taxsys.platform.audit.services import access_record

_UNDERWAY = (
    RefundPaymentState.ASKING, RefundPaymentState.PROPOSED, RefundPaymentState.RESERVED, RefundPaymentState.SENT,
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Ended:
    """One claim that has ended: of a decision, or of an overpayment without one. `to_offset` says it meets a claim."""

    decision: RefundDecision | None
    overpayment: Overpayment | None
    ended_on: date
    yen: int
    to_offset: bool = False

    @property
    def key(self) -> str:
        """還付番号, or the instalment and the day of payment of the overpayment."""
        if self.decision is not None:
            return self.decision.refund_no
        one = self.overpayment
        return f"{one.charge.notice_no}-{one.charge.instalment_no}-{one.paid_on:%Y%m%d}" if one else ""


def claims_ended(on: date) -> list[Ended]:
    """時効の完成した還付請求権 as of a day, oldest first; a refund with a payment underway is not among them."""
    decided = RefundDecision.objects.filter(
        state=RefundState.DECIDED, refund_yen__gt=F("paid_yen") + F("expired_yen") - F("interest_yen")
    ).order_by("refund_no")
    busy = set(RefundPayment.objects.filter(state__in=_UNDERWAY).values_list("decision_id", flat=True))
    open_ones = [one for one in decided if one.pk not in busy]
    ends = decision_claim_ends(open_ones)
    found = [Ended(one, None, ends[one.pk], one.unpaid_yen) for one in open_ones if ends.get(one.pk, on) < on]
    undecided = [one for one in waiting() if claim_ends_on(one) < on]
    # Offsetting comes first (17条の2): an officer proposes it.
    owing = open_yen_by_party({one.party_id for one in undecided}, due_by=on)
    found += [Ended(None, one, claim_ends_on(one), one.remaining_yen, one.party_id in owing) for one in undecided]
    return sorted(found, key=lambda ended: (ended.ended_on, ended.key))


def expiries_list(ended: Iterable[Ended], *, on: date, run_id: int) -> tuple[int, int]:
    """抽出: rows of this run; those of earlier runs that were not let go are taken over. Count and yen."""
    with transaction.atomic():
        RefundExpiry.objects.filter(entry__isnull=True).delete()
        rows = [
            RefundExpiry(
                decision=one.decision, overpayment=one.overpayment, ended_on=one.ended_on, yen=one.yen,
                job_run_id=run_id, listed_on=on,
            )
            for one in ended
            if not one.to_offset
        ]  # fmt: skip
        RefundExpiry.objects.bulk_create(rows)
        return len(rows), sum(row.yen for row in rows)


def expiries_moved(run_id: int, *, on: date) -> list[str]:
    """Keys of a run's rows that no longer stand as listed: paid, claimed or met meanwhile."""
    now = {one.key: (one.yen, one.to_offset) for one in claims_ended(on)}
    return [key for key, row in _rows(run_id) if now.get(key) != (row.yen, False)]


def _rows(run_id: int) -> list[tuple[str, RefundExpiry]]:
    rows = RefundExpiry.objects.filter(job_run_id=run_id, entry__isnull=True).select_related(
        "decision", "overpayment__charge"
    )
    return sorted(((Ended(row.decision, row.overpayment, row.ended_on, row.yen).key, row) for row in rows),
                  key=lambda pair: pair[0])  # fmt: skip


def expiries_write_off(run_id: int, *, on: date, released_by: str) -> tuple[int, int]:
    """歳入への組入れ (雑入): each claim of the run, once; count and yen. Raises PeriodClosedError."""
    with transaction.atomic():
        moved = set(expiries_moved(run_id, on=on))
        done = [row for key, row in _rows(run_id) if key not in moved and _write_off(key, row, on, released_by)]
        return len(done), sum(row.yen for row in done)


def _write_off(key: str, row: RefundExpiry, on: date, released_by: str) -> bool:
    revenue = account_for(AccountKind.MISC_REVENUE, fiscal_year(on))
    if row.decision_id is not None:
        decision = decision_locked(row.decision_id)
        if decision.unpaid_yen != row.yen:
            return False
        debit, party_id = account_for(AccountKind.REFUND_PAYABLE, decision.party_id), decision.party_id
    else:
        charges_locked([row.overpayment.charge_id] if row.overpayment else [])
        one = (
            Overpayment.objects.select_for_update(of=("self",)).select_related("charge").get(pk=row.overpayment_id or 0)
        )
        if one.held_by_id is not None or one.remaining_yen != row.yen:
            return False
        debit, party_id = account_for(AccountKind.OVERPAYMENT, one.charge.tax_kind_id, one.party_id), one.party_id
    row.entry = entry_write(
        EntryDraft(
            reason=EntryReason.REFUND_EXPIRED,
            dedupe_key=f"refund-expiry:{key}",
            occurred_on=on,
            value_date=on,
            actor=f"staff:{released_by}",
            legal_ground="地方税法18条の3",
            source_document=key,
        ),
        [(debit.id, revenue.id, row.yen)],
    )
    row.released_by = released_by
    row.save(update_fields=["entry", "released_by"])
    if row.decision_id is not None:
        RefundDecision.objects.filter(pk=row.decision_id or 0).update(expired_yen=F("expired_yen") + row.yen)
    else:
        Overpayment.objects.filter(pk=row.overpayment_id or 0).update(remaining_yen=F("remaining_yen") - row.yen)
    access_record(action="update", subjects=[str(party_id)], record_type="refund_expiry", record_id=key)
    return True
