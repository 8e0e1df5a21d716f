"""The count of the fee, killed at any of its commits: one draft, claimed once."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from collection.remitting.models import FeeClaim, FeeLine
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.jobs.services import SYSTEM, _start, job_request
from tests.collection.files_of import DESK
from tests.collection.test_remittance import close, levy
from tests.jobs.kill import Workshop, leases_expire

pytestmark = pytest.mark.django_db(transaction=True)
DAY = date(2026, 7, 9)


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path) -> Iterator[Workshop]:
    """Workers that can be killed."""
    with Workshop() as shop:
        yield shop


@pytest.mark.usefixtures("quick_hashes")
def test_a_killed_count_leaves_one_draft(workshop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    with clock.at(DAY):
        levy(1, (6_000, 3_900, 100))
        close(date(2026, 6, 30))
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with clock.at(DAY), using(DESK):
        run = job_request("B-PI-25-F", {"fiscal_year": 2026, "term": 1}, actor=SYSTEM, business_on=DAY)
        _start(run.pk, SYSTEM)
    kills = 0
    for boundary in range(1, 60, 2):
        if workshop.work(run.pk, kill_at=boundary) == 0:
            break
        kills += 1
        leases_expire()
    assert kills >= 3
    assert [(one.term, one.total_yen, one.state) for one in FeeClaim.objects.all()] == [(1, 3_000, "draft")]
    assert FeeLine.objects.count() == 5
    run.refresh_from_db()
    assert run.state == "finished"
    assert run.outputs.count() == 2
