"""異動届の画面: entry laid out like the paper with a preview, the work list, one notification with its acts."""

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
from addressbook.disclosure import HIDDEN_TEXT, hidden_among
from addressbook.subject_token import token_check, token_make
from assessment.models import ChangeState, EmploymentChange
from assessment.permissions import RECORD_CHANGES, VIEW_SOURCES
from assessment.resident.moves.forms import ActForm, ChangeForm, initial_new, initial_of
from assessment.resident.moves.preview import change_preview
from assessment.resident.moves.selectors import changes_list, current_employer, withheld_months
from assessment.resident.moves.services import ChangeRefused, change_accept, change_record, change_withdraw
from assessment.resident.moves.timeline import month_of
from assessment.resident.rules.pipeline import PIPELINES
from assessment.views.people import officer_names
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.subject_token import subject_check, subject_token

PAGE_SIZE = 50
FORM = "assessment.employment_change"
STATES = (
    ("pending", "未処理"), (ChangeState.HELD, "保留"), (ChangeState.ACTIVE, "有効"),
    (ChangeState.SUPERSEDED, "訂正済"), (ChangeState.WITHDRAWN, "取下げ"), ("", "すべて"),
)  # fmt: skip


def month_ja(place: int | None) -> str:
    """A place of the year's twelve months as the desk says it."""
    return f"{month_of(place)}月" if place else ""


def _row(change: EmploymentChange, *, is_hidden: bool) -> dict[str, Any]:
    """One notification for a list; employers of protected people are not told (N-087)."""
    payers = [one for one in (change.withholder, change.new_withholder) if one is not None]
    words = [HIDDEN_TEXT] * len(payers) if is_hidden else [f"{one.designation_no} {one.name}" for one in payers]
    return {"one": change, "payers": words, "level": _level(change), "state_ja": _state_ja(change)}


def _level(change: EmploymentChange) -> str:
    if change.state == ChangeState.HELD:
        return "caution"
    return "info" if change.is_pending else ("done" if change.state == ChangeState.ACTIVE else "neutral")


def _state_ja(change: EmploymentChange) -> str:
    if change.state == ChangeState.ACTIVE:
        return "未処理" if change.is_pending else "反映済"
    word = change.get_state_display()
    return f"{word}(未処理)" if change.is_pending and change.state != ChangeState.HELD else word


@requires(VIEW_SOURCES)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """異動届の一覧, newest first, by state."""
    state = request.GET.get("state", "pending")
    state = state if state in dict(STATES) else "pending"
    page = Paginator(changes_list(state=state), PAGE_SIZE).get_page(request.GET.get("page"))
    rows: list[EmploymentChange] = list(page.object_list)
    people = sorted({one.party_id for one in rows})
    hidden = hidden_among(people, clock.today()) if people else set()
    access_shown(people, action="view", record_type=FORM)
    values = {
        "page": page,
        "rows": [_row(one, is_hidden=one.party_id in hidden) for one in rows],
        "state": state,
        "states": STATES,
        "here": "changes",
    }
    return render(request, "assessment/changes.html", values)


@requires(RECORD_CHANGES)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, party_id: UUID, tax_year: int) -> HttpResponse:
    """異動届の入力: boxes of the paper; 「見込みを見る」 shows what would move, F9 records it."""
    if tax_year not in PIPELINES:
        raise Http404
    staff: Any = request.user
    values = card_context(request, party_id, "resident-tax")
    party, is_hidden = values["party"], values["person"]["is_protected"]
    corrects = _corrected(request, party.id, tax_year)
    if request.method == "POST":
        token_check(request.POST.get("subject_token", ""), party, staff=staff, form_id=FORM, changes_party=False)
        form = ChangeForm(request.POST)
        answer = _recorded(request, form, values, corrects, tax_year) if form.is_valid() else None
        if answer is not None:
            return answer
    else:
        form = ChangeForm(initial=_initial(party.id, tax_year, corrects, is_hidden=is_hidden))
    values |= {
        "form": form,
        "tax_year": tax_year,
        "corrects": corrects,
        "token": token_make(party, staff=staff, form_id=FORM),
        "before": [_row(one, is_hidden=is_hidden) for one in changes_list(party_id=party.id).filter(tax_year=tax_year)],
    }
    return render(request, "assessment/change_new.html", values, status=422 if form.errors else 200)


def _corrected(request: HttpRequest, party_id: UUID, tax_year: int) -> EmploymentChange | None:
    text = request.POST.get("corrects") or request.GET.get("corrects") or ""
    if not text:
        return None
    known = changes_list(party_id=party_id).filter(tax_year=tax_year)
    found = known.filter(pk=int(text)).first() if text.isascii() and text.isdecimal() and len(text) < 19 else None
    if found is None or found.state not in {ChangeState.ACTIVE, ChangeState.HELD}:
        raise Http404
    return found


