"""紙の資料の入力: a page laid out like the paper, its checks, the choice of the person, and the registration.

Nothing typed is ever lost: whatever is missing or wrong, the same page comes back with everything in its box.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID, uuid4

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import access_shown
from addressbook.models import Party
from addressbook.search import PartyLine, party_lines
from addressbook.services.matching import MatchRow, match_many
from assessment.entry.checks import Problem
from assessment.entry.declaration import PaperForm
from assessment.entry.forms import PaperEntryForm, rows_drawn
from assessment.entry.paper_forms import FORMS
from assessment.entry.selectors import current_year, entries_of, years_open
from assessment.entry.services import EnteredPaper, originals_of, paper_problems, paper_register
from assessment.errors import EntryRefused
from assessment.models import PaperEntry, SourceDocument, SourceState
from assessment.permissions import ENTER_SOURCES
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.search.services import holds_my_number
from taxsys.platform.staff.access import requires

OUTPUT = "assessment.entry"
NOBODY = "none"
FIND, REGISTER = "find", "register"
MAX_CANDIDATES = 10


def form_checks(paper: PaperForm) -> str:
    """The declared checks for the page's script."""
    return json.dumps(
        [
            {"kind": one.kind, "box": one.box, "others": one.others, "message": one.message_ja}
            for one in paper.checks
        ],
        ensure_ascii=False,
    )  # fmt: skip


@requires(ENTER_SOURCES)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """入力の入口: which paper of which year, and what this officer entered last."""
    staff: Any = request.user
    rows = entries_of(staff)
    access_shown([one.document.party_id for one in rows if one.document and one.document.party_id], action="view",
                 record_type="assessment.document")  # fmt: skip
    party_id = _uuid(request.GET.get("party", ""))
    values = {
        "forms": FORMS.values(), "years": years_open(), "year": current_year(), "rows": rows, "here": "entry",
        "query": f"?party={party_id}" if party_id else "",
    }  # fmt: skip
    return render(request, "assessment/entry/home.html", values)


@dataclass(slots=True)
class _Chosen:
    """The person of the paper as far as the page knows."""

    candidates: Sequence[PartyLine]
    party_id: UUID | None
    is_nobody: bool
    message_ja: str = ""


@requires(ENTER_SOURCES)
@require_http_methods(["GET", "HEAD", "POST"])
def paper(request: HttpRequest, form_code: str, tax_year: int) -> HttpResponse:
    """紙一枚の入力."""
    declared = FORMS.get(form_code)
    if declared is None or tax_year not in years_open():
        raise Http404
    if request.method == "POST":
        return _posted(request, declared, tax_year)
    wanted = _uuid(request.GET.get("party", ""))
    party = Party.objects.filter(pk=wanted, merged_into__isnull=True).first() if wanted else None
    initial: dict[str, Any] = {"arrived_on": _day(request.GET.get("on", ""))}
    if party is not None:
        initial |= {"name": party.name, "name_kana": party.name_kana, "birth_on": party.birth_on}
    form = PaperEntryForm(declared, initial=initial)
    chosen = _Chosen(_lines(request, [party.pk] if party else []), party.pk if party else None, is_nobody=False)
    return _page(request, form, tax_year, chosen, key=uuid4())


def _posted(request: HttpRequest, declared: PaperForm, tax_year: int) -> HttpResponse:
    form = PaperEntryForm(declared, request.POST)
    key = _uuid(request.POST.get("key", "")) or uuid4()
    form.is_valid()
    chosen = _chosen(request, form)
    if request.POST.get("act") == FIND:
        # Only the person is looked for: what else is wrong is told when it is to be registered.
        form.errors.clear()
        return _page(request, form, tax_year, chosen, key=key)
    warnings = add_problems(form, tax_year)
    if chosen.message_ja:
        form.add_error(None, chosen.message_ja)
    if form.errors or warnings:
        return _page(request, form, tax_year, chosen, key=key, warnings=warnings, status=422)
    try:
        entry = paper_register(
            EnteredPaper(
                key=key, form=declared, tax_year=tax_year, values=form.values(), party_id=chosen.party_id,
                original_id=_number(request.POST.get("original", "")),
            ),
            actor=request.user,  # type: ignore[arg-type]
        )  # fmt: skip
    except EntryRefused as error:
        form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        return _page(request, form, tax_year, chosen, key=key, status=422)
    return _registered(request, entry, chosen)


def _registered(request: HttpRequest, entry: PaperEntry, chosen: _Chosen) -> HttpResponse:
    """On to the next paper of the pile, with the day carried over."""
    document = SourceDocument.objects.get(entry=entry)
    access_record(
        action="create", subjects=[str(chosen.party_id)] if chosen.party_id else [],
        record_type="assessment.document", record_id=str(document.pk), tax_year=document.tax_year,
    )  # fmt: skip
    messages.success(request, f"入力番号{entry.entry_no}で登録しました（{document.get_state_display()}）。")
    address = reverse("assessment-entry-paper", args=[entry.form_code, document.tax_year])
    return redirect(f"{address}?on={document.arrived_on.isoformat()}&last={document.pk}")


