"""更正事案の照会: lists and what a case has brought about."""

from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet, Sum

from assessment.amendments.models import AmendmentCase, CaseState, CaseYear, Relief, ReliefState
from assessment.models import Decision, LevyChange
from collection.models import Overpayment
from taxsys.platform.outbox.models import OutboxMessage


def cases_list(*, state: str = "", party_id: UUID | None = None) -> QuerySet[AmendmentCase]:
    """事案, newest first; "" = every state."""
    found = AmendmentCase.objects.select_related("party").order_by("-case_no")
    found = found.filter(state=state) if state else found
    return found if party_id is None else found.filter(members__party_id=party_id).distinct()


def open_cases_count() -> int:
    """Cases that wait for an officer."""
    return AmendmentCase.objects.filter(state=CaseState.OPEN).count()


def reliefs_list(*, state: str = "", party_id: UUID | None = None) -> QuerySet[Relief]:
    """減免, newest first; "" = every state."""
    found = Relief.objects.select_related("party").order_by("-relief_no")
    found = found.filter(state=state) if state else found
    return found if party_id is None else found.filter(party_id=party_id)


def application_siblings(relief: Relief) -> QuerySet[Relief]:
    """Other years of the same application, oldest first."""
    rows = Relief.objects.filter(application_no=relief.application_no).exclude(pk=relief.pk).exclude(application_no="")
    return rows.order_by("tax_year")


def open_reliefs_count() -> int:
    """Applications that wait for an officer."""
    return Relief.objects.filter(state=ReliefState.RECEIVED).count()


@dataclass(frozen=True, slots=True)
class YearEffect:
    """What a decided year of a case moved: instalments, overpayment, message to copies and neighbours."""

    year: CaseYear
    decision: Decision | None
    changes: tuple[LevyChange, ...]
    overpaid_yen: int
    is_announced: bool


def year_effects(case: AmendmentCase) -> list[YearEffect]:
    """Each year of the case with its effects; instalments and money only of decided ones."""
    found = []
    for one in case.years.all():
        decision = None
        if case.state == CaseState.DECIDED and one.after_version is not None:
            decision = Decision.objects.filter(
                party_id=one.party_id, tax_year=one.tax_year, version=one.after_version
            ).first()
        found.append(_effect(one, decision))
    return found


def _effect(year: CaseYear, decision: Decision | None) -> YearEffect:
    if decision is None:
        return YearEffect(year, None, (), 0, False)
    changes = LevyChange.objects.filter(run_id=decision.run_id, party_id=year.party_id)
    surplus = Overpayment.objects.filter(
        entry__dedupe_key__startswith=f"run:{decision.run_id}:", party_id=year.party_id
    ).aggregate(yen=Sum("yen"))["yen"]
    told = OutboxMessage.objects.filter(
        topic="copy.changed", dedupe_key=f"copy:{year.party_id}:{year.tax_year}:{decision.version}"
    )
    rows = tuple(changes.order_by("method", "notice_no", "instalment_no"))
    return YearEffect(year, decision, rows, int(surplus or 0), told.exists())
