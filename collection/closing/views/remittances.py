"""払込の画面: the months paid to the prefecture, one month with its arithmetic, its list as CSV."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from collection.closing.apportioning import remittance_faults, remittance_rules
from collection.closing.jobs import REMITTANCE_HEADINGS, remittance_cells
from collection.closing.models import Remittance
from collection.models import Component
from collection.permissions import REMIT
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires


@requires(REMIT)
@never_cache
@require_safe
def remittances(request: HttpRequest) -> HttpResponse:
    """払込の一覧, newest month first."""
    rows = list(Remittance.objects.all())
    access_record(action="view", record_type="remittance", count=len(rows))
    return render(request, "collection/remittances.html", {"rows": rows})


@requires(REMIT)
@never_cache
@require_safe
def remittance(request: HttpRequest, remittance_id: int) -> HttpResponse:
    """一つの月の払込: by tax year and component how the part came about, and whether it agrees with the ledger."""
    row = Remittance.objects.filter(pk=remittance_id).first()
    if row is None:
        raise Refused("R404", reason="not_found")
    if request.GET.get("as") == "csv":
        access_record(action="export", record_type="remittance", record_id=str(row.pk))
        answer = HttpResponse(
            table_csv(REMITTANCE_HEADINGS, remittance_cells(row)), content_type="text/csv; charset=utf-8"
        )
        answer["Content-Disposition"] = f'attachment; filename="haraikomi_{row.month_on:%Y%m}.csv"'
        return answer
    access_record(action="view", record_type="remittance", record_id=str(row.pk))
    lines = [
        {"line": line, "component_ja": Component(line.component).label}
        for line in row.lines.order_by("-tax_year", "component")
    ]
    values = {"row": row, "lines": lines, "faults": remittance_faults(row), "rules": remittance_rules()}
    return render(request, "collection/remittance.html", values)
