"""納期の特例 (pure): the month by whose due date each withheld month is paid."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assessment.withholders.rules import Span, due_places

ORDINARY = tuple(range(1, 13))
HALVES = (6,) * 6 + (12,) * 6


def places(*spans: Span) -> tuple[int, ...]:
    return due_places(2026, spans, half_months=6)


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([], ORDINARY),
        ([Span(date(2026, 6, 1))], HALVES),
        ([Span(date(2020, 1, 1))], HALVES),
        ([Span(date(2026, 9, 1))], (1, 2, 3, *HALVES[3:])),
        ([Span(date(2027, 6, 1))], ORDINARY),
        # Revoked in September: June to September by 10 October, then month by month.
        ([Span(date(2026, 6, 1), date(2026, 9, 20))], (4, 4, 4, 4, *ORDINARY[4:])),
        # Revoked in the second half: the first is over, December and January by 10 February.
        ([Span(date(2026, 6, 1), date(2027, 1, 5))], (*HALVES[:6], 8, 8, *ORDINARY[8:])),
        ([Span(date(2024, 6, 1), date(2026, 5, 31))], ORDINARY),
        # Given up and asked for again.
        ([Span(date(2026, 6, 1), date(2026, 7, 1)), Span(date(2026, 10, 1))], (2, 2, 3, 4, 6, 6, *HALVES[6:])),
    ],
)
def test_months_are_paid_with_the_last_of_their_half(spans: list[Span], expected: tuple[int, ...]) -> None:
    assert places(*spans) == expected


@given(
    first=st.dates(date(2024, 1, 1), date(2028, 12, 31)).map(lambda day: day.replace(day=1)),
    ended=st.none() | st.dates(date(2024, 1, 1), date(2028, 12, 31)),
)
def test_no_month_is_due_before_itself_nor_beyond_its_half(first: date, ended: date | None) -> None:
    for place, due in enumerate(places(Span(first, ended)), start=1):
        assert place <= due <= HALVES[place - 1]
