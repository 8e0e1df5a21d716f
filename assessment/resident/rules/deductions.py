"""所得控除のうち支出による控除 (deductions for what was paid or lost): 法314条の2第1項1号–5号の3, 法34条."""

from __future__ import annotations

import numpy as np

from taxsys.kernel.periods import Years
from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import ceil_1, floor_1
from taxsys.kernel.rules import rule
from taxsys.kernel.sparse import any_of, on_rows
from taxsys.kernel.yen import FlagColumn, IntColumn
from taxsys.params.table import Table

ALL = Years(2018)


@rule(
    law="地方税法314条の2第1項1号",
    title="雑損控除",
    years=ALL,
    rounding="10%の1円未満切捨て",
    formula="max({casualty_loss_yen} − {gross_income_yen} × {rate}, {disaster_expense_yen} − {floor})",
    uses={
        "rate": "resident.deduction.casualty_income_rate",
        "floor": "resident.deduction.casualty_disaster_floor",
    },
)
def casualty_deduction_yen(
    *,
    casualty_loss_yen: IntColumn,
    disaster_expense_yen: IntColumn,
    gross_income_yen: IntColumn,
    rate: Rate,
    floor: int,
) -> IntColumn:
    """Loss by disaster, theft or embezzlement; the unused part is carried forward as a fact of the next year."""
    by_income = casualty_loss_yen - floor_1(gross_income_yen * rate.num, rate.den)
    by_expense = np.minimum(disaster_expense_yen, casualty_loss_yen) - floor
    return np.maximum(np.maximum(by_income, by_expense), 0)


@rule(
    law="地方税法314条の2第1項2号",
    title="医療費控除の足切額",
    years=ALL,
    rounding="1円未満切捨て",
    formula="min({gross_income_yen} × {rate}, {floor})",
    uses={"rate": "resident.deduction.medical_income_rate", "floor": "resident.deduction.medical_floor"},
)
def medical_threshold_yen(*, gross_income_yen: IntColumn, rate: Rate, floor: int) -> IntColumn:
    """5 % of 総所得金額等, at most 100,000 yen."""
    return np.minimum(floor_1(gross_income_yen * rate.num, rate.den), floor)


@rule(
    law="地方税法314条の2第1項2号・地方税法附則4条の4",
    title="医療費控除",
    years=ALL,
    formula="{medical_paid_yen} − {medical_reimbursed_yen} − {medical_threshold_yen}、"
    "選択により{self_medication_yen} − {self_floor}",
    uses={
        "cap": "resident.deduction.medical_cap",
        "self_floor": "resident.deduction.self_medication_floor",
        "self_cap": "resident.deduction.self_medication_cap",
    },
)
def medical_deduction_yen(
    *,
    medical_paid_yen: IntColumn,
    medical_reimbursed_yen: IntColumn,
    medical_threshold_yen: IntColumn,
    self_medication_yen: IntColumn,
    chooses_self_medication: FlagColumn,
    cap: int,
    self_floor: int,
    self_cap: int,
) -> IntColumn:
    """Medical expenses, or by choice the self-medication scheme; never both."""

    def calculate(
        paid: IntColumn, reimbursed: IntColumn, threshold: IntColumn, medicine: IntColumn, chooses: FlagColumn
    ) -> tuple[IntColumn]:
        ordinary = np.clip(paid - reimbursed - threshold, 0, cap)
        chosen = np.clip(medicine - self_floor, 0, self_cap)
        return (np.where(chooses, chosen, ordinary),)

    (found,) = on_rows(
        any_of(medical_paid_yen, self_medication_yen),
        1,
        calculate,
        medical_paid_yen,
        medical_reimbursed_yen,
        medical_threshold_yen,
        self_medication_yen,
        chooses_self_medication,
    )
    return found


def _premium(paid: IntColumn, table: Table) -> IntColumn:
    def calculate(some: IntColumn) -> tuple[IntColumn]:
        row = table.row(some)
        num, den = table.rate("rate", row)
        return (ceil_1(some * num, den) + table.take("add", row),)

    if int(table.take("add", table.row(0))):
        return calculate(paid)[0]
    (found,) = on_rows(any_of(paid), 1, calculate, paid)
    return found


def _both_contracts(new: IntColumn, old: IntColumn, cap: int) -> IntColumn:
    together = np.minimum(new + old, cap)
    return np.maximum(np.maximum(old, new), together)


@rule(
    law="地方税法314条の2第1項5号",
    title="生命保険料控除",
    years=ALL,
    rounding="各計算の1円未満切上げ",
    formula="一般・介護医療・個人年金の各控除額の合計(限度 {total_cap})",
    uses={
        "new_table": "resident.deduction.life_new_table",
        "old_table": "resident.deduction.life_old_table",
        "kind_cap": "resident.deduction.life_kind_cap",
        "total_cap": "resident.deduction.life_total_cap",
    },
)
def life_insurance_deduction_yen(
    *,
    life_general_new_yen: IntColumn,
    life_general_old_yen: IntColumn,
    life_care_yen: IntColumn,
    life_annuity_new_yen: IntColumn,
    life_annuity_old_yen: IntColumn,
    new_table: Table,
    old_table: Table,
    kind_cap: int,
    total_cap: int,
) -> IntColumn:
    """Per kind the best of old alone, new alone, or both together under the cap of new contracts."""
    general = _both_contracts(
        _premium(life_general_new_yen, new_table), _premium(life_general_old_yen, old_table), kind_cap
    )
    annuity = _both_contracts(
        _premium(life_annuity_new_yen, new_table), _premium(life_annuity_old_yen, old_table), kind_cap
    )
    return np.minimum(general + annuity + _premium(life_care_yen, new_table), total_cap)


@rule(
    law="地方税法314条の2第1項5号の3",
    title="地震保険料控除",
    years=ALL,
    rounding="各計算の1円未満切上げ",
    formula="{earthquake_yen} × {rate}(限度 {cap}) + 旧長期損害保険料の控除額(合計の限度 {cap})",
    uses={
        "rate": "resident.deduction.earthquake_rate",
        "cap": "resident.deduction.earthquake_cap",
        "old_table": "resident.deduction.old_long_table",
    },
)
def earthquake_deduction_yen(
    *, earthquake_yen: IntColumn, old_long_insurance_yen: IntColumn, rate: Rate, cap: int, old_table: Table
) -> IntColumn:
    """Half of the earthquake premium, plus old long-term accident insurance, at most 25,000 yen together."""
    earthquake = np.minimum(ceil_1(earthquake_yen * rate.num, rate.den), cap)
    return np.minimum(earthquake + _premium(old_long_insurance_yen, old_table), cap)
