"""収納の画面: the account as of any day, one instalment, the till, suspense, day totals, the proof."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import uuid4

import pytest
from django.test import Client

from addressbook.models import Party
from collection import permissions
from collection.models import BankTotal, Charge, Overpayment, Receipt, Slip, Suspense, TillClosing
from collection.papers.issue import slip_papers
from collection.selectors.account import party_account
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_post
from collection.services.receipts import ReceiptRecord, counter_payment_post, receipts_post
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from tests.addressbook.people import person, protect
from tests.collection.books import ordinary
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
UNIT = "納税管理課"


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(TODAY):
        yield


@pytest.fixture
def desk(client: Client) -> Client:
    """The chief of the collection desk."""
    from addressbook.permissions import VIEW_PARTY

    staff = officer("2002", permissions=[*permissions.PERMISSIONS, VIEW_PARTY], unit_name=UNIT)
    return sign_in(client, staff)


@pytest.fixture
def payer() -> Party:
    return person(1, name="旭川　太郎")


@pytest.fixture
def charge(payer: Party) -> Charge:
    """令和8年度 第1期 300,000 yen, due 1 June 2026."""
    rows = ordinary(
        payer.id, "0012345678", [(300_000, 0, 0), (50_000, 0, 0)], due_ons=(date(2026, 6, 1), date(2026, 11, 30))
    )
    levy_post(rows, dedupe_key="run", occurred_on=date(2026, 5, 10), actor="job:test")
    return Charge.objects.get(instalment_no=1)


def slip_of(charge: Charge) -> Slip:
    return Slip.objects.get(
        pk=slip_issue_many([SlipRequest((charge.id,), date(2027, 5, 31))], issued_on=date(2026, 6, 8))[0].slip_id
    )


def page(desk: Client, path: str, **query: str) -> str:
    answer = desk.get(path, query)
    assert answer.status_code == 200, answer.content.decode()[:600]
    return answer.content.decode()


def till(amount: int | str, *, token: str = "", paid_on: str = "R8.11.20", **more: str) -> dict[str, str]:
    return {"token": token or str(uuid4()), "amount": str(amount), "paid_on": paid_on, **more}


def pay(charge: Charge, yen: int, on: date, key: str) -> None:
    counter_payment_post(till_key=key, charge_key=charge.business_key, amount_yen=yen, paid_on=on, actor="staff:1")


def test_account_of_any_day_shows_what_was_owed_and_paid_then(desk, payer, charge) -> None:
    pay(charge, 100_000, date(2026, 6, 10), "T1")
    path = f"/party/{payer.id}/collection/"
    now = page(desk, path)
    assert "250,000円" in now  # 200,000 and the second instalment
    assert "期限超過172日" in now
    early = page(desk, path, on="R8.6.5")
    assert "350,000円" in early
    assert "時点の収納状況" in early
    assert "0円" in page(desk, path, on="2026-05-01")
    event = AccessEvent.objects.filter(record_type="ledger").latest("pk")
    assert event.subjects == [str(payer.id)]


def test_interest_of_a_day_ahead_without_a_rate_is_told_and_not_guessed(desk, payer, charge) -> None:
    html = page(desk, f"/party/{payer.id}/collection/", on="R9.1.15")
    assert "未登録です" in html
    assert "未定" in html


def test_account_takes_a_fixed_number_of_queries(desk, payer, charge, django_assert_max_num_queries) -> None:
    for number in range(2, 8):
        rows = ordinary(payer.id, f"00{number:08d}", [(3000, 0, 0), (3000, 0, 0)])
        levy_post(rows, dedupe_key=f"run-{number}", occurred_on=date(2026, 5, 10), actor="job:test")
    assert len(party_account(payer.id, as_of=TODAY)) == 14
    with django_assert_max_num_queries(30):
        page(desk, f"/party/{payer.id}/collection/")


def test_instalment_tells_its_story_and_unfolds_the_interest(desk, payer, charge) -> None:
    slip = slip_of(charge)
    pay(charge, 100_000, date(2026, 6, 10), "T1")
    html = page(desk, f"/party/{payer.id}/collection/{charge.id}/")
    assert "調定" in html
    assert "△100,000" in html
    assert "9.1%" in html
    assert "R8.6.2～R8.6.10" in html
    assert f"/collection/slips/{slip.id}/paper" in html
    assert desk.get(f"/party/{person(9).id}/collection/{charge.id}/").status_code == 404


def test_payment_at_the_till_is_posted_once_however_often_the_button_is_pressed(desk, charge) -> None:
    form = till(100_000)
    first = desk.post(f"/collection/counter/{charge.id}/", form, follow=True).content.decode()
    assert "100,000円を計上しました" in first
    assert "本税" in first
    second = desk.post(f"/collection/counter/{charge.id}/", form, follow=True).content.decode()
    assert "二重には計上していません" in second
    assert Receipt.objects.get().amount_yen == 100_000
    assert prove_ledger().is_ok


def test_full_payment_with_interest_levies_and_pays_the_interest_of_the_day(desk, charge) -> None:
    html = page(desk, f"/collection/counter/{charge.id}/")
    total = 300_000 + 11_300
    assert f"{total:,}円" in html
    done = desk.post(f"/collection/counter/{charge.id}/", till(total), follow=True).content.decode()
    assert "延滞金" in done
    assert "11,300" in done
    assert not Overpayment.objects.exists()
    assert prove_ledger().is_ok


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (till(400_000), "超えています"),
        (till(1000, paid_on="R8.11.21"), "領収日が未来です"),
        (till("abc"), "円単位の整数"),
        (till(0), "1円以上"),
        ({"token": "x", "amount": "1", "paid_on": "R8.11.20"}, "入力内容に問題があります"),
    ],
)
def test_wrong_payment_is_refused_with_its_reason_and_posts_nothing(desk, charge, form, words) -> None:
    answer = desk.post(f"/collection/counter/{charge.id}/", form)
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert not Receipt.objects.exists()


def test_more_than_due_is_taken_when_it_is_meant_and_becomes_an_overpayment(desk, charge) -> None:
    desk.post(f"/collection/counter/{charge.id}/", till(400_000, takes_excess="on"))
    assert Overpayment.objects.get().yen == 400_000 - 311_300
    assert prove_ledger().is_ok


@pytest.mark.parametrize("written", ["{code}", "]C1{code}", "{wide}"])
def test_bar_code_opens_its_instalment_and_posts_nothing(desk, charge, written) -> None:
    code = slip_of(charge).cvs_barcode
    wide = code.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    answer = desk.post("/collection/counter/", {"key": written.format(code=code, wide=wide)})
    assert answer.headers["Location"] == f"/collection/counter/{charge.id}/"
    assert not Receipt.objects.exists()


def test_notice_number_lists_its_instalments_and_an_unknown_key_says_so(desk, charge) -> None:
    html = desk.post("/collection/counter/", {"key": "0012345678"}).content.decode()
    assert "第1期" in html
    assert "第2期" in html
    assert "旭川　太郎" in html
    answer = desk.post("/collection/counter/", {"key": "0099999999"})
    assert answer.status_code == 422
    assert "見つかりません" in answer.content.decode()


def test_wrong_posting_is_reversed_with_a_reason_and_the_claim_opens_again(desk, charge, payer) -> None:
    desk.post(f"/collection/counter/{charge.id}/", till(300_000))
    receipt = Receipt.objects.get()
    refused = desk.post(f"/collection/receipts/{receipt.id}/reverse", {"reason": ""})
    assert refused.status_code == 422
    done = desk.post(f"/collection/receipts/{receipt.id}/reverse", {"reason": "入力誤り"}, follow=True)
    assert "収納を取り消しました" in done.content.decode()
    assert party_account(payer.id, as_of=TODAY)[0].open_yen == 300_000
    again = desk.post(f"/collection/receipts/{receipt.id}/reverse", {"reason": "入力誤り"})
    assert again.status_code == 422
    assert prove_ledger().is_ok


def test_till_is_closed_once_and_a_difference_needs_its_reason(desk, charge) -> None:
    desk.post(f"/collection/counter/{charge.id}/", till(100_000))
    assert "100,000円" in page(desk, "/collection/closing/")
    short = desk.post("/collection/closing/", {"counted": "99,000"})
    assert short.status_code == 422
    assert "1,000円の差異" in short.content.decode()
    desk.post("/collection/closing/", {"counted": "99,000", "note": "釣銭の渡し過ぎ"})
    closed = TillClosing.objects.get()
    assert (closed.receipt_count, closed.posted_yen, closed.counted_yen) == (1, 100_000, 99_000)
    assert desk.post("/collection/closing/", {"counted": "100000"}).status_code == 422
    late = desk.post(f"/collection/counter/{charge.id}/", till(1000))
    assert late.status_code == 422
    assert "締め済み" in late.content.decode()


def test_suspense_is_listed_by_age_and_put_to_the_claim_it_belongs_to(desk, charge) -> None:
    record = ReceiptRecord("common", "X1", "confirmed", "case", "9" * 16, 30_000, date(2026, 8, 1), date(2026, 8, 5))
    receipts_post([record], actor="job:test", as_of=date(2026, 8, 5))
    suspense = Suspense.objects.get()
    html = page(desk, "/collection/suspense/")
    assert "照合キー不明" in html
    assert "107" in html
    form = {"notice_no": "0012345678", "instalment_no": "1", "tax_year": "2026", "amount": "30,000"}
    looked = desk.post(f"/collection/suspense/{suspense.id}/", {**form, "look": "1"}).content.decode()
    assert "旭川　太郎" in looked
    suspense.refresh_from_db()
    assert suspense.remaining_yen == 30_000
    too_much = desk.post(f"/collection/suspense/{suspense.id}/", {**form, "amount": "30,001", "post": "1"})
    assert too_much.status_code == 422
    desk.post(f"/collection/suspense/{suspense.id}/", {**form, "post": "1"})
    suspense.refresh_from_db()
    assert suspense.remaining_yen == 0
    assert prove_ledger().is_ok


def test_day_totals_stand_beside_the_bank_and_a_difference_is_told(desk, charge) -> None:
    slip = slip_of(charge)
    record = ReceiptRecord(
        "cvs", "C1", "confirmed", "case", slip.case_no, 300_000, date(2026, 11, 9), date(2026, 11, 19)
    )
    receipts_post([record], actor="job:test", as_of=TODAY)
    assert "入金額を記録してください" in page(desk, "/collection/days/", on="2026-11-19")
    bank = {"channel": "cvs", "amount": "299,000", "reference": "日報12"}
    desk.post("/collection/days/?on=2026-11-19", bank)
    assert "差額 1,000円" not in page(desk, "/collection/days/", on="2026-11-19")
    assert "差額 △1,000円" in page(desk, "/collection/days/", on="2026-11-19")
    desk.post("/collection/days/?on=2026-11-19", {**bank, "amount": "300,000"})
    assert "一致" in page(desk, "/collection/days/", on="2026-11-19")
    assert BankTotal.objects.count() == 2


def test_slip_is_issued_again_for_a_day_with_interest_and_the_paper_repeats_its_bytes(desk, payer, charge) -> None:
    old = slip_of(charge)
    path = f"/party/{payer.id}/collection/{charge.id}/slip"
    counted = desk.post(path, {"valid_until": "R8.11.30", "with_interest": "on", "count": "1"}).content.decode()
    assert "12,000円" in counted
    assert Slip.objects.count() == 1
    desk.post(path, {"valid_until": "R8.11.30", "with_interest": "on", "issue": "1"})
    new = Slip.objects.exclude(pk=old.pk).get()
    assert (new.version, new.amount_yen, new.cvs_barcode) == (2, 312_000, "")  # above 300,000 yen: no bar code
    old.refresh_from_db()
    assert old.state == "replaced"
    paper = desk.get(f"/collection/slips/{new.id}/paper")
    assert paper.headers["Content-Type"] == "application/pdf"
    assert paper.content == desk.get(f"/collection/slips/{new.id}/paper").content
    early = desk.post(path, {"valid_until": "R8.11.19", "with_interest": "on", "issue": "1"})
    assert early.status_code == 422
    next_year = desk.post(path, {"valid_until": "R9.1.15", "with_interest": "on", "issue": "1"})
    assert next_year.status_code == 422
    assert "未登録です" in next_year.content.decode()
    assert Slip.objects.count() == 2


def test_pages_of_a_protected_person_carry_no_address(desk, charge, payer) -> None:
    protect(payer)
    slip = slip_of(charge)
    desk.post(f"/collection/counter/{charge.id}/", till(1000))
    for path in (
        f"/party/{payer.id}/collection/", f"/party/{payer.id}/collection/{charge.id}/",
        f"/party/{payer.id}/collection/{charge.id}/slip", f"/collection/counter/{charge.id}/", "/collection/closing/",
    ):  # fmt: skip
        assert "番3号" not in page(desk, path), path
    assert slip_papers([slip], payer)[0].payer_address == ""
    assert "番3号" in slip_papers([slip], person(2))[0].payer_address


def test_proof_page_proves_the_books_as_they_stand(desk, charge) -> None:
    assert "まだ実行されていません" in page(desk, "/collection/proof/")
    html = desk.post("/collection/proof/").content.decode()
    assert "1円まで一致" in html


def test_start_page_and_card_panel_answer_what_is_to_be_paid(desk, charge, payer) -> None:
    assert "収納業務" in page(desk, "/collection/")
    card = page(desk, f"/party/{payer.id}/")
    assert "今日納付すべき額" in card
    assert "311,300円" in card


def test_officer_without_the_right_sees_no_page_and_changes_nothing(client, charge, payer) -> None:
    sign_in(client, officer("5001", permissions=[]))
    for path in (f"/party/{payer.id}/collection/", "/collection/", "/collection/counter/", "/collection/suspense/"):
        assert client.get(path).status_code == 403
    assert client.post(f"/collection/counter/{charge.id}/", till(1000)).status_code == 403
    assert not Receipt.objects.exists()


def test_officer_who_may_not_open_parties_is_told_so_at_the_till(client, charge) -> None:
    sign_in(client, officer("2003", permissions=permissions.PERMISSIONS, unit_name=UNIT))
    answer = client.get(f"/collection/counter/{charge.pk}/")
    assert answer.status_code == 403
    assert "この宛名を開く権限がありません。" in answer.content.decode()


def test_slip_is_paid_with_its_claim_and_in_circulation_again_when_the_payment_is_reversed(desk, charge) -> None:
    slip = slip_of(charge)
    desk.post(f"/collection/counter/{charge.id}/", till(100_000))
    slip.refresh_from_db()
    assert slip.state == "active"
    desk.post(f"/collection/counter/{charge.id}/", till(211_300))
    slip.refresh_from_db()
    assert slip.state == "paid"
    last = Receipt.objects.latest("pk")
    desk.post(f"/collection/receipts/{last.id}/reverse", {"reason": "入力誤り"})
    slip.refresh_from_db()
    assert slip.state == "active"


@pytest.mark.parametrize("written", ["{code}", "]C1{code}", "{wide}"])
def test_search_box_leads_from_a_bar_code_to_its_instalment(client, charge, payer, written) -> None:
    from addressbook.permissions import SEARCH_PARTY, VIEW_PARTY
    from taxsys.platform.search.permissions import SEARCH

    code = slip_of(charge).cvs_barcode or slip_of(Charge.objects.get(instalment_no=2)).cvs_barcode
    wide = code.translate({ord(str(n)): chr(0xFF10 + n) for n in range(10)})
    given = [SEARCH, SEARCH_PARTY, VIEW_PARTY, permissions.VIEW_LEDGER]
    sign_in(client, officer("2003", permissions=given, unit_name=UNIT))
    answer = client.post("/search/", {"q": written.format(code=code, wide=wide)})
    assert answer.headers["Location"] == f"/party/{payer.id}/collection/{charge.id}/"


def test_pensioner_is_not_asked_for_what_the_pension_payer_remits(desk, charge, payer) -> None:
    row = replace(ordinary(payer.id, "0012345678", [(3600, 0, 0)], due_ons=(date(2026, 11, 10),))[0], method="pension")
    levy_post([row], dedupe_key="pension", occurred_on=date(2026, 5, 10), actor="job:test")
    html = page(desk, f"/party/{payer.id}/collection/")
    assert "納入待ち" in html
    assert "361,300円" in html  # 300,000 and 50,000 of his own with 11,300 interest; the 3,600 are the pension payer's
    pension = Charge.objects.get(method="pension")
    assert "窓口収納</a>" not in page(desk, f"/party/{payer.id}/collection/{pension.id}/")
    assert "311,300円" in page(desk, f"/party/{payer.id}/")
