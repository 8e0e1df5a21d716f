"""What of the assessment stands: decisions in force on a day, their items, and those that are just being released."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import Q, QuerySet

from assessment.decisions.selectors import RESIDENT_TAX, standing_decisions
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


def _known_on(day: date, tax_year: int, party_ids: Sequence[UUID]) -> QuerySet[Decision]:
    """As the books stood at the end of a business day: decided by then, and not recalled by then."""
    later_recalled = Q(run__state=RunState.RECALLED, run__recall__recalled_on__gt=day)
    stood = Decision.objects.filter(
        Q(run__state=RunState.RELEASED) | later_recalled,
        tax_kind=RESIDENT_TAX,
        tax_year=tax_year,
        party_id__in=party_ids,
        decided_on__lte=day,
    )
    return stood.order_by("party_id", "-version").distinct("party_id")


def decisions_standing(
    party_ids: Sequence[UUID], tax_year: int, *, known_on: date | None = None
) -> dict[UUID, Decision]:
    """The decision in force of each person and year; with `known_on` as it was known at the end of that business day.

    Years taken over from the former system are told by that system's copies: only their totals are decided here, the
    items behind them are recomputed and may differ.
    """
    if known_on is None:
        found = standing_decisions(tax_year=tax_year).filter(party_id__in=party_ids)
    else:
        found = _known_on(known_on, tax_year, party_ids)
    return {one.party_id: one for one in found if one.cause != DecisionCause.TAKEN_OVER}


def unsettled_parties(party_ids: Sequence[UUID], tax_year: int) -> set[UUID]:
    """People who have a decision of a run whose release has not ended: nothing of them may be told yet (N-043)."""
    rows = Decision.objects.filter(tax_kind=RESIDENT_TAX, tax_year=tax_year, party_id__in=party_ids).exclude(
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
