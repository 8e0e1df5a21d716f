"""The files desk: what a clerk sees, takes in and hands over; and the same on the command line."""

import io
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import CommandError, call_command
from django.test import Client

from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files import layouts
from taxsys.platform.files.manifest import manifest_bytes, manifest_of
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
from taxsys.platform.files.permissions import RECEIVE, RELEASE, VIEW
from taxsys.platform.files.services import file_issue, file_receive, file_stage
from tests.files.sample import MY_NUMBER, content_of, record_of
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
FORMAT = "local_shien_sochi"


@pytest.fixture
def clerk(client: Client) -> Client:
    return sign_in(client, officer("5001", permissions=[VIEW, RECEIVE]))


def protections(count: int = 2) -> bytes:
    layout = layouts.get(FORMAT)
    return content_of(layout, [{**record_of(layout), "person_no": f"R{i:014d}"} for i in range(count)])


def posted(content: bytes, **more: Any) -> dict[str, Any]:
    return {
        "format": f"{FORMAT}/v1",
        "file": SimpleUploadedFile("shien.csv", content),
        "sender": "住民記録システム",
        "channel": "internal",
        **more,
    }


@pytest.mark.req("R-003")
def test_a_file_uploaded_is_kept_as_it_came_with_its_slip(clerk: Client) -> None:
    content = protections()
    slip = manifest_bytes(manifest_of(content, record_count=2, amount_sums={}))
    answer = clerk.post("/files/receive", posted(content, manifest=SimpleUploadedFile("m.json", slip)))
    received = ReceivedFile.objects.get()
    assert answer.headers["Location"] == f"/files/received/{received.pk}"
    assert (received.open_bytes(), received.manifest["record_count"]) == (content, 2)
    page = clerk.get(answer.headers["Location"]).content.decode()
    assert "住民記録システム" in page
    assert "あり（件数 2）" in page
    assert AccessEvent.objects.filter(action="create", record_id=str(received.pk)).count() == 1


def test_the_same_file_again_is_told_at_the_field_and_nothing_is_kept(clerk: Client) -> None:
    clerk.post("/files/receive", posted(protections()))
    again = clerk.post("/files/receive", posted(protections()))
    assert again.status_code == 422
    assert "二重に取り込まない" in again.content.decode()
    assert ReceivedFile.objects.count() == 1


@pytest.mark.parametrize(
    ("wrong", "word"),
    [
        ({"format": "no_such/v1"}, "形式"),
        ({"sender": ""}, "送付元"),
        ({"file": ""}, "ファイル"),
        ({"manifest": SimpleUploadedFile("m.json", b"no json")}, "送付票"),
    ],
    ids=["format", "sender", "file", "slip"],
)
def test_a_wrong_form_says_so_and_keeps_nothing(clerk: Client, wrong: dict[str, Any], word: str) -> None:
    answer = clerk.post("/files/receive", posted(protections()) | wrong)
    assert answer.status_code == 422
    assert word in answer.content.decode()
    assert ReceivedFile.objects.count() == 0


def test_findings_name_line_item_and_code_and_never_the_content(clerk: Client) -> None:
    layout = layouts.get("kyuho_315", "2021")
    rows = [{**record_of(layout), "payee_my_number": MY_NUMBER}] * 2
    content = content_of(layout, rows).replace(MY_NUMBER.encode(), b"123456789010", 1)
    received = file_receive(
        name="315.csv", content=content, format="kyuho_315/2021", sender="eLTAX", channel="line"
    )  # fmt: skip
    file_stage(received)
    page = clerk.get(f"/files/received/{received.pk}").content.decode()
    assert "L0107" in page
    assert "123456789010" not in page
    result = clerk.get(f"/files/received/{received.pk}/result")
    assert result["Content-Type"].startswith("text/csv")
    lines = result.content.decode().split("\r\n")
    assert lines[0] == "line_no,key,status,code,field,message"
    assert lines[1].startswith("1,,warn,L0107,payee_my_number,")
    assert "123456789010" not in result.content.decode()


