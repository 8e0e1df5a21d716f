"""賦課決定の照会 (reads of decisions): all decisions of a party by year and version, and which of them stands."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from assessment.models import AssessmentRun, Decision, RunState


@dataclass(frozen=True, slots=True)
class DecisionRow:
    """One version: `standing` = 有効 | 後の版あり | 撤回."""

    decision: Decision
    standing: str

    @property
    def level(self) -> str:
        """Level of the badge."""
        return {"有効": "done", "撤回": "caution"}.get(self.standing, "neutral")


@dataclass(frozen=True, slots=True)
class DecisionYear:
    """The versions of one tax and year, newest first; `current` is the one in force, None when all are recalled."""

    tax_year: int
    rows: tuple[DecisionRow, ...]

    @property
    def current(self) -> Decision | None:
        """The decision in force."""
        return next((row.decision for row in self.rows if row.standing == "有効"), None)


def decision_years(party_id: UUID, *, tax_kind: str = "10") -> list[DecisionYear]:
    """Every decision of the party, newest year first, in one query."""
    decisions = (
        Decision.objects.filter(party_id=party_id, tax_kind=tax_kind)
        .select_related("run")
        .order_by("-tax_year", "-version")
    )
    years: dict[int, list[Decision]] = {}
    for decision in decisions:
        years.setdefault(decision.tax_year, []).append(decision)
    return [DecisionYear(year, tuple(_standing(found))) for year, found in years.items()]


def _standing(newest_first: Sequence[Decision]) -> list[DecisionRow]:
    rows, has_current = [], False
    for decision in newest_first:
        if decision.run.state == RunState.RECALLED:
            word = "撤回"
        elif has_current:
            word = "後の版あり"
        else:
            word, has_current = "有効", True
        rows.append(DecisionRow(decision, word))
    return rows


def decision_of(party_id: UUID, tax_year: int, version: int, *, tax_kind: str = "10") -> Decision | None:
    """One version, with its run."""
    return (
        Decision.objects.filter(party_id=party_id, tax_kind=tax_kind, tax_year=tax_year, version=version)
        .select_related("run")
        .first()
    )


def decision_in(run: AssessmentRun, party_id: UUID) -> Decision | None:
    """The decision that a run made for a party, if any."""
    return Decision.objects.filter(run=run, party_id=party_id).select_related("run").first()
