"""Whole yen: the one money type of the house (円).

An amount is a plain `int` for one person and a NumPy int64 column for many; never a float, never a bool.
"""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Yen: TypeAlias = int
IntColumn: TypeAlias = NDArray[np.int64]
FlagColumn: TypeAlias = NDArray[np.bool_]

MAX_YEN = 99_999_999_999
"""Largest amount accepted for one fact of one person (999億円台); keeps `amount × rate × scale` inside int64."""

LEVY_SCALE = 10_000
"""Columns named `*_yen_e4` hold 1/10,000 yen: the law keeps fractions of the income levy until its last step."""


class NotYenError(TypeError):
    """A value that is not a whole number of yen was offered as money."""


def require_yen(value: object) -> int:
    """Return `value` as int yen (円); floats, booleans, text and amounts beyond ±MAX_YEN are refused.

    Raises NotYenError. An integral NumPy scalar is accepted and turned into `int`.
    """
    if isinstance(value, bool | np.bool_) or not isinstance(value, int | np.integer):
        raise NotYenError(f"金額は整数(円)でなければなりません: {value!r}")
    amount = int(value)
    if abs(amount) > MAX_YEN:
        raise NotYenError(f"金額が扱える範囲を超えています: {amount}")
    return amount


def format_yen(amount: int) -> str:
    """Japanese display of an amount: `1,234円`, negative `△1,234円`."""
    return f"△{-amount:,}円" if amount < 0 else f"{amount:,}円"
