"""支援措置対象者の表示の日報の画面: the days, and the acts of one day (N-101)."""

from datetime import date
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from addressbook.errors import RevealReportRefused
from addressbook.models import RevealReport
from addressbook.permissions import REVIEW_REVEALS
from addressbook.selectors.reveals import reveal_lines
from addressbook.services.reveals import report_note
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

_SHOWN = 60


@requires(REVIEW_REVEALS)
@never_cache
@require_safe
def reveal_reports(request: HttpRequest) -> HttpResponse:
    """日報の一覧, newest first; today stands first also before its report is made."""
    reports = list(RevealReport.objects.all()[:_SHOWN])
    access_record(action="view", record_type="reveal_report", count=len(reports))
    return render(request, "addressbook/reveal_reports.html", {"reports": reports, "today": clock.today()})


@requires(REVIEW_REVEALS)
@never_cache
@require_safe
def reveal_day(request: HttpRequest, day: str) -> HttpResponse:
    """一日の表示: officer, terminal, 宛名番号, what was shown and why, up to this moment."""
    on = _day(day)
    lines = reveal_lines(on)
    subjects = sorted({key for line in lines for key in line.event.subjects})
    access_record(action="view", subjects=subjects, record_type="reveal_report", record_id=on.isoformat())
    report = RevealReport.objects.filter(day=on).first()
    return render(request, "addressbook/reveal_day.html", {"day": on, "lines": lines, "report": report})


@requires(REVIEW_REVEALS)
@require_POST
def reveal_day_note(request: HttpRequest, day: str) -> HttpResponse:
    """日報を確認済みにする."""
    staff: Any = request.user
    try:
        report_note(_day(day), staff=staff)
    except RevealReportRefused as error:
        raise Refused("R409", error.message_ja, reason="reveal_report") from error
    messages.success(request, "日報を確認済みにしました。")
    return redirect("reveal-reports")


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise Refused("R404", reason="not_found") from None
