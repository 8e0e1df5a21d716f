"""控除不足額 of dividends and shares: put to the year's bills, the rest refunded, lowered ones taken back."""

from collections.abc import Iterator
from datetime import date

import pytest

from addressbook.models import Party
from assessment.amendments.shortfalls import shortfalls_differing, shortfalls_settle
from assessment.decisions.recall import run_recall
from assessment.decisions.selectors import standing_decision_of
from assessment.models import ResidentResult
from collection.models import Allocation, Charge, Overpayment, Receipt
from collection.selectors.proofs import prove_ledger
from collection.selectors.refunds import refund_plan, usual_ground
from collection.services.refund_notices import notice_pieces
from collection.services.refunds import refund_propose
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from tests.addressbook.conftest import full_context
from tests.assessment.amendments.scene import decide, resident_of_years, tax_return
from tests.assessment.amendments.test_cases import staff
from tests.assessment.change.decided import correction_run, release_correction

pytestmark = pytest.mark.django_db
DAY = date(2026, 6, 8)


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with clock.at(DAY), using(full_context(actor_kind="staff", actor_id="1001")):
        yield


def investor(no: int, income: int, withheld: int) -> Party:
    """Somebody whose return declares listed dividends on which the prefecture has withheld."""
    party = resident_of_years(no, (2026,))
    tax_return(party, 2026, business_income_yen=income, withheld_dividend_tax_yen=withheld)
    return party


def settle(day: date = DAY) -> dict[str, int]:
    with clock.at(day):
        people = [row[1] for row in shortfalls_differing(2026)]
        return shortfalls_settle(2026, people, day=day, actor="job:test")


def figures(party: Party) -> tuple[int, int]:
    decision = standing_decision_of(party.pk, tax_year=2026)
    assert decision is not None
    row = ResidentResult.objects.values_list("withheld_shortfall_yen", "withheld_offset_yen")
    return row.get(run=decision.run, party=party)


def surplus(party: Party) -> int:
    return sum(one.remaining_yen for one in Overpayment.objects.filter(party=party))


def correct(party: Party, withheld: int, day: date) -> None:
    tax_return(party, 2026, arrived_on=day, business_income_yen=600_000, withheld_dividend_tax_yen=withheld)
    release_correction(correction_run(day, day), day)


def refund_all(party: Party, day: date) -> None:
    with clock.at(day):
        rows = list(Overpayment.objects.filter(party=party, remaining_yen__gt=0))
        decision = refund_propose(
            party.pk, {one.pk: usual_ground(one) for one in rows}, decided_on=day, actor=staff("2001")
        )
        approval = Approval.objects.get(pk=decision.approval_ref)
        approval_decide(approval.pk, decision="approve", actor=staff("2002"), seen_hash=approval.content_hash)
        decision.refresh_from_db()
        (piece,) = notice_pieces([decision.refund_no])
        assert piece.paper.is_withheld_credit  # type: ignore[attr-defined]


@pytest.mark.req("R-023")
def test_a_shortfall_meets_the_per_capita_levy_first_and_the_rest_is_refundable() -> None:
    party = investor(1, 600_000, 40_000)
    decide(2026)
    shortfall, offset = figures(party)
    # Income levy eats a part; of the rest 4,000 yen of per-capita levy are set off (314条の9第3項).
    assert (offset, shortfall - offset) == (4_000, shortfall - 4_000)
    assert shortfall > 4_000
    assert settle() == {"対象": 1, "充当": 4_000, "還付待ち": shortfall - 4_000, "取戻し": 0, "返納": 0}
    assert sum(Allocation.objects.filter(charge__party=party).values_list("yen", flat=True)) == 4_000
    (over,) = Overpayment.objects.filter(party=party)
    assert (over.cause, over.remaining_yen) == ("withheld", shortfall - 4_000)
    plan = refund_plan(party.pk, [over], {over.pk: usual_ground(over)}, decided_on=date(2026, 6, 20))
    assert (plan.refund_yen, plan.offset_yen, plan.interest_yen) == (shortfall - 4_000, 0, 0)
    # Once is enough.
    assert settle() == {"対象": 0, "充当": 0, "還付待ち": 0, "取戻し": 0, "返納": 0}
    assert prove_ledger().is_ok


