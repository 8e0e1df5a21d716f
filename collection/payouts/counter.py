"""窓口払 (paying a refund at the counter): proposed, approved by a second person, handed over once against identity.

F-RF-006. The payee claims with his paper; the cashier checks who he is, takes his receipt and pays from the till.
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction

from collection.errors import RefundError
from collection.models import PayoutWay, RefundPayment, RefundPaymentState, TillClosing
from collection.payouts.models import CounterPayout, Identity
from collection.services.refund_payments import (
    Payee,
    decision_locked,
    payment_close,
    payment_create,
    payment_locked,
    payment_paid,
)
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.staff.models import Staff

KIND = "collection.counter_payout"


def counter_payout_propose(decision_id: int, payee: Payee, *, amount_yen: int, actor: Staff) -> RefundPayment:
    """窓口払を起案する: the yen are held and wait for a second person. Raises RefundError as every payment."""
    with transaction.atomic():
        decision = decision_locked(decision_id)
        if payee.claimed_on is None:
            raise RefundError("窓口払は、窓口払を希望する還付請求書の日付を入力してください。")
        payment = payment_create(
            decision, payee, amount_yen=amount_yen, actor=actor, way=PayoutWay.COUNTER,
            state=RefundPaymentState.PROPOSED,
        )  # fmt: skip
        approval = approval_propose(
            kind=KIND,
            subject_key=f"refund-payment:{payment.instruction_no}",
            title_ja=f"還付金の窓口払 {payment.instruction_no}",
            content={
                "instruction_no": payment.instruction_no,
                "payee_id": str(payment.payee_id),
                "party_id": str(decision.party_id),
                "before": {"unpaid_yen": decision.unpaid_yen},
                "after": {
                    "amount_yen": amount_yen,
                    "payee_kind": payment.get_payee_kind_display(),
                    "evidence": payment.evidence,
                    "claimed_on": payee.claimed_on.isoformat(),
                },
            },
            actor=actor,
        )
        CounterPayout.objects.create(payment=payment, approval_ref=str(approval.pk))
        return payment


def _payment_of(approval: Approval) -> RefundPayment:
    found = RefundPayment.objects.get(instruction_no=approval.content["instruction_no"])
    return payment_locked(found.pk)


def counter_payout_stale(approval: Approval) -> str:
    """Why the proposal no longer stands; "" while it does."""
    found = RefundPayment.objects.filter(instruction_no=approval.content["instruction_no"]).first()
    stands = (
        found is not None
        and found.state == RefundPaymentState.PROPOSED
        and found.amount_yen == approval.content["after"]["amount_yen"]
    )
    return "" if stands else "窓口払の案が取り下げられています。"


def counter_payout_approved(approval: Approval) -> None:
    """承認: the payee may be paid at the counter from now on."""
    payment = _payment_of(approval)
    payment.state = RefundPaymentState.RESERVED
    payment.save(update_fields=["state"])


def counter_payout_discard(approval: Approval) -> None:
    """取下げ・差戻し・失効: the yen are free for another payment."""
    payment = _payment_of(approval)
    if payment.state == RefundPaymentState.PROPOSED:
        payment_close(payment, RefundPaymentState.VOIDED, "窓口払の案の取下げ")


def counter_payout_subjects(approval: Approval) -> list[str]:
    """Whose money it is and who gets it."""
    return sorted({approval.content["party_id"], approval.content["payee_id"]})


@dataclass(frozen=True, slots=True)
class HandOver:
    """窓口での交付: how the payee was identified, and that his signed receipt was taken."""

    identity: str
    is_receipt_taken: bool


def counter_payout_pay(payment_id: int, hand_over: HandOver, *, actor: Staff) -> RefundPayment:
    """窓口で支払う: once, today, from the cashier's till. Raises RefundError, PeriodClosedError.

    Neither without approval, identity and receipt, nor by the one who proposed it, nor after the till was closed.
    """
    today = clock.today()
    with transaction.atomic():
        payment = payment_locked(payment_id)
        if payment.way != PayoutWay.COUNTER or payment.state != RefundPaymentState.RESERVED:
            raise RefundError("窓口で支払えるのは、承認済みでまだ支払っていない窓口払だけです。")
        if hand_over.identity not in Identity.values or not hand_over.is_receipt_taken:
            raise RefundError("本人確認書類の種類を選び、受領書への署名を受けてから支払ってください。")
        if payment.actor == f"staff:{actor.staff_no}":
            raise RefundError("起案した本人は窓口で支払えません。別の職員が支払ってください。")
        if TillClosing.objects.filter(staff_no=actor.staff_no, closed_for=today).exists():
            raise RefundError("今日の窓口は締め済みです。翌開庁日に支払うか、別の職員の窓口で支払ってください。")
        payment_paid(payment, today, f"staff:{actor.staff_no}")
        payout = CounterPayout.objects.select_for_update().get(payment=payment)
        payout.identity, payout.paid_by, payout.paid_at = hand_over.identity, actor.staff_no, clock.now()
        payout.save(update_fields=["identity", "paid_by", "paid_at"])
        return payment
