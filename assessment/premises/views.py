"""家屋敷等の画面: the register with candidates and people found twice, entry from the card, one row, the letters."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from addressbook.access import access_shown, party_require
from addressbook.card import card_context
from addressbook.disclosure import HIDDEN_TEXT, addresses_for, hidden_among
from addressbook.subject_token import token_check, token_make
from assessment.entry.selectors import current_year
from assessment.permissions import RECORD_PREMISES, VIEW_ASSESSMENT
from assessment.premises.errors import PremisesRefused
from assessment.premises.forms import AnswerForm, DismissForm, EndForm, PremisesForm
from assessment.premises.models import Premises
from assessment.premises.selectors import answers_of, candidates, letters, premises_list, premises_of, twofold
from assessment.premises.services import candidate_dismiss, domicile_answer, premises_end, premises_register
from assessment.resident.rules.pipeline import PIPELINES
from assessment.views.people import officer_names
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.municipalities import name_of
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.subject_token import subject_check, subject_token

PAGE_SIZE = 50
FORM, OUTPUT = "assessment.premises", "assessment.premises"
STATES = (
    ("live", "課税中"), ("candidates", "候補"), ("twofold", "住民と重なる"), ("ended", "終了"), ("all", "すべて"),
)  # fmt: skip


def _year(request: HttpRequest) -> int:
    text = request.GET.get("tax_year", "")
    return int(text) if text in {str(year) for year in PIPELINES} else current_year()


@requires(VIEW_ASSESSMENT)
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """家屋敷等の一覧: the register of a year, its candidates, people who seem to live here."""
    return _listing(request, DismissForm())


def _listing(request: HttpRequest, form: DismissForm) -> HttpResponse:
    state = request.GET.get("state", "live")
    state = state if state in dict(STATES) else "live"
    tax_year = _year(request)
    found: Any = (
        candidates(tax_year)
        if state == "candidates"
        else twofold(tax_year)
        if state == "twofold"
        else premises_list(tax_year=tax_year, state=state)
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    shown = list(page.object_list)
    people = sorted({getattr(one, "premises", one).party_id for one in shown})
    access_shown(people, action="view", record_type=FORM)
    addresses = addresses_for(people, output=OUTPUT)
    values = {
        "here": "premises", "page": page, "state": state, "states": STATES, "tax_year": tax_year,
        "years": sorted(PIPELINES, reverse=True), "form": form,
        "may_work": has_permission(request.user, RECORD_PREMISES),
        "rows": [_row(one, addresses) for one in shown],
    }  # fmt: skip
    return render(request, "premises/list.html", values, status=422 if form.errors else 200)


def _row(one: Any, addresses: Any) -> dict[str, Any]:
    row = getattr(one, "premises", one)
    code = getattr(row, "home_municipality", "")
    address = addresses[row.party_id]
    return {
        "one": row,
        "reason_ja": getattr(one, "reason_ja", ""),
        "address_ja": address.text,
        "home_ja": "" if address.is_masked else name_of(code) or "",
        "place_ja": HIDDEN_TEXT if address.is_masked else getattr(row, "address_text", ""),
    }


@requires(RECORD_PREMISES)
@require_POST
def dismiss(request: HttpRequest) -> HttpResponse:
    """候補から除く, with the reason."""
    staff: Any = request.user
    form = DismissForm(request.POST)
    if form.is_valid():
        party = party_require(form.cleaned_data["party"], action="update", staff=staff, record_type=FORM)
        try:
            candidate_dismiss(
                party.id, tax_year=form.cleaned_data["tax_year"], reason_ja=form.cleaned_data["reason_ja"],
                actor_id=staff.staff_no,
            )  # fmt: skip
        except PremisesRefused as refused:
            form.add_error(refused.field or None, refused.message_ja)
        else:
            access_record(action="update", subjects=[str(party.id)], record_type=FORM, record_id="candidate")
            messages.success(request, "候補から除きました。")
            return redirect("premises")
    return _listing(request, form)


@requires(RECORD_PREMISES)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """家屋敷等の登録 from the person's tax tab."""
    staff: Any = request.user
    values = card_context(request, party_id, "resident-tax")
    party = values["party"]
    today = clock.today()
    form = PremisesForm(
        request.POST if request.method == "POST" else None, initial={"first_year": current_year(), "received_on": today}
    )
    if request.method == "POST":
        token_check(request.POST.get("subject_token", ""), party, staff=staff, form_id=FORM, changes_party=False)
        if form.is_valid():
            try:
                row = premises_register(form.draft(party.id), actor_id=staff.staff_no)
            except PremisesRefused as refused:
                form.add_error(refused.field if refused.field in form.fields else None, refused.message_ja)
            else:
                access_record(action="create", subjects=[str(party.id)], record_type=FORM, record_id=row.premises_no)
                messages.success(request, f"家屋敷等を{row.premises_no}として登録しました。")
                return redirect("premises-one", premises_id=row.pk)
    values |= {
        "form": form, "token": token_make(party, staff=staff, form_id=FORM), "before": premises_of(party.id),
    }  # fmt: skip
    return render(request, "premises/new.html", values, status=422 if form.errors else 200)


