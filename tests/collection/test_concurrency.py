"""同時処理: many hands on the same books; each yen counts once, nobody waits crosswise."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date

import pytest
from django.db import connection, connections

from collection.closing.errors import ClosingError
from collection.closing.services import period_close
from collection.models import Charge, JournalEntry, Overpayment, Receipt, RefundDecision, RefundPayment
from collection.payouts.counter import HandOver, counter_payout_pay, counter_payout_propose
from collection.payouts.designations import Wish, public_account_designate
from collection.selectors.proofs import prove_ledger
from collection.selectors.refunds import usual_ground
from collection.services.levy import levy_post
from collection.services.receipts import ReceiptRecord, counter_payment_post, receipts_post
from collection.services.refund_payments import (
    BankAccount,
    Payee,
    payment_reserve,
    payment_reserve_remote,
    payment_void,
)
from collection.services.refunds import refund_propose
from collection.services.reversals import suspense_resolve
from collection.services.till import CounterPayment, counter_payment_take
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide, approval_withdraw
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.staff.models import Staff
from tests.collection.books import balance, ordinary, party
from tests.collection.test_levy import wage_rows
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db(transaction=True)
ON = date(2026, 6, 10)
AS_OF = date(2026, 11, 20)


def at_once(count: int, work: Callable[[int], object]) -> list[object]:
    """Run `work(0..count-1)` in threads of their own; exceptions come back as values."""

    def one(number: int) -> object:
        try:
            return work(number)
        except Exception as error:
            return error
        finally:
            connections.close_all()

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def record(key: str, instalment: int, yen: int = 5000, notice: str = "N000000001") -> ReceiptRecord:
    return ReceiptRecord(
        "bank", key, "confirmed", "charge", f"10|2026|2026|ordinary|{notice}|{instalment}", yen, ON, ON
    )


@pytest.fixture
def _levied() -> None:
    from collection.services.masters import tax_kinds_apply

    tax_kinds_apply()
    rows = ordinary(party(1), "N000000001", [(5000, 0, 0)] * 4)
    levy_post(rows, dedupe_key="run", occurred_on=ON, actor="job:test")


@pytest.mark.usefixtures("_levied")
def test_same_receipt_from_sixteen_sides_is_posted_once() -> None:
    results = at_once(16, lambda _n: receipts_post([record("B1", 1)], actor="job:test", as_of=AS_OF).posted)
    assert sorted(results, key=str) == [0] * 15 + [1]
    assert (Receipt.objects.count(), JournalEntry.objects.filter(reason="receipt").count()) == (1, 1)
    assert balance("cash_in") == 5000
    assert prove_ledger().is_ok


@pytest.mark.usefixtures("_levied")
def test_same_levy_from_many_sides_is_posted_once() -> None:
    rows = ordinary(party(2), "N000000002", [(7000, 0, 0)])
    results = at_once(8, lambda _n: levy_post(rows, dedupe_key="run-2", occurred_on=ON, actor="job:test").entries)
    assert sorted(results, key=str) == [0] * 7 + [1]
    assert balance("receivable") == 27_000
    assert prove_ledger().is_ok


@pytest.mark.usefixtures("_levied")
def test_chunks_of_one_run_meet_on_the_same_agent_without_loss() -> None:
    agent, employees = party(10), [(number, party(100 + number)) for number in range(8)]
    results = at_once(
        8,
        lambda n: (
            levy_post(
                wage_rows(agent, [employees[n]]), dedupe_key=f"chunk-{n}", occurred_on=ON, actor="job:test"
            ).entries
        ),
    )
    assert results == [1] * 8
    assert balance("receivable") == 20_000 + 8 * 2000
    assert prove_ledger().is_ok


@pytest.mark.usefixtures("_levied")
def test_clerks_and_import_jobs_on_the_same_claims_lose_no_yen() -> None:
    def work(number: int) -> object:
        if number % 4 == 0:
            records = [record(f"J{number}-{line}", 1 + line % 4, 700) for line in range(20)]
            return receipts_post(records, actor="job:test", as_of=AS_OF).posted_yen
        key = f"10|2026|2026|ordinary|N000000001|{1 + number % 4}"
        return counter_payment_post(
            till_key=f"T{number}", charge_key=key, amount_yen=900, paid_on=ON, actor="staff:1"
        ).posted_yen

    results = at_once(16, work)
    assert results == [14_000 if number % 4 == 0 else 900 for number in range(16)]
    assert balance("cash_in") == 4 * 14_000 + 12 * 900
    assert prove_ledger().is_ok


@pytest.mark.usefixtures("_levied")
def test_one_suspense_is_spent_once() -> None:
    receipts_post([record("X", 1, notice="N999999999")], actor="job:test", as_of=AS_OF)
    with connection.cursor() as cursor:
        cursor.execute("SELECT s.id, c.id FROM collection_suspense AS s, collection_charge AS c ORDER BY c.id LIMIT 1")
        suspense_id, charge_id = cursor.fetchone()
    results = at_once(
        8,
        lambda _n: suspense_resolve(suspense_id, charge_id=charge_id, yen=5000, occurred_on=AS_OF, actor="staff:1").id,
    )
    assert len([result for result in results if isinstance(result, int)]) == 1
    assert (balance("suspense"), balance("receivable")) == (0, 15_000)
    assert prove_ledger().is_ok


@pytest.mark.usefixtures("_levied")
def test_one_press_at_the_till_from_twenty_sides_is_one_payment() -> None:
    charge = Charge.objects.get(instalment_no=1)
    payment = CounterPayment(staff_no="2001", token="one-form", charge_id=charge.pk, amount_yen=5000, paid_on=ON)

    def press(_number: int) -> object:
        with clock.at(ON):
            return counter_payment_take(payment).pk

    results = at_once(20, press)
    assert results == [Receipt.objects.get().pk] * 20
    assert (balance("cash_in"), balance("receivable")) == (5000, 15_000)
    assert prove_ledger().is_ok


@pytest.mark.req("R-023")
@pytest.mark.usefixtures("_levied")
def test_an_overpayment_asked_for_from_twenty_sides_is_decided_and_paid_exactly_once() -> None:
    receipts_post([record("B1", 1), record("B2", 1)], actor="job:test", as_of=AS_OF)
    Charge.objects.filter(instalment_no__gt=1).update(due_on=date(2027, 3, 31))
    surplus = Overpayment.objects.get()
    ground = {surplus.pk: usual_ground(surplus)}
    clerk = officer("5001", permissions=["collection.work_refund"])
    chief = officer("5002", permissions=["collection.approve_refund", "approvals.view_queue"])
    context = AccessContext(
        actor_kind="staff", actor_id="5001", function_id="F-RF-013", legal_base="地方税法17条", purpose="還付",
        request_id="test",
    )  # fmt: skip

    def acting(work: Callable[[], object]) -> object:
        with clock.at(AS_OF), using(context):
            return work()

    def propose(_number: int) -> object:
        return acting(lambda: refund_propose(surplus.party_id, ground, decided_on=AS_OF, actor=clerk))

    made = [one for one in at_once(20, propose) if isinstance(one, RefundDecision)]
    assert (len(made), RefundDecision.objects.count()) == (1, 1)
    approval = Approval.objects.get(pk=made[0].approval_ref)

    def approve(_number: int) -> object:
        return acting(
            lambda: approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
        )

    at_once(8, approve)
    assert balance("refund_payable") == -5000
    account = BankAccount("claim", "0001", "123", "1", "1234567", "ｼｹﾝ")

    refund, payee = made[0].pk, Payee(surplus.party_id, claimed_on=AS_OF)
    ways = (
        lambda: payment_reserve(refund, payee, account, amount_yen=5000, actor=clerk),
        lambda: payment_reserve_remote(refund, payee, amount_yen=5000, actor=clerk),
        lambda: counter_payout_propose(refund, payee, amount_yen=5000, actor=clerk),
        lambda: public_account_designate(refund, Wish(AS_OF, "paper", "1"), amount_yen=5000, actor=clerk),
    )

    def pay(number: int) -> object:
        return acting(ways[number % 4])

    paid = [one for one in at_once(20, pay) if isinstance(one, RefundPayment)]
    assert (len(paid), RefundPayment.objects.count()) == (1, 1)
    assert prove_ledger().is_ok

    # Whatever way came first is taken back; over the counter, it is handed over once from twenty sides.
    acting(lambda: _taken_back(paid[0], clerk))
    payment = acting(lambda: counter_payout_propose(refund, payee, amount_yen=5000, actor=clerk))
    assert isinstance(payment, RefundPayment)
    approval = Approval.objects.get(pk=payment.counter.approval_ref)
    acting(lambda: approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash))
    shown = HandOver("licence", is_receipt_taken=True)

    def hand_over(_number: int) -> object:
        return acting(lambda: counter_payout_pay(payment.pk, shown, actor=chief))

    handed = [one for one in at_once(20, hand_over) if isinstance(one, RefundPayment)]
    assert (len(handed), balance("cash_out"), balance("refund_payable")) == (1, -5000, 0)
    assert prove_ledger().is_ok


def _taken_back(payment: RefundPayment, clerk: Staff) -> None:
    if payment.state == "proposed":
        approval_withdraw(payment.counter.approval_ref, actor=clerk)
    else:
        payment_void(payment.pk, actor=clerk)


@pytest.mark.req("R-005")
def test_a_period_is_not_closed_beside_a_posting_that_still_runs() -> None:
    """The posting shares the gate until it commits: the closing waits for three seconds, then says so."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_advisory_xact_lock_shared(hashtext('closing.period'))")
        with pytest.raises(ClosingError, match="計上中の処理があります"):
            period_close(span="day", last_on=date(2026, 6, 30), note="試験", actor="staff:2001")
        with other.cursor() as cursor:
            cursor.execute("ROLLBACK")
    finally:
        other.close()
