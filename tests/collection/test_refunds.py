"""還付・充当: what is due is met first, the rest is owed with interest, and nothing leaves twice."""

from datetime import date, timedelta

import pytest

from collection.errors import RefundError, SuspenseError
from collection.models import Allocation, Charge, Overpayment, RefundDecision, RefundLine, RefundPayment, Slip
from collection.selectors.account import charge_standing
from collection.selectors.proofs import prove_ledger
from collection.selectors.refunds import Ground, claim_ends_on, usual_ground, waiting
from collection.services.levy import levy_adjust, levy_post
from collection.services.receipts import ReceiptRecord, receipts_post
from collection.services.refund_payments import (
    BankAccount,
    Payee,
    payment_reserve,
    payment_void,
    refund_file_answer,
    refund_file_build,
    refund_file_records,
    refund_file_send,
)
from collection.services.refunds import refund_propose
from collection.services.reversals import receipt_reverse
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform import clock
from taxsys.platform.approvals.errors import OwnProposal, ProposalVoid
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide, approval_withdraw
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.staff.models import Staff
from tests.collection.books import balance, ordinary, party
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 10)
DECIDED = date(2026, 11, 20)
PARTS = [(180_000, 120_000, 1000), (180_000, 120_000, 0), (180_000, 120_000, 0), (180_000, 120_000, 0)]
ACCOUNT = BankAccount("claim", "0001", "123", "1", "1234567", "ｼｹﾝ ﾀﾛｳ")


@pytest.fixture(autouse=True)
def _day():
    context = AccessContext(
        actor_kind="staff", actor_id="5001", function_id="F-RF-002", legal_base="地方税法17条", purpose="還付",
        request_id="test",
    )  # fmt: skip
    with clock.at(DECIDED), using(context):
        yield


@pytest.fixture
def clerk() -> Staff:
    return officer("5001", permissions=["collection.work_refund"])


@pytest.fixture
def chief() -> Staff:
    return officer("5002", permissions=["collection.approve_refund", "approvals.view_queue"])


@pytest.fixture
def slips() -> list[Slip]:
    levy_post(ordinary(party(1), "N000000001", PARTS), dedupe_key="run", occurred_on=ON, actor="job:test")
    charges = Charge.objects.order_by("instalment_no")
    issued = slip_issue_many([SlipRequest((c.id,), c.due_on) for c in charges], issued_on=ON)
    return [Slip.objects.get(pk=one.slip_id) for one in issued]


def pay(slip: Slip, *, key: str = "1", on: date = date(2026, 6, 25)) -> None:
    receipts_post(
        [
            ReceiptRecord(
                channel="common", external_key=f"{slip.case_no}:{key}", kind="confirmed", key_kind="case",
                match_key=slip.case_no, amount_yen=slip.amount_yen, paid_on=on, account_on=on + timedelta(days=7),
            )
        ],
        actor="job:test", as_of=DECIDED,
    )  # fmt: skip


def reduce(to: list[tuple[int, int, int]]) -> None:
    levy_adjust(
        ordinary(party(1), "N000000001", to, source_ref="D-N000000001-2"),
        dedupe_key="correction", occurred_on=date(2026, 10, 1), actor="job:test",
    )  # fmt: skip


def propose(clerk: Staff, **changes) -> RefundDecision:
    grounds = {one.pk: usual_ground(one) for one in waiting(party(1))} | changes.pop("grounds", {})
    return refund_propose(party(1), grounds, decided_on=changes.pop("decided_on", DECIDED), actor=clerk)


def approve(decision: RefundDecision, chief: Staff) -> RefundDecision:
    approval = Approval.objects.get(pk=decision.approval_ref)
    approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
    decision.refresh_from_db()
    return decision


def proved() -> bool:
    return prove_ledger().is_ok


