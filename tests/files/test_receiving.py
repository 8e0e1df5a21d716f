"""Receipts: bytes kept as they came, repeats refused and recorded, refused files in quarantine, issues made once."""

import json
import stat
from pathlib import Path

import pytest
from django.db import DatabaseError, transaction

from taxsys.platform.files import layouts
from taxsys.platform.files.errors import (
    DuplicateFile,
    FileRefused,
    OutgoingConflict,
    StateNotAllowed,
    StoredFileDamaged,
)
from taxsys.platform.files.models import LineError, OutgoingFile, ReceivedFile, RefusedAttempt
from taxsys.platform.files.services import (
    file_applied,
    file_issue,
    file_receive,
    file_stage,
    outgoing_state_change,
)
from tests.files.sample import MY_NUMBER, content_of, record_of

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def data_dir(tmp_path: Path, settings: object) -> Path:
    folder = tmp_path / "files"
    folder.mkdir()
    settings.TAXSYS_DATA_DIR = folder  # type: ignore[attr-defined]
    settings.TAXSYS_CREATE_KEYS = True  # type: ignore[attr-defined]
    return folder


def bank_file(amount: int = 700) -> bytes:
    layout = layouts.get("zengin_91")
    return content_of(layout, [{**record_of(layout), "amount": amount}])


def receive(content: bytes, format: str = "zengin_91", **more: object) -> ReceivedFile:
    given = {"name": "FURI.txt", "sender": "北海銀行", "channel": "line", **more}
    return file_receive(content=content, format=format, **given)


@pytest.mark.req("R-003")
@pytest.mark.req("R-209")
def test_a_file_is_kept_byte_for_byte_with_its_receipt() -> None:
    content = bank_file()
    received = receive(content)
    again = ReceivedFile.objects.get(pk=received.pk)
    assert again.open_bytes() == content
    assert (again.state, again.size, again.sender, again.channel) == ("received", len(content), "北海銀行", "line")


def test_the_same_bytes_are_refused_once_more_and_the_attempt_stays_on_record() -> None:
    content = bank_file()
    first = receive(content)
    with pytest.raises(DuplicateFile) as refused:
        receive(content, name="other name.txt", sender="別の銀行")
    assert (refused.value.code, refused.value.received_id) == ("L0105", str(first.pk))
    assert "受領済" in refused.value.message_ja
    attempt = RefusedAttempt.objects.get()
    assert (attempt.file_id, attempt.name, attempt.sender, attempt.code) == (
        first.pk,
        "other name.txt",
        "別の銀行",
        "L0105",
    )
    assert ReceivedFile.objects.count() == 1


@pytest.mark.parametrize(
    "change", [lambda c: c.replace(b"\r\n", b""), lambda c: c.replace(b"\r\n", b"\n"), lambda c: c + b"\x1a"]
)
def test_the_same_bank_content_with_other_line_ends_is_refused_too(change: object) -> None:
    content = bank_file()
    receive(content)
    with pytest.raises(DuplicateFile):
        receive(change(content))  # type: ignore[operator]


def test_other_content_is_no_repeat() -> None:
    receive(bank_file(700))
    receive(bank_file(701))
    assert ReceivedFile.objects.count() == 2


def test_a_number_bearing_file_is_encrypted_at_rest_and_readable_again(data_dir: Path) -> None:
    layout = layouts.get("kyuho_315", "local2025")
    content = content_of(layout, [{**record_of(layout), "payee_my_number": MY_NUMBER}])
    received = receive(content, "kyuho_315/local2025")
    assert received.is_number_bearing
    stored = (data_dir / received.stored_path).read_bytes()
    assert MY_NUMBER.encode() not in stored
    assert received.open_bytes() == content
    assert stat.S_IMODE((data_dir / "keys" / "files.key").stat().st_mode) == 0o600


@pytest.mark.parametrize("place", [0, 10, -1])
def test_a_changed_stored_file_is_not_given_out(data_dir: Path, place: int) -> None:
    for format in ("zengin_91", "local_juki_ido"):
        received = receive(bank_file(len(format)), format)
        path = data_dir / received.stored_path
        body = bytearray(path.read_bytes())
        body[place] ^= 1
        path.write_bytes(body)
        with pytest.raises(StoredFileDamaged) as damaged:
            received.open_bytes()
        assert damaged.value.code == "L0110"


