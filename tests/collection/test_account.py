"""収納状況: as of any day, with interest; the story of one instalment."""

from datetime import date

import pytest

from collection.models import Charge, InterestRelief
from collection.selectors.account import charge_interest, charge_story, party_account
from collection.services.levy import levy_adjust, levy_post
from collection.services.receipts import counter_payment_post
from taxsys.platform import clock
from tests.collection.books import ordinary, party

pytestmark = pytest.mark.django_db
KEY = "10|2026|2026|ordinary|N000000001|1"


@pytest.fixture
def charge() -> Charge:
    rows = ordinary(party(1), "N000000001", [(300_000, 0, 0)], due_ons=(date(2026, 6, 1),))
    levy_post(rows, dedupe_key="run", occurred_on=date(2026, 5, 10), actor="job:test")
    return Charge.objects.get()


def pay(yen: int, on: date, till: str) -> None:
    counter_payment_post(till_key=till, charge_key=KEY, amount_yen=yen, paid_on=on, actor="staff:1")


def test_account_counts_payments_from_the_day_they_were_made(charge) -> None:
    pay(100_000, date(2026, 6, 10), "T1")
    pay(200_000, date(2026, 8, 20), "T2")
    seen = {
        on: (s.levied_yen, s.paid_yen, s.open_yen, s.interest_yen)
        for on in (date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1), date(2026, 8, 20))
        for s in party_account(charge.party_id, as_of=on)
    }
    assert seen == {
        date(2026, 5, 1): (0, 0, 0, None),
        date(2026, 6, 1): (300_000, 0, 300_000, None),
        date(2026, 7, 1): (300_000, 100_000, 200_000, 0),
        date(2026, 8, 20): (300_000, 300_000, 0, 3000),
    }


def test_interest_of_a_charge_equals_the_published_case_with_its_segments(charge) -> None:
    pay(100_000, date(2026, 6, 10), "T1")
    pay(200_000, date(2026, 8, 20), "T2")
    result = charge_interest(charge.id, as_of=date(2026, 11, 20))
    assert ([s.yen for s in result.segments], result.raw_yen, result.interest_yen) == ([207, 322, 2493], 3022, 3000)
    assert result.is_final


def test_relief_interval_lowers_the_interest(charge) -> None:
    InterestRelief.objects.create(
        charge=charge, relief_from=date(2026, 6, 2), relief_until=date(2026, 8, 20), effect="zero",
        legal_ground="地方税法15条の9第1項", decision_no="1", actor="staff:1", recorded_at=clock.now(),
    )  # fmt: skip
    pay(300_000, date(2026, 8, 20), "T1")
    assert charge_interest(charge.id, as_of=date(2026, 11, 20)).interest_yen == 0


def test_day_in_2027_shows_the_claim_and_says_why_there_is_no_interest(charge) -> None:
    standing = party_account(charge.party_id, as_of=date(2027, 1, 15))[0]
    assert (standing.open_yen, standing.interest_yen) == (300_000, None)
    assert "未登録" in standing.interest_note_ja


def test_story_runs_to_the_present_balance(charge) -> None:
    pay(100_000, date(2026, 6, 10), "T1")
    rows = ordinary(party(1), "N000000001", [(250_000, 0, 0)], due_ons=(date(2026, 6, 1),))
    levy_adjust(rows, dedupe_key="adj", occurred_on=date(2026, 9, 1), actor="staff:2")
    story = [(line.reason_ja, line.yen, line.balance_yen, line.actor) for line in charge_story(charge.id)]
    assert story == [
        ("調定", 300_000, 300_000, "job:test"),
        ("収納", -100_000, 200_000, "staff:1"),
        ("調定増減", -50_000, 150_000, "staff:2"),
    ]


def test_account_page_takes_a_fixed_number_of_queries(charge, django_assert_num_queries) -> None:
    for number in range(2, 9):
        rows = ordinary(charge.party_id, f"N{number:09d}", [(3000, 0, 0), (3000, 0, 0)])
        levy_post(rows, dedupe_key=f"run-{number}", occurred_on=date(2026, 5, 10), actor="job:test")
    with django_assert_num_queries(3):
        assert len(party_account(charge.party_id, as_of=date(2026, 11, 20))) == 15
