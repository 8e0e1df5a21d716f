"""分離課税 (separately taxed income): gains netted by kind, their bases after deductions, their levies.

Few people have any of it: every rule here works on their rows alone. Orders and readings:
docs/law/resident-separate-and-losses.md §3, §5.
"""

from __future__ import annotations

import numpy as np

from assessment.resident.rules.carried import APART
from assessment.resident.rules.netting import take
from taxsys.kernel.periods import Years
from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import floor_1, floor_1000
from taxsys.kernel.rules import rule
from taxsys.kernel.sparse import any_of, on_rows
from taxsys.kernel.yen import LEVY_SCALE, FlagColumn, IntColumn
from taxsys.params.table import Table

ALL = Years(2018)
SHORT_GENERAL, SHORT_STATE, LONG_GENERAL, LONG_QUALITY_HOUSING, LONG_OWN_HOME = 1, 2, 3, 4, 5
SHARES_UNLISTED, SHARES_LISTED, DIVIDENDS_LISTED, FUTURES = 6, 7, 8, 9
SEPARATE_LAW = (
    "地方税法附則33条の2・地方税法附則34条・地方税法附則34条の2・地方税法附則34条の3・地方税法附則35条"
    "・地方税法附則35条の2・地方税法附則35条の2の2・地方税法附則35条の4"
)
_CODES = (
    SHORT_GENERAL, SHORT_STATE, LONG_GENERAL, LONG_QUALITY_HOUSING, LONG_OWN_HOME, DIVIDENDS_LISTED, SHARES_UNLISTED,
    SHARES_LISTED, FUTURES,
)  # fmt: skip
"""Rate table codes of the first nine kinds of APART; forestry and retirement follow the rates of general income."""
_LAND = 5


def _absorb(losses: list[IntColumn], gains: list[IntColumn]) -> tuple[IntColumn, list[IntColumn]]:
    """The losses of a group against its gains in order: what is left of the losses, and of each gain."""
    loss = sum(losses[1:], start=losses[0])
    left = []
    for gain in gains:
        loss, rest = take(loss, gain)
        left.append(rest)
    return loss, left


def _land(*kinds: IntColumn) -> list[IntColumn]:
    """Gains of land after netting: inside short and inside long, then across."""
    gains = [np.maximum(kind, 0) for kind in kinds]
    losses = [np.maximum(-kind, 0) for kind in kinds]
    short_loss, short = _absorb(losses[:2], gains[:2])
    long_loss, long = _absorb(losses[2:], gains[2:])
    _, long = _absorb([short_loss], long)
    _, short = _absorb([long_loss], short)
    return [*short, *long]


@rule(
    law="租税特別措置法31条・租税特別措置法32条・租税特別措置法37条の10・租税特別措置法37条の11"
    "・租税特別措置法37条の12の2・租税特別措置法41条の14",
    title="分離課税の所得金額",
    years=ALL,
    formula="土地建物は{short_land_gain_yen}、{short_state_gain_yen}、{long_land_gain_yen}、{long_housing_gain_yen}、"
    "{long_home_gain_yen}の中で、{shares_listed_gain_yen}は{listed_dividend_yen}との間で損益を通算する",
    outputs={
        "net_short_land_yen": "短期譲渡所得(一般)",
        "net_short_state_yen": "短期譲渡所得(国等への譲渡)",
        "net_long_land_yen": "長期譲渡所得(一般)",
        "net_long_housing_yen": "長期譲渡所得(優良住宅地等)",
        "net_long_home_yen": "長期譲渡所得(居住用・軽課)",
        "net_listed_dividend_yen": "上場株式等に係る配当所得等",
        "net_shares_unlisted_yen": "一般株式等に係る譲渡所得等",
        "net_shares_listed_yen": "上場株式等に係る譲渡所得等",
        "net_futures_yen": "先物取引に係る雑所得等",
        "separate_income_yen": "分離課税の所得金額の合計(特別控除前)",
        "shares_loss_arising_yen": "翌年へ繰り越す上場株式等の譲渡損失",
        "futures_loss_arising_yen": "翌年へ繰り越す先物取引の損失",
    },
)
def separate_gains(
    *,
    short_land_gain_yen: IntColumn,
    short_state_gain_yen: IntColumn,
    long_land_gain_yen: IntColumn,
    long_housing_gain_yen: IntColumn,
    long_home_gain_yen: IntColumn,
    shares_unlisted_gain_yen: IntColumn,
    shares_listed_gain_yen: IntColumn,
    listed_dividend_yen: IntColumn,
    futures_income_yen: IntColumn,
) -> tuple[IntColumn, ...]:
    """Nine kinds of separate income before special deductions, their sum, and the losses that go forward."""
    given = (
        short_land_gain_yen,
        short_state_gain_yen,
        long_land_gain_yen,
        long_housing_gain_yen,
        long_home_gain_yen,
        shares_unlisted_gain_yen,
        shares_listed_gain_yen,
        listed_dividend_yen,
        futures_income_yen,
    )

    def calculate(*kinds: IntColumn) -> tuple[IntColumn, ...]:
        unlisted, listed, dividends, futures = kinds[_LAND:]
        shares_loss, dividends = take(np.maximum(-listed, 0), dividends)
        market = [dividends, np.maximum(unlisted, 0), np.maximum(listed, 0), np.maximum(futures, 0)]
        net = [*_land(*kinds[:_LAND]), *market]
        return (*net, sum(net[1:], start=net[0]), shares_loss, np.maximum(-futures, 0))

    return on_rows(any_of(*given), 12, calculate, *given)


