"""Scalar oracle of the resident tax, 令和6–9年度: one person at a time, plain integers and fractions.

Written from the prose and tables of the law's summary, with constants of its own. It imports nothing of the product:
its only duty is to disagree when the product is wrong.
"""

from __future__ import annotations

from fractions import Fraction
from math import ceil, floor

RELATIVE_LIMIT = {2024: 480_000, 2025: 480_000, 2026: 580_000, 2027: 620_000}
STUDENT_LIMIT = {2024: 750_000, 2025: 750_000, 2026: 850_000, 2027: 890_000}
SPOUSE_SPECIAL = [
    (1_000_000, 33, 22, 11),
    (1_050_000, 31, 21, 11),
    (1_100_000, 26, 18, 9),
    (1_150_000, 21, 14, 7),
    (1_200_000, 16, 11, 6),
    (1_250_000, 11, 8, 4),
    (1_300_000, 6, 4, 2),
    (1_330_000, 3, 2, 1),
]
SPECIFIC_RELATIVE = [45, 41, 31, 21, 11, 6, 3]
RATIOS = [
    (1_950_000, 84_895, Fraction(5105, 84895)),
    (3_300_000, 79_790, Fraction(10210, 79790)),
    (6_950_000, 69_580, Fraction(20420, 69580)),
    (9_000_000, 66_517, Fraction(23483, 66517)),
    (18_000_000, 56_307, Fraction(33693, 56307)),
    (40_000_000, 49_160, Fraction(33693, 56307)),
    (None, 44_055, Fraction(33693, 56307)),
]
NATIONAL_BASIC = {
    2026: [(132, 95), (336, 88), (489, 68), (655, 63), (2350, 58), (2400, 48), (2450, 32), (2500, 16)],
    2027: [(489, 104), (655, 67), (2350, 62), (2400, 48), (2450, 32), (2500, 16)],
}
CLASS_TENTHS = {1: 10, 2: 9, 3: 8}


def salary(x: int, year: int) -> int:
    """給与所得控除後の金額."""
    quarter = x // 4000 * 1000
    if year <= 2025:
        if x < 551_000:
            return 0
        if x < 1_619_000:
            return x - 550_000
        if x < 1_620_000:
            return 1_069_000
        if x < 1_622_000:
            return 1_070_000
        if x < 1_624_000:
            return 1_072_000
        if x < 1_628_000:
            return 1_074_000
        if x < 1_800_000:
            return quarter * 24 // 10 + 100_000
    elif year == 2026:
        if x < 651_000:
            return 0
        if x < 1_900_000:
            return x - 650_000
    else:
        if x < 741_000:
            return 0
        if x < 2_191_000:
            return x - 740_000
        if x < 2_193_000:
            return 1_451_000
        if x < 2_196_000:
            return 1_453_000
        if x < 2_200_000:
            return 1_456_000
    if x < 3_600_000:
        return quarter * 28 // 10 - 80_000
    if x < 6_600_000:
        return quarter * 32 // 10 - 440_000
    if x < 8_500_000:
        return x * 9 // 10 - 1_100_000
    return x - 1_950_000


