"""点検結果の照会: reports, their findings in the order of the kinds, and the events behind one finding."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from taxsys.platform.audit.models import AccessEvent, ReviewFinding, ReviewReport, WatchedParty
from taxsys.platform.audit.review.kinds import KINDS, ReviewKind
from taxsys.platform.audit.wording import ACTION_JA, RESULT_JA, WHO_JA, month_ja, staff_names, unit_names

_FIGURES = (("who", "操作者別"), ("month", "月別"), ("unit", "所属別"), ("action", "操作別"), ("result", "結果別"))


@dataclass(frozen=True, slots=True)
class FindingLine:
    """所見の一行: one actor of one kind."""

    finding: ReviewFinding
    who_ja: str
    unit_ja: str


@dataclass(frozen=True, slots=True)
class KindSection:
    """観点ごとの所見; contractors stand apart (R-181)."""

    kind: ReviewKind
    lines: list[FindingLine]
    count: int


@dataclass(frozen=True, slots=True)
class FigureTable:
    """集計表: rows of (name, events, people shown)."""

    title_ja: str
    rows: list[tuple[str, int, int]]


def reports() -> QuerySet[ReviewReport]:
    """Reports, newest first, with their signatures."""
    return ReviewReport.objects.select_related("signature").order_by("-id")


def unsigned_count() -> int:
    """Reports that wait for the security officer."""
    return ReviewReport.objects.filter(signature__isnull=True).count()


def sections(report: ReviewReport, *, of_contractors: bool) -> list[KindSection]:
    """The findings by kind, in the order of the kinds; kinds without findings stay with an empty list."""
    found = list(report.findings.filter(is_contractor=of_contractors).order_by("-count", "actor_id"))
    names = staff_names(one.actor_id for one in found if one.actor_kind == "staff")
    units = unit_names()
    by_kind: dict[str, list[FindingLine]] = {}
    for one in found:
        name = names.get(one.actor_id, "")
        who = f"{one.actor_id}　{name}" if name else f"{WHO_JA.get(one.actor_kind, one.actor_kind)} {one.actor_id}"
        by_kind.setdefault(one.kind, []).append(FindingLine(one, who, units.get(one.unit_code, one.unit_code)))
    return [
        KindSection(kind, lines, sum(line.finding.count for line in lines))
        for kind in KINDS
        for lines in [by_kind.get(kind.code, [])]
    ]


def figure_tables(report: ReviewReport) -> list[FigureTable]:
    """The figures in words."""
    units = unit_names()
    words: dict[str, Any] = {
        "who": lambda value: WHO_JA.get(value, value),
        "month": month_ja,
        "unit": lambda value: units.get(value, value) or "（所属なし）",
        "action": lambda value: ACTION_JA.get(value, value),
        "result": lambda value: RESULT_JA.get(value, value),
    }
    return [
        FigureTable(title, [(words[name](value), events, people) for value, events, people in report.figures[name]])
        for name, title in _FIGURES
    ]


def finding_events(finding: ReviewFinding) -> QuerySet[AccessEvent]:
    """The events of a finding that were kept, newest first."""
    return AccessEvent.objects.filter(pk__in=finding.event_ids).order_by("-id")


def watch_entries() -> QuerySet[WatchedParty]:
    """Both lists, the standing entries first."""
    return WatchedParty.objects.order_by("-to_on", "kind", "staff_no", "id")
