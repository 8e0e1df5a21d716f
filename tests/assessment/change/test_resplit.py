"""How instalments change with a tax that changes in the middle of its year: closed ones stay."""

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.resident.collection_split import ORDINARY, WAGE, due_dates
from assessment.resident.resplit import Place, Stream, Terms, Yen3, resplit

TAXPAYER, PAYER = UUID(int=1), UUID(int=2)
AUGUST = Terms(date(2026, 8, 17), bill_notice_days=10, pension_notice_days=60, extra_term_months=1)
BILLS = tuple(enumerate(due_dates(ORDINARY, 2026), start=1))
MONTHS = tuple(enumerate(due_dates(WAGE, 2026), start=1))


def bill_stream(parts: Yen3, *, at_once: int = 5000) -> Stream:
    return Stream(ORDINARY, "2026-10-0000001", TAXPAYER, parts, BILLS, unit=1000, at_once_yen=at_once)


def wage_stream(parts: Yen3) -> Stream:
    return Stream(WAGE, "0000007", PAYER, parts, MONTHS, unit=100)


def posted(stream: Stream, amounts: list[Yen3]) -> list[Place]:
    return [
        Place(stream.method, stream.notice_no, stream.debtor_id, no, due, stream.places[0][1], parts)
        for (no, due), parts in zip(stream.places, amounts, strict=True)
    ]


def totals(places: list[Place]) -> list[int]:
    return [sum(place.parts) for place in places]


def whole(places: list[Place]) -> Yen3:
    city, prefecture, forest = (sum(place.parts[part] for place in places) for part in range(3))
    return city, prefecture, forest


BEFORE = posted(bill_stream((60_000, 39_000, 1_000)), [(15_000, 9_000, 1_000), *[(15_000, 10_000, 0)] * 3])


@pytest.mark.req("R-019")
def test_an_increase_in_august_goes_to_the_bills_still_to_come() -> None:
    after = resplit(BEFORE, [bill_stream((72_000, 47_000, 1_000))], AUGUST)
    # 30 June is past; 31 August is 14 days away and can still be told ten days before; 20,000 more over three bills.
    assert totals(after) == [25_000, 33_000, 31_000, 31_000]
    assert whole(after) == (72_000, 47_000, 1_000)
    assert after[0] == BEFORE[0]


def test_a_bill_nearer_than_ten_days_keeps_its_amount() -> None:
    late = Terms(date(2026, 8, 25), 10, 60, 1)
    after = resplit(BEFORE, [bill_stream((72_000, 47_000, 1_000))], late)
    assert totals(after) == [25_000, 25_000, 35_000, 35_000]


def test_a_decrease_leaves_the_coming_bills_smaller() -> None:
    after = resplit(BEFORE, [bill_stream((42_000, 27_000, 1_000))], AUGUST)
    assert totals(after) == [25_000, 15_000, 15_000, 15_000]
    assert whole(after) == (42_000, 27_000, 1_000)


def test_a_tax_below_what_is_closed_takes_from_the_latest_closed_bill() -> None:
    november = Terms(date(2026, 11, 20), 10, 60, 1)
    after = resplit(BEFORE, [bill_stream((24_000, 15_000, 1_000))], november)
    assert totals(after) == [25_000, 15_000, 0, 0]
    assert whole(after) == (24_000, 15_000, 1_000)


def test_when_no_bill_is_left_one_more_falls_due_at_the_end_of_the_next_month() -> None:
    march = Terms(date(2027, 3, 3), 10, 60, 1)
    after = resplit(BEFORE, [bill_stream((66_000, 43_000, 1_000))], march)
    assert totals(after) == [25_000] * 4 + [10_000]
    assert (after[-1].no, after[-1].due_on) == (5, date(2027, 4, 30))


def test_withheld_months_change_from_the_month_after_the_notice() -> None:
    """法321条の6: a notice of 17 August changes September's pay, due on 10 October."""
    stream = wage_stream((72_000, 47_000, 1_000))
    before = posted(stream, [(6_000, 3_000, 1_000), *[(6_000, 4_000, 0)] * 11])
    after = resplit(before, [wage_stream((81_000, 53_000, 1_000))], AUGUST)
    assert totals(after)[:3] == totals(before)[:3] == [10_000] * 3
    assert totals(after)[3:] == [12_200, *[11_600] * 8]
    assert whole(after) == (81_000, 53_000, 1_000)


def test_who_leaves_the_employer_keeps_the_months_withheld_and_is_billed_for_the_rest() -> None:
    stream = wage_stream((72_000, 47_000, 1_000))
    before = posted(stream, [(6_000, 3_000, 1_000), *[(6_000, 4_000, 0)] * 11])
    after = resplit(before, [bill_stream((72_000, 47_000, 1_000))], AUGUST)
    assert totals([place for place in after if place.method == WAGE]) == [10_000] * 3 + [0] * 9
    assert totals([place for place in after if place.method == ORDINARY]) == [30_000, 30_000, 30_000]
    assert whole(after) == (72_000, 47_000, 1_000)


def test_the_same_tax_moves_nothing() -> None:
    assert resplit(BEFORE, [bill_stream((60_000, 39_000, 1_000))], AUGUST) == BEFORE


def test_a_small_tax_found_late_is_collected_at_once() -> None:
    after = resplit([], [bill_stream((3_000, 1_000, 1_000))], AUGUST)
    assert [(place.no, sum(place.parts)) for place in after] == [(2, 5_000), (3, 0), (4, 0)]


yen3 = st.tuples(*[st.integers(0, 500_000)] * 3)
days = st.dates(date(2026, 6, 1), date(2027, 7, 31))


@given(yen3, yen3, yen3, days)
def test_every_part_makes_its_new_whole_and_nothing_is_negative(
    old: Yen3, wages: Yen3, bills: Yen3, decided_on: date
) -> None:
    terms = Terms(decided_on, 10, 60, 1)
    before = resplit([], [wage_stream(old)], Terms(date(2026, 5, 10), 10, 60, 1))
    after = resplit(before, [wage_stream(wages), bill_stream(bills)], terms)
    assert whole(after) == tuple(a + b for a, b in zip(wages, bills, strict=True))
    assert all(part >= 0 for place in after for part in place.parts)
    closed = [place for place in before if not terms.is_open(WAGE, place.due_on)]
    kept = {(place.key, place.no): place.parts for place in after}
    assert all(kept[place.key, place.no][part] <= place.parts[part] for place in closed for part in range(3))
