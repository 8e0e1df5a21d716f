"""評価書との照合: the register's rows in force against the counts of the published assessment (R-160).

Where they differ, one open task a kind asks for the assessment (or the register) to be put right; it closes by itself
on the day they agree.
"""

import csv
from datetime import date
from functools import lru_cache
from pathlib import Path

from django.db import transaction

from intermediary.models import PiaTask, RegisterRow
from intermediary.selectors.register import in_period

COUNTS = Path(__file__).resolve().parent.parent / "registers" / "pia_counts.csv"


@lru_cache(maxsize=1)
def _published() -> tuple[tuple[date, dict[str, int], str], ...]:
    with COUNTS.open(encoding="utf-8", newline="") as handle:
        rows = [
            (
                date.fromisoformat(row["published_on"]),
                {kind: int(row[kind]) for kind in RegisterRow.Kind.values},
                row["source"],
            )
            for row in csv.DictReader(handle)
        ]
    return tuple(sorted(rows, key=lambda row: row[0]))


def pia_counts(*, on: date) -> tuple[dict[str, int], str]:
    """Kind → rows of the assessment in force on the day (the first one before its day), and where that stands."""
    rows = [row for row in _published() if row[0] <= on] or [_published()[0]]
    return rows[-1][1], rows[-1][2]


@transaction.atomic
def pia_compare(*, on: date) -> list[PiaTask]:
    """Compare both kinds, raise, refresh or close their tasks; the tasks that are open afterwards."""
    published, _source = pia_counts(on=on)
    still_open = []
    for kind, expected in published.items():
        found = RegisterRow.objects.filter(in_period(on), kind=kind).count()
        task = PiaTask.objects.select_for_update().filter(kind=kind, closed_on__isnull=True).first()
        if found == expected:
            if task is not None:
                task.register_count, task.checked_on, task.closed_on = found, on, on
                task.save()
            continue
        if task is None:
            task = PiaTask(kind=kind, raised_on=on)
        task.pia_count, task.register_count, task.checked_on = expected, found, on
        task.save()
        still_open.append(task)
    return still_open
