"""Killed jobs of the take-over (B-CL-40, B-CL-41): everything once or nothing, the same files in the end."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from addressbook.models import Party
from collection.models import JournalEntry, Slip, Transfer
from collection.takeover.models import ComparisonRow, TakeoverTotal
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.files import layouts
from taxsys.platform.jobs.models import JobOutput, JobRun
from taxsys.platform.jobs.services import SYSTEM, _start, job_approve, job_request
from tests.collection.books import party
from tests.collection.files_of import DESK
from tests.collection.test_parallel_run import AGREED, state
from tests.collection.test_takeover import CONTROL, CUTOVER, PARAMS, received, tables, take_over
from tests.jobs.kill import Workshop, leases_expire, survives_every_kill
from tests.platform.actors import officer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_hashes")]


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Work is done by the killable workers only."""
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with Workshop() as shop:
        yield shop


def started(job_id: str, params: dict[str, Any]) -> int:
    with clock.at(CUTOVER), using(DESK):
        run = job_request(job_id, params, actor=SYSTEM, business_on=CUTOVER)
        if run.state != "approved":
            chief = officer("2002", permissions=["collection.take_over"], unit_name="納税管理課")
            job_approve(run.pk, actor=chief)
        _start(run.pk, SYSTEM)
    return run.pk


def test_a_take_over_killed_again_and_again_is_posted_once(workshop: Workshop) -> None:
    """Each boundary kills one more time within the same run: reading, posting, reconciling and the list are passed."""
    given = tables(Party.objects.get(pk=party(7)))
    files = {PARAMS[name]: received(name, layouts.get(name).write(rows)) for name, rows in given.items()}
    run_id = started("B-CL-40", {"batch_no": "R8-1", "cutover_on": CUTOVER.isoformat(), **files, **CONTROL})
    kills = 0
    for boundary in range(1, 60, 2):
        if workshop.work(run_id, kill_at=boundary) == 0:
            break
        kills += 1
        leases_expire()
    assert kills >= 3
    run = JobRun.objects.get(pk=run_id)
    assert (run.state, [gate.ok for gate in run.gates.filter(gate_id="CL-TAKEOVER")]) == ("finished", [True])
    assert (JournalEntry.objects.count(), Slip.objects.count()) == (4, 1)
    assert Transfer.objects.count() == 13
    assert TakeoverTotal.objects.count() == 6
    assert JobOutput.objects.get(run=run_id).name == "移行照合表.csv"


def test_a_comparison_killed_at_any_of_its_commits_ends_with_the_same_list(workshop: Workshop) -> None:
    with clock.at(CUTOVER):
        take_over(tables(Party.objects.get(pk=party(7))))
    rows = [state(1, 30_000, 29_000, 1_000), *AGREED[1:]]
    file_id = received("local_ikou_shogo", layouts.get("local_ikou_shogo").write(rows))

    def left_behind(run_id: int) -> dict[str, Any]:
        assert JobRun.objects.get(pk=run_id).state == "finished"
        return {
            "files": dict(JobOutput.objects.filter(run=run_id).values_list("name", "sha256")),
            "rows": list(ComparisonRow.objects.order_by("charge_key", "item").values_list("item", "yen")),
        }

    kills = survives_every_kill(
        workshop,
        start=lambda: started("B-CL-41", {"file": file_id, "on": CUTOVER.isoformat()}),
        result=left_behind,
        points=range(1, 60, 4),
    )
    assert kills >= 3
