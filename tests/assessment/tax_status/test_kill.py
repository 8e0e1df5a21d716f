"""A killed count of the statistics (B-PI-26) is finished by the next worker with the same files."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from taxsys.platform.jobs.models import JobOutput, JobRun
from taxsys.platform.jobs.services import SYSTEM, _start, job_request
from tests.assessment.tax_status.people import fourteen
from tests.jobs.kill import Workshop, survives_every_kill

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_hashes")]


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Work is done by the killable workers only."""
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with Workshop() as shop:
        yield shop


def started() -> int:
    run = job_request("B-PI-26", {"tax_year": 2026, "use": "inside"}, actor=SYSTEM, business_on=date(2026, 11, 20))
    _start(run.pk, SYSTEM)
    return run.pk


def files(run_id: int) -> dict[str, str]:
    assert JobRun.objects.get(pk=run_id).state == "finished"
    return dict(JobOutput.objects.filter(run=run_id).values_list("name", "sha256"))


def test_a_count_killed_at_any_of_its_commits_ends_with_the_same_files(workshop: Workshop) -> None:
    fourteen()
    kills = survives_every_kill(workshop, start=started, result=files, points=range(1, 60, 3))
    assert kills >= 5
    assert len(files(JobRun.objects.latest("pk").pk)) == 17
