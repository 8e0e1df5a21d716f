"""課税計算の照会 (reads of runs): list, figures of one run, its findings by check, its gates."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Count, Q, QuerySet, Sum

from assessment.models import (
    AssessmentRun,
    CollectionMethod,
    CollectionShare,
    Decision,
    Finding,
    FindingSeverity,
    ResidentResult,
)

_ORDER = {FindingSeverity.STOP: 0, FindingSeverity.REVIEW: 1, FindingSeverity.INFO: 2}
LEVELS = {FindingSeverity.STOP: "stop", FindingSeverity.REVIEW: "caution", FindingSeverity.INFO: "info"}


@dataclass(frozen=True, slots=True)
class RunRow:
    """One run of the list with its figures (people and yen)."""

    run: AssessmentRun
    people: int
    annual_yen: int
    open_findings: int


@dataclass(frozen=True, slots=True)
class MethodTotal:
    """One way of collecting: people and yen."""

    title_ja: str
    people: int
    yen: int


@dataclass(frozen=True, slots=True)
class RunFigures:
    """件数・金額 of one run."""

    people: int
    stopped: int
    taxed: int
    city_yen: int
    prefecture_yen: int
    forest_yen: int
    annual_yen: int
    methods: tuple[MethodTotal, ...]
    decisions: int


@dataclass(frozen=True, slots=True)
class CheckFindings:
    """Findings of one check: how many are open, settled, and how severe they are."""

    check_id: str
    severity: FindingSeverity
    total: int
    open: int

    @property
    def level(self) -> str:
        """Level of the badge: done once nothing is open."""
        return LEVELS[self.severity] if self.open or self.severity == FindingSeverity.INFO else "done"


def runs_recent(limit: int = 200) -> list[RunRow]:
    """Runs, newest first, with people, yen and open findings; three queries."""
    runs = list(AssessmentRun.objects.order_by("-pk")[:limit])
    keys = [run.pk for run in runs]
    sums = {
        row["run"]: (row["people"], row["yen"] or 0)
        for row in ResidentResult.objects.filter(run__in=keys, stop_code="")
        .values("run")
        .annotate(people=Count("pk"), yen=Sum("annual_tax_yen"))
        .order_by()
    }
    waiting = dict(_holding(keys).order_by().values_list("run").annotate(n=Count("pk")))
    return [RunRow(run, *sums.get(run.pk, (0, 0)), waiting.get(run.pk, 0)) for run in runs]


def _holding(run_ids: Sequence[int]) -> QuerySet[Finding]:
    severities = [FindingSeverity.STOP, FindingSeverity.REVIEW]
    return Finding.objects.filter(run__in=run_ids, severity__in=severities, settled_at__isnull=True)


def open_review_count() -> int:
    """Findings of computed runs that wait for an officer."""
    return (
        Finding.objects.filter(severity=FindingSeverity.REVIEW, settled_at__isnull=True, run__state="computed")
        .exclude(run__kind="trial")
        .count()
    )


def run_figures(run: AssessmentRun) -> RunFigures:
    """Counts and yen of one run; three aggregating queries whatever its size."""
    total = ResidentResult.objects.filter(run=run).aggregate(
        people=Count("pk"),
        stopped=Count("pk", filter=~Q(stop_code="")),
        taxed=Count("pk", filter=Q(stop_code="", annual_tax_yen__gt=0)),
        city=Sum("city_tax_yen", filter=Q(stop_code="")),
        prefecture=Sum("prefectural_tax_yen", filter=Q(stop_code="")),
        forest=Sum("forest_tax_yen", filter=Q(stop_code="")),
        annual=Sum("annual_tax_yen", filter=Q(stop_code="")),
    )
    by_method = {
        method: (people, yen)
        for method, people, yen in CollectionShare.objects.filter(run=run)
        .order_by()
        .values_list("method")
        .annotate(people=Count("pk"), yen=Sum("total_yen"))
    }
    methods = tuple(
        MethodTotal(str(method.label), *by_method[method]) for method in CollectionMethod if method in by_method
    )
    return RunFigures(
        total["people"],
        total["stopped"],
        total["taxed"],
        total["city"] or 0,
        total["prefecture"] or 0,
        total["forest"] or 0,
        total["annual"] or 0,
        methods,
        Decision.objects.filter(run=run).count(),
    )


def findings_by_check(run: AssessmentRun) -> list[CheckFindings]:
    """One row per check and severity, the severe first."""
    rows = (
        Finding.objects.filter(run=run)
        .order_by()
        .values("check_id", "severity")
        .annotate(total=Count("pk"), open=Count("pk", filter=Q(settled_at__isnull=True)))
    )
    found = [
        CheckFindings(row["check_id"], FindingSeverity(row["severity"]), row["total"], row["open"]) for row in rows
    ]
    return sorted(found, key=lambda one: (_ORDER[one.severity], one.check_id))


def findings_of(run: AssessmentRun, check_id: str, *, only_open: bool) -> QuerySet[Finding]:
    """Findings of one check, open ones first."""
    rows = Finding.objects.filter(run=run, check_id=check_id).select_related("party")
    if only_open:
        rows = rows.filter(settled_at__isnull=True)
    return rows.order_by("settled_at", "pk")
