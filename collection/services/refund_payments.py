"""還付の支払 (paying refunds): an amount for a payee is reserved, sent in one file, then paid or failed.

The decision's `paid_yen` counts what live payments have been instructed for; its CHECK stops the yen too many.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Count, F, Sum

from collection.errors import RefundError
from collection.models import (
    LIVE_PAYMENTS,
    AccountKind,
    AccountSource,
    DebitMandate,
    EntryReason,
    PayeeKind,
    PayoutWay,
    RefundDecision,
    RefundFile,
    RefundFileState,
    RefundPayment,
    RefundPaymentState,
    RefundState,
)
from collection.selectors.refunds import decision_claim_ends
from collection.services.entries import EntryDraft, account_for, entry_write
from taxsys.kernel import kana, wareki
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.models import Staff


@dataclass(frozen=True, slots=True)
class BankAccount:
    """振込先の口座, `holder_kana` in the characters of the banks."""

    source: str
    bank_code: str
    branch_code: str
    account_type: str
    account_number: str
    holder_kana: str


@dataclass(frozen=True, slots=True)
class Payee:
    """受取人: the party itself, or an heir or agent with the papers that show it; `claimed_on` dates the claim form."""

    party_id: UUID
    kind: str = PayeeKind.SELF
    evidence: str = ""
    claimed_on: date | None = None


def payment_reserve(
    decision_id: int, payee: Payee, account: BankAccount, *, amount_yen: int, actor: Staff
) -> RefundPayment:
    """支払を準備する: an amount of a decision for a payee and an account. F-RF-006, F-RF-010, F-RF-013.

    Raises RefundError where the decision is not approved, the sum is more than it still owes, the payee has a payment
    already, another payee has no evidence, or the name has characters no bank takes.
    """
    with transaction.atomic():
        decision = decision_locked(decision_id)
        if account.source == AccountSource.PUBLIC:
            raise RefundError("公金受取口座は入力できません。「公金受取口座を照会する」から照会してください。")
        if account.source == AccountSource.MANDATE:
            _mandate_check(payee, account)
        return payment_create(
            decision, payee, amount_yen=amount_yen, actor=actor, way=PayoutWay.TRANSFER,
            source=account.source, bank_code=account.bank_code, branch_code=account.branch_code,
            account_type=account.account_type, account_number=account.account_number,
            holder_kana=bank_name(account.holder_kana),
        )  # fmt: skip


def payment_reserve_remote(decision_id: int, payee: Payee, *, amount_yen: int, actor: Staff) -> RefundPayment:
    """隔地払の支払を準備する: the payee fetches the money at the designated bank with the notice sent to him.

    施行令165条 (地方自治法). Raises RefundError as `payment_reserve`.
    """
    with transaction.atomic():
        decision = decision_locked(decision_id)
        return payment_create(decision, payee, amount_yen=amount_yen, actor=actor, way=PayoutWay.REMOTE)


def decision_locked(decision_id: int) -> RefundDecision:
    """The decision, locked: the one lock of all its payments."""
    return RefundDecision.objects.select_for_update().get(pk=decision_id)


def payment_create(
    decision: RefundDecision, payee: Payee, *, amount_yen: int, actor: Staff, way: str, **fields: Any
) -> RefundPayment:
    """One live payment of a locked decision, of whichever way; counts its yen. Raises RefundError."""
    if decision.state != RefundState.DECIDED:
        raise RefundError("決裁が済んでいない還付です。承認の後に支払を準備してください。")
    if not 0 < amount_yen <= decision.unpaid_yen:
        raise RefundError(f"支払える額は1円から{decision.unpaid_yen:,}円までです。")
    if payee.kind == PayeeKind.SELF and payee.party_id != decision.party_id:
        raise RefundError("本人以外への支払です。受取人の別と確認書類を入力してください。")
    if payee.kind != PayeeKind.SELF and not payee.evidence.strip():
        raise RefundError("本人以外への支払には確認書類（戸籍、委任状など）の記載が要ります。")
    if payee.claimed_on is not None and payee.claimed_on > clock.today():
        raise RefundError("還付請求書の日付が未来です。請求書を見て直してください。")
    ends_on = decision_claim_ends([decision])[decision.pk]
    if (payee.claimed_on or clock.today()) > ends_on:
        raise RefundError(
            f"還付請求権は{wareki.format_long(ends_on)}で時効により消滅しています。支払はできません（地方税法18条の3）。"
        )
    before = RefundPayment.objects.filter(decision=decision)
    attempts = before.filter(payee_id=payee.party_id).count()
    try:
        with transaction.atomic():
            payment = RefundPayment.objects.create(
                decision=decision,
                instruction_no=_instruction_no(decision, before.count() + 1),
                payee_id=payee.party_id,
                payee_kind=payee.kind,
                evidence=payee.evidence,
                claimed_on=payee.claimed_on,
                amount_yen=amount_yen,
                way=way,
                attempt_no=attempts + 1,
                actor=f"staff:{actor.staff_no}",
                recorded_at=clock.now(),
                **fields,
            )
    except IntegrityError as error:
        raise RefundError("この受取人への支払は準備済みです。取り消してからやり直してください。") from error
    RefundDecision.objects.filter(pk=decision.pk).update(paid_yen=F("paid_yen") + amount_yen)
    payment_recorded(payment, "create")
    return payment


def _mandate_check(payee: Payee, account: BankAccount) -> None:
    """口座振替の口座: only on the payee's wish, and only the account that is drawn from today."""
    if payee.claimed_on is None:
        raise RefundError("口座振替の口座への振込は、その希望を記した還付請求書の日付を入力してください。")
    drawn = DebitMandate.objects.in_force(clock.today()).filter(
        party_id=payee.party_id, bank_code=account.bank_code, branch_code=account.branch_code,
        account_type=account.account_type, account_number=account.account_number,
    )  # fmt: skip
    if not drawn.exists():
        raise RefundError("いま口座振替に使っている口座と一致しません。口座を確かめてください。")


