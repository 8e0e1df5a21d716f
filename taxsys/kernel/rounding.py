"""Statutory rounding (端数処理): every cut of a yen has a name here, and only here.

All functions take one `int` or an int64 column and answer in kind. They floor and ceil mathematically (towards minus
and plus infinity); the law rounds no negative amounts, so callers clamp at zero first. `num`/`den` are exact
fractions: callers multiply first and divide here, once.
"""

from __future__ import annotations

from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

Amount = TypeVar("Amount", int, NDArray[np.int64])


def floor_1(num: Amount, den: int | Amount) -> Amount:
    """num/den cut to whole yen (1円未満切捨て)."""
    return num // den


def ceil_1(num: Amount, den: int | Amount) -> Amount:
    """num/den raised to whole yen (1円未満切上げ)."""
    return (num + (den - 1)) // den


def floor_to(amount: Amount, unit: int | Amount) -> Amount:
    """Amount cut to a multiple of `unit` yen, e.g. the 4,000 yen steps of 所得税法別表第五."""
    return amount // unit * unit


def floor_10(amount: Amount) -> Amount:
    """Cut to 10 yen (10円未満切捨て)."""
    return amount // 10 * 10


def floor_100(amount: Amount) -> Amount:
    """Cut to 100 yen: a final tax amount (地方税法20条の4の2第3項)."""
    return amount // 100 * 100


def floor_1000(amount: Amount) -> Amount:
    """Cut to 1,000 yen: a tax base (地方税法20条の4の2第1項)."""
    return amount // 1000 * 1000


def ceil_years(years: Amount, months: Amount) -> Amount:
    """Whole years of service, a part of a year counted as one (所得税法施行令69条2項)."""
    return years - ((-months) // 12)


def split_remainder_first(total: Amount, parts: int, unit: int) -> tuple[Amount, Amount]:
    """Split `total` into `parts`; all but the first are multiples of `unit` yen, the first takes the rest.

    Returns (first, rest). `first + rest × (parts − 1) == total` always; a total below `parts × unit` falls wholly
    into the first (地方税法20条の4の2第6項・第8項).
    """
    if parts < 1 or unit < 1:
        raise ValueError("分割数と単位は1以上でなければなりません。")
    rest = total // parts // unit * unit
    return total - rest * (parts - 1), rest


def share_remainder_first(total: Amount, numerator: int, denominator: int) -> tuple[Amount, Amount]:
    """Split `total` in the ratio numerator : (denominator − numerator); the second is cut, the first takes the rest.

    Used where the law gives the city 3/5 and the prefecture 2/5 of one amount and the sum must stay whole.
    """
    second = total * (denominator - numerator) // denominator
    return total - second, second
