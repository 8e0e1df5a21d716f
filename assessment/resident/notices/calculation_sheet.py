"""計算明細書の作成 (facts and results of one person → the printed calculation sheet), pure mapping. L-PI-05, L-PI-08.

Every figure is a stored column of the decision; only yen parts kept finer than a yen are cut for the eye. The parts of
each printed total are added up again: a sheet that does not add up is not printed (incident I3).
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from assessment.resident.papers.tax_notice_data import Calculation, NoticeMismatch
from assessment.resident.rules.carried import APART
from taxsys.kernel.rounding import floor_1

_SCALE = 10_000
_INCOMES = (
    ("wage_revenue", "facts", "salary_receipts_yen"),
    ("wage_income", "result", "salary_income_yen"),
    ("pension_revenue", "facts", "pension_receipts_yen"),
    ("pension_income", "result", "pension_income_yen"),
    ("business_income", "facts", "business_income_yen"),
    ("farm_income", "facts", "farm_income_yen"),
    ("real_estate_income", "facts", "real_estate_income_yen"),
    ("interest_income", "facts", "interest_income_yen"),
    ("dividend_income", "facts", "dividend_income_yen"),
)
_DEDUCTIONS = (
    ("casualty", "result", ("casualty_deduction_yen",)),
    ("medical", "result", ("medical_deduction_yen",)),
    ("social_insurance", "facts", ("social_insurance_yen",)),
    ("small_business_mutual", "facts", ("small_business_mutual_yen",)),
    ("life_insurance", "result", ("life_insurance_deduction_yen",)),
    ("earthquake_insurance", "result", ("earthquake_deduction_yen",)),
    ("disability", "result", ("disability_deduction_yen",)),
    ("widow_single_parent", "result", ("widow_deduction_yen", "single_parent_deduction_yen")),
    ("working_student", "result", ("working_student_deduction_yen",)),
    ("spouse", "result", ("spouse_deduction_yen", "spouse_special_deduction_yen")),
    ("dependants", "result", ("dependant_deduction_yen",)),
    ("special_relative", "result", ("specific_relative_deduction_yen",)),
    ("basic", "result", ("basic_deduction_yen",)),
    ("other", "facts", ("other_deduction_yen",)),
)
_CREDITS = (
    ("adjustment_credit", "adjustment_credit_{}_yen"),
    ("dividend_credit", "dividend_credit_{}_yen"),
    ("housing_credit", "housing_credit_{}_yen"),
    ("donation_credit", "donation_credit_{}_yen"),
    ("foreign_credit", "foreign_credit_{}_yen"),
    ("withheld_credit", "withheld_credit_{}_yen"),
)
_GAINS = ("short_gain_yen", "long_gain_yen", "occasional_income_yen")
_HEADS = (
    "dependants_general",
    "dependants_specific",
    "dependants_elderly",
    "dependants_elderly_coresident",
    "dependants_under_16",
)


def calculation_sheet(facts: Any, result: Any) -> Calculation:
    """計算明細 of a decision; `facts` and `result` are its rows. Raises NoticeMismatch where totals do not add up."""
    return Calculation(
        incomes=_incomes(facts, result),
        deductions=_deductions(facts, result),
        city=_levy(facts, result, "city", "city_tax_yen"),
        prefecture=_levy(facts, result, "prefecture", "prefectural_tax_yen"),
        forest_yen=result.forest_tax_yen,
        remarks=tuple(_remarks(facts, result)),
    )


def _incomes(facts: Any, result: Any) -> dict[str, int]:
    rows = {code: int(getattr(facts if of == "facts" else result, column)) for code, of, column in _INCOMES}
    rows["misc_income"] = result.misc_income_yen - result.pension_income_yen
    rows["separate_income"] = result.separate_income_yen + result.forestry_net_yen + result.retirement_net_yen
    if any(getattr(facts, name) for name in _GAINS):
        parts = ("wage_income", "pension_income", "misc_income", "business_income", "farm_income", "real_estate_income",
                 "interest_income", "dividend_income", "separate_income")  # fmt: skip
        rows["temporary_income"] = result.total_income_yen - sum(rows[code] for code in parts)
    rows["loss_carried"] = result.total_income_yen - result.gross_income_yen
    shown = {code: yen for code, yen in rows.items() if yen}
    return shown | {"total_income": result.total_income_yen, "gross_income_total": result.gross_income_yen}


def _deductions(facts: Any, result: Any) -> dict[str, int]:
    rows = {
        code: sum(int(getattr(facts if of == "facts" else result, column)) for column in columns)
        for code, of, columns in _DEDUCTIONS
    }
    if sum(rows.values()) != result.total_deduction_yen:
        raise NoticeMismatch("所得控除の内訳と所得控除合計が一致しません。")
    return {code: yen for code, yen in rows.items() if yen} | {"total": result.total_deduction_yen}


def _levy(facts: Any, result: Any, side: str, annual: str) -> dict[str, int]:
    rows = {"computed_levy": _whole(getattr(result, f"calculated_levy_{side}_yen_e4"))}
    rows |= {code: int(getattr(result, pattern.format(side))) for code, pattern in _CREDITS}
    rows["relief"] = getattr(result, f"fixed_reduction_{side}_yen") + _whole(
        getattr(result, f"limit_relief_{side}_yen_e4")
    )
    rows["remission"] = int(getattr(facts, f"relief_{side}_yen"))
    levy, per_capita = getattr(result, f"income_levy_{side}_yen"), getattr(result, f"per_capita_{side}_yen")
    annual_yen = levy + per_capita - rows["remission"]
    if annual_yen != getattr(result, annual):
        raise NoticeMismatch("所得割額と均等割額の合計から減免額を引いた額と年税額が一致しません。")
    shown = {code: yen for code, yen in rows.items() if yen}
    taxable = result.taxable_income_yen + _separate_bases(result)
    always = {"taxable": taxable, "income_levy": levy, "per_capita": per_capita}
    return shown | always | {"annual": annual_yen}


def _separate_bases(result: Any) -> int:
    """Bases of what is taxed beside general income (yen)."""
    return sum(int(getattr(result, f"taxable_{kind}_yen")) for kind in APART)


def _whole(scaled: int) -> int:
    """Yen of a column that keeps four decimals, cut for the eye."""
    return int(floor_1(scaled, _SCALE))


def _remarks(facts: Any, result: Any) -> Iterable[str]:
    adjustment = result.income_adjustment_child_yen + result.income_adjustment_pension_yen
    if adjustment:
        yield f"所得金額調整控除　{adjustment:,}円"
    heads = sum(getattr(facts, name) for name in _HEADS)
    if heads:
        yield f"扶養親族　{heads}人（うち16歳未満　{facts.dependants_under_16}人）"
    if facts.has_spouse and result.spouse_deduction_yen:
        yield "控除対象配偶者　有"
    donation = result.donation_credit_city_yen + result.donation_credit_prefecture_yen
    if donation:
        told = "（申告特例分を含む）" if facts.is_one_stop else ""
        yield f"寄附金税額控除　{donation:,}円{told}"
    if separate := _separate_bases(result):
        yield f"課税標準額のうち分離課税等　{separate:,}円"
    if facts.relief_forest_yen:
        yield f"森林環境税の免除額　{facts.relief_forest_yen:,}円"
    if result.withheld_shortfall_yen:
        yield f"配当割額等の控除不足額　{result.withheld_shortfall_yen:,}円"
        yield f"うち均等割に充当　{result.withheld_offset_yen:,}円　還付　{result.withheld_refund_yen:,}円"
    if result.is_exempt_income_levy and not result.is_exempt_per_capita:
        yield "所得割非課税（均等割のみ課税）"
