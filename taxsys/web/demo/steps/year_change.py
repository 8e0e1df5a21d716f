"""年度の移り変わり: last year's decisions taken over, what changes in the year, and how this year differs from last."""

from datetime import date, timedelta

from assessment.models import AssessmentRun, Decision, RunKind, RunState, TakenOverFigures
from assessment.resident.comparison_selectors import comparison_summary
from taxsys.city.deliveries import resident_change_file
from taxsys.city.legacy import legacy_file
from taxsys.platform.jobs.models import WorkItem
from taxsys.web.demo.steps import assessment, collection, papers_in
from taxsys.web.demo.walk import TAX_YEAR, Demo

STAGE = "前年度課税の移行"
CORRECTIONS = "随時更正"


def last_year(demo: Demo) -> None:
    """The former system's decisions of last year, recomputed and let go by a second person; nothing is levied."""
    with demo.timed("合成都市"):
        file = legacy_file(demo.deliveries.economy, arrives_on=date(TAX_YEAR, 4, 24))
    with demo.timed(STAGE):
        demo.release(demo.job("B-PI-90", {"file": demo.receive(file)}, file.arrives_on))
    demo.handled(STAGE, TakenOverFigures.objects.count())


def dependants(demo: Demo) -> None:
    """Relatives claimed twice, with too much income, or by spouses who disagree: to the work list before the runs."""
    with demo.timed("扶養の照合"):
        day = date(TAX_YEAR, 5, 7)
        demo.job("B-PI-12", {"tax_year": TAX_YEAR, "documents_until": day.isoformat()}, day)


class ResidentChanges:
    """Deaths and moves of the months up to a day (住民記録異動), taken in month by month."""

    def __init__(self, until: date) -> None:
        self.until = until

    def __call__(self, demo: Demo) -> None:
        """Files of every month that has ended and was not taken in yet."""
        since = demo.notes.get("residents_until", date(TAX_YEAR, 1, 1))
        assert isinstance(since, date)
        with demo.timed(papers_in.STAGE):
            for first, following in _months(since, self.until):
                file = resident_change_file(demo.deliveries.people, since=first, until=following)
                if file is not None:
                    demo.take_in([file], papers_in.JOBS)
                demo.notes["residents_until"] = following


def _months(since: date, until: date) -> list[tuple[date, date]]:
    found = []
    first = since
    while (following := (first.replace(day=1) + timedelta(days=32)).replace(day=1)) <= until:
        found.append((first, following))
        first = following
    return found


class Corrections:
    """随時更正 of one month: papers that came since the last decisions, slips of what changed."""

    def __init__(self, until: date, day: date) -> None:
        self.until, self.day = until, day

    def __call__(self, demo: Demo) -> None:
        """Corrected papers of the payers, the run, its release, the replaced slips."""
        files = [file for file in demo.deliveries.corrected_files() if file.arrives_on <= self.until]
        known = demo.notes.setdefault("corrected_files", [])
        assert isinstance(known, list)
        before = Decision.objects.count()
        with demo.timed(CORRECTIONS):
            demo.take_in([file for file in files if file.name not in known], papers_in.JOBS)
            known.extend(file.name for file in files)
            params = {"tax_year": TAX_YEAR, "documents_until": self.until.isoformat()}
            run = demo.job("B-PI-19", params, self.day)
            assessment.settle(demo, run, self.day)
            demo.release(run)
        demo.handled(CORRECTIONS, Decision.objects.count() - before)
        collection.slips_again(demo, self.day)


def next_year(demo: Demo) -> None:
    """令和9年度 as a trial on the last day: this year's facts a year on, under the law of the next year."""
    with demo.timed("翌年度試算"):
        demo.job("B-PI-13-T", {"tax_year": TAX_YEAR + 1}, collection.SETTLEMENT_DAYS[-1])


def rows() -> list[tuple[str, str]]:
    """The parallel run, and the two cuts of the year against last year."""
    taken = TakenOverFigures.objects.all()
    cuts = AssessmentRun.objects.filter(
        tax_year=TAX_YEAR, kind__in=[RunKind.INITIAL_WAGE, RunKind.INITIAL_ORDINARY], state=RunState.RELEASED
    )
    summaries = [comparison_summary(run.pk) for run in cuts]
    people = sum(summary.total_people for summary in summaries)
    unexplained = sum(summary.unexplained_people for summary in summaries)
    corrected = Decision.objects.filter(tax_year=TAX_YEAR, run__kind=RunKind.CORRECTION)
    return [
        ("扶養の要確認", f"{WorkItem.objects.filter(run__job_id='B-PI-12').count():,}件"),
        ("随時更正", f"{corrected.count():,}件"),
        ("前年度の移行", f"{taken.count():,}件(再計算との差 {taken.exclude(difference_yen=0).count():,}件)"),
        ("前年比較", f"{people:,}人(説明できない差 {unexplained:,}件)"),
        *_trial_rows(),
    ]


def _trial_rows() -> list[tuple[str, str]]:
    trial = AssessmentRun.objects.filter(tax_year=TAX_YEAR + 1, kind=RunKind.TRIAL).last()
    if trial is None:
        return []
    summary = comparison_summary(trial.pk)
    law = sum(reason.yen for reason in summary.reasons if reason.code == "law")
    return [
        ("翌年度試算", f"{summary.total_people:,}人 本年度との差 {summary.difference_yen:,}円(うち税制改正 {law:,}円)")
    ]
