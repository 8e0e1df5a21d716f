"""済通の束を見る (reads): batches with what waits in them, batches of a day beside the bank's total."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Q, QuerySet, Sum

from collection.models import BankTotal, Channel, Charge, Receipt, Slip, SlipLine
from collection.paid_slips.models import BatchState, LineState, PaidSlip, SlipBatch


def open_batch_count() -> int:
    """Batches that are not posted yet."""
    return SlipBatch.objects.filter(state=BatchState.OPEN).count()


def batches() -> QuerySet[SlipBatch]:
    """All batches, newest day first, with `waiting` slips and `known_yen`."""
    return SlipBatch.objects.annotate(
        waiting=Count("slips", filter=Q(slips__state=LineState.OPEN)), known_yen=Sum("slips__amount_yen", default=0)
    ).order_by("-account_on", "bank_code", "batch_no", "-pk")


@dataclass(frozen=True, slots=True)
class BatchDay:
    """会計日: control slips of its batches, what the books received over the bank's counter, what the bank says."""

    account_on: date
    batches: int
    control_yen: int
    posted_yen: int
    books_yen: int
    bank_yen: int | None

    @property
    def difference_yen(self) -> int | None:
        """Control slips less the bank's total; None where the bank's total is not there."""
        return None if self.bank_yen is None else self.control_yen - self.bank_yen


def batch_days(days: Sequence[date]) -> list[BatchDay]:
    """These days, newest first; discarded batches left out. Three queries."""
    wanted = sorted(set(days), reverse=True)
    control = {
        row["account_on"]: row
        for row in SlipBatch.objects.filter(account_on__in=wanted)
        .exclude(state=BatchState.DISCARDED)
        .order_by()
        .values("account_on")
        .annotate(
            number=Count("pk"),
            control=Sum("control_yen"),
            posted=Sum("control_yen", filter=Q(state=BatchState.POSTED), default=0),
        )
    }
    books = dict(
        Receipt.objects.filter(channel=Channel.BANK, account_on__in=wanted, state="confirmed")
        .order_by()
        .values_list("account_on")
        .annotate(yen=Sum("amount_yen"))
    )
    bank = {
        row.account_on: row.yen
        for row in BankTotal.objects.filter(channel=Channel.BANK, account_on__in=wanted).order_by("pk")
    }
    return [
        BatchDay(
            day, control[day]["number"], control[day]["control"], control[day]["posted"], books.get(day, 0),
            bank.get(day),
        )
        for day in wanted
        if day in control
    ]  # fmt: skip


def slips_waiting(batch: SlipBatch) -> list[PaidSlip]:
    """Slips of a batch that wait for an officer, in the order of the paper."""
    return list(batch.slips.filter(state=LineState.OPEN).order_by("seq_no"))


def slip_next(slip: PaidSlip) -> PaidSlip | None:
    """The next slip of the batch that waits, from this one on and then from the start."""
    waiting = PaidSlip.objects.filter(batch_id=slip.batch_id, state=LineState.OPEN).exclude(pk=slip.pk)
    ordered = waiting.order_by("seq_no")
    return ordered.filter(seq_no__gt=slip.seq_no).first() or ordered.first()


def same_elsewhere(slip: PaidSlip, key: str, paid_on: date) -> PaidSlip | None:
    """Another slip with this key and receipt date, in a batch that was not discarded."""
    others = PaidSlip.objects.exclude(pk=slip.pk).exclude(batch__state=BatchState.DISCARDED)
    return others.filter(match_key=key, paid_on=paid_on).select_related("batch").order_by("pk").first() if key else None


@dataclass(frozen=True, slots=True)
class Named:
    """What a key names: the first claim, and the yen that the slip asks for (None of a claim)."""

    charge: Charge
    asked_yen: int | None


def named_by(key_kind: str, key: str) -> Named | None:
    """The slip or claim a key names, None for a key that names nothing."""
    if key_kind == "case":
        slip = Slip.objects.filter(case_no=key).first()
        line = SlipLine.objects.filter(slip=slip).select_related("charge__tax_kind").order_by("pk").first()
        return Named(line.charge, slip.amount_yen) if slip and line else None
    parts = key.split("|")
    if len(parts) != 6:
        return None
    charge = Charge.objects.filter(
        tax_kind_id=parts[0], levy_year=parts[1], tax_year=parts[2], method=parts[3], notice_no=parts[4],
        instalment_no=parts[5],
    ).select_related("tax_kind").first()  # fmt: skip
    return Named(charge, None) if charge else None
