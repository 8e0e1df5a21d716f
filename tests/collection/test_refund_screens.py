"""還付・充当の画面: from the list to the paid refund as two officers do it."""

from collections.abc import Iterator
from datetime import date

import pytest
from django.test import Client

from addressbook.models import Party
from addressbook.permissions import VIEW_PARTY
from collection import permissions
from collection.closing.models import PeriodClosing
from collection.models import Charge, Overpayment, RefundDecision, RefundFile, RefundPayment
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_post
from collection.services.receipts import counter_payment_post
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import DECIDE, VIEW_QUEUE
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.jobs.services import job_release, job_request, job_run_inline
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import person, protect
from tests.collection.books import ordinary
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
TODAY = date(2026, 11, 20)
UNIT = "納税管理課"
ACCOUNT = {
    "payee_kind": "self", "way": "claim", "claimed_on": "R8.11.20",
    "bank_code": "0001", "branch_code": "123", "account_type": "1",
    "account_number": "1234567", "account_again": "1234567", "holder_kana": "アサヒカワ　タロウ",
}  # fmt: skip


@pytest.fixture(autouse=True)
def today() -> Iterator[None]:
    with clock.at(TODAY):
        yield


def staff_of(number: str) -> Staff:
    return officer(number, permissions=[*permissions.PERMISSIONS, VIEW_PARTY, VIEW_QUEUE, DECIDE], unit_name=UNIT)


@pytest.fixture
def clerk() -> Staff:
    return staff_of("2001")


@pytest.fixture
def chief() -> Staff:
    return staff_of("2002")


@pytest.fixture
def desk(client: Client, clerk: Staff) -> Client:
    return sign_in(client, clerk)


@pytest.fixture
def payer() -> Party:
    return person(1, name="旭川　太郎")


@pytest.fixture
def overpaid(payer: Party) -> Party:
    """50,000 yen of the first instalment paid twice, the second of 20,000 is due."""
    rows = ordinary(
        payer.id, "0012345678", [(50_000, 0, 0), (20_000, 0, 0)], due_ons=(date(2026, 6, 30), date(2026, 8, 31))
    )
    levy_post(rows, dedupe_key="run", occurred_on=date(2026, 5, 10), actor="job:test")
    first = Charge.objects.get(instalment_no=1)
    for key in ("a", "b"):
        counter_payment_post(
            till_key=key, charge_key=first.business_key, amount_yen=50_000, paid_on=date(2026, 6, 20), actor="staff:1"
        )
    return payer


def plan(party: Party, **changes: str) -> dict[str, str]:
    key = f"o{party_overpayment(party)}"
    return {"decided_on": "R8.11.20", f"{key}-take": "on", f"{key}-ground": "17-4-1-4", **changes}


def party_overpayment(party: Party) -> int:
    from collection.models import Overpayment

    return Overpayment.objects.get(party=party).pk


def proposed(desk: Client, party: Party) -> RefundDecision:
    answer = desk.post(f"/party/{party.pk}/collection/refund", plan(party, propose="1"))
    decision = RefundDecision.objects.get()
    assert (answer.status_code, answer["Location"]) == (302, f"/collection/refunds/{decision.pk}/")
    return decision


def decided(desk: Client, party: Party, chief: Staff) -> RefundDecision:
    decision = proposed(desk, party)
    approval = Approval.objects.get(pk=decision.approval_ref)
    answer = sign_in(Client(), chief).post(
        f"/approvals/{approval.pk}/decide", {"decision": "approve", "seen_hash": approval.content_hash}
    )
    assert answer.status_code == 302, answer.content.decode()[:800]
    decision.refresh_from_db()
    return decision


