"""猶予・免除・期限の延長の画面: what stands for a person with the form to propose more, one act, the list of all."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import access_shown
from addressbook.card import card_context
from collection.deferments.errors import DefermentRefused
from collection.deferments.forms import DefermentForm, EndForm
from collection.deferments.grounds import grounds
from collection.deferments.models import Deferment, DefermentState
from collection.deferments.selectors import claims_open, deferments_in, deferments_of
from collection.deferments.services import RECORD_TYPE, deferment_end_propose, deferment_propose
from collection.permissions import KEEP_DEFERMENT
from collection.views import rows
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.subject_token import subject_check, subject_token

FORM, TAB = "collection.deferment", "collection"
PAGE_SIZE = 50
STATES = [*DefermentState.choices, ("", "すべて")]


@requires(KEEP_DEFERMENT)
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """猶予・免除・延長の一覧 by state, those that end soonest first."""
    state = request.GET.get("state", DefermentState.GRANTED)
    state = state if state in dict(STATES) else DefermentState.GRANTED
    page = Paginator(deferments_in(state), PAGE_SIZE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    names = rows.names([one.party_id for one in found])
    access_shown(sorted({one.party_id for one in found}), action="view", record_type=RECORD_TYPE)
    shown = [{"one": one, "ground": grounds()[one.ground], "name": names.get(one.party_id, "")} for one in found]
    values = {"page": page, "rows": shown, "state": state, "states": STATES, "here": "deferments"}
    return render(request, "deferments/list.html", values)


@requires(KEEP_DEFERMENT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def party_page(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """一人の猶予・免除・延長, and the form to propose one for claims chosen."""
    staff: Any = request.user
    values = card_context(request, party_id, TAB)
    party = values["party"]
    form = DefermentForm(request.POST or None)
    chosen = request.POST.getlist("charge")
    if request.method == "POST":
        subject_check(request, form=FORM, subject=str(party.id), version=_version(party.id))
        if form.is_valid() and (row := _propose(form, party.id, chosen, staff)):
            messages.success(request, f"{row.number}を起案しました。別の職員の決裁で効力が生じます。")
            return redirect("collection-deferments", party_id=party.id)
    claims = claims_open(party.id, as_of=clock.today())
    values |= {
        "form": form,
        "claims": [
            {"standing": one, "instalment_ja": rows.instalment_ja(one), "is_chosen": str(one.charge_id) in chosen}
            for one in claims
        ],
        "history": [{"one": one, "ground": grounds()[one.ground]} for one in deferments_of(party.id)],
        "token": subject_token(request, form=FORM, subject=str(party.id), version=_version(party.id)),
    }
    return render(request, "deferments/party.html", values, status=422 if form.is_bound and form.errors else 200)


def _propose(form: DefermentForm, party_id: UUID, chosen: list[str], staff: Any) -> Deferment | None:
    """Propose what was entered; what is wrong with it stands on the form."""
    ids = tuple(int(one) for one in chosen if one.isdecimal() and len(one) < 19)
    try:
        return deferment_propose(form.draft(party_id, ids), actor=staff)
    except DefermentRefused as error:
        form.add_error(error.field if error.field in form.fields else None, error.message_ja)
    except ApprovalError as error:
        form.add_error(None, error.message_ja)
    return None


def _version(party_id: UUID) -> str:
    newest = Deferment.objects.filter(party_id=party_id).first()
    return f"{newest.number}:{newest.state}" if newest else ""


@requires(KEEP_DEFERMENT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, party_id: UUID, deferment_id: int) -> HttpResponse:
    """猶予・免除・延長一件 with its claims; in force it can be proposed to end."""
    staff: Any = request.user
    values = card_context(request, party_id, TAB)
    row = Deferment.objects.filter(pk=deferment_id, party_id=values["party"].id).first()
    if row is None:
        raise Http404
    form = EndForm(request.POST or None)
    version = f"{row.number}:{row.state}"
    if request.method == "POST":
        subject_check(request, form=FORM, subject=row.number, version=version)
        if form.is_valid() and _end(form, row, staff):
            messages.success(request, f"{row.number}の取消を起案しました。別の職員の決裁で効力が生じます。")
            return redirect("collection-deferment", party_id=row.party_id, deferment_id=row.pk)
    claims = row.claims.select_related("charge__tax_kind")
    values |= {
        "row": row,
        "ground": grounds()[row.ground],
        "claims": [{"one": claim, "instalment_ja": rows.instalment_ja(claim.charge)} for claim in claims],
        "may_end": row.state == DefermentState.GRANTED and grounds()[row.ground].effect != "due",
        "form": form,
        "token": subject_token(request, form=FORM, subject=row.number, version=version),
    }
    return render(request, "deferments/one.html", values, status=422 if form.is_bound and form.errors else 200)


def _end(form: EndForm, row: Deferment, staff: Any) -> bool:
    try:
        deferment_end_propose(row, on=form.day(), reason=form.cleaned_data["reason"], actor=staff)
    except DefermentRefused as error:
        form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        return False
    except ApprovalError as error:
        form.add_error(None, error.message_ja)
        return False
    return True
