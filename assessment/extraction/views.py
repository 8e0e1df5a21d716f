"""EUC抽出の画面: one page; asking, saving and taking out are posts, so that no condition stands in an address."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assessment.errors import ExtractionRefused
from assessment.extraction.forms import ExtractionForm, initial_of
from assessment.extraction.question import Question
from assessment.extraction.services import (
    SHOWN_MAX,
    definition_open,
    definition_remove,
    definition_save,
    definitions_of,
    extract_file,
    extract_shown,
)
from assessment.models import Decision
from assessment.permissions import EXTRACT
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import file_given

_TYPES = {
    "csv": "text/csv; charset=utf-8",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
DEFAULT_COLUMNS = ("person_no", "total_income_yen", "annual_yen")


def _years() -> list[int]:
    return list(Decision.objects.order_by("-tax_year").values_list("tax_year", flat=True).distinct())


@requires(EXTRACT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """抽出: the form, the answer on the screen, the file, or the saved definition."""
    actor: Any = request.user
    if request.method != "POST":
        access_record(action="view", record_type="assessment.extraction_definition")
        return _drawn(request, ExtractionForm(_years(), initial=_initial(request, actor)))
    if request.POST.get("act") == "remove":
        return _removed(request, actor)
    form = ExtractionForm(_years(), request.POST)
    question = form.question()
    if question is None:
        return _drawn(request, form, status=422)
    try:
        return _acted(request, form, question, actor)
    except ExtractionRefused as refused:
        form.add_error(refused.field if refused.field in form.fields else None, refused.message_ja)
        return _drawn(request, form, status=422)


def _initial(request: HttpRequest, actor: Any) -> dict[str, Any]:
    chosen = request.GET.get("definition", "")
    if not chosen:
        return {"columns": DEFAULT_COLUMNS}
    found = definition_open(int(chosen), actor=actor) if chosen.isascii() and chosen.isdecimal() else None
    if found is None:
        raise Http404
    name = found.name if found.owner_no == actor.staff_no else ""
    return {**initial_of(found.content), "name": name, "is_shared": found.is_shared and bool(name)}


def _acted(request: HttpRequest, form: ExtractionForm, question: Question, actor: Any) -> HttpResponse:
    act = request.POST.get("act", "show")
    if act == "save":
        saved = definition_save(
            question, name=form.cleaned_data["name"], is_shared=form.cleaned_data["is_shared"], actor=actor
        )
        messages.success(request, f"抽出定義「{saved.name}」を保存しました。")
        return redirect("extraction")
    if act in {"csv", "xlsx"}:
        content, _found = extract_file(question, form="csv" if act == "csv" else "xlsx", actor=actor)
        return file_given(content, f"extraction-{question.tax_year}.{act}", _TYPES[act])
    found = extract_shown(question, actor=actor)
    numbers = [index for index, one in enumerate(question.columns) if one.kind in {"yen", "count"}]
    return _drawn(request, form, answer={
        "found": found,
        "rows": [[(cell, index in numbers) for index, cell in enumerate(row)] for row in found.rows],
        "header": [(title, index in numbers) for index, title in enumerate(found.header)],
        "conditions": [one.text_ja for one in question.conditions],
        "is_cut": found.total > len(found.rows),
        "limit": question.limit,
    })  # fmt: skip


def _removed(request: HttpRequest, actor: Any) -> HttpResponse:
    chosen = request.POST.get("definition", "")
    try:
        definition_remove(int(chosen) if chosen.isascii() and chosen.isdecimal() else 0, actor=actor)
    except ExtractionRefused as refused:
        form = ExtractionForm(_years(), initial={"columns": DEFAULT_COLUMNS})
        messages.error(request, refused.message_ja)
        return _drawn(request, form, status=422)
    messages.success(request, "抽出定義を削除しました。")
    return redirect("extraction")


def _drawn(
    request: HttpRequest, form: ExtractionForm, *, answer: dict[str, Any] | None = None, status: int = 200
) -> HttpResponse:
    actor: Any = request.user
    values = {"form": form, "answer": answer, "definitions": definitions_of(actor), "shown_max": SHOWN_MAX,
              "own": actor.staff_no, "here": "extraction"}  # fmt: skip
    return render(request, "assessment/extraction.html", values, status=status)