@pytest.mark.req("R-023")
def test_a_refund_is_proposed_and_handed_over_at_the_counter_on_screens(
    desk: Client, overpaid: Party, chief: Staff
) -> None:
    decision = decided(desk, overpaid, chief)
    page = f"/collection/refunds/{decision.pk}/"
    asked = {"payee_kind": "self", "amount": "30,000", "way": "counter", "claimed_on": "R8.11.20"}
    assert desk.post(page, asked).status_code == 302
    payment = RefundPayment.objects.get()
    assert (payment.way, payment.state) == ("counter", "proposed")
    over_the_counter = sign_in(Client(), chief)
    approval = Approval.objects.get(pk=payment.counter.approval_ref)
    decide = {"decision": "approve", "seen_hash": approval.content_hash}
    assert over_the_counter.post(f"/approvals/{approval.pk}/decide", decide).status_code == 302
    there = f"/collection/refunds/payments/{payment.pk}/hand-over"
    shown = over_the_counter.get(there).content.decode()
    assert [text in shown for text in ("旭川　太郎", "30,000円", "運転免許証")] == [True] * 3
    assert over_the_counter.post(there, {"identity": "licence"}).status_code == 422
    assert over_the_counter.post(there, {"identity": "licence", "is_receipt_taken": "on"}).status_code == 302
    payment.refresh_from_db()
    assert (payment.state, payment.paid_on) == ("paid", TODAY)
    assert "△30,000円" in over_the_counter.get("/collection/closing/").content.decode()
    assert prove_ledger().is_ok


def test_what_a_way_needs_is_said_beside_its_field(desk: Client, overpaid: Party, chief: Staff) -> None:
    page = f"/collection/refunds/{decided(desk, overpaid, chief).pk}/"
    asked = {"payee_kind": "self", "amount": "30,000", "claimed_on": "R8.11.20"}
    for way, told in (
        ("claim", "還付請求書の口座へ振り込むときは入力してください。"),
        ("public", "指定を受けた請求書を見て入力してください。"),
        ("mandate", "口座振替の口座はありません"),
    ):
        answer = desk.post(page, {**asked, "way": way})
        assert (answer.status_code, told in answer.content.decode()) == (422, True), way
    assert RefundPayment.objects.count() == 0


@pytest.mark.req("R-112")
def test_two_officers_take_an_overpayment_from_the_list_to_the_bank(
    desk: Client, overpaid: Party, clerk: Staff, chief: Staff
) -> None:
    listed = desk.get("/collection/refunds/").content.decode()
    assert "案のない過誤納金 1件 50,000円" in listed
    assert "旭川　太郎" in listed
    shown = desk.post(f"/party/{overpaid.pk}/collection/refund", plan(overpaid, look="1")).content.decode()
    assert "充当 令和8年度" in shown
    assert [text in shown for text in ("20,000", "30,000", "起案する")] == [True] * 3
    assert RefundDecision.objects.count() == 0

    decision = decided(desk, overpaid, chief)
    assert (decision.state, decision.offset_yen, decision.refund_yen) == ("decided", 20_000, 30_000)
    page = f"/collection/refunds/{decision.pk}/"
    assert desk.post(page, {**ACCOUNT, "amount": "30,000"}).status_code == 302
    payment = RefundPayment.objects.get()
    counter = desk.get(f"/collection/refunds/payments/{payment.pk}/hand-over").content.decode()
    assert ("承認済みの窓口払だけ" in counter, "支払う</button>" in counter) == (True, False)
    assert (payment.holder_kana, payment.state) == ("ｱｻﾋｶﾜ ﾀﾛｳ", "reserved")

    run = job_request("B-CL-15", {"transfer_on": "2026-11-27"}, actor=clerk, business_on=TODAY)
    job_run_inline(run.pk, actor=clerk, raise_errors=True)
    job_release(run.pk, chief, inline=True)
    file = RefundFile.objects.get()
    assert (file.state, OutgoingFile.objects.get(kind="zengin_21").record_count) == ("sent", 1)
    listed = desk.get(f"/collection/refunds/files/{file.pk}/").content.decode()
    assert [text in listed for text in ("旭川　太郎", "30,000", "結果を登録する")] == [True] * 3
    assert desk.post(f"/collection/refunds/files/{file.pk}/", {}).status_code == 302
    payment.refresh_from_db()
    assert (payment.state, payment.paid_on) == ("paid", date(2026, 11, 27))
    assert prove_ledger().is_ok
    kinds = set(AccessEvent.objects.values_list("record_type", flat=True))
    assert {"refund_decision", "refund_payment", "refund_file"} <= kinds


