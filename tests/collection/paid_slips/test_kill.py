"""The intakes of paid slips, killed at any of their commits: each batch is taken once and posted once."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from collection.models import Charge, Receipt
from collection.paid_slips.models import SlipBatch
from collection.selectors.proofs import prove_ledger
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.jobs.services import SYSTEM, _start, job_request
from tests.collection.files_of import DESK, at_desk
from tests.collection.paid_slips.slips_of import (
    DAY,
    OCR,
    PUNCH,
    ocr_file,
    ocr_record,
    punch_file,
    punch_record,
    slips,
)
from tests.collection.test_takeover import received
from tests.jobs.kill import Workshop, leases_expire

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Work is done by the killable workers only."""
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with Workshop() as shop:
        yield shop


def content_of(job_id: str) -> tuple[str, bytes]:
    """Two slips of 50,000 yen, read or punched."""
    first, second, _third = slips()
    if job_id == "B-CL-07":
        return OCR, ocr_file([ocr_record(first, 1), ocr_record(second, 2)], 50_000)
    one, two, _three = Charge.objects.order_by("instalment_no")
    return PUNCH, punch_file([punch_record(one, 1, 30_000), punch_record(two, 2, 20_000)], 50_000)


@pytest.mark.usefixtures("quick_hashes")
@pytest.mark.parametrize("job_id", ["B-CL-07", "B-CL-07-P"])
def test_a_batch_killed_at_any_of_its_commits_is_posted_once(workshop: Workshop, job_id: str) -> None:
    layout, content = content_of(job_id)
    with at_desk(DAY):
        file_id = received(layout, content)
    with clock.at(DAY), using(DESK):
        run = job_request(job_id, {"file": file_id}, actor=SYSTEM, business_on=DAY)
        _start(run.pk, SYSTEM)
    kills = 0
    for boundary in range(1, 60, 2):
        if workshop.work(run.pk, kill_at=boundary) == 0:
            break
        kills += 1
        leases_expire()
    assert kills >= 3
    assert list(SlipBatch.objects.values_list("state", "control_yen")) == [("posted", 50_000)]
    assert sorted(Receipt.objects.values_list("amount_yen", flat=True)) == [20_000, 30_000]
    assert ReceivedFile.objects.get(pk=file_id).state == "applied"
    assert prove_ledger().is_ok