def _instruction_no(decision: RefundDecision, number: int) -> str:
    """支払番号 of ten digits: year (2), number of the decision (6), payment in it (2)."""
    return f"{decision.refund_no[2:4]}{decision.refund_no[5:]}{number:02d}"


def bank_name(text: str) -> str:
    """口座名義 in the characters of the banks. Raises RefundError."""
    try:
        return kana.zengin(text)
    except kana.NotAllowedCharacter as error:
        raise RefundError(f"口座名義に銀行のデータで使えない文字があります。{error.message_ja}") from error


def payment_void(payment_id: int, *, actor: Staff) -> None:
    """支払の取消: a reserved payment is taken back before it is sent; its yen are free again. Raises RefundError."""
    with transaction.atomic():
        payment = payment_locked(payment_id)
        if payment.state == RefundPaymentState.PROPOSED:
            raise RefundError("決裁待ちの窓口払です。決裁の画面で起案を取り下げてください。")
        if not may_void(payment):
            raise RefundError("送付データに入った支払は取り消せません。結果を待ってください。")
        payment_close(payment, RefundPaymentState.VOIDED, f"取消 {actor.staff_no}")


def may_void(payment: RefundPayment) -> bool:
    """Whether the desk may still take the payment back."""
    return payment.file_id is None and payment.state in (RefundPaymentState.ASKING, RefundPaymentState.RESERVED)


def payment_locked(payment_id: int) -> RefundPayment:
    """The payment, locked after its decision."""
    decision_id = RefundPayment.objects.values_list("decision_id", flat=True).get(pk=payment_id)
    RefundDecision.objects.select_for_update().get(pk=decision_id)
    return RefundPayment.objects.select_for_update().get(pk=payment_id)


def payment_close(payment: RefundPayment, state: str, reason_ja: str) -> None:
    """End a payment without money; what it was for may be instructed anew, with a new inquiry if need be."""
    payment.state, payment.failure_ja = state, reason_ja[:60]
    payment.save(update_fields=["state", "failure_ja", *_account_erase(payment)])
    RefundDecision.objects.filter(pk=payment.decision_id).update(paid_yen=F("paid_yen") - payment.amount_yen)
    payment_recorded(payment, "update")


ACCOUNT_FIELDS = ("bank_code", "branch_code", "account_type", "account_number", "holder_kana")


def _account_erase(payment: RefundPayment) -> list[str]:
    """公金受取口座 is not kept beyond its payment (N-057): answers the fields changed. Other accounts stay."""
    if payment.source != AccountSource.PUBLIC or not payment.account_number:
        return []
    for field in ACCOUNT_FIELDS:
        setattr(payment, field, "")
    payment.account_erased_on = clock.today()
    return [*ACCOUNT_FIELDS, "account_erased_on"]


def refund_file_build(*, transfer_on: date, way: str = PayoutWay.TRANSFER) -> RefundFile | None:
    """還付支払データの作成 of a way: reserved payments without a file go into one; None where there is none.

    Again before the file is sent, the same file is brought up to date: one that was voided is out, a new one is in.
    """
    with transaction.atomic():
        of_day = RefundFile.objects.select_for_update().filter(way=way, transfer_on=transfer_on)
        file = of_day.order_by("-sequence").first()
        if file is None or file.state != RefundFileState.PREPARED:
            file = RefundFile(way=way, transfer_on=transfer_on, sequence=(file.sequence if file else 0) + 1)
        free = RefundPayment.objects.select_for_update().filter(
            way=way, state=RefundPaymentState.RESERVED, file__isnull=True
        )
        ids = list(free.order_by("pk").values_list("pk", flat=True))
        if file.pk is None and not ids:
            return None
        file.payment_count = file.payment_yen = 0
        file.save()
        RefundPayment.objects.filter(pk__in=ids).update(file=file)
        sums = file.payments.aggregate(count=Count("pk"), yen=Sum("amount_yen"))
        file.payment_count, file.payment_yen = sums["count"], sums["yen"] or 0
        file.save(update_fields=["payment_count", "payment_yen"])
        return file


