"""証明の受付と交付: request → check → issue → PDF, each step one page and one key (ui: S9)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from addressbook.card import card_context
from certificates.errors import CertificateError, RequestRefused
from certificates.forms import RequestForm, VoidForm
from certificates.guidance import OTHER_PROCEDURES
from certificates.models import CertificateIssue, CertificateRequest
from certificates.papers.tax_certificate_lines import FiguresDisagree
from certificates.params import fee_is_confirmed, fee_per_copy_yen, first_issue_on
from certificates.permissions import ISSUE_CERTIFICATES, VOID_CERTIFICATES
from certificates.selectors.eligibility import checked
from certificates.services.content import paper_of
from certificates.services.issue import (
    certificate_issue,
    certificate_pdf,
    certificate_reissue,
    certificate_void,
)
from certificates.services.requests import RequestDraft, request_accept
from taxsys.platform import clock
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.documents import pdf_shown
from taxsys.platform.ui.subject_token import subject_check, subject_token

TAB = "certificates"


def newest_year() -> int:
    """The newest 年度 of which certificates are given today."""
    today = clock.today()
    return today.year if today >= first_issue_on(today.year) else today.year - 1


@requires(ISSUE_CERTIFICATES)
@sensitive_post_parameters("applicant_name")
@require_http_methods(["GET", "HEAD", "POST"])
def request_new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """受付: who asks for what; the answer is the check page."""
    values = card_context(request, party_id, TAB)
    party = values["party"]
    form = RequestForm(
        request.POST or None, newest_year=newest_year(), initial={"hides_address": values["person"]["is_protected"]}
    )
    if request.method == "POST":
        # One application is about one person: a form drawn for somebody else is not taken for this one.
        subject_check(request, form="certificate", subject=str(party.id), version="")
    if request.method == "POST" and form.is_valid():
        typed = form.cleaned_data
        applicant = party if typed["relation"] == "self" else typed["applicant"]
        row, _found = request_accept(
            RequestDraft(
                subject_id=party.id,
                relation=typed["relation"],
                applicant_id=applicant.id if applicant else None,
                applicant_name=typed["applicant_name"].strip(),
                identity_check=typed["identity_check"],
                authority=typed["authority"],
                has_consent=typed["has_consent"],
                kind=typed["kind"],
                tax_year=typed["tax_year"],
                purpose=typed["purpose"],
                copies=typed["copies"],
                hides_address=typed["hides_address"],
            )
        )
        return redirect("certificates-check", request_id=row.pk)
    status = 422 if form.errors else 200
    token = subject_token(request, form="certificate", subject=str(party.id), version="")
    values |= {"form": form, "token": token, "others": OTHER_PROCEDURES}
    return render(request, "certificates/request.html", values, status=status)


@requires(ISSUE_CERTIFICATES)
@require_safe
def request_check_page(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """交付可否: what was found, the figures that will be printed, the fee; F9 issues."""
    row = get_object_or_404(CertificateRequest.objects.select_related("subject"), pk=request_id)
    values = card_context(request, row.subject_id, TAB)
    found = checked(row, on=clock.today())
    paper = None
    if found.verdict.may_issue and found.decision is not None:
        try:
            paper = paper_of(row, found.decision, certificate_no="（発行時に採番）", issued_on=clock.today())
        except FiguresDisagree as error:
            raise Refused("R409", str(error), reason="figures_disagree") from error
    fee_yen = fee_per_copy_yen(clock.today())
    values |= {
        "row": row,
        "findings": found.verdict.findings,
        "may_issue": found.verdict.may_issue,
        "say_ja": next((one.say_ja for one in found.verdict.findings if one.say_ja), ""),
        "paper": paper,
        "fee_yen": fee_yen * row.copies,
        "fee_is_confirmed": fee_is_confirmed(clock.today()),
        "issue": row.issues.first(),
    }
    return render(request, "certificates/check.html", values)


@requires(ISSUE_CERTIFICATES)
@require_POST
def request_issue(request: HttpRequest, request_id: UUID) -> HttpResponse:
    """交付: one paper a request, however often the button is pressed."""
    get_object_or_404(CertificateRequest, pk=request_id)
    try:
        issue = certificate_issue(request_id)
    except RequestRefused as error:
        messages.error(request, error.message_ja)
        return redirect("certificates-check", request_id=request_id)
    except (CertificateError, FiguresDisagree) as error:
        raise Refused("R409", getattr(error, "message_ja", str(error)), reason="certificate_stopped") from error
    return redirect("certificates-issue", issue_id=issue.pk)


@requires(ISSUE_CERTIFICATES)
@require_safe
def issue_page(request: HttpRequest, issue_id: int) -> HttpResponse:
    """交付の結果: the number, the paper, and what may be done with it."""
    issue = get_object_or_404(CertificateIssue.objects.select_related("subject", "void", "request"), pk=issue_id)
    return _issue_page(request, issue, VoidForm())


def _issue_page(request: HttpRequest, issue: CertificateIssue, form: VoidForm, status: int = 200) -> HttpResponse:
    values: dict[str, Any] = card_context(request, issue.subject_id, TAB)
    values |= {
        "issue": issue,
        "form": form,
        "newer": CertificateIssue.objects.filter(reissue_of=issue).first(),
        "may_void": has_permission(request.user, VOID_CERTIFICATES) and not issue.is_void,
    }
    return render(request, "certificates/issue.html", values, status=status)


@requires(ISSUE_CERTIFICATES)
@require_safe
def issue_pdf(request: HttpRequest, issue_id: int) -> HttpResponse:
    """証明書のPDF: the bytes as issued, shown in the browser and kept nowhere."""
    get_object_or_404(CertificateIssue, pk=issue_id)
    try:
        issue, content = certificate_pdf(issue_id)
    except CertificateError as error:
        raise Refused("R409", error.message_ja, reason="certificate_stopped") from error
    return pdf_shown(content, f"{issue.certificate_no}.pdf")


@requires(VOID_CERTIFICATES)
@require_POST
def issue_void(request: HttpRequest, issue_id: int) -> HttpResponse:
    """取消 with its reason."""
    issue = get_object_or_404(CertificateIssue.objects.select_related("subject", "request"), pk=issue_id)
    form = VoidForm(request.POST)
    if not form.is_valid():
        return _issue_page(request, issue, form, status=422)
    try:
        certificate_void(
            issue_id, reason_ja=form.cleaned_data["reason"], is_fee_returned=form.cleaned_data["is_fee_returned"]
        )
    except CertificateError as error:
        raise Refused("R409", error.message_ja, reason="certificate_void") from error
    messages.success(request, f"証明書 {issue.certificate_no} を取り消しました。用紙を回収し、廃棄してください。")
    return redirect("certificates-issue", issue_id=issue_id)


@requires(VOID_CERTIFICATES)
@require_POST
def issue_reissue(request: HttpRequest, issue_id: int) -> HttpResponse:
    """再発行: the old number is void, a new one is given without a fee."""
    issue = get_object_or_404(CertificateIssue.objects.select_related("subject", "request"), pk=issue_id)
    form = VoidForm(request.POST)
    if not form.is_valid():
        return _issue_page(request, issue, form, status=422)
    try:
        fresh = certificate_reissue(issue_id, reason_ja=form.cleaned_data["reason"])
    except (CertificateError, FiguresDisagree) as error:
        raise Refused("R409", getattr(error, "message_ja", str(error)), reason="certificate_stopped") from error
    messages.success(request, f"{issue.certificate_no} を取り消し、{fresh.certificate_no} を再発行しました。")
    return redirect("certificates-issue", issue_id=fresh.pk)
