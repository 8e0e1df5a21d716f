"""旧システムの令和7年度の計算: the tax of last year as the city's former system worked it out, one person at a time.

Part of the outside world: an older program with its own arithmetic, written from the law of 令和7年度 alone. It
knows no 所得割の調整措置 for incomes just above the line (附則3条の3第2項): the parallel run shows it.
"""

from collections.abc import Mapping
from typing import TypeAlias

Facts: TypeAlias = Mapping[str, int]
MAN = 10_000


def wage_income_r6(receipts_yen: int) -> int:
    """給与所得控除後の金額, 令和6年分 (yen)."""
    if receipts_yen < 1_619_000:
        return max(0, receipts_yen - 550_000)
    if receipts_yen < 1_628_000:
        steps = ((1_620_000, 1_069_000), (1_622_000, 1_070_000), (1_624_000, 1_072_000), (1_628_000, 1_074_000))
        return next(income for upper, income in steps if receipts_yen < upper)
    step = receipts_yen // 4000 * 1000
    for upper, percent, less in ((1_800_000, 240, -100_000), (3_600_000, 280, 80_000), (6_600_000, 320, 440_000)):
        if receipts_yen < upper:
            return step * percent // 100 - less
    return receipts_yen * 9 // 10 - 1_100_000 if receipts_yen < 8_500_000 else receipts_yen - 1_950_000


