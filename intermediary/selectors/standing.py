"""What of the assessment stands: decisions in force on a day, their items, and those that are just being released."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q

from assessment.models import (
    Decision,
    DecisionCause,
    ResidentFacts,
    ResidentResult,
    RunState,
    SourceDocument,
    SourceKind,
)
from intermediary.items import FACT_COLUMNS, RESULT_COLUMNS, item_values

TAX_KIND = "10"
_RETURNS = (SourceKind.NATIONAL_RETURN, SourceKind.RESIDENT_RETURN)


@dataclass(frozen=True, slots=True)
class Standing:
    """A decision in force and the values of every item of the dictionary."""

    decision: Decision
    items: dict[str, int | str]

    @property
    def is_cancellation(self) -> bool:
        """Whether the decision itself takes the assessment away (取消)."""
        return self.decision.cause == DecisionCause.CANCELLATION


def _in_force(known_on: date | None) -> Q:
    """Runs whose decisions stand: released; and, as known on an earlier day, those recalled only afterwards."""
    if known_on is None:
        return Q(run__state=RunState.RELEASED)
    later_recalled = Q(run__state=RunState.RECALLED, run__recall__recalled_on__gt=known_on)
    return Q(decided_on__lte=known_on) & (Q(run__state=RunState.RELEASED) | later_recalled)


def decisions_standing(
    party_ids: Sequence[UUID], tax_year: int, *, known_on: date | None = None
) -> dict[UUID, Decision]:
    """The newest decision in force of each person and year; with `known_on` as it was known at the end of that day."""
    found = (
        Decision.objects.filter(_in_force(known_on), tax_kind=TAX_KIND, tax_year=tax_year, party_id__in=party_ids)
        .order_by("party_id", "-version")
        .distinct("party_id")
    )
    return {decision.party_id: decision for decision in found}


def unsettled_parties(party_ids: Sequence[UUID], tax_year: int) -> set[UUID]:
    """People who have a decision of a run whose release has not ended: nothing of them may be told yet (N-043)."""
    rows = Decision.objects.filter(tax_kind=TAX_KIND, tax_year=tax_year, party_id__in=party_ids).exclude(
        run__state__in=(RunState.RELEASED, RunState.RECALLED)
    )
    return set(rows.values_list("party_id", flat=True))


def standing_of(party_ids: Sequence[UUID], tax_year: int, *, known_on: date | None = None) -> dict[UUID, Standing]:
    """Decisions in force with their items. Four queries, whatever the number of people."""
    decisions = decisions_standing(party_ids, tax_year, known_on=known_on)
    if not decisions:
        return {}
    rows = Q(run_id__in={one.run_id for one in decisions.values()}, party_id__in=list(decisions))
    results = {
        (row["run_id"], row["party_id"]): row
        for row in ResidentResult.objects.filter(rows).values("run_id", "party_id", *RESULT_COLUMNS)
    }
    facts = {
        (row["run_id"], row["party_id"]): row
        for row in ResidentFacts.objects.filter(rows).values("run_id", "party_id", "document_ids", *FACT_COLUMNS)
    }
    returns = _returns(facts[one.run_id, party]["document_ids"] for party, one in decisions.items())
    found = {}
    for party, decision in decisions.items():
        fact = facts[decision.run_id, party]
        has_return = not returns.isdisjoint(fact["document_ids"])
        found[party] = Standing(decision, item_values(fact, results[decision.run_id, party], has_return=has_return))
    return found


def _returns(document_ids: Iterable[Sequence[int]]) -> set[int]:
    """Which of the papers are tax returns."""
    wanted = {one for ids in document_ids for one in ids}
    return set(SourceDocument.objects.filter(pk__in=wanted, kind__in=_RETURNS).values_list("pk", flat=True))
