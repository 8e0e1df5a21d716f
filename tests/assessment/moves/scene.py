"""Employees of a decided year for the tests of changes: two employers, notified changes, runs let go."""

from datetime import date
from typing import Any
from uuid import UUID

from assessment.models import AssessmentRun, EmploymentChange, RunKind, Withholder
from assessment.resident import runs
from assessment.resident.moves import runs as moves
from assessment.resident.moves.services import ChangeDraft, change_record
from collection.models import WithheldShare
from collection.selectors.levied import levied_instalments
from taxsys.platform.staff.models import Staff
from tests.assessment.runs.test_initial_runs import CITY_CODE, on

YEAR = 2026


def employee() -> tuple[UUID, Withholder]:
    """Somebody whose whole tax is withheld from wages, all twelve months, and the employer."""
    row = (
        WithheldShare.objects.filter(charge__instalment_no=12, amount_yen__gt=4000)
        .order_by("employee__person_no")
        .select_related("charge")[0]
    )
    return row.employee_id, Withholder.objects.get(designation_no=row.charge.notice_no)


def other_employer(than: Withholder) -> Withholder:
    return Withholder.objects.exclude(pk=than.pk).order_by("designation_no")[0]


def books(party: UUID) -> dict[tuple[str, str], dict[int, int]]:
    """What stands levied of a person: yen by stream (method, number) and place."""
    found: dict[tuple[str, str], dict[int, int]] = {}
    for one in levied_instalments(tax_kind="10", tax_year=YEAR, taxpayer_ids=[party]):
        yen = one.city_yen + one.prefecture_yen + one.forest_yen
        found.setdefault((one.method, one.notice_no), {})[one.instalment_no] = yen
    return found


def total(party: UUID) -> int:
    return sum(sum(places.values()) for places in books(party).values())


def notify(party: UUID, *, day: date, **values: Any) -> EmploymentChange:
    """A change is recorded on a day."""
    with on(day):
        draft = ChangeDraft(tax_year=YEAR, party_id=party, received_on=day, **values)
        return change_record(draft, actor_id="1001")


def leave(party: UUID, employer: Withholder, event_on: date, last: int, *, day: date, **more: Any) -> EmploymentChange:
    values = {"reason": "1", "after": "3", "withholder_id": employer.pk, "event_on": event_on, "last_place": last}
    return notify(party, day=day, **{**values, **more})


def transfer(
    party: UUID, old: Withholder, new: Withholder, event_on: date, last: int, *, day: date, **more: Any
) -> EmploymentChange:
    values = {
        "reason": "2", "after": "1", "withholder_id": old.pk, "event_on": event_on, "last_place": last,
        "new_withholder_id": new.pk, "new_employee_no": "N-77", "first_place": last + 1,
    }  # fmt: skip
    return notify(party, day=day, **{**values, **more})


def moves_run(day: date) -> AssessmentRun:
    """A run of changes, computed and not released."""
    with on(day):
        run = runs.run_open(
            tax_year=YEAR, kind=RunKind.MOVES, documents_until=day, requested_by="S-CLERK", city_code=CITY_CODE
        )
        moves.moves_compute_chunk(run, moves.moves_population(run), city_code=CITY_CODE)
        runs.run_computed(run)
    return run


def release_moves(run: AssessmentRun, day: date) -> dict[str, int]:
    """A second person lets the changes go."""
    with on(day):
        people = [one.party_id for one in runs.people_to_release(run)]
        counts = moves.moves_release_chunk(run, people, released_by="S-CHIEF", city_code=CITY_CODE)
        moves.moves_released(run)
        runs.run_released(run, released_by="S-CHIEF")
    return counts


def move(day: date) -> AssessmentRun:
    """Changes noted so far take effect."""
    run = moves_run(day)
    release_moves(run, day)
    run.refresh_from_db()
    return run


def clerk() -> Staff:
    return Staff.objects.get(staff_no="1001")
