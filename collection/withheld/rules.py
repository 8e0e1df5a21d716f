"""納入の内訳 (pure): how much of each employee's share of a month an agent's payment has covered."""

from __future__ import annotations

import numpy as np

from taxsys.kernel.rounding import floor_1
from taxsys.kernel.yen import IntColumn

PRO_RATA, IN_ORDER = "pro_rata", "in_order"


def shares_paid(share_yen: IntColumn, paid_yen: int, *, order: str) -> IntColumn:
    """Yen of each share that is covered, in the order of the shares; adds up to what was paid, at most the whole.

    `pro_rata`: each by its part of the month, single yen by cumulated sums; `in_order`: one after the other.
    """
    cumulated = np.cumsum(share_yen)
    whole = int(cumulated[-1]) if len(cumulated) else 0
    paid = min(max(paid_yen, 0), whole)
    if order == IN_ORDER:
        reached = np.minimum(cumulated, paid)
    else:
        reached = floor_1(cumulated.astype(object) * paid, max(whole, 1)).astype(np.int64)
    return np.diff(reached, prepend=0).astype(np.int64)
