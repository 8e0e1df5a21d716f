"""移行の画面: posted take-overs with their reconciliation, the last comparison and its differences."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from collection.permissions import TAKE_OVER
from collection.takeover.jobs import DIFFERENCE_HEADINGS, difference_cells
from collection.takeover.models import Comparison, ComparisonRow, TakeoverBatch
from collection.takeover.totals import SUBJECTS_JA
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.staff.access import requires

_SHOWN = 200


@requires(TAKE_OVER)
@never_cache
@require_safe
def takeover(request: HttpRequest) -> HttpResponse:
    """移行と並行稼働: what was taken over, by count and yen, and what still differs from the old system."""
    differences = ComparisonRow.objects.order_by("charge_key", "item")
    if request.GET.get("as") == "csv":
        rows = list(differences)
        access_record(action="export", record_type="takeover", count=len(rows))
        answer = HttpResponse(
            table_csv(DIFFERENCE_HEADINGS, difference_cells(rows)), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = 'attachment; filename="heikou_kado_sai.csv"'
        return answer
    batches = [
        {"batch": batch, "rows": [(SUBJECTS_JA[row.subject], row) for row in batch.totals.order_by("pk")]}
        for batch in TakeoverBatch.objects.prefetch_related("totals")
    ]
    shown = list(differences[:_SHOWN])
    access_record(action="view", record_type="takeover", count=len(shown))
    values = {
        "batches": batches,
        "comparison": Comparison.objects.first(),
        "found": difference_cells(shown),
        "total": differences.count(),
    }
    return render(request, "collection/takeover.html", values)
