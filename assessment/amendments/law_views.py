"""決定に使った法定値の組: by which sets the decisions of a year stand, what differs, and the corrected runs so far."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assessment.amendments.replaced_law import replaced_totals, sets_in_use
from assessment.models import AssessmentRun, RunKind
from assessment.permissions import VIEW_PARAMETERS
from assessment.resident.legal_values import years_offered
from assessment.resident.rules.pipeline import resident_law
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires


@requires(VIEW_PARAMETERS)
@require_safe
def sets(request: HttpRequest, tax_year: int) -> HttpResponse:
    """Sets behind the year's decisions with their people and differences; runs that put values right, with totals."""
    if tax_year not in years_offered():
        raise Http404
    runs = AssessmentRun.objects.filter(tax_year=tax_year, kind=RunKind.REPLACED_LAW).order_by("-pk")
    access_record(action="view", record_type="assessment.law_sets", tax_year=tax_year)
    values = {
        "tax_year": tax_year,
        "years": years_offered(),
        "current_hash": resident_law(tax_year, settings.TAXSYS_MUNICIPALITY_CODE).hash,
        "sets": sets_in_use(tax_year),
        "runs": [_run(run) for run in runs],
        "here": "parameters",
    }
    return render(request, "amendments/law_sets.html", values)


def _run(run: AssessmentRun) -> dict[str, object]:
    told = replaced_totals(run)
    return {"run": run, "told": told, "sum_yen": told.raised_yen - told.lowered_yen}
