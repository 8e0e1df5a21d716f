"""督促の回の集計 (counts and yen of reminder runs)."""

from dataclasses import dataclass

from django.db.models import Count, F, Sum

from delinquency.models import Reminder, ReminderRun, ReminderState


@dataclass(frozen=True, slots=True)
class RunCounts:
    """One run with its figures: asked = extracted or issued, held, dropped, withdrawn."""

    run: ReminderRun
    asked: int
    asked_yen: int
    held: int
    dropped: int
    withdrawn: int


def runs_newest(limit: int = 50) -> list[RunCounts]:
    """The newest runs with their figures, in two queries."""
    runs = list(ReminderRun.objects.order_by("-issued_on", "-pk")[:limit])
    figures = {
        (row["run_id"], row["state"]): (row["n"], row["yen"])
        for row in Reminder.objects.filter(run__in=runs)
        .values("run_id", "state")
        .annotate(n=Count("pk"), yen=Sum(F("unpaid_yen") + F("fee_yen")))
        .order_by()
    }

    def of(run: ReminderRun, *states: str) -> tuple[int, int]:
        found = [figures.get((run.pk, state), (0, 0)) for state in states]
        return sum(n for n, _yen in found), int(sum(yen for _n, yen in found))

    rows = []
    for run in runs:
        asked, yen = of(run, ReminderState.CANDIDATE, ReminderState.ISSUED)
        rows.append(
            RunCounts(
                run,
                asked,
                yen,
                of(run, ReminderState.HELD)[0],
                of(run, ReminderState.DROPPED)[0],
                of(run, ReminderState.WITHDRAWN)[0],
            )
        )
    return rows
