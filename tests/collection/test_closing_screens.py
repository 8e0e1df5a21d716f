"""締めの画面: the check list, closing by F9, the refusal that loses nothing, lifting by the chief."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from addressbook.permissions import VIEW_PARTY
from collection import permissions
from collection.closing.models import PeriodClosing
from collection.models import Charge, JournalEntry, Receipt, Suspense
from collection.services.levy import levy_post
from collection.services.receipts import ReceiptRecord, receipts_post
from collection.services.till import bank_total_note
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from tests.collection.books import ordinary, party
from tests.collection.files_of import run_job
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 8, 3)
UNIT = "納税管理課"
JULY = {"span": "month", "last_on": "令和8年7月31日", "note": ""}


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(TODAY):
        yield


def desk_of(client: Client, number: str) -> Client:
    return sign_in(client, officer(number, permissions=permissions.PERMISSIONS, unit_name=UNIT))


@pytest.fixture
def received() -> None:
    """30,000 yen of 30 June; the bank says 29,000; the books are proved."""
    levy_post(
        ordinary(party(1), "N1", [(30_000, 0, 0)]), dedupe_key="run", occurred_on=date(2026, 6, 10), actor="job:test"
    )
    on = date(2026, 6, 30)
    record = ReceiptRecord("bank", "b", "confirmed", "charge", Charge.objects.get().business_key, 30_000, on, on)
    receipts_post([record], actor="job:test", as_of=TODAY)
    bank_total_note(channel="bank", account_on=on, yen=29_000, reference="日報1", actor="staff:2001")
    run_job("B-CL-29", {}, TODAY)


@pytest.mark.req("R-005")
def test_the_difference_stands_in_red_and_the_month_stays_open_until_the_bank_agrees(client, received) -> None:
    desk = desk_of(client, "2001")
    page = desk.get("/collection/periods/").content.decode()
    assert "差額 △1,000円" in page
    assert "/collection/days/?on=2026-06-30" in page
    refused = desk.post("/collection/periods/", {**JULY, "note": "後日確認"})
    assert refused.status_code == 422
    answer = refused.content.decode()
    assert "必須の点検が済んでいません: 指定金融機関の入金額と一致する" in answer
    assert "後日確認" in answer  # nothing of what was typed is lost
    assert not PeriodClosing.objects.exists()
    bank_total_note(channel="bank", account_on=date(2026, 6, 30), yen=30_000, reference="訂正", actor="staff:2001")
    assert desk.post("/collection/periods/", JULY).status_code == 302
    closing = PeriodClosing.objects.get()
    assert (closing.last_on, closing.closed_by) == (date(2026, 7, 31), "staff:2001")
    page = desk.get(f"/collection/periods/{closing.pk}/").content.decode()
    assert closing.seal in page
    assert AccessEvent.objects.filter(record_type="period_closing", action="create").count() == 1


def test_another_officer_lifts_it_and_says_why(client, received) -> None:
    bank_total_note(channel="bank", account_on=date(2026, 6, 30), yen=30_000, reference="訂正", actor="staff:2001")
    desk_of(client, "2001").post("/collection/periods/", JULY)
    closing = PeriodClosing.objects.get()
    way = f"/collection/periods/{closing.pk}/reopen"
    own = client.post(way, {"reason": "誤り"})
    assert own.status_code == 422
    assert "締めた人は解除できません" in own.content.decode()
    assert desk_of(client, "2002").post(way, {"reason": ""}).status_code == 422
    assert client.post(way, {"reason": "入金額の訂正"}).status_code == 302
    closing.refresh_from_db()
    assert (closing.reopened_by, closing.reopen_reason) == ("staff:2002", "入金額の訂正")
    assert "解除" in client.get("/collection/periods/").content.decode()


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"span": "month", "last_on": "令和8年7月30日"}, "月の末日です"),
        ({"span": "day", "last_on": "令和9年1月1日"}, "未来です"),
        ({"span": "year", "last_on": "令和8年5月31日"}, "B-CL-17"),
        ({"span": "day", "last_on": "<b>昨日</b>"}, "日付"),
    ],
)
def test_what_is_no_period_is_refused_in_words(client, received, given: dict[str, str], said: str) -> None:
    answer = desk_of(client, "2001").post("/collection/periods/", {**given, "note": "x"})
    assert answer.status_code == 422
    assert said in answer.content.decode()
    assert "<b>" not in answer.content.decode()
    assert not PeriodClosing.objects.exists()


def test_a_clerk_without_the_right_lifts_nothing(client, received) -> None:
    bank_total_note(channel="bank", account_on=date(2026, 6, 30), yen=30_000, reference="訂正", actor="staff:2001")
    desk_of(client, "2001").post("/collection/periods/", JULY)
    closing = PeriodClosing.objects.get()
    clerk = officer("2009", permissions=[permissions.CLOSE_PERIOD], unit_name=UNIT)
    answer = sign_in(client, clerk).post(f"/collection/periods/{closing.pk}/reopen", {"reason": "x"})
    assert answer.status_code == 403
    closing.refresh_from_db()
    assert closing.reopened_at is None


def close_today() -> None:
    PeriodClosing.objects.create(
        span="day", first_on=TODAY, last_on=TODAY, transfers=0, yen=0, seal="0" * 64, closed_by="staff:2001",
        closed_at=clock.now(),
    )  # fmt: skip


def test_what_other_desks_do_on_a_closed_day_is_refused_in_words(client, received) -> None:
    """Suspense put to a claim, a matching taken back: 422 with the reason, nothing posted, nothing lost."""
    on = date(2026, 7, 1)
    receipts_post(
        [ReceiptRecord("bank", "s", "confirmed", "case", "9" * 16, 5_000, on, on)], actor="job:test", as_of=TODAY
    )
    staff = officer("2002", permissions=[*permissions.PERMISSIONS, VIEW_PARTY], unit_name=UNIT)
    desk, entries = sign_in(client, staff), JournalEntry.objects.count()
    close_today()
    form = {"notice_no": "N1", "instalment_no": "1", "tax_year": "2026", "amount": "5,000", "post": "1"}
    answer = desk.post(f"/collection/suspense/{Suspense.objects.get().pk}/", form)
    assert (answer.status_code, "締め済み" in answer.content.decode()) == (422, True)
    receipt = Receipt.objects.get(external_key="b")
    answer = desk.post(f"/collection/receipts/{receipt.pk}/reverse", {"reason": "入力誤り"})
    assert (answer.status_code, "締め済み" in answer.content.decode()) == (422, True)
    assert "入力誤り" in answer.content.decode()
    assert JournalEntry.objects.count() == entries
