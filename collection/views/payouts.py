"""還付の窓口払: the cashier sees who is to be paid how much, identifies him and hands the money over once."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from addressbook.access import party_require
from collection.closing.errors import PeriodClosedError
from collection.errors import RefundError
from collection.forms_refunds import HandOverForm
from collection.models import PayoutWay, RefundPayment
from collection.payouts.counter import HandOver, counter_payout_pay
from collection.permissions import PAY_REFUND
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import Staff


@requires(PAY_REFUND)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, payment_id: int) -> HttpResponse:
    """窓口払の交付: identity and receipt, then paid from this officer's till."""
    payment = RefundPayment.objects.select_related("decision").filter(pk=payment_id).first()
    if payment is None:
        raise Refused("R404", reason="not_found")
    payee = party_require(payment.payee_id, action="view", staff=request.user, record_type="refund_payment")
    form = HandOverForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and isinstance(request.user, Staff):
        given = HandOver(form.cleaned_data["identity"], form.cleaned_data["is_receipt_taken"])
        try:
            counter_payout_pay(payment.pk, given, actor=request.user)
        except (RefundError, PeriodClosedError) as error:
            form.add_error(None, error.message_ja)
        else:
            messages.success(request, f"支払番号{payment.instruction_no} {payment.amount_yen:,}円を支払いました。")
            return redirect("collection-refund-hand-over", payment_id=payment.pk)
    values = {
        "payment": payment,
        "payee": payee,
        "form": form,
        "may_pay": payment.way == PayoutWay.COUNTER and payment.state == "reserved",
    }
    return render(request, "collection/refund_hand_over.html", values, status=422 if form.errors else 200)
