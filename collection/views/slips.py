"""納付書の再発行: for a day, with the late interest of that day; the paper as a PDF."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import party_require
from addressbook.card import card_context
from collection.forms import SlipForm
from collection.models import Slip
from collection.papers.issue import counter_receipt_pdf, slips_pdf
from collection.permissions import ISSUE_SLIPS, TAKE_PAYMENT
from collection.services.slips import SlipError, SlipRequest, slip_issue_many
from collection.services.till import ChargeDue, charge_due
from collection.views import rows
from collection.views.account import charge_of, interest_values
from collection.views.receipts import receipt_of
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import pdf_shown


@requires(ISSUE_SLIPS)
@require_http_methods(["GET", "HEAD", "POST"])
def reissue(request: HttpRequest, party_id: UUID, charge_id: int) -> HttpResponse:
    """納付書の再発行: shows what the slip would ask for on the day; issuing makes the earlier slip void."""
    values = card_context(request, party_id, "collection")
    charge = charge_of(values["party"].id, charge_id)
    form = SlipForm(request.POST) if request.method == "POST" else SlipForm(initial={"valid_until": clock.today()})
    until = clock.today()
    if form.is_bound and form.is_valid():
        until = form.cleaned_data["valid_until"]
        if until < clock.today():
            form.add_error("valid_until", "取扱期限は今日以後の日を指定してください。")
    due = charge_due(charge.pk, on=until)
    if form.is_bound and form.is_valid() and "issue" in request.POST and (slip := _issue(form, charge.pk, due)):
        access_record(
            action="print", subjects=[str(charge.party_id)], record_type="slip", record_id=str(slip.pk),
            tax_year=charge.tax_year,
        )  # fmt: skip
        messages.success(request, f"納付書（第{slip.version}版、{slip.amount_yen:,}円）を発行しました。")
        return redirect("collection-charge", party_id=charge.party_id, charge_id=charge.pk)
    shown = {
        **values,
        "form": form,
        "charge": charge,
        "instalment_ja": rows.instalment_ja(charge),
        "due": due,
        "until": until,
        **interest_values(charge.pk, until),
    }
    return render(request, "collection/slip.html", shown, status=422 if form.is_bound and form.errors else 200)


def _issue(form: Any, charge_id: int, due: ChargeDue) -> Slip | None:
    wants = form.cleaned_data["with_interest"]
    if wants and due.interest_note_ja:
        form.add_error("with_interest", due.interest_note_ja)
        return None
    request = SlipRequest(
        (charge_id,),
        form.cleaned_data["valid_until"],
        reminder_fee_yen=due.fee_yen,
        late_interest_yen=due.interest_due_yen if wants else 0,
    )
    try:
        issued = slip_issue_many([request], issued_on=clock.today())[0]
    except SlipError as error:
        form.add_error(None, error.message_ja)
        return None
    return Slip.objects.get(pk=issued.slip_id)


@requires(ISSUE_SLIPS)
@never_cache
@require_safe
def slip_paper(request: HttpRequest, slip_id: int) -> HttpResponse:
    """納付書 (PDF): the slip as issued; the same bytes whenever it is asked for."""
    slip = get_object_or_404(Slip, pk=slip_id)
    line = slip.lines.select_related("charge").order_by("pk")[0]
    party = party_require(line.charge.party_id, action="print", staff=request.user, record_type="slip")
    return pdf_shown(slips_pdf([slip], party), f"slip-{slip.pk}.pdf")


@requires(TAKE_PAYMENT)
@never_cache
@require_safe
def receipt_paper(request: HttpRequest, receipt_id: int) -> HttpResponse:
    """領収証書 (PDF) of a payment taken at a till."""
    receipt, parts = receipt_of(receipt_id)
    party = party_require(parts[0].charge.party_id, action="print", staff=request.user, record_type="receipt")
    return pdf_shown(counter_receipt_pdf(receipt, parts, party), f"receipt-{receipt.pk}.pdf")
