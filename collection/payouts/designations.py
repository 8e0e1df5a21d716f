"""公金受取口座の指定と回答 (writes): the wish is recorded, the answer serves one payment. R-113, N-057.

The inquiry itself is the intermediary's: it reads the message put here, asks once, and hands the answer back.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db import transaction

from addressbook.codes import PartyKind, PartyState
from addressbook.models import Party
from collection.errors import RefundError
from collection.models import (
    AccountSource,
    PayeeKind,
    PayoutWay,
    RefundDecision,
    RefundPayment,
    RefundPaymentState,
)
from collection.payouts.models import AccountDesignation, DesignationState, WishWay
from collection.rules.bank_accounts import AccountFault, DebitAccount, account_checked, is_same_holder
from collection.services.refund_payments import Payee, decision_locked, payment_close, payment_create, payment_locked
from taxsys.platform import clock
from taxsys.platform.outbox.services import outbox_put
from taxsys.platform.staff.models import Staff

TOPIC_WANTED = "collection.public_account_wanted"
PUBLIC_ACCOUNT_TYPES = ("1", "2")  # one ordinary or current account a person


@dataclass(frozen=True, slots=True)
class Wish:
    """公金受取口座の指定 as the claim form has it: its day, how it came, where the form is found."""

    designated_on: date
    way: str
    document: str


def public_account_designate(decision_id: int, wish: Wish, *, amount_yen: int, actor: Staff) -> RefundPayment:
    """公金受取口座の指定を登録する: a payment waits for the account, its inquiry is asked for through the outbox.

    Raises RefundError where the wish is not dated on this refund or has no paper, the payee is no living person, or
    no payment may be made (`payment_create`).
    """
    with transaction.atomic():
        decision = decision_locked(decision_id)
        _wish_check(decision, wish)
        payee = Payee(decision.party_id, claimed_on=wish.designated_on)
        payment = payment_create(
            decision, payee, amount_yen=amount_yen, actor=actor, way=PayoutWay.TRANSFER,
            source=AccountSource.PUBLIC, state=RefundPaymentState.ASKING,
        )  # fmt: skip
        AccountDesignation.objects.create(
            payment=payment,
            designated_on=wish.designated_on,
            way=wish.way,
            document=wish.document.strip(),
            recorded_by=actor.staff_no,
            recorded_at=clock.now(),
        )
        outbox_put(
            topic=TOPIC_WANTED,
            subject_key=str(decision.party_id),
            payload={"instruction_no": payment.instruction_no},
            dedupe_key=payment.instruction_no,
        )
        return payment


def _wish_check(decision: RefundDecision, wish: Wish) -> None:
    arose_on = min(line.overpayment.arose_on for line in decision.lines.select_related("overpayment"))
    if wish.way not in WishWay.values or not wish.document.strip():
        raise RefundError("指定を受けた方法と、還付請求書の受付番号などを入力してください。")
    if wish.designated_on > clock.today():
        raise RefundError("指定の日が未来です。還付請求書の日付を見て直してください。")
    if wish.designated_on < arose_on:
        raise RefundError("指定の日が過誤納の発生日より前です。この還付の請求書で指定を受けたときだけ照会できます。")
    party = Party.objects.get(pk=decision.party_id)
    if party.kind in (PartyKind.CORPORATION, PartyKind.BODY):
        raise RefundError("法人・団体には公金受取口座がありません。請求書の口座を登録してください。")
    if party.state in (PartyState.DEAD, PartyState.ERASED):
        raise RefundError("亡くなった方などの公金受取口座は照会できません。相続人の請求書の口座を登録してください。")


@dataclass(frozen=True, slots=True)
class Wanted:
    """照会すべき支払: what the intermediary may know of it."""

    instruction_no: str
    party: Party
    refund_no: str
    designated_on: date


def public_accounts_wanted(instruction_nos: Sequence[str]) -> dict[str, Wanted]:
    """The payments of these numbers whose designation stands and whose account is not known yet."""
    found = AccountDesignation.objects.filter(
        payment__instruction_no__in=instruction_nos,
        payment__state=RefundPaymentState.ASKING,
        payment__payee_kind=PayeeKind.SELF,
        state=DesignationState.ASKED,
    ).select_related("payment__decision", "payment__payee")
    return {
        one.payment.instruction_no: Wanted(
            one.payment.instruction_no, one.payment.payee, one.payment.decision.refund_no, one.designated_on
        )
        for one in found
    }


@dataclass(frozen=True, slots=True)
class PublicAccount:
    """回答された公金受取口座."""

    bank_code: str
    branch_code: str
    account_type: str
    account_number: str
    holder_kana: str


def public_account_answer(
    instruction_no: str, account: PublicAccount | None, *, answered_on: date, message_ja: str = ""
) -> bool:
    """照会の回答を支払に入れる: found = the payment is ready; none or unusable = it ends and the refund waits again.

    `account` None with `message_ja` says why there is none. Answers False where the payment waits for no answer: it
    was taken back, or has had its answer (a second use, refused and kept nowhere).
    """
    with transaction.atomic():
        row = RefundPayment.objects.filter(instruction_no=instruction_no).first()
        payment = payment_locked(row.pk) if row else None
        if payment is None or payment.state != RefundPaymentState.ASKING:
            return False
        designation = AccountDesignation.objects.select_for_update().get(payment=payment)
        if designation.state != DesignationState.ASKED:
            return False
        fields, fault_ja = _usable(payment, account) if account else ({}, message_ja or "登録なし")
        if fault_ja:
            unusable = DesignationState.ERROR if account or message_ja else DesignationState.NONE
            _answered(designation, unusable, answered_on, fault_ja)
            payment_close(payment, RefundPaymentState.FAILED, f"公金受取口座 {fault_ja}")
            return True
        for name, value in fields.items():
            setattr(payment, name, value)
        payment.state = RefundPaymentState.RESERVED
        payment.save(update_fields=["state", *fields])
        _answered(designation, DesignationState.FOUND, answered_on, "")
        return True


def _usable(payment: RefundPayment, account: PublicAccount) -> tuple[dict[str, Any], str]:
    """The account as the bank's file takes it, and "" or why it cannot be used for this payee."""
    if account.account_type not in PUBLIC_ACCOUNT_TYPES:
        return {}, "普通・当座のほかの預金種目"
    try:
        checked = account_checked(
            DebitAccount(
                account.bank_code, account.branch_code, account.account_type, account.account_number,
                account.holder_kana,
            )
        )  # fmt: skip
    except AccountFault:
        return {}, "口座の記載に誤りがある回答"
    kana = payment.payee.name_kana
    if kana and not is_same_holder(checked.holder_kana, kana):
        return {}, "口座名義が受取人と違う回答"
    return {
        "bank_code": checked.bank_code,
        "branch_code": checked.branch_code,
        "account_type": checked.account_type,
        "account_number": checked.account_number,
        "holder_kana": checked.holder_kana,
    }, ""


def _answered(designation: AccountDesignation, state: str, answered_on: date, message_ja: str) -> None:
    designation.state, designation.answered_on, designation.message_ja = state, answered_on, message_ja[:60]
    designation.save(update_fields=["state", "answered_on", "message_ja"])


def public_accounts_unused_end(*, on: date, days: int) -> int:
    """使われない回答の消去 (N-055): an account answered more than `days` ago that stands in no file goes; how many.

    The refund waits again; it is asked anew before it is paid.
    """
    ended = 0
    stale = AccountDesignation.objects.filter(
        state=DesignationState.FOUND,
        answered_on__lt=on - timedelta(days=days),
        payment__state=RefundPaymentState.RESERVED,
        payment__file__isnull=True,
    )
    for payment_id in stale.order_by("payment__instruction_no").values_list("payment_id", flat=True):
        with transaction.atomic():
            payment = payment_locked(payment_id)
            if payment.state == RefundPaymentState.RESERVED and payment.file_id is None:
                payment_close(payment, RefundPaymentState.VOIDED, "照会結果の保存期間の経過")
                ended += 1
    return ended