def refund_file_faults(file: RefundFile) -> list[str]:
    """What stands against sending a file: sums that moved, or a payment that is no longer covered by its decision."""
    faults = []
    sums = file.payments.filter(state=RefundPaymentState.RESERVED).aggregate(count=Count("pk"), yen=Sum("amount_yen"))
    if (sums["count"], sums["yen"] or 0) != (file.payment_count, file.payment_yen):
        faults.append("件数・合計額が支払の内訳と一致しません。")
    for payment in file.payments.select_related("decision"):
        live = payment.decision.payments.filter(state__in=LIVE_PAYMENTS)
        if (live.aggregate(yen=Sum("amount_yen"))["yen"] or 0) > payment.decision.to_pay_yen:
            faults.append(f"支払番号{payment.instruction_no}が決定の額を超えています。")
    return faults


def refund_file_send(file_id: int) -> RefundFile:
    """送付: the payments of the file are sent, none can be taken back. Raises RefundError where something moved."""
    with transaction.atomic():
        file = RefundFile.objects.select_for_update().get(pk=file_id)
        if file.state != RefundFileState.PREPARED:
            raise RefundError("この支払データは送付済みです。同じデータは二度送れません。")
        if faults := refund_file_faults(file):
            raise RefundError(faults[0])
        file.payments.update(state=RefundPaymentState.SENT)
        file.state = RefundFileState.SENT
        file.save(update_fields=["state"])
        return file


def refund_file_records(file: RefundFile) -> Iterator[dict[str, Any]]:
    """Data records of layout `zengin_21`, in the order of the payment numbers."""
    for payment in file.payments.order_by("instruction_no"):
        yield {
            "bank_code": payment.bank_code,
            "branch_code": payment.branch_code,
            "account_type": payment.account_type,
            "account_number": payment.account_number,
            "payee_name": payment.holder_kana,
            "amount": payment.amount_yen,
            "new_code": "0",
            "customer_code1": payment.instruction_no,
            "transfer_category": "7",
        }


def refund_file_answer(file_id: int, failures: Mapping[int, str], *, actor: Staff) -> RefundFile:
    """支払結果の登録: what failed, by payment with its reason; all others are paid on the transfer day.

    Raises RefundError for a file that is not sent, one answered already, or a payment that is not in it.
    """
    with transaction.atomic():
        file = RefundFile.objects.select_for_update().get(pk=file_id)
        if file.way != PayoutWay.TRANSFER:
            raise RefundError("隔地払の結果は、支払ごとに登録してください。")
        if file.state != RefundFileState.SENT:
            raise RefundError("結果を登録できるのは、送付済みで結果が未登録の支払データだけです。")
        payments = list(file.payments.order_by("pk"))
        if unknown := set(failures) - {one.pk for one in payments}:
            raise RefundError(f"この支払データにない支払があります（{len(unknown)}件）。一覧を開き直してください。")
        if empty := [pk for pk, reason in failures.items() if not reason.strip()]:
            raise RefundError(f"不能の理由のない支払が{len(empty)}件あります。理由を入力してください。")
        for payment in payments:
            locked = payment_locked(payment.pk)
            if locked.pk in failures:
                payment_close(locked, RefundPaymentState.FAILED, failures[locked.pk].strip())
            else:
                payment_paid(locked, file.transfer_on, f"staff:{actor.staff_no}")
        file.state = RefundFileState.ANSWERED
        file.save(update_fields=["state"])
        return file


def payment_paid(payment: RefundPayment, on: date, actor: str) -> None:
    """支払済: the debt to the party is gone, the cash of the day is out. Raises PeriodClosedError."""
    payable = account_for(AccountKind.REFUND_PAYABLE, payment.decision.party_id)
    cash = account_for(AccountKind.CASH_OUT, on)
    payment.entry = entry_write(
        EntryDraft(
            reason=EntryReason.REFUND_PAID,
            dedupe_key=f"refund-payment:{payment.instruction_no}",
            occurred_on=on,
            value_date=on,
            actor=actor,
            source_document=f"支払番号{payment.instruction_no}",
            approval_ref=payment.decision.approval_ref,
        ),
        [(payable.id, cash.id, payment.amount_yen)],
    )
    payment.state, payment.paid_on = RefundPaymentState.PAID, on
    payment.save(update_fields=["state", "paid_on", "entry", *_account_erase(payment)])
    payment_recorded(payment, "update")


def payment_recorded(payment: RefundPayment, action: str) -> None:
    """The access event of an act on a payment."""
    access_record(
        action=action,
        subjects=sorted({str(payment.payee_id), str(payment.decision.party_id)}),
        record_type="refund_payment",
        record_id=payment.instruction_no,
    )