@pytest.mark.req("R-023")
def test_a_double_payment_meets_the_instalments_that_are_due_and_the_rest_is_refunded(slips, clerk, chief) -> None:
    pay(slips[0])
    pay(slips[0], key="2", on=date(2026, 6, 26))
    decision = propose(clerk)
    # 301,000 paid twice: the second and third instalments of 300,000 are due, the fourth is not.
    [line] = decision.lines.all()
    second = Charge.objects.get(instalment_no=2)
    assert [(o.charge_id, o.component, o.settled_on, o.yen) for o in line.offsets.order_by("pk")] == [
        (second.pk, "principal", date(2026, 8, 31), 300_000),
        (Charge.objects.get(instalment_no=3).pk, "principal", date(2026, 11, 2), 1000),
    ]
    assert (decision.offset_yen, decision.refund_yen, balance("overpayment")) == (301_000, 0, -301_000)
    approve(decision, chief)
    assert balance("overpayment") == 0
    assert charge_standing(second.pk, as_of=DECIDED).is_paid
    assert charge_standing(second.pk, as_of=DECIDED).interest_yen == 0
    assert waiting(party(1)) == []
    assert proved()


@pytest.mark.req("R-023")
def test_a_reduced_levy_is_refunded_with_interest_from_the_day_after_the_payment(slips, clerk, chief) -> None:
    for slip in slips:
        pay(slip)
    reduce([(120_000, 80_000, 1000), *PARTS[1:]])
    decision = propose(clerk)
    [line] = decision.lines.all()
    # 100,000 × 1.3 % from 1 July (the day after the due date) to 20 November: 143 days = 509 yen < 1,000.
    assert (line.ground, line.count_from, line.count_until) == ("17-4-1-1", date(2026, 7, 1), DECIDED)
    assert (decision.offset_yen, decision.refund_yen, decision.interest_yen) == (0, 100_000, 0)
    approve(decision, chief)
    assert balance("refund_payable") == -100_000
    assert proved()


def test_interest_is_counted_to_the_yen_and_owed_with_the_refund(slips, clerk, chief) -> None:
    for slip in slips:
        pay(slip)
    reduce([(0, 0, 0)] * 4)
    decision = propose(clerk)
    # Per instalment from the day after its due date: 301,000 × 1.3 % × 143 / 365 = 1,533 → 1,500;
    # 300,000 × 1.3 % × 81 / 365 = 865 and the later ones less: under 1,000 each.
    assert [line.interest_yen for line in decision.lines.order_by("pk")] == [1500, 0, 0, 0]
    assert decision.lines.order_by("pk")[0].segments == [
        {"from": "2026-07-01", "until": "2026-11-20", "rate": "1.3", "base": 301_000, "days": 143, "yen": 1533}
    ]
    assert (decision.refund_yen, decision.interest_yen) == (1_201_000, 1500)
    approve(decision, chief)
    assert (balance("refund_payable"), balance("refund_interest")) == (-1_202_500, 1500)
    assert proved()


def test_money_of_a_reduced_levy_that_meets_another_claim_moves_its_allocation(slips, clerk, chief) -> None:
    pay(slips[0])
    reduce([(120_000, 80_000, 1000), *PARTS[1:]])
    decision = approve(propose(clerk), chief)
    first, second = Charge.objects.get(instalment_no=1), Charge.objects.get(instalment_no=2)
    assert decision.offset_yen == 100_000
    assert sum(Allocation.objects.filter(charge=first).values_list("yen", flat=True)) == 201_000
    assert [(a.yen, a.paid_on) for a in Allocation.objects.filter(charge=second)] == [(100_000, date(2026, 10, 1))]
    overpayment = Overpayment.objects.get()
    assert (overpayment.yen, overpayment.remaining_yen) == (0, 0)
    assert proved()


def test_late_interest_of_the_claim_is_met_once_its_tax_is_paid(slips, clerk, chief) -> None:
    for slip in slips:
        pay(slip, on=date(2026, 6, 25))
    pay(slips[0], key="2")
    receipt_reverse_of(slips[1])
    decision = propose(clerk, decided_on=DECIDED)
    # The second instalment (300,000 due 31 August) is met as of 31 August: no interest has run.
    assert [o.component for line in decision.lines.all() for o in line.offsets.all()] == ["principal"]
    assert (decision.offset_yen, decision.refund_yen) == (300_000, 1000)
    approve(decision, chief)
    assert proved()