def test_staging_records_counts_sums_and_each_line_set_aside() -> None:
    layout = layouts.get("local_kyotsu_nofu_result")
    good = {**record_of(layout), "amount": 25_000}
    lines = content_of(layout, [good, good, good]).split(b"\r\n")
    lines[2] = lines[2].replace(b"25000", b"25,00")
    received = receive(b"\r\n".join(lines), "local_kyotsu_nofu_result")
    parsed = file_stage(received)
    assert parsed is not None
    received.refresh_from_db()
    assert (received.state, received.record_count, received.error_count) == ("staged", 2, 1)
    assert received.amount_sums["amount"] == 50_000
    error = LineError.objects.get(file=received)
    assert (error.line_no, error.code, len(error.raw_hash)) == (3, "L0101", 64)
    file_stage(received)
    assert LineError.objects.filter(file=received).count() == 1


def test_a_file_with_wrong_totals_goes_to_quarantine_and_may_be_sent_again_corrected(data_dir: Path) -> None:
    layout = layouts.get("zengin_91")
    wrong = layout.write([{**record_of(layout), "amount": 5}], header={**_header()}, trailer={"amount": 6})
    received = receive(wrong)
    assert file_stage(received) is None
    received.refresh_from_db()
    assert (received.state, received.refusal_code) == ("quarantined", "L0104")
    assert received.stored_path.startswith("quarantine/")
    assert received.open_bytes() == wrong
    with pytest.raises(StateNotAllowed):
        file_applied(received, complete=True)
    right = receive(layout.write([{**record_of(layout), "amount": 5}], header={**_header()}))
    assert file_stage(right) is not None


def _header() -> dict[str, object]:
    from tests.files.sample import header_of

    return header_of(layouts.get("zengin_91"))


def test_a_receipt_can_neither_be_deleted_nor_given_other_content() -> None:
    received = receive(bank_file())
    with pytest.raises(DatabaseError), transaction.atomic():
        ReceivedFile.objects.filter(pk=received.pk).delete()
    with pytest.raises(DatabaseError), transaction.atomic():
        ReceivedFile.objects.filter(pk=received.pk).update(sha256="0" * 64)
    assert ReceivedFile.objects.get().sha256 == received.sha256


@pytest.mark.parametrize(
    "name", ["../../etc/passwd", "a/b.txt", "..", "", " ", "a\x00b", "C:\\x.txt", "ab\u202etxt.exe", "長" * 256]
)
def test_a_name_that_is_a_path_is_refused_before_anything_is_written(data_dir: Path, name: str) -> None:
    with pytest.raises(FileRefused) as refused:
        receive(b"x", name=name)
    assert (refused.value.code, refused.value.field) == ("E0002", "name")
    assert list(data_dir.iterdir()) == []
    assert ReceivedFile.objects.count() == 0


def issue(content: bytes = b"1,2\r\n", **more: object) -> OutgoingFile:
    given = {"kind": "debit_request", "business_key": "2026-11-30/9900", "name": "FB20261130.txt", "record_count": 1}
    return file_issue(content=content, amount_sums={"amount": 700}, **{**given, **more})


@pytest.mark.req("R-106")
def test_an_outgoing_file_is_issued_once_with_its_manifest(data_dir: Path) -> None:
    first = issue()
    assert issue() == first
    assert OutgoingFile.objects.count() == 1
    manifest = json.loads((data_dir / f"{first.stored_path}.manifest.json").read_text())
    assert (manifest["record_count"], manifest["amount_sums"], manifest["sha256"]) == (1, {"amount": 700}, first.sha256)
    assert first.open_bytes() == b"1,2\r\n"


def test_other_content_under_the_same_business_key_is_a_conflict() -> None:
    issue()
    with pytest.raises(OutgoingConflict):
        issue(b"1,3\r\n")
    assert issue(b"1,3\r\n", business_key="2026-11-30/9900/2").state == "prepared"


def test_an_outgoing_file_goes_through_its_states_in_order_only() -> None:
    issued = issue()
    with pytest.raises(StateNotAllowed):
        outgoing_state_change(issued.pk, "acknowledged")
    for state in ("released", "sending", "unknown", "acknowledged", "acknowledged", "withdrawn"):
        assert outgoing_state_change(issued.pk, state, reason="試験").state == state
    with pytest.raises(StateNotAllowed):
        outgoing_state_change(issued.pk, "sending")


def test_two_receptions_at_the_same_moment_leave_one_receipt(monkeypatch: pytest.MonkeyPatch, data_dir: Path) -> None:
    from taxsys.platform.files import services

    content = bank_file()
    look, looked = services._refuse_repeat, []

    def late(**given: object) -> None:
        """The first look comes before the other process is done, the second after."""
        looked.append(1)
        if len(looked) > 1:
            look(**given)

    receive(content)
    monkeypatch.setattr(services, "_refuse_repeat", late)
    with pytest.raises(DuplicateFile):
        receive(content)
    assert ReceivedFile.objects.count() == 1
    assert len(list((data_dir / "received").rglob("*.bin"))) == 1
