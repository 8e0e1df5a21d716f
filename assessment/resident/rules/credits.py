"""税額控除 (credits besides adjustment and donations), 定額減税 and the final income levy of each side."""

from __future__ import annotations

import numpy as np

from taxsys.kernel.periods import Years
from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import ceil_1, floor_1, floor_100
from taxsys.kernel.rules import rule
from taxsys.kernel.sparse import any_of, on_rows
from taxsys.kernel.yen import LEVY_SCALE, FlagColumn, IntColumn
from taxsys.params.table import Table

ALL = Years(2018)
DIVIDEND_KINDS = 3


@rule(
    law="地方税法附則5条",
    title="配当控除",
    years=Years(2015),
    rounding="1円未満切捨て",
    formula="{dividend_ordinary_yen}、{dividend_trust_yen}、{dividend_currency_trust_yen} × 表の率"
    "({taxable_income_yen} + {taxable_separate_yen}が{line}を超える部分は率が下がる)",
    uses={"line": "resident.credit.dividend_line", "table": "resident.credit.dividend_rates"},
    outputs={
        "dividend_over_line_yen": "1,000万円を超える部分の配当",
        "dividend_credit_city_yen": "配当控除(市民税)",
        "dividend_credit_prefecture_yen": "配当控除(道府県民税)",
    },
)
def dividend_credit(
    *,
    taxable_income_yen: IntColumn,
    taxable_separate_yen: IntColumn,
    dividend_ordinary_yen: IntColumn,
    dividend_trust_yen: IntColumn,
    dividend_currency_trust_yen: IntColumn,
    line: int,
    table: Table,
) -> tuple[IntColumn, IntColumn, IntColumn]:
    """Dividends lie on top of the base, trusts uppermost; the part above the line has the lower pair of rates."""

    def calculate(base: IntColumn, separate: IntColumn, *amounts: IntColumn) -> tuple[IntColumn, ...]:
        above = np.maximum(base + separate - line, 0)
        total_over = np.zeros_like(above)
        city, prefecture = np.zeros_like(above), np.zeros_like(above)
        for kind in reversed(range(DIVIDEND_KINDS)):
            over = np.minimum(amounts[kind], above - total_over)
            under = amounts[kind] - over
            total_over = total_over + over
            city = city + _scaled(under, table.rates["city"][kind]) + _scaled(over, table.rates["city_over"][kind])
            prefecture = prefecture + _scaled(under, table.rates["prefecture"][kind])
            prefecture = prefecture + _scaled(over, table.rates["prefecture_over"][kind])
        return total_over, floor_1(city, LEVY_SCALE), floor_1(prefecture, LEVY_SCALE)

    kinds = (dividend_ordinary_yen, dividend_trust_yen, dividend_currency_trust_yen)
    found = on_rows(any_of(*kinds), 3, calculate, taxable_income_yen, taxable_separate_yen, *kinds)
    return found[0], found[1], found[2]


def _scaled(amount: IntColumn, rate: Rate) -> IntColumn:
    return floor_1(amount * LEVY_SCALE * rate.num, rate.den)


@rule(
    law="地方税法附則5条の4の2",
    title="住宅借入金等特別税額控除",
    years=ALL,
    rounding="1円未満切捨て、市民税が端数を受ける",
    formula="min({housing_loan_available_yen} − {national_income_tax_yen}, {national_taxable_income_yen} × 率, 限度額)"
    "、市民税は{share}",
    uses={"table": "resident.credit.housing_rates", "share": "resident.credit.city_share"},
    outputs={
        "housing_credit_yen": "住宅借入金等特別税額控除の合計",
        "housing_credit_city_yen": "住宅借入金等特別税額控除(市民税)",
        "housing_credit_prefecture_yen": "住宅借入金等特別税額控除(道府県民税)",
    },
)
def housing_loan_credit(
    *,
    housing_loan_code: IntColumn,
    housing_loan_available_yen: IntColumn,
    national_income_tax_yen: IntColumn,
    national_taxable_income_yen: IntColumn,
    table: Table,
    share: Rate,
) -> tuple[IntColumn, IntColumn, IntColumn]:
    """What the national income tax could not absorb, within the percentage and cap of the move-in period."""

    def calculate(code: IntColumn, available: IntColumn, tax: IntColumn, base: IntColumn) -> tuple[IntColumn, ...]:
        left = np.maximum(available - tax, 0)
        row = table.row(code)
        num, den = table.rate("rate", row)
        bound = np.minimum(floor_1(base * num, den), table.take("cap", row))
        total = np.minimum(left, bound)
        prefecture = floor_1(total * (share.den - share.num), share.den)
        return total, total - prefecture, prefecture

    given = (housing_loan_code, housing_loan_available_yen, national_income_tax_yen, national_taxable_income_yen)
    found = on_rows(any_of(housing_loan_available_yen), 3, calculate, *given)
    return found[0], found[1], found[2]


