"""住登外者の新規登録: candidates for the same person are shown before a new party comes into being (F-JT-007)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from addressbook.access import access_shown
from addressbook.forms import NonresidentForm
from addressbook.permissions import EDIT_PARTY
from addressbook.search import party_lines
from addressbook.search_terms import PartyQuery
from addressbook.selectors.search import parties_found
from addressbook.services.parties import SOURCE_STAFF, NonresidentRow, nonresident_register
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires


@requires(EDIT_PARTY)
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def nonresident_new(request: HttpRequest) -> HttpResponse:
    """The form; where the same kana and birth date are known already, a second press says that it is somebody else."""
    form = NonresidentForm(request.POST or None, initial={"changed_on": clock.today(), "sex": "0"})
    candidates: list[Any] = []
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            candidates = _candidates(form.cleaned_data, request.user)
            if not candidates or request.POST.get("is_other") == "1":
                return _registered(request, form.cleaned_data)
    values = {"form": form, "title": "住登外者の新規登録", "candidates": candidates}
    return render(request, "addressbook/nonresident_new.html", values, status=status)


def _candidates(entered: dict[str, Any], staff: Any) -> list[Any]:
    found = parties_found(PartyQuery(text=entered["name_kana"], birth_on=entered["birth_on"]))
    lines = party_lines([party.id for party in found[:20]], staff=staff)
    if lines:
        access_shown([line.party.id for line in lines], record_type="candidates")
    return lines


def _registered(request: HttpRequest, entered: dict[str, Any]) -> HttpResponse:
    names = ("name", "name_kana", "birth_on", "sex", "zip", "address_text", "building_text")
    row = NonresidentRow(**{name: entered[name] for name in names})
    party_id = nonresident_register(row, source=SOURCE_STAFF, valid_from=entered["changed_on"])
    access_record(action="create", subjects=[str(party_id)], record_type="party")
    messages.success(request, "住登外者を登録しました。")
    return redirect("party-overview", party_id=party_id)
