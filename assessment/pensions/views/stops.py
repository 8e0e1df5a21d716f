"""年金特別徴収の画面: stops and results to look at, one person's months with the stop."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from addressbook.access import access_shown
from addressbook.card import card_context
from assessment.decisions.selectors import standing_decision_of
from assessment.pensions.errors import PensionStopRefused
from assessment.pensions.forms import ReasonForm, SettleForm, StopForm
from assessment.pensions.models import PensionResult, PensionStop, StopState
from assessment.pensions.provisional import provisional_to_come
from assessment.pensions.selectors import PLACES, kind_ja, month_ja, pension_charges, results_open, stops_list
from assessment.pensions.services import StopDraft, pension_stop_record, pension_stop_withdraw, result_settle
from assessment.permissions import RECORD_CHANGES
from assessment.resident.rules.pipeline import PIPELINES
from collection.selectors.account import charge_standing
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.subject_token import subject_check, subject_token

FORM, TAB = "assessment.pension_stop", "resident-tax"
PAGE_SIZE = 50
STATES = [("pending", "未処理"), ("waiting", "保険者へ未送付"), ("all", "すべて")]


@requires(RECORD_CHANGES)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """中止と徴収結果の一覧."""
    return _listing(request, SettleForm())


def _listing(request: HttpRequest, form: SettleForm) -> HttpResponse:
    state = request.GET.get("state", "pending")
    state = state if state in dict(STATES) else "pending"
    page = Paginator(stops_list(state), PAGE_SIZE).get_page(request.GET.get("page"))
    stops: list[PensionStop] = list(page.object_list)
    results = list(results_open()[:PAGE_SIZE])
    people = {one.party_id for one in stops} | {one.party_id for one in results}
    access_shown(sorted(people), action="view", record_type=FORM)
    values = {
        "page": page, "state": state, "states": STATES, "here": "pensions", "form": form,
        "rows": [{"one": one, "month_ja": month_ja(one.first_place)} for one in stops],
        "results": [{"one": one, "month_ja": month_ja(one.place)} for one in results],
    }  # fmt: skip
    return render(request, "pensions/stops.html", values, status=422 if form.errors else 200)


@requires(RECORD_CHANGES)
@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """徴収結果を確認済にする."""
    staff: Any = request.user
    form = SettleForm(request.POST)
    if form.is_valid():
        try:
            result = result_settle(form.cleaned_data["result"], note=form.cleaned_data["note"], actor_id=staff.staff_no)
        except PensionResult.DoesNotExist as error:
            raise Http404 from error
        except PensionStopRefused as error:
            form.add_error(error.field or None, error.message_ja)
        else:
            access_record(action="update", subjects=[str(result.party_id)], record_type=FORM, record_id=str(result.pk))
            messages.success(request, "徴収結果を確認済にしました。")
            return redirect("pension-stops")
    return _listing(request, form)


@requires(RECORD_CHANGES)
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, party_id: UUID, tax_year: int) -> HttpResponse:
    """一人の年金特別徴収: its months, the stop, and the form to record one."""
    if tax_year not in PIPELINES:
        raise Http404
    staff: Any = request.user
    values = card_context(request, party_id, TAB)
    party = values["party"]
    form = StopForm(request.POST or None)
    if request.method == "POST":
        subject_check(request, form=FORM, subject=str(party.id), version=_version(party.id, tax_year))
        if form.is_valid():
            try:
                stop = pension_stop_record(
                    StopDraft(party_id=party.id, tax_year=tax_year, **form.cleaned_data), actor_id=staff.staff_no
                )
            except PensionStopRefused as error:
                form.add_error(error.field if error.field in form.fields else None, error.message_ja)
            else:
                access_record(action="create", subjects=[str(party.id)], record_type=FORM, record_id=str(stop.pk))
                messages.success(request, "中止を記録しました。次の「異動届・切替処理」で普通徴収に移ります。")
                return redirect("pension-stop", party_id=party.id, tax_year=tax_year)
    return _one(request, values, tax_year, form=form, reasoning=ReasonForm())


def _one(
    request: HttpRequest, values: dict[str, Any], tax_year: int, *, form: StopForm, reasoning: ReasonForm
) -> HttpResponse:
    party = values["party"]
    stops = list(PensionStop.objects.filter(party_id=party.id, tax_year=tax_year))
    standing = next((one for one in stops if one.state == StopState.ACTIVE), None)
    today = clock.today()
    values = values | {
        "tax_year": tax_year,
        "months": [
            {
                "month_ja": month_ja(one.instalment_no),
                "kind_ja": kind_ja(one.instalment_no),
                "standing": charge_standing(one.pk, as_of=today),
            }
            for one in pension_charges(party.id, tax_year=tax_year)
            if one.instalment_no <= PLACES
        ],
        "results": [
            {"one": one, "month_ja": month_ja(one.place)}
            for one in PensionResult.objects.filter(party_id=party.id, tax_year=tax_year)
        ],
        "spring": _spring(party.id, tax_year),
        "stops": [{"one": one, "month_ja": month_ja(one.first_place)} for one in stops],
        "standing": standing,
        "form": reasoning if reasoning.is_bound or standing else form,
        "token": subject_token(request, form=FORM, subject=str(party.id), version=_version(party.id, tax_year)),
        "back_url": reverse("party-assessment", args=[party.id]),
    }
    is_wrong = bool(form.errors or reasoning.errors)
    return render(request, "pensions/stop.html", values, status=422 if is_wrong else 200)


def _spring(party_id: UUID, tax_year: int) -> list[dict[str, Any]]:
    """翌年度の仮徴収 as the year's notice tells it."""
    decision = standing_decision_of(party_id, tax_year=tax_year)
    if decision is None:
        return []
    found = provisional_to_come([decision.run_id], [party_id], tax_year=tax_year)
    months = found.get((decision.run_id, party_id), ())
    return [{"month_ja": month_ja(place), "yen": yen} for place, yen in enumerate(months, start=1)]


def _version(party_id: UUID, tax_year: int) -> str:
    newest = PensionStop.objects.filter(party_id=party_id, tax_year=tax_year).first()
    return f"{newest.pk}:{newest.state}:{newest.request_state}" if newest else ""


@requires(RECORD_CHANGES)
@require_POST
def withdraw(request: HttpRequest, party_id: UUID, tax_year: int) -> HttpResponse:
    """中止を取り下げる."""
    if tax_year not in PIPELINES:
        raise Http404
    staff: Any = request.user
    values = card_context(request, party_id, TAB)
    party = values["party"]
    subject_check(request, form=FORM, subject=str(party.id), version=_version(party.id, tax_year))
    stop = PensionStop.objects.filter(party_id=party.id, tax_year=tax_year, state=StopState.ACTIVE).first()
    if stop is None:
        raise Http404
    form = ReasonForm(request.POST)
    if form.is_valid():
        try:
            pension_stop_withdraw(stop.pk, actor_id=staff.staff_no, reason=form.cleaned_data["reason"])
        except PensionStopRefused as error:
            form.add_error(error.field or None, error.message_ja)
        else:
            access_record(action="update", subjects=[str(party.id)], record_type=FORM, record_id=str(stop.pk))
            messages.success(request, "中止を取り下げました。")
            return redirect("pension-stop", party_id=party.id, tax_year=tax_year)
    return _one(request, values, tax_year, form=StopForm(), reasoning=form)
