"""Files on disk go with their rows; files that something still needs stay (R-190, R-191)."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from assessment.sources.models import SourceDocument
from taxsys.platform.files import storage
from taxsys.platform.files.models import LineError, OutgoingFile, ReceivedFile
from taxsys.platform.jobs.models import JobOutput, JobRun
from taxsys.platform.printing.models import PrintItem, PrintPackage, PrintPart
from taxsys.platform.retention.models import DoomedFile, ErasureCertificate
from tests.retention.people import candidates, erased

pytestmark = pytest.mark.django_db
LONG_AGO = datetime(2014, 5, 1, tzinfo=UTC)


def received(name: str, *, on: date = date(2014, 5, 1), content: bytes = b"x") -> ReceivedFile:
    path = f"received/2014/05/{name}.bin"
    storage.store(path, content, encrypted=True)
    return ReceivedFile.objects.create(
        name=name, format="f", sender="s", channel="line", sha256=storage.sha256_of(name.encode()), content_key=name,
        size=1, stored_path=path, received_on=on, received_at=LONG_AGO, received_by="t", state="applied",
        is_number_bearing=True,
    )  # fmt: skip


@pytest.mark.req("R-191")
def test_a_received_file_goes_with_its_bytes_on_disk(data_folder: Path) -> None:
    old = received("old")
    LineError.objects.create(file=old, line_no=1, code="L0101", message_ja="x")
    young = received("young", on=date(2026, 5, 1))
    erased("files.received")
    assert list(ReceivedFile.objects.all()) == [young]
    assert [path.name for path in data_folder.rglob("*.bin")] == ["young.bin"]
    assert ErasureCertificate.objects.get().facts["files"] == 1
    assert DoomedFile.objects.count() == 0  # the names of what is gone are forgotten too


def test_a_file_stays_while_a_document_of_it_stays(data_folder: Path) -> None:
    old = received("old")
    SourceDocument.objects.create(
        kind="wage_report", tax_year=2026, received_file=old, line_no=1, business_key="k", arrived_on=date(2026, 2, 1),
        name="試験", items={},
    )  # fmt: skip
    target = candidates("files.received")
    assert list(target.items.values_list("stop_code", flat=True)) == ["documents"]


def test_an_issued_file_goes_with_its_manifest_unless_it_is_underway(data_folder: Path) -> None:
    for name, state in (("sent", "acknowledged"), ("unknown", "unknown")):
        storage.store(f"issued/k/{name}.bin", b"x")
        storage.store(f"issued/k/{name}.bin.manifest.json", b"{}")
        OutgoingFile.objects.create(
            kind="k", business_key=name, name=name, sha256=storage.sha256_of(name.encode()), size=1, record_count=1,
            stored_path=f"issued/k/{name}.bin", created_at=LONG_AGO, created_by="t", state_changed_at=LONG_AGO,
            state=state,
        )  # fmt: skip
    erased("files.issued")
    assert list(OutgoingFile.objects.values_list("name", flat=True)) == ["unknown"]
    assert sorted(path.name for path in data_folder.rglob("*.bin*")) == ["unknown.bin", "unknown.bin.manifest.json"]


def test_a_print_package_goes_with_its_parts_and_pdfs(data_folder: Path) -> None:
    package = PrintPackage.objects.create(
        kind="k", business_key="b", title_ja="t", built_by="1", released_by="2", built_at=LONG_AGO, state="planned"
    )
    storage.store("print/k/b/v1/part.pdf", b"%PDF")
    PrintPart.objects.create(
        package=package, part_no=1, batch="inhouse", first_seq=1, pieces=1, pages=1, pdf_path="k/b/v1/part.pdf"
    )
    PrintItem.objects.create(
        package=package, part_no=1, batch="inhouse", seq=1, item_key="i", person_no="P1", notice_no="N1", mail_kind="0",
        pages=1, first_page=1,
    )  # fmt: skip
    package.state = "built"
    package.save()
    erased("printing.package")
    assert (PrintPackage.objects.count(), PrintItem.objects.count(), PrintPart.objects.count()) == (0, 0, 0)
    assert list(data_folder.rglob("*.pdf")) == []


def test_runs_of_long_ago_go_with_their_outputs(data_folder: Path) -> None:
    run = JobRun.objects.create(
        job_id="B-X", params_hash="h", scope="s", business_on=date(2014, 5, 1), requested_by="1",
        requested_by_name="x", requested_at=LONG_AGO, finished_at=LONG_AGO, state="finished",
    )  # fmt: skip
    storage.store("runs/1/list.csv", b"x")
    JobOutput.objects.create(run=run, name="list.csv", kind="k", path="runs/1/list.csv", sha256="0" * 64, size=1)
    erased("jobs.run")
    assert not JobRun.objects.filter(job_id="B-X").exists()
    assert list(data_folder.rglob("*.csv")) == []
