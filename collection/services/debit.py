"""口座振替 (direct debit): request batches that always equal the ledger, and their results (全銀協 91)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import F, QuerySet

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
from collection.params import debit_plan
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

    A charge with a request that is running or debited is left out, so nothing is ever asked for twice (I10). A later
    attempt (再振替) asks only for what the attempt before it could not draw for want of money (`retry_codes`). A batch
    (originator, day, attempt) that has been sent stays as it is; one that has not is brought in step with the ledger.
    Raises LedgerMismatchError when nothing is to be asked. F-CL-026.
    """
    with transaction.atomic():
        key = {"originator_code": originator_code, "debit_on": debit_on, "attempt_no": attempt_no}
        batch = DebitBatch.objects.select_for_update().filter(**key).first()
        if batch is not None and batch.state != DebitBatchState.PREPARED:
            return batch
        asked = list(_askable(debit_on, due_on, batch, attempt_no))
        if batch is None and not asked:
            raise LedgerMismatchError("口座振替の対象となる未納の期別がありません。")
        batch = batch or DebitBatch(**key)
        batch.request_count, batch.request_yen = len(asked), sum(yen for _charge, _mandate, yen in asked)
        batch.save()
        _requests_write(batch, asked)
        return batch


def _requests_write(batch: DebitBatch, asked: Sequence[tuple[Charge, DebitMandate, int]]) -> None:
    """Bring the lines of a batch that has not been sent in step with what is to be asked; what fell away is 取下げ."""
    known = {request.charge_id: request for request in batch.requests.all()}
    new = []
    for charge, mandate, yen in asked:
        request = known.pop(charge.pk, None)
        if request is None:
            number = customer_number(charge.business_key, batch.debit_on, batch.attempt_no)
            new.append(
                DebitRequest(batch=batch, mandate=mandate, charge=charge, customer_number=number, amount_yen=yen)
            )
        elif (request.amount_yen, request.mandate_id, request.state) != (yen, mandate.pk, DebitRequestState.REQUESTED):
            request.amount_yen, request.mandate, request.state = yen, mandate, DebitRequestState.REQUESTED
            request.save(update_fields=["amount_yen", "mandate", "state"])
    DebitRequest.objects.filter(pk__in=[request.pk for request in known.values()]).update(
        state=DebitRequestState.CANCELLED
    )
    DebitRequest.objects.bulk_create(new, batch_size=5000)


def _askable(
    debit_on: date, due_on: date, batch: DebitBatch | None, attempt_no: int
) -> Iterator[tuple[Charge, DebitMandate, int]]:
    """Charges with their mandate and open principal, in notice order, locked; lines of `batch` itself do not count."""
    mandates = {(m.party_id, m.tax_kind_id): m for m in DebitMandate.objects.in_force(debit_on).order_by("mandate_no")}
    charges = (
        Charge.objects.select_for_update(no_key=True)
        .filter(due_on=due_on, state="active", method="ordinary", amount_yen__gt=0)
        .filter(party_id__in={party_id for party_id, _kind in mandates})
        .order_by("pk")
    )
    if attempt_no > 1:
        before = DebitRequest.objects.filter(
            batch__attempt_no=attempt_no - 1, state=DebitRequestState.FAILED, result_code__in=debit_plan().retry_codes
        )
        charges = charges.filter(pk__in=before.values("charge_id"))
    requests = DebitRequest.objects.filter(charge__due_on=due_on, state__in=_LIVE)
    live = set((requests.exclude(batch=batch) if batch else requests).values_list("charge_id", flat=True))
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


def _asked(batch: DebitBatch) -> QuerySet[DebitRequest]:
    return batch.requests.exclude(state=DebitRequestState.CANCELLED)


