"""寄附金税額控除 (donation credit): 基本控除, 特例控除 (ふるさと納税), 申告特例控除; each part rounded up per side."""

from __future__ import annotations

import numpy as np

from taxsys.kernel.periods import Years
from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import ceil_1, floor_1
from taxsys.kernel.rules import rule
from taxsys.kernel.sparse import any_of, on_rows
from taxsys.kernel.yen import LEVY_SCALE, FlagColumn, IntColumn
from taxsys.params.table import Table

BASIC_LAW = "地方税法314条の7第1項・地方税法37条の2第1項"
SPECIAL_LAW = "地方税法314条の7第11項・地方税法37条の2第11項・地方税法附則5条の6"
RATIO_SCALE = 100_000
SHORT, OTHER = 1, 2
"""Codes of the ratio table for separate income."""
FORESTRY_PARTS = 5


@rule(
    law="地方税法37条の2第11項・所得税法86条",
    title="人的控除差調整額",
    years=Years(2018),
    formula="{deduction_gap_yen} + max({national_basic} − {line}, 0)",
    uses={
        "national_basic": "resident.donation.national_basic_table",
        "line": "resident.donation.national_basic_line",
    },
)
def adjusted_gap_yen(
    *, deduction_gap_yen: IntColumn, total_income_yen: IntColumn, national_basic: Table, line: int
) -> IntColumn:
    """Statutory gaps plus what the national basic deduction exceeds 480,000 yen."""
    basic = national_basic.take("amount", national_basic.row(total_income_yen))
    return deduction_gap_yen + np.maximum(basic - line, 0)


@rule(
    law=SPECIAL_LAW,
    title="特例控除額の割合",
    years=Years(2015),
    formula="{taxable_income_yen} − {adjusted_gap_yen} を{table}に当てはめた割合。負の場合に分離課税・山林・退職の"
    "課税標準があれば、それぞれの割合のうち最も低いもの",
    uses={"table": "resident.donation.ratio_table", "separate": "resident.donation.ratio_separate_table"},
    outputs={"donation_ratio_row": "特例控除額の割合の段階", "donation_ratio_e5": "特例控除額の割合(10万分率)"},
)
def donation_ratio(
    *,
    taxable_income_yen: IntColumn,
    adjusted_gap_yen: IntColumn,
    taxable_short_land_yen: IntColumn,
    taxable_short_state_yen: IntColumn,
    taxable_separate_yen: IntColumn,
    taxable_forestry_yen: IntColumn,
    taxable_retirement_yen: IntColumn,
    table: Table,
    separate: Table,
) -> tuple[IntColumn, IntColumn]:
    """Row of the ratio table by 課税総所得金額 less the adjusted gap; a negative difference has its own row.

    With a negative difference and other bases the lowest of their ratios counts (forestry at a fifth of its base).
    """
    row = table.row(taxable_income_yen - adjusted_gap_yen)
    ratio = _ratio_e5(table, row)
    short = taxable_short_land_yen + taxable_short_state_yen
    other = any_of(taxable_separate_yen, taxable_forestry_yen, taxable_retirement_yen)
    below = (taxable_income_yen < adjusted_gap_yen) & other

    def lowest(*bases: IntColumn) -> tuple[IntColumn]:
        shorts, longs, forestry, retirement = bases
        candidates = (
            (shorts, _ratio_e5(separate, separate.row(SHORT))),
            (longs, _ratio_e5(separate, separate.row(OTHER))),
            (forestry, _ratio_e5(table, table.row(floor_1(forestry, FORESTRY_PARTS)))),
            (retirement, _ratio_e5(table, table.row(retirement))),
        )
        least = np.full_like(shorts, RATIO_SCALE)
        for base, candidate in candidates:
            least = np.where(base > 0, np.minimum(least, candidate), least)
        return (least,)

    (found,) = on_rows(
        below, 1, lowest, short, taxable_separate_yen - short, taxable_forestry_yen, taxable_retirement_yen
    )
    return row, np.where(below, found, ratio)


def _ratio_e5(table: Table, row: IntColumn) -> IntColumn:
    num, den = table.rate("ratio", row)
    return floor_1(num * RATIO_SCALE, den)


