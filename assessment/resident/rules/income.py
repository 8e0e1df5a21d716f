"""所得金額 (incomes by kind) and 所得金額調整控除, computed as for the national income tax (法313条2項, 法32条2項)."""

from __future__ import annotations

import numpy as np

from assessment.resident.rules.netting import nettable_real_estate, netted, take
from taxsys.kernel.periods import Years
from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import ceil_1, floor_1, floor_to
from taxsys.kernel.rules import rule
from taxsys.kernel.sparse import any_of, on_rows
from taxsys.kernel.yen import FlagColumn, IntColumn
from taxsys.params.table import Table

ALL = Years(2018)
SINCE_R3 = Years(2021)


@rule(
    law="所得税法28条4項・所得税法別表第五",
    title="給与所得控除後の給与",
    years=ALL,
    rounding="表の刻みに切捨て、1円未満切捨て(所得税法別表第五)",
    formula="{salary_receipts_yen}を{table}に当てはめた額 − {salary_specific_expenses_yen}",
    uses={"table": "resident.income.salary_table"},
)
def salary_after_deduction_yen(
    *, salary_receipts_yen: IntColumn, salary_specific_expenses_yen: IntColumn, table: Table
) -> IntColumn:
    """Salary income before the income adjustment: statutory table, then 特定支出控除, never below zero."""
    row = table.row(salary_receipts_yen)
    stepped = floor_to(salary_receipts_yen, table.take("step", row))
    num, den = table.rate("rate", row)
    income = floor_1(stepped * num, den) + table.take("add", row)
    return np.maximum(income - salary_specific_expenses_yen, 0)


@rule(
    law="所得税法28条",
    title="所得金額調整控除(創設前)",
    years=Years(2018, 2020),
    formula="{has_dependant_under_23}にかかわらず、なし",
    outputs={
        "income_adjustment_child_yen": "所得金額調整控除(子ども・特別障害者等)",
        "income_adjustment_pension_yen": "所得金額調整控除(給与・年金)",
    },
)
def income_adjustments_before_r3(*, has_dependant_under_23: FlagColumn) -> tuple[IntColumn, IntColumn]:
    """Before 令和3年度 no income adjustment existed, whoever was supported."""
    none = np.zeros(has_dependant_under_23.shape, dtype=np.int64)
    return none, none


@rule(
    law="租税特別措置法41条の3の11第1項",
    title="所得金額調整控除(子ども・特別障害者等)",
    years=SINCE_R3,
    rounding="1円未満切上げ(租税特別措置法41条の3の11第1項)",
    formula="(min({salary_receipts_yen}, {ceiling}) − {threshold}) × {rate}",
    uses={
        "threshold": "resident.income.adjustment_child_threshold",
        "ceiling": "resident.income.adjustment_child_ceiling",
        "rate": "resident.income.adjustment_child_rate",
    },
)
def income_adjustment_child_yen(
    *,
    salary_receipts_yen: IntColumn,
    salary_after_deduction_yen: IntColumn,
    disability_code: IntColumn,
    has_dependant_under_23: FlagColumn,
    special_disabled_relatives: IntColumn,
    special_disabled_coresident_relatives: IntColumn,
    threshold: int,
    ceiling: int,
    rate: Rate,
) -> IntColumn:
    """Kind 1: for a payer who is, or supports, a specially disabled person or supports someone under 23."""
    eligible = (disability_code == 2) | has_dependant_under_23
    eligible = eligible | (special_disabled_relatives + special_disabled_coresident_relatives > 0)
    excess = np.clip(salary_receipts_yen, threshold, ceiling) - threshold
    amount = np.where(eligible, ceil_1(excess * rate.num, rate.den), 0)
    return np.minimum(amount, salary_after_deduction_yen)


