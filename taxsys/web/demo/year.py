"""The order of the demonstration's year and its closing table. Each desk's steps stand in a module of their own."""

from collections.abc import Callable
from datetime import date

from taxsys.web.demo.steps import (
    assessment,
    bridge,
    collection,
    duties,
    notices,
    numbers,
    oversight,
    papers_in,
    refunds,
    registers,
    rights,
    year_change,
)
from taxsys.web.demo.walk import TAX_YEAR, Demo

Step = Callable[[Demo], None]


def _reminders(day: tuple[int, int], *, issued: tuple[int, int], due_until: tuple[int, int]) -> duties.Reminders:
    """A round of reminders: extracted and issued on these days (month, day) for what was due until the last.

    Money of the portal reaches the city up to two weeks after it was paid: a round asks only for what is older.
    """
    return duties.Reminders(
        extracted_on=date(TAX_YEAR, *day), issued_on=date(TAX_YEAR, *issued), due_until=date(TAX_YEAR, *due_until)
    )


# In the order of the simulated days.
STEPS: tuple[Step, ...] = (
    papers_in.spring,
    year_change.last_year,
    assessment.population,
    year_change.dependants,
    assessment.wage_cut,
    notices.withholding_notices,
    papers_in.late,
    numbers.files,
    assessment.ordinary_cut,
    collection.mandates,
    collection.slips,
    bridge.copies,
    notices.tax_notices,
    notices.withholding_changes,
    # Money up to a day; another desk's step may stand between two of them.
    collection.Money(date(TAX_YEAR, 7, 16)),
    _reminders((7, 16), issued=(7, 17), due_until=(6, 30)),
    year_change.ResidentChanges(date(TAX_YEAR, 8, 1)),
    collection.Money(date(TAX_YEAR, 8, 16)),
    year_change.Corrections(until=date(TAX_YEAR, 8, 15), day=date(TAX_YEAR, 8, 18)),
    _reminders((8, 18), issued=(8, 19), due_until=(7, 10)),
    notices.correction_notices,
    collection.Money(date(TAX_YEAR, 9, 16)),
    _reminders((9, 16), issued=(9, 17), due_until=(8, 31)),
    collection.Money(date(TAX_YEAR, 10, 16)),
    _reminders((10, 16), issued=(10, 19), due_until=(9, 10)),
    refunds.refunds,
    year_change.ResidentChanges(date(TAX_YEAR, 11, 1)),
    collection.Money(date(TAX_YEAR, 11, 20)),
    _reminders((11, 20), issued=(11, 20), due_until=(11, 2)),
    duties.certificates,
    collection.prove,
    year_change.next_year,
    bridge.copies_since,
    bridge.neighbour,
    rights.recertification,
    registers.rows_of_the_desk,
    oversight.review,
)
ROWS: tuple[Callable[[], list[tuple[str, str]]], ...] = (
    papers_in.rows,
    assessment.rows,
    year_change.rows,
    notices.rows,
    collection.rows,
    refunds.rows,
    duties.rows,
    bridge.rows,
    numbers.rows,
    rights.rows,
    registers.rows,
    oversight.rows,
)


def run_year(demo: Demo) -> None:
    """Walk every step. Raises DemoStopped where one does not end as it should."""
    for step in STEPS:
        step(demo)


def summary(demo: Demo) -> list[tuple[str, str]]:
    """(what, figure) pairs of the table at the end."""
    rows = [row for part in ROWS for row in part()]
    for name, seconds in demo.seconds.items():
        speed = f"（{demo.records[name] / seconds:,.0f}件/秒）" if demo.records.get(name) and seconds else ""
        rows.append((f"所要 {name}", f"{seconds:.1f}秒{speed}"))
    return rows
