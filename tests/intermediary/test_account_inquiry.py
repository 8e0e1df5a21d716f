"""公金受取口座: asked only where the person wished it for this refund, used once, gone when the payment is done."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from auditlog.models import LogEntry

from addressbook.models import Party
from addressbook.services.numbers import number_assign
from collection.errors import RefundError
from collection.models import RefundDecision, RefundFile, RefundPayment
from collection.payouts.designations import (
    PublicAccount,
    Wish,
    public_account_answer,
    public_account_designate,
)
from collection.payouts.models import AccountDesignation
from collection.selectors.proofs import prove_ledger
from collection.services.refund_payments import (
    BankAccount,
    Payee,
    payment_reserve,
    payment_void,
    refund_file_answer,
)
from intermediary.inquiries.models import AccountInquiry
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import StoredFileDamaged
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.staff.models import Staff
from tests.addressbook.conftest import full_context
from tests.collection.payouts import scene

pytestmark = pytest.mark.django_db
WISH = Wish(scene.DAY, "paper", "受付12号")
NUMBER = "123456789018"
ACCOUNT = {
    "bank_code": "0999", "bank_name": "合成銀行", "branch_code": "001", "branch_name": "本店", "account_type": "1",
    "account_number": "7654321", "account_kana": "ｱｻﾋｶﾜ ﾀﾛｳ", "registered_on": date(2023, 4, 1),
}  # fmt: skip


@pytest.fixture(autouse=True)
def _day() -> Iterator[None]:
    with scene.at_refund_desk():
        yield


@pytest.fixture
def clerk() -> Staff:
    return scene.clerk()


@pytest.fixture
def chief() -> Staff:
    return scene.chief()


def numbered(refund: RefundDecision, number: str) -> None:
    with using(full_context()):
        number_assign(refund.party_id, number, source="test", verified_by="counter")


@pytest.fixture
def refund(clerk: Staff, chief: Staff) -> RefundDecision:
    """The refund of somebody whose number the vault has."""
    decision = scene.refund_of(1, clerk, chief)
    numbered(decision, NUMBER)
    return decision


def wished(refund: RefundDecision, clerk: Staff, wish: Wish = WISH) -> RefundPayment:
    return public_account_designate(refund.pk, wish, amount_yen=refund.to_pay_yen, actor=clerk)


def asked(clerk: Staff, chief: Staff) -> AccountInquiry:
    scene.release(scene.run("B-CL-21", {}, clerk), chief)
    return AccountInquiry.objects.order_by("inquiry_no").last()  # type: ignore[return-value]


def answer(inquiry: AccountInquiry, **changes: object) -> dict[str, object]:
    found = {
        "inquiry_no": inquiry.inquiry_no, "person_no": inquiry.party.person_no, "asked_on": inquiry.asked_on,
        "answer": "1", "purpose": inquiry.purpose,
    }  # fmt: skip
    account = ACCOUNT if changes.get("answer", "1") == "1" else {}
    return found | account | changes


def answered(clerk: Staff, *records: dict[str, object], name: str = "kekka.csv") -> ReceivedFile:
    received = file_receive(
        name=name, content=layouts.get("local_koukin_koza").write(list(records)), format="local_koukin_koza",
        sender="中間サーバー", channel="network",
    )  # fmt: skip
    scene.run("B-CL-21-R", {"file": str(received.pk)}, clerk)
    received.refresh_from_db()
    return received


def account_of(payment: RefundPayment) -> tuple[str, ...]:
    payment.refresh_from_db()
    return (
        payment.bank_code, payment.branch_code, payment.account_type, payment.account_number, payment.holder_kana,
    )  # fmt: skip


NOTHING = ("", "", "", "", "")


@pytest.mark.req("R-113")
def test_a_designated_account_is_asked_answered_paid_and_erased(refund, clerk, chief) -> None:
    # Given the wish on the claim form of this refund
    payment = wished(refund, clerk)
    assert (payment.state, payment.source, payment.amount_yen) == ("asking", "public", 50_000)
    refund.refresh_from_db()
    assert refund.unpaid_yen == 0

    # When it is asked, by one officer and let go by another
    inquiry = asked(clerk, chief)
    file = OutgoingFile.objects.get(kind="local_koukin_shokai")
    [sent] = layouts.get("local_koukin_shokai").parse(file.open_bytes()).records
    assert sent.values == {
        "inquiry_no": f"KK{payment.instruction_no}", "person_no": "R00000000000001", "asked_on": scene.DAY,
        "affair_code": "JM-LOCAL-ZEI", "procedure_code": "JT-LOCAL-KANPU", "item_code": "TM-LOCAL-KOZA",
        "purpose": "ZEIKANPU", "designated_on": scene.DAY,
    }  # fmt: skip
    assert NUMBER.encode() not in file.open_bytes()
    assert (inquiry.state, inquiry.asked_by, inquiry.released_by) == ("sent", "2001", "2002")

    # and the answer is taken in
    received = answered(clerk, answer(inquiry))
    assert account_of(payment) == ("0999", "001", "1", "7654321", "ｱｻﾋｶﾜ ﾀﾛｳ")
    assert (payment.state, payment.designation.state) == ("reserved", "found")
    # then the file has served: its content is gone, the receipt stays
    assert (received.state, received.is_number_bearing) == ("applied", True)
    with pytest.raises(StoredFileDamaged, match="消去済み"):
        received.open_bytes()

    # When it is paid by the bank
    scene.release(scene.run("B-CL-15", {"transfer_on": "2026-11-27"}, clerk), chief)
    [row] = layouts.get("zengin_21").parse(OutgoingFile.objects.get(kind="zengin_21").open_bytes()).records
    assert (row.values["account_number"], row.values["amount"]) == ("7654321", 50_000)
    assert account_of(payment)[3] == "7654321"
    with clock.at(date(2026, 11, 30)):
        refund_file_answer(RefundFile.objects.get().pk, {}, actor=clerk)
    # Then the account is gone from the payment, and stands nowhere else
    assert account_of(payment) == NOTHING
    assert (payment.state, payment.account_erased_on) == ("paid", date(2026, 11, 30))
    assert not [field for field in vars(inquiry).values() if "7654321" in str(field)]
    assert not [one for one in LogEntry.objects.values_list("changes", flat=True) if "7654321" in str(one)]
    assert prove_ledger().is_ok


@pytest.mark.req("R-113")
def test_nothing_is_asked_without_the_wish_for_this_refund(refund, clerk, chief) -> None:
    made = scene.run("B-CL-21", {}, clerk)
    assert AccountInquiry.objects.count() == 0
    scene.release(made, chief)
    assert not OutgoingFile.objects.filter(kind="local_koukin_shokai").exists()


@pytest.mark.req("R-113")
@pytest.mark.parametrize(
    ("wish", "told"),
    [
        (Wish(date(2026, 6, 19), "paper", "受付12号"), "過誤納の発生日より前"),
        (Wish(date(2026, 11, 21), "paper", "受付12号"), "指定の日が未来"),
        (Wish(scene.DAY, "paper", "  "), "受付番号などを入力"),
        (Wish(scene.DAY, "phone", "受付12号"), "指定を受けた方法"),
    ],
)
def test_a_wish_that_is_not_dated_on_this_refund_or_has_no_paper_is_refused(refund, clerk, wish, told) -> None:
    with pytest.raises(RefundError, match=told):
        wished(refund, clerk, wish)
    assert not RefundPayment.objects.exists()


@pytest.mark.parametrize(
    ("change", "told"), [({"kind": "corporation"}, "法人・団体"), ({"state": "dead"}, "亡くなった方")]
)
def test_only_a_living_person_has_such_an_account(refund, clerk, change, told) -> None:
    Party.objects.filter(pk=refund.party_id).update(**change)
    with pytest.raises(RefundError, match=told):
        wished(refund, clerk)


def test_an_account_cannot_be_typed_in_as_if_it_had_been_answered(refund, clerk) -> None:
    typed = BankAccount("public", "0001", "123", "1", "1234567", "ｱｻﾋｶﾜ ﾀﾛｳ")
    with pytest.raises(RefundError, match="照会してください"):
        payment_reserve(refund.pk, Payee(refund.party_id), typed, amount_yen=50_000, actor=clerk)


@pytest.mark.req("R-113")
def test_a_person_without_a_number_is_refused_here_and_the_refund_waits_again(clerk, chief) -> None:
    refund = scene.refund_of(2, clerk, chief)
    payment = wished(refund, clerk)
    scene.run("B-CL-21", {}, clerk)
    payment.refresh_from_db()
    assert (payment.state, payment.failure_ja) == ("failed", "公金受取口座 個人番号の登録がないため照会できません")
    assert AccountInquiry.objects.get().state == "refused"
    refund.refresh_from_db()
    assert refund.unpaid_yen == 50_000
    denied = AccessEvent.objects.get(record_type="account_inquiry")
    assert (denied.action, denied.result, denied.reason) == ("denied", "denied", "no_number")


def test_the_same_person_cannot_ask_and_let_go(refund, chief) -> None:
    wished(refund, chief)
    made = scene.run("B-CL-21", {}, chief)
    with pytest.raises(JobRefused):
        scene.release(made, chief)
    assert AccountInquiry.objects.get().state == "prepared"


@pytest.mark.parametrize(
    ("given", "state", "told"),
    [
        ({"answer": "2"}, "none", "公金受取口座 登録なし"),
        ({"answer": "3"}, "error", "公金受取口座 中間サーバーが照会不可と回答"),
        ({"account_kana": "ﾍﾞﾂｼﾞﾝ"}, "error", "公金受取口座 口座名義が受取人と違う回答"),
        ({"account_type": "9"}, "error", "公金受取口座 普通・当座のほかの預金種目"),
        ({"account_number": "0000000"}, "error", "公金受取口座 口座の記載に誤りがある回答"),
    ],
)
def test_where_no_usable_account_is_answered_the_refund_waits_for_another_way(
    refund, clerk, chief, given, state, told
) -> None:
    payment = wished(refund, clerk)
    answered(clerk, answer(asked(clerk, chief), **given))
    payment.refresh_from_db()
    assert (payment.state, payment.failure_ja, payment.designation.state) == ("failed", told, state)
    assert account_of(payment) == NOTHING
    refund.refresh_from_db()
    assert refund.unpaid_yen == 50_000


@pytest.mark.req("R-113")
def test_an_answer_serves_once(refund, clerk, chief) -> None:
    payment = wished(refund, clerk)
    inquiry = asked(clerk, chief)
    answered(clerk, answer(inquiry))
    other = ACCOUNT | {"account_number": "1111111"}
    again = answered(clerk, answer(inquiry, **other), name="again.csv")
    assert (again.state, again.line_errors.get().message_ja) == (
        "partly_applied", "この照会は口座ありです。回答は一度だけ使えます。",
    )  # fmt: skip
    assert account_of(payment)[3] == "7654321"
    second = PublicAccount("0999", "001", "1", "2222222", "ｱｻﾋｶﾜ ﾀﾛｳ")
    assert not public_account_answer(payment.instruction_no, second, answered_on=scene.DAY)
    assert account_of(payment)[3] == "7654321"


def test_an_account_taken_back_is_gone_and_asked_anew_for_the_next_payment(refund, clerk, chief) -> None:
    payment = wished(refund, clerk)
    answered(clerk, answer(asked(clerk, chief)))
    payment.refresh_from_db()
    payment_void(payment.pk, actor=clerk)
    assert account_of(payment) == NOTHING
    again = wished(refund, clerk)
    inquiry = asked(clerk, chief)
    assert (again.attempt_no, inquiry.inquiry_no) == (2, f"KK{again.instruction_no}")
    assert AccountInquiry.objects.count() == 2


def test_a_payment_taken_back_while_asked_leaves_nothing_of_the_answer(refund, clerk, chief) -> None:
    payment = wished(refund, clerk)
    inquiry = asked(clerk, chief)
    payment_void(payment.pk, actor=clerk)
    received = answered(clerk, answer(inquiry))
    assert account_of(payment) == NOTHING
    inquiry.refresh_from_db()
    assert inquiry.message_ja == "支払の準備が取り消されていたため、回答を使わずに消去"
    assert received.state == "applied"


def test_a_payment_taken_back_before_the_release_is_not_asked_about(refund, clerk, chief) -> None:
    payment = wished(refund, clerk)
    made = scene.run("B-CL-21", {}, clerk)
    payment_void(payment.pk, actor=clerk)
    with pytest.raises(JobRefused, match="取り消された照会が1件"):
        scene.release(made, chief)
    scene.run("B-CL-21", {}, clerk)
    assert AccountInquiry.objects.get().state == "withdrawn"


def test_a_transfer_that_came_back_erases_the_account_too(refund, clerk, chief) -> None:
    payment = wished(refund, clerk)
    answered(clerk, answer(asked(clerk, chief)))
    scene.release(scene.run("B-CL-15", {"transfer_on": "2026-11-27"}, clerk), chief)
    refund_file_answer(RefundFile.objects.get().pk, {payment.pk: "口座なし"}, actor=clerk)
    assert account_of(payment) == NOTHING
    assert (payment.state, payment.failure_ja) == ("failed", "口座なし")


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"inquiry_no": "KK0000000000"}, "照会していない番号"),
        ({"person_no": "R00000000000009"}, "別の人の回答"),
        ({"purpose": "OTHER"}, "利用事務が還付ではありません"),
    ],
)
def test_an_answer_nobody_asked_for_is_set_aside(refund, clerk, chief, change, told) -> None:
    payment = wished(refund, clerk)
    received = answered(clerk, answer(asked(clerk, chief), **change))
    assert (received.error_count, told in received.line_errors.get().message_ja) == (1, True)
    payment.refresh_from_db()
    assert payment.state == "asking"


def test_answers_and_files_that_are_not_used_are_erased_after_the_period(refund, clerk, chief) -> None:
    payment = wished(refund, clerk)
    answered(clerk, answer(asked(clerk, chief)))
    left = file_receive(
        name="left.csv", content=b"x", format="local_koukin_koza", sender="中間サーバー", channel="network"
    )
    for days, state in ((30, "reserved"), (31, "voided")):
        with clock.at(scene.DAY + timedelta(days=days)):
            made: JobRun = scene.run("B-CL-21-E", {}, clerk)
        payment.refresh_from_db()
        left.refresh_from_db()
        assert (made.state, payment.state, left.content_erased_at is not None) == ("finished", state, days == 31)
    assert account_of(payment) == NOTHING
    assert AccountDesignation.objects.get().state == "found"


def test_two_payments_of_two_people_are_asked_in_one_file(refund, clerk, chief) -> None:
    other = scene.refund_of(2, clerk, chief)
    numbered(other, "987654321093")
    wished(refund, clerk)
    wished(other, clerk)
    asked(clerk, chief)
    assert OutgoingFile.objects.get(kind="local_koukin_shokai").record_count == 2
    first, second = AccountInquiry.objects.order_by("inquiry_no")
    answered(clerk, answer(first), answer(second, answer="2"))
    assert list(RefundPayment.objects.order_by("instruction_no").values_list("state", flat=True)) == [
        "reserved", "failed",
    ]  # fmt: skip
