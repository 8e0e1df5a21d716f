"""賦課: the population of 1 January and the two cuts of the initial run, each let go by a second person."""

from datetime import date

from django.db.models import Sum

from assessment.decisions.services import findings_settle
from assessment.models import AssessmentRun, Decision, Finding, FindingSeverity, RunKind
from collection.models import Charge
from taxsys.platform.jobs.models import JobRun
from taxsys.web.demo.walk import TAX_YEAR, Demo


def population(demo: Demo) -> None:
    """Who is taxable here, and papers without a usable number."""
    with demo.timed("賦課期日"):
        demo.job("B-PI-01", {"tax_year": TAX_YEAR}, date(TAX_YEAR, 4, 30))
        demo.job("B-PI-10", {"tax_year": TAX_YEAR}, date(TAX_YEAR, 4, 30))


def wage_cut(demo: Demo) -> None:
    """The cut of May: those whose employers withhold."""
    _assess(demo, "当初課税(給与特別徴収)", RunKind.INITIAL_WAGE, date(TAX_YEAR, 5, 8), date(TAX_YEAR, 5, 10))


def ordinary_cut(demo: Demo) -> None:
    """The cut of June: ordinary collection and pensions, with the documents that arrived between as a delta."""
    _assess(
        demo, "当初課税(普通徴収・年金)", RunKind.INITIAL_ORDINARY, date(TAX_YEAR, 6, 1), date(TAX_YEAR, 6, 3)
    )  # fmt: skip


def _assess(demo: Demo, stage: str, kind: str, until: date, day: date) -> None:
    before = Decision.objects.count()
    params = {"tax_year": TAX_YEAR, "mode": kind, "documents_until": until.isoformat()}
    with demo.timed(stage):
        run = demo.job("B-PI-13", params, day)
        settle(demo, run, day)
        demo.release(run)
    demo.handled(stage, Decision.objects.count() - before)


def settle(demo: Demo, run: JobRun, day: date) -> None:
    """The clerk works off what the checks found before the chief may let the run go."""
    assessed = AssessmentRun.objects.get(job_run_id=run.pk)
    found = Finding.objects.filter(run=assessed, severity=FindingSeverity.REVIEW, settled_at__isnull=True)
    waiting = list(found.values_list("pk", flat=True))
    if waiting:
        with demo.desk(day):
            findings_settle(
                assessed.pk, waiting, actor_id=demo.clerk.staff_no, reason="資料と前年の課税を確かめ、誤りなし(実演)"
            )


def rows() -> list[tuple[str, str]]:
    """Runs, decisions, charges."""
    billed = Charge.objects.aggregate(yen=Sum("amount_yen"))["yen"] or 0
    return [
        ("課税計算", f"{AssessmentRun.objects.count():,}回"),
        ("賦課決定", f"{Decision.objects.filter(tax_year=TAX_YEAR).count():,}件"),
        ("調定(期別)", f"{Charge.objects.count():,}件 {billed:,}円"),
    ]
