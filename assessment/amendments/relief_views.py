"""減免の画面: the list, an application from the person's card, one remission with its instalments, acts and notice."""

from datetime import date
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from addressbook.access import party_require
from addressbook.card import card_context
from addressbook.subject_token import token_check, token_make
from assessment.amendments.errors import AmendmentRefused
from assessment.amendments.forms import ReliefActForm, ReliefForm
from assessment.amendments.listing import state_values
from assessment.amendments.models import Relief, ReliefState
from assessment.amendments.relief_law import grade_of, rate_ja, relief_grounds
from assessment.amendments.relief_notices import TOLD, relief_preview
from assessment.amendments.relief_proposals import application_propose, relief_propose
from assessment.amendments.reliefs import lines_total, relief_lines, relief_receive, relief_withdraw
from assessment.amendments.selectors import application_siblings, reliefs_list
from assessment.errors import RunNotReady
from assessment.permissions import AMEND, PREVIEW_NOTICE, VIEW_ASSESSMENT
from assessment.views.people import officer_names
from assessment.yearend.working import working_year
from taxsys.platform import clock
from taxsys.platform.approvals.errors import AlreadyProposed, NotEntitled
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.documents import pdf_shown
from taxsys.platform.ui.subject_token import subject_check, subject_token

FORM = "assessment.relief"
LEVELS = {
    ReliefState.RECEIVED: "info", ReliefState.PROPOSED: "caution", ReliefState.GRANTED: "done",
    ReliefState.REFUSED: "neutral", ReliefState.REVOKED: "neutral", ReliefState.WITHDRAWN: "neutral",
}  # fmt: skip
_METHODS = {"ordinary": "普通徴収", "wage": "給与特別徴収", "pension": "年金特別徴収"}


def _row(relief: Relief) -> dict[str, Any]:
    ground, grade = grade_of(relief.ground, relief.grade)
    return {
        "one": relief,
        "level": LEVELS[ReliefState(relief.state)],
        "ground_ja": ground.title_ja,
        "grade_ja": f"{grade.title_ja}（{rate_ja(grade.rate)}）",
    }


@requires(VIEW_ASSESSMENT)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """減免の一覧, newest first, by state."""
    values = state_values(request, ReliefState, lambda state: reliefs_list(state=state), _row, form=FORM)
    return render(request, "amendments/reliefs.html", {**values, "here": "reliefs"})


@requires(AMEND)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """減免申請の受付 from the person's tax tab; the ordinance table stands beside the form."""
    staff: Any = request.user
    values = card_context(request, party_id, "resident-tax")
    party = values["party"]
    today = clock.today()
    form = ReliefForm(
        request.POST if request.method == "POST" else None, initial={"tax_year": working_year(), "applied_on": today}
    )
    if request.method == "POST":
        token_check(request.POST.get("subject_token", ""), party, staff=staff, form_id=FORM, changes_party=False)
        if form.is_valid():
            try:
                relief = relief_receive(form.draft(party.id), actor_id=staff.staff_no)
            except AmendmentRefused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.message_ja)
            else:
                access_record(action="create", subjects=[str(party.id)], record_type=FORM, record_id=relief.relief_no)
                messages.success(request, f"減免の申請を{relief.relief_no}として受け付けました。")
                return redirect("relief", relief_id=relief.pk)
    values |= {
        "form": form,
        "token": token_make(party, staff=staff, form_id=FORM),
        "grounds": [
            {"one": one, "grades": [f"{each.title_ja}（{rate_ja(each.rate)}）" for each in one.grades]}
            for one in relief_grounds().values()
        ],
        "before": [_row(one) for one in reliefs_list(party_id=party.id)],
    }
    return render(request, "amendments/relief_new.html", values, status=422 if form.errors else 200)


def _relief(relief_id: int) -> Relief:
    relief = Relief.objects.select_related("party").filter(pk=relief_id).first()
    if relief is None:
        raise Http404
    return relief


