"""異動届の参照: timelines of people for a run, the work list, and what the books say of an employee."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q, QuerySet

from assessment.decisions.selectors import standing_decision_of
from assessment.models import (
    AssessmentRun,
    ChangeState,
    CollectionShare,
    Decision,
    EmploymentChange,
    RunKind,
    RunState,
    Withholder,
)
from assessment.resident.moves.timeline import FIRST_MONTH, Move, Timeline, first_employer, timeline
from collection.models import Method
from collection.selectors.levied import levied_instalments
from taxsys.platform.among import among

TAX_KIND = "10"
INITIAL_KINDS = frozenset({RunKind.INITIAL_WAGE, RunKind.INITIAL_ORDINARY})


def _known(known_at: datetime) -> Q:
    """Recorded by then and not held; whether it was taken back by then is told by `closed_at`."""
    return Q(recorded_at__lte=known_at) & ~Q(state=ChangeState.HELD)


def move_of(change: EmploymentChange, *, known_at: datetime, run_id: int | None = None) -> Move:
    """The change as the timeline sees it."""
    return Move(
        id=change.pk or 0,
        reason=change.reason,
        event_on=change.event_on,
        after=change.after,
        withholder_id=change.withholder_id,
        last_place=change.last_place,
        new_withholder_id=change.new_withholder_id,
        new_employee_no=change.new_employee_no,
        first_place=change.first_place or 1,
        lump_place=change.lump_place,
        is_done=change.run_id is not None and change.run_id != run_id,
        is_live=change.closed_at is None or change.closed_at > known_at,
        run_id=change.run_id,
    )


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a person's employers: who withheld before the first of the moves, and the moves."""

    base_id: int | None
    moves: list[Move]


def moves_of(
    tax_year: int, party_ids: Sequence[UUID], *, known_at: datetime, run_id: int | None = None, only: Q | None = None
) -> dict[UUID, list[Move]]:
    """Changes of these people as known at a moment, those taken back too."""
    rows = EmploymentChange.objects.filter(_known(known_at), only or Q(), tax_year=tax_year, party__in=among(party_ids))
    found: dict[UUID, list[Move]] = defaultdict(list)
    for change in rows.order_by("pk"):
        found[change.party_id].append(move_of(change, known_at=known_at, run_id=run_id))
    return dict(found)


def known_of(
    tax_year: int, moves: Mapping[UUID, list[Move]], *, papers: Mapping[UUID, int | None] | None = None
) -> dict[UUID, Known]:
    """The moves of people after the first decision of theirs, from the employer it named.

    What that decision has taken in is history. Without a decision the employer of the `papers` counts, where there is
    one, else the one that the first move names itself.
    """
    firsts = _first_decisions(tax_year, list(moves))
    found = {}
    for party, own in moves.items():
        first = firsts.get(party)
        history = [one for one in own if first is not None and one.run_id == first.run_id]
        if first is not None and all(one.is_live for one in history):
            found[party] = Known(first.withholder_id, [one for one in own if one not in history])
        else:
            stated = (papers or {}).get(party) if first is None else None
            found[party] = Known(first_employer(own) if stated is None else stated, own)
    return found


@dataclass(frozen=True, slots=True)
class FirstDecision:
    """The first decision of a year that was let go: its run, and who withholds by it (None: nobody)."""

    run_id: int
    withholder_id: int | None


def _first_decisions(tax_year: int, party_ids: Sequence[UUID]) -> dict[UUID, FirstDecision]:
    decisions = Decision.objects.filter(
        tax_kind=TAX_KIND, tax_year=tax_year, party_id__in=party_ids, run__state=RunState.RELEASED
    ).exclude(run__kind=RunKind.TAKEN_OVER)
    firsts: dict[UUID, int] = {}
    for party, run_id in decisions.order_by("party_id", "version").values_list("party_id", "run_id"):
        firsts.setdefault(party, run_id)
    shares = CollectionShare.objects.filter(
        run_id__in=set(firsts.values()), party_id__in=firsts, withholder__isnull=False
    )
    payers = {(run, party): payer for run, party, payer in shares.values_list("run_id", "party_id", "withholder_id")}
    return {party: FirstDecision(run, payers.get((run, party))) for party, run in firsts.items()}


def timelines_of(
    run: AssessmentRun, party_ids: Sequence[UUID], *, papers: Mapping[UUID, int | None] | None = None
) -> dict[UUID, Timeline]:
    """勤め先の経過 of those of these people of whom changes were notified when the run was opened.

    The first cuts of the year know only changes before its first month: from June on a month has been withheld.
    `papers`: the employer by the papers of people who have no decision yet.
    """
    only = None
    if run.kind in INITIAL_KINDS:
        only = Q(event_on__lt=date(run.tax_year, FIRST_MONTH, 1), last_place=0)
    moves = moves_of(run.tax_year, party_ids, known_at=run.recorded_at, run_id=run.pk, only=only)
    if not moves:
        return {}
    known = known_of(run.tax_year, moves, papers=papers)
    return {party: timeline(one.base_id, one.moves) for party, one in known.items()}


def pending_people(run: AssessmentRun) -> list[UUID]:
    """Whom a run of changes concerns: a change not taken up yet, and a decision of this system in force."""
    decided = Decision.objects.filter(
        tax_kind=run.tax_kind, tax_year=run.tax_year, run__state=RunState.RELEASED, annual_yen__gt=0
    ).exclude(run__kind=RunKind.TAKEN_OVER)
    rows = EmploymentChange.objects.filter(_known(run.recorded_at), tax_year=run.tax_year, is_pending=True)
    people = rows.filter(party__in=decided.values("party_id")).values_list("party_id", flat=True)
    return sorted(set(people))


def changes_list(*, state: str = "", party_id: UUID | None = None) -> QuerySet[EmploymentChange]:
    """異動届の一覧, newest first: `pending` (not taken up), a state of its own, or all."""
    rows = EmploymentChange.objects.select_related("party", "withholder", "new_withholder", "run")
    if party_id is not None:
        rows = rows.filter(party_id=party_id)
    if state == "pending":
        rows = rows.filter(is_pending=True).exclude(state=ChangeState.HELD)
    elif state:
        rows = rows.filter(state=state)
    return rows.order_by("-received_on", "-pk")


def current_employer(party_id: UUID, *, tax_year: int) -> Withholder | None:
    """Who withholds of the person now, by the decision in force (None: nobody)."""
    decision = standing_decision_of(party_id, tax_year=tax_year)
    if decision is None:
        return None
    shares = CollectionShare.objects.filter(run_id=decision.run_id, party_id=party_id, withholder__isnull=False)
    share = shares.select_related("withholder").first()
    return share.withholder if share is not None else None


def waiting_count() -> int:
    """How many notifications wait for an officer (保留)."""
    return EmploymentChange.objects.filter(state=ChangeState.HELD).count()


def withheld_months(party_id: UUID, *, tax_year: int, designation_no: str) -> list[int]:
    """月割額 of an employee at one employer by the books: twelve months from June, yen."""
    months = [0] * 12
    for one in levied_instalments(tax_kind=TAX_KIND, tax_year=tax_year, taxpayer_ids=[party_id]):
        if one.method == Method.WAGE and one.notice_no == designation_no and one.instalment_no <= len(months):
            months[one.instalment_no - 1] += one.city_yen + one.prefecture_yen + one.forest_yen
    return months
