"""計算過程: one decision's (or one run's) calculation to unfold, to print, and as a PDF sheet."""

from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from addressbook.card import card_context
from assessment.decisions.years import decision_in
from assessment.errors import CalculationNotFound
from assessment.models import AssessmentRun, Decision, RunKind
from assessment.permissions import VIEW_ASSESSMENT, VIEW_RUNS
from assessment.resident.papers.calculation_sheet import CalculationHead, calculation_pdf
from assessment.resident.selectors import Calculation, calculation_of
from assessment.views.decisions import TAB, decision_or_404
from assessment.views.people import officer_names
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.printing.errors import PrintingError
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import pdf_shown


def _read(run: AssessmentRun, party_id: UUID) -> Calculation:
    try:
        return calculation_of(run, party_id, municipality_code=settings.TAXSYS_MUNICIPALITY_CODE)
    except CalculationNotFound as error:
        raise Http404 from error


def _values(request: HttpRequest, party_id: UUID, tax_year: int, version: int, *, action: str) -> dict[str, Any]:
    values = card_context(request, party_id, TAB)
    decision = decision_or_404(values["party"].id, tax_year, version)
    access_record(
        action=action,
        subjects=[str(decision.party_id)],
        record_type="assessment.calculation",
        record_id=str(decision.pk),
        tax_year=tax_year,
    )
    names = officer_names([decision.released_by])
    address = {"party_id": decision.party_id, "tax_year": tax_year, "version": version}
    return values | {
        "decision": decision,
        "run": decision.run,
        "calculation": _read(decision.run, decision.party_id),
        "decided_elsewhere": decision.run.kind == RunKind.TAKEN_OVER,
        "released_by": names.get(decision.released_by, decision.released_by),
        "print_url": reverse("assessment-calculation-print", kwargs=address),
        "pdf_url": reverse("assessment-calculation-pdf", kwargs=address),
        "back_url": reverse("party-assessment", kwargs={"party_id": decision.party_id}) + f"?year={tax_year}",
    }


@requires(VIEW_ASSESSMENT)
@require_safe
def calculation(request: HttpRequest, party_id: UUID, tax_year: int, version: int) -> HttpResponse:
    """計算過程 of a decision version: sentences first, every line unfolds (without JavaScript)."""
    values = _values(request, party_id, tax_year, version, action="view")
    return render(request, "assessment/calculation.html", values)


@requires(VIEW_ASSESSMENT)
@require_safe
def calculation_print(request: HttpRequest, party_id: UUID, tax_year: int, version: int) -> HttpResponse:
    """The same on a page meant for paper, every line unfolded."""
    values = _values(request, party_id, tax_year, version, action="print")
    return render(request, "assessment/calculation_print.html", values)


@requires(VIEW_ASSESSMENT)
@require_safe
def calculation_sheet_pdf(request: HttpRequest, party_id: UUID, tax_year: int, version: int) -> HttpResponse:
    """計算書 as PDF. Refused where no sheet can be made, where it does not reproduce the decision, or a glyph lacks."""
    values = _values(request, party_id, tax_year, version, action="print")
    found: Calculation = values["calculation"]
    differs = values["decision"].annual_yen != found.stored["annual_tax_yen"]
    if found.sheet is None or found.sheet.mismatches or differs:
        raise Refused("R409", found.failure_ja or "計算し直した結果が決定と一致しないため、計算書を作れません。",
                      reason="calculation_differs")  # fmt: skip
    try:
        content = calculation_pdf(found.sheet, _head(values))
    except PrintingError as error:
        raise Refused("R409", f"計算書を作れません。{error.message_ja}", reason=error.code) from error
    return pdf_shown(content, f"calculation-{tax_year}-{version}.pdf")


def _head(values: dict[str, Any]) -> CalculationHead:
    decision: Decision = values["decision"]
    person = values["person"]
    return CalculationHead(
        person_no=person["person_no"],
        name=person["name"],
        tax_year=decision.tax_year,
        version=decision.version,
        cause_ja=decision.get_cause_display(),
        decided_on=decision.decided_on,
        notice_no=decision.notice_no,
        printed_on=clock.today(),
        year_ja=values["calculation"].year_ja,
    )


@requires(VIEW_RUNS)
@require_safe
def run_calculation(request: HttpRequest, run_id: int, party_id: UUID) -> HttpResponse:
    """計算過程 of one person in a run, decided or not: where a finding of the check gate leads."""
    run = get_object_or_404(AssessmentRun, pk=run_id)
    values = card_context(request, party_id, TAB)
    party_id = values["party"].id
    access_record(action="view", subjects=[str(party_id)], record_type="assessment.calculation",
                  record_id=f"run:{run.pk}", tax_year=run.tax_year)  # fmt: skip
    values |= {
        "decision": decision_in(run, party_id),
        "run": run,
        "calculation": _read(run, party_id),
        "back_url": reverse("assessment-run", kwargs={"run_id": run.pk}),
    }
    return render(request, "assessment/calculation.html", values)
