"""前年比較の理由 (pure): why a person's tax differs from last year's, found by recomputing, to the yen.

Last year's facts go through this year's law first (the difference is the effect of the law), then one group of fact
columns after the other takes this year's values and the same rules run again; each step's difference is that group's
part. The steps telescope, so the parts always add up; what the computed ends and the decided amounts leave between them
is reported as unexplained, never spread. The order of the groups is fixed, since groups act on each other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from assessment.resident.rules.carried import LAND_KINDS
from assessment.resident.rules.facts import RESIDENT_FACTS, SPECIFIC_RELATIVE_BANDS
from assessment.resident.rules.pipeline import compute
from taxsys.kernel.columns import Array
from taxsys.kernel.yen import IntColumn
from taxsys.params.model import ParameterSet


@dataclass(frozen=True, slots=True)
class FactGroup:
    """A group of fact columns that change together: its code, its name for people, its columns."""

    code: str
    title_ja: str
    columns: tuple[str, ...]


FACT_GROUPS: tuple[FactGroup, ...] = (
    FactGroup("salary", "給与収入", ("salary_receipts_yen", "salary_specific_expenses_yen")),
    FactGroup("pension", "公的年金等収入", ("pension_receipts_yen",)),
    FactGroup(
        "business",
        "事業・不動産・業務の所得",
        ("business_income_yen", "farm_income_yen", "real_estate_income_yen", "real_estate_land_interest_yen",
         "misc_business_income_yen"),
    ),
    FactGroup(
        "other_income",
        "その他の所得・繰越控除",
        ("interest_income_yen", "dividend_income_yen", "misc_other_income_yen", "short_gain_yen", "long_gain_yen",
         "occasional_income_yen", "loss_carried_forward_yen", "dividend_ordinary_yen", "dividend_trust_yen",
         "dividend_currency_trust_yen"),
    ),
    FactGroup(
        "separate",
        "土地・株式などの分離課税と山林・退職の所得",
        ("forestry_income_yen", "retirement_income_yen", "home_loss_yen", "home_loss_carried_yen",
         "casualty_carried_yen", "shares_loss_carried_yen", "futures_loss_carried_yen", "shares_unlisted_gain_yen",
         "shares_listed_gain_yen", "listed_dividend_yen", "futures_income_yen",
         *(f"{kind}_{what}_yen" for kind in LAND_KINDS for what in ("gain", "special"))),
    ),
    FactGroup(
        "family",
        "配偶者・扶養親族",
        ("has_spouse", "spouse_income_yen", "is_spouse_elderly", "is_spouse_abroad", "dependants_under_16",
         "dependants_general", "dependants_specific", "dependants_elderly", "dependants_elderly_coresident",
         "dependants_abroad", *(f"specific_relatives_{band}" for band in range(1, SPECIFIC_RELATIVE_BANDS + 1)),
         "has_dependant_under_23", "disabled_relatives", "special_disabled_relatives",
         "special_disabled_coresident_relatives"),
    ),
    FactGroup(
        "insurance",
        "社会保険料・保険料の控除",
        ("social_insurance_yen", "small_business_mutual_yen", "life_general_new_yen", "life_general_old_yen",
         "life_care_yen", "life_annuity_new_yen", "life_annuity_old_yen", "earthquake_yen", "old_long_insurance_yen"),
    ),
    FactGroup(
        "expense",
        "医療費・雑損などの控除",
        ("casualty_loss_yen", "disaster_expense_yen", "medical_paid_yen", "medical_reimbursed_yen",
         "self_medication_yen", "chooses_self_medication", "other_deduction_yen"),
    ),
    FactGroup(
        "donation",
        "寄附金",
        ("hometown_donation_yen", "city_donation_yen", "prefecture_donation_yen", "is_one_stop"),
    ),
    FactGroup(
        "status",
        "年齢・住所・障害など本人の状況",
        ("is_domiciled", "has_local_premises", "is_exempt_at_domicile", "receives_livelihood_aid", "is_minor",
         "is_age_65", "disability_code", "is_widow", "single_parent_code", "is_working_student"),
    ),
    FactGroup(
        "credit",
        "住宅ローン・外国税額・配当割などの税額控除",
        ("housing_loan_code", "housing_loan_available_yen", "national_income_tax_yen", "national_taxable_income_yen",
         "foreign_tax_credit_city_yen", "foreign_tax_credit_prefecture_yen", "foreign_tax_limit_yen",
         "foreign_tax_excess_yen", "withheld_dividend_tax_yen"),
    ),
    FactGroup("relief", "減免", ("relief_city_yen", "relief_prefecture_yen", "relief_forest_yen")),
)  # fmt: skip

# Code and Japanese name of every reason, in the order in which they are shown; `<code>_yen` is its column.
REASONS: tuple[tuple[str, str], ...] = (
    ("new", "新規(前年の決定がない)"),
    ("vanished", "消滅(本年の決定がない)"),
    ("taken_over", "移行前システムとの計算差"),
    ("law", "税制改正"),
    *((group.code, group.title_ja) for group in FACT_GROUPS),
    ("unexplained", "説明できない差"),
)
REASON_TITLES: Mapping[str, str] = dict(REASONS)


@dataclass(frozen=True, slots=True)
class YearChange:
    """`base` and `now`: annual tax as recomputed (yen); `parts`: yen by reason code; Σ parts = now − base."""

    base: IntColumn
    now: IntColumn
    parts: Mapping[str, IntColumn]


def year_change(
    base_facts: Mapping[str, Array], base_law: ParameterSet, facts: Mapping[str, Array], law: ParameterSet
) -> YearChange:
    """Attribute the change of every row's annual tax between two years. Both batches hold the same people in order."""
    base = _annual(base_facts, base_law)
    parts: dict[str, IntColumn] = {}
    mixed = dict(base_facts)
    before = _annual(mixed, law)
    parts["law"] = before - base
    for group in FACT_GROUPS:
        mixed |= {name: facts[name] for name in group.columns}
        after = _annual(mixed, law)
        parts[group.code] = after - before
        before = after
    return YearChange(base, before, parts)


def _annual(facts: Mapping[str, Array], law: ParameterSet) -> IntColumn:
    return compute(facts, law).columns["annual_tax_yen"]


def ungrouped_columns() -> set[str]:
    """Fact columns that stand in no group, or in two: must be empty (a change there would be unexplained)."""
    named = [name for group in FACT_GROUPS for name in group.columns]
    return set(RESIDENT_FACTS.names) ^ set(named) | {name for name in named if named.count(name) > 1}
