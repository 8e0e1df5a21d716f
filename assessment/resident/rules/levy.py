"""課税標準・算出所得割・調整控除・所得割の調整措置 (base, levy, adjustment credit, relief just above the limit).

Levies are carried in 1/10,000 yen (`*_yen_e4`): the law cuts them only once, at the end, to 100 yen.
"""

from __future__ import annotations

import numpy as np

from taxsys.kernel.periods import Years
from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import floor_1, floor_1000
from taxsys.kernel.rules import rule
from taxsys.kernel.yen import LEVY_SCALE, FlagColumn, IntColumn

ALL = Years(2018)


@rule(
    law="地方税法314条の2・地方税法34条",
    title="所得控除の合計",
    years=ALL,
    formula="{casualty_deduction_yen} + {medical_deduction_yen} + {social_insurance_yen} + {small_business_mutual_yen}"
    " + {life_insurance_deduction_yen} + {earthquake_deduction_yen} + {other_deduction_yen}"
    " + {disability_deduction_yen} + {widow_deduction_yen} + {single_parent_deduction_yen}"
    " + {working_student_deduction_yen} + {spouse_deduction_yen} + {spouse_special_deduction_yen}"
    " + {dependant_deduction_yen} + {specific_relative_deduction_yen} + {basic_deduction_yen}",
)
def total_deduction_yen(
    *,
    casualty_deduction_yen: IntColumn,
    medical_deduction_yen: IntColumn,
    social_insurance_yen: IntColumn,
    small_business_mutual_yen: IntColumn,
    life_insurance_deduction_yen: IntColumn,
    earthquake_deduction_yen: IntColumn,
    other_deduction_yen: IntColumn,
    disability_deduction_yen: IntColumn,
    widow_deduction_yen: IntColumn,
    single_parent_deduction_yen: IntColumn,
    working_student_deduction_yen: IntColumn,
    spouse_deduction_yen: IntColumn,
    spouse_special_deduction_yen: IntColumn,
    dependant_deduction_yen: IntColumn,
    specific_relative_deduction_yen: IntColumn,
    basic_deduction_yen: IntColumn,
) -> IntColumn:
    """Sum of all deductions from income."""
    paid = casualty_deduction_yen + medical_deduction_yen + social_insurance_yen + small_business_mutual_yen
    paid = paid + life_insurance_deduction_yen + earthquake_deduction_yen + other_deduction_yen
    own = disability_deduction_yen + widow_deduction_yen + single_parent_deduction_yen + working_student_deduction_yen
    family = spouse_deduction_yen + spouse_special_deduction_yen + dependant_deduction_yen
    return paid + own + family + specific_relative_deduction_yen + basic_deduction_yen


@rule(
    law="地方税法20条の4の2第1項・地方税法314条の3",
    title="課税総所得金額",
    years=ALL,
    rounding="1,000円未満切捨て(地方税法20条の4の2第1項)",
    formula="{gross_general_yen} − {total_deduction_yen}",
)
def taxable_income_yen(*, gross_general_yen: IntColumn, total_deduction_yen: IntColumn) -> IntColumn:
    """Tax base of general income."""
    return floor_1000(np.maximum(gross_general_yen - total_deduction_yen, 0))


@rule(
    law="地方税法314条の6・地方税法37条",
    title="合計課税所得金額",
    years=ALL,
    formula="{taxable_income_yen} + {taxable_forestry_yen} + {taxable_retirement_yen}",
)
def aggregate_base_yen(
    *, taxable_income_yen: IntColumn, taxable_forestry_yen: IntColumn, taxable_retirement_yen: IntColumn
) -> IntColumn:
    """Base that the adjustment credit looks at: general, forestry and retirement, no separate gains."""
    return taxable_income_yen + taxable_forestry_yen + taxable_retirement_yen


@rule(
    law="地方税法314条の3・地方税法35条",
    title="算出所得割額",
    years=ALL,
    rounding="端数を残す",
    formula="{taxable_income_yen} × {city} + {separate_levy_city_yen_e4}、"
    "{taxable_income_yen} × {prefecture} + {separate_levy_prefecture_yen_e4}(非課税の者は0円)",
    uses={"city": "resident.rate.city", "prefecture": "resident.rate.prefecture"},
    outputs={
        "calculated_levy_city_yen_e4": "算出所得割額(市民税)",
        "calculated_levy_prefecture_yen_e4": "算出所得割額(道府県民税)",
    },
)
def calculated_levy(
    *,
    taxable_income_yen: IntColumn,
    is_liable_income_levy: FlagColumn,
    separate_levy_city_yen_e4: IntColumn,
    separate_levy_prefecture_yen_e4: IntColumn,
    city: Rate,
    prefecture: Rate,
) -> tuple[IntColumn, IntColumn]:
    """Base times rate for those whom the income levy reaches, and the levies on what is taxed separately."""
    base = np.where(is_liable_income_levy, taxable_income_yen, 0) * LEVY_SCALE
    of_city = floor_1(base * city.num, city.den) + separate_levy_city_yen_e4
    return of_city, floor_1(base * prefecture.num, prefecture.den) + separate_levy_prefecture_yen_e4


