"""交付簿と証明タブ (register of the day; the tab 証明 of the card; holds)."""

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown
from addressbook.card import card_context
from addressbook.disclosure import names_for
from certificates.errors import CertificateError
from certificates.forms import DayForm, HoldForm
from certificates.models import IssueHold
from certificates.outputs import REGISTER
from certificates.permissions import HOLD_CERTIFICATES, ISSUE_CERTIFICATES, VIEW_REGISTER
from certificates.selectors.register import holds_open, issues_of_day, issues_of_party, refusals_of_party
from certificates.services.holds import hold_lift, hold_set
from taxsys.platform import clock
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires

TAB = "certificates"


@requires(VIEW_REGISTER)
@require_safe
def day(request: HttpRequest) -> HttpResponse:
    """交付簿 of a day: numbers, people, fees, and the sums for the till."""
    form = DayForm(request.GET or None)
    on = (form.cleaned_data["on"] if form.is_valid() else None) or clock.today()
    found = issues_of_day(on)
    names = names_for([row.subject_id for row in found.rows], output=REGISTER)
    access_shown(sorted({row.subject_id for row in found.rows}), action="view", record_type="certificate.register")
    rows = [(row, names[row.subject_id]) for row in found.rows]
    return render(
        request,
        "certificates/day.html",
        {"form": form, "on": on, "found": found, "rows": rows},
        status=422 if form.errors else 200,
    )


@requires(ISSUE_CERTIFICATES)
@require_safe
def card_tab(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """証明タブ: papers about the party, refused requests, holds."""
    return _tab(request, party_id, HoldForm())


def _tab(request: HttpRequest, party_id: UUID, form: HoldForm, status: int = 200) -> HttpResponse:
    values = card_context(request, party_id, TAB)
    party = values["party"]
    values |= {
        "issues": issues_of_party(party.id),
        "refusals": refusals_of_party(party.id),
        "holds": holds_open(party.id),
        "may_hold": has_permission(request.user, HOLD_CERTIFICATES),
        "form": form,
    }
    return render(request, "certificates/card.html", values, status=status)


@requires(HOLD_CERTIFICATES)
@require_POST
def hold_new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """発行停止 with its reason."""
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _tab(request, party_id, form, status=422)
    values = card_context(request, party_id, TAB)
    hold_set(values["party"].id, reason_ja=form.cleaned_data["reason"])
    messages.success(request, "証明の発行を停止しました。")
    return redirect("party-certificates", party_id=values["party"].id)


@requires(HOLD_CERTIFICATES)
@require_POST
def hold_end(request: HttpRequest, hold_id: int) -> HttpResponse:
    """解除 with its reason."""
    hold = get_object_or_404(IssueHold, pk=hold_id)
    form = HoldForm(request.POST)
    if not form.is_valid():
        return _tab(request, hold.party_id, form, status=422)
    try:
        hold_lift(hold_id, reason_ja=form.cleaned_data["reason"])
    except CertificateError as error:
        raise Refused("R409", error.message_ja, reason="hold_lifted") from error
    messages.success(request, "証明の発行停止を解除しました。")
    return redirect("party-certificates", party_id=hold.party_id)
