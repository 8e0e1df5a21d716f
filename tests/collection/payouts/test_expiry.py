"""還付請求権の時効: five years, anew from notice and claim form; what has ended goes to revenue once, by two people."""

from collections.abc import Iterator
from datetime import date

import pytest

from collection.errors import RefundError
from collection.models import JournalEntry, Overpayment, RefundDecision
from collection.payouts.expiry import claims_ended
from collection.payouts.models import RefundExpiry
from collection.rules.limitation import refund_claim_last_day
from collection.selectors.proofs import prove_ledger
from collection.selectors.refunds import decision_claim_ends
from collection.services.refund_payments import Payee, payment_reserve_remote
from taxsys.platform import clock
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.models import JobOutput, WorkItem
from taxsys.platform.staff.models import Staff
from tests.collection.books import balance
from tests.collection.payouts import scene

pytestmark = pytest.mark.django_db
AROSE = date(2026, 6, 20)
LAST = date(2031, 6, 20)
AFTER = date(2031, 6, 21)


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


@pytest.mark.parametrize(
    ("acknowledged", "last"),
    [
        ([], date(2031, 6, 20)),
        ([date(2026, 11, 24)], date(2031, 11, 24)),
        ([date(2031, 6, 20)], date(2036, 6, 20)),
        ([date(2031, 6, 21)], date(2031, 6, 20)),
        ([date(2031, 11, 24), date(2026, 11, 24)], date(2036, 11, 24)),
        ([date(2028, 2, 29)], date(2033, 2, 28)),
    ],
)
def test_five_years_run_anew_from_each_acknowledgement_in_time(acknowledged, last) -> None:
    assert refund_claim_last_day(AROSE, acknowledged, years=5) == last


def test_a_claim_that_has_ended_is_not_paid_one_made_in_time_is(refund, clerk) -> None:
    assert decision_claim_ends([refund]) == {refund.pk: LAST}
    with clock.at(AFTER):
        with pytest.raises(RefundError, match="令和13年6月20日で時効により消滅"):
            payment_reserve_remote(refund.pk, Payee(refund.party_id), amount_yen=50_000, actor=clerk)
        claimed = Payee(refund.party_id, claimed_on=LAST)
        assert payment_reserve_remote(refund.pk, claimed, amount_yen=50_000, actor=clerk).state == "reserved"
        assert claims_ended(AFTER) == []
        assert decision_claim_ends([refund]) == {refund.pk: date(2036, 6, 20)}


@pytest.mark.req("R-023")
def test_ended_claims_go_to_revenue_by_two_people_once(refund, clerk, chief) -> None:
    assert claims_ended(LAST) == []
    with clock.at(AFTER):
        made = scene.run("B-CL-15-T", {}, clerk)
        assert JobOutput.objects.get(name="還付請求権時効.csv").count == 1
        assert (RefundExpiry.objects.get().yen, JournalEntry.objects.filter(reason="refund_expired").count()) == (
            50_000, 0,
        )  # fmt: skip
        with pytest.raises(JobRefused):
            scene.release(made, clerk)
        scene.release(made, chief)
        refund.refresh_from_db()
        assert (refund.expired_yen, refund.unpaid_yen) == (50_000, 0)
        assert (balance("refund_payable"), balance("misc_revenue")) == (0, -50_000)
        entry = JournalEntry.objects.get(reason="refund_expired")
        assert (entry.legal_ground, entry.actor, entry.total_yen) == ("地方税法18条の3", "staff:2002", 50_000)
        scene.release(scene.run("B-CL-15-T", {}, clerk), chief)
        assert balance("misc_revenue") == -50_000
        assert prove_ledger().is_ok


def test_a_claim_made_after_the_listing_is_not_written_off(refund, clerk, chief) -> None:
    with clock.at(AFTER):
        made = scene.run("B-CL-15-T", {}, clerk)
        payee = Payee(refund.party_id, claimed_on=LAST)
        payment_reserve_remote(refund.pk, payee, amount_yen=50_000, actor=clerk)
        scene.release(made, chief)
        assert (balance("misc_revenue"), balance("refund_payable")) == (0, -50_000)
        assert prove_ledger().is_ok


def test_an_overpayment_nobody_decided_about_ends_too_unless_it_meets_a_claim(refund, clerk, chief) -> None:
    # A second one whose decision was never made: put back to where it was before the proposal.
    other = scene.overpaid(2)
    debtor = scene.overpaid(3, owing=7000)
    with clock.at(AFTER):
        ended = {one.key: (one.yen, one.to_offset) for one in claims_ended(AFTER)}
        assert ended == {
            refund.refund_no: (50_000, False), "0000000002-1-20260620": (50_000, False),
            "0000000003-1-20260620": (50_000, True),
        }  # fmt: skip
        scene.release(scene.run("B-CL-15-T", {}, clerk), chief)
        assert WorkItem.objects.get(kind="collection.refund_expiry").subject_key == "0000000003-1-20260620"
    left = dict(Overpayment.objects.filter(held_by=None).values_list("party_id", "remaining_yen"))
    assert left == {other.pk: 0, debtor.pk: 50_000}
    assert balance("misc_revenue") == -100_000
    assert prove_ledger().is_ok
