"""市外の人の資料: papers of people who lived elsewhere on 1 January, their outcome and letters; repeated papers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown
from addressbook.disclosure import HIDDEN_TEXT, addresses_for, hidden_among
from assessment.errors import DocumentNotFound, MatchRefused
from assessment.models import SourceDocument, SourceState
from assessment.permissions import FORWARD_SOURCES, VIEW_SOURCES
from assessment.resident.rules.pipeline import PIPELINES
from assessment.sources import selectors
from assessment.sources.elsewhere import OUTCOMES, Outcome, elsewhere_settle
from assessment.sources.repeats import CHOICES, repeat_settle
from assessment.views.document_page import document_values, version_of
from assessment.views.people import officer_names
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.subject_token import subject_check

PAGE_SIZE = 50
STATES = ((SourceState.ELSEWHERE, "処理待ち"), *OUTCOMES)


class OutcomeForm(forms.Form):
    """回送・返戻・保管の入力."""

    outcome = forms.ChoiceField(
        label="処理", choices=OUTCOMES, widget=forms.RadioSelect,
        error_messages={"required": "処理(回送・返戻・保管)を選んでください。"},
    )  # fmt: skip
    destination = forms.CharField(
        label="回送先の市区町村・返戻先",
        max_length=100,
        required=False,
        help_text="課税せず保管するときは空けておきます。",
    )
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "理由を入力してください。"})


class DecideForm(forms.Form):
    """重なる資料の扱いの入力."""

    choice = forms.ChoiceField(
        label="扱い", choices=CHOICES, widget=forms.RadioSelect, error_messages={"required": "扱いを選んでください。"}
    )
    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "理由を入力してください。"})


def _values(request: HttpRequest) -> dict[str, Any]:
    state = request.GET.get("state", SourceState.ELSEWHERE)
    state = state if state in dict(STATES) else SourceState.ELSEWHERE
    page = Paginator(selectors.elsewhere_list(state), PAGE_SIZE).get_page(request.GET.get("page"))
    papers: list[SourceDocument] = list(page.object_list)
    people = sorted({one.party_id for one in papers if one.party_id})
    addresses = addresses_for(people, output="assessment.elsewhere")
    access_shown(people, action="view", record_type="assessment.elsewhere")
    moves = selectors.last_moves(papers)
    officers = officer_names(one.actor_id for one in moves.values())
    return {
        "page": page,
        "state": state,
        "states": STATES,
        "rows": [_row(one, addresses, moves, officers) for one in papers],
        "years": sorted({one.tax_year for one in papers}, reverse=True),
        "may_settle": state == SourceState.ELSEWHERE and has_permission(request.user, FORWARD_SOURCES),
        "may_print": has_permission(request.user, FORWARD_SOURCES),
        "here": "elsewhere",
    }


def _row(paper: SourceDocument, addresses: Any, moves: Any, officers: Any) -> dict[str, Any]:
    """One paper; where the address is hidden, payer and place are hidden too."""
    shown = addresses[paper.party_id]
    event = moves.get(paper.pk)
    place = str(event.evidence.get("destination", "")) if event else ""
    return {
        "paper": paper,
        "address_ja": shown.text,
        "payer_ja": (HIDDEN_TEXT if shown.is_masked else paper.withholder.name) if paper.withholder else "",
        "place_ja": HIDDEN_TEXT if shown.is_masked and place else place,
        "event": event,
        "officer": officers.get(event.actor_id, "") if event else "",
    }


@requires(VIEW_SOURCES)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """市外の人の資料の一覧, oldest first, by what became of them."""
    return render(request, "assessment/elsewhere.html", {**_values(request), "form": OutcomeForm()})


@requires(FORWARD_SOURCES)
@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """回送・返戻・保管を記録する: all that were chosen or none."""
    staff: Any = request.user
    form = OutcomeForm(request.POST)
    chosen = [int(one) for one in request.POST.getlist("documents") if one.isascii() and one.isdecimal()]
    if form.is_valid():
        wanted = Outcome(form.cleaned_data["outcome"], form.cleaned_data["destination"], form.cleaned_data["reason"])
        try:
            moved = elsewhere_settle(chosen, wanted, actor=staff)
        except MatchRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        else:
            access_record(
                action="update",
                subjects=sorted({str(one.party_id) for one in moved}),
                record_type="assessment.elsewhere",
                count=len(moved),
            )
            messages.success(request, f"{len(moved):,}件を記録しました。")
            return redirect("assessment-elsewhere")
    return render(request, "assessment/elsewhere.html", {**_values(request), "form": form}, status=422)


@requires(FORWARD_SOURCES)
@require_safe
def letters(request: HttpRequest, tax_year: int) -> HttpResponse:
    """回送・返戻の送付書: one list a place; protected people stand on none, their place says where they live."""
    if tax_year not in PIPELINES:
        raise Http404
    papers = [
        one
        for state in (SourceState.FORWARDED, SourceState.RETURNED)
        for one in selectors.elsewhere_list(state, tax_year=tax_year)
    ]
    people = sorted({one.party_id for one in papers if one.party_id})
    hidden = hidden_among(people, clock.today()) if people else set()
    shown = [one for one in papers if one.party_id not in hidden]
    access_shown(
        sorted({one.party_id for one in shown if one.party_id}), action="print", record_type="assessment.elsewhere"
    )
    values = {
        "tax_year": tax_year,
        "letters": selectors.letters_of(shown),
        "left_out": len(papers) - len(shown),
    }
    return render(request, "assessment/elsewhere_letters.html", values)


@requires(FORWARD_SOURCES)
@require_POST
def decide(request: HttpRequest, document_id: int) -> HttpResponse:
    """重なる資料の扱いを決める."""
    paper = selectors.document_get(document_id)
    if paper is None:
        raise Http404
    subject_check(request, form="document", subject=str(paper.pk), version=version_of(paper), changed_ja="")
    form = DecideForm(request.POST)
    if form.is_valid():
        try:
            repeat_settle(
                paper.pk,
                form.cleaned_data["choice"],
                actor_id=getattr(request.user, "staff_no", ""),
                reason=form.cleaned_data["reason"],
            )
        except DocumentNotFound as error:
            raise Http404 from error
        except MatchRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
    if form.errors:
        values = {**document_values(request, paper), "form": form}
        return render(request, "assessment/document.html", values, status=422)
    subjects = [str(paper.party_id)] if paper.party_id else []
    access_record(action="update", subjects=subjects, record_type="assessment.document", record_id=str(paper.pk))
    messages.success(request, "資料の扱いを記録しました。")
    return redirect("assessment-document", document_id=document_id)
