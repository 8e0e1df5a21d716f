"""交付の可否の事実を集める: the request and what the registers say, as facts for the pure rule."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from addressbook.address_text import name_key
from addressbook.codes import PartyState
from addressbook.disclosure import is_opponent, opponents_by_party
from addressbook.models import Party, PartyVersion
from addressbook.selectors.parties import household_members, households_on
from addressbook.selectors.protections import hidden_parties
from assessment.decisions.selectors import standing_decision_of
from assessment.models import Decision, RunKind, RunState, SourceDocument, SourceState
from certificates.codes import IdentityCheck, Relation
from certificates.models import CertificateRequest, IssueHold
from certificates.params import first_issue_on
from certificates.rules.eligibility import EligibilityFacts, Standing, Verdict, verdict


@dataclass(frozen=True, slots=True)
class Checked:
    """One check: the verdict, and the decision the paper would be built from (None where there is none)."""

    verdict: Verdict
    decision: Decision | None


def standing_decision(party_id: UUID, tax_year: int) -> Decision | None:
    """賦課決定 in force of the person and year: the highest version of a run that was not recalled."""
    return standing_decision_of(party_id, tax_year=tax_year)


def standing_of(party_id: UUID, tax_year: int, decision: Decision | None) -> Standing:
    """課税の状態 of the person and year."""
    if decision is not None:
        return Standing.TAKEN_OVER if decision.run.kind == RunKind.TAKEN_OVER else Standing.DECIDED
    if Decision.objects.filter(party_id=party_id, tax_year=tax_year, run__state=RunState.RECALLED).exists():
        return Standing.RECALLED
    papers = SourceDocument.objects.filter(party_id=party_id, tax_year=tax_year, state=SourceState.ACTIVE)
    return Standing.UNDECIDED if papers.exists() else Standing.NOT_FILED


def checked(request: CertificateRequest, *, on: date) -> Checked:
    """Check a request as things stand on the day."""
    decision = standing_decision(request.subject_id, request.tax_year)
    facts = EligibilityFacts(
        relation=request.relation,
        is_identified=request.identity_check != IdentityCheck.NONE,
        authority=request.authority,
        has_consent=request.has_consent,
        is_applicant_subject=request.applicant_id == request.subject_id,
        is_same_household=_same_household(request, on),
        is_subject_dead=_state_on(request.subject, on) == PartyState.DEAD,
        is_subject_hidden=request.subject_id in hidden_parties(on=on),
        is_opponent_side=_is_opponent_side(request, on),
        is_held=IssueHold.objects.filter(party_id=request.subject_id, lifted_on__isnull=True).exists(),
        standing=standing_of(request.subject_id, request.tax_year, decision),
        is_issue_started=on >= first_issue_on(request.tax_year),
    )
    return Checked(verdict(facts), decision)


def _state_on(party: Party, on: date) -> str:
    version = PartyVersion.objects.as_of(on).filter(party=party).first()
    return version.state if version else party.state


def _household(party_id: UUID, on: date) -> list[UUID]:
    """The party and everybody registered in its household on the day."""
    found = households_on([party_id], on).get(party_id)
    members = household_members(found[0], on) if found else []
    return sorted({party_id, *(member.party_id for member in members)})


def _same_household(request: CertificateRequest, on: date) -> bool:
    if request.applicant_id is None:
        return False
    return request.applicant_id in _household(request.subject_id, on)


def _is_opponent_side(request: CertificateRequest, on: date) -> bool:
    """Whether the applicant, or one who lives with it, is an opponent of anybody in the subject's household (N-093).

    An applicant outside the register is compared by name. The subject itself is never its own opponent's side.
    """
    if request.relation == Relation.SELF and request.applicant_id == request.subject_id:
        return False
    opponents = [
        one for found in opponents_by_party(_household(request.subject_id, on), on=on).values() for one in found
    ]
    if not opponents:
        return False
    if request.applicant_id is None:
        return any(name and name == name_key(request.applicant_name) for _party, name in opponents)
    side = Party.objects.filter(pk__in=_household(request.applicant_id, on))
    return any(is_opponent(party, opponents) for party in side)