def test_a_refused_file_tells_its_reason(clerk: Client) -> None:
    received = file_receive(name="x.csv", content=b"\x00", format=FORMAT, sender="x", channel="media")
    file_stage(received)
    page = clerk.get(f"/files/received/{received.pk}").content.decode()
    assert received.refusal_message in page
    assert "隔離" in page
    listed = clerk.get("/files/?state=quarantined").content.decode()
    assert "x.csv" in listed
    assert "x.csv" not in clerk.get("/files/?state=applied").content.decode()


@pytest.fixture
def issued(db: None) -> OutgoingFile:
    return file_issue(kind="list", business_key="1", name="list.csv", content=b"a,b\r\n", record_count=1)


@pytest.mark.req("R-209")
def test_an_outgoing_file_leaves_only_after_a_second_person_let_it_go(issued: OutgoingFile) -> None:
    chief = sign_in(Client(), officer("5002", permissions=[VIEW, RELEASE]))
    early = chief.post(f"/files/issued/{issued.pk}/content")
    assert early.status_code == 409
    assert chief.post(f"/files/issued/{issued.pk}/release").status_code == 302
    taken = chief.post(f"/files/issued/{issued.pk}/content")
    assert (taken.content, taken["Content-Disposition"]) == (b"a,b\r\n", 'attachment; filename="list.csv"')
    issued.refresh_from_db()
    assert issued.state == OutgoingFile.State.SENDING
    assert AccessEvent.objects.filter(action="export", record_id=str(issued.pk)).count() == 1
    chief.post(f"/files/issued/{issued.pk}/state", {"state": "acknowledged", "reason": "受付番号 77"})
    issued.refresh_from_db()
    assert (issued.state, issued.state_reason) == ("acknowledged", "受付番号 77")


def test_who_had_the_file_made_cannot_let_it_go(issued: OutgoingFile) -> None:
    OutgoingFile.objects.filter(pk=issued.pk).update(created_by="staff:5002")
    maker = sign_in(Client(), officer("5002", permissions=[VIEW, RELEASE]))
    answer = maker.post(f"/files/issued/{issued.pk}/release")
    assert answer.status_code == 403
    issued.refresh_from_db()
    assert issued.state == OutgoingFile.State.PREPARED


def test_a_rejection_needs_its_reason(issued: OutgoingFile) -> None:
    chief = sign_in(Client(), officer("5002", permissions=[VIEW, RELEASE]))
    chief.post(f"/files/issued/{issued.pk}/release")
    chief.post(f"/files/issued/{issued.pk}/content")
    answer = chief.post(f"/files/issued/{issued.pk}/state", {"state": "rejected", "reason": " "})
    assert answer.status_code == 422
    assert "理由を入力してください" in answer.content.decode()
    issued.refresh_from_db()
    assert issued.state == OutgoingFile.State.SENDING


# ---- command line


def test_the_command_receives_lists_and_tells(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "shien.csv"
    path.write_bytes(protections())
    call_command("file", "receive", str(path), "--format", FORMAT, "--sender", "住民記録システム")
    received = ReceivedFile.objects.get()
    told = capsys.readouterr().out
    assert f"受領番号 {received.pk}" in told
    assert "manage.py job run B-AB-02" in told
    call_command("file", "list")
    assert "shien.csv" in capsys.readouterr().out
    file_stage(received)
    call_command("file", "result", str(received.pk))
    assert capsys.readouterr().out.startswith("line_no,key,status")


def test_a_duplicate_on_the_command_line_is_status_3(tmp_path: Path) -> None:
    path = tmp_path / "shien.csv"
    path.write_bytes(protections())
    arguments = ("file", "receive", str(path), "--format", FORMAT, "--sender", "x")
    call_command(*arguments)
    told = io.StringIO()
    with pytest.raises(SystemExit) as ended:
        call_command(*arguments, stderr=told)
    assert ended.value.code == 3
    assert told.getvalue().startswith("L0105")


@pytest.mark.parametrize(
    ("format_name", "path", "word"), [("nonsense", "x", "表がありません"), (FORMAT, "missing.csv", "読めません")]
)
def test_wrong_use_of_the_command_is_told(tmp_path: Path, format_name: str, path: str, word: str) -> None:
    with pytest.raises(CommandError, match=word):
        call_command("file", "receive", str(tmp_path / path), "--format", format_name, "--sender", "x")