def receipt_reverse_of(slip: Slip) -> None:
    receipt = slip.receipt_set.get()
    receipt_reverse(receipt.pk, occurred_on=DECIDED, actor="staff:5001", reason_ja="組戻し")


def test_interest_that_has_run_without_being_levied_is_levied_and_met(slips, clerk, chief) -> None:
    pay(slips[0], on=date(2026, 11, 16))
    pay(slips[0], key="2", on=date(2026, 11, 17))
    pay(slips[1], key="1", on=date(2026, 11, 16))
    first, second, third = Charge.objects.order_by("instalment_no")[:3]
    decision = propose(clerk)
    offsets = [
        (o.charge_id, o.component, o.settled_on, o.yen)
        for line in decision.lines.all()
        for o in line.offsets.order_by("pk")
    ]
    # First, 301,000 paid on 16 November: 2.8 % × 31 days 715 + 9.1 % × 108 days 8,104 = 8,819 → 8,800.
    # Second, 300,000 paid on 16 November: 2.8 % × 30 days 690 + 9.1 % × 47 days 3,515 = 4,205 → 4,200.
    on = date(2026, 11, 17)
    assert offsets == [
        (first.pk, "late_interest", on, 8_800),
        (second.pk, "late_interest", on, 4_200),
        (third.pk, "principal", on, 288_000),
    ]
    assert decision.refund_yen == 0
    approve(decision, chief)
    assert [charge_standing(one.pk, as_of=DECIDED).interest_left_yen for one in (first, second)] == [0, 0]
    assert balance("interest") == -13_000
    assert proved()


@pytest.mark.req("R-207")
def test_the_proposer_cannot_approve(slips, clerk) -> None:
    pay(slips[0])
    pay(slips[0], key="2")
    both = officer("5003", permissions=["collection.work_refund", "collection.approve_refund", "approvals.view_queue"])
    decision = propose(both)
    approval = Approval.objects.get(pk=decision.approval_ref)
    with pytest.raises(OwnProposal):
        approval_decide(approval.pk, decision="approve", actor=both, seen_hash=approval.content_hash)
    assert balance("overpayment") == -301_000


def test_an_overpayment_that_is_proposed_cannot_be_proposed_again_until_taken_back(slips, clerk) -> None:
    pay(slips[0])
    pay(slips[0], key="2")
    overpayment = Overpayment.objects.get()
    first = propose(clerk)
    with pytest.raises(RefundError, match="すでにあります"):
        refund_propose(party(1), {overpayment.pk: usual_ground(overpayment)}, decided_on=DECIDED, actor=clerk)
    approval_withdraw(first.approval_ref, actor=clerk)
    again = propose(clerk)
    assert (again.state, RefundDecision.objects.get(pk=first.pk).state) == ("proposed", "discarded")


def test_a_plan_that_no_longer_holds_when_it_is_approved_is_void_and_frees_the_money(slips, clerk, chief) -> None:
    pay(slips[0])
    pay(slips[0], key="2")
    decision = propose(clerk)
    pay(slips[1], on=date(2026, 11, 19))
    with pytest.raises(ProposalVoid, match="未納または過誤納の状況が変わりました"):
        approve(decision, chief)
    decision.refresh_from_db()
    assert decision.state == "discarded"
    assert [one.held_by_id for one in Overpayment.objects.all()] == [None]
    assert balance("overpayment") == -301_000
    # The second instalment is paid, its late interest is not; the rest goes to the third.
    assert propose(clerk).offset_yen == 301_000


def test_a_receipt_whose_overpayment_is_held_cannot_be_reversed(slips, clerk) -> None:
    pay(slips[0])
    pay(slips[0], key="2")
    propose(clerk)
    held = Overpayment.objects.get().receipt_id
    with pytest.raises(SuspenseError, match="先にその案を取り下げてください"):
        receipt_reverse(held, occurred_on=DECIDED, actor="staff:5001", reason_ja="誤り")


