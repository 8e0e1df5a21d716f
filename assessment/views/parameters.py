"""法定値: what the rules of a tax year rest on, read-only; which values are unconfirmed; how far they are proved."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_safe

from assessment.permissions import VIEW_PARAMETERS
from assessment.resident.legal_values import legal_values, years_offered
from assessment.yearend.working import working_year
from taxsys.platform.staff.access import requires

LEVELS = {"verified": "done", "partial": "caution", "none": "stop"}
STATES = {"verified": "検証済", "partial": "一部検証", "none": "未検証(決定できません)"}


@requires(VIEW_PARAMETERS)
@require_safe
def current(request: HttpRequest) -> HttpResponse:
    """The working year (作業年度)."""
    return redirect("assessment-parameters", tax_year=working_year())


@requires(VIEW_PARAMETERS)
@require_safe
def year(request: HttpRequest, tax_year: int) -> HttpResponse:
    """All values in force for one tax year, with article, source, mark and history."""
    try:
        values = legal_values(tax_year, settings.TAXSYS_MUNICIPALITY_CODE)
    except LookupError as error:
        raise Http404 from error
    context = {
        "values": values,
        "years": years_offered(),
        "state_ja": STATES[values.coverage.state],
        "state_level": LEVELS[values.coverage.state],
    }
    return render(request, "assessment/parameters.html", context)