def _after_specials(incomes: tuple[IntColumn, ...], claimed: tuple[IntColumn, ...], cap: int) -> list[IntColumn]:
    """Land gains less their special deductions, which together take at most the yearly cap, in order of the kinds."""
    left = np.full_like(claimed[0], cap)
    after = []
    for income, special in zip(incomes, claimed, strict=True):
        part = np.minimum(np.minimum(special, left), income)
        left = left - part
        after.append(income - part)
    return after


@rule(
    law="租税特別措置法36条・地方税法314条の2・地方税法20条の4の2第1項・" + SEPARATE_LAW,
    title="分離課税・山林・退職の課税標準額",
    years=ALL,
    rounding="それぞれ1,000円未満切捨て(地方税法20条の4の2第1項)",
    formula="各所得 − 特別控除(合計{cap}まで) − 総所得金額から引ききれない所得控除"
    "({total_deduction_yen} − {gross_general_yen})",
    uses={"cap": "resident.income.land_special_cap"},
    outputs={
        "taxable_short_land_yen": "課税短期譲渡所得金額(一般)",
        "taxable_short_state_yen": "課税短期譲渡所得金額(国等)",
        "taxable_long_land_yen": "課税長期譲渡所得金額(一般)",
        "taxable_long_housing_yen": "課税長期譲渡所得金額(優良住宅地等)",
        "taxable_long_home_yen": "課税長期譲渡所得金額(居住用)",
        "taxable_listed_dividend_yen": "上場株式等に係る課税配当所得等の金額",
        "taxable_shares_unlisted_yen": "一般株式等に係る課税譲渡所得等の金額",
        "taxable_shares_listed_yen": "上場株式等に係る課税譲渡所得等の金額",
        "taxable_futures_yen": "先物取引に係る課税雑所得等の金額",
        "taxable_forestry_yen": "課税山林所得金額",
        "taxable_retirement_yen": "課税退職所得金額",
        "taxable_separate_yen": "分離課税の課税標準額の合計(山林・退職を除く)",
        "apart_available_yen": "所得控除前の分離課税・山林・退職の所得(特別控除後)",
    },
)
def separate_bases(
    *,
    gross_short_land_yen: IntColumn,
    gross_short_state_yen: IntColumn,
    gross_long_land_yen: IntColumn,
    gross_long_housing_yen: IntColumn,
    gross_long_home_yen: IntColumn,
    gross_listed_dividend_yen: IntColumn,
    gross_shares_unlisted_yen: IntColumn,
    gross_shares_listed_yen: IntColumn,
    gross_futures_yen: IntColumn,
    gross_forestry_yen: IntColumn,
    gross_retirement_yen: IntColumn,
    short_land_special_yen: IntColumn,
    short_state_special_yen: IntColumn,
    long_land_special_yen: IntColumn,
    long_housing_special_yen: IntColumn,
    long_home_special_yen: IntColumn,
    total_deduction_yen: IntColumn,
    gross_general_yen: IntColumn,
    cap: int,
) -> tuple[IntColumn, ...]:
    """Bases of the eleven kinds beside general income, each cut to 1,000 yen by itself."""
    gross = (
        gross_short_land_yen,
        gross_short_state_yen,
        gross_long_land_yen,
        gross_long_housing_yen,
        gross_long_home_yen,
        gross_listed_dividend_yen,
        gross_shares_unlisted_yen,
        gross_shares_listed_yen,
        gross_futures_yen,
        gross_forestry_yen,
        gross_retirement_yen,
    )
    claimed = (
        short_land_special_yen,
        short_state_special_yen,
        long_land_special_yen,
        long_housing_special_yen,
        long_home_special_yen,
    )

    def calculate(deduction: IntColumn, general: IntColumn, *rest: IntColumn) -> tuple[IntColumn, ...]:
        incomes, claims = rest[: len(APART)], rest[len(APART) :]
        after = [*_after_specials(incomes[:_LAND], claims, cap), *incomes[_LAND:]]
        available = sum(after[1:], start=after[0])
        _, left = _absorb([np.maximum(deduction - general, 0)], after)
        bases = [floor_1000(income) for income in left]
        return (*bases, sum(bases[1:-2], start=bases[0]), available)

    return on_rows(any_of(*gross), 13, calculate, total_deduction_yen, gross_general_yen, *gross, *claimed)


