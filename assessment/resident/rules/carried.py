"""繰越控除 (losses of earlier years set against this year's income) and 総所得金額等: 法313条8項・9項, 附則4条ほか."""

from __future__ import annotations

import numpy as np

from assessment.resident.rules.netting import take
from taxsys.kernel.periods import Years
from taxsys.kernel.rules import rule
from taxsys.kernel.sparse import any_of, merged, on_rows
from taxsys.kernel.yen import IntColumn

ALL = Years(2018)
APART = (
    "short_land", "short_state", "long_land", "long_housing", "long_home", "listed_dividend", "shares_unlisted",
    "shares_listed", "futures", "forestry", "retirement",
)  # fmt: skip
"""Kinds of income beside general income, in the order in which deductions and casualty losses reach them."""
LAND_KINDS = APART[:5]


def _carried(
    general: IntColumn,
    total: IntColumn,
    losses: tuple[IntColumn, IntColumn, IntColumn, IntColumn, IntColumn],
    apart: tuple[IntColumn, ...],
    home_limit: int,
) -> tuple[IntColumn, ...]:
    """Every carried loss against its incomes, in the order of the law's reading; §4 of the page."""
    left = dict(zip(APART, apart, strict=True)) | {"general": general}

    def use(loss: IntColumn, *kinds: str) -> IntColumn:
        rest = loss
        for kind in kinds:
            rest, left[kind] = take(rest, left[kind])
        return loss - rest

    net, home, casualty, shares, futures = losses
    net_used = use(net, "general", "forestry", "retirement")
    open_home = np.where(total <= home_limit, home, 0)
    home_used = use(open_home, *APART[2:5], *APART[:2], "general", "forestry", "retirement")
    shares_used = use(shares, "shares_listed", "listed_dividend")
    futures_used = use(futures, "futures")
    casualty_used = use(casualty, "general", *APART)
    gross = left["general"]
    for kind in APART:
        gross = gross + left[kind]
    used = (net_used, home_used, casualty_used, shares_used, futures_used)
    return (left["general"], *(left[kind] for kind in APART), gross, *used)


@rule(
    law="地方税法313条8項・地方税法313条9項・地方税法附則4条・地方税法附則4条の2・地方税法附則35条の2の6・地方税法附則35条の4の2",
    title="繰越控除と総所得金額等",
    years=ALL,
    formula="総所得金額{general_income_yen}ほかから純損失{loss_carried_forward_yen}、居住用{home_loss_carried_yen}"
    "({total_income_yen}が{home_limit}以下)、上場株式等{shares_loss_carried_yen}、先物{futures_loss_carried_yen}、"
    "雑損失{casualty_carried_yen}の順に差し引く",
    uses={"home_limit": "resident.income.home_loss_income_limit"},
    outputs={
        "gross_general_yen": "総所得金額",
        "gross_short_land_yen": "短期譲渡(一般)(繰越控除後)",
        "gross_short_state_yen": "短期譲渡(国等)(繰越控除後)",
        "gross_long_land_yen": "長期譲渡(一般)(繰越控除後)",
        "gross_long_housing_yen": "長期譲渡(優良住宅地等)(繰越控除後)",
        "gross_long_home_yen": "長期譲渡(居住用)(繰越控除後)",
        "gross_listed_dividend_yen": "上場株式等の配当等(繰越控除後)",
        "gross_shares_unlisted_yen": "一般株式等(繰越控除後)",
        "gross_shares_listed_yen": "上場株式等(繰越控除後)",
        "gross_futures_yen": "先物取引(繰越控除後)",
        "gross_forestry_yen": "山林(繰越控除後)",
        "gross_retirement_yen": "退職(繰越控除後)",
        "gross_income_yen": "総所得金額等",
        "net_loss_used_yen": "純損失の繰越控除額",
        "home_loss_used_yen": "居住用財産の譲渡損失の繰越控除額",
        "casualty_used_yen": "雑損失の繰越控除額",
        "shares_loss_used_yen": "上場株式等の譲渡損失の繰越控除額",
        "futures_loss_used_yen": "先物取引の損失の繰越控除額",
    },
)
def carried_losses(
    *,
    general_income_yen: IntColumn,
    total_income_yen: IntColumn,
    loss_carried_forward_yen: IntColumn,
    home_loss_carried_yen: IntColumn,
    casualty_carried_yen: IntColumn,
    shares_loss_carried_yen: IntColumn,
    futures_loss_carried_yen: IntColumn,
    net_short_land_yen: IntColumn,
    net_short_state_yen: IntColumn,
    net_long_land_yen: IntColumn,
    net_long_housing_yen: IntColumn,
    net_long_home_yen: IntColumn,
    net_listed_dividend_yen: IntColumn,
    net_shares_unlisted_yen: IntColumn,
    net_shares_listed_yen: IntColumn,
    net_futures_yen: IntColumn,
    forestry_net_yen: IntColumn,
    retirement_net_yen: IntColumn,
    home_limit: int,
) -> tuple[IntColumn, ...]:
    """What is left of each income after the losses of earlier years, their sum (総所得金額等), and what was used."""
    losses = (
        loss_carried_forward_yen,
        home_loss_carried_yen,
        casualty_carried_yen,
        shares_loss_carried_yen,
        futures_loss_carried_yen,
    )
    apart = (
        net_short_land_yen,
        net_short_state_yen,
        net_long_land_yen,
        net_long_housing_yen,
        net_long_home_yen,
        net_listed_dividend_yen,
        net_shares_unlisted_yen,
        net_shares_listed_yen,
        net_futures_yen,
        forestry_net_yen,
        retirement_net_yen,
    )
    rare = any_of(*losses, *apart)

    def calculate(general: IntColumn, total: IntColumn, *rest: IntColumn) -> tuple[IntColumn, ...]:
        return _carried(general, total, rest[:5], rest[5:], home_limit)  # type: ignore[arg-type]

    found = on_rows(rare, 18, calculate, general_income_yen, total_income_yen, *losses, *apart)
    general = merged(rare, found[0], general_income_yen)
    gross = merged(rare, found[12], general_income_yen)
    return (general, *found[1:12], gross, *found[13:])
