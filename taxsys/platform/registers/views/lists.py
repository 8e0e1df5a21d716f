"""台帳の一覧: the registers, one register's rows, what waits for the unit, and figures."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import urlencode
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxsys.kernel.calendar import fiscal_year
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.registers.access import kinds_for, may_enter
from taxsys.platform.registers.declaration import Kind
from taxsys.platform.registers.exports import Form, table_of, written
from taxsys.platform.registers.forms import ListFilter
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.permissions import EXPORT, FAMILIES, VIEW
from taxsys.platform.registers.registry import kind_get
from taxsys.platform.registers.selectors import (
    counts_by_kind,
    figures,
    row_labels,
    rows_found,
    rows_ordered,
    tasks_waiting,
)
from taxsys.platform.registers.values import shown
from taxsys.platform.registers.views.showing import kind_opened, state_level
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.documents import file_given

PAGE_SIZE = 50
MAX_EXPORT = 20_000
YEARS_SHOWN = 3
MEDIA = {"csv": "text/csv; charset=utf-8", "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


@requires(VIEW)
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """台帳の種類: by family, with what is open and what is late."""
    staff: Any = request.user
    kinds = kinds_for(staff)
    counts = counts_by_kind(kinds, clock.today())
    groups = [
        (family, [(kind, counts[kind.code]) for kind in kinds if kind.family is family])
        for family in FAMILIES
        if any(kind.family is family for kind in kinds)
    ]
    return render(request, "registers/home.html", {"groups": groups, "here": "home"})


@requires(VIEW)
@never_cache
@require_safe
def rows(request: HttpRequest, kind_code: str) -> HttpResponse:
    """一つの台帳: search, filters, order, pages."""
    kind = kind_opened(request, kind_code)
    form = ListFilter(kind, request.GET)
    order = request.GET.get("order", "")
    found = rows_ordered(rows_found(kind, **form.chosen()), kind, order)
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    subjects = sorted({subject for row in page for subject in row.subjects})
    access_record(
        action="search" if form.chosen()["text"] else "view",
        subjects=subjects,
        record_type=f"register.{kind.code}",
        count=len(page.object_list),
    )
    labels = row_labels(
        str(row.values.get(name, "")) for row in page for name in kind.columns if kind.field(name).type == "row"
    )
    values = {
        "kind": kind,
        "form": form,
        "page": page,
        "columns": _columns(request, kind, order),
        "rows": [{"row": row, "level": state_level(row), "state_ja": kind.state_ja(row.state),
                  "cells": _cells(kind, row, labels)} for row in page],
        "may_enter": may_enter(request.user, kind),  # type: ignore[arg-type]
        "may_export": has_permission(request.user, EXPORT),
        "query": request.GET.urlencode(),
    }  # fmt: skip
    return render(request, "registers/rows.html", values)


def _is_number(kind: Kind, name: str) -> bool:
    return name in kind.columns and kind.field(name).type in {"yen", "count"}


def _cells(kind: Kind, row: RegisterRow, labels: dict[str, str]) -> list[tuple[bool, str]]:
    """(is a number, words) of each declared column."""
    cells = []
    for name in kind.columns:
        field, value = kind.field(name), row.values.get(name)
        words = labels.get(str(value), "") if field.type == "row" else shown(field, value)
        cells.append((_is_number(kind, name), words))
    return cells


def _columns(request: HttpRequest, kind: Kind, order: str) -> list[dict[str, Any]]:
    """The heads of the list, each a link that orders by it or turns the order round."""
    heads = [("row_no", "番号"), ("title", "件名"), *((name, kind.field(name).title_ja) for name in kind.columns),
             ("unit", "担当所属"), ("opened_on", "登録日"), ("state", "状態")]  # fmt: skip
    kept = {name: str(value) for name, value in request.GET.items() if name not in {"order", "page"} and value}
    drawn = []
    for name, title in heads:
        wanted = f"-{name}" if order == name else name
        sort = {name: "ascending", f"-{name}": "descending"}.get(order, "")
        drawn.append({"title": title, "sort": sort, "is_number": _is_number(kind, name),
                      "url": f"?{urlencode({**kept, 'order': wanted})}"})  # fmt: skip
    return drawn


@requires(VIEW)
@never_cache
@require_safe
def tasks(request: HttpRequest) -> HttpResponse:
    """期限の一覧: what waits for the officer's unit, the earliest first."""
    staff: Any = request.user
    today = clock.today()
    page = Paginator(tasks_waiting(staff, today), PAGE_SIZE).get_page(request.GET.get("page"))
    drawn = [
        {"task": task, "kind": kind_get(task.row.kind), "level": task.level(today), "left": (task.due_on - today).days}
        for task in page
    ]
    access_record(action="view", record_type="register.tasks", count=len(drawn))
    return render(request, "registers/tasks.html", {"page": page, "rows": drawn, "here": "tasks"})


@requires(VIEW)
@never_cache
@require_safe
def statistics(request: HttpRequest, kind_code: str) -> HttpResponse:
    """統計: rows of the last three fiscal years by the declared choices (R-276)."""
    kind = kind_opened(request, kind_code)
    if not kind.statistics:
        raise Refused("R404", "この台帳には統計がありません。", reason="not_found")
    this = fiscal_year(clock.today())
    years = tuple(range(this - YEARS_SHOWN + 1, this + 1))
    tables = [(kind.field(name).title_ja, figures(kind, name, years=years)) for name in kind.statistics]
    totals = [rows_found(kind).filter(fiscal_year=year).count() for year in years]
    access_record(action="view", record_type=f"register.{kind.code}", reason="statistics")
    values = {"kind": kind, "years": years, "tables": tables, "totals": totals, "total": sum(totals)}
    return render(request, "registers/statistics.html", values)


@requires(EXPORT)
@require_POST
def export(request: HttpRequest, kind_code: str) -> HttpResponse:
    """書出し: the rows of the list as shown, as CSV or XLSX; names and contacts only with a reason."""
    kind = kind_opened(request, kind_code)
    form: Form = "xlsx" if request.POST.get("form") == "xlsx" else "csv"
    with_personal = request.POST.get("personal") == "yes"
    chosen = ListFilter(kind, request.POST).chosen()
    found = list(rows_ordered(rows_found(kind, **chosen), kind, request.POST.get("order", ""))[: MAX_EXPORT + 1])
    if len(found) > MAX_EXPORT:
        raise Refused("R422", f"{MAX_EXPORT:,}件を超えるため書き出せません。絞り込んでください。", reason="too_many")
    header, table = table_of(kind, found, with_personal=with_personal)
    content = written(header, table, form)
    access_record(
        action="export",
        subjects=sorted({subject for row in found for subject in row.subjects}),
        record_type=f"register.{kind.code}",
        reason="with_personal" if with_personal else "without_personal",
        count=len(found),
    )
    return file_given(content, f"register-{kind.code}-{clock.today():%Y%m%d}.{form}", MEDIA[form])
