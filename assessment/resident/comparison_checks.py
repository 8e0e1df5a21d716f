"""前年比較の検査: nothing unexplained, and what is explained but unlikely goes to the findings to be looked at.

Guards incidents I1 (郡山市: a wrong setting seen in the distribution), I5, I6; N3. Findings of a run are replaced when
the checks run again.
"""

import tomllib
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import F, Q, QuerySet

from assessment.models import AssessmentRun, ComparisonKind, Finding, FindingSeverity, YearComparison
from assessment.resident.comparison_selectors import ComparisonSummary, comparison_summary, main_reason, reasons_of
from taxsys.kernel.yen import format_yen
from taxsys.platform.jobs.declaration import GateResult

THRESHOLDS = Path(__file__).with_name("year_on_year.toml")
UNEXPLAINED, JUMP, NO_PAPERS, DISTRIBUTION = (
    "year_unexplained",
    "year_jump",
    "year_no_papers",
    "year_distribution",
)
CHECK_IDS = (UNEXPLAINED, JUMP, NO_PAPERS, DISTRIBUTION)


@cache
def thresholds() -> dict[str, Any]:
    """The office's limits of what is worth a look."""
    return tomllib.loads(THRESHOLDS.read_text(encoding="utf-8"))


class YearOnYear:
    """Gate: every difference to last year has its reasons to the yen; the unlikely ones are findings for review."""

    def __call__(self, run: AssessmentRun) -> Iterator[GateResult]:
        """Write the findings and answer both checks."""
        summary = comparison_summary(run.pk)
        reviewed = findings_write(run, summary)
        count = summary.unexplained_people
        compared = f"比較 {summary.total_people:,}人、差額 {format_yen(summary.difference_yen)}"
        yield GateResult(
            id=UNEXPLAINED,
            title_ja="前年との差がすべて理由で説明できる",
            ok=count == 0,
            count=count,
            detail_ja=(f"{count:,}人の差額が説明できません。" if count else "")
            + (compared if summary.total_people else "前年の決定がないため比較していません。"),
            guards="I1・I5・I6・N3",
        )
        yield GateResult(
            id=JUMP,
            title_ja="前年から大きく変わった者を要確認に挙げた",
            ok=True,
            count=reviewed,
            detail_ja=f"要確認 {reviewed:,}件(検証結果の一覧で確認してください)",
            guards="I1・I4",
        )


@transaction.atomic
def findings_write(run: AssessmentRun, summary: ComparisonSummary) -> int:
    """Replace the run's findings of these checks. Answers how many are for review."""
    Finding.objects.filter(run=run, check_id__in=CHECK_IDS, settled_at__isnull=True).delete()
    settled = set(
        Finding.objects.filter(run=run, check_id__in=CHECK_IDS).values_list("check_id", "party_id")
    )  # fmt: skip
    rows = YearComparison.objects.filter(run=run)
    found = [
        *_findings(run, rows.exclude(unexplained_yen=0), UNEXPLAINED, FindingSeverity.STOP),
        *_findings(run, _jumps(rows), JUMP, FindingSeverity.REVIEW),
        *_findings(run, rows.filter(kind=ComparisonKind.VANISHED_NO_PAPERS, base_yen__gt=0), NO_PAPERS,
                   FindingSeverity.REVIEW),
        *_distribution(run, summary),
    ]  # fmt: skip
    Finding.objects.bulk_create([one for one in found if (one.check_id, one.party_id) not in settled], batch_size=2000)
    return sum(one.severity == FindingSeverity.REVIEW for one in found)


def _jumps(rows: QuerySet[YearComparison]) -> QuerySet[YearComparison]:
    limit = thresholds()["person"]
    factor, least = int(limit["factor"]), int(limit["minimum_yen"])
    grown = Q(difference_yen__gte=least, now_yen__gte=F("base_yen") * factor)
    fallen = Q(difference_yen__lte=-least, base_yen__gte=F("now_yen") * factor)
    return rows.filter(grown | fallen, kind=ComparisonKind.CONTINUING)


def _findings(
    run: AssessmentRun, rows: QuerySet[YearComparison], check_id: str, severity: FindingSeverity
) -> Iterator[Finding]:
    for row in rows.order_by("party_id").iterator(chunk_size=2000):
        reason = main_reason(row)
        unexplained = sum(part.yen for part in reasons_of(row) if part.code == "unexplained")
        amounts = f"前年 {format_yen(row.base_yen)}、本年 {format_yen(row.now_yen)}"
        message = {
            UNEXPLAINED: f"前年との差のうち {format_yen(unexplained)}が説明できません。{amounts}",
            JUMP: f"年税額が大きく変わりました。{amounts}。主な理由: {reason.title_ja if reason else 'なし'}",
            NO_PAPERS: f"前年は課税、本年は資料がありません。未申告・突合漏れを確かめてください。{amounts}",
        }[check_id]
        yield Finding(
            run=run,
            check_id=check_id,
            severity=severity,
            party_id=row.party_id,
            message_ja=message,
            detail={"base_yen": row.base_yen, "now_yen": row.now_yen, "reason": reason.code if reason else ""},
        )


def _distribution(run: AssessmentRun, summary: ComparisonSummary) -> Iterator[Finding]:
    """The run as a whole: how far the total moved, and how many people the law alone moves."""
    limit = thresholds()["city"]
    continuing = YearComparison.objects.filter(run=run, kind=ComparisonKind.CONTINUING).count()
    law = next((reason for reason in summary.reasons if reason.code == "law"), None)
    messages = []
    if abs(summary.difference_yen) * 100 > summary.base_yen * int(limit["total_change_percent"]) > 0:
        messages.append(
            f"年税額の総額が前年から{limit['total_change_percent']}%を超えて動きました"
            f"(差額 {format_yen(summary.difference_yen)})。法定値・条例の設定と資料の取込を確かめてください。"
        )
    if law and law.people * 100 > continuing * int(limit["law_touched_percent"]):
        messages.append(
            f"税制改正だけで税額が動く者が{law.people:,}人(継続者{continuing:,}人)います"
            f"(合計 {format_yen(law.yen)})。本年の法定値・条例の設定を確かめてください。"
        )
    for message in messages:
        yield Finding(run=run, check_id=DISTRIBUTION, severity=FindingSeverity.REVIEW, message_ja=message)