def _premises(premises_id: int) -> Premises:
    row = Premises.objects.select_related("party").filter(pk=premises_id).first()
    if row is None:
        raise Http404
    return row


@requires(VIEW_ASSESSMENT)
@never_cache
@require_safe
def one(request: HttpRequest, premises_id: int) -> HttpResponse:
    """家屋敷等一件: what was registered, answers of the municipality of residence, the end."""
    return _page(request, _premises(premises_id), EndForm(), AnswerForm())


def _version(row: Premises) -> str:
    return row.changed_at.isoformat()


def _page(request: HttpRequest, row: Premises, ending: EndForm, answering: AnswerForm) -> HttpResponse:
    values = card_context(request, row.party_id, "resident-tax")
    officers = officer_names([row.recorded_by, row.ended_by])
    is_masked = addresses_for([row.party_id], output=OUTPUT, viewer=request.user)[row.party_id].is_masked
    values |= {
        "row": row, "ending": ending, "answering": answering, "answers": row.answers.all(),
        "place_ja": HIDDEN_TEXT if is_masked else row.address_text,
        "home_ja": HIDDEN_TEXT if is_masked else f"{name_of(row.home_municipality) or ''}（{row.home_municipality}）",
        "recorded_ja": officers.get(row.recorded_by, row.recorded_by),
        "ended_ja": officers.get(row.ended_by, row.ended_by),
        "may_work": has_permission(request.user, RECORD_PREMISES),
        "form": answering if answering.errors else ending,
        "token": subject_token(request, form=FORM, subject=str(row.pk), version=_version(row)),
    }  # fmt: skip
    is_wrong = bool(ending.errors or answering.errors)
    return render(request, "premises/one.html", values, status=422 if is_wrong else 200)


@requires(RECORD_PREMISES)
@require_POST
def end(request: HttpRequest, premises_id: int) -> HttpResponse:
    """家屋敷等を終了する."""
    row = _premises(premises_id)
    staff: Any = request.user
    party_require(row.party_id, action="update", staff=staff, record_type=FORM)
    subject_check(request, form=FORM, subject=str(row.pk), version=_version(row))
    form = EndForm(request.POST)
    if form.is_valid():
        try:
            premises_end(row.pk, **form.cleaned_data, actor_id=staff.staff_no)
        except PremisesRefused as refused:
            form.add_error(refused.field or None, refused.message_ja)
        else:
            access_record(action="update", subjects=[str(row.party_id)], record_type=FORM, record_id=row.premises_no)
            messages.success(request, "終了を記録しました。決定済の年度は、次の随時更正（B-PI-19）で改めます。")
            return redirect("premises-one", premises_id=row.pk)
    return _page(request, row, form, AnswerForm())


@requires(RECORD_PREMISES)
@require_POST
def answer(request: HttpRequest, premises_id: int) -> HttpResponse:
    """住所地の回答を記録する."""
    row = _premises(premises_id)
    staff: Any = request.user
    party_require(row.party_id, action="update", staff=staff, record_type=FORM)
    subject_check(request, form=FORM, subject=str(row.pk), version=_version(row))
    form = AnswerForm(request.POST)
    if form.is_valid():
        given = form.cleaned_data
        try:
            domicile_answer(
                row.pk, tax_year=int(given["tax_year"]), is_exempt=given["is_exempt"] == "1",
                answered_on=given["answered_on"], note_ja=given["note_ja"], actor_id=staff.staff_no,
            )  # fmt: skip
        except PremisesRefused as refused:
            form.add_error(refused.field or None, refused.message_ja)
        else:
            access_record(action="update", subjects=[str(row.party_id)], record_type=FORM, record_id=row.premises_no)
            messages.success(request, "住所地の回答を記録しました。")
            return redirect("premises-one", premises_id=row.pk)
    return _page(request, row, EndForm(), form)


@requires(RECORD_PREMISES)
@require_safe
def papers(request: HttpRequest, tax_year: int) -> HttpResponse:
    """住所地の市区町村への通知: one list a municipality; protected people stand on none."""
    if tax_year not in PIPELINES:
        raise Http404
    found = letters(tax_year)
    rows = [row for letter in found for row in letter.rows]
    people = sorted({row.party_id for row in rows})
    hidden = hidden_among(people, clock.today()) if people else set()
    access_shown([one for one in people if one not in hidden], action="print", record_type=FORM)
    addresses = addresses_for(people, output="assessment.premises_letter")
    answers = answers_of(rows, tax_year)
    shown = [
        (letter.name_ja, [
            {"one": row, "address_ja": addresses[row.party_id].text, "answer": answers.get(row.pk)}
            for row in letter.rows
            if row.party_id not in hidden
        ])
        for letter in found
    ]  # fmt: skip
    values = {
        "tax_year": tax_year,
        "left_out": len(hidden),
        "letters": [{"name_ja": name, "rows": lines} for name, lines in shown if lines],
    }
    return render(request, "premises/letters.html", values)
