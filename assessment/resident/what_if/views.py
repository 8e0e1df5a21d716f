"""政策試算の画面: the legal values of a year to edit, the answer for the whole city, the same as a file (F-PL-034)."""

from __future__ import annotations

import time
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from assessment.models import AssessmentRun, RunState
from assessment.permissions import WHAT_IF
from assessment.resident.rules.pipeline import PIPELINES
from assessment.resident.runs import TAX_KIND
from assessment.resident.what_if.answer import AnswerRefused
from assessment.resident.what_if.charts import Chart, bars_chart
from assessment.resident.what_if.edits import EditsRefused
from assessment.resident.what_if.forms import WhatIfForm, texts_typed
from assessment.resident.what_if.services import WhatIf, base_current, law_for, what_if
from assessment.resident.what_if.shown import HIDDEN_JA
from assessment.resident.what_if.tables import csv_bytes
from assessment.resident.what_if.terms import terms
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import file_given


def years_decided() -> list[int]:
    """Tax years with released runs, newest first."""
    runs = AssessmentRun.objects.filter(tax_kind=TAX_KIND, state=RunState.RELEASED)
    return list(runs.order_by("-tax_year").values_list("tax_year", flat=True).distinct())


def _year(text: str, offered: list[int]) -> int:
    return int(text) if text.isascii() and text.isdigit() and int(text) in offered else offered[0]


def _years(request: HttpRequest) -> tuple[int, int, dict[str, Any]]:
    """Tax year and law year asked for, and what the page offers. Raises Refused where nothing is decided."""
    decided = years_decided()
    if not decided:
        raise Refused("R409", "個人住民税の決定がまだないため、試算できません。", reason="undecided")
    asked = request.POST if request.method == "POST" else request.GET
    tax_year = _year(asked.get("year", ""), decided)
    laws = [year for year in sorted(PIPELINES, reverse=True) if year >= min(decided) - 1]
    law_year = _year(asked.get("law", ""), [tax_year, *laws])
    return tax_year, law_year, {"years": decided, "laws": laws, "tax_year": tax_year, "law_year": law_year}


@requires(WHAT_IF)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    """試算の入力と結果. Opening the page makes the base ready, so that the answer comes at once."""
    tax_year, law_year, values = _years(request)
    try:
        law = law_for(law_year)
        base, values["is_behind"] = base_current(tax_year)
    except AnswerRefused as refused:
        raise Refused("R409", refused.message_ja, reason=refused.code) from refused
    values |= {"base": base, "least": terms().minimum_people}
    if request.method != "POST":
        access_record(action="view", record_type="what_if", record_id="page", tax_year=tax_year)
        return render(request, "assessment/what_if.html", {**values, "form": WhatIfForm(law)})
    form = WhatIfForm(law, request.POST, request.FILES)
    if request.POST.get("act") == "edit":
        return render(request, "assessment/what_if.html", {**values, "form": WhatIfForm(law, request.POST)})
    began = time.monotonic()
    answer = _asked(form, tax_year, law_year)
    if isinstance(answer, WhatIfForm):
        return render(request, "assessment/what_if.html", {**values, "form": answer}, status=422)
    values |= result_values(answer, form.texts())
    values["seconds"] = f"{time.monotonic() - began:.1f}"
    return render(request, "assessment/what_if_result.html", values)


def _asked(form: WhatIfForm, tax_year: int, law_year: int) -> WhatIf | WhatIfForm:
    """The answer, or the form with its messages at the boxes."""
    if not form.is_valid():
        return form
    texts: dict[str, str] = {}
    try:
        texts = form.texts()
        return what_if(tax_year=tax_year, law_year=law_year, texts=texts)
    except EditsRefused as refused:
        form.refuse(refused.problems)
    except AnswerRefused as refused:
        # With one value changed it is that box which has to be mended.
        form.refuse({next(iter(texts)) if len(texts) == 1 else "": refused.message_ja})
    return form


def result_values(answer: WhatIf, texts: dict[str, str]) -> dict[str, Any]:
    """What the page of an answer shows."""
    return {
        "answer": answer,
        "shown": answer.shown,
        "hidden": HIDDEN_JA,
        "receivers": [(label, before, after, after - before) for label, before, after in answer.shown.receivers],
        "typed": {**texts_typed(texts), "year": str(answer.tax_year), "law": str(answer.law_year)},
        "breakdowns": [(one, _chart(one)) for one in answer.shown.breakdowns],
        "change": terms().change,
        "spread_chart": bars_chart(
            "spread", "一人当たりの増減額の分布", list(answer.shown.spread), unit="人", hidden=HIDDEN_JA
        ),
    }


def _chart(one: Any) -> Chart | None:
    rows = [(line.label, line.change_yen) for line in one.lines]
    return bars_chart(one.key, f"{one.title_ja}ごとの増減額", rows, unit="円", hidden=HIDDEN_JA)


@requires(WHAT_IF)
@never_cache
@require_POST
def download(request: HttpRequest) -> HttpResponse:
    """試算の結果のCSV: computed once more from the edits that the page sends; the taking out is an event of its own."""
    tax_year, law_year, _ = _years(request)
    try:
        answer = _asked(WhatIfForm(law_for(law_year), request.POST), tax_year, law_year)
    except AnswerRefused as refused:
        raise Refused("R409", refused.message_ja, reason=refused.code) from refused
    if isinstance(answer, WhatIfForm):
        raise Refused("R400", "試算の値を読めません。試算の画面からやり直してください。", reason="value")
    access_record(action="export", record_type="what_if", record_id="csv", tax_year=tax_year, count=answer.base.rows)
    return file_given(csv_bytes(answer), f"what-if-{tax_year}.csv", "text/csv; charset=utf-8")