@rule(
    law="地方税法314条の8・地方税法37条の3・地方税法施行令48条の9の2・地方税法施行令7条の19",
    title="外国税額控除",
    years=ALL,
    rounding="限度額の1円未満切捨て",
    formula="{foreign_tax_excess_yen}を道府県民税({foreign_tax_limit_yen} × {prefecture})、"
    "市民税({foreign_tax_limit_yen} × {city})の順に控除。"
    "資料にある額({foreign_tax_credit_city_yen}、{foreign_tax_credit_prefecture_yen})を加える",
    uses={
        "city": "resident.credit.foreign_limit_city",
        "prefecture": "resident.credit.foreign_limit_prefecture",
    },
    outputs={
        "foreign_credit_city_yen": "外国税額控除(市民税)",
        "foreign_credit_prefecture_yen": "外国税額控除(道府県民税)",
        "foreign_tax_unused_yen": "翌年へ繰り越す控除しきれない外国税額",
    },
)
def foreign_tax_credit(
    *,
    foreign_tax_limit_yen: IntColumn,
    foreign_tax_excess_yen: IntColumn,
    foreign_tax_credit_city_yen: IntColumn,
    foreign_tax_credit_prefecture_yen: IntColumn,
    city: Rate,
    prefecture: Rate,
) -> tuple[IntColumn, IntColumn, IntColumn]:
    """Foreign tax that the national limit left over: the prefecture's limit first, then the city's; the rest waits."""

    def calculate(
        limit: IntColumn, excess: IntColumn, stated_city: IntColumn, stated_prefecture: IntColumn
    ) -> tuple[IntColumn, ...]:
        of_prefecture = np.minimum(excess, floor_1(limit * prefecture.num, prefecture.den))
        left = excess - of_prefecture
        of_city = np.minimum(left, floor_1(limit * city.num, city.den))
        return of_city + stated_city, of_prefecture + stated_prefecture, left - of_city

    given = (
        foreign_tax_limit_yen,
        foreign_tax_excess_yen,
        foreign_tax_credit_city_yen,
        foreign_tax_credit_prefecture_yen,
    )
    found = on_rows(any_of(*given[1:]), 3, calculate, *given)
    return found[0], found[1], found[2]


@rule(
    law="地方税法314条の7・地方税法314条の8・地方税法附則3条の3・地方税法附則5条・地方税法附則5条の4の2",
    title="税額控除後の所得割額",
    years=ALL,
    rounding="端数を残す",
    formula="{adjusted_levy_city_yen_e4} − {dividend_credit_city_yen} − {housing_credit_city_yen}"
    " − {donation_credit_city_yen} − {foreign_credit_city_yen} − {limit_relief_city_yen_e4}、道府県民税も同じ",
    outputs={
        "credited_levy_city_yen_e4": "税額控除後の所得割額(市民税)",
        "credited_levy_prefecture_yen_e4": "税額控除後の所得割額(道府県民税)",
    },
)
def credited_levy(
    *,
    adjusted_levy_city_yen_e4: IntColumn,
    adjusted_levy_prefecture_yen_e4: IntColumn,
    dividend_credit_city_yen: IntColumn,
    dividend_credit_prefecture_yen: IntColumn,
    housing_credit_city_yen: IntColumn,
    housing_credit_prefecture_yen: IntColumn,
    donation_credit_city_yen: IntColumn,
    donation_credit_prefecture_yen: IntColumn,
    foreign_credit_city_yen: IntColumn,
    foreign_credit_prefecture_yen: IntColumn,
    limit_relief_city_yen_e4: IntColumn,
    limit_relief_prefecture_yen_e4: IntColumn,
) -> tuple[IntColumn, IntColumn]:
    """Levy after all credits and the relief just above the limit; never below zero."""
    city = dividend_credit_city_yen + housing_credit_city_yen + donation_credit_city_yen + foreign_credit_city_yen
    prefecture = dividend_credit_prefecture_yen + housing_credit_prefecture_yen
    prefecture = prefecture + donation_credit_prefecture_yen + foreign_credit_prefecture_yen
    left_city = adjusted_levy_city_yen_e4 - city * LEVY_SCALE - limit_relief_city_yen_e4
    left_prefecture = adjusted_levy_prefecture_yen_e4 - prefecture * LEVY_SCALE - limit_relief_prefecture_yen_e4
    return np.maximum(left_city, 0), np.maximum(left_prefecture, 0)


