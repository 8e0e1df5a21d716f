"""A killed count of the statistics (B-PI-26) is finished by the next worker with the same files."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from taxsys.platform.jobs.models import JobOutput, JobRun
from taxsys.platform.jobs.services import job_request
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.services import demo_accounts_create
from tests.assessment.tax_status.people import fourteen
from tests.jobs.kill import Workshop, leases_expire

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_hashes")]


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Work is done by the killable workers only."""
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with Workshop() as shop:
        yield shop


def asked() -> int:
    run = job_request(
        "B-PI-26", {"tax_year": 2026, "use": "inside"}, actor=Staff.objects.get(staff_no="1001"),
        business_on=date(2026, 11, 20),
    )  # fmt: skip
    return run.pk


def files(run_id: int) -> dict[str, str]:
    return dict(JobOutput.objects.filter(run=run_id).values_list("name", "sha256"))


def test_a_count_killed_at_its_commits_ends_with_the_same_files(workshop: Workshop) -> None:
    demo_accounts_create({"*": "correct-horse-battery-26"}, from_on=date(2025, 4, 1))
    fourteen()
    killed = asked()
    kills = 0
    for boundary in range(1, 60, 4):
        if workshop.work(killed, kill_at=boundary) == 0:
            break
        kills += 1
        leases_expire()
    assert kills >= 2
    assert workshop.work(killed) == 0 or JobRun.objects.get(pk=killed).state == "finished"
    calm = asked()
    assert workshop.work(calm) == 0
    assert len(files(killed)) == 17
    assert files(killed) == files(calm)