def test_what_is_overdue_is_met_by_the_refund_desk_before_anything_is_paid_out() -> None:
    party = investor(1, 600_000, 40_000)
    decide(2026)
    settle()
    (over,) = Overpayment.objects.filter(party=party)
    later = date(2026, 9, 10)
    with clock.at(later):
        plan = refund_plan(party.pk, [over], {over.pk: usual_ground(over)}, decided_on=later)
    # The forest tax of the first bill has fallen due on 30 June.
    assert plan.offset_yen == 1_000
    assert plan.refund_yen == over.remaining_yen - 1_000


def test_who_owes_nothing_gets_all_of_it_and_a_bill_of_nothing_carries_it() -> None:
    party = investor(1, 0, 12_000)
    decide(2026)
    assert figures(party) == (12_000, 0)
    assert settle()["還付待ち"] == 12_000
    (over,) = Overpayment.objects.filter(party=party)
    assert (over.remaining_yen, over.charge.amount_yen, over.charge.instalment_no) == (12_000, 0, 1)
    # A tax levied later uses the same bill.
    correct(party, 0, date(2026, 7, 10))
    assert settle(date(2026, 7, 13))["取戻し"] == 12_000
    assert Charge.objects.filter(party=party, amount_yen__gt=0).exists()
    assert prove_ledger().is_ok


def test_a_shortfall_that_falls_is_taken_back_while_nothing_was_refunded() -> None:
    party = investor(1, 600_000, 40_000)
    decide(2026)
    settle()
    correct(party, 30_000, date(2026, 7, 10))
    now, _ = figures(party)
    done = settle(date(2026, 7, 13))
    assert done["返納"] == 0
    assert surplus(party) == now - 4_000
    assert Receipt.objects.filter(channel="withheld", state="confirmed").count() == 1
    assert prove_ledger().is_ok


@pytest.mark.req("R-173")
def test_what_was_refunded_too_much_is_claimed_back_once() -> None:
    party = investor(1, 600_000, 40_000)
    decide(2026)
    settle()
    before, _ = figures(party)
    refund_all(party, date(2026, 6, 20))
    correct(party, 30_000, date(2026, 7, 10))
    now, _ = figures(party)
    done = settle(date(2026, 7, 13))
    assert done == {"対象": 1, "充当": 0, "還付待ち": 0, "取戻し": 0, "返納": before - now}
    claim = Charge.objects.get(party=party, tax_kind_id="19")
    assert (claim.amount_yen, claim.prefecture_yen, claim.due_on) == (10_000, 4_000, date(2026, 8, 31))
    assert settle(date(2026, 7, 14))["対象"] == 0
    # It rises again: the difference is credited and meets the claim at the refund desk.
    correct(party, 35_000, date(2026, 9, 1))
    assert settle(date(2026, 9, 2))["還付待ち"] == 5_000
    with clock.at(date(2026, 9, 10)):
        rows = list(Overpayment.objects.filter(party=party, remaining_yen__gt=0))
        plan = refund_plan(party.pk, rows, {one.pk: usual_ground(one) for one in rows}, decided_on=date(2026, 9, 10))
        assert plan.offset_yen == 5_000
        assert {plan.standings[one.claim].tax_kind for line in plan.lines for one in line.offsets} <= {"10", "19"}
    assert prove_ledger().is_ok


def test_a_recalled_decision_leaves_no_credit() -> None:
    party = investor(1, 600_000, 40_000)
    run = decide(2026)
    settle()
    run_recall(run.pk, reason_ja="誤り", new_due_dates={}, proposed_by="1001", approved_by="1002")
    assert settle()["対象"] == 1
    assert surplus(party) == 0
    assert not Receipt.objects.filter(channel="withheld", state="confirmed").exists()
    assert prove_ledger().is_ok