def add_problems(form: PaperEntryForm, tax_year: int, *, stops: bool = True) -> list[Problem]:
    """Errors into the form; what was not read and kept yet is answered. Without `stops` everything may be kept: a
    keyer types what the paper says."""
    open_problems: list[Problem] = []
    kept = form.accepted_marks()
    for problem in paper_problems(form.paper, form.values(), tax_year=tax_year):
        if problem.is_stop and stops:
            form.add_error(problem.box if problem.box in form.fields else None, problem.message_ja)
        elif problem.mark not in kept:
            open_problems.append(problem)
    return open_problems


def warned_values(form: PaperEntryForm, warnings: Sequence[Problem]) -> dict[str, Any]:
    """What the page shows of what is to be compared with the paper, and what it sends back as read."""
    words: dict[str, str] = {}
    for one in warnings:
        words[one.box] = f"{words[one.box]} {one.message_ja}" if one.box in words else one.message_ja
    read = {one.mark for one in warnings} | (form.accepted_marks() if form.is_bound else set())
    return {
        "groups": list(rows_drawn(form, words)),
        "other_warnings": [text for box, text in words.items() if box not in form.fields],
        "warnings": words,
        "accepted": ",".join(sorted(read - {""})),
    }


def _chosen(request: HttpRequest, form: PaperEntryForm) -> _Chosen:
    """Who was chosen: the candidate ticked, the 宛名番号 typed, or nobody; else who may be meant."""
    person_no = request.POST.get("person_no", "").strip()
    ticked = request.POST.get("party", "")
    if person_no and holds_my_number(person_no):
        return _Chosen(
            _candidates(request, form), None, is_nobody=False, message_ja="宛名番号の欄に個人番号は書けません。"
        )
    if person_no:
        found = Party.objects.filter(person_no=person_no, merged_into__isnull=True).first()
        words = "" if found else "この宛名番号の宛名はありません。"
        ids = [found.pk] if found else []
        return _Chosen(_lines(request, ids), ids[0] if ids else None, is_nobody=False, message_ja=words)
    candidates = _candidates(request, form)
    known = {line.party.pk for line in candidates}
    party_id = _uuid(ticked)
    if party_id is not None and party_id not in known:
        extra = Party.objects.filter(pk=party_id, merged_into__isnull=True).first()
        candidates = [*candidates, *_lines(request, [extra.pk] if extra else [])]
        party_id = extra.pk if extra else None
    is_nobody = ticked == NOBODY
    words = (
        ""
        if party_id or is_nobody
        else "宛名を選んでください（F4で候補を探します）。該当がなければ「宛名なし」を選びます。"
    )
    return _Chosen(candidates, party_id, is_nobody, words)


def _candidates(request: HttpRequest, form: PaperEntryForm) -> list[PartyLine]:
    """People of this kana and birth date, best first; by name and address where these say more. No number is used."""
    values = form.values() if hasattr(form, "cleaned_data") else {}
    if not values.get("name_kana"):
        return []
    birth = date.fromisoformat(values["birth_on"]) if values.get("birth_on") else None
    row = MatchRow(
        ref="entry", name=str(values.get("name", "")), name_kana=str(values["name_kana"]), birth_on=birth,
        address_text=str(values.get("address", "")),
    )  # fmt: skip
    result = match_many([row])[0]
    best = sorted(result.candidates, key=lambda one: -one.score)[:MAX_CANDIDATES]
    return _lines(request, [one.party_id for one in best])


def _lines(request: HttpRequest, ids: list[UUID]) -> list[PartyLine]:
    if not ids:
        return []
    access_shown(ids, action="search", record_type="assessment.entry")
    return party_lines(ids, staff=request.user, output=OUTPUT)


def _page(
    request: HttpRequest, form: PaperEntryForm, tax_year: int, chosen: _Chosen, *, key: UUID,
    warnings: Sequence[Problem] = (), status: int = 200,
) -> HttpResponse:  # fmt: skip
    # Only the officer's own last paper is shown again.
    staff: Any = request.user
    own = PaperEntry.objects.filter(entered_by=staff, document=_number(request.GET.get("last", "")) or 0)
    entry = own.select_related("document").first()
    last = entry.document if entry else None
    values = {
        "form": form,
        "paper": form.paper,
        "tax_year": tax_year,
        **warned_values(form, warnings),
        "checks": form_checks(form.paper),
        "candidates": chosen.candidates,
        "party_id": chosen.party_id,
        "is_nobody": chosen.is_nobody,
        "person_no": request.POST.get("person_no", ""),
        "originals": originals_of(chosen.party_id, form.paper, tax_year) if chosen.party_id else [],
        "original": request.POST.get("original", ""),
        "key": key,
        "last": last,
        "last_held": last is not None and last.state == SourceState.HELD,
        "here": "entry",
    }
    return render(request, "assessment/entry/paper.html", values, status=status)


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) < 15 else None


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        return clock.today()