@rule(
    law=BASIC_LAW,
    title="寄附金税額控除(基本控除)",
    years=Years(2015),
    rounding="市民税・道府県民税それぞれ1円未満切上げ",
    formula="(min(寄附金, {gross_income_yen} × {cap_rate}) − {own_burden}) × {city}、× {prefecture}",
    uses={
        "cap_rate": "resident.donation.income_cap_rate",
        "own_burden": "resident.donation.own_burden",
        "city": "resident.rate.standard_city",
        "prefecture": "resident.rate.standard_prefecture",
    },
    outputs={
        "donation_basic_city_yen": "寄附金 基本控除(市民税)",
        "donation_basic_prefecture_yen": "寄附金 基本控除(道府県民税)",
    },
)
def donation_basic(
    *,
    hometown_donation_yen: IntColumn,
    city_donation_yen: IntColumn,
    prefecture_donation_yen: IntColumn,
    gross_income_yen: IntColumn,
    cap_rate: Rate,
    own_burden: int,
    city: Rate,
    prefecture: Rate,
) -> tuple[IntColumn, IntColumn]:
    """Standard rate of the donation above 2,000 yen; a body may be named by only one of city and prefecture."""

    def calculate(gross: IntColumn, hometown: IntColumn, *named: IntColumn) -> tuple[IntColumn, ...]:
        cap = floor_1(gross * cap_rate.num, cap_rate.den)

        def part(other: IntColumn, rate: Rate) -> IntColumn:
            base = np.maximum(np.minimum(hometown + other, cap) - own_burden, 0)
            return ceil_1(base * rate.num, rate.den)

        return part(named[0], city), part(named[1], prefecture)

    given = (hometown_donation_yen, city_donation_yen, prefecture_donation_yen)
    found = on_rows(any_of(*given), 2, calculate, gross_income_yen, *given)
    return found[0], found[1]


@rule(
    law=SPECIAL_LAW,
    title="特例控除額の限度となる所得割額",
    years=Years(2018),
    rounding="端数を残す",
    formula="標準税率({city}、{prefecture})による{taxable_income_yen}の所得割額 + {separate_standard_city_yen_e4}"
    "({separate_standard_prefecture_yen_e4}) − 調整控除",
    uses={"city": "resident.rate.standard_city", "prefecture": "resident.rate.standard_prefecture"},
    outputs={
        "donation_cap_levy_city_yen_e4": "特例控除の限度の基礎(市民税)",
        "donation_cap_levy_prefecture_yen_e4": "特例控除の限度の基礎(道府県民税)",
    },
)
def donation_cap_levy(
    *,
    taxable_income_yen: IntColumn,
    is_liable_income_levy: FlagColumn,
    separate_standard_city_yen_e4: IntColumn,
    separate_standard_prefecture_yen_e4: IntColumn,
    adjustment_credit_city_yen: IntColumn,
    adjustment_credit_prefecture_yen: IntColumn,
    city: Rate,
    prefecture: Rate,
) -> tuple[IntColumn, IntColumn]:
    """Levy after the adjustment credit, computed at standard rates whatever the ordinance asks."""
    base = np.where(is_liable_income_levy, taxable_income_yen, 0) * LEVY_SCALE
    levy_city = floor_1(base * city.num, city.den) + separate_standard_city_yen_e4
    levy_prefecture = floor_1(base * prefecture.num, prefecture.den) + separate_standard_prefecture_yen_e4
    return (
        np.maximum(levy_city - adjustment_credit_city_yen * LEVY_SCALE, 0),
        np.maximum(levy_prefecture - adjustment_credit_prefecture_yen * LEVY_SCALE, 0),
    )


@rule(
    law=SPECIAL_LAW,
    title="寄附金税額控除(特例控除)",
    years=Years(2015),
    rounding="市民税・道府県民税それぞれ1円未満切上げ",
    formula="({hometown_donation_yen} − {own_burden}) × {donation_ratio_e5} × {share}(市)、残り(道府県)。"
    "限度は所得割額の{cap_rate}",
    uses={
        "own_burden": "resident.donation.own_burden",
        "share": "resident.credit.city_share",
        "cap_rate": "resident.donation.special_cap_rate",
    },
    outputs={
        "donation_special_city_yen": "寄附金 特例控除(市民税)",
        "donation_special_prefecture_yen": "寄附金 特例控除(道府県民税)",
    },
)
def donation_special(
    *,
    hometown_donation_yen: IntColumn,
    donation_ratio_e5: IntColumn,
    donation_cap_levy_city_yen_e4: IntColumn,
    donation_cap_levy_prefecture_yen_e4: IntColumn,
    own_burden: int,
    share: Rate,
    cap_rate: Rate,
) -> tuple[IntColumn, IntColumn]:
    """Hometown donations only; each side at most 20 % of its levy."""

    def calculate(donated: IntColumn, ratio: IntColumn, *cap_levies: IntColumn) -> tuple[IntColumn, ...]:
        base = np.maximum(donated - own_burden, 0)

        def part(share_num: int, cap_levy: IntColumn) -> IntColumn:
            amount = ceil_1(base * ratio * share_num, RATIO_SCALE * share.den)
            return np.minimum(amount, ceil_1(cap_levy * cap_rate.num, cap_rate.den * LEVY_SCALE))

        return part(share.num, cap_levies[0]), part(share.den - share.num, cap_levies[1])

    found = on_rows(
        any_of(hometown_donation_yen),
        2,
        calculate,
        hometown_donation_yen,
        donation_ratio_e5,
        donation_cap_levy_city_yen_e4,
        donation_cap_levy_prefecture_yen_e4,
    )
    return found[0], found[1]