def pension_income_r6(receipts_yen: int, *, is_65: bool, other_yen: int) -> int:
    """公的年金等に係る雑所得, 令和6年分 (yen); `other_yen` is the income besides it."""
    step = 0 if other_yen <= 1000 * MAN else 100_000 if other_yen <= 2000 * MAN else 200_000
    flat_to, flat = (3_300_000, 1_100_000) if is_65 else (1_300_000, 600_000)
    if receipts_yen <= flat_to:
        deduction = flat
    elif receipts_yen <= 4_100_000:
        deduction = receipts_yen - (receipts_yen * 75 // 100 - 275_000)
    elif receipts_yen <= 7_700_000:
        deduction = receipts_yen - (receipts_yen * 85 // 100 - 685_000)
    else:
        deduction = receipts_yen - (receipts_yen * 95 // 100 - 1_455_000)
    return max(0, receipts_yen - deduction + step)


def total_income(facts: Facts) -> int:
    """合計所得金額 of wages, pension, business, real estate, dividends and other miscellaneous income (yen)."""
    wage = wage_income_r6(facts["salary_receipts_yen"])
    if facts["salary_receipts_yen"] > 850 * MAN and facts["has_dependant_under_23"]:
        wage -= -(-(min(facts["salary_receipts_yen"], 1000 * MAN) - 850 * MAN) // 10)
    rest = (
        facts["business_income_yen"]
        + facts["real_estate_income_yen"]
        + facts["dividend_income_yen"]
        + facts["misc_other_income_yen"]
    )
    pension = pension_income_r6(
        facts["pension_receipts_yen"], is_65=bool(facts["is_age_65"]), other_yen=max(0, wage + rest)
    )
    if wage and pension and wage + min(pension, 100_000) > 100_000:
        wage -= max(0, min(wage, 100_000) + min(pension, 100_000) - 100_000)
    return max(0, wage + pension + rest)


def _premium(paid_yen: int, steps: tuple[tuple[int, int, int], ...], cap: int) -> int:
    for upper, divisor, add in steps:
        if paid_yen <= upper:
            return -(-paid_yen // divisor) + add
    return cap


def _life(facts: Facts) -> int:
    new_steps = ((12_000, 1, 0), (32_000, 2, 6_000), (56_000, 4, 14_000))
    old_steps = ((15_000, 1, 0), (40_000, 2, 7_500), (70_000, 4, 17_500))
    new = _premium(facts["life_general_new_yen"], new_steps, 28_000)
    old = _premium(facts["life_general_old_yen"], old_steps, 35_000)
    return min(70_000, max(old, min(28_000, new + old)) + _premium(facts["life_care_yen"], new_steps, 28_000))


def _spouse(facts: Facts, income_yen: int) -> tuple[int, int]:
    """配偶者控除・配偶者特別控除 and its 人的控除差 (yen)."""
    if not facts["has_spouse"] or income_yen > 1000 * MAN:
        return 0, 0
    band = 0 if income_yen <= 900 * MAN else 1 if income_yen <= 950 * MAN else 2
    spouse_yen = facts["spouse_income_yen"]
    if spouse_yen <= 480_000:
        if facts["is_spouse_elderly"]:
            return (38 * MAN, 26 * MAN, 13 * MAN)[band], (10 * MAN, 6 * MAN, 3 * MAN)[band]
        return (33 * MAN, 22 * MAN, 11 * MAN)[band], (5 * MAN, 4 * MAN, 2 * MAN)[band]
    table = (
        (100, (33, 22, 11)), (105, (31, 21, 11)), (110, (26, 18, 9)), (115, (21, 14, 7)), (120, (16, 11, 6)),
        (125, (11, 8, 4)), (130, (6, 4, 2)), (133, (3, 2, 1)),
    )  # fmt: skip
    amount = next((row[band] * MAN for upper, row in table if spouse_yen <= upper * MAN), 0)
    gap = (5, 4, 2)[band] if spouse_yen < 500_000 else (3, 2, 1)[band] if spouse_yen < 550_000 else 0
    return amount, gap * MAN


def deductions(facts: Facts, income_yen: int) -> tuple[int, int]:
    """所得控除の合計 and 人的控除差の合計 (yen)."""
    spouse, gap = _spouse(facts, income_yen)
    basic = 43 * MAN if income_yen <= 2400 * MAN else 29 * MAN if income_yen <= 2450 * MAN else 15 * MAN
    total = (basic if income_yen <= 2500 * MAN else 0) + spouse
    gap += 5 * MAN if income_yen <= 2500 * MAN else 0
    for name, amount, difference in (
        ("dependants_general", 33, 5), ("dependants_specific", 45, 18), ("dependants_elderly", 38, 10),
        ("dependants_elderly_coresident", 45, 13), ("disabled_relatives", 26, 1),
    ):  # fmt: skip
        total += facts[name] * amount * MAN
        gap += facts[name] * difference * MAN
    if facts["disability_code"]:
        total, gap = total + 26 * MAN, gap + 1 * MAN
    if facts["single_parent_code"] and income_yen <= 500 * MAN:
        total, gap = total + 30 * MAN, gap + (5 if facts["single_parent_code"] == 1 else 1) * MAN
    elif facts["is_widow"] and income_yen <= 500 * MAN:
        total, gap = total + 26 * MAN, gap + 1 * MAN
    medical = max(0, facts["medical_paid_yen"] - min(100_000, income_yen * 5 // 100))
    total += facts["social_insurance_yen"] + facts["small_business_mutual_yen"] + min(medical, 200 * MAN)
    return total + _life(facts) + min(25_000, -(-facts["earthquake_yen"] // 2)), gap


def figures(facts: Facts) -> dict[str, int]:
    """What the former system printed on the notice of 令和7年度 (yen)."""
    income = total_income(facts)
    heads = 1 + int(bool(facts["has_spouse"] and facts["spouse_income_yen"] <= 480_000)) + sum(
        facts[name]
        for name in ("dependants_under_16", "dependants_general", "dependants_specific", "dependants_elderly",
                     "dependants_elderly_coresident")
    )  # fmt: skip
    protected = facts["is_minor"] or facts["disability_code"] or facts["is_widow"] or facts["single_parent_code"]
    is_free = bool(protected) and income <= 135 * MAN
    pays_head = not is_free and income > 315_000 * heads + 100_000 + (189_000 if heads > 1 else 0)
    pays_income = not is_free and income > 350_000 * heads + 100_000 + (320_000 if heads > 1 else 0)
    total, gap = deductions(facts, income)
    base = max(0, income - total) // 1000 * 1000
    city, prefecture = _levies(base, gap, facts["dividend_income_yen"]) if pays_income else (0, 0)
    head = (3000, 1000, 1000) if pays_head else (0, 0, 0)
    return {
        "total_income_yen": income,
        "taxable_income_yen": base,
        "income_levy_city_yen": city,
        "income_levy_prefecture_yen": prefecture,
        "city_tax_yen": city + head[0],
        "prefectural_tax_yen": prefecture + head[1],
        "forest_tax_yen": head[2],
        "annual_tax_yen": city + prefecture + sum(head),
    }


def _levies(base_yen: int, gap_yen: int, dividend_yen: int) -> tuple[int, int]:
    """所得割 of city and prefecture after 調整控除 and 配当控除, in hundreds of yen."""
    if base_yen <= 200 * MAN:
        relief = min(gap_yen, base_yen)
    else:
        relief = max(gap_yen - (base_yen - 200 * MAN), 50_000)
    above = min(dividend_yen, max(0, base_yen - 1000 * MAN))
    credits = (-(-(dividend_yen * 2 - above) * 8 // 1000), -(-(dividend_yen * 2 - above) * 6 // 1000))
    city = max(0, base_yen * 6 // 100 - -(-relief * 3 // 100) - credits[0])
    prefecture = max(0, base_yen * 4 // 100 - -(-relief * 2 // 100) - credits[1])
    return city // 100 * 100, prefecture // 100 * 100