def debit_batch_check(batch: DebitBatch) -> None:
    """Prove that the batch says what the ledger says now. Raises LedgerMismatchError with count and first notice.

    Guards: last year's file sent again (I10), a paid charge in a re-debit (J1).
    """
    requests = list(_asked(batch).select_related("charge").order_by("customer_number"))
    balances = dict(
        Account.objects.filter(
            charge_id__in=[r.charge_id for r in requests], component=Component.PRINCIPAL, kind=AccountKind.RECEIVABLE
        ).values_list("charge_id", F("balance__debit_yen") - F("balance__credit_yen"))
    )
    wrong = [r for r in requests if r.charge.state != "active" or balances.get(r.charge_id) != r.amount_yen]
    if wrong:
        first = wrong[0]
        raise LedgerMismatchError(
            f"振替依頼{len(requests)}件のうち{len(wrong)}件が元帳の未納額と一致しません。作り直してください。",
            example_ja=f"(例: 通知書番号{first.charge.notice_no} 第{first.charge.instalment_no}期 "
            f"依頼{first.amount_yen:,}円・未納{balances.get(first.charge_id) or 0:,}円)",
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
        batch.request_count = batch.request_yen = 0
        batch.save(update_fields=["request_count", "request_yen"])


def debit_batch_records(batch: DebitBatch) -> Iterator[dict[str, Any]]:
    """Data records of the request file in the names of layout `zengin_91`, in customer-number order."""
    for request in _asked(batch).select_related("mandate").order_by("customer_number"):
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
        rows = list(records)
        batch = _batch_of(header, [str(record.values["customer_number"]).strip() for record in rows])
        results = _results(rows)
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


def result_totals_check(trailer: Mapping[str, Any], records: Iterable[FileRecord]) -> None:
    """振替済・振替不能 of the trailer against the records, counts and yen; the reader has compared the totals before.

    Raises ReceiptFileRefusedError (L0103, L0104).
    """
    sums = {"ok": [0, 0], "ng": [0, 0]}
    for record in records:
        found = sums["ok" if str(record.values["result_code"] or "") == "0" else "ng"]
        found[0] += 1
        found[1] += int(record.values["amount"])
    for name, word in (("ok", "振替済"), ("ng", "振替不能")):
        count, yen = int(trailer[f"{name}_count"] or 0), int(trailer[f"{name}_amount"] or 0)
        if count != sums[name][0]:
            raise ReceiptFileRefusedError(
                f"トレーラーの{word}件数({count:,}件)と明細({sums[name][0]:,}件)が合いません。送付元に確認してください。",
                code="L0103",
            )
        if yen != sums[name][1]:
            raise ReceiptFileRefusedError(
                f"トレーラーの{word}金額({yen:,}円)と明細({sums[name][1]:,}円)が合いません。送付元に確認してください。",
                code="L0104",
            )


def _results(rows: Iterable[FileRecord]) -> dict[str, tuple[int, str, int]]:
    """Customer number → (yen, result code, line). Raises ReceiptFileRefusedError for a number that stands twice."""
    results: dict[str, tuple[int, str, int]] = {}
    for record in rows:
        number = str(record.values["customer_number"]).strip()
        if number in results:
            raise ReceiptFileRefusedError(f"{record.line_no}行目: 顧客番号{number}が2件あります。", code="L0108")
        results[number] = (int(record.values["amount"]), str(record.values["result_code"] or ""), record.line_no)
    return results


def _batch_of(header: Mapping[str, Any], numbers: Sequence[str]) -> DebitBatch:
    """The batch a result answers: its originator and day (the header has no year; the newest such day is meant).

    A file whose numbers belong to another batch is last year's or another day's and refused by its numbers later.
    """
    originator, month_day = str(header["originator_code"]), str(header["debit_mmdd"]).zfill(4)
    if originator != debit_plan().originator_code and not DebitBatch.objects.filter(originator_code=originator):
        raise ReceiptFileRefusedError(f"委託者コード{originator}はこの市のものではありません。", code="L0102")
    batches = DebitBatch.objects.select_for_update().filter(
        originator_code=originator, debit_on__month=int(month_day[:2]), debit_on__day=int(month_day[2:])
    )
    batch = (
        batches.filter(requests__customer_number__in=numbers[:1]).first()
        or batches.order_by("-debit_on", "-attempt_no").first()
    )
    if batch is None:
        raise ReceiptFileRefusedError(
            f"委託者{originator}・引落日{month_day[:2]}月{month_day[2:]}日の振替依頼がありません。", code="L0102"
        )
    if batch.state == DebitBatchState.ANSWERED:
        raise DuplicateReceiptFileError(f"引落日{batch.debit_on}の振替結果は取込済みです。")
    if batch.state != DebitBatchState.SENT:
        raise ReceiptFileRefusedError(f"引落日{batch.debit_on}の振替依頼はまだ送付されていません。", code="L0102")
    return batch


def _refuse_unequal(requests: Mapping[str, DebitRequest], results: Mapping[str, tuple[int, str, int]]) -> None:
    missing, strange = requests.keys() - results.keys(), results.keys() - requests.keys()
    if missing or strange:
        raise ReceiptFileRefusedError(
            f"振替結果が依頼と一致しません(結果にない依頼{len(missing)}件・依頼にない結果{len(strange)}件)。",
            code="L0108",
        )
    other = [number for number, request in requests.items() if request.amount_yen != results[number][0]]
    if other:
        raise ReceiptFileRefusedError(
            f"振替結果の金額が依頼と異なります({len(other)}件、例: 顧客番号{min(other)})。", code="L0104"
        )
