"""前年比較: a run against last year — by kind and reason to the yen, and the people behind each figure."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from addressbook.access import access_shown
from assessment.models import AssessmentRun, ComparisonKind, YearComparison
from assessment.permissions import VIEW_RUNS
from assessment.resident.comparison_selectors import comparison_rows, comparison_summary, reasons_of
from assessment.resident.rules.year_change import REASON_TITLES, REASONS
from taxsys.platform.staff.access import requires

PAGE_SIZE = 50


@requires(VIEW_RUNS)
@require_safe
def comparison(request: HttpRequest, run_id: int) -> HttpResponse:
    """Summary and the largest changes first, narrowed by reason and kind."""
    run = get_object_or_404(AssessmentRun, pk=run_id)
    reason, kind = request.GET.get("reason", ""), request.GET.get("kind", "")
    reason = reason if reason in REASON_TITLES else ""
    kind = kind if kind in ComparisonKind.values else ""
    page = Paginator(comparison_rows(run.pk, reason=reason, kind=kind), PAGE_SIZE).get_page(request.GET.get("page"))
    rows: list[YearComparison] = list(page.object_list)
    access_shown([row.party_id for row in rows], action="view", record_type="assessment.comparison")
    summary = comparison_summary(run.pk)
    values: dict[str, Any] = {
        "run": run,
        "summary": summary,
        "kinds": [(one.value, one.label, summary.people[one.value]) for one in ComparisonKind],
        "reasons": REASONS,
        "reason": reason,
        "kind": kind,
        "page": page,
        "rows": [{"row": row, "reasons": reasons_of(row)} for row in rows],
        "here": "runs",
    }
    return render(request, "assessment/comparison.html", values)
