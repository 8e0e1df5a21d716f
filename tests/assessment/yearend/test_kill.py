"""B-PI-28 killed between its commits ends as the undisturbed run: everything carried once (H001)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assessment.models import EmploymentChange
from assessment.pensions.models import PensionStop
from assessment.yearend import jobs
from assessment.yearend.models import CarriedLine
from assessment.yearend.working import switched_year
from taxsys.platform import clock
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import SYSTEM, _start, job_release, job_request, job_run_inline
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Staff
from tests.assessment.yearend.scene import MARCH, NEW, OLD, decide, employee, employer, leave
from tests.jobs.kill import Workshop, survives_every_kill
from tests.jobs.snapshot import Snapshot
from tests.platform.actors import officer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_hashes")]


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    monkeypatch.setattr(jobs, "CHUNK_PERSONS", 2)
    with Workshop() as shop:
        yield shop


def city() -> None:
    payer = employer(901)
    people = [employee(no, payer, then=payer) for no in range(1, 6)]
    for party in people:
        PensionStop.objects.create(
            party=party, tax_year=OLD, reason="died", event_on=date(2026, 11, 1), first_place=2, request_state="sent",
            recorded_by="1001", recorded_at=clock.now(),
        )  # fmt: skip
    decide(OLD, date(2026, 6, 3))
    for party in people:
        leave(party, payer)


def result(run_id: int) -> object:
    lines = CarriedLine.objects.filter(switch__job_run_id=run_id).order_by("item", "key")
    made = EmploymentChange.objects.filter(tax_year=NEW).order_by("party__person_no")
    stops = PensionStop.objects.filter(tax_year=NEW).order_by("party__person_no")
    return (
        JobRun.objects.get(pk=run_id).state, switched_year(), list(lines.values_list("item", "key", "fate", "is_made")),
        list(made.values_list("party__person_no", "reason", "after", "event_on")),
        list(stops.values_list("party__person_no", "reason", "first_place")),
    )  # fmt: skip


def test_a_killed_trial_and_a_killed_release_carry_everything_once(workshop: Workshop) -> None:
    city()
    chief = officer("1002", permissions=list(catalogue()))
    snapshot = Snapshot("yearend")

    def asked() -> int:
        run = job_request("B-PI-28", {"tax_year": NEW}, actor=SYSTEM, business_on=MARCH)
        _start(run.pk, SYSTEM)
        return run.pk

    def releasing() -> int:
        run_id = asked()
        job_run_inline(run_id, raise_errors=True)
        with clock.at(MARCH):
            job_release(run_id, Staff.objects.get(pk=chief.pk))
        return run_id

    tried = survives_every_kill(workshop, start=asked, result=result, reset=snapshot.restore, points=range(2, 60, 7))
    carried = survives_every_kill(
        workshop, start=releasing, result=result, reset=snapshot.restore, points=range(1, 60, 7)
    )
    run_id = releasing()
    assert workshop.work(run_id) == 0
    state, year, lines, made, stops = result(run_id)
    assert (state, year, len(lines), len(made), len(stops)) == ("released", NEW, 10, 5, 5)
    snapshot.restore()
    snapshot.drop()
    assert min(tried, carried) >= 2