@pytest.mark.parametrize(
    ("ground", "missing"),
    [(Ground("17-4-1-2"), "更正の請求の日"), (Ground("17-4-1-3"), "所得税の更正通知の日")],
)
def test_a_ground_without_its_date_is_refused_by_name(slips, clerk, ground, missing) -> None:
    pay(slips[0])
    pay(slips[0], key="2")
    [overpayment] = waiting(party(1))
    with pytest.raises(RefundError, match=missing):
        propose(clerk, grounds={overpayment.pk: ground})
    assert RefundDecision.objects.count() == 0


def test_a_year_without_an_announced_rate_stops_the_calculation(slips, clerk) -> None:
    pay(slips[0])
    pay(slips[0], key="2")
    for slip in slips[1:]:
        pay(slip)
    with pytest.raises(RefundError, match="2027年"):
        propose(clerk, decided_on=date(2027, 1, 20))


def decided(slips: list[Slip], clerk: Staff, chief: Staff) -> RefundDecision:
    for slip in slips:
        pay(slip)
    reduce([(0, 0, 0)] * 4)
    return approve(propose(clerk), chief)


def reserve(
    decision: RefundDecision, clerk: Staff, yen: int | None = None, payee: Payee | None = None
) -> RefundPayment:
    return payment_reserve(
        decision.pk, payee or Payee(party(1)), ACCOUNT, amount_yen=yen or decision.to_pay_yen, actor=clerk
    )


def test_a_refund_is_paid_once_through_the_file(slips, clerk, chief) -> None:
    decision = decided(slips, clerk, chief)
    payment = reserve(decision, clerk)
    file = refund_file_build(transfer_on=date(2026, 11, 27))
    assert file is not None
    assert (file.payment_count, file.payment_yen) == (1, 1_202_500)
    [record] = refund_file_records(file)
    assert (record["amount"], record["customer_code1"], record["payee_name"]) == (
        1_202_500, payment.instruction_no, "ｼｹﾝ ﾀﾛｳ",
    )  # fmt: skip
    refund_file_send(file.pk)
    with pytest.raises(RefundError, match="二度送れません"):
        refund_file_send(file.pk)
    refund_file_answer(file.pk, {}, actor=clerk)
    with pytest.raises(RefundError, match="結果が未登録"):
        refund_file_answer(file.pk, {}, actor=clerk)
    assert (balance("refund_payable"), balance("cash_out")) == (0, -1_202_500)
    assert proved()
    with pytest.raises(RefundError, match="支払える額"):
        reserve(RefundDecision.objects.get(), clerk, yen=1)


def test_a_transfer_that_failed_is_paid_to_another_account_later(slips, clerk, chief) -> None:
    decision = decided(slips, clerk, chief)
    payment = reserve(decision, clerk)
    file = refund_file_build(transfer_on=date(2026, 11, 27))
    assert file is not None
    refund_file_send(file.pk)
    refund_file_answer(file.pk, {payment.pk: "口座なし"}, actor=clerk)
    payment.refresh_from_db()
    assert (payment.state, payment.failure_ja, balance("refund_payable")) == ("failed", "口座なし", -1_202_500)
    again = reserve(decision, clerk)
    second = refund_file_build(transfer_on=date(2026, 11, 27))
    assert second is not None
    assert (again.attempt_no, second.sequence, list(second.payments.all())) == (2, 2, [again])
    assert proved()


def test_a_payment_taken_back_before_sending_frees_its_yen(slips, clerk, chief) -> None:
    decision = decided(slips, clerk, chief)
    payment = reserve(decision, clerk)
    payment_void(payment.pk, actor=clerk)
    assert refund_file_build(transfer_on=date(2026, 11, 27)) is None
    reserve(decision, clerk)
    assert proved()


def test_heirs_are_paid_their_shares_with_evidence_and_never_more_in_all(slips, clerk, chief) -> None:
    decision = decided(slips, clerk, chief)
    with pytest.raises(RefundError, match="確認書類"):
        reserve(decision, clerk, yen=600_000, payee=Payee(party(2), "heir"))
    reserve(decision, clerk, yen=601_250, payee=Payee(party(2), "heir", "戸籍謄本・遺産分割協議書"))
    with pytest.raises(RefundError, match="601,250円まで"):
        reserve(decision, clerk, yen=601_251, payee=Payee(party(3), "heir", "戸籍謄本"))
    reserve(decision, clerk, yen=601_250, payee=Payee(party(3), "heir", "戸籍謄本"))
    assert RefundPayment.objects.count() == 2
    assert proved()