def test_an_account_number_typed_differently_the_second_time_is_not_taken(
    desk: Client, overpaid: Party, chief: Staff
) -> None:
    decision = decided(desk, overpaid, chief)
    answer = desk.post(
        f"/collection/refunds/{decision.pk}/", {**ACCOUNT, "amount": "30000", "account_again": "1234576"}
    )
    assert answer.status_code == 422
    assert "口座番号が一致しません" in answer.content.decode()
    assert RefundPayment.objects.count() == 0


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"amount": "30001"}, "支払える額は1円から30,000円までです"),
        ({"amount": "30000", "holder_kana": "旭川太郎"}, "銀行のデータで使えない文字"),
        ({"amount": "30000", "payee_kind": "heir", "payee_no": "X1"}, "この宛名番号の人がいません"),
        ({"amount": "30000", "bank_code": "12"}, "半角数字4桁"),
    ],
)
def test_what_cannot_be_paid_is_told_at_its_box(
    desk: Client, overpaid: Party, chief: Staff, changes: dict[str, str], message: str
) -> None:
    decision = decided(desk, overpaid, chief)
    answer = desk.post(f"/collection/refunds/{decision.pk}/", {**ACCOUNT, **changes})
    assert answer.status_code == 422
    assert message in answer.content.decode()


def test_a_missing_date_of_the_ground_is_told_and_nothing_is_proposed(desk: Client, overpaid: Party) -> None:
    key = f"o{party_overpayment(overpaid)}"
    answer = desk.post(
        f"/party/{overpaid.pk}/collection/refund", plan(overpaid, propose="1", **{f"{key}-ground": "17-4-1-2"})
    )
    assert answer.status_code == 422
    assert "更正の請求の日を入力してください" in answer.content.decode()
    assert RefundDecision.objects.count() == 0


def test_a_failure_needs_its_reason(desk: Client, overpaid: Party, clerk: Staff, chief: Staff) -> None:
    decision = decided(desk, overpaid, chief)
    desk.post(f"/collection/refunds/{decision.pk}/", {**ACCOUNT, "amount": "30000"})
    run = job_request("B-CL-15", {"transfer_on": "2026-11-27"}, actor=clerk, business_on=TODAY)
    job_run_inline(run.pk, actor=clerk, raise_errors=True)
    job_release(run.pk, chief, inline=True)
    file, payment = RefundFile.objects.get(), RefundPayment.objects.get()
    answer = desk.post(f"/collection/refunds/files/{file.pk}/", {f"p{payment.pk}-failed": "on"})
    assert answer.status_code == 422
    assert "振込不能の理由を入力してください" in answer.content.decode()
    payment.refresh_from_db()
    assert payment.state == "sent"


def test_the_notice_of_a_protected_person_is_made_without_a_slip_of_the_address(
    desk: Client, overpaid: Party, chief: Staff
) -> None:
    decision = decided(desk, overpaid, chief)
    protect(overpaid)
    answer = desk.get(f"/collection/refunds/{decision.pk}/paper")
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")


def test_nobody_without_the_right_sees_the_desk(client: Client, overpaid: Party) -> None:
    stranger = sign_in(client, officer("3001", permissions=[VIEW_PARTY], unit_name="資産税課"))
    for path in ("/collection/refunds/", f"/party/{overpaid.pk}/collection/refund"):
        assert stranger.get(path).status_code == 403


@pytest.mark.req("R-112")
def test_a_decision_of_a_day_that_was_closed_meanwhile_is_void(desk: Client, overpaid: Party, chief: Staff) -> None:
    decision = proposed(desk, overpaid)
    PeriodClosing.objects.create(
        span="day", first_on=TODAY, last_on=TODAY, transfers=0, yen=0, seal="0" * 64, closed_by="staff:2001",
        closed_at=clock.now(),
    )  # fmt: skip
    approval = Approval.objects.get(pk=decision.approval_ref)
    answer = sign_in(Client(), chief).post(
        f"/approvals/{approval.pk}/decide", {"decision": "approve", "seen_hash": approval.content_hash}
    )
    assert answer.status_code in {302, 409}
    approval.refresh_from_db()
    decision.refresh_from_db()
    assert (approval.state, decision.state) == ("void", "discarded")
    assert Overpayment.objects.get(remaining_yen__gt=0).held_by is None
