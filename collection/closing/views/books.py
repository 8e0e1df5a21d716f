"""調定簿・収入簿と収納率の画面, with their CSV; read from the book lines alone."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from collection.closing.books import last_build, totals_of, year_book
from collection.closing.charts import percent, rate_chart
from collection.closing.forms import BookForm, RateForm
from collection.closing.jobs import BOOK_HEADINGS, book_cells
from collection.closing.models import CarryOver
from collection.closing.rates import ALL_JA, Dashboard, dashboard, year_of
from collection.closing.rules import CURRENT, SECTIONS_JA
from collection.closing.services import books_build
from collection.models import TaxKind
from collection.permissions import VIEW_BOOKS
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import file_given

CSV = "text/csv; charset=utf-8"
_RATE_HEADINGS = (
    "会計年度", "時点", "税目", "区分", "調定額(円)", "収入額(円)", "収入未済額(円)", "収納率",
    "前年同日の収納率", "増減",
)  # fmt: skip


def _year(form: Any) -> int:
    given = form.cleaned_data.get("fiscal_year") if form.is_valid() else None
    return given or year_of(clock.today())


@requires(VIEW_BOOKS)
@never_cache
@require_safe
def books(request: HttpRequest) -> HttpResponse:
    """調定簿・収入簿 of a fiscal year by tax, section and tax year."""
    form = BookForm(request.GET or None)
    year = _year(form)
    if request.GET.get("as") == "csv":
        access_record(action="export", record_type="book", record_id=str(year))
        return file_given(table_csv(BOOK_HEADINGS, book_cells(year)), f"choteibo_{year}.csv", CSV)
    rows = year_book(year)
    access_record(action="view", record_type="book", record_id=str(year))
    values = {
        "form": form if form.is_bound else BookForm(initial={"fiscal_year": year}),
        "year": year,
        "rows": rows,
        "totals": totals_of(rows),
        "build": last_build(),
        "carried": CarryOver.objects.filter(fiscal_year=year).order_by("section"),
    }
    return render(request, "collection/books.html", values, status=422 if form.errors else 200)


@requires(VIEW_BOOKS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def rates(request: HttpRequest) -> HttpResponse:
    """収納率: by tax and section beside the same day of last year, the year's curve; POST counts the books anew."""
    if request.method == "POST":
        build = books_build()
        access_record(action="create", record_type="book", record_id=str(build.pk))
        messages.success(request, f"集計しました（明細{build.transfers:,}件）。")
        return redirect(request.get_full_path())
    form = RateForm(request.GET or None)
    given = form.cleaned_data if form.is_valid() else {}
    year, on = _year(form), given.get("on") or clock.today()
    kind, section = given.get("tax_kind") or "", given.get("section") or CURRENT
    board = dashboard(year, on, tax_kind=kind, section=section)
    if request.GET.get("as") == "csv" and not form.errors:
        access_record(action="export", record_type="rates", record_id=str(year))
        return file_given(_rates_csv(board), f"shunoritsu_{board.fiscal_year}_{board.on:%Y%m%d}.csv", CSV)
    access_record(action="view", record_type="rates", record_id=str(year))
    query = request.GET.copy()
    query["as"] = "csv"
    values = {
        "form": form if form.is_bound else RateForm(initial={"fiscal_year": year, "on": on, "section": section}),
        "board": board,
        "rows": [_row(one) for one in board.rows],
        "chart": rate_chart(
            board.curve, title_ja=f"収納率の推移（{_title(kind)} {SECTIONS_JA[section]}）",
            this_ja=f"{wareki.format_year(year)}年度", last_ja=f"{wareki.format_year(year - 1)}年度",
        ),
        "build": last_build(),
        "csv_query": query.urlencode(),
    }  # fmt: skip
    return render(request, "collection/rates.html", values, status=422 if form.errors else 200)


def _title(kind: str) -> str:
    found = TaxKind.objects.filter(code=kind).values_list("title", flat=True).first() if kind else None
    return found or ALL_JA


def _row(one: Any) -> dict[str, Any]:
    return {
        "one": one,
        "rate": percent(one.now.rate_bp),
        "before": percent(one.before.rate_bp if one.before else None),
        "difference": percent(one.difference_bp),
        "is_worse": one.difference_bp is not None and one.difference_bp < 0,
    }


def _rates_csv(board: Dashboard) -> bytes:
    cells = [
        (
            board.fiscal_year, board.on.isoformat(), one.tax_title, one.section_ja, one.now.due_yen,
            one.now.received_yen, one.now.open_yen, percent(one.now.rate_bp),
            percent(one.before.rate_bp if one.before else None), percent(one.difference_bp),
        )
        for one in board.rows
    ]  # fmt: skip
    return table_csv(_RATE_HEADINGS, cells)
