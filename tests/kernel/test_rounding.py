"""Statutory rounding: exact values, agreement of int and column, laws for any amount."""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxsys.kernel import rounding

AMOUNTS = st.integers(0, 10**12)
PARTS = st.integers(1, 24)


@pytest.mark.parametrize(
    ("function", "amount", "expected"),
    [
        (rounding.floor_10, 19, 10),
        (rounding.floor_100, 199, 100),
        (rounding.floor_100, 99, 0),
        (rounding.floor_1000, 1_999, 1_000),
        (rounding.floor_1000, 999, 0),
        (rounding.floor_1000, 2_000, 2_000),
    ],
)
def test_cut_at_the_edges(function, amount: int, expected: int) -> None:
    assert function(amount) == expected
    assert function(np.array([amount], dtype=np.int64)).tolist() == [expected]


@given(AMOUNTS, st.integers(1, 10**5))
def test_floor_and_ceil_of_a_fraction_are_exact(num: int, den: int) -> None:
    assert rounding.floor_1(num, den) == floor(Fraction(num, den))
    assert rounding.ceil_1(num, den) == ceil(Fraction(num, den))
    column = np.array([num], dtype=np.int64)
    assert rounding.floor_1(column, den)[0] == floor(Fraction(num, den))
    assert rounding.ceil_1(column, den)[0] == ceil(Fraction(num, den))


@given(AMOUNTS, PARTS, st.sampled_from([1, 100, 1000]))
def test_a_split_loses_nothing_and_the_first_part_is_never_smaller(total: int, parts: int, unit: int) -> None:
    first, rest = rounding.split_remainder_first(total, parts, unit)
    assert first + rest * (parts - 1) == total
    assert rest % unit == 0
    assert first >= rest
    assert first - rest < unit * parts


@pytest.mark.parametrize(
    ("total", "parts", "unit", "expected"),
    [
        (250_300, 12, 100, (21_500, 20_800)),
        (172_500, 4, 1000, (43_500, 43_000)),
        (3_999, 4, 1000, (3_999, 0)),
        (4_000, 4, 1000, (1_000, 1_000)),
        (0, 12, 100, (0, 0)),
    ],
)
def test_splits_of_the_law(total: int, parts: int, unit: int, expected: tuple[int, int]) -> None:
    assert rounding.split_remainder_first(total, parts, unit) == expected


@pytest.mark.parametrize(("parts", "unit"), [(0, 100), (4, 0), (-1, 1)])
def test_an_impossible_split_is_refused(parts: int, unit: int) -> None:
    with pytest.raises(ValueError, match="1以上"):
        rounding.split_remainder_first(1_000, parts, unit)


@given(AMOUNTS, st.integers(1, 5))
def test_shares_of_city_and_prefecture_add_up(total: int, numerator: int) -> None:
    city, prefecture = rounding.share_remainder_first(total, numerator, 5)
    assert city + prefecture == total
    assert prefecture == floor(Fraction(total * (5 - numerator), 5))


@pytest.mark.parametrize(
    ("years", "months", "counted"), [(10, 2, 11), (29, 2, 30), (20, 0, 20), (0, 1, 1), (9, 12, 10)]
)
def test_a_started_year_of_service_counts_whole(years: int, months: int, counted: int) -> None:
    assert rounding.ceil_years(years, months) == counted
