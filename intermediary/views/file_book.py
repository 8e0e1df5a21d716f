"""個人情報ファイル簿の画面 (R-196, R-149): of the tax file with 別紙1, from dictionary and register.

Nothing here is personal data: names of items, purposes, recipients of rows in force on the day.
"""

from datetime import date

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from intermediary.papers.file_book import file_book_pdf
from intermediary.permissions import VIEW_REGISTER
from intermediary.selectors.register import recipients_on
from taxsys.platform import clock
from taxsys.platform.dictionary.listing import csv_rows, file_register, record_items
from taxsys.platform.registers.exports import written
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.documents import file_given, pdf_shown


def _lines(on: date) -> list[tuple[str, str]]:
    return file_register(recipients_on(on))


@requires(VIEW_REGISTER)
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """個人情報ファイル簿 as of the business date, and the groups of record items."""
    on = clock.today()
    values = {"lines": _lines(on), "groups": [one for one in record_items() if one.items], "on": on, "tab": "file-book"}
    return render(request, "intermediary/file_book.html", values)


@requires(VIEW_REGISTER)
@require_safe
def table(request: HttpRequest, name: str) -> HttpResponse:
    """CSV: `register` (the form of 75条1項) or `items` (別紙1, every item)."""
    on = clock.today()
    if name == "register":
        content = written(("項目", "内容"), _lines(on), "csv")
    elif name == "items":
        header, *rows = csv_rows(record_items())
        content = written(header, rows, "csv")
    else:
        raise Http404
    return file_given(content, f"file-book-{name}-{on:%Y%m%d}.csv", "text/csv; charset=utf-8")


@requires(VIEW_REGISTER)
@require_safe
def paper(request: HttpRequest) -> HttpResponse:
    """PDF: the form with 別紙1, as it is put up for the public."""
    on = clock.today()
    content = file_book_pdf(_lines(on), record_items(), on=on)
    return pdf_shown(content, f"file-book-{on:%Y%m%d}.pdf")
