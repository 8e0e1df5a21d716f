"""徴収取扱費と年報の画面: the terms with their arithmetic, claim and receipt, the fiscal year's report."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from collection.closing.errors import PeriodClosedError
from collection.papers.prefecture_paper import FeePaperDrawer
from collection.papers.prefecture_paper_data import PrefecturePaper
from collection.permissions import REMIT
from collection.remitting.errors import RemittingError
from collection.remitting.forms import CashForm, ReportForm
from collection.remitting.law import prefecture_texts
from collection.remitting.models import FeeClaim
from collection.remitting.papers import fee_paper, report_paper
from collection.remitting.selectors import YearReport, year_report
from collection.remitting.services import fee_receive
from collection.remitting.views.orders import actor_of
from taxsys.kernel.calendar import fiscal_year
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.printing.engine import Book
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import file_given, pdf_shown

RECORD = "collection_fee"
REPORT_HEADINGS = (
    "会計年度", "月", "収入額(円)", "市民税分(円)", "道民税分(円)", "森林環境税分(円)", "払込額(円)", "払込日",
)  # fmt: skip


@requires(REMIT)
@never_cache
@require_safe
def fees(request: HttpRequest) -> HttpResponse:
    """徴収取扱費の一覧, newest term first."""
    rows = list(FeeClaim.objects.all())
    access_record(action="view", record_type=RECORD, count=len(rows))
    return render(request, "remitting/fees.html", {"rows": rows, "law": prefecture_texts().fee_law})


@requires(REMIT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def fee(request: HttpRequest, fee_claim_id: int) -> HttpResponse:
    """一つの期の徴収取扱費: each part with its arithmetic, the receipt of the money."""
    claim = FeeClaim.objects.filter(pk=fee_claim_id).first()
    if claim is None:
        raise Refused("R404", reason="not_found")
    form = CashForm(request.POST or None, initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            fee_receive(
                claim.pk, received_on=form.cleaned_data["on"], reference=form.cleaned_data["reference"],
                actor=actor_of(request),
            )  # fmt: skip
        except (RemittingError, PeriodClosedError) as error:
            form.add_error("on", error.message_ja)
        else:
            access_record(action="update", record_type=RECORD, record_id=str(claim.pk))
            messages.success(request, f"受入済を記録しました（{claim.total_yen:,}円）。")
            return redirect("collection-fee", claim.pk)
    access_record(action="view", record_type=RECORD, record_id=str(claim.pk))
    values = {"claim": claim, "lines": list(claim.lines.all()), "form": form, "law": prefecture_texts().fee_law}
    return render(request, "remitting/fee.html", values, status=422 if form.errors else 200)


@requires(REMIT)
@never_cache
@require_safe
def fee_sheet(request: HttpRequest, fee_claim_id: int) -> HttpResponse:
    """徴収取扱費の請求書 (PDF)."""
    claim = FeeClaim.objects.filter(pk=fee_claim_id).first()
    if claim is None:
        raise Refused("R404", reason="not_found")
    access_record(action="print", record_type=RECORD, record_id=str(claim.pk))
    return _pdf(fee_paper(claim, issued_on=claim.claimed_on or clock.today()), f"toriatsukaihi-{claim}.pdf")


def _pdf(paper: PrefecturePaper, name: str) -> HttpResponse:
    drawer = FeePaperDrawer()
    book = Book(title=drawer.title_ja)
    drawer.draw(book, paper)
    return pdf_shown(bytes(book.finish()), name)


@requires(REMIT)
@never_cache
@require_safe
def report(request: HttpRequest) -> HttpResponse:
    """道民税の年報 of a fiscal year: on screen, as CSV, as paper."""
    form = ReportForm(request.GET or None)
    asked = form.cleaned_data.get("fiscal_year") if form.is_bound and form.is_valid() else None
    found = year_report(asked or fiscal_year(clock.today()))
    name = f"doumin-zei-{found.fiscal_year}"
    way = request.GET.get("as", "")
    access_record(action="export" if way else "view", record_type="remittance_report", record_id=str(found.fiscal_year))
    if way == "csv":
        return file_given(table_csv(REPORT_HEADINGS, _cells(found)), f"{name}.csv", "text/csv; charset=utf-8")
    if way == "pdf":
        return _pdf(report_paper(found, issued_on=clock.today()), f"{name}.pdf")
    values = {"report": found, "totals": found.totals, "form": form, "law": prefecture_texts().report_law}
    return render(request, "remitting/report.html", values)


def _cells(found: YearReport) -> list[tuple[object, ...]]:
    return [
        (
            found.fiscal_year, f"{one.row.month_on:%Y-%m}", one.row.receipts_yen, one.row.city_yen,
            one.row.prefecture_yen, one.row.forest_yen, one.order.net_yen if one.order else "",
            one.order.paid_on if one.order and one.order.paid_on else "",
        )
        for one in found.months
    ]  # fmt: skip
