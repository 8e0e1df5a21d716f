"""点検の画面: reports of the reviews, what was found, the events behind it, and the signature."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxsys.platform.audit.errors import AlreadySigned, RemarkMissing, ReportChanged
from taxsys.platform.audit.models import ReviewFinding, ReviewReport
from taxsys.platform.audit.permissions import SIGN_REVIEW, VIEW_REVIEW
from taxsys.platform.audit.review import selectors
from taxsys.platform.audit.review.kinds import BY_CODE
from taxsys.platform.audit.review.paper import review_pdf
from taxsys.platform.audit.review.signing_off import review_sign
from taxsys.platform.audit.selectors import REASONS_JA
from taxsys.platform.audit.services import access_record
from taxsys.platform.audit.wording import function_titles, staff_names
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.documents import pdf_shown

PAGE_SIZE = 50


class SignForm(forms.Form):
    """確認の入力: what the officer judged, and the hash of what was shown."""

    remark = forms.CharField(
        label="所見・措置",
        max_length=1000,
        help_text="異常がないときは「異常なし」と入力してください。",
        error_messages={"required": RemarkMissing.message_ja},
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    seen_hash = forms.CharField(widget=forms.HiddenInput)


@requires(VIEW_REVIEW)
@never_cache
@require_safe
def reviews(request: HttpRequest) -> HttpResponse:
    """点検結果の一覧, newest first."""
    page = Paginator(selectors.reports(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [
        {"report": one, "findings": one.findings.count(), "signature": getattr(one, "signature", None)} for one in page
    ]
    access_record(action="view", record_type="review_report", count=len(rows))
    return render(request, "audit/reviews.html", {"page": page, "rows": rows})


def _report(report_id: int) -> ReviewReport:
    return get_object_or_404(selectors.reports(), pk=report_id)


def _page_values(request: HttpRequest, report: ReviewReport) -> dict[str, Any]:
    signature = getattr(report, "signature", None)
    return {
        "report": report,
        "figures": selectors.figure_tables(report),
        "officers": selectors.sections(report, of_contractors=False),
        "contractors": selectors.sections(report, of_contractors=True),
        "signature": signature,
        "signer": staff_names([signature.staff_no]).get(signature.staff_no, "") if signature else "",
        "can_sign": signature is None and has_permission(request.user, SIGN_REVIEW),
    }


@requires(VIEW_REVIEW)
@never_cache
@require_safe
def report_page(request: HttpRequest, report_id: int) -> HttpResponse:
    """一件の点検: figures, findings by kind, and the signature."""
    report = _report(report_id)
    access_record(action="view", record_type="review_report", record_id=str(report.pk))
    form = SignForm(initial={"seen_hash": report.content_hash})
    return render(request, "audit/review.html", {**_page_values(request, report), "form": form})


@requires(VIEW_REVIEW)
@never_cache
@require_safe
def report_sheet(request: HttpRequest, report_id: int) -> HttpResponse:
    """点検結果のPDF."""
    report = _report(report_id)
    access_record(action="print", record_type="review_report", record_id=str(report.pk))
    return pdf_shown(review_pdf(report), f"review-{report.pk}.pdf")


@requires(SIGN_REVIEW)
@never_cache
@require_POST
def report_sign(request: HttpRequest, report_id: int) -> HttpResponse:
    """点検を確認する: the signature under exactly what was shown."""
    report = _report(report_id)
    staff: Any = request.user
    form = SignForm(request.POST)
    if form.is_valid():
        try:
            review_sign(report.pk, actor=staff, **form.cleaned_data)
        except RemarkMissing as error:
            form.add_error("remark", error.message_ja)
        except (ReportChanged, AlreadySigned) as error:
            raise Refused("R409", error.message_ja, reason="content_changed") from error
        else:
            messages.success(request, "点検を確認しました。")
            return redirect("access-review", report_id=report.pk)
    return render(request, "audit/review.html", {**_page_values(request, report), "form": form}, status=422)


@requires(VIEW_REVIEW)
@never_cache
@require_safe
def finding_page(request: HttpRequest, report_id: int, finding_id: int) -> HttpResponse:
    """所見の内訳: the events behind one finding; everybody in them stands in the event of this look (N-070)."""
    finding = get_object_or_404(ReviewFinding.objects.select_related("report"), pk=finding_id, report_id=report_id)
    page = Paginator(selectors.finding_events(finding), PAGE_SIZE).get_page(request.GET.get("page"))
    titles = function_titles()
    rows = [
        {
            "event": event,
            "function_ja": titles.get(event.function_id, event.function_id),
            "reason_ja": REASONS_JA.get(event.reason, event.reason),
        }
        for event in page
    ]
    access_record(
        action="search",
        record_type="access_event",
        record_id=str(finding.pk),
        subjects=sorted({subject for event in page for subject in event.subjects}),
        count=len(rows),
    )
    values = {
        "report": finding.report,
        "finding": finding,
        "kind": BY_CODE[finding.kind],
        "kept": len(finding.event_ids),
        "page": page,
        "rows": rows,
        "name": staff_names([finding.actor_id]).get(finding.actor_id, ""),
    }
    return render(request, "audit/finding.html", values)
