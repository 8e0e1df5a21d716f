"""収納 (receipts): posting and matching of what has arrived; no yen of a sound file is turned away."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import IntegrityError, connection, transaction

from collection.bulk import receipts as bulk
from collection.bulk.receipts import ReceiptRecord
from collection.bulk.slips import settle_slips
from collection.closing.periods import period_refuse_closed
from collection.errors import DuplicateReceiptFileError
from collection.models import ReceiptFile
from collection.params import parameter_file
from collection.services.components import printed_interest_raise
from collection.services.reversals import receipt_reverse

__all__ = [
    "ReceiptFileFacts",
    "ReceiptOutcome",
    "ReceiptRecord",
    "counter_payment_post",
    "receipt_file_register",
    "receipts_post",
]


@dataclass(frozen=True, slots=True)
class ReceiptFileFacts:
    """What identifies a file: `file_key` = sender, kind, creation date and number, whatever coat it comes in."""

    channel: str
    file_key: str
    sha256: str
    created_on: date
    received_on: date
    record_count: int
    total_yen: int


@dataclass(frozen=True, slots=True)
class ReceiptOutcome:
    """Counts and yen of one call; `repeats` = (line, payment key, amount differs) of payments posted before, `spent` =
    (line, payment key) of corrections set aside because the money is part of a refund or offset.
    """

    payments: int = 0
    posted: int = 0
    posted_yen: int = 0
    allocated_yen: int = 0
    suspense_yen: int = 0
    overpaid_yen: int = 0
    reversed_count: int = 0
    repeats: Sequence[tuple[int, str, bool]] = field(default_factory=tuple)
    spent: Sequence[tuple[int, str]] = field(default_factory=tuple)


def receipt_file_register(facts: ReceiptFileFacts) -> ReceiptFile:
    """Record a received file. Raises DuplicateReceiptFileError (L0105) for the same bytes or the same business key."""
    try:
        with transaction.atomic():
            return ReceiptFile.objects.create(
                channel=facts.channel,
                file_key=facts.file_key,
                sha256=facts.sha256,
                created_on=facts.created_on,
                received_on=facts.received_on,
                record_count=facts.record_count,
                total_yen=facts.total_yen,
            )
    except IntegrityError as error:
        raise DuplicateReceiptFileError(
            f"この収納データ({facts.file_key})は取込済みです。二重に取り込むことはできません。"
        ) from error


def receipts_post(
    records: Iterable[ReceiptRecord], *, actor: str, as_of: date, file: ReceiptFile | None = None
) -> ReceiptOutcome:
    """Post and match payments in one transaction, idempotent by payment key (channel, external_key).

    Preliminary reports only mark the payment; confirmed money is posted once, by its legal payment date: 本税 first,
    then fees and interest (地方税法14条の5); the rest is an overpayment. Unknown key, wrong amount, closed charge or a
    date after `as_of` go to suspense with the reason. A correction of money that is being refunded is set aside
    (`spent`) and holds up nothing else. Raises PeriodClosedError, and posts nothing, where a 会計日 is closed.
    R-110, R-111.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        if not bulk.stage_receipts(cursor, records):
            return ReceiptOutcome(spent=tuple(bulk.spent_corrections(cursor)))
        bulk.upsert_receipts(cursor, file_id=file.id if file else None, actor=actor)
        if (first_on := bulk.first_account_on(cursor)) is not None:
            period_refuse_closed(first_on)
        bulk.resolve_targets(cursor, named_first=parameter_file("withheld")["months"] == "named_first")
        bulk.judge(cursor, as_of=as_of)
        for charge_id, printed_yen, paid_on, account_on in bulk.interest_on_slips(cursor):
            printed_interest_raise(charge_id, printed_yen, paid_on=paid_on, account_on=account_on, actor=actor)
        bulk.allocate(cursor)
        bulk.post(cursor, actor=actor, as_of=as_of)
        settle_slips(cursor, bulk.touched_charges(cursor))
        counts = bulk.outcome(cursor)
        again, spent = tuple(bulk.repeats(cursor)), tuple(bulk.spent_corrections(cursor))
        corrected = bulk.corrected_receipts(cursor)
        for receipt_id in corrected:
            receipt_reverse(receipt_id, occurred_on=as_of, actor=actor, reason_ja="収納データの訂正")
        return ReceiptOutcome(**counts, reversed_count=len(corrected), repeats=again, spent=spent)


def counter_payment_post(
    *, till_key: str, charge_key: str, amount_yen: int, paid_on: date, actor: str
) -> ReceiptOutcome:
    """窓口収納: one payment for one charge (natural key) at a till; `till_key` makes a double click one effect."""
    record = ReceiptRecord(
        channel="counter",
        external_key=till_key,
        kind="confirmed",
        key_kind="charge",
        match_key=charge_key,
        amount_yen=amount_yen,
        paid_on=paid_on,
        account_on=paid_on,
    )
    return receipts_post([record], actor=actor, as_of=paid_on)
