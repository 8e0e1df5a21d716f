"""Steps of a decided year for the tests of its changes: both cuts released, corrected papers, corrections released."""

from collections.abc import Callable
from datetime import date
from typing import Any

from assessment.models import AssessmentRun, RunKind, SourceDocument
from assessment.resident import corrections, runs
from assessment.sources.services import DocumentRow, documents_register
from taxsys.platform.files.services import file_receive
from tests.assessment.runs.test_initial_runs import CITY_CODE, on, release, run_through

Content = Callable[[dict[str, Any]], dict[str, Any]]


def decide_year() -> tuple[AssessmentRun, AssessmentRun]:
    """Both cuts of the year, released."""
    wage = run_through(RunKind.INITIAL_WAGE, date(2026, 5, 8), date(2026, 5, 10))
    release(wage, date(2026, 5, 12))
    ordinary = run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 1), date(2026, 6, 3))
    release(ordinary, date(2026, 6, 5))
    return wage, ordinary


def correct_paper(paper: SourceDocument, change: Content, *, arrives_on: date) -> None:
    """The sender corrects one paper."""
    with on(arrives_on):
        received = file_receive(
            name=f"correction-{paper.pk}-{arrives_on}.csv", content=f"{paper.pk}{arrives_on}".encode(),
            format="kyuho_315/local2025", sender="eLTAX", channel="line",
        )  # fmt: skip
        row = DocumentRow(
            kind=paper.kind, tax_year=paper.tax_year, line_no=1, business_key=paper.business_key, filing_kind="2",
            arrived_on=arrives_on, name=paper.name, name_kana=paper.name_kana, birth_on=paper.birth_on,
            address=paper.address, content=change(dict(paper.items)), relatives=paper.relatives,
            withholder_id=paper.withholder_id,
        )  # fmt: skip
        documents_register([row], received_file_id=received.pk)


def correction_run(until: date, day: date) -> AssessmentRun:
    """A correction run, computed and not released."""
    with on(day):
        run = runs.run_open(
            tax_year=2026, kind=RunKind.CORRECTION, documents_until=until, requested_by="S-CLERK", city_code=CITY_CODE
        )
        people = corrections.correction_population(run)
        corrections.correction_compute_chunk(run, people, city_code=CITY_CODE)
        runs.run_computed(run)
    return run


def release_correction(run: AssessmentRun, day: date, *, by: str = "S-CHIEF") -> dict[str, int]:
    """A second person lets the corrections go."""
    with on(day):
        people = [one.party_id for one in runs.people_to_release(run)]
        first = runs.notice_numbers_used(run.tax_year) + 1
        counts = corrections.correction_release_chunk(run, people, first_no=first, released_by=by, city_code=CITY_CODE)
        runs.run_released(run, released_by=by)
    return counts
