"""請求の受付 (taking a request in): the request is kept with what the check found, whether or not a paper follows."""

from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from addressbook.models import Party
from certificates.codes import RequestState
from certificates.models import CertificateRequest
from certificates.selectors.eligibility import Checked, checked
from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.services import access_record


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestDraft:
    """What the counter typed. `applicant_id` None: somebody who is not in the register, by `applicant_name`."""

    subject_id: UUID
    relation: str
    identity_check: str
    kind: str
    tax_year: int
    purpose: str
    applicant_id: UUID | None = None
    applicant_name: str = ""
    authority: str = ""
    has_consent: bool = False
    copies: int = 1
    hides_address: bool = False


@transaction.atomic
def request_accept(draft: RequestDraft) -> tuple[CertificateRequest, Checked]:
    """Take a request in and check it; a refused one is kept as such and leaves a `denied` event. F-CT-009, F-CT-012."""
    actor = context.current()
    applicant = Party.objects.get(pk=draft.applicant_id) if draft.applicant_id else None
    request = CertificateRequest.objects.create(
        subject_id=draft.subject_id,
        relation=draft.relation,
        applicant=applicant,
        applicant_name=applicant.name if applicant else draft.applicant_name,
        identity_check=draft.identity_check,
        authority=draft.authority,
        has_consent=draft.has_consent,
        kind=draft.kind,
        tax_year=draft.tax_year,
        purpose=draft.purpose,
        copies=draft.copies,
        hides_address=draft.hides_address,
        state=RequestState.ACCEPTED,
        received_on=clock.today(),
        received_at=clock.now(),
        received_by=actor.actor_id,
        terminal=actor.terminal,
    )
    access_record(
        action="create",
        subjects=_subjects(request),
        record_type="certificate.request",
        record_id=str(request.pk),
        tax_year=request.tax_year,
    )
    return request, request_check(request)


@transaction.atomic
def request_check(request: CertificateRequest) -> Checked:
    """Check an accepted request again as things stand now; the request and the access log keep what was found."""
    found = checked(request, on=clock.today())
    if request.state == RequestState.ISSUED:
        return found
    request.state = RequestState.ACCEPTED if found.verdict.may_issue else RequestState.REFUSED
    request.finding_codes = found.verdict.codes
    request.save(update_fields=["state", "finding_codes"])
    if not found.verdict.may_issue:
        stop = next(finding for finding in found.verdict.findings if finding.level == "stop")
        access_record(
            action="denied",
            subjects=_subjects(request),
            record_type="certificate.request",
            record_id=str(request.pk),
            tax_year=request.tax_year,
            result="denied",
            reason=stop.code,
        )
    return found


def _subjects(request: CertificateRequest) -> list[str]:
    return sorted({str(party_id) for party_id in (request.subject_id, request.applicant_id) if party_id})