@requires(VIEW_ASSESSMENT)
@never_cache
@require_safe
def one(request: HttpRequest, relief_id: int) -> HttpResponse:
    """減免一件: application, instalments that are or would be remitted, the next act, the notice."""
    return _page(request, _relief(relief_id), ReliefActForm())


def _page(request: HttpRequest, relief: Relief, form: ReliefActForm) -> HttpResponse:
    values = card_context(request, relief.party_id, "resident-tax")
    officers = officer_names([relief.received_by, relief.decided_by])
    lines, refusal_ja = relief.lines, ""
    if relief.state == ReliefState.RECEIVED:
        try:
            lines = relief_lines(relief)
        except AmendmentRefused as refused:
            refusal_ja = refused.message_ja
    values |= {
        **_row(relief),
        "relief": relief,
        "siblings": [_row(one) for one in application_siblings(relief)],
        "form": form,
        "lines": [_line(one) for one in lines],
        "lines_yen": sum(lines_total(lines)),
        "refusal_ja": refusal_ja,
        "may_work": has_permission(request.user, AMEND),
        "may_print": relief.state in TOLD and has_permission(request.user, PREVIEW_NOTICE),
        "received_ja": officers.get(relief.received_by, relief.received_by),
        "decided_ja": officers.get(relief.decided_by, relief.decided_by),
        "token": subject_token(request, form=FORM, subject=str(relief.pk), version=_version(relief)),
    }
    return render(request, "amendments/relief.html", values, status=422 if form.errors else 200)


def _line(line: list[Any]) -> dict[str, Any]:
    return {
        "method_ja": _METHODS[line[0]],
        "no": line[2],
        "due_on": date.fromisoformat(line[3]),
        "parts": line[4:],
        "yen": sum(line[4:]),
    }


def _version(relief: Relief) -> str:
    return f"{relief.state}|{relief.total_yen}|{relief.approval_ref}"


@requires(AMEND)
@require_POST
def act(request: HttpRequest, relief_id: int) -> HttpResponse:
    """減免・不承認・取消の起案, 申請の取下げ."""
    relief = _relief(relief_id)
    subject_check(request, form=FORM, subject=str(relief.pk), version=_version(relief))
    staff: Any = request.user
    form = ReliefActForm(request.POST)
    if not form.is_valid():
        return _page(request, relief, form)
    wanted = request.POST.get("act", "")
    try:
        if wanted == "grant_all":
            proposed = application_propose(relief.pk, actor=staff)
            messages.success(request, f"申請の{len(proposed)}年度分を起案しました。別の職員の決裁を待っています。")
        elif wanted == "withdraw":
            relief_withdraw(relief.pk)
            messages.success(request, f"{relief.relief_no}の申請を取下げとしました。")
        else:
            approval = relief_propose(
                relief.pk, act=wanted, reason_ja=form.cleaned_data["reason_ja"],
                revoke_from=form.cleaned_data["revoke_from"], actor=staff,
            )  # fmt: skip
            messages.success(request, f"「{approval.title_ja}」を起案しました。別の職員の決裁を待っています。")
    except (AmendmentRefused, RunNotReady) as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message_ja)
        return _page(request, relief, form)
    except (AlreadyProposed, NotEntitled) as refused:
        form.add_error(None, refused.message_ja)
        return _page(request, relief, form)
    access_record(action="update", subjects=[str(relief.party_id)], record_type=FORM, record_id=relief.relief_no)
    return redirect("relief", relief_id=relief.pk)


@requires(PREVIEW_NOTICE)
@never_cache
@require_safe
def paper(request: HttpRequest, relief_id: int) -> HttpResponse:
    """減免決定・不承認・取消通知書 (PDF) of one remission, as the package prints it."""
    relief = _relief(relief_id)
    if relief.state not in TOLD:
        raise Http404
    party_require(relief.party_id, action="print", staff=request.user, record_type=FORM)
    content = relief_preview(relief, issued_on=clock.today(), viewer=request.user)
    return pdf_shown(content, f"relief-{relief.relief_no}.pdf")
