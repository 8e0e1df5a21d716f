"""A killed erasure is finished by the next worker: nothing erased twice, no file left, one certificate (H001, H002)."""

import signal
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from taxsys.platform.audit.context import using
from taxsys.platform.files import storage
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.retention import services
from taxsys.platform.retention.models import DoomedFile, ErasureCertificate, ErasureItem, ErasureList
from tests.jobs.kill import Workshop, leases_expire
from tests.retention.people import SOMEBODY, approved, candidates, started
from tests.retention.test_files import received

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_hashes")]


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Work is done by the killable workers only."""
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with Workshop(modules=("tests.retention.small_chunks",)) as shop:
        yield shop


@pytest.mark.req("R-190")
def test_an_erasure_killed_at_any_of_its_commits_is_finished_by_the_next_worker(
    workshop: Workshop, data_folder: Path
) -> None:
    """Each boundary kills one more time within the same run: begin, rows, files and certificate are all passed."""
    for number in range(5):
        received(f"old{number}")
    young = received("young", on=date(2026, 5, 1))
    target = approved(candidates("files.received"))
    run_id = started("B-RT-02", list=target.pk)
    kills = 0
    for boundary in range(1, 200, 2):
        status = workshop.work(run_id, kill_at=boundary)
        if status == 0:
            break
        kills += 1
        leases_expire()
    assert kills >= 5
    assert JobRun.objects.get(pk=run_id).state == "finished"
    assert list(ReceivedFile.objects.all()) == [young]
    assert [path.name for path in data_folder.rglob("*.bin")] == ["young.bin"]
    certificate = ErasureCertificate.objects.get()
    assert (certificate.facts["erased"], certificate.facts["files"]) == (5, 5)
    assert (ErasureItem.objects.count(), DoomedFile.objects.count()) == (0, 0)
    assert ErasureList.objects.get().chunks.count() == 5


def test_a_dry_run_killed_again_and_again_makes_each_list_once(workshop: Workshop, data_folder: Path) -> None:
    for number in range(3):
        received(f"old{number}")
    run_id = started("B-RT-01")
    for boundary in (3, 9, 21, 40):
        assert workshop.work(run_id, kill_at=boundary) == -signal.SIGKILL
        leases_expire()
    assert workshop.work(run_id) == 0
    assert JobRun.objects.get(pk=run_id).state == "finished"
    made = ErasureList.objects.exclude(state="dropped")
    assert list(made.values_list("family", "planned")) == [("files.received", 3)]
    assert ReceivedFile.objects.count() == 3


def test_bytes_whose_rows_are_gone_are_found_again_by_the_next_worker(data_folder: Path) -> None:
    """The list of files is written with the deletion: a worker that dies in between leaves none behind."""
    received("old")
    target = approved(candidates("files.received"))
    with using(SOMEBODY):
        services.erasure_begin(target.pk)
        services.erasure_chunk(target.pk, from_no=1, to_no=1)
        doomed = DoomedFile.objects.get()
        storage.remove(doomed.path)  # removed, and killed before the mark was kept
        assert services.files_remove([doomed.pk]) == 1
        services.erasure_finish(target.pk)
    assert list(data_folder.rglob("*.bin")) == []
