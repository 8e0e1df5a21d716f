"""隔地払 (paying at the designated bank): the bank gets a list, the payee a notice; each is paid there or comes back.

地方自治法施行令165条. F-RF-006, F-RF-008, L-CL-06.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from django.db import transaction

from addressbook.mailing import mailings_for
from collection.errors import RefundError
from collection.models import PayoutWay, RefundFile, RefundFileState, RefundPayment, RefundPaymentState
from collection.papers.debit_letter_data import DebitLetter
from collection.params import refund_rules
from collection.services.refund_payments import bank_name, payment_close, payment_locked, payment_paid
from taxsys.kernel import wareki
from taxsys.kernel.calendar import years_after
from taxsys.platform import clock
from taxsys.platform.printing import issuers
from taxsys.platform.printing.parts import yen_text
from taxsys.platform.printing.pieces import PrintPiece, Subject
from taxsys.platform.staff.models import Staff

DESK = "collection"


def valid_until(file: RefundFile) -> date:
    """送金通知の有効期限: the last day on which the bank pays; afterwards the money comes back."""
    return years_after(file.transfer_on, refund_rules().remote_years)


def remote_records(file: RefundFile) -> Iterator[dict[str, Any]]:
    """Records of the list for the designated bank, in the order of the payment numbers; no address is in it."""
    for payment in file.payments.select_related("payee").order_by("instruction_no"):
        yield {
            "instruction_no": payment.instruction_no,
            "payee_kana": bank_name(payment.payee.name_kana) if payment.payee.name_kana else "",
            "amount": payment.amount_yen,
            "payable_from": file.transfer_on,
            "payable_until": valid_until(file),
        }


def remote_answer(payment_id: int, *, paid_on: date | None, reason_ja: str = "", actor: Staff) -> RefundPayment:
    """隔地払の結果: paid at the bank on a day, or come back with its reason; then the refund waits again.

    Raises RefundError for a payment that is not with the bank, a day in the future, before or after its term, a
    failure without reason, money that came back before the term ended without the bank's word.
    """
    with transaction.atomic():
        payment = payment_locked(payment_id)
        if payment.way != PayoutWay.REMOTE or payment.state != RefundPaymentState.SENT or payment.file is None:
            raise RefundError("結果を登録できるのは、銀行に送付済みで結果が未登録の隔地払だけです。")
        if paid_on is None:
            if not reason_ja.strip():
                raise RefundError("支払われなかった理由を入力してください。例：期限経過、通知の返戻")
            payment_close(payment, RefundPaymentState.FAILED, reason_ja.strip())
        else:
            if not payment.file.transfer_on <= paid_on <= min(clock.today(), valid_until(payment.file)):
                raise RefundError("支払日が、支払の開始日から今日（または有効期限）までの日ではありません。")
            payment_paid(payment, paid_on, f"staff:{actor.staff_no}")
        if not payment.file.payments.filter(state=RefundPaymentState.SENT).exists():
            RefundFile.objects.filter(pk=payment.file.pk).update(state=RefundFileState.ANSWERED)
        return payment


def notice_keys(transfer_on: date) -> list[str]:
    """Payments of the lists of a day that are with the bank, as keys of their notices."""
    found = RefundPayment.objects.filter(
        way=PayoutWay.REMOTE, file__transfer_on=transfer_on, state=RefundPaymentState.SENT
    )
    return list(found.order_by("instruction_no").values_list("instruction_no", flat=True))


def notice_pieces(keys: Sequence[str]) -> list[PrintPiece]:
    """送金通知書 of these payments, in order; addressed to the payee."""
    found = RefundPayment.objects.select_related("file", "decision", "payee").prefetch_related(
        "decision__lines__overpayment__charge"
    )
    payments = {one.instruction_no: one for one in found.filter(instruction_no__in=keys)}
    return [_piece(one, one.file) for one in (payments[key] for key in keys) if one.file]


def _piece(payment: RefundPayment, file: RefundFile) -> PrintPiece:
    charges = [line.overpayment.charge for line in payment.decision.lines.all()]
    first = min(charges, key=lambda charge: charge.notice_no)
    mailings = mailings_for([payment.payee_id], tax_kind=first.tax_kind_id, on=file.transfer_on)
    addressee = mailings[payment.payee_id].addressee
    period = f"{wareki.format_long(file.transfer_on)}から{wareki.format_long(valid_until(file))}まで"
    paper = DebitLetter(
        addressee=addressee,
        office=issuers.office(DESK),
        letter_no=payment.instruction_no,
        title="還付金送金通知書",
        payer_name=payment.payee.name,
        issued_on=file.transfer_on,
        opening="市税の還付金を、次の金融機関の窓口でお支払いします。",
        heads=("内容", "支払場所", "支払の期間", "金額（円）"),
        rows=(("還付金", f"{refund_rules().header['bank_name']} 本支店", period, yen_text(payment.amount_yen)),),
        closing="この通知書と、本人を確かめられる書類をお持ちください。期間を過ぎると銀行では受け取れません。"
        "口座への振込を希望されるときは、受け取らずにご連絡ください。",
    )
    return PrintPiece(
        item_key=payment.instruction_no,
        addressee=addressee,
        notice_no=payment.instruction_no,
        tax_year=first.tax_year,
        paper=paper,
        amount_yen=payment.amount_yen,
        subjects=(Subject(str(payment.payee_id), payment.instruction_no),),
    )