@rule(
    law="地方税法313条9項・地方税法314条の2第1項1号",
    title="翌年へ繰り越す雑損失",
    years=ALL,
    formula="{casualty_deduction_yen} − {gross_general_yen} − {apart_available_yen}",
)
def casualty_loss_arising_yen(
    *, casualty_deduction_yen: IntColumn, gross_general_yen: IntColumn, apart_available_yen: IntColumn
) -> IntColumn:
    """What of the casualty deduction this year's incomes cannot absorb; it is used before all other deductions."""
    return np.maximum(casualty_deduction_yen - gross_general_yen - apart_available_yen, 0)


def _levy(table: Table, code: IntColumn | int, base: IntColumn) -> tuple[IntColumn, IntColumn]:
    """Levies of city and prefecture on one kind of base, in 1/10,000 yen."""
    row = table.row(code)
    within = np.minimum(base, table.take("limit", row))
    beyond = base - within

    def side(name: str) -> IntColumn:
        num, den = table.rate(name, row)
        over_num, over_den = table.rate(f"{name}_over", row)
        below = floor_1(within * LEVY_SCALE * num, den)
        return below + floor_1(beyond * LEVY_SCALE * over_num, over_den)

    return side("city"), side("prefecture")


@rule(
    law=SEPARATE_LAW,
    title="分離課税の算出所得割額",
    years=ALL,
    rounding="端数を残す",
    formula="{separate_base_yen}に区分({separate_code})の率を掛ける。限度額を超える部分は本則の率({table})",
    uses={"table": "resident.rate.separate_table"},
    outputs={
        "separate_levy_city_yen_e4": "分離課税の所得割額(市民税)",
        "separate_levy_prefecture_yen_e4": "分離課税の所得割額(道府県民税)",
    },
)
def separate_levy(
    *, separate_code: IntColumn, separate_base_yen: IntColumn, table: Table
) -> tuple[IntColumn, IntColumn]:
    """Levy of one separate base (already cut to 1,000 yen) of the given kind; the counter's single question."""
    return _levy(table, separate_code, separate_base_yen)


@rule(
    law=SEPARATE_LAW + "・地方税法314条の3・地方税法35条",
    title="分離課税・山林・退職の算出所得割額",
    years=ALL,
    rounding="端数を残す",
    formula="課税標準額ごとに{table}の率を掛けた額の合計。山林・退職は {city}、{prefecture}(非課税の者は0円)",
    uses={
        "table": "resident.rate.separate_table",
        "city": "resident.rate.city",
        "prefecture": "resident.rate.prefecture",
        "standard_city": "resident.rate.standard_city",
        "standard_prefecture": "resident.rate.standard_prefecture",
    },
    outputs={
        "separate_levy_city_yen_e4": "分離課税の所得割額(市民税)",
        "separate_levy_prefecture_yen_e4": "分離課税の所得割額(道府県民税)",
        "separate_standard_city_yen_e4": "分離課税の所得割額(標準税率・市民税)",
        "separate_standard_prefecture_yen_e4": "分離課税の所得割額(標準税率・道府県民税)",
    },
)
def separate_levies(
    *,
    taxable_short_land_yen: IntColumn,
    taxable_short_state_yen: IntColumn,
    taxable_long_land_yen: IntColumn,
    taxable_long_housing_yen: IntColumn,
    taxable_long_home_yen: IntColumn,
    taxable_listed_dividend_yen: IntColumn,
    taxable_shares_unlisted_yen: IntColumn,
    taxable_shares_listed_yen: IntColumn,
    taxable_futures_yen: IntColumn,
    taxable_forestry_yen: IntColumn,
    taxable_retirement_yen: IntColumn,
    is_liable_income_levy: FlagColumn,
    table: Table,
    city: Rate,
    prefecture: Rate,
    standard_city: Rate,
    standard_prefecture: Rate,
) -> tuple[IntColumn, ...]:
    """Sum of the levies on the eleven bases beside general income, as the city levies it and at standard rates."""
    bases = (
        taxable_short_land_yen,
        taxable_short_state_yen,
        taxable_long_land_yen,
        taxable_long_housing_yen,
        taxable_long_home_yen,
        taxable_listed_dividend_yen,
        taxable_shares_unlisted_yen,
        taxable_shares_listed_yen,
        taxable_futures_yen,
        taxable_forestry_yen,
        taxable_retirement_yen,
    )

    def calculate(*kinds: IntColumn) -> tuple[IntColumn, ...]:
        sides = [_levy(table, code, base) for code, base in zip(_CODES, kinds, strict=False)]
        of_city = sum((one for one, _ in sides[1:]), start=sides[0][0])
        of_prefecture = sum((one for _, one in sides[1:]), start=sides[0][1])

        def general(rate: Rate) -> IntColumn:
            forestry = floor_1(kinds[-2] * LEVY_SCALE * rate.num, rate.den)
            return forestry + floor_1(kinds[-1] * LEVY_SCALE * rate.num, rate.den)

        return (
            of_city + general(city),
            of_prefecture + general(prefecture),
            of_city + general(standard_city),
            of_prefecture + general(standard_prefecture),
        )

    return on_rows(is_liable_income_levy & any_of(*bases), 4, calculate, *bases)
