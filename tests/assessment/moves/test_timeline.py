"""勤め先の経過: whatever the order in which notifications come, the end is the same and every yen has one place."""

from datetime import date
from itertools import permutations
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.resident.collection_split import ORDINARY, WAGE, due_dates
from assessment.resident.moves.timeline import Move, first_employer, month_of, place_of, place_of_month, timeline
from assessment.resident.resplit import Bounds, Place, Stream, Terms, Yen3, resplit

A, B, C = 1, 2, 3
MONTHS = tuple(enumerate(due_dates(WAGE, 2026), start=1))
BILLS = tuple(enumerate(due_dates(ORDINARY, 2026), start=1))
TAXPAYER, NOTICE = UUID(int=9), "2026-10-0000001"


def leave(no: int, who: int, event_on: date, last: int, **more: object) -> Move:
    return Move(no, "1", event_on, str(more.pop("after", "3")), who, last, **more)  # type: ignore[arg-type]


def transfer(no: int, who: int, to: int, event_on: date, last: int) -> Move:
    return Move(no, "2", event_on, "1", who, last, new_withholder_id=to, new_employee_no="7", first_place=last + 1)


CHAIN = [
    transfer(1, A, B, date(2026, 8, 31), 3),
    transfer(2, B, C, date(2026, 10, 31), 5),
    leave(3, C, date(2026, 12, 20), 7),
]


@pytest.mark.req("R-017")
def test_a_chain_of_employers_gives_each_its_months_in_any_order_of_arrival() -> None:
    for order in permutations(CHAIN):
        state = timeline(first_employer(order), order)
        assert (state.withholder_id, state.taken, state.unfitting) == (None, [1, 2, 3], [])
        assert state.kept == {A: {1, 2, 3}, B: {4, 5}, C: {6, 7}}


def test_a_change_from_an_employer_not_known_yet_waits() -> None:
    state = timeline(A, [CHAIN[1]])
    assert (state.withholder_id, state.unfitting, state.kept) == (A, [2], {})
    state = timeline(A, CHAIN[:2])
    assert (state.withholder_id, state.first_place, state.unfitting) == (C, 6, [])


def test_a_change_taken_back_counts_no_longer() -> None:
    gone = Move(3, "1", date(2026, 12, 20), "3", A, 7, is_live=False)
    state = timeline(first_employer([gone]), [gone])
    assert (state.withholder_id, state.kept, state.taken) == (A, {}, [])


def test_a_lump_sum_is_one_place_until_it_is_posted() -> None:
    lump = Move(1, "1", date(2027, 1, 20), "2", A, 7, lump_place=8)
    state = timeline(A, [lump])
    assert state.bounds() == {A: Bounds(frozenset(range(1, 8)), frozenset({8}), frozenset({8}), is_lump=True)}
    done = timeline(A, [Move(1, "1", date(2027, 1, 20), "2", A, 7, lump_place=8, is_done=True)])
    assert done.is_paid_off
    assert done.bounds()[A].kept == frozenset(range(1, 9))
    assert not done.bounds()[A].allows(9)


def test_back_at_the_first_employer_both_stretches_stay() -> None:
    state = timeline(A, [transfer(1, A, B, date(2026, 8, 31), 3), transfer(2, B, A, date(2026, 10, 31), 5)])
    assert (state.withholder_id, state.first_place) == (A, 6)
    assert state.bounds()[A].kept == frozenset({1, 2, 3})
    assert state.bounds()[A].may == frozenset(range(6, 13))
    assert state.bounds()[B].kept == frozenset({4, 5})


def test_months_and_places_answer_each_other() -> None:
    assert [month_of(place) for place in range(1, 13)] == [6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5]
    assert [place_of_month(month_of(place)) for place in range(1, 13)] == list(range(1, 13))
    days = (date(2026, 5, 31), date(2026, 6, 1), date(2027, 5, 1), date(2027, 6, 1))
    assert [place_of(day, 2026) for day in days] == [0, 1, 12, 12]


def streams(whole: Yen3, current: int | None) -> list[Stream]:
    if current is None:
        return [Stream(ORDINARY, NOTICE, TAXPAYER, whole, BILLS, unit=1000, at_once_yen=5000)]
    return [
        Stream(
            WAGE, str(current), UUID(int=current), whole, MONTHS, unit=100, at_once_yen=5000,
            bill_to=(NOTICE, TAXPAYER),
        )
    ]  # fmt: skip


def first_levy(whole: Yen3) -> list[Place]:
    places = resplit([], streams(whole, A), Terms(date(2026, 5, 12), 10, 60, 1))
    return [place for place in places if sum(place.parts)]


def end_of(whole: Yen3, moves: list[Move], posted: list[Place], day: date) -> list[Place]:
    state = timeline(A, moves)
    bounds = {(WAGE, str(one)): bound for one, bound in state.bounds().items()}
    after = resplit(posted, streams(whole, state.withholder_id), Terms(day, 10, 60, 1, bounds=bounds))
    return [place for place in after if sum(place.parts)]


YEN = st.integers(0, 400_000)
LAST = st.integers(0, 11)


@given(YEN, YEN, st.sampled_from([0, 1000]), LAST, LAST, st.integers(0, 330))
def test_no_yen_is_lost_and_no_employer_has_a_month_of_nobody(
    city: int, prefecture: int, forest: int, last: int, more: int, wait: int
) -> None:
    """Any chain, told on any day: parts add up, A has only its months, and doing it again changes nothing."""
    whole = (city, prefecture, forest)
    second = min(last + more, 12)
    moves = [
        transfer(1, A, B, date(2026, 6, 1), last),
        leave(2, B, date(2026, 6, 2), second),
    ]
    posted = first_levy(whole)
    day = date.fromordinal(date(2026, 6, 5).toordinal() + wait)
    for known in (moves[:1], moves, moves[:1], []):
        posted = end_of(whole, known, posted, day)
        sums = tuple(sum(place.parts[part] for place in posted) for part in range(3))
        assert sums == whole
        assert min((yen for place in posted for yen in place.parts), default=0) >= 0
        if known:
            assert all(place.no <= last for place in posted if place.key == (WAGE, str(A)))
        assert end_of(whole, known, posted, day) == posted


@given(YEN, YEN, st.permutations(CHAIN), st.integers(0, 330))
def test_changes_brought_in_together_end_as_if_assessed_afresh(
    city: int, prefecture: int, order: list[Move], wait: int
) -> None:
    whole = (city, prefecture, 1000)
    day = date.fromordinal(date(2026, 6, 5).toordinal() + wait)
    assert end_of(whole, order, first_levy(whole), day) == end_of(whole, CHAIN, first_levy(whole), day)
