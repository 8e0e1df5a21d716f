"""Ways of paying a refund: at the designated bank, at the counter, to the account drawn from; always once."""

from collections.abc import Iterator
from datetime import date

import pytest

from collection.errors import RefundError
from collection.models import DebitMandate, RefundDecision, RefundFile, RefundPayment
from collection.payouts.counter import HandOver, counter_payout_pay, counter_payout_propose
from collection.payouts.remote import remote_answer
from collection.payouts.ways import drawn_account
from collection.selectors.proofs import prove_ledger
from collection.services.refund_payments import (
    BankAccount,
    Payee,
    payment_reserve,
    payment_reserve_remote,
    payment_void,
    refund_file_answer,
)
from collection.services.till import till_close, till_day
from taxsys.platform import clock
from taxsys.platform.approvals.errors import OwnProposal
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide, approval_withdraw
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.printing.models import PrintItem, PrintPackage
from taxsys.platform.staff.models import Staff
from tests.collection.books import balance
from tests.collection.payouts import scene
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db
SHOWN = HandOver("licence", is_receipt_taken=True)
START = {"transfer_on": "2026-12-01"}


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


@pytest.fixture
def refund(clerk: Staff, chief: Staff) -> RefundDecision:
    return scene.refund_of(1, clerk, chief)


def payee(refund: RefundDecision, **changes: object) -> Payee:
    return Payee(refund.party_id, **{"claimed_on": scene.DAY, **changes})


def at_counter(refund: RefundDecision, clerk: Staff, chief: Staff | None, **changes: object) -> RefundPayment:
    payment = counter_payout_propose(refund.pk, payee(refund, **changes), amount_yen=50_000, actor=clerk)
    if chief is not None:
        approval = Approval.objects.get(pk=payment.counter.approval_ref)
        approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
        payment.refresh_from_db()
    return payment


@pytest.mark.req("R-023")
def test_the_bank_pays_from_a_list_and_a_notice_and_the_refund_is_done(refund, clerk, chief) -> None:
    payment = payment_reserve_remote(refund.pk, payee(refund), amount_yen=50_000, actor=clerk)
    scene.release(scene.run("B-CL-15-K", START, clerk), chief)
    [row] = layouts.get("local_kakuchi").parse(OutgoingFile.objects.get(kind="local_kakuchi").open_bytes()).records
    assert row.values == {
        "instruction_no": payment.instruction_no, "payee_kana": "ｱｻﾋｶﾜ ﾀﾛｳ", "amount": 50_000,
        "payable_from": date(2026, 12, 1), "payable_until": date(2027, 12, 1),
    }  # fmt: skip
    scene.release(scene.run("B-CL-15-L", START, clerk), chief)
    assert PrintItem.objects.get().item_key == payment.instruction_no
    assert PrintPackage.objects.get().form_id == "L-CL-06"
    with pytest.raises(RefundError, match="支払ごとに"):
        refund_file_answer(RefundFile.objects.get().pk, {}, actor=clerk)
    with clock.at(date(2026, 12, 10)):
        remote_answer(payment.pk, paid_on=date(2026, 12, 9), actor=clerk)
        with pytest.raises(RefundError, match="結果が未登録"):
            remote_answer(payment.pk, paid_on=date(2026, 12, 9), actor=clerk)
    assert (balance("refund_payable"), balance("cash_out")) == (0, -50_000)
    assert RefundFile.objects.get().state == "answered"
    assert prove_ledger().is_ok


def test_money_not_fetched_at_the_bank_waits_again(refund, clerk, chief) -> None:
    payment = payment_reserve_remote(refund.pk, payee(refund), amount_yen=50_000, actor=clerk)
    scene.release(scene.run("B-CL-15-K", START, clerk), chief)
    with pytest.raises(RefundError, match="取り消せません"):
        payment_void(payment.pk, actor=clerk)
    with clock.at(date(2027, 12, 2)):
        with pytest.raises(RefundError, match="支払日が"):
            remote_answer(payment.pk, paid_on=date(2027, 12, 2), actor=clerk)
        with pytest.raises(RefundError, match="理由を入力"):
            remote_answer(payment.pk, paid_on=None, actor=clerk)
        remote_answer(payment.pk, paid_on=None, reason_ja="期限経過", actor=clerk)
    refund.refresh_from_db()
    assert (refund.unpaid_yen, balance("refund_payable"), balance("cash_out")) == (50_000, -50_000, 0)
    assert prove_ledger().is_ok


