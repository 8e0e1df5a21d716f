"""更正事案の画面: the list, a new case from the person's card, one case with its years, calculation and proposal."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from addressbook.access import access_shown
from addressbook.card import card_context
from addressbook.subject_token import token_check, token_make
from assessment.amendments.cases import case_calculate, case_close, case_open
from assessment.amendments.errors import AmendmentRefused
from assessment.amendments.forms import CaseForm
from assessment.amendments.limits import limit_for, limit_terms, statutory_due_on
from assessment.amendments.listing import state_values
from assessment.amendments.models import AmendmentCase, CaseState, YearOutcome
from assessment.amendments.proposals import case_propose
from assessment.amendments.rules.time_limits import LimitGround
from assessment.amendments.selectors import cases_list, year_effects
from assessment.errors import RunNotReady
from assessment.permissions import AMEND, VIEW_ASSESSMENT
from assessment.views.people import officer_names
from assessment.yearend.working import working_year
from taxsys.platform import clock
from taxsys.platform.approvals.errors import AlreadyProposed, NotEntitled
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.subject_token import subject_check, subject_token

FORM = "assessment.amendment"
LEVELS = {
    CaseState.OPEN: "info", CaseState.PROPOSED: "caution", CaseState.DECIDED: "done", CaseState.CLOSED: "neutral",
}  # fmt: skip
OUTCOME_LEVELS = {
    YearOutcome.CHANGED: "info", YearOutcome.SAME: "neutral", YearOutcome.LATE: "caution",
    YearOutcome.STOPPED: "stop", YearOutcome.ELSEWHERE: "caution",
}  # fmt: skip


@requires(VIEW_ASSESSMENT)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """更正事案の一覧, newest first, by state."""
    values = state_values(request, CaseState, lambda state: cases_list(state=state), _row, form=FORM)
    return render(request, "amendments/cases.html", {**values, "here": "amendments"})


def _row(case: AmendmentCase) -> dict[str, Any]:
    return {"one": case, "level": LEVELS[CaseState(case.state)]}


@requires(AMEND)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """更正事案の登録: from the person's tax tab; the years and their limits stand beside the form."""
    staff: Any = request.user
    values = card_context(request, party_id, "resident-tax")
    party = values["party"]
    form = CaseForm(request.POST if request.method == "POST" else None, initial={"first_year": working_year()})
    if request.method == "POST":
        token_check(request.POST.get("subject_token", ""), party, staff=staff, form_id=FORM, changes_party=False)
        if form.is_valid():
            try:
                case = case_open(form.draft(party.id), actor_id=staff.staff_no)
            except AmendmentRefused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.message_ja)
            else:
                access_record(action="create", subjects=[str(party.id)], record_type=FORM, record_id=case.case_no)
                messages.success(request, f"事案{case.case_no}を登録しました。「計算する」で結果を確かめてください。")
                return redirect("amendment", case_id=case.pk)
    values |= {
        "form": form,
        "token": token_make(party, staff=staff, form_id=FORM),
        "limits": [_limits(int(year), word) for year, word in form.fields["first_year"].choices],  # type: ignore[attr-defined]
        "exceptions": limit_terms().exceptions.values(),
    }
    return render(request, "amendments/case_new.html", values, status=422 if form.errors else 200)


def _limits(tax_year: int, word: str) -> dict[str, Any]:
    today, none = clock.today(), LimitGround()
    more, less = (limit_for(tax_year, is_increase=is_increase, ground=none) for is_increase in (True, False))
    return {
        "word": word, "due_on": statutory_due_on(tax_year), "more": more, "less": less,
        "may_more": more.allows(today), "may_less": less.allows(today),
    }  # fmt: skip


@requires(VIEW_ASSESSMENT)
@never_cache
@require_safe
def one(request: HttpRequest, case_id: int) -> HttpResponse:
    """更正事案一件: every person and year before and after, the effects once decided, and the next act."""
    return _page(request, _case(case_id))


def _case(case_id: int) -> AmendmentCase:
    case = AmendmentCase.objects.select_related("party").filter(pk=case_id).first()
    if case is None:
        raise Http404
    return case


def _version(case: AmendmentCase) -> str:
    marks = [f"{one.pk}:{one.after_yen}" for one in case.years.all()]
    return f"{case.state}|{'|'.join(marks)}"


def _page(request: HttpRequest, case: AmendmentCase, refusal_ja: str = "") -> HttpResponse:
    values = card_context(request, case.party_id, "resident-tax")
    people = {member.party_id: member.party for member in case.members.select_related("party")}
    others = sorted(people.keys() - {case.party_id})
    if others:
        access_shown(others, action="view", record_type=FORM)
    effects = year_effects(case)
    officers = officer_names([case.opened_by, case.decided_by])
    changed = [one.year for one in effects if one.year.outcome == YearOutcome.CHANGED]
    values |= {
        "case": case,
        "level": LEVELS[CaseState(case.state)],
        "years": [
            {
                "effect": one,
                "person": people.get(one.year.party_id),
                "level": OUTCOME_LEVELS[YearOutcome(one.year.outcome)],
            }
            for one in effects
        ],
        "has_relatives": bool(others),
        "total_yen": sum(one.difference_yen for one in changed),
        "may_propose": bool(changed),
        "may_work": case.state == CaseState.OPEN and has_permission(request.user, AMEND),
        "opened_ja": officers.get(case.opened_by, case.opened_by),
        "decided_ja": officers.get(case.decided_by, case.decided_by),
        "refusal_ja": refusal_ja,
        "token": subject_token(request, form=FORM, subject=str(case.pk), version=_version(case)),
    }
    return render(request, "amendments/case.html", values, status=422 if refusal_ja else 200)


@requires(AMEND)
@require_POST
def act(request: HttpRequest, case_id: int) -> HttpResponse:
    """計算・起案・取りやめ of a case that is worked on."""
    case = _case(case_id)
    subject_check(request, form=FORM, subject=str(case.pk), version=_version(case))
    staff: Any = request.user
    wanted = request.POST.get("act", "")
    try:
        if wanted == "propose":
            approval = case_propose(case.pk, actor=staff)
            messages.success(request, f"「{approval.title_ja}」を起案しました。別の職員の決裁を待っています。")
        elif wanted == "close":
            case_close(case.pk, actor_id=staff.staff_no)
            messages.success(request, f"事案{case.case_no}を取りやめました。")
        else:
            case_calculate(case.pk)
            messages.success(request, "計算しました。年度ごとの結果を確かめてください。まだ何も決定していません。")
    except (AmendmentRefused, RunNotReady) as refused:
        return _page(request, case, refused.message_ja)
    except (AlreadyProposed, NotEntitled) as refused:
        return _page(request, case, refused.message_ja)
    access_record(action="update", subjects=[str(case.party_id)], record_type=FORM, record_id=case.case_no)
    return redirect("amendment", case_id=case.pk)
