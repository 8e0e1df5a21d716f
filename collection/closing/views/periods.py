"""締めの画面: the check list of the period that is to be closed, the closings so far, one closing and its lifting."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from collection.closing.checks import BankDifference, bank_differences, closing_checks
from collection.closing.errors import ClosingError
from collection.closing.forms import CloseForm, PeriodForm, ReopenForm
from collection.closing.models import PeriodClosing, Span
from collection.closing.periods import closed_through
from collection.closing.services import period_close, period_first, period_reopen
from collection.permissions import CLOSE_PERIOD, REOPEN_PERIOD
from collection.views.rows import actor_ja
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

_SHOWN = 24
_DIFFERENCES_SHOWN = 12


def _actor(request: HttpRequest) -> str:
    staff: Any = request.user
    return f"staff:{staff.staff_no}"


@requires(CLOSE_PERIOD)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def periods(request: HttpRequest) -> HttpResponse:
    """締め: what has been closed, and the check list of the next period; F9 closes it."""
    chosen = PeriodForm(request.GET if "span" in request.GET else None)
    form = CloseForm(request.POST if request.method == "POST" else None)
    problem = ""
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            closing = period_close(
                span=given["span"], last_on=given["last_on"], note=given["note"], actor=_actor(request)
            )
        except ClosingError as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(action="create", record_type="period_closing", record_id=str(closing.pk))
            messages.success(request, f"{wareki.format_long(closing.last_on)}まで締めました。")
            return redirect("collection-period", closing_id=closing.pk)
    span, last_on = _asked(form if form.is_bound else chosen)
    values: dict[str, Any] = {"first_on": None, "checks": [], "differences": []}
    try:
        first_on = period_first(span, last_on)
    except ClosingError as error:
        problem = error.message_ja
    else:
        values = {
            "first_on": first_on,
            "checks": closing_checks(first_on, last_on),
            "differences": _shown_differences(first_on, last_on),
        }
    access_record(action="view", record_type="period_closing", count=len(values["checks"]))
    shown = {
        **values,
        "chosen": chosen if chosen.is_bound else PeriodForm(initial={"span": span, "last_on": last_on}),
        "form": form if form.is_bound else CloseForm(initial={"span": span, "last_on": last_on}),
        "span_ja": Span(span).label,
        "last_on": last_on,
        "problem": "" if form.errors else problem,
        "closed_through": closed_through(),
        "closings": PeriodClosing.objects.all()[:_SHOWN],
    }
    return render(request, "collection/periods.html", shown, status=422 if form.errors else 200)


def _shown_differences(first_on: date, last_on: date) -> list[BankDifference]:
    """The first days that differ from the bank; those with another figure before those without one."""
    found = bank_differences(first_on, last_on)
    return sorted(found, key=lambda one: one.bank_yen is None)[:_DIFFERENCES_SHOWN]


def _asked(form: PeriodForm | CloseForm) -> tuple[str, date]:
    """The period asked for; by default the last month that has ended."""
    given = form.cleaned_data if form.is_bound and form.is_valid() else {}
    if given and given["span"] in {Span.DAY, Span.MONTH}:
        return given["span"], given["last_on"]
    return Span.MONTH, clock.today().replace(day=1) - timedelta(days=1)


@requires(CLOSE_PERIOD)
@never_cache
@require_safe
def period(request: HttpRequest, closing_id: int) -> HttpResponse:
    """一つの締め: its sums and seal, what the checks said, and who lifted it why."""
    closing = _closing(closing_id)
    access_record(action="view", record_type="period_closing", record_id=str(closing.pk))
    return _page(request, closing, ReopenForm())


def _page(request: HttpRequest, closing: PeriodClosing, form: ReopenForm) -> HttpResponse:
    values = {
        "closing": closing,
        "checks": closing.checks.order_by("pk"),
        "form": form,
        "closed_by": actor_ja(closing.closed_by),
        "reopened_by": actor_ja(closing.reopened_by),
    }
    return render(request, "collection/period.html", values, status=422 if form.errors else 200)


@requires(REOPEN_PERIOD)
@never_cache
@require_http_methods(["POST"])
def reopen(request: HttpRequest, closing_id: int) -> HttpResponse:
    """締めの解除 by another person, with the reason."""
    closing = _closing(closing_id)
    form = ReopenForm(request.POST)
    if form.is_valid():
        try:
            period_reopen(closing.pk, reason=form.cleaned_data["reason"], actor=_actor(request))
        except ClosingError as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(action="update", record_type="period_closing", record_id=str(closing.pk))
            messages.success(request, f"{wareki.format_long(closing.last_on)}の締めを解除しました。")
            return redirect("collection-period", closing_id=closing.pk)
    return _page(request, closing, form)


def _closing(closing_id: int) -> PeriodClosing:
    closing = PeriodClosing.objects.filter(pk=closing_id).first()
    if closing is None:
        raise Refused("R404", reason="not_found")
    return closing