def test_the_proposer_of_nothing_and_of_another_party_is_refused(slips, clerk) -> None:
    pay(slips[0])
    pay(slips[0], key="2")
    [overpayment] = waiting(party(1))
    for who, ids in ((party(1), {}), (party(2), {overpayment.pk: usual_ground(overpayment)})):
        with pytest.raises(RefundError, match="選び直してください"):
            refund_propose(who, ids, decided_on=DECIDED, actor=clerk)


def test_money_that_came_in_last_fiscal_year_is_refunded_out_of_expenditure(slips, clerk) -> None:
    pay(slips[0], on=date(2026, 3, 20))
    pay(slips[0], key="2", on=date(2026, 6, 20))
    for slip in slips[1:]:
        pay(slip)
    pay(slips[1], key="2", on=date(2026, 3, 10))
    propose(clerk)
    budgets = {line.overpayment.paid_on: line.budget for line in RefundLine.objects.select_related("overpayment")}
    assert budgets == {date(2026, 6, 20): "revenue", date(2026, 3, 10): "expenditure"}


def test_the_claim_to_a_refund_ends_after_five_years() -> None:
    assert claim_ends_on(Overpayment(arose_on=date(2024, 2, 29))) == date(2029, 2, 28)


def test_a_correction_of_money_that_is_being_refunded_is_set_aside_and_holds_up_nobody(slips, clerk) -> None:
    pay(slips[0])
    pay(slips[0], key="2", on=date(2026, 6, 26))
    propose(clerk)
    common = {"channel": "common", "key_kind": "case", "amount_yen": 300_000, "paid_on": date(2026, 11, 1)}
    spent = f"{slips[0].case_no}:2"
    outcome = receipts_post(
        [
            ReceiptRecord(external_key=spent, kind="corrected", match_key=slips[0].case_no, line_no=1, **common),
            ReceiptRecord(external_key="other", kind="confirmed", match_key=slips[1].case_no, line_no=2, **common),
        ],
        actor="job:test", as_of=DECIDED,
    )  # fmt: skip
    assert (outcome.posted_yen, outcome.spent) == (300_000, ((1, spent),))
    assert proved()


def test_interest_that_ran_after_the_overpayment_arose_is_met_before_anything_is_refunded(slips, clerk) -> None:
    pay(slips[0])
    pay(slips[0], key="2", on=date(2026, 6, 26))
    for slip in slips[1:3]:
        pay(slip, on=date(2026, 11, 15))
    decision = propose(clerk)
    [line] = decision.lines.all()
    # 300,000 yen from 1 September to 15 November: 690 in the first month, 3,440 after it, cut to 4,100. The third: 972.
    second = Charge.objects.get(instalment_no=2)
    assert [(o.charge_id, o.component, o.settled_on, o.yen) for o in line.offsets.all()] == [
        (second.pk, "late_interest", date(2026, 11, 15), 4100)
    ]
    assert (decision.offset_yen, decision.refund_yen) == (4100, 296_900)


def test_a_claim_raised_after_the_proposal_and_due_by_its_day_makes_it_void(slips, clerk, chief) -> None:
    pay(slips[0])
    pay(slips[1], on=date(2026, 8, 25))
    pay(slips[1], key="2", on=date(2026, 8, 26))
    pay(slips[2], on=date(2026, 10, 30))
    decision = propose(clerk)
    assert decision.offset_yen == 0
    later = date(2026, 12, 1)
    more = [PARTS[0], (180_001, 120_000, 0), *PARTS[2:]]
    rows = ordinary(party(1), "N000000001", more, source_ref="D-N000000001-2")
    levy_adjust(rows, dedupe_key="more", occurred_on=later, actor="job:test")
    with clock.at(later), pytest.raises(ProposalVoid):
        approve(decision, chief)
    assert not RefundDecision.objects.filter(state="decided").exists()