def pension(x: int, is_65: bool, other: int) -> int:
    """公的年金等に係る雑所得."""
    less = 0 if other <= 10_000_000 else 100_000 if other <= 20_000_000 else 200_000
    if is_65 and x <= 3_300_000:
        return max(x - 1_100_000 + less, 0)
    if not is_65 and x <= 1_300_000:
        return max(x - 600_000 + less, 0)
    if x <= 4_100_000:
        return max(x * 3 // 4 - 275_000 + less, 0)
    if x <= 7_700_000:
        return x * 85 // 100 - 685_000 + less
    if x <= 10_000_000:
        return x * 95 // 100 - 1_455_000 + less
    return x - 1_955_000 + less


def netted(ordinary: int, short: int, long: int, occasional: int) -> int:
    """損益通算: a loss of ordinary income eats short gains, long gains, occasional income, in this order."""
    if ordinary < 0:
        loss = -ordinary
        eaten = min(loss, short)
        short, loss = short - eaten, loss - eaten
        eaten = min(loss, long)
        long, loss = long - eaten, loss - eaten
        occasional -= min(loss, occasional)
        ordinary = 0
    return ordinary + short + (long + occasional) // 2


def new_life(p: int) -> int:
    """生命保険料控除, contracts from 2012."""
    if p <= 12_000:
        return p
    if p <= 32_000:
        return (p + 1) // 2 + 6_000
    return (p + 3) // 4 + 14_000 if p <= 56_000 else 28_000


def old_life(p: int) -> int:
    """生命保険料控除, contracts before 2012."""
    if p <= 15_000:
        return p
    if p <= 40_000:
        return (p + 1) // 2 + 7_500
    return (p + 3) // 4 + 17_500 if p <= 70_000 else 35_000


def both_life(new: int, old: int) -> int:
    """Best of the three ways for a kind with both contracts."""
    return max(old, new, min(new + old, 28_000))


def incomes(f: dict, year: int) -> dict:
    """Incomes and totals."""
    pay = f["salary_receipts_yen"]
    after = max(salary(pay, year) - f["salary_specific_expenses_yen"], 0)
    kind1 = 0
    special = f["special_disabled_relatives"] + f["special_disabled_coresident_relatives"] > 0
    if pay > 8_500_000 and (f["disability_code"] == 2 or f["has_dependant_under_23"] or special):
        kind1 = min(-(-(min(pay, 10_000_000) - 8_500_000) // 10), after)
    short, long = f["short_gain_yen"], f["long_gain_yen"]
    left = 500_000
    used = min(short, left)
    short, left = short - used, left - used
    long -= min(long, left)
    estate = f["real_estate_income_yen"]
    if estate < 0:
        estate = min(estate + f["real_estate_land_interest_yen"], 0)
    fixed = f["business_income_yen"] + f["farm_income_yen"] + estate
    fixed += f["interest_income_yen"] + f["dividend_income_yen"]
    misc = f["misc_business_income_yen"] + f["misc_other_income_yen"]
    occasional = f["occasional_income_yen"]
    other = netted(after - kind1 + fixed + max(misc, 0), short, long, occasional)
    pens = pension(f["pension_receipts_yen"], f["is_age_65"], other)
    kind2 = 0
    if after > 0 and pens > 0:
        kind2 = min(max(min(after, 100_000) + min(pens, 100_000) - 100_000, 0), after - kind1)
    pay_income = after - kind1 - kind2
    total = netted(pay_income + fixed + max(misc + pens, 0), short, long, occasional)
    return {
        "salary_income_yen": pay_income,
        "pension_income_yen": pens,
        "total_income_yen": total,
        "gross_income_yen": max(total - f["loss_carried_forward_yen"], 0),
    }


def payer_column(total: int) -> int | None:
    """Column of the spouse tables, None above 10,000,000."""
    for column, top in enumerate((9_000_000, 9_500_000, 10_000_000)):
        if total <= top:
            return column
    return None


def family(f: dict, year: int, total: int) -> tuple[int, int, int, bool]:
    """Deductions for spouse and dependants, their gaps, heads, whether the spouse is one of low income."""
    deduction = gap = 0
    column = payer_column(total)
    low = f["has_spouse"] and f["spouse_income_yen"] <= RELATIVE_LIMIT[year]
    earned = f["spouse_income_yen"]
    if low and column is not None:
        old = f["is_spouse_elderly"]
        deduction += ((380, 260, 130) if old else (330, 220, 110))[column] * 1000
        gap += ((100, 60, 30) if old else (50, 40, 20))[column] * 1000
    elif f["has_spouse"] and column is not None:
        for row in SPOUSE_SPECIAL:
            if earned <= row[0]:
                deduction += row[1 + column] * 10_000
                break
        if year <= 2025 and earned < 500_000:
            gap += (50, 40, 20)[column] * 1000
        elif year <= 2025 and earned < 550_000:
            gap += (30, 20, 10)[column] * 1000
    classes = (
        ("dependants_under_16", 0, 0),
        ("dependants_general", 330_000, 50_000),
        ("dependants_specific", 450_000, 180_000),
        ("dependants_elderly", 380_000, 100_000),
        ("dependants_elderly_coresident", 450_000, 130_000),
    )
    heads = 1 if low else 0
    for name, amount, difference in classes:
        heads += f[name]
        deduction += f[name] * amount
        gap += f[name] * difference
    if year >= 2026:
        deduction += sum(f[f"specific_relatives_{i + 1}"] * yen * 10_000 for i, yen in enumerate(SPECIFIC_RELATIVE))
    return deduction, gap, heads, bool(low)


def own(f: dict, year: int, total: int) -> tuple[int, int, bool, bool]:
    """Deductions for the payer and for disability, gaps, and whether widow or single parent."""
    deduction = 260_000 * f["disabled_relatives"] + 300_000 * f["special_disabled_relatives"]
    deduction += 530_000 * f["special_disabled_coresident_relatives"]
    gap = 50_000 + 10_000 * f["disabled_relatives"] + 100_000 * f["special_disabled_relatives"]
    gap += 220_000 * f["special_disabled_coresident_relatives"]
    if f["disability_code"] == 1:
        deduction, gap = deduction + 260_000, gap + 10_000
    if f["disability_code"] == 2:
        deduction, gap = deduction + 300_000, gap + 100_000
    parent = f["single_parent_code"] > 0 and total <= 5_000_000
    widow = bool(f["is_widow"]) and total <= 5_000_000 and not parent
    if parent:
        deduction += 300_000
        gap += 50_000 if f["single_parent_code"] == 1 else 10_000
    if widow:
        deduction, gap = deduction + 260_000, gap + 10_000
    if f["is_working_student"] and total <= STUDENT_LIMIT[year]:
        deduction, gap = deduction + 260_000, gap + 10_000
    for top, amount in ((24_000_000, 430_000), (24_500_000, 290_000), (25_000_000, 150_000)):
        if total <= top:
            deduction += amount
            break
    return deduction, gap, widow, parent


def paid(f: dict, gross: int) -> int:
    """Deductions for payments."""
    loss = max(f["casualty_loss_yen"] - gross // 10, min(f["disaster_expense_yen"], f["casualty_loss_yen"]) - 50_000, 0)
    if f["chooses_self_medication"]:
        medical = min(max(f["self_medication_yen"] - 12_000, 0), 88_000)
    else:
        threshold = min(gross // 20, 100_000)
        medical = min(max(f["medical_paid_yen"] - f["medical_reimbursed_yen"] - threshold, 0), 2_000_000)
    life = both_life(new_life(f["life_general_new_yen"]), old_life(f["life_general_old_yen"]))
    life += both_life(new_life(f["life_annuity_new_yen"]), old_life(f["life_annuity_old_yen"]))
    life = min(life + new_life(f["life_care_yen"]), 70_000)
    long = f["old_long_insurance_yen"]
    long = long if long <= 5_000 else (long + 1) // 2 + 2_500 if long <= 15_000 else 10_000
    quake = min(min((f["earthquake_yen"] + 1) // 2, 25_000) + long, 25_000)
    rest = f["social_insurance_yen"] + f["small_business_mutual_yen"] + f["other_deduction_yen"]
    return loss + medical + life + quake + rest


def donations(f: dict, year: int, taxable: int, gap: int, total: int, gross: int, levies: tuple) -> tuple[int, int]:
    """寄附金税額控除 city and prefecture."""
    adjusted = gap
    for top, amount in NATIONAL_BASIC.get(year, ()):
        if total <= top * 10_000:
            adjusted += max(amount * 10_000 - 480_000, 0)
            break
    below = taxable - adjusted
    ratio, one_stop = Fraction(90_000, 100_000), Fraction(0)
    if below >= 0:
        for top, value, extra in RATIOS:
            if top is None or below <= top:
                ratio, one_stop = Fraction(value, 100_000), extra
                break
    answer = []
    for named, rate, share, levy in (
        ("city_donation_yen", 6, Fraction(3, 5), levies[0]),
        ("prefecture_donation_yen", 4, Fraction(2, 5), levies[1]),
    ):
        base = max(min(f["hometown_donation_yen"] + f[named], gross * 3 // 10) - 2_000, 0)
        basic = ceil(Fraction(base * rate, 100))
        special = ceil(min(max(f["hometown_donation_yen"] - 2_000, 0) * ratio * share, Fraction(levy, 5)))
        extra = ceil(special * one_stop) if f["is_one_stop"] else 0
        answer.append(basic + special + extra)
    return answer[0], answer[1]


def dividend(f: dict, taxable: int) -> tuple[int, int]:
    """配当控除."""
    over = max(taxable - 10_000_000, 0)
    city = prefecture = Fraction(0)
    for name, low_city, low_pref in (
        ("dividend_currency_trust_yen", 40, 30),
        ("dividend_trust_yen", 80, 60),
        ("dividend_ordinary_yen", 160, 120),
    ):
        above = min(f[name], over)
        over -= above
        city += Fraction((f[name] - above) * low_city, 10_000) + Fraction(above * low_city, 20_000)
        prefecture += Fraction((f[name] - above) * low_pref, 10_000) + Fraction(above * low_pref, 20_000)
    return floor(city), floor(prefecture)


def housing(f: dict) -> tuple[int, int]:
    """住宅借入金等特別税額控除."""
    if f["housing_loan_code"] == 0:
        return 0, 0
    percent, cap = (5, 97_500) if f["housing_loan_code"] == 1 else (7, 136_500)
    left = max(f["housing_loan_available_yen"] - f["national_income_tax_yen"], 0)
    total = min(left, f["national_taxable_income_yen"] * percent // 100, cap)
    return total - total * 2 // 5, total * 2 // 5


def reduction(f: dict, year: int, total: int, heads: int, low: bool) -> int:
    """定額減税 before the limit by the levy."""
    if total > 18_050_000:
        return 0
    if year == 2024:
        others = heads - (1 if low else 0) - f["dependants_abroad"]
        spouse = 1 if low and total <= 10_000_000 and not f["is_spouse_abroad"] else 0
        return 10_000 * (1 + others + spouse)
    if year == 2025 and total > 10_000_000 and low and not f["is_spouse_abroad"]:
        return 10_000
    return 0


def assess(f: dict, year: int, livelihood_class: int) -> dict:
    """Everything the year's tax of one person consists of, at standard rates."""
    r = incomes(f, year)
    total, gross = r["total_income_yen"], r["gross_income_yen"]
    family_deduction, family_gap, heads, low = family(f, year, total)
    own_deduction, gap, widow, parent = own(f, year, total)
    gap += family_gap
    deductions = paid(f, gross) + family_deduction + own_deduction
    taxable = max(gross - deductions, 0) // 1000 * 1000
    tenths = CLASS_TENTHS[livelihood_class]
    per_capita_limit = 35_000 * tenths * (heads + 1) + 100_000 + (21_000 * tenths if heads else 0)
    levy_limit = 350_000 * (heads + 1) + 100_000 + (320_000 if heads else 0)
    status = f["disability_code"] > 0 or f["is_minor"] or widow or parent
    exempt_person = f["receives_livelihood_aid"] or (status and total <= 1_350_000)
    home = f["is_domiciled"]
    pays_flat = (home and total > per_capita_limit and not exempt_person) or (
        not home and f["has_local_premises"] and not f["is_exempt_at_domicile"]
    )
    pays_forest = home and total > per_capita_limit and not exempt_person
    pays_levy = home and gross > levy_limit and not exempt_person
    city = prefecture = Fraction(0)
    if pays_levy:
        city, prefecture = levies(f, year, r, taxable, gap, levy_limit, heads, low)
    r |= {
        "total_deduction_yen": deductions,
        "deduction_gap_yen": gap,
        "taxable_income_yen": taxable,
        "family_heads": heads,
        "per_capita_limit_yen": per_capita_limit,
        "income_levy_limit_yen": levy_limit,
        "income_levy_city_yen": floor(city / 100) * 100,
        "income_levy_prefecture_yen": floor(prefecture / 100) * 100,
        "per_capita_city_yen": 3_000 if pays_flat else 0,
        "per_capita_prefecture_yen": 1_000 if pays_flat else 0,
        "forest_tax_yen": 1_000 if pays_forest else 0,
    }
    parts = ("income_levy_city_yen", "income_levy_prefecture_yen", "per_capita_city_yen")
    r["annual_tax_yen"] = sum(r[name] for name in parts) + r["per_capita_prefecture_yen"] + r["forest_tax_yen"]
    return r


def levies(f: dict, year: int, r: dict, taxable: int, gap: int, limit: int, heads: int, low: bool) -> tuple:
    """Income levies of city and prefecture before the cut to 100 yen."""
    total, gross = r["total_income_yen"], r["gross_income_yen"]
    base = min(gap, taxable) if taxable <= 2_000_000 else max(gap - (taxable - 2_000_000), 50_000)
    if total > 25_000_000:
        base = 0
    city, prefecture = taxable * 6 // 100 - base * 3 // 100, taxable * 4 // 100 - base * 2 // 100
    gifts = donations(f, year, taxable, gap, total, gross, (city, prefecture))
    shares, loan = dividend(f, taxable), housing(f)
    kept_city, kept_prefecture = Fraction(city), Fraction(prefecture)
    both = city + prefecture
    if limit > gross - both:
        kept_city, kept_prefecture = (
            Fraction(city * (gross - limit), both),
            Fraction(prefecture * (gross - limit), both),
        )
    city = floor(max(kept_city - gifts[0] - shares[0] - loan[0] - f["foreign_tax_credit_city_yen"], 0))
    prefecture = floor(
        max(kept_prefecture - gifts[1] - shares[1] - loan[1] - f["foreign_tax_credit_prefecture_yen"], 0)
    )
    withheld = f["withheld_dividend_tax_yen"]
    city = max(city - (withheld - withheld * 2 // 5), 0)
    prefecture = max(prefecture - withheld * 2 // 5, 0)
    less = min(reduction(f, year, total, heads, low), city + prefecture)
    if less:
        of_prefecture = prefecture * less // (city + prefecture)
        city, prefecture = city - (less - of_prefecture), prefecture - of_prefecture
    return city, prefecture