@rule(
    law="所得税法35条4項・租税特別措置法41条の15の3",
    title="公的年金等以外の合計所得金額",
    years=ALL,
    rounding="2分の1の1円未満切捨て",
    formula="{salary_after_deduction_yen}、{business_income_yen}、{real_estate_income_yen}ほかを損益通算した額"
    " + {separate_income_yen}",
)
def income_besides_pension_yen(
    *,
    salary_after_deduction_yen: IntColumn,
    income_adjustment_child_yen: IntColumn,
    business_income_yen: IntColumn,
    farm_income_yen: IntColumn,
    real_estate_income_yen: IntColumn,
    real_estate_land_interest_yen: IntColumn,
    interest_income_yen: IntColumn,
    dividend_income_yen: IntColumn,
    misc_business_income_yen: IntColumn,
    misc_other_income_yen: IntColumn,
    short_gain_net_yen: IntColumn,
    long_gain_net_yen: IntColumn,
    gain_loss_yen: IntColumn,
    occasional_income_yen: IntColumn,
    forestry_after_special_yen: IntColumn,
    retirement_income_yen: IntColumn,
    home_loss_yen: IntColumn,
    separate_income_yen: IntColumn,
) -> IntColumn:
    """合計所得金額 as if there were no pension; it chooses the column of the pension table."""
    ordinary = salary_after_deduction_yen - income_adjustment_child_yen + business_income_yen + farm_income_yen
    ordinary = ordinary + nettable_real_estate(real_estate_income_yen, real_estate_land_interest_yen)
    ordinary = ordinary + interest_income_yen + dividend_income_yen
    ordinary = ordinary + np.maximum(misc_business_income_yen + misc_other_income_yen, 0)
    left = netted(
        ordinary,
        (short_gain_net_yen, long_gain_net_yen, gain_loss_yen),
        occasional_income_yen,
        (forestry_after_special_yen, retirement_income_yen, home_loss_yen),
    )
    return left.general + left.forestry + left.retirement + separate_income_yen


@rule(
    law="所得税法33条3項・所得税法33条4項",
    title="総合譲渡所得(特別控除後)",
    years=ALL,
    formula="{short_gain_yen}と{long_gain_yen}を通算し、短期から順に {special} を差し引く",
    uses={"special": "resident.income.gains_special_deduction"},
    outputs={
        "short_gain_net_yen": "総合譲渡所得(短期・特別控除後)",
        "long_gain_net_yen": "総合譲渡所得(長期・特別控除後・2分の1前)",
        "gain_loss_yen": "総合譲渡の損失",
    },
)
def general_gains(
    *, short_gain_yen: IntColumn, long_gain_yen: IntColumn, special: int
) -> tuple[IntColumn, IntColumn, IntColumn]:
    """Short and long netted, then 500,000 yen of special deduction, short-term gains first; and the loss of both."""
    short_loss, long = take(np.maximum(-short_gain_yen, 0), np.maximum(long_gain_yen, 0))
    long_loss, short = take(np.maximum(-long_gain_yen, 0), np.maximum(short_gain_yen, 0))
    from_short = np.minimum(short, special)
    from_long = np.minimum(long, special - from_short)
    return short - from_short, long - from_long, short_loss + long_loss


@rule(
    law="所得税法32条",
    title="山林所得(特別控除後)",
    years=ALL,
    formula="{forestry_income_yen} − {special}(黒字の場合)",
    uses={"special": "resident.income.forestry_special_deduction"},
)
def forestry_after_special_yen(*, forestry_income_yen: IntColumn, special: int) -> IntColumn:
    """Forestry less its special deduction, not below zero; a loss stays as it is. No 5分5乗 in the resident tax."""
    return np.where(forestry_income_yen > 0, np.maximum(forestry_income_yen - special, 0), forestry_income_yen)


@rule(
    law="所得税法35条4項・租税特別措置法41条の15の3",
    title="公的年金等に係る雑所得",
    years=ALL,
    rounding="1円未満切捨て",
    formula="{pension_receipts_yen} × 表の割合 − 公的年金等控除額({income_besides_pension_yen}の区分による)",
    uses={
        "table_65": "resident.income.pension_table_65",
        "table_under_65": "resident.income.pension_table_under_65",
        "band_table": "resident.income.pension_other_band",
    },
)
def pension_income_yen(
    *,
    pension_receipts_yen: IntColumn,
    is_age_65: FlagColumn,
    income_besides_pension_yen: IntColumn,
    table_65: Table,
    table_under_65: Table,
    band_table: Table,
) -> IntColumn:
    """Public pension income by age on 31 December and by the other income."""
    names = ("deduction_1", "deduction_2", "deduction_3")

    def calculate(receipts: IntColumn, is_old: FlagColumn, other: IntColumn) -> tuple[IntColumn]:
        band = band_table.take("band", band_table.row(other))

        def by(table: Table) -> IntColumn:
            row = table.row(receipts)
            num, den = table.rate("rate", row)
            return np.maximum(floor_1(receipts * num, den) - table.grid(names, row, band), 0)

        return (np.where(is_old, by(table_65), by(table_under_65)),)

    given = (pension_receipts_yen, is_age_65, income_besides_pension_yen)
    (found,) = on_rows(any_of(pension_receipts_yen), 1, calculate, *given)
    return found


