"""個人住民税の計算の全体 (the pipelines): one per tax year, built and checked when this module is imported."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np

from assessment.resident.rules import (
    annual,
    carried,
    credits,
    deductions,
    donation,
    exemptions,
    income,
    levy,
    persons,
    separate,
)
from assessment.resident.rules.facts import RARE_INCOME, RESIDENT_FACTS
from taxsys.kernel.columns import Array, Column, ColumnSet
from taxsys.kernel.pipeline import Computed, Guard, Pipeline, Step
from taxsys.kernel.rounding import floor_100, floor_1000
from taxsys.kernel.rules import Rule
from taxsys.kernel.yen import FlagColumn, IntColumn
from taxsys.params.coverage import Coverage, coverage_of, load_coverage
from taxsys.params.loader import ParameterBook, load_book
from taxsys.params.model import ParameterSet

PIPELINE_VERSION = "resident-2"
PARAMS_DIR = Path(__file__).resolve().parent.parent / "params"
COVERAGE_FILE = Path(__file__).resolve().parent.parent / "coverage.toml"
TAX_YEARS = range(2018, 2028)
"""Tax years whose pipelines are built; `coverage.toml` says which of them may carry decisions."""

RESIDENT_RULES: tuple[Rule, ...] = (
    income.salary_after_deduction_yen,
    income.income_adjustments_before_r3,
    income.income_adjustment_child_yen,
    income.general_gains,
    income.forestry_after_special_yen,
    separate.separate_gains,
    income.income_besides_pension_yen,
    income.pension_income_yen,
    income.income_adjustment_pension_yen,
    income.salary_income_yen,
    income.total_income,
    carried.carried_losses,
    deductions.casualty_deduction_yen,
    deductions.medical_threshold_yen,
    deductions.medical_deduction_yen,
    deductions.life_insurance_deduction_yen,
    deductions.earthquake_deduction_yen,
    persons.disability_deduction_yen,
    persons.self_status,
    persons.self_status_before_r3,
    persons.self_deductions,
    persons.self_deductions_before_r3,
    persons.spouse_status,
    persons.spouse_deduction_yen,
    persons.spouse_special_deduction_yen,
    persons.dependant_deduction_yen,
    persons.specific_relative_deduction_yen,
    persons.specific_relative_deduction_before_r8,
    persons.basic_deduction_yen,
    persons.gap_of_self_yen,
    persons.gap_of_family_yen,
    persons.deduction_gap_yen,
    exemptions.family_heads,
    exemptions.per_capita_limit_yen,
    exemptions.income_levy_limit_yen,
    exemptions.is_exempt_person,
    exemptions.per_capita_liability,
    exemptions.income_levy_liability,
    exemptions.is_liable_forest,
    exemptions.is_liable_forest_before_r6,
    levy.total_deduction_yen,
    levy.taxable_income_yen,
    separate.separate_bases,
    separate.casualty_loss_arising_yen,
    levy.aggregate_base_yen,
    separate.separate_levies,
    levy.calculated_levy,
    levy.adjustment_base_yen,
    levy.adjustment_credit,
    levy.adjusted_levy,
    levy.limit_relief,
    credits.dividend_credit,
    credits.housing_loan_credit,
    donation.adjusted_gap_yen,
    donation.donation_ratio,
    donation.donation_basic,
    donation.donation_cap_levy,
    donation.donation_special,
    donation.donation_one_stop,
    donation.donation_credit,
    donation.hometown_ceiling_yen,
    credits.foreign_tax_credit,
    credits.credited_levy,
    credits.withheld_dividend_credit,
    credits.fixed_reduction_before_r6,
    credits.fixed_reduction_r6,
    credits.fixed_reduction_r7,
    credits.fixed_reduction_since_r8,
    credits.fixed_reduction,
    credits.income_levy,
    annual.per_capita_levy,
    annual.forest_tax_yen,
    annual.forest_tax_before_r6,
    annual.withheld_settlement,
    annual.annual_tax,
)

_RESULT_NAMES = [
    "salary_income_yen",
    "income_adjustment_child_yen",
    "income_adjustment_pension_yen",
    "pension_income_yen",
    "misc_income_yen",
    "general_income_yen",
    "forestry_net_yen",
    "retirement_net_yen",
    "net_short_land_yen",
    "net_short_state_yen",
    "net_long_land_yen",
    "net_long_housing_yen",
    "net_long_home_yen",
    "net_listed_dividend_yen",
    "net_shares_unlisted_yen",
    "net_shares_listed_yen",
    "net_futures_yen",
    "separate_income_yen",
    "total_income_yen",
    "gross_income_yen",
    "net_loss_arising_yen",
    "home_loss_arising_yen",
    "shares_loss_arising_yen",
    "futures_loss_arising_yen",
    "casualty_loss_arising_yen",
    "net_loss_used_yen",
    "home_loss_used_yen",
    "casualty_used_yen",
    "shares_loss_used_yen",
    "futures_loss_used_yen",
    "casualty_deduction_yen",
    "medical_deduction_yen",
    "life_insurance_deduction_yen",
    "earthquake_deduction_yen",
    "disability_deduction_yen",
    "widow_deduction_yen",
    "single_parent_deduction_yen",
    "working_student_deduction_yen",
    "spouse_deduction_yen",
    "spouse_special_deduction_yen",
    "dependant_deduction_yen",
    "specific_relative_deduction_yen",
    "basic_deduction_yen",
    "total_deduction_yen",
    "deduction_gap_yen",
    "adjusted_gap_yen",
    "is_spouse_of_low_income",
    "family_heads",
    "per_capita_limit_yen",
    "income_levy_limit_yen",
    "is_exempt_person",
    "is_exempt_per_capita",
    "is_exempt_income_levy",
    "is_liable_per_capita",
    "is_liable_income_levy",
    "is_liable_forest",
    "taxable_income_yen",
    "taxable_short_land_yen",
    "taxable_short_state_yen",
    "taxable_long_land_yen",
    "taxable_long_housing_yen",
    "taxable_long_home_yen",
    "taxable_listed_dividend_yen",
    "taxable_shares_unlisted_yen",
    "taxable_shares_listed_yen",
    "taxable_futures_yen",
    "taxable_forestry_yen",
    "taxable_retirement_yen",
    "separate_levy_city_yen_e4",
    "separate_levy_prefecture_yen_e4",
    "calculated_levy_city_yen_e4",
    "calculated_levy_prefecture_yen_e4",
    "adjustment_base_yen",
    "adjustment_credit_city_yen",
    "adjustment_credit_prefecture_yen",
    "adjusted_levy_city_yen_e4",
    "adjusted_levy_prefecture_yen_e4",
    "limit_relief_yen_e4",
    "limit_relief_city_yen_e4",
    "limit_relief_prefecture_yen_e4",
    "dividend_over_line_yen",
    "dividend_credit_city_yen",
    "dividend_credit_prefecture_yen",
    "housing_credit_yen",
    "housing_credit_city_yen",
    "housing_credit_prefecture_yen",
    "donation_ratio_e5",
    "donation_basic_city_yen",
    "donation_basic_prefecture_yen",
    "donation_special_city_yen",
    "donation_special_prefecture_yen",
    "donation_one_stop_city_yen",
    "donation_one_stop_prefecture_yen",
    "donation_credit_city_yen",
    "donation_credit_prefecture_yen",
    "hometown_ceiling_yen",
    "foreign_credit_city_yen",
    "foreign_credit_prefecture_yen",
    "foreign_tax_unused_yen",
    "withheld_credit_city_yen",
    "withheld_credit_prefecture_yen",
    "withheld_shortfall_yen",
    "withheld_offset_yen",
    "withheld_refund_yen",
    "fixed_reduction_entitled_yen",
    "fixed_reduction_city_yen",
    "fixed_reduction_prefecture_yen",
    "income_levy_city_yen",
    "income_levy_prefecture_yen",
    "per_capita_city_yen",
    "per_capita_prefecture_yen",
    "city_tax_yen",
    "prefectural_tax_yen",
    "forest_tax_yen",
    "annual_tax_yen",
]


def _result_columns() -> ColumnSet:
    titles = {name: title for rule in RESIDENT_RULES for name, title in rule.outputs}
    titles |= {
        "is_exempt_person": "人的非課税",
        "is_liable_forest": "森林環境税の課税対象",
        "specific_relative_deduction_yen": "特定親族特別控除",
        "forest_tax_yen": "森林環境税額",
    }
    columns = []
    for name in _RESULT_NAMES:
        if name.startswith("is_"):
            columns.append(Column(name, "flag", titles[name], maximum=1))
        elif name.endswith("_yen_e4"):
            columns.append(Column(name, "yen_e4", titles[name]))
        elif name.endswith("_yen"):
            columns.append(Column(name, "yen", titles[name]))
        else:
            columns.append(Column(name, "count", titles[name]))
    return ColumnSet("resident_result", tuple(columns))


RESIDENT_RESULT = _result_columns()


def _cut_to_100(city: IntColumn, prefecture: IntColumn) -> FlagColumn:
    return (floor_100(city) == city) & (floor_100(prefecture) == prefecture)


GUARDS = (
    Guard(
        "LEVY_NEGATIVE",
        "所得割額が負になりました。",
        ("income_levy_city_yen", "income_levy_prefecture_yen"),
        lambda city, prefecture: (city >= 0) & (prefecture >= 0),
    ),
    Guard(
        "LEVY_NOT_CUT",
        "所得割額が100円単位ではありません(地方税法20条の4の2第3項)。",
        ("income_levy_city_yen", "income_levy_prefecture_yen"),
        _cut_to_100,
    ),
    Guard(
        "BASE_NOT_CUT",
        "課税標準額が1,000円単位ではありません(地方税法20条の4の2第1項)。",
        ("taxable_income_yen",),
        lambda base: (base >= 0) & (floor_1000(base) == base),
    ),
    Guard(
        "LEVY_ABOVE_BASE",
        "所得割額が課税標準額の合計を超えました。",
        ("income_levy_city_yen", "income_levy_prefecture_yen", "aggregate_base_yen", "taxable_separate_yen"),
        lambda city, prefecture, base, separate_base: city + prefecture <= base + separate_base,
    ),
    Guard(
        "EXEMPT_BUT_TAXED",
        "非課税の者に税額があります(地方税法295条)。",
        ("is_exempt_person", "is_domiciled", "annual_tax_yen"),
        lambda exempt, domiciled, annual_yen: ~(exempt & domiciled) | (annual_yen == 0),
    ),
    Guard(
        "ABROAD_ABOVE_DEPENDANTS",
        "国外居住の扶養親族の数が扶養親族の数を超えています。",
        ("dependants_abroad", "family_heads"),
        lambda abroad, heads: abroad <= heads,
    ),
    Guard(
        "RELIEF_ABOVE_TAX",
        "減免する額が税額を超えています。",
        (
            "relief_city_yen",
            "relief_prefecture_yen",
            "income_levy_city_yen",
            "per_capita_city_yen",
            "income_levy_prefecture_yen",
            "per_capita_prefecture_yen",
        ),
        lambda city, prefecture, levy_city, flat_city, levy_prefecture, flat_prefecture: (
            (city <= levy_city + flat_city) & (prefecture <= levy_prefecture + flat_prefecture)
        ),
    ),
    Guard(
        "DIVIDEND_BASE_ABOVE_INCOME",
        "配当控除の対象が配当所得を超えています。",
        ("dividend_ordinary_yen", "dividend_trust_yen", "dividend_currency_trust_yen", "dividend_income_yen"),
        lambda ordinary, trust, currency, income_yen: ordinary + trust + currency <= income_yen,
    ),
)

PIPELINES: Mapping[int, Pipeline] = {
    year: Pipeline.build(
        f"resident-{year}",
        rules=tuple(rule for rule in RESIDENT_RULES if year in rule.years),
        source=RESIDENT_FACTS,
        result=RESIDENT_RESULT,
        guards=GUARDS,
        version=PIPELINE_VERSION,
        rare=RARE_INCOME,
    )
    for year in TAX_YEARS
}


@cache
def parameter_book(city_code: str = "", *, designated: bool = False) -> ParameterBook:
    """All legal values: law, then those of designated cities, then the city's ordinance. Raises ParameterError."""
    layers = [("law", PARAMS_DIR)]
    if designated:
        layers.append(("designated", PARAMS_DIR / "designated"))
    if city_code:
        layers.append((f"city/{city_code}", PARAMS_DIR / "city" / city_code))
    return load_book("resident", tuple(layers))


