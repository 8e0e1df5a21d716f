"""The desk of paid slips: the batch, its misread slips one after the other, posting by F9, nothing lost."""

import re
from collections.abc import Iterator

import pytest
from django.test import Client

from collection.models import Receipt, Slip, Suspense
from collection.paid_slips.models import PaidSlip, SlipBatch
from collection.permissions import POST_RECEIPTS
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from tests.collection.books import balance
from tests.collection.files_of import take
from tests.collection.paid_slips.slips_of import DAY, OCR, ocr_file, ocr_record, slips
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
LIST = "/collection/paid-slips/"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(DAY):
        yield


@pytest.fixture
def desk(client: Client) -> Client:
    return sign_in(client, officer("2001", permissions=[POST_RECEIPTS], unit_name="納税管理課"))


def misread() -> tuple[SlipBatch, list[Slip]]:
    """Three slips: the first sound, of the second no amount, of the third no number."""
    papers = slips()
    records = [ocr_record(paper, number) for number, paper in enumerate(papers, 1)]
    records[1]["upper"] = "?" * 39
    records[2]["lower"] = records[2]["lower"][:5] + "?" + records[2]["lower"][6:]
    take("B-CL-07", OCR, ocr_file(records, 60_000), DAY)
    return SlipBatch.objects.get(), papers


def token(desk: Client, way: str) -> str:
    found = re.search(r'name="subject_token" value="([^"]+)"', desk.get(way).content.decode())
    assert found
    return found[1]


def way_of(batch: SlipBatch, number: int) -> str:
    return f"{LIST}{batch.pk}/{PaidSlip.objects.get(batch=batch, seq_no=number).pk}/"


def test_misread_slips_are_worked_off_one_after_the_other_and_the_batch_is_posted(desk: Client) -> None:
    batch, papers = misread()
    page = desk.get(f"{LIST}{batch.pk}/").content.decode()
    assert "OCR上段に読めない桁" in page
    assert "?" * 39 in page
    assert "△20,000円" in page
    early = desk.post(f"{LIST}{batch.pk}/", {"post": "1"})
    assert early.status_code == 422
    assert "訂正を待つ済通が2件あります" in early.content.decode()
    second, third = way_of(batch, 2), way_of(batch, 3)
    form = desk.get(second).content.decode()
    assert "読み取ったまま" in form
    assert papers[1].case_no in form  # the lower line could be read: it is filled in
    typed = {"paid_on": "R8.6.29", "amount": "20,000", "case_no": papers[1].case_no}
    saved = desk.post(second, typed | {"subject_token": token(desk, second)})
    assert (saved.status_code, saved["Location"]) == (302, third)
    last = desk.post(
        third,
        {"paid_on": "R8.6.29", "amount": "10000", "case_no": papers[2].case_no, "subject_token": token(desk, third)},
    )
    assert last["Location"] == f"{LIST}{batch.pk}/"
    done = desk.post(f"{LIST}{batch.pk}/", {"post": "1"}, follow=True)
    assert "3件 60,000円を計上しました（消込 60,000円、仮受 0円、過誤納 0円）" in done.content.decode()
    assert (balance("receivable"), Receipt.objects.count()) == (0, 3)
    assert AccessEvent.objects.filter(record_type="slip_batch", action="update").count() == 3


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ({"amount": "20,001"}, "納付書の額は20,000円です"),
        ({"case_no": "9999999999999999"}, "該当する納付書・期別がありません"),
        ({"case_no": "", "notice_no": "4000123"}, "全部入力してください"),
        ({"amount": "0"}, "1円以上"),
        ({"paid_on": "R8.7.2"}, "会計日までの日付"),
        ({"case_no": "12?"}, "決まった桁数の数字"),
    ],
)
def test_a_doubt_is_told_at_its_field_and_nothing_typed_is_lost(desk: Client, typed: dict, words: str) -> None:
    batch, papers = misread()
    way = way_of(batch, 2)
    given = {"paid_on": "R8.6.29", "amount": "20,000", "case_no": papers[1].case_no} | typed
    refused = desk.post(way, given | {"subject_token": token(desk, way)})
    assert refused.status_code == 422
    page = refused.content.decode()
    assert words in page
    for name, value in given.items():
        assert f'name="{name}" value="{value}"' in page or value == ""
    assert PaidSlip.objects.get(batch=batch, seq_no=2).state == "open"


def test_what_the_paper_does_not_tell_either_goes_to_suspense_on_the_officers_word(desk: Client) -> None:
    batch, _papers = misread()
    for number, yen in ((2, "20,000"), (3, "10,000")):
        way = way_of(batch, number)
        given = {"paid_on": "R8.6.29", "amount": yen, "case_no": "", "is_seen": "on"}
        assert desk.post(way, given | {"subject_token": token(desk, way)}).status_code == 302
    desk.post(f"{LIST}{batch.pk}/", {"post": "1"})
    assert sorted(Suspense.objects.values_list("remaining_yen", flat=True)) == [10_000, 20_000]


def test_a_stale_window_is_refused(desk: Client) -> None:
    batch, papers = misread()
    way = way_of(batch, 2)
    given = {"paid_on": "R8.6.29", "amount": "20,000", "case_no": papers[1].case_no, "subject_token": token(desk, way)}
    assert desk.post(way, given).status_code == 302
    assert desk.post(way, given).status_code == 409


def test_a_batch_is_keyed_from_paper_or_taken_back(desk: Client) -> None:
    paper = slips()[0]
    head = {"bank_code": "0158", "batch_no": "7", "account_on": "R8.7.1", "control_count": "1", "control_yen": "30,000"}
    started = desk.post(f"{LIST}new", head)
    batch = SlipBatch.objects.get()
    assert started["Location"] == way_of(batch, 1)
    again = desk.post(f"{LIST}new", head)
    assert again.status_code == 422
    assert "取込済みです" in again.content.decode()
    assert 'value="30,000"' in again.content.decode()
    no_reason = desk.post(f"{LIST}{batch.pk}/", {"discard": "1", "reason": ""})
    assert no_reason.status_code == 422
    assert desk.post(f"{LIST}{batch.pk}/", {"discard": "1", "reason": "束の作り直し"}).status_code == 302
    assert "束の作り直し" in desk.get(f"{LIST}{batch.pk}/").content.decode()
    assert desk.post(f"{LIST}new", head).status_code == 302
    newer = SlipBatch.objects.get(state="open")
    way = way_of(newer, 1)
    desk.post(
        way,
        {"paid_on": "R8.6.29", "amount": "30000", "case_no": paper.case_no, "subject_token": token(desk, way)},
    )
    desk.post(f"{LIST}{newer.pk}/", {"post": "1"})
    assert balance("receivable") == 30_000
    listing = desk.get(LIST).content.decode()
    assert "未着" in listing
    assert "計上済" in listing
