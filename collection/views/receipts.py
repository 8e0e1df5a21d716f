"""収納一件: where its money went, and taking back a wrong posting or a wrong matching with its reason."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import access_shown
from collection.closing.errors import PeriodClosedError
from collection.errors import SuspenseError
from collection.forms import ReasonForm
from collection.models import Channel, Overpayment, Receipt, Suspense
from collection.permissions import REVERSE_RECEIPT, VIEW_LEDGER
from collection.selectors.desk import ReceiptPart, receipt_parts
from collection.services.reversals import matching_reverse, receipt_reverse
from collection.views import rows
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.staff.models import Staff


def receipt_of(receipt_id: int) -> tuple[Receipt, list[ReceiptPart]]:
    """A receipt with where its money lies now. Raises Refused R404."""
    receipt = Receipt.objects.filter(pk=receipt_id).select_related("slip", "file").first()
    if receipt is None:
        raise Refused("R404", reason="not_found")
    parts = receipt_parts([receipt.pk])
    return receipt, parts


@requires(VIEW_LEDGER)
@never_cache
@require_safe
def receipt_page(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """収納一件: amount, dates, channel, state; what it was allocated to, what is in suspense or paid too much."""
    receipt, parts = receipt_of(receipt_id)
    overpaid = list(Overpayment.objects.filter(receipt=receipt, yen__gt=0).select_related("charge__tax_kind"))
    parties = {part.charge.party_id for part in parts} | {one.party_id for one in overpaid}
    access_shown(sorted(parties, key=str), action="view", record_type="receipt")
    is_posted = receipt.entry_id is not None and not receipt.is_corrected
    may = is_posted and has_permission(request.user, REVERSE_RECEIPT)
    names = rows.names(parties)
    values = {
        "receipt": receipt,
        "channel_ja": str(Channel(receipt.channel).label),
        "actor_ja": rows.actor_ja(receipt.actor),
        "parts": [
            {
                "part": part,
                "instalment_ja": rows.instalment_ja(part.charge),
                "name": names.get(part.charge.party_id, ""),
            }
            for part in parts
        ],
        "overpaid": overpaid,
        "suspense": list(Suspense.objects.filter(receipt=receipt, remaining_yen__gt=0)),
        "may_reverse": may and receipt.channel == Channel.COUNTER,
        "may_unmatch": may and receipt.channel != Channel.COUNTER and bool(parts or overpaid),
        "has_paper": receipt.channel == Channel.COUNTER and is_posted and bool(parts),
    }
    return render(request, "collection/receipt.html", values)


@requires(REVERSE_RECEIPT)
@require_http_methods(["GET", "HEAD", "POST"])
def reverse_page(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """収納取消 (a till's wrong posting: the money goes back) or 消込取消 (the money stays, its claim was wrong)."""
    receipt, parts = receipt_of(receipt_id)
    is_till = receipt.channel == Channel.COUNTER
    form = ReasonForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        staff = request.user
        actor = f"staff:{staff.staff_no}" if isinstance(staff, Staff) else ""
        act = receipt_reverse if is_till else matching_reverse
        try:
            act(receipt.pk, occurred_on=clock.today(), actor=actor, reason_ja=form.cleaned_data["reason"])
        except (SuspenseError, PeriodClosedError) as error:
            form.add_error(None, error.message_ja)
        else:
            subjects = sorted({str(part.charge.party_id) for part in parts})
            access_record(action="update", subjects=subjects, record_type="receipt", record_id=str(receipt.pk))
            done = "収納を取り消しました。" if is_till else "消込を取り消し、仮受に戻しました。"
            messages.success(request, f"{done}（{receipt.amount_yen:,}円）")
            return redirect("collection-receipt", receipt_id=receipt.pk)
    values = {"form": form, "receipt": receipt, "is_till": is_till, "channel_ja": str(Channel(receipt.channel).label)}
    return render(request, "collection/reverse.html", values, status=422 if form.errors else 200)
