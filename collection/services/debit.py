"""口座振替 (direct debit): request batches that always equal the ledger, and their results (全銀協 91)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, Q

from collection.errors import DuplicateReceiptFileError, LedgerMismatchError, ReceiptFileRefusedError
from collection.models import (
    Account,
    AccountKind,
    Charge,
    Component,
    DebitBatch,
    DebitBatchState,
    DebitMandate,
    DebitRequest,
    DebitRequestState,
)
from collection.rules.slip_codes import customer_number
from collection.services.imports import FileRecord
from collection.services.receipts import (
    ReceiptFileFacts,
    ReceiptOutcome,
    ReceiptRecord,
    receipt_file_register,
    receipts_post,
)

_LIVE = (DebitRequestState.REQUESTED, DebitRequestState.DEBITED)


def debit_batch_build(*, originator_code: str, debit_on: date, due_on: date, attempt_no: int = 1) -> DebitBatch:
    """口座振替依頼の作成: every open instalment due on `due_on` whose party has a mandate in force on `debit_on`.

    A charge with a request that is running or debited is left out, so nothing is ever asked for twice (I10). The same
    batch (originator, day, attempt) again gives back the first. Raises LedgerMismatchError when nothing is to be asked.
    """
    with transaction.atomic():
        known = DebitBatch.objects.filter(originator_code=originator_code, debit_on=debit_on, attempt_no=attempt_no)
        if batch := known.first():
            return batch
        asked = list(_askable(debit_on, due_on))
        if not asked:
            raise LedgerMismatchError("口座振替の対象となる未納の期別がありません。")
        batch = DebitBatch.objects.create(
            originator_code=originator_code,
            debit_on=debit_on,
            attempt_no=attempt_no,
            request_count=len(asked),
            request_yen=sum(yen for _charge, _mandate, yen in asked),
        )
        DebitRequest.objects.bulk_create(
            (
                DebitRequest(
                    batch=batch,
                    mandate=mandate,
                    charge=charge,
                    customer_number=customer_number(_business_key(charge), debit_on, attempt_no),
                    amount_yen=yen,
                )
                for charge, mandate, yen in asked
            ),
            batch_size=5000,
        )
        return batch


def _business_key(charge: Charge) -> str:
    return (
        f"{charge.tax_kind_id}|{charge.levy_year}|{charge.tax_year}|{charge.method}|{charge.notice_no}"
        f"|{charge.instalment_no}"
    )


def _askable(debit_on: date, due_on: date) -> Iterator[tuple[Charge, DebitMandate, int]]:
    """Charges with their mandate and open principal, in notice order, locked."""
    in_force = Q(valid_from__lte=debit_on) & (Q(valid_to__isnull=True) | Q(valid_to__gt=debit_on))
    mandates = {(m.party_id, m.tax_kind_id): m for m in DebitMandate.objects.filter(in_force).order_by("mandate_no")}
    charges = (
        Charge.objects.select_for_update(no_key=True)
        .filter(due_on=due_on, state="active", method="ordinary", amount_yen__gt=0)
        .filter(party_id__in={party_id for party_id, _kind in mandates})
        .order_by("pk")
    )
    live = set(DebitRequest.objects.filter(charge__due_on=due_on, state__in=_LIVE).values_list("charge_id", flat=True))
    candidates = {c.pk: c for c in charges if c.pk not in live and (c.party_id, c.tax_kind_id) in mandates}
    balances = dict(
        Account.objects.filter(
            charge_id__in=candidates, component=Component.PRINCIPAL, kind=AccountKind.RECEIVABLE
        ).values_list("charge_id", F("balance__debit_yen") - F("balance__credit_yen"))
    )
    for charge in sorted(candidates.values(), key=lambda c: (c.tax_kind_id, c.notice_no, c.instalment_no)):
        yen = balances.get(charge.pk) or 0
        if yen > 0:
            yield charge, mandates[charge.party_id, charge.tax_kind_id], yen


def debit_batch_check(batch: DebitBatch) -> None:
    """Prove that the batch says what the ledger says now. Raises LedgerMismatchError with count and first notice.

    Guards: last year's file sent again (I10), a paid charge in a re-debit (J1).
    """
    requests = list(batch.requests.select_related("charge").order_by("customer_number"))
    balances = dict(
        Account.objects.filter(
            charge_id__in=[r.charge_id for r in requests], component=Component.PRINCIPAL, kind=AccountKind.RECEIVABLE
        ).values_list("charge_id", F("balance__debit_yen") - F("balance__credit_yen"))
    )
    wrong = [r for r in requests if r.charge.state != "active" or balances.get(r.charge_id) != r.amount_yen]
    if wrong:
        first = wrong[0]
        raise LedgerMismatchError(
            f"振替依頼{len(requests)}件のうち{len(wrong)}件が元帳の未納額と一致しません"
            f"(例: 通知書番号{first.charge.notice_no} 第{first.charge.instalment_no}期 依頼{first.amount_yen:,}円・"
            f"未納{balances.get(first.charge_id) or 0:,}円)。作り直してください。"
        )
    if (len(requests), sum(r.amount_yen for r in requests)) != (batch.request_count, batch.request_yen):
        raise LedgerMismatchError("振替依頼の件数または合計額が作成時と異なります。作り直してください。")


def debit_batch_release(batch_id: int) -> DebitBatch:
    """Release a batch for sending: checked against the ledger, then marked as sent. A sent batch stays sent."""
    with transaction.atomic():
        batch = DebitBatch.objects.select_for_update().get(pk=batch_id)
        if batch.state == DebitBatchState.PREPARED:
            debit_batch_check(batch)
            batch.state = DebitBatchState.SENT
            batch.save(update_fields=["state"])
        return batch


def debit_batch_withdraw(batch_id: int) -> None:
    """取下げ of a batch that has not been sent: its requests are cancelled and may be asked for in another batch."""
    with transaction.atomic():
        batch = DebitBatch.objects.select_for_update().get(pk=batch_id)
        if batch.state != DebitBatchState.PREPARED:
            raise LedgerMismatchError("送付済みの振替依頼は取り下げられません。")
        batch.requests.filter(state=DebitRequestState.REQUESTED).update(state=DebitRequestState.CANCELLED)


def debit_batch_records(batch: DebitBatch) -> Iterator[dict[str, Any]]:
    """Data records of the request file in the names of layout `zengin_91`, in customer-number order."""
    for request in batch.requests.select_related("mandate").order_by("customer_number"):
        mandate = request.mandate
        yield {
            "bank_code": mandate.bank_code,
            "branch_code": mandate.branch_code,
            "account_type": mandate.account_type,
            "account_number": mandate.account_number,
            "payer_name": mandate.holder_kana,
            "amount": request.amount_yen,
            "new_code": "0",
            "customer_number": request.customer_number,
            "result_code": "0",
        }


def receipts_import_zengin91(
    header: Mapping[str, Any],
    records: Iterable[FileRecord],
    *,
    facts: ReceiptFileFacts,
    actor: str,
    as_of: date,
) -> ReceiptOutcome:
    """口座振替結果: the results must be exactly the requests of one sent batch (numbers and yen), else all is refused.

    Code 0 = debited, posted with the debit day as legal payment date; any other code (known or not) = not debited.
    Raises ReceiptFileRefusedError, or DuplicateReceiptFileError for a batch already answered. R-110.
    """
    with transaction.atomic():
        batch = _batch_of(header)
        results = {}
        for record in records:
            number = str(record.values["customer_number"]).strip()
            if number in results:
                raise ReceiptFileRefusedError(f"{record.line_no}行目: 顧客番号{number}が2件あります(L0108)。")
            results[number] = (int(record.values["amount"]), str(record.values["result_code"] or ""), record.line_no)
        requests = {r.customer_number: r for r in batch.requests.select_for_update().filter(state="requested")}
        _refuse_unequal(requests, results)
        file = receipt_file_register(facts)
        for number, request in requests.items():
            request.result_code = results[number][1]
            request.state = DebitRequestState.DEBITED if request.result_code == "0" else DebitRequestState.FAILED
        DebitRequest.objects.bulk_update(requests.values(), ["result_code", "state"], batch_size=5000)
        batch.state = DebitBatchState.ANSWERED
        batch.save(update_fields=["state"])
        paid = (
            ReceiptRecord(
                "debit", number, "confirmed", "customer", number, yen, batch.debit_on, batch.debit_on, line_no
            )
            for number, (yen, code, line_no) in results.items()
            if code == "0"
        )
        return receipts_post(paid, actor=actor, as_of=as_of, file=file)


def _batch_of(header: Mapping[str, Any]) -> DebitBatch:
    originator, month_day = str(header["originator_code"]), str(header["debit_mmdd"]).zfill(4)
    batches = DebitBatch.objects.select_for_update().filter(
        originator_code=originator, debit_on__month=int(month_day[:2]), debit_on__day=int(month_day[2:])
    )
    batch = batches.order_by("-debit_on", "-attempt_no").first()
    if batch is None:
        raise ReceiptFileRefusedError(f"委託者{originator}・引落日{month_day}の振替依頼がありません(L0102)。")
    if batch.state == DebitBatchState.ANSWERED:
        raise DuplicateReceiptFileError(f"引落日{batch.debit_on}の振替結果は取込済みです。")
    if batch.state != DebitBatchState.SENT:
        raise ReceiptFileRefusedError(f"引落日{batch.debit_on}の振替依頼はまだ送付されていません(L0102)。")
    return batch


def _refuse_unequal(requests: Mapping[str, DebitRequest], results: Mapping[str, tuple[int, str, int]]) -> None:
    missing, strange = requests.keys() - results.keys(), results.keys() - requests.keys()
    if missing or strange:
        raise ReceiptFileRefusedError(
            f"振替結果が依頼と一致しません(結果にない依頼{len(missing)}件・依頼にない結果{len(strange)}件、L0108)。"
        )
    other = [number for number, request in requests.items() if request.amount_yen != results[number][0]]
    if other:
        raise ReceiptFileRefusedError(
            f"振替結果の金額が依頼と異なります({len(other)}件、例: 顧客番号{min(other)}、L0104)。"
        )
