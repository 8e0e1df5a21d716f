"""The same day of another year: 29 February is the 28th where there is none."""

from datetime import date

import pytest

from taxsys.kernel.calendar import years_after


@pytest.mark.parametrize(
    ("day", "years", "expected"),
    [
        (date(2028, 2, 29), 1, date(2029, 2, 28)),
        (date(2028, 2, 29), 4, date(2032, 2, 29)),
        (date(2028, 2, 29), -1, date(2027, 2, 28)),
        (date(2028, 2, 29), 0, date(2028, 2, 29)),
        (date(2027, 2, 28), 1, date(2028, 2, 28)),
        (date(2028, 3, 1), 1, date(2029, 3, 1)),
        (date(2026, 12, 31), 5, date(2031, 12, 31)),
        # No 29 February in 2100 (a century that 400 does not divide).
        (date(2096, 2, 29), 4, date(2100, 2, 28)),
    ],
)
def test_the_same_day_some_years_later(day: date, years: int, expected: date) -> None:
    assert years_after(day, years) == expected
