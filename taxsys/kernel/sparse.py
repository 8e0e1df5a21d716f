"""Rare rows: a calculation that concerns few people is done for them alone; the others keep zero.

The answer is the same as that of the calculation over all rows, as long as it is zero for every row left out.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from taxsys.kernel.yen import FlagColumn, IntColumn


def on_rows(
    concerned: FlagColumn, outputs: int, calculate: Callable[..., tuple[IntColumn, ...]], *columns: IntColumn
) -> tuple[IntColumn, ...]:
    """`calculate(*columns)` for the rows that are concerned: `outputs` columns, zero in all other rows."""
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
    together = columns[0] != 0
    for column in columns[1:]:
        together |= column != 0
    return together