@rule(
    law="租税特別措置法41条の3の11第2項",
    title="所得金額調整控除(給与・年金)",
    years=SINCE_R3,
    formula="min({salary_after_deduction_yen}, {part}) + min({pension_income_yen}, {part}) − {part}",
    uses={"part": "resident.income.adjustment_pension_part"},
)
def income_adjustment_pension_yen(
    *,
    salary_after_deduction_yen: IntColumn,
    income_adjustment_child_yen: IntColumn,
    pension_income_yen: IntColumn,
    part: int,
) -> IntColumn:
    """Kind 2: for those who have both salary and pension income above 100,000 yen together; after kind 1."""
    has_both = (salary_after_deduction_yen > 0) & (pension_income_yen > 0)
    both = np.minimum(salary_after_deduction_yen, part) + np.minimum(pension_income_yen, part) - part
    left = salary_after_deduction_yen - income_adjustment_child_yen
    return np.where(has_both, np.minimum(np.maximum(both, 0), left), 0)


@rule(
    law="所得税法28条・租税特別措置法41条の3の11",
    title="給与所得",
    years=ALL,
    formula="{salary_after_deduction_yen} − {income_adjustment_child_yen} − {income_adjustment_pension_yen}",
)
def salary_income_yen(
    *,
    salary_after_deduction_yen: IntColumn,
    income_adjustment_child_yen: IntColumn,
    income_adjustment_pension_yen: IntColumn,
) -> IntColumn:
    """Salary income after both income adjustments."""
    return salary_after_deduction_yen - income_adjustment_child_yen - income_adjustment_pension_yen


@rule(
    law="所得税法69条・所得税法施行令198条・租税特別措置法41条の4・租税特別措置法41条の5",
    title="損益通算",
    years=ALL,
    rounding="2分の1の1円未満切捨て",
    formula="事業・不動産・譲渡・山林の赤字を経常所得、短期譲渡、長期譲渡、一時、山林、退職の順に差し引く"
    "({home_loss_yen}は最後)。合計所得金額には{separate_income_yen}を加える",
    outputs={
        "misc_income_yen": "雑所得(公的年金等・業務・その他)",
        "general_income_yen": "総所得金額(繰越控除前)",
        "forestry_net_yen": "山林所得金額(損益通算後)",
        "retirement_net_yen": "退職所得金額(損益通算後)",
        "total_income_yen": "合計所得金額",
        "net_loss_arising_yen": "翌年へ繰り越す純損失(要件を満たす場合)",
        "home_loss_arising_yen": "翌年へ繰り越す居住用財産の譲渡損失",
    },
)
def total_income(
    *,
    salary_income_yen: IntColumn,
    pension_income_yen: IntColumn,
    business_income_yen: IntColumn,
    farm_income_yen: IntColumn,
    real_estate_income_yen: IntColumn,
    real_estate_land_interest_yen: IntColumn,
    interest_income_yen: IntColumn,
    dividend_income_yen: IntColumn,
    misc_business_income_yen: IntColumn,
    misc_other_income_yen: IntColumn,
    short_gain_net_yen: IntColumn,
    long_gain_net_yen: IntColumn,
    gain_loss_yen: IntColumn,
    occasional_income_yen: IntColumn,
    forestry_after_special_yen: IntColumn,
    retirement_income_yen: IntColumn,
    home_loss_yen: IntColumn,
    separate_income_yen: IntColumn,
) -> tuple[IntColumn, IntColumn, IntColumn, IntColumn, IntColumn, IntColumn, IntColumn]:
    """合計所得金額 (法292条1項13号): losses of business and real estate against ordinary income, then gains.

    Miscellaneous losses stay inside 雑所得; the part of a real-estate loss that is interest on land is not set off.
    Separate income counts before its special deductions.
    """
    misc = np.maximum(pension_income_yen + misc_business_income_yen + misc_other_income_yen, 0)
    ordinary = salary_income_yen + interest_income_yen + dividend_income_yen + misc
    ordinary = ordinary + business_income_yen + farm_income_yen
    ordinary = ordinary + nettable_real_estate(real_estate_income_yen, real_estate_land_interest_yen)
    left = netted(
        ordinary,
        (short_gain_net_yen, long_gain_net_yen, gain_loss_yen),
        occasional_income_yen,
        (forestry_after_special_yen, retirement_income_yen, home_loss_yen),
    )
    total = left.general + left.forestry + left.retirement + separate_income_yen
    return misc, left.general, left.forestry, left.retirement, total, left.net_loss, left.home_loss