def _initial(
    party_id: UUID, tax_year: int, corrects: EmploymentChange | None, *, is_hidden: bool
) -> dict[str, Any]:  # fmt: skip
    if corrects is not None and not is_hidden:
        return initial_of(corrects)
    today = clock.today()
    employer = None if is_hidden else current_employer(party_id, tax_year=tax_year)
    if employer is None:
        return {"received_on": today}
    months = withheld_months(party_id, tax_year=tax_year, designation_no=employer.designation_no)
    return initial_new(employer.designation_no, months, month=today.month, received_on=today)


def _recorded(
    request: HttpRequest, form: ChangeForm, values: dict[str, Any], corrects: EmploymentChange | None, tax_year: int
) -> HttpResponse | None:
    """Record or preview what was typed; None where the page is drawn again."""
    staff: Any = request.user
    party = values["party"]
    draft = form.draft(party_id=party.id, tax_year=tax_year)
    try:
        if request.POST.get("act") == "preview":
            moved = change_preview(draft, actor_id=staff.staff_no, corrects=corrects)
            values |= {"preview": moved or [], "has_preview": True, "is_undecided": moved is None}
            access_record(action="view", subjects=[str(party.id)], record_type=FORM, tax_year=tax_year)
            return None
        change = change_record(draft, actor_id=staff.staff_no, corrects=corrects)
    except ChangeRefused as error:
        name = {"first_month": "first_place", "lump_month": "lump_place"}.get(error.field, error.field)
        form.add_error(name if name in form.fields else None, error.message_ja)
        return None
    access_record(
        action="create", subjects=[str(party.id)], record_type=FORM, record_id=str(change.pk), tax_year=tax_year
    )
    messages.success(request, "異動届を記録しました。次の「異動届・切替処理」で税額に反映します。")
    return redirect("assessment-change", change_id=change.pk)


@requires(VIEW_SOURCES)
@require_safe
def one(request: HttpRequest, change_id: int) -> HttpResponse:
    """異動届一件: what was notified, what became of it, and its acts."""
    return _page(request, change_id, ActForm())


def _page(request: HttpRequest, change_id: int, form: ActForm) -> HttpResponse:
    change = changes_list().filter(pk=change_id).first()
    if change is None:
        raise Http404
    values = card_context(request, change.party_id, "resident-tax")
    is_hidden = values["person"]["is_protected"]
    row = _row(change, is_hidden=is_hidden)
    is_open = change.state in {ChangeState.ACTIVE, ChangeState.HELD}
    may_act = is_open and has_permission(request.user, RECORD_CHANGES)
    officers = officer_names([change.recorded_by, change.closed_by])
    values |= {
        "change": change,
        "row": row,
        "payer_ja": HIDDEN_TEXT if is_hidden and change.withholder else (change.withholder or ""),
        "new_payer_ja": HIDDEN_TEXT if is_hidden and change.new_withholder else (change.new_withholder or ""),
        "last_ja": month_ja(change.last_place) or "なし",
        "first_ja": month_ja(change.first_place),
        "lump_ja": month_ja(change.lump_place),
        "recorder_ja": officers.get(change.recorded_by, change.recorded_by),
        "closer_ja": officers.get(change.closed_by, change.closed_by),
        "may_act": may_act,
        "correct_url": f"{reverse('assessment-change-new', args=[change.party_id, change.tax_year])}"
        f"?corrects={change.pk}",
        "form": form,
        "token": subject_token(request, form=FORM, subject=str(change.pk), version=change.state),
    }
    return render(request, "assessment/change.html", values, status=422 if form.errors else 200)


@requires(RECORD_CHANGES)
@require_POST
def act(request: HttpRequest, change_id: int) -> HttpResponse:
    """取下げ・保留の解除."""
    change = changes_list().filter(pk=change_id).first()
    if change is None:
        raise Http404
    subject_check(request, form=FORM, subject=str(change.pk), version=change.state)
    staff: Any = request.user
    form = ActForm(request.POST)
    if form.is_valid():
        perform = change_withdraw if form.cleaned_data["act"] == "withdraw" else change_accept
        try:
            perform(change.pk, actor_id=staff.staff_no, reason=form.cleaned_data["reason"])
        except ChangeRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
    if form.errors:
        return _page(request, change_id, form)
    access_record(action="update", subjects=[str(change.party_id)], record_type=FORM, record_id=str(change.pk))
    messages.success(request, "届出を更新しました。次の「異動届・切替処理」で税額に反映します。")
    return redirect("assessment-change", change_id=change.pk)