@cache
def resident_law(tax_year: int, city_code: str = "", *, designated: bool = False) -> ParameterSet:
    """The legal values in force for `tax_year` (課税年度), e.g. `resident_law(2026, "012041")`."""
    return parameter_book(city_code, designated=designated).at(tax_year)


def pipeline_of(law: ParameterSet) -> Pipeline:
    """The pipeline of the law's tax year. Raises LookupError (Japanese message) for a year that is not built."""
    if law.when not in PIPELINES:
        raise LookupError(f"課税年度 {law.when} の個人住民税の計算は用意されていません。")
    return PIPELINES[law.when]  # type: ignore[index]


def compute(facts: Mapping[str, Array], law: ParameterSet) -> Computed:
    """Resident tax of every row of `facts` (a complete RESIDENT_FACTS batch): RESIDENT_RESULT columns and failures."""
    return pipeline_of(law).compute(facts, law)


def explain(facts: Mapping[str, Array], law: ParameterSet, row: int) -> tuple[Step, ...]:
    """The ordered calculation of one row, recorded from the very run that makes its result."""
    return pipeline_of(law).explain(facts, law, row)


def pension_share(facts: Mapping[str, Array], law: ParameterSet) -> IntColumn:
    """年金所得に係る税額 (法321条の7の2): income levies with the pension less those computed as if it did not exist."""
    without = dict(facts)
    without["pension_receipts_yen"] = np.zeros_like(facts["pension_receipts_yen"])
    whole, other = compute(facts, law).columns, compute(without, law).columns
    levy_whole = whole["income_levy_city_yen"] + whole["income_levy_prefecture_yen"]
    levy_other = other["income_levy_city_yen"] + other["income_levy_prefecture_yen"]
    return np.maximum(levy_whole - levy_other, 0)


@cache
def coverage(tax_year: int) -> Coverage:
    """How far the rules of `tax_year` are proved; decisions are refused for state `none`."""
    return coverage_of(load_coverage(COVERAGE_FILE), "resident_tax", tax_year)
