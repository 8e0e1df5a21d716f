"""決定の値から証明の各欄へ (from the columns of a decision to the columns of the certificate, pure).

What is printed is what was decided: the deductions must add up to the decided total and the taxes to the annual tax,
else FiguresDisagree and no paper.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from certificates.papers.tax_certificate_data import CertificateKind
from taxsys.platform.printing.parts import AmountLine

Columns = Mapping[str, int]


class FiguresDisagree(ValueError):
    """証明の金額の食い違い: parts and totals of the decision do not agree; nothing is printed."""


@dataclass(frozen=True, slots=True)
class CertificateLines:
    """The three columns of the paper and the words about relatives."""

    kind: CertificateKind
    incomes: tuple[AmountLine, ...]
    deductions: tuple[AmountLine, ...]
    levies: tuple[AmountLine, ...]
    dependants_text: str


# (column, label); a zero is left out.
_RECEIPTS = (
    ("salary_receipts_yen", "給与収入金額"),
    ("pension_receipts_yen", "公的年金等収入金額"),
)
_INCOMES = (
    ("salary_income_yen", "給与所得"),
    ("pension_income_yen", "雑所得（公的年金等）"),
    ("business_income_yen", "営業等所得"),
    ("farm_income_yen", "農業所得"),
    ("real_estate_income_yen", "不動産所得"),
    ("interest_income_yen", "利子所得"),
    ("dividend_income_yen", "配当所得"),
    ("misc_business_income_yen", "雑所得（業務）"),
    ("misc_other_income_yen", "雑所得（その他）"),
    ("short_gain_yen", "総合譲渡（短期）"),
    ("long_gain_yen", "総合譲渡（長期）"),
    ("occasional_income_yen", "一時所得"),
    ("net_short_land_yen", "分離短期譲渡（一般）"),
    ("net_short_state_yen", "分離短期譲渡（国等）"),
    ("net_long_land_yen", "分離長期譲渡（一般）"),
    ("net_long_housing_yen", "分離長期譲渡（優良）"),
    ("net_long_home_yen", "分離長期譲渡（居住用）"),
    ("net_listed_dividend_yen", "上場株式等の配当等"),
    ("net_shares_unlisted_yen", "一般株式等の譲渡"),
    ("net_shares_listed_yen", "上場株式等の譲渡"),
    ("net_futures_yen", "先物取引"),
    ("forestry_net_yen", "山林所得"),
    ("retirement_net_yen", "退職所得"),
)
_DEDUCTIONS = (
    ("casualty_deduction_yen", "雑損控除"),
    ("medical_deduction_yen", "医療費控除"),
    ("social_insurance_yen", "社会保険料控除"),
    ("small_business_mutual_yen", "小規模企業共済等掛金"),
    ("life_insurance_deduction_yen", "生命保険料控除"),
    ("earthquake_deduction_yen", "地震保険料控除"),
    ("disability_deduction_yen", "障害者控除"),
    ("widow_deduction_yen", "寡婦控除"),
    ("single_parent_deduction_yen", "ひとり親控除"),
    ("working_student_deduction_yen", "勤労学生控除"),
    ("spouse_deduction_yen", "配偶者控除"),
    ("spouse_special_deduction_yen", "配偶者特別控除"),
    ("dependant_deduction_yen", "扶養控除"),
    ("specific_relative_deduction_yen", "特定親族特別控除"),
    ("other_deduction_yen", "その他の控除"),
    ("basic_deduction_yen", "基礎控除"),
)
_SEPARATE_BASES = (
    ("taxable_short_land_yen", "課税標準（短期譲渡）"),
    ("taxable_short_state_yen", "課税標準（短期・国等）"),
    ("taxable_long_land_yen", "課税標準（長期譲渡）"),
    ("taxable_long_housing_yen", "課税標準（長期・優良）"),
    ("taxable_long_home_yen", "課税標準（長期・居住）"),
    ("taxable_listed_dividend_yen", "課税標準（上場配当）"),
    ("taxable_shares_unlisted_yen", "課税標準（一般株式）"),
    ("taxable_shares_listed_yen", "課税標準（上場株式）"),
    ("taxable_futures_yen", "課税標準（先物取引）"),
    ("taxable_forestry_yen", "課税標準（山林）"),
    ("taxable_retirement_yen", "課税標準（退職）"),
)
_REMISSIONS = (
    ("relief_city_yen", "市民税減免額"),
    ("relief_prefecture_yen", "道府県民税減免額"),
)
_DEPENDANTS = (
    ("dependants_general", "一般"),
    ("dependants_specific", "特定"),
    ("dependants_elderly", "老人"),
    ("dependants_elderly_coresident", "同居老親等"),
    ("dependants_under_16", "16歳未満"),
    ("disabled_relatives", "障害者"),
    ("special_disabled_relatives", "特別障害者"),
    ("special_disabled_coresident_relatives", "同居特別障害者"),
)


def printed_kind(requested: str, *, annual_yen: int) -> CertificateKind:
    """The title that a request gets: a tax certificate of a year without tax is a 非課税証明書."""
    if requested == "income":
        return CertificateKind.INCOME
    if requested == "tax":
        return CertificateKind.TAX if annual_yen else CertificateKind.NON_TAXABLE
    return CertificateKind.INCOME_AND_TAX


def certificate_lines(requested: str, facts: Columns, result: Columns, *, prefecture_name: str) -> CertificateLines:
    """The columns of one certificate. `facts` and `result` are the rows of the decision. Raises FiguresDisagree."""
    annual = result["annual_tax_yen"]
    kind = printed_kind(requested, annual_yen=annual)
    columns = {**facts, **result}
    deductions = _filled(columns, _DEDUCTIONS)
    if sum(line.yen for line in deductions) != result["total_deduction_yen"]:
        raise FiguresDisagree("所得控除の内訳と合計が一致しません。")
    incomes = (
        *_filled(columns, _RECEIPTS),
        *_filled(columns, _INCOMES),
        AmountLine("合計所得金額", result["total_income_yen"]),
        AmountLine("総所得金額等", result["gross_income_yen"]),
    )
    levies = () if kind is CertificateKind.INCOME else _levies(columns, prefecture_name)
    if result["city_tax_yen"] + result["prefectural_tax_yen"] + result["forest_tax_yen"] != annual:
        raise FiguresDisagree("税額の内訳と年税額が一致しません。")
    return CertificateLines(
        kind=kind,
        incomes=incomes,
        deductions=(*deductions, AmountLine("所得控除合計", result["total_deduction_yen"])),
        levies=levies,
        dependants_text=dependants_text(facts, result),
    )


def _filled(columns: Columns, rows: tuple[tuple[str, str], ...]) -> tuple[AmountLine, ...]:
    return tuple(AmountLine(label, columns[name]) for name, label in rows if columns[name])


def _levies(result: Columns, prefecture_name: str) -> tuple[AmountLine, ...]:
    prefecture = prefecture_name.removesuffix("税")
    return (
        AmountLine("課税標準額", result["taxable_income_yen"]),
        *_filled(result, _SEPARATE_BASES),
        AmountLine("市民税所得割額", result["income_levy_city_yen"]),
        AmountLine("市民税均等割額", result["per_capita_city_yen"]),
        AmountLine(f"{prefecture}税所得割額", result["income_levy_prefecture_yen"]),
        AmountLine(f"{prefecture}税均等割額", result["per_capita_prefecture_yen"]),
        *_filled(result, _REMISSIONS),
        AmountLine("森林環境税額", result["forest_tax_yen"]),
        AmountLine("年税額", result["annual_tax_yen"]),
    )


def dependants_text(facts: Columns, result: Columns) -> str:
    """扶養の状況 in words: spouse and numbers of relatives, no names."""
    words = []
    if result["spouse_deduction_yen"] or result["spouse_special_deduction_yen"]:
        words.append("控除対象配偶者　有")
    specific = sum(value for name, value in facts.items() if name.startswith("specific_relatives_"))
    words += [f"{label}　{facts[name]}人" for name, label in _DEPENDANTS if facts[name]]
    if specific:
        words.append(f"特定親族　{specific}人")
    return "、".join(words)
