"""Scanned papers: bound to whom they concern, seen masked with a purpose, the original by few, all of it recorded."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from addressbook.models import Party
from addressbook.permissions import REVEAL_NUMBER, REVEAL_PROTECTED, VIEW_PARTY
from assessment.permissions import REGISTER_SCANS, VIEW_SCANS, VIEW_SOURCES
from assessment.scans.models import ScannedPage, ScannedPaper
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.staff.permissions import HOME
from tests.addressbook.people import TODAY, person, protect
from tests.addressbook.test_number_reveal import number_terminal
from tests.assessment.desk.scene import wage_paper
from tests.assessment.scans.paper import AREA, file_of, reds, typed_pdf
from tests.platform.actors import officer, sign_in

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-066")]
CLERK = [HOME, VIEW_PARTY, VIEW_SCANS, REGISTER_SCANS]
LOOKER = [HOME, VIEW_PARTY, VIEW_SCANS, VIEW_SOURCES]
PURPOSE = {"purpose": "inquiry"}
FACTS = {"kind": "return", "arrived_on": "R8.2.20", "reception_no": "2026-00012"}


@pytest.fixture(autouse=True)
def _day(settings: Any, data_folder: Path) -> None:
    settings.TAXSYS_BUSINESS_DATE = TODAY.isoformat()
    settings.TAXSYS_CREATE_KEYS = True


@pytest.fixture
def clerk(db: None) -> Client:
    number_terminal()
    return sign_in(Client(), officer("5001", permissions=CLERK))


@pytest.fixture
def looker(db: None) -> Client:
    return sign_in(Client(), officer("5002", permissions=LOOKER))


def posted(client: Client, where: str, content: bytes, *, name: str = "scan.png", **fields: str) -> Any:
    """The form of the page at `where`, sent with a file."""
    page = client.get(where)
    assert page.status_code == 200, page.content.decode()
    upload = SimpleUploadedFile(name, content)
    return client.post(where, {**FACTS, **fields, "file": upload, "subject_token": page.context["token"]})


def registered(client: Client, party: Party, content: bytes | None = None, **fields: str) -> ScannedPaper:
    answer = posted(client, f"/party/{party.id}/scans/new", content or file_of(), **fields)
    assert answer.status_code == 302, answer.content.decode()
    return ScannedPaper.objects.latest("registered_at")


def mask(client: Client, scan: ScannedPaper, **fields: str) -> Any:
    where = f"/assessment/scans/{scan.pk}/mask"
    return client.post(where, {"subject_token": client.get(where).context["token"], **fields})


def masked(client: Client, party: Party, content: bytes | None = None, **fields: str) -> ScannedPaper:
    scan = registered(client, party, content)
    answer = mask(client, scan, **(fields or {"masks_1": AREA}))
    assert answer.status_code == 302, answer.content.decode()
    scan.refresh_from_db()
    return scan


def opened(client: Client, scan: ScannedPaper) -> Any:
    return client.post(f"/assessment/scans/{scan.pk}", PURPOSE)


def page_of(client: Client, scan: ScannedPaper, way: str = "pages", no: int = 1) -> Any:
    return client.get(f"/assessment/scans/{scan.pk}/{way}/{no}")


@pytest.mark.parametrize("kind", ["PNG", "JPEG", "TIFF", "PDF"])
def test_what_stood_below_a_mask_is_not_in_the_page_that_is_shown(clerk: Client, looker: Client, kind: str) -> None:
    scan = masked(clerk, person(1), file_of(kind))
    assert (scan.state, scan.bears_number, scan.media_kind) == ("ready", True, kind.lower())
    assert opened(looker, scan).status_code == 200
    answer = page_of(looker, scan)
    assert (answer.status_code, answer["Content-Type"]) == (200, "image/jpeg")
    assert "no-store" in answer["Cache-Control"]
    assert reds(answer.content) == 0


def test_files_on_disk_are_unreadable_and_bear_no_name(clerk: Client, data_folder: Path) -> None:
    content = file_of()
    scan = masked(clerk, person(1), content)
    kept = sorted((data_folder / "scans").rglob("*.bin"))
    assert len(kept) == 2
    for path in kept:
        stored = path.read_bytes()
        assert stored.startswith(b"TXF1")
        assert b"PNG" not in stored
        assert b"JFIF" not in stored
    assert {path.parent.name for path in kept} == {str(scan.pk)}


def test_the_picture_is_shown_only_after_a_purpose_was_stated_in_this_sitting(clerk: Client, looker: Client) -> None:
    scan = masked(clerk, person(1))
    assert page_of(looker, scan).status_code == 403
    assert looker.post(f"/assessment/scans/{scan.pk}", {"purpose": "curiosity"}).status_code == 422
    assert page_of(looker, scan).status_code == 403
    assert opened(looker, scan).status_code == 200
    assert page_of(looker, scan).status_code == 200
    assert page_of(looker, scan, no=2).status_code == 404
    other = sign_in(Client(), officer("5003", permissions=LOOKER))
    assert page_of(other, scan).status_code == 403
    with time_machine.travel(clock.now() + timedelta(minutes=9), tick=False):
        assert page_of(looker, scan).status_code == 200
    with time_machine.travel(clock.now() + timedelta(minutes=18), tick=False):
        assert page_of(looker, scan).status_code in {302, 401, 403}


def test_every_look_is_an_event_with_officer_party_and_purpose(clerk: Client, looker: Client) -> None:
    party = person(1)
    scan = masked(clerk, party)
    opened(looker, scan)
    page_of(looker, scan)
    events = AccessEvent.objects.filter(actor_id="5002").order_by("id")
    look = events.get(record_type="scan", record_id=str(scan.pk))
    assert (look.action, look.subjects, look.purpose) == (
        "view", [str(party.id)], "本人・代理人からの問合せへの対応",
    )  # fmt: skip
    page = events.get(record_type="scan.page")
    assert (page.subjects, page.record_id) == ([str(party.id)], f"{scan.pk}/1")


def test_lists_show_no_picture_and_say_what_there_is(clerk: Client, looker: Client) -> None:
    party = person(1)
    scan = masked(clerk, party)
    for where in (f"/party/{party.id}/scans", "/assessment/scans", "/assessment/scans?reception_no=2026-00012"):
        html = looker.get(where).content.decode()
        assert "<img" not in html
        assert "申告書・報告書" in html
        assert f"/assessment/scans/{scan.pk}" in html
        assert "2026-00012" in html
    assert str(scan.pk) not in looker.get("/assessment/scans?reception_no=2026-0001").content.decode()


def test_a_paper_of_a_source_document_stands_with_it_and_with_its_party(clerk: Client, looker: Client) -> None:
    party = person(1)
    document = wage_paper(party)
    answer = posted(clerk, f"/assessment/documents/{document.pk}/scans/new", file_of())
    assert answer.status_code == 302
    scan = ScannedPaper.objects.get()
    assert (scan.document_id, scan.party_id) == (document.pk, None)
    mask(clerk, scan, masks_1=AREA)
    assert str(scan.pk) in looker.get(f"/party/{party.id}/scans").content.decode()
    assert str(scan.pk) in looker.get(f"/assessment/documents/{document.pk}").content.decode()


def test_nobody_sees_a_paper_that_waits_for_its_masks(clerk: Client, looker: Client) -> None:
    scan = registered(clerk, person(1))
    assert scan.state == "waiting"
    assert opened(looker, scan).status_code == 404
    assert page_of(looker, scan).status_code == 404
    assert page_of(looker, scan, "mask").status_code == 403
    assert page_of(looker, scan, "original").status_code == 403


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({}, "番号の範囲を囲むか"),
        ({"masks_1": AREA, "none_1": "on"}, "印を外してください"),
        ({"masks_1": "1,2,3"}, "1行目は「左,上,右,下」の4つの数"),
        ({"masks_1": "500,0,400,10"}, "左 &lt; 右"),
        ({"masks_1": "0,0,1001,10"}, "0から1000まで"),
        ({"masks_1": "-1,0,10,10"}, "1行目は"),
        ({"masks_1": "\n".join(["0,0,1,1"] * 41)}, "40個まで"),
    ],
)
def test_every_page_must_be_answered_and_areas_must_lie_on_it(
    clerk: Client, fields: dict[str, str], message: str
) -> None:
    scan = registered(clerk, person(1))
    answer = mask(clerk, scan, **fields)
    assert answer.status_code == 422
    assert message in answer.content.decode()
    assert ScannedPaper.objects.get().state == "waiting"
    assert not ScannedPage.objects.exists()


def test_a_number_in_the_text_of_a_pdf_cannot_be_called_absent(clerk: Client) -> None:
    scan = registered(clerk, person(1), typed_pdf("No. 1234 5678 9018"))
    answer = mask(clerk, scan, none_1="on")
    assert answer.status_code == 422
    assert "個人番号と思われる数字があります" in answer.content.decode()
    assert mask(clerk, scan, masks_1="0,0,1000,300").status_code == 302


def test_an_overlooked_number_is_masked_later_and_no_mask_is_ever_taken_away(
    clerk: Client, looker: Client, data_folder: Path
) -> None:
    scan = masked(clerk, person(1), none_1="on")
    assert scan.bears_number is False
    opened(looker, scan)
    assert reds(page_of(looker, scan).content) > 1_000
    assert mask(clerk, scan).status_code == 422
    assert mask(clerk, scan, masks_1=AREA).status_code == 302
    assert reds(page_of(looker, scan).content) == 0
    assert mask(clerk, scan, masks_1="0,0,10,10").status_code == 302
    assert reds(page_of(looker, scan).content) == 0
    assert ScannedPage.objects.get().masks == [[490, 90, 890, 150], [0, 0, 10, 10]]


def test_masking_happens_on_number_terminals_only(clerk: Client) -> None:
    scan = registered(clerk, person(1))
    place = number_terminal()
    place.is_number_use = False
    place.save()
    for where in (f"/party/{person(2).id}/scans/new", f"/assessment/scans/{scan.pk}/mask"):
        assert clerk.get(where).status_code == 403
    assert page_of(clerk, scan, "mask").status_code == 403


@pytest.mark.req("R-214")
def test_the_original_opens_with_the_reveal_right_a_fresh_factor_and_a_purpose_for_thirty_seconds(
    clerk: Client, looker: Client
) -> None:
    party = person(1)
    scan = masked(clerk, party)
    where = f"/assessment/scans/{scan.pk}/original"
    assert looker.get(where).status_code == 403
    few = officer("5004", permissions=[*LOOKER, REVEAL_NUMBER])
    stale = sign_in(Client(), few, step_up=False)
    assert stale.post(where, {"purpose": "number_form"}).status_code == 401
    fresh = sign_in(Client(), few)
    assert page_of(fresh, scan, "original").status_code == 403
    assert fresh.post(where, {}).status_code == 422
    answer = fresh.post(where, {"purpose": "number_form"})
    assert answer.status_code == 200
    assert answer["Refresh"].startswith("30; ")
    assert reds(page_of(fresh, scan, "original").content) > 1_000
    event = AccessEvent.objects.get(actor_id="5004", action="reveal_number")
    assert (event.record_type, event.record_id, event.subjects, event.legal_base, event.purpose) == (
        "vault.number", f"scan:{scan.pk}", [str(party.id)], "番号法9条1項・別表24",
        "申告書・届出書に記載された番号との照合",
    )  # fmt: skip
    with time_machine.travel(clock.now() + timedelta(seconds=32), tick=False):
        assert page_of(fresh, scan, "original").status_code == 403


def test_an_original_counts_as_a_number_shown_and_stops_at_the_limit(clerk: Client, settings: Any) -> None:
    settings.TAXSYS_NUMBERS_PER_MINUTE = 2
    scan = masked(clerk, person(1))
    few = sign_in(Client(), officer("5004", permissions=[*LOOKER, REVEAL_NUMBER]))
    answers = [few.post(f"/assessment/scans/{scan.pk}/original", {"purpose": "number_form"}) for _ in range(3)]
    assert [one.status_code for one in answers] == [200, 200, 429]


def test_a_paper_without_a_number_has_no_original_to_reveal(clerk: Client) -> None:
    scan = masked(clerk, person(1), none_1="on")
    few = sign_in(Client(), officer("5004", permissions=[*LOOKER, REVEAL_NUMBER]))
    assert few.post(f"/assessment/scans/{scan.pk}/original", {"purpose": "number_form"}).status_code == 404


@pytest.mark.req("N-086")
def test_papers_of_protected_people_open_only_to_those_who_may_see_their_address(clerk: Client, looker: Client) -> None:
    party = person(1)
    scan = masked(clerk, party)
    opened(looker, scan)
    assert page_of(looker, scan).status_code == 200
    protect(party)
    # What was opened before the measure is closed by it.
    assert page_of(looker, scan).status_code == 403
    assert opened(looker, scan).status_code == 403
    assert clerk.get(f"/assessment/scans/{scan.pk}/mask").status_code == 403
    assert page_of(clerk, scan, "mask").status_code == 403
    assert f"/assessment/scans/{scan.pk}" not in looker.get(f"/party/{party.id}/scans").content.decode()
    few = officer("5005", permissions=[*LOOKER, REVEAL_PROTECTED])
    assert opened(sign_in(Client(), few, step_up=False), scan).status_code == 401
    client = sign_in(Client(), few)
    assert opened(client, scan).status_code == 200
    assert page_of(client, scan).status_code == 200
    shown = AccessEvent.objects.filter(actor_id="5005", reason="protected_address", result="ok")
    assert sorted(shown.values_list("record_type", flat=True)) == ["scan", "scan.page"]


@pytest.mark.req("N-086")
def test_an_unmatched_paper_that_a_protected_person_may_have_filed_is_closed_too(clerk: Client, looker: Client) -> None:
    document = wage_paper(None)
    posted(clerk, f"/assessment/documents/{document.pk}/scans/new", file_of())
    scan = ScannedPaper.objects.get()
    mask(clerk, scan, masks_1=AREA)
    assert opened(looker, scan).status_code == 200
    protect(person(1))
    assert opened(looker, scan).status_code == 403


def test_a_withdrawn_paper_is_seen_by_nobody_and_the_same_bytes_may_come_again(clerk: Client, looker: Client) -> None:
    party = person(1)
    scan = masked(clerk, party)
    assert clerk.post(f"/assessment/scans/{scan.pk}/withdraw", {"reason": " "}).status_code == 422
    assert clerk.post(f"/assessment/scans/{scan.pk}/withdraw", {"reason": "別人の書類"}).status_code == 302
    for way in ("", "/mask", "/original"):
        client = sign_in(Client(), officer("5006", permissions=[*CLERK, REVEAL_NUMBER]))
        assert client.get(f"/assessment/scans/{scan.pk}{way}").status_code == 404
    assert "別人の書類" in looker.get(f"/party/{party.id}/scans").content.decode()
    assert registered(clerk, party).pk != scan.pk


def test_the_same_bytes_of_the_same_party_stand_once(clerk: Client) -> None:
    party = person(1)
    assert registered(clerk, party).pk == registered(clerk, party).pk
    assert registered(clerk, person(2)).party_id != party.id
    assert ScannedPaper.objects.count() == 2


def test_a_form_of_another_party_is_refused(clerk: Client) -> None:
    first, second = person(1), person(2)
    token = clerk.get(f"/party/{first.id}/scans/new").context["token"]
    upload = SimpleUploadedFile("a.png", file_of())
    answer = clerk.post(f"/party/{second.id}/scans/new", {**FACTS, "file": upload, "subject_token": token})
    assert answer.status_code == 409
    assert not ScannedPaper.objects.exists()


def test_a_stored_page_that_was_changed_is_not_shown(clerk: Client, looker: Client, data_folder: Path) -> None:
    scan = masked(clerk, person(1))
    opened(looker, scan)
    path = data_folder / ScannedPage.objects.get().path
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    answer = page_of(looker, scan)
    assert answer.status_code == 503
    assert "改変または鍵違いの疑い" in answer.content.decode()
    assert AccessEvent.objects.filter(actor_id="5002", result="failed", reason="L0110").count() == 1