@rule(
    law="地方税法附則7条・地方税法附則7条の2・地方税法附則7条の3",
    title="寄附金税額控除(申告特例控除)",
    years=Years(2016),
    rounding="市民税・道府県民税それぞれ1円未満切上げ",
    formula="{is_one_stop}なら {donation_special_city_yen} × 申告特例の割合、{donation_special_prefecture_yen} × 同",
    uses={"table": "resident.donation.ratio_table"},
    outputs={
        "donation_one_stop_city_yen": "寄附金 申告特例控除(市民税)",
        "donation_one_stop_prefecture_yen": "寄附金 申告特例控除(道府県民税)",
    },
)
def donation_one_stop(
    *,
    is_one_stop: FlagColumn,
    donation_ratio_row: IntColumn,
    donation_special_city_yen: IntColumn,
    donation_special_prefecture_yen: IntColumn,
    table: Table,
) -> tuple[IntColumn, IntColumn]:
    """The part that the national tax would have given, for people who file no return."""

    def calculate(row: IntColumn, city: IntColumn, prefecture: IntColumn) -> tuple[IntColumn, ...]:
        num, den = table.rate("one_stop", row)
        return ceil_1(city * num, den), ceil_1(prefecture * num, den)

    found = on_rows(
        is_one_stop,
        2,
        calculate,
        donation_ratio_row,
        donation_special_city_yen,
        donation_special_prefecture_yen,
    )
    return found[0], found[1]


@rule(
    law="地方税法314条の7・地方税法37条の2・地方税法附則7条の2",
    title="寄附金税額控除",
    years=Years(2018),
    formula="基本控除 + 特例控除 + 申告特例控除({donation_basic_city_yen} + {donation_special_city_yen}"
    " + {donation_one_stop_city_yen}、{donation_basic_prefecture_yen} + {donation_special_prefecture_yen}"
    " + {donation_one_stop_prefecture_yen})",
    outputs={
        "donation_credit_city_yen": "寄附金税額控除(市民税)",
        "donation_credit_prefecture_yen": "寄附金税額控除(道府県民税)",
    },
)
def donation_credit(
    *,
    donation_basic_city_yen: IntColumn,
    donation_basic_prefecture_yen: IntColumn,
    donation_special_city_yen: IntColumn,
    donation_special_prefecture_yen: IntColumn,
    donation_one_stop_city_yen: IntColumn,
    donation_one_stop_prefecture_yen: IntColumn,
) -> tuple[IntColumn, IntColumn]:
    """Sum of the three parts per side."""
    return (
        donation_basic_city_yen + donation_special_city_yen + donation_one_stop_city_yen,
        donation_basic_prefecture_yen + donation_special_prefecture_yen + donation_one_stop_prefecture_yen,
    )


@rule(
    law=SPECIAL_LAW,
    title="ふるさと納税の控除上限の目安",
    years=Years(2018),
    rounding="1円未満切捨て",
    formula="所得割額 × {cap_rate} ÷ {donation_ratio_e5} + {own_burden}",
    uses={
        "own_burden": "resident.donation.own_burden",
        "cap_rate": "resident.donation.special_cap_rate",
    },
)
def hometown_ceiling_yen(
    *,
    donation_ratio_e5: IntColumn,
    donation_cap_levy_city_yen_e4: IntColumn,
    donation_cap_levy_prefecture_yen_e4: IntColumn,
    own_burden: int,
    cap_rate: Rate,
) -> IntColumn:
    """The donation at which the special credit reaches its cap; a helper for the counter, not law."""
    levy = floor_1(donation_cap_levy_city_yen_e4 + donation_cap_levy_prefecture_yen_e4, LEVY_SCALE)
    return floor_1(levy * cap_rate.num * RATIO_SCALE, cap_rate.den * donation_ratio_e5) + own_burden
