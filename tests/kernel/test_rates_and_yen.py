"""Exact rates from text and the guard against anything that is not whole yen."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxsys.kernel.rates import Rate, RateError
from taxsys.kernel.yen import MAX_YEN, NotYenError, format_yen, require_yen


@pytest.mark.parametrize(
    ("text", "num", "den", "shown"),
    [
        ("6.0%", 3, 50, "6%"),
        ("0.073", 73, 1000, "7.3%"),
        ("1/6", 1, 6, "1/6"),
        ("2.025%", 81, 4000, "2.025%"),
        ("100%", 1, 1, "100%"),
        ("0", 0, 1, "0%"),
        ("84.895%", 16979, 20000, "84.895%"),
        ("5105/84895", 1021, 16979, "1021/16979"),
    ],
)
def test_rates_are_read_exactly(text: str, num: int, den: int, shown: str) -> None:
    rate = Rate.parse(text)
    assert (rate.num, rate.den, str(rate)) == (num, den, shown)


@pytest.mark.parametrize("text", ["", "six", "6,0%", "1/0", "1e3", "０.1", "6%%", "nan", "1//2", "0.1.2", " "])
def test_what_is_not_a_rate_is_refused(text: str) -> None:
    with pytest.raises(RateError):
        Rate.parse(text)


def test_a_float_is_never_a_rate() -> None:
    with pytest.raises(RateError, match="浮動小数点数"):
        Rate.parse(0.06)  # type: ignore[arg-type]


@given(st.integers(0, 10**7))
def test_a_percentage_survives_its_own_text(millionths: int) -> None:
    rate = Rate(millionths, 10**7)
    assert Rate.parse(str(rate)) == rate


def test_float_money_would_differ_where_the_law_counts() -> None:
    bases = np.arange(1_000, 3_000_000, 1_000, dtype=np.int64)
    exact = bases * 36 // 1000
    assert (exact != np.floor(bases * 0.036).astype(np.int64)).any()


@pytest.mark.parametrize("value", [1.0, True, "100", None, np.float64(3), np.bool_(True), MAX_YEN + 1, -MAX_YEN - 1])
def test_not_yen(value: object) -> None:
    with pytest.raises(NotYenError):
        require_yen(value)


def test_yen_is_accepted_and_shown() -> None:
    assert require_yen(np.int64(-5)) == -5
    assert (format_yen(1_234_567), format_yen(-1_234), format_yen(0)) == ("1,234,567円", "△1,234円", "0円")
