"""Rare rows: a calculation that concerns few people is done for them alone; the others keep zero.

The answer is the same as that of the calculation over all rows, as long as it is zero for every row left out. A column
that is zero throughout (`zeros`) is one number seen as a column: it is known as such and costs no pass.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from taxsys.kernel.yen import FlagColumn, IntColumn

_ZERO = np.zeros(1, dtype=np.int64)[0]
_NO = np.zeros(1, dtype=np.bool_)[0]


def zeros(rows: int) -> IntColumn:
    """A column of zeros that holds one number; read-only."""
    return np.broadcast_to(_ZERO, (rows,))


def is_nothing(column: IntColumn | FlagColumn) -> bool:
    """Whether the column is known to be zero (or false) throughout without looking at every row."""
    return column.size > 0 and column.strides == (0,) and not column[0]


def merged(concerned: FlagColumn, found: IntColumn, others: IntColumn) -> IntColumn:
    """`found` for the rows that are concerned, `others` for the rest."""
    return others if is_nothing(concerned) else np.where(concerned, found, others)


def on_rows(
    concerned: FlagColumn,
    outputs: int,
    calculate: Callable[..., tuple[IntColumn, ...]],
    *columns: IntColumn | FlagColumn,
) -> tuple[IntColumn, ...]:
    """`calculate(*columns)` for the rows that are concerned: `outputs` columns, zero in all other rows."""
    if is_nothing(concerned):
        return (zeros(concerned.size),) * outputs
    rows = np.flatnonzero(concerned)
    zero = np.zeros(concerned.shape, dtype=np.int64)
    if rows.size == 0:
        return (zero,) * outputs
    found = calculate(*(column[rows] for column in columns))
    if len(found) != outputs:
        raise ValueError(f"{len(found)} columns where {outputs} were announced")
    answer = []
    for values in found:
        column = zero.copy()
        column[rows] = values
        answer.append(column)
    return tuple(answer)


def any_of(*columns: IntColumn) -> FlagColumn:
    """Rows in which at least one of the amounts is not zero."""
    told = [column for column in columns if not is_nothing(column)]
    if not told:
        return np.broadcast_to(_NO, columns[0].shape)
    together = told[0] != 0
    for column in told[1:]:
        together |= column != 0
    return together
