"""Months of the pension in a change of the tax: a raise is billed, a reduction lowers the months still to come."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.resident.collection_split import ORDINARY, PENSION, due_dates
from assessment.resident.pension_bounds import pension_bounds, pension_raise_billed
from assessment.resident.pension_split import PensionKnown
from assessment.resident.resplit import Place, Stream, Terms, Yen3, resplit
from tests.assessment.change.test_resplit import BILLS, TAXPAYER, bill_stream, whole

NOTICE = "2026-10-0000001"
DUES = dict(enumerate(due_dates(PENSION, 2026), start=1))
SPRING = ((1, 6_000), (2, 6_000), (3, 6_000))
MONTHS = (*SPRING, (4, 12_000), (5, 10_000), (6, 10_000))
CONTINUING = PensionKnown((6_000,) * 3)
RUNS_ON = [date(2026, 6, 20), date(2026, 8, 20), date(2026, 11, 20), date(2027, 3, 1)]


def pension_stream(total: int) -> Stream:
    return Stream(
        PENSION, NOTICE, TAXPAYER, (total, 0, 0), tuple((no, due) for no, due in DUES.items() if no > 3), unit=100,
        bill_to=(NOTICE, TAXPAYER),
    )  # fmt: skip


def levied(months: tuple[tuple[int, int], ...] = MONTHS) -> list[Place]:
    return [Place(PENSION, NOTICE, TAXPAYER, no, DUES[no], DUES[1], (yen, 0, 0)) for no, yen in months]


def changed(total: int, day: date, known: PensionKnown = CONTINUING, bill: int = 0) -> dict[str, dict[int, int]]:
    terms = Terms(day, 10, 60, 1, bounds={(PENSION, NOTICE): pension_bounds(known)})
    streams = [*([bill_stream((bill, 0, 0), at_once=0)] if bill else []), pension_stream(total)]
    streams = pension_raise_billed(streams, levied(), bill_places=BILLS, bill_unit=1000)
    found: dict[str, dict[int, int]] = {}
    for place in resplit(levied(), streams, terms):
        if sum(place.parts):
            found.setdefault(place.method, {})[place.no] = sum(place.parts)
    return found


@pytest.mark.req("R-019")
def test_a_raise_leaves_the_pension_and_is_billed_over_the_terms_to_come() -> None:
    assert changed(57_000, date(2026, 7, 10)) == {PENSION: dict(MONTHS), ORDINARY: {2: 3_000, 3: 2_000, 4: 2_000}}


@pytest.mark.req("R-019")
def test_a_reduction_in_autumn_lowers_the_months_that_payers_can_still_change() -> None:
    # 20 August: October, December, February are more than sixty days away.
    assert changed(40_000, date(2026, 8, 20)) == {
        PENSION: {**dict(SPRING), 4: 7_400, 5: 7_300, 6: 7_300}
    }  # fmt: skip
    # 20 November: October has been withheld, December comes too late (10 January), February is lowered.
    assert changed(40_000, date(2026, 11, 20)) == {PENSION: {**dict(SPRING), 4: 12_000, 5: 10_000}}


def test_a_tax_below_what_was_withheld_takes_from_the_latest_months() -> None:
    assert changed(15_000, date(2027, 3, 1)) == {PENSION: {1: 6_000, 2: 6_000, 3: 3_000}}


def test_spring_is_never_raised_and_autumn_never_moves_into_it() -> None:
    # In June August is still to come, yet what is left of the year goes to October and later alone.
    assert changed(48_000, date(2026, 6, 20)) == {
        PENSION: {**dict(SPRING), 4: 10_000, 5: 10_000, 6: 10_000}
    }  # fmt: skip


def test_a_month_withheld_in_part_is_cut_to_it() -> None:
    known = PensionKnown((6_000,) * 3, stopped_from=5, partial_yen=4_300)
    terms = Terms(date(2026, 12, 20), 10, 60, 1, bounds={(PENSION, NOTICE): pension_bounds(known)})
    after = {(one.method, one.no): sum(one.parts) for one in resplit(levied(), [bill_stream((50_000, 0, 0))], terms)}
    assert {no: yen for (method, no), yen in after.items() if method == PENSION} == {
        **dict(SPRING), 4: 12_000, 5: 4_300, 6: 0
    }  # fmt: skip
    assert sum(yen for (method, _), yen in after.items() if method == ORDINARY) == 50_000 - 34_300


@pytest.mark.req("R-019")
@given(st.lists(st.tuples(st.integers(0, 90_000), st.sampled_from(RUNS_ON)), min_size=1, max_size=4))
def test_whatever_follows_whatever_the_parts_make_the_tax_and_none_is_negative(steps: list[tuple[int, date]]) -> None:
    posted = levied()
    for total, day in sorted(steps, key=lambda step: step[1]):
        terms = Terms(day, 10, 60, 1, bounds={(PENSION, NOTICE): pension_bounds(CONTINUING)})
        streams = pension_raise_billed([pension_stream(total)], posted, bill_places=BILLS, bill_unit=1000)
        posted = [one for one in resplit(posted, streams, terms) if sum(one.parts)]
        expected: Yen3 = (total, 0, 0)
        assert whole(posted) == expected
        assert all(yen >= 0 for one in posted for yen in one.parts)
        spring = {one.no: sum(one.parts) for one in posted if one.method == PENSION and one.no <= 3}
        assert all(spring.get(no, 0) <= yen for no, yen in SPRING)
