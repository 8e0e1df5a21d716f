"""損益通算 (netting of income and losses, 所得税法69条): pure steps shared by the rules of income.

The orders are those of docs/law/resident-separate-and-losses.md §2.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from taxsys.kernel.rounding import floor_1
from taxsys.kernel.sparse import any_of, merged, on_rows
from taxsys.kernel.yen import IntColumn


class Netted(NamedTuple):
    """What netting leaves: the three kinds of income and the losses that nothing could absorb."""

    general: IntColumn
    forestry: IntColumn
    retirement: IntColumn
    net_loss: IntColumn
    home_loss: IntColumn


def take(loss: IntColumn, income: IntColumn) -> tuple[IntColumn, IntColumn]:
    """What is left of the loss and of the income after the one is set against the other."""
    used = np.minimum(loss, np.maximum(income, 0))
    return loss - used, income - used


def nettable_real_estate(real_estate: IntColumn, land_interest: IntColumn) -> IntColumn:
    """Real-estate income without the part of a loss that is interest on land (租税特別措置法41条の4)."""
    return real_estate + np.minimum(np.maximum(-real_estate, 0), land_interest)


def netted(
    ordinary: IntColumn,
    gains: tuple[IntColumn, IntColumn, IntColumn],
    occasional: IntColumn,
    apart: tuple[IntColumn, IntColumn, IntColumn],
) -> Netted:
    """Net ordinary income with gains (short, long, gain loss), occasional income and what stands apart.

    `apart` = forestry (a loss is negative), retirement income, home loss; few people have any of them.
    """
    rare = any_of(gains[2], *apart)
    general, net_loss = _common(ordinary, gains[0], gains[1], occasional)
    found = on_rows(rare, 5, _whole, ordinary, *gains, occasional, *apart)
    return Netted(merged(rare, found[0], general), found[1], found[2], merged(rare, found[3], net_loss), found[4])


def _common(
    ordinary: IntColumn, short: IntColumn, long: IntColumn, occasional: IntColumn
) -> tuple[IntColumn, IntColumn]:
    """General income and what is left of a loss, for people with nothing rare: a loss reduces gains before the half."""
    loses = ordinary < 0
    general = np.maximum(ordinary, 0) + short + floor_1(long + occasional, 2)
    lossy, loss = on_rows(loses, 2, _lossy, ordinary, short, long, occasional)
    return np.where(loses, lossy, general), loss


def _lossy(ordinary: IntColumn, short: IntColumn, long: IntColumn, occasional: IntColumn) -> tuple[IntColumn, ...]:
    loss, short = take(-ordinary, short)
    loss, long = take(loss, long)
    loss, occasional = take(loss, occasional)
    return short + floor_1(long + occasional, 2), loss


def _whole(
    ordinary: IntColumn,
    short: IntColumn,
    long: IntColumn,
    gain_loss: IntColumn,
    occasional: IntColumn,
    forestry: IntColumn,
    retirement: IntColumn,
    home_loss: IntColumn,
) -> Netted:
    """Every step of the netting; equal to `_common` where gain loss, forestry, retirement and home loss are zero."""
    gain_loss, occasional = take(gain_loss, occasional)
    loss = np.maximum(-ordinary, 0)
    gain_loss, income = take(gain_loss, np.maximum(ordinary, 0))
    loss, short = take(loss, short)
    loss, long = take(loss, long)
    loss, occasional = take(loss, occasional)
    loss, forest = take(loss + gain_loss, np.maximum(forestry, 0))
    loss, retirement = take(loss, retirement)
    forest_loss, income = take(np.maximum(-forestry, 0), income)
    forest_loss, short = take(forest_loss, short)
    forest_loss, long = take(forest_loss, long)
    forest_loss, occasional = take(forest_loss, occasional)
    forest_loss, retirement = take(forest_loss, retirement)
    general = income + short + floor_1(long + occasional, 2)
    home_loss, general = take(home_loss, general)
    home_loss, forest = take(home_loss, forest)
    home_loss, retirement = take(home_loss, retirement)
    return Netted(general, forest, retirement, loss + forest_loss, home_loss)