@pytest.mark.req("R-023")
def test_a_refund_is_handed_over_at_the_counter_by_a_third_person_once(refund, clerk, chief) -> None:
    payment = at_counter(refund, clerk, None)
    with pytest.raises(RefundError, match="承認済み"):
        counter_payout_pay(payment.pk, SHOWN, actor=chief)
    approval = Approval.objects.get(pk=payment.counter.approval_ref)
    both = officer("2001", permissions=[*scene.CHIEF_RIGHTS], unit_name="納税管理課")
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=both, seen_hash=approval.content_hash)
    approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
    cashier = officer("2003", permissions=["collection.pay_refund"], unit_name="納税管理課")
    for hand_over, actor, told in (
        (HandOver("", is_receipt_taken=True), cashier, "本人確認書類"),
        (HandOver("licence", is_receipt_taken=False), cashier, "受領書"),
        (SHOWN, clerk, "起案した本人"),
    ):
        with pytest.raises(RefundError, match=told):
            counter_payout_pay(payment.pk, hand_over, actor=actor)
    counter_payout_pay(payment.pk, SHOWN, actor=cashier)
    with pytest.raises(RefundError, match="まだ支払っていない"):
        counter_payout_pay(payment.pk, SHOWN, actor=cashier)
    payment.refresh_from_db()
    assert (payment.state, payment.paid_on, payment.counter.paid_by) == ("paid", scene.DAY, "2003")
    # The till is short of what was paid out.
    day = till_day("2003", scene.DAY)
    assert (day.posted_yen, day.payout_count, day.payout_yen) == (-50_000, 1, 50_000)
    till_close(staff_no="2003", closed_for=scene.DAY, counted_yen=-50_000)
    assert (balance("refund_payable"), balance("cash_out")) == (0, -50_000)
    assert prove_ledger().is_ok


def test_a_closed_till_pays_nobody(refund, clerk, chief) -> None:
    payment = at_counter(refund, clerk, chief)
    till_close(staff_no="2002", closed_for=scene.DAY, counted_yen=0)
    with pytest.raises(RefundError, match="締め済み"):
        counter_payout_pay(payment.pk, SHOWN, actor=chief)


def test_a_withdrawn_payment_at_the_counter_frees_its_yen(refund, clerk) -> None:
    payment = at_counter(refund, clerk, None)
    with pytest.raises(RefundError, match="決裁待ち"):
        payment_void(payment.pk, actor=clerk)
    approval_withdraw(payment.counter.approval_ref, actor=clerk)
    payment.refresh_from_db()
    refund.refresh_from_db()
    assert (payment.state, refund.unpaid_yen) == ("voided", 50_000)


def test_the_account_drawn_from_is_used_only_on_a_dated_wish_and_only_itself(refund, clerk) -> None:
    with pytest.raises(RefundError, match="口座振替の口座はありません"):
        drawn_account(refund.party_id, on=scene.DAY)
    DebitMandate.objects.create(
        mandate_no="0000000001", party_id=refund.party_id, tax_kind_id="10", bank_code="0999", branch_code="001",
        account_type="1", account_number="7654321", holder_kana="ｱｻﾋｶﾜ ﾀﾛｳ", valid_from=date(2026, 4, 1),
        channel="paper",
    )  # fmt: skip
    account = drawn_account(refund.party_id, on=scene.DAY)
    with pytest.raises(RefundError, match="希望を記した"):
        payment_reserve(refund.pk, Payee(refund.party_id), account, amount_yen=50_000, actor=clerk)
    other = BankAccount("mandate", "0999", "001", "1", "1111111", "ｱｻﾋｶﾜ ﾀﾛｳ")
    with pytest.raises(RefundError, match="一致しません"):
        payment_reserve(refund.pk, payee(refund), other, amount_yen=50_000, actor=clerk)
    payment = payment_reserve(refund.pk, payee(refund), account, amount_yen=50_000, actor=clerk)
    assert (payment.source, payment.account_number) == ("mandate", "7654321")


def test_a_refund_held_by_one_way_cannot_be_paid_by_another(refund, clerk, chief) -> None:
    at_counter(refund, clerk, chief)
    for again in (
        lambda: payment_reserve_remote(refund.pk, payee(refund), amount_yen=1, actor=clerk),
        lambda: counter_payout_propose(refund.pk, payee(refund), amount_yen=1, actor=clerk),
    ):
        with pytest.raises(RefundError, match="支払える額"):
            again()
    assert RefundPayment.objects.count() == 1
