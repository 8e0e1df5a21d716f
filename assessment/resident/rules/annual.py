"""均等割・森林環境税・年税額 (per-capita levies, forest tax, the year's total)."""

from __future__ import annotations

import numpy as np

from taxsys.kernel.periods import Years
from taxsys.kernel.rules import rule
from taxsys.kernel.yen import FlagColumn, IntColumn

ALL = Years(2018)


@rule(
    law="地方税法310条・地方税法38条",
    title="均等割額",
    years=ALL,
    formula="{is_liable_per_capita}: {city}、{prefecture}",
    uses={"city": "resident.per_capita.city", "prefecture": "resident.per_capita.prefecture"},
    outputs={"per_capita_city_yen": "均等割額(市民税)", "per_capita_prefecture_yen": "均等割額(道府県民税)"},
)
def per_capita_levy(*, is_liable_per_capita: FlagColumn, city: int, prefecture: int) -> tuple[IntColumn, IntColumn]:
    """Fixed amounts of city and prefecture."""
    return np.where(is_liable_per_capita, city, 0), np.where(is_liable_per_capita, prefecture, 0)


@rule(
    law="森林環境税及び森林環境譲与税に関する法律5条",
    title="森林環境税額",
    years=Years(2024),
    formula="{is_liable_forest}: {amount} − {relief_forest_yen}",
    uses={"amount": "resident.per_capita.forest"},
)
def forest_tax_yen(*, is_liable_forest: FlagColumn, relief_forest_yen: IntColumn, amount: int) -> IntColumn:
    """National tax collected together with the resident tax; a decided exemption reduces it."""
    return np.maximum(np.where(is_liable_forest, amount, 0) - relief_forest_yen, 0)


@rule(
    law="森林環境税及び森林環境譲与税に関する法律附則",
    title="森林環境税額(施行前)",
    years=Years(2018, 2023),
    formula="{is_liable_forest}: なし({relief_forest_yen})",
    outputs={"forest_tax_yen": "森林環境税額"},
)
def forest_tax_before_r6(*, is_liable_forest: FlagColumn, relief_forest_yen: IntColumn) -> IntColumn:
    """None before 令和6年度."""
    return np.where(is_liable_forest, 0, relief_forest_yen * 0)


@rule(
    law="地方税法314条の9・地方税法施行令48条の9の3",
    title="配当割額等の控除不足額の充当と還付",
    years=ALL,
    formula="{withheld_shortfall_yen} を {per_capita_city_yen} と {per_capita_prefecture_yen} に充当し、残りを還付",
    outputs={"withheld_offset_yen": "控除不足額の充当額", "withheld_refund_yen": "控除不足額の還付額"},
)
def withheld_settlement(
    *, withheld_shortfall_yen: IntColumn, per_capita_city_yen: IntColumn, per_capita_prefecture_yen: IntColumn
) -> tuple[IntColumn, IntColumn]:
    """The shortfall is set off against the per-capita levy, the rest refunded; the annual tax itself stays."""
    offset = np.minimum(withheld_shortfall_yen, per_capita_city_yen + per_capita_prefecture_yen)
    return offset, withheld_shortfall_yen - offset


@rule(
    law="地方税法314条の3・地方税法310条・地方税法35条・地方税法38条・地方税法323条・地方税法45条の3",
    title="年税額",
    years=ALL,
    formula="{income_levy_city_yen} + {per_capita_city_yen} − {relief_city_yen}、{income_levy_prefecture_yen}"
    " + {per_capita_prefecture_yen} − {relief_prefecture_yen}、{forest_tax_yen}",
    outputs={
        "city_tax_yen": "市民税額",
        "prefectural_tax_yen": "道府県民税額",
        "annual_tax_yen": "年税額(森林環境税を含む)",
    },
)
def annual_tax(
    *,
    income_levy_city_yen: IntColumn,
    income_levy_prefecture_yen: IntColumn,
    per_capita_city_yen: IntColumn,
    per_capita_prefecture_yen: IntColumn,
    relief_city_yen: IntColumn,
    relief_prefecture_yen: IntColumn,
    forest_tax_yen: IntColumn,
) -> tuple[IntColumn, IntColumn, IntColumn]:
    """What the taxpayer owes for the year, by receiver and in all, after what was remitted (減免)."""
    city = np.maximum(income_levy_city_yen + per_capita_city_yen - relief_city_yen, 0)
    prefecture = np.maximum(income_levy_prefecture_yen + per_capita_prefecture_yen - relief_prefecture_yen, 0)
    return city, prefecture, city + prefecture + forest_tax_yen
