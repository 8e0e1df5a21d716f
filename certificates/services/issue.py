"""証明書の交付・取消・再発行 (issue, void, reissue): append-only register, one number each, one paper a request."""

from dataclasses import dataclass
from uuid import UUID

from django.db import IntegrityError, transaction

from assessment.models import Decision
from certificates.codes import RequestState
from certificates.errors import AlreadyIssued, IssueIsVoid, ReasonMissing, RequestRefused, SubjectMismatch
from certificates.models import CertificateIssue, CertificateRequest, CertificateVoid, IssueSequence
from certificates.params import fee_per_copy_yen
from certificates.services.content import content_hash, drawn, paper_of
from certificates.services.requests import request_check
from taxsys.kernel.calendar import fiscal_year
from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.storage import read_stored, store


@dataclass(frozen=True, slots=True)
class IssueOutcome:
    """What an attempt came to: the paper, or None where the check found a stop (kept on the request)."""

    issue: CertificateIssue | None
    stop_ja: str = ""


def fiscal_year_of_today() -> int:
    """会計年度 of the business day."""
    return fiscal_year(clock.today())


def certificate_issue(request_id: UUID) -> CertificateIssue:
    """Check the request once more and issue its paper. F-CT-001, F-CT-014.

    The same call again answers the same paper. Raises RequestRefused (the refusal and its event are kept),
    SubjectMismatch, FiguresDisagree.
    """
    outcome = _attempt(request_id)
    if outcome.issue is None:
        raise RequestRefused(outcome.stop_ja)
    return outcome.issue


@transaction.atomic
def _attempt(request_id: UUID) -> IssueOutcome:
    """The refusal is an outcome, not an exception: its event must be committed."""
    request = CertificateRequest.objects.select_for_update().get(pk=request_id)
    if request.state == RequestState.ISSUED:
        return IssueOutcome(request.issues.get(reissue_of__isnull=True))
    found = request_check(request)
    if not found.verdict.may_issue or found.decision is None:
        return IssueOutcome(None, next(one.text_ja for one in found.verdict.findings if one.level == "stop"))
    issue = _write(request, found.decision, fee_yen=fee_per_copy_yen(clock.today()) * request.copies)
    request.state = RequestState.ISSUED
    request.save(update_fields=["state"])
    return IssueOutcome(issue)


def _next_no() -> str:
    """The next number of the fiscal year; the sequence row stays locked until the paper is written, so none is lost."""
    year = fiscal_year_of_today()
    IssueSequence.objects.bulk_create([IssueSequence(fiscal_year=year)], ignore_conflicts=True)
    sequence = IssueSequence.objects.select_for_update().get(fiscal_year=year)
    sequence.last_no += 1
    sequence.save(update_fields=["last_no"])
    return f"{year}-CT-{sequence.last_no:06d}"


def _write(
    request: CertificateRequest, decision: Decision, *, fee_yen: int, reissue_of: CertificateIssue | None = None
) -> CertificateIssue:
    actor = context.current()
    number = _next_no()
    paper = paper_of(request, decision, certificate_no=number, issued_on=clock.today())
    made = drawn(request, paper)
    path = f"issued/certificates/{made.content_hash[:2]}/{made.content_hash}.pdf"
    store(path, made.pdf, encrypted=True)
    try:
        issue = CertificateIssue.objects.create(
            certificate_no=number,
            request=request,
            reissue_of=reissue_of,
            printed_kind=paper.kind.value,
            tax_year=request.tax_year,
            subject_id=request.subject_id,
            relation=request.relation,
            applicant_name=request.applicant_name,
            identity_check=request.identity_check,
            purpose=request.purpose,
            copies=request.copies,
            fee_yen=fee_yen,
            decision=decision,
            decision_version=decision.version,
            content=made.content,
            content_hash=made.content_hash,
            pdf_path=path,
            pdf_sha256=made.pdf_sha256,
            issued_on=clock.today(),
            issued_at=clock.now(),
            issued_by=actor.actor_id,
            terminal=actor.terminal,
        )
    except IntegrityError as error:
        if "certificate_issue_once_per_request" in str(error):
            raise AlreadyIssued from error
        raise
    access_record(
        action="create",
        subjects=[str(request.subject_id)],
        record_type="certificate.issue",
        record_id=number,
        tax_year=request.tax_year,
        count=request.copies,
    )
    return issue