@rule(
    law="地方税法314条の9・地方税法37条の4",
    title="配当割額・株式等譲渡所得割額の控除",
    years=ALL,
    rounding="道府県民税分の1円未満切捨て、市民税が端数を受ける",
    formula="{withheld_dividend_tax_yen} を市 {share}・道府県 残りで所得割額から控除",
    uses={"share": "resident.credit.city_share"},
    outputs={
        "withheld_credit_city_yen": "配当割額等の控除(市民税)",
        "withheld_credit_prefecture_yen": "配当割額等の控除(道府県民税)",
        "withheld_shortfall_yen": "配当割額等の控除不足額",
        "levy_after_withheld_city_yen_e4": "配当割額等控除後の所得割額(市民税)",
        "levy_after_withheld_prefecture_yen_e4": "配当割額等控除後の所得割額(道府県民税)",
    },
)
def withheld_dividend_credit(
    *,
    withheld_dividend_tax_yen: IntColumn,
    credited_levy_city_yen_e4: IntColumn,
    credited_levy_prefecture_yen_e4: IntColumn,
    share: Rate,
) -> tuple[IntColumn, IntColumn, IntColumn, IntColumn, IntColumn]:
    """Credit of tax already withheld by the prefecture; what a side cannot absorb is offset or refunded."""

    def used(withheld: IntColumn, levy_city: IntColumn, levy_prefecture: IntColumn) -> tuple[IntColumn, ...]:
        prefecture_part = floor_1(withheld * (share.den - share.num), share.den)
        of_city = np.minimum(withheld - prefecture_part, ceil_1(levy_city, LEVY_SCALE))
        of_prefecture = np.minimum(prefecture_part, ceil_1(levy_prefecture, LEVY_SCALE))
        return of_city, of_prefecture, withheld - of_city - of_prefecture

    used_city, used_prefecture, shortfall = on_rows(
        any_of(withheld_dividend_tax_yen),
        3,
        used,
        withheld_dividend_tax_yen,
        credited_levy_city_yen_e4,
        credited_levy_prefecture_yen_e4,
    )
    return (
        used_city,
        used_prefecture,
        shortfall,
        np.maximum(credited_levy_city_yen_e4 - used_city * LEVY_SCALE, 0),
        np.maximum(credited_levy_prefecture_yen_e4 - used_prefecture * LEVY_SCALE, 0),
    )


@rule(
    law="地方税法附則5条の8",
    title="定額減税の額(令和6年度)",
    years=Years(2024, 2024),
    formula="{amount} × (本人 + 国内の控除対象配偶者 + 国内の扶養親族)、{total_income_yen} ≦ {limit}",
    uses={"amount": "resident.fixed_reduction.amount", "limit": "resident.fixed_reduction.income_limit"},
    outputs={"fixed_reduction_entitled_yen": "定額減税の額(所得割額による限度の前)"},
)
def fixed_reduction_r6(
    *,
    total_income_yen: IntColumn,
    spouse_deduction_yen: IntColumn,
    is_spouse_abroad: FlagColumn,
    family_heads: IntColumn,
    is_spouse_of_low_income: FlagColumn,
    dependants_abroad: IntColumn,
    amount: int,
    limit: int,
) -> IntColumn:
    """10,000 yen per head: the payer, a 控除対象配偶者 and dependants (under 16 too) resident in Japan."""
    spouse = (spouse_deduction_yen > 0) & ~is_spouse_abroad
    dependants = np.maximum(family_heads - is_spouse_of_low_income - dependants_abroad, 0)
    return np.where(total_income_yen <= limit, (dependants + spouse + 1) * amount, 0)


@rule(
    law="地方税法附則5条の12",
    title="定額減税の額(令和7年度)",
    years=Years(2025, 2025),
    formula="控除対象配偶者でない同一生計配偶者があれば {amount}({floor} < {total_income_yen} ≦ {limit})",
    uses={
        "amount": "resident.fixed_reduction.amount",
        "floor": "resident.fixed_reduction.spouse_payer_floor",
        "limit": "resident.fixed_reduction.income_limit",
    },
    outputs={"fixed_reduction_entitled_yen": "定額減税の額(所得割額による限度の前)"},
)
def fixed_reduction_r7(
    *,
    total_income_yen: IntColumn,
    is_spouse_of_low_income: FlagColumn,
    is_spouse_abroad: FlagColumn,
    dependants_abroad: IntColumn,
    amount: int,
    floor: int,
    limit: int,
) -> IntColumn:
    """Only for the spouse whom 令和6年度 could not count because the payer earned more than 10,000,000 yen."""
    within = (total_income_yen > floor) & (total_income_yen <= limit)
    entitled = within & is_spouse_of_low_income & ~is_spouse_abroad & (dependants_abroad >= 0)
    return np.where(entitled, amount, 0)


