"""年度の移り変わり: last year's decisions taken over, and how this year's runs differ from them."""

from datetime import date

from assessment.models import AssessmentRun, RunKind, RunState, TakenOverFigures
from assessment.resident.comparison_selectors import comparison_summary
from taxsys.city.legacy import legacy_file
from taxsys.web.demo.walk import TAX_YEAR, Demo

STAGE = "前年度課税の移行"


def last_year(demo: Demo) -> None:
    """The former system's decisions of last year, recomputed and let go by a second person; nothing is levied."""
    with demo.timed("合成都市"):
        file = legacy_file(demo.deliveries.economy, arrives_on=date(TAX_YEAR, 4, 24))
    with demo.timed(STAGE):
        demo.release(demo.job("B-PI-90", {"file": demo.receive(file)}, file.arrives_on))
    demo.handled(STAGE, TakenOverFigures.objects.count())


def rows() -> list[tuple[str, str]]:
    """The parallel run, and the two cuts of the year against last year."""
    taken = TakenOverFigures.objects.all()
    cuts = AssessmentRun.objects.filter(
        tax_year=TAX_YEAR, kind__in=[RunKind.INITIAL_WAGE, RunKind.INITIAL_ORDINARY], state=RunState.RELEASED
    )
    summaries = [comparison_summary(run.pk) for run in cuts]
    people = sum(summary.total_people for summary in summaries)
    unexplained = sum(summary.unexplained_people for summary in summaries)
    return [
        ("前年度の移行", f"{taken.count():,}件(再計算との差 {taken.exclude(difference_yen=0).count():,}件)"),
        ("前年比較", f"{people:,}人(説明できない差 {unexplained:,}件)"),
    ]