def _locked(issue_id: int) -> CertificateIssue:
    """The paper, with its request locked: the register itself is append-only and knows no row locks for writing."""
    issue = CertificateIssue.objects.get(pk=issue_id)
    issue.request = CertificateRequest.objects.select_for_update().get(pk=issue.request_id)
    return issue


@transaction.atomic
def certificate_void(issue_id: int, *, reason_ja: str, is_fee_returned: bool = False) -> CertificateVoid:
    """Take a paper back: the number stays, the register says who and why. Raises ReasonMissing, IssueIsVoid."""
    if not reason_ja.strip():
        raise ReasonMissing
    issue = _locked(issue_id)
    if CertificateVoid.objects.filter(issue=issue).exists():
        raise IssueIsVoid("この証明書はすでに取り消されています。")
    void = CertificateVoid.objects.create(
        issue=issue,
        reason_ja=reason_ja.strip(),
        is_fee_returned=is_fee_returned,
        voided_on=clock.today(),
        voided_at=clock.now(),
        voided_by=context.current().actor_id,
    )
    access_record(
        action="update",
        subjects=[str(issue.subject_id)],
        record_type="certificate.issue",
        record_id=issue.certificate_no,
        tax_year=issue.tax_year,
        reason="void",
    )
    return void


def certificate_reissue(issue_id: int, *, reason_ja: str) -> CertificateIssue:
    """再発行 for a spoilt paper: the old one is void, a new number is given without a second fee (the fee stays taken).

    The request is checked anew, and the paper shows the decision in force now. Raises ReasonMissing, IssueIsVoid,
    RequestRefused (then nothing is void).
    """
    outcome = _attempt_reissue(issue_id, reason_ja)
    if outcome.issue is None:
        raise RequestRefused(outcome.stop_ja)
    return outcome.issue


@transaction.atomic
def _attempt_reissue(issue_id: int, reason_ja: str) -> IssueOutcome:
    old = _locked(issue_id)
    found = request_check(old.request)
    if not found.verdict.may_issue or found.decision is None:
        stop = next(one for one in found.verdict.findings if one.level == "stop")
        access_record(
            action="denied",
            subjects=[str(old.subject_id)],
            record_type="certificate.issue",
            record_id=old.certificate_no,
            tax_year=old.tax_year,
            result="denied",
            reason=stop.code,
        )
        return IssueOutcome(None, stop.text_ja)
    certificate_void(issue_id, reason_ja=reason_ja)
    return IssueOutcome(_write(old.request, found.decision, fee_yen=0, reissue_of=old))


def certificate_pdf(issue_id: int) -> tuple[CertificateIssue, bytes]:
    """The very bytes that were issued, after proving once more that they are this paper's. Raises IssueIsVoid,
    SubjectMismatch, StoredFileDamaged. Leaves a print event."""
    issue = CertificateIssue.objects.select_related("request", "decision").get(pk=issue_id)
    if issue.is_void:
        raise IssueIsVoid
    about = {str(issue.subject_id), str(issue.request.subject_id), str(issue.decision.party_id)}
    if about != {issue.content["subject_id"]} or content_hash(issue.content) != issue.content_hash:
        raise SubjectMismatch
    content = read_stored(issue.pdf_path, sha256=issue.pdf_sha256, encrypted=True)
    access_record(
        action="print",
        subjects=[str(issue.subject_id)],
        record_type="certificate.issue",
        record_id=issue.certificate_no,
        tax_year=issue.tax_year,
    )
    return issue, content