@rule(
    law="地方税法附則",
    title="定額減税の額(定額減税のない年度)",
    years=Years(2018, 2023),
    formula="なし",
    outputs={"fixed_reduction_entitled_yen": "定額減税の額(所得割額による限度の前)"},
)
def fixed_reduction_before_r6(*, is_spouse_abroad: FlagColumn, dependants_abroad: IntColumn) -> IntColumn:
    """No reduction, wherever the family lives."""
    return np.where(is_spouse_abroad, 0, dependants_abroad * 0)


@rule(
    law="地方税法附則",
    title="定額減税の額(定額減税のない年度)",
    years=Years(2026),
    formula="なし",
    outputs={"fixed_reduction_entitled_yen": "定額減税の額(所得割額による限度の前)"},
)
def fixed_reduction_since_r8(*, is_spouse_abroad: FlagColumn, dependants_abroad: IntColumn) -> IntColumn:
    """No reduction, wherever the family lives."""
    return np.where(is_spouse_abroad, 0, dependants_abroad * 0)


@rule(
    law="地方税法附則5条の8・地方税法附則5条の12",
    title="定額減税",
    years=ALL,
    rounding="道府県民税分の1円未満切捨て、市民税が端数を受ける",
    formula="{fixed_reduction_entitled_yen}(所得割額を限度)を市と道府県の所得割額であん分",
    outputs={
        "fixed_reduction_city_yen": "定額減税(市民税)",
        "fixed_reduction_prefecture_yen": "定額減税(道府県民税)",
    },
)
def fixed_reduction(
    *,
    fixed_reduction_entitled_yen: IntColumn,
    levy_after_withheld_city_yen_e4: IntColumn,
    levy_after_withheld_prefecture_yen_e4: IntColumn,
) -> tuple[IntColumn, IntColumn]:
    """The reduction shared by the levies of city and prefecture, never above them."""

    def calculate(entitled: IntColumn, levy_city: IntColumn, levy_prefecture: IntColumn) -> tuple[IntColumn, ...]:
        both = levy_city + levy_prefecture
        total = np.minimum(entitled, ceil_1(both, LEVY_SCALE))
        levy = np.where(total > 0, levy_prefecture, 0)
        prefecture = floor_1(levy * total, np.maximum(both, 1))
        prefecture = np.minimum(prefecture, ceil_1(levy_prefecture, LEVY_SCALE))
        return total - prefecture, prefecture

    found = on_rows(
        any_of(fixed_reduction_entitled_yen),
        2,
        calculate,
        fixed_reduction_entitled_yen,
        levy_after_withheld_city_yen_e4,
        levy_after_withheld_prefecture_yen_e4,
    )
    return found[0], found[1]


@rule(
    law="地方税法20条の4の2第3項",
    title="所得割額",
    years=ALL,
    rounding="市民税・道府県民税それぞれ100円未満切捨て(地方税法20条の4の2第3項)",
    formula="{levy_after_withheld_city_yen_e4} − {fixed_reduction_city_yen}、"
    "{levy_after_withheld_prefecture_yen_e4} − {fixed_reduction_prefecture_yen}",
    outputs={"income_levy_city_yen": "所得割額(市民税)", "income_levy_prefecture_yen": "所得割額(道府県民税)"},
)
def income_levy(
    *,
    levy_after_withheld_city_yen_e4: IntColumn,
    levy_after_withheld_prefecture_yen_e4: IntColumn,
    fixed_reduction_city_yen: IntColumn,
    fixed_reduction_prefecture_yen: IntColumn,
) -> tuple[IntColumn, IntColumn]:
    """The income levy of each side, cut to 100 yen."""
    city = floor_1(levy_after_withheld_city_yen_e4, LEVY_SCALE) - fixed_reduction_city_yen
    prefecture = floor_1(levy_after_withheld_prefecture_yen_e4, LEVY_SCALE) - fixed_reduction_prefecture_yen
    return floor_100(np.maximum(city, 0)), floor_100(np.maximum(prefecture, 0))