@rule(
    law="地方税法314条の6・地方税法37条",
    title="調整控除の対象額",
    years=ALL,
    formula="{aggregate_base_yen}が{line}以下なら小さい方({deduction_gap_yen})、"
    "超えれば {deduction_gap_yen} − ({aggregate_base_yen} − {line})(下限 {floor})",
    uses={
        "line": "resident.credit.adjustment_line",
        "floor": "resident.credit.adjustment_floor",
        "income_limit": "resident.credit.adjustment_income_limit",
    },
)
def adjustment_base_yen(
    *,
    aggregate_base_yen: IntColumn,
    deduction_gap_yen: IntColumn,
    total_income_yen: IntColumn,
    is_liable_income_levy: FlagColumn,
    line: int,
    floor: int,
    income_limit: int,
) -> IntColumn:
    """Base of the adjustment credit; none above 25,000,000 yen of 合計所得金額, none where no income levy is due."""
    small = np.minimum(deduction_gap_yen, aggregate_base_yen)
    large = np.maximum(deduction_gap_yen - (aggregate_base_yen - line), floor)
    base = np.where(aggregate_base_yen <= line, small, large)
    return np.where(is_liable_income_levy & (total_income_yen <= income_limit), base, 0)


@rule(
    law="地方税法314条の6・地方税法37条",
    title="調整控除",
    years=ALL,
    rounding="1円未満切捨て",
    formula="{adjustment_base_yen} × {city}、{adjustment_base_yen} × {prefecture}",
    uses={
        "city": "resident.credit.adjustment_rate_city",
        "prefecture": "resident.credit.adjustment_rate_prefecture",
    },
    outputs={
        "adjustment_credit_city_yen": "調整控除(市民税)",
        "adjustment_credit_prefecture_yen": "調整控除(道府県民税)",
    },
)
def adjustment_credit(*, adjustment_base_yen: IntColumn, city: Rate, prefecture: Rate) -> tuple[IntColumn, IntColumn]:
    """3 % and 2 % of the base (4 % and 1 % in a designated city)."""
    return (
        floor_1(adjustment_base_yen * city.num, city.den),
        floor_1(adjustment_base_yen * prefecture.num, prefecture.den),
    )


@rule(
    law="地方税法314条の6・地方税法37条",
    title="調整控除後の所得割額",
    years=ALL,
    rounding="端数を残す",
    formula="{calculated_levy_city_yen_e4} − {adjustment_credit_city_yen}、"
    "{calculated_levy_prefecture_yen_e4} − {adjustment_credit_prefecture_yen}",
    outputs={
        "adjusted_levy_city_yen_e4": "調整控除後の所得割額(市民税)",
        "adjusted_levy_prefecture_yen_e4": "調整控除後の所得割額(道府県民税)",
    },
)
def adjusted_levy(
    *,
    calculated_levy_city_yen_e4: IntColumn,
    calculated_levy_prefecture_yen_e4: IntColumn,
    adjustment_credit_city_yen: IntColumn,
    adjustment_credit_prefecture_yen: IntColumn,
) -> tuple[IntColumn, IntColumn]:
    """Levy after the adjustment credit, fractions kept."""
    return (
        np.maximum(calculated_levy_city_yen_e4 - adjustment_credit_city_yen * LEVY_SCALE, 0),
        np.maximum(calculated_levy_prefecture_yen_e4 - adjustment_credit_prefecture_yen * LEVY_SCALE, 0),
    )


@rule(
    law="地方税法附則3条の3第2項・地方税法附則3条の3第5項",
    title="所得割の調整額",
    years=ALL,
    rounding="調整後の額の1円未満切捨て(後の100円未満切捨てに影響しない)",
    formula="{income_levy_limit_yen} − ({gross_income_yen} − {adjusted_levy_city_yen_e4}"
    " − {adjusted_levy_prefecture_yen_e4})を市と道府県の所得割額であん分",
    outputs={
        "limit_relief_yen_e4": "所得割の調整額の合計",
        "limit_relief_city_yen_e4": "所得割の調整額(市民税)",
        "limit_relief_prefecture_yen_e4": "所得割の調整額(道府県民税)",
    },
)
def limit_relief(
    *,
    gross_income_yen: IntColumn,
    income_levy_limit_yen: IntColumn,
    adjusted_levy_city_yen_e4: IntColumn,
    adjusted_levy_prefecture_yen_e4: IntColumn,
) -> tuple[IntColumn, IntColumn, IntColumn]:
    """What the levy must shrink so that nobody just above the limit keeps less than the limit itself.

    Shared city : prefecture by their levies with their fractions: each keeps levy × (income − limit) ÷ both levies.
    Only whole yen are subtracted afterwards, so cutting the kept part to 1 yen cannot change the final 100 yen cut.
    """
    both = adjusted_levy_city_yen_e4 + adjusted_levy_prefecture_yen_e4
    above = gross_income_yen - income_levy_limit_yen
    applies = (above > 0) & (above * LEVY_SCALE < both)
    factor = np.where(applies, above, 0)
    divisor = np.where(applies, both, 1)

    def relief(levy: IntColumn) -> IntColumn:
        kept = floor_1(np.where(applies, levy, 0) * factor, divisor) * LEVY_SCALE
        return np.where(applies, levy - kept, 0)

    total = np.where(applies, both - factor * LEVY_SCALE, 0)
    return total, relief(adjusted_levy_city_yen_e4), relief(adjusted_levy_prefecture_yen_e4)
