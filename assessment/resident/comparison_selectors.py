"""前年比較の参照: the comparison of a run as screens, checks and lists read it."""

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Abs

from assessment.models import ComparisonKind, YearComparison
from assessment.resident.rules.year_change import REASON_TITLES, REASONS


@dataclass(frozen=True, slots=True)
class ReasonPart:
    """One reason of one person's difference: yen, signed."""

    code: str
    title_ja: str
    yen: int


@dataclass(frozen=True, slots=True)
class ReasonTotal:
    """One reason over the whole run: people it touches, sum up and sum down in yen, net sum."""

    code: str
    title_ja: str
    people: int
    yen: int
    up_yen: int
    down_yen: int


@dataclass(frozen=True, slots=True)
class ComparisonSummary:
    """The run against last year: people by kind, sums in yen, reasons (those that touch anybody)."""

    people: Mapping[str, int]
    base_yen: int
    now_yen: int
    difference_yen: int
    unexplained_people: int
    reasons: tuple[ReasonTotal, ...]

    @property
    def total_people(self) -> int:
        """Everybody compared."""
        return sum(self.people.values())


def comparison_summary(run_id: int) -> ComparisonSummary:
    """比較の総括: two statements however large the run is. All zero where the run was not compared."""
    rows = YearComparison.objects.filter(run_id=run_id)
    counted = dict(rows.values_list("kind").annotate(n=Count("pk")).order_by("kind"))
    sums: dict[str, Count | Sum] = {"base": Sum("base_yen"), "now": Sum("now_yen"), "difference": Sum("difference_yen")}
    for code, _ in REASONS:
        column = f"{code}_yen"
        sums |= {
            f"{code}_n": Count("pk", filter=~Q(**{column: 0})),
            f"{code}_up": Sum(column, filter=Q(**{f"{column}__gt": 0})),
            f"{code}_down": Sum(column, filter=Q(**{f"{column}__lt": 0})),
        }
    total = {name: int(value or 0) for name, value in rows.aggregate(**sums).items()}
    reasons = tuple(
        ReasonTotal(
            code, title, total[f"{code}_n"], total[f"{code}_up"] + total[f"{code}_down"], total[f"{code}_up"],
            total[f"{code}_down"],
        )
        for code, title in REASONS
        if total[f"{code}_n"]
    )  # fmt: skip
    people = {kind.value: int(counted.get(kind.value, 0)) for kind in ComparisonKind}
    return ComparisonSummary(people, total["base"], total["now"], total["difference"], total["unexplained_n"], reasons)


def comparison_rows(run_id: int, *, reason: str = "", kind: str = "") -> QuerySet[YearComparison]:
    """比較の明細, the largest change first; `reason` (a code of REASONS) and `kind` narrow it. Raises KeyError for an
    unknown reason. Names and addresses are the caller's affair (disclosure)."""
    rows = YearComparison.objects.filter(run_id=run_id).select_related("party")
    if kind:
        rows = rows.filter(kind=kind)
    if reason:
        _ = REASON_TITLES[reason]
        rows = rows.exclude(**{f"{reason}_yen": 0})
    return rows.annotate(size_yen=Abs(F("difference_yen"))).order_by("-size_yen", "pk")


def comparison_of(run_id: int, party_id: UUID) -> YearComparison | None:
    """The comparison of one person in one run (also of a released one: it is part of the decision's record)."""
    return YearComparison.objects.filter(run_id=run_id, party_id=party_id).select_related("base_decision").first()


def reasons_of(row: YearComparison) -> list[ReasonPart]:
    """Every reason of one person's difference that is not nil, in the order of REASONS; Σ yen = difference."""
    parts = [ReasonPart(code, title, getattr(row, f"{code}_yen")) for code, title in REASONS]
    return [part for part in parts if part.yen]


def main_reason(row: YearComparison) -> ReasonPart | None:
    """The reason that moves most; None where nothing changed."""
    return max(reasons_of(row), key=lambda part: abs(part.yen), default=None)
