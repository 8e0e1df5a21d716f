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
SHORT = ("short_land", "short_state")
LONG = ("long_land", "long_housing", "long_home")
LAND = (*SHORT, *LONG)
SEPARATE = (*LAND, "listed_dividend", "shares_unlisted", "shares_listed", "futures")
UNITED = ("general", "forestry", "retirement")
DEDUCTION_ORDER = ("general", *SEPARATE, "forestry", "retirement")
SPECIAL_CAP = 50_000_000
HOME_LOSS_LIMIT = 30_000_000
RATE_PER_MILLE = dict.fromkeys(SEPARATE, 50) | dict.fromkeys(UNITED, 100) | {"short_land": 90}
LIGHT_TO = {"long_housing": 20_000_000, "long_home": 60_000_000}
LIGHT_PER_MILLE = 40
DIVIDEND_RATES = {3: ((40, 30), (80, 60), (160, 120)), 4: ((56, 14), (112, 28), (224, 56))}
FOREIGN_PER_CENT = {3: (18, 12), 4: (24, 6)}


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


def set_against(loss: int, pots: dict, *order: str) -> int:
    """Reduce the amounts of `pots` by `loss` in the order given, none below zero; what is left of the loss."""
    for name in order:
        used = min(loss, pots[name])
        pots[name] -= used
        loss -= used
    return loss


def gains(f: dict) -> tuple[int, int, int]:
    """総合譲渡: short and long gain after their netting and the special deduction, and the loss of both."""
    short, long = f["short_gain_yen"], f["long_gain_yen"]
    moved = min(abs(short), abs(long))
    if short < 0 < long:
        short, long = short + moved, long - moved
    elif long < 0 < short:
        short, long = short - moved, long + moved
    loss = max(-short, 0) + max(-long, 0)
    pots = {"short": max(short, 0), "long": max(long, 0)}
    set_against(500_000, pots, "short", "long")
    return pots["short"], pots["long"], loss


def united(f: dict, ordinary: int) -> tuple[dict, int, int]:
    """損益通算: general income, forestry and retirement, and what is left of the losses and of the home loss."""
    short, long, gain_loss = gains(f)
    forestry = f["forestry_income_yen"]
    forestry = max(forestry - 500_000, 0) if forestry > 0 else forestry
    pots = {"ordinary": max(ordinary, 0), "short": short, "long": long, "occasional": f["occasional_income_yen"]}
    pots |= {"forestry": max(forestry, 0), "retirement": f["retirement_income_yen"]}
    gain_loss = set_against(gain_loss, pots, "occasional", "ordinary")
    ordinary_loss = set_against(max(-ordinary, 0), pots, "short", "long", "occasional")
    forestry_loss = set_against(max(-forestry, 0), pots, "ordinary", "short", "long", "occasional", "retirement")
    left = set_against(gain_loss + ordinary_loss, pots, "forestry", "retirement") + forestry_loss
    general = pots["ordinary"] + pots["short"] + (pots["long"] + pots["occasional"]) // 2
    kept = {"general": general, "forestry": pots["forestry"], "retirement": pots["retirement"]}
    home = set_against(f["home_loss_yen"], kept, *UNITED)
    return kept, left, home


def land(f: dict) -> dict:
    """Gains on land and buildings after their netting, before special deductions; a loss that remains is lost."""
    pots = {kind: max(f[f"{kind}_gain_yen"], 0) for kind in LAND}
    short_loss = sum(max(-f[f"{kind}_gain_yen"], 0) for kind in SHORT)
    long_loss = sum(max(-f[f"{kind}_gain_yen"], 0) for kind in LONG)
    short_loss = set_against(short_loss, pots, *SHORT)
    long_loss = set_against(long_loss, pots, *LONG)
    set_against(short_loss, pots, *LONG)
    set_against(long_loss, pots, *SHORT)
    return pots


def separate(f: dict) -> tuple[dict, int, int]:
    """The nine separate incomes before special deductions, and the losses of listed shares and of futures."""
    pots = land(f) | {
        "listed_dividend": f["listed_dividend_yen"],
        "shares_unlisted": max(f["shares_unlisted_gain_yen"], 0),
        "shares_listed": max(f["shares_listed_gain_yen"], 0),
        "futures": max(f["futures_income_yen"], 0),
    }
    shares_loss = set_against(max(-f["shares_listed_gain_yen"], 0), pots, "listed_dividend")
    return pots, shares_loss, max(-f["futures_income_yen"], 0)


def carried(f: dict, pots: dict, total: int) -> dict:
    """繰越控除: losses of earlier years reduce `pots`; what was used of each."""
    home = f["home_loss_carried_yen"] if total <= HOME_LOSS_LIMIT else 0
    steps = (
        ("net_loss_used_yen", f["loss_carried_forward_yen"], UNITED),
        ("home_loss_used_yen", home, (*LONG, *SHORT, *UNITED)),
        ("shares_loss_used_yen", f["shares_loss_carried_yen"], ("shares_listed", "listed_dividend")),
        ("futures_loss_used_yen", f["futures_loss_carried_yen"], ("futures",)),
        ("casualty_used_yen", f["casualty_carried_yen"], DEDUCTION_ORDER),
    )
    return {name: loss - set_against(loss, pots, *order) for name, loss, order in steps}


def bases(f: dict, pots: dict, deductions: int, casualty: int) -> tuple[dict, int]:
    """課税標準額 of every kind, and what of the casualty deduction finds no income."""
    pots, room = dict(pots), SPECIAL_CAP
    for kind in LAND:
        special = min(f[f"{kind}_special_yen"], room, pots[kind])
        room -= special
        pots[kind] -= special
    arising = max(casualty - sum(pots.values()), 0)
    set_against(deductions, pots, *DEDUCTION_ORDER)
    return {kind: amount // 1000 * 1000 for kind, amount in pots.items()}, arising


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


def incomes(f: dict, year: int) -> tuple[dict, dict]:
    """Incomes, totals and losses; and what is left of every kind of income after the carried losses."""
    pay = f["salary_receipts_yen"]
    after = max(salary(pay, year) - f["salary_specific_expenses_yen"], 0)
    kind1 = 0
    special = f["special_disabled_relatives"] + f["special_disabled_coresident_relatives"] > 0
    if pay > 8_500_000 and (f["disability_code"] == 2 or f["has_dependant_under_23"] or special):
        kind1 = min(-(-(min(pay, 10_000_000) - 8_500_000) // 10), after)
    estate = f["real_estate_income_yen"]
    if estate < 0:
        estate = min(estate + f["real_estate_land_interest_yen"], 0)
    fixed = f["business_income_yen"] + f["farm_income_yen"] + estate
    fixed += f["interest_income_yen"] + f["dividend_income_yen"]
    misc = f["misc_business_income_yen"] + f["misc_other_income_yen"]
    apart, shares_loss, futures_loss = separate(f)
    of_separate = sum(apart.values())
    other = sum(united(f, after - kind1 + fixed + max(misc, 0))[0].values()) + of_separate
    pens = pension(f["pension_receipts_yen"], f["is_age_65"], other)
    kind2 = 0
    if after > 0 and pens > 0:
        kind2 = min(max(min(after, 100_000) + min(pens, 100_000) - 100_000, 0), after - kind1)
    pay_income = after - kind1 - kind2
    kept, net_loss, home_loss = united(f, pay_income + fixed + max(misc + pens, 0))
    total = sum(kept.values()) + of_separate
    pots = kept | apart
    used = carried(f, pots, total)
    return {
        "salary_income_yen": pay_income,
        "pension_income_yen": pens,
        "general_income_yen": kept["general"],
        "forestry_net_yen": kept["forestry"],
        "retirement_net_yen": kept["retirement"],
        "separate_income_yen": of_separate,
        "total_income_yen": total,
        "gross_income_yen": sum(pots.values()),
        "net_loss_arising_yen": net_loss,
        "home_loss_arising_yen": home_loss,
        "shares_loss_arising_yen": shares_loss,
        "futures_loss_arising_yen": futures_loss,
        **used,
    }, pots


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


def casualty_deduction(f: dict, gross: int) -> int:
    """雑損控除."""
    loss = f["casualty_loss_yen"]
    return max(loss - gross // 10, min(f["disaster_expense_yen"], loss) - 50_000, 0)


def paid(f: dict, gross: int) -> int:
    """Deductions for payments, without that for casualties."""
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
    return medical + life + quake + rest


def ratio_at(amount: int) -> tuple[Fraction, Fraction]:
    """特例控除 at an amount that is not below zero: the ratio and the share of the one-stop credit."""
    for top, value, extra in RATIOS:
        if top is None or amount <= top:
            return Fraction(value, 100_000), extra
    raise AssertionError


def ratio_below_zero(base: dict) -> Fraction:
    """特例控除 where the general base does not reach the adjusted gap: the smallest ratio of what else is taxed."""
    found = []
    if any(base[kind] > 0 for kind in SHORT):
        found.append(Fraction(59_370, 100_000))
    if any(base[kind] > 0 for kind in SEPARATE if kind not in SHORT):
        found.append(Fraction(74_685, 100_000))
    if base["forestry"] > 0:
        found.append(ratio_at(base["forestry"] // 5)[0])
    if base["retirement"] > 0:
        found.append(ratio_at(base["retirement"])[0])
    return min(found, default=Fraction(90_000, 100_000))


def donations(f: dict, year: int, base: dict, gap: int, r: dict, levied: tuple, fifths: int) -> tuple[int, int]:
    """寄附金税額控除 city and prefecture."""
    adjusted = gap
    for top, amount in NATIONAL_BASIC.get(year, ()):
        if r["total_income_yen"] <= top * 10_000:
            adjusted += max(amount * 10_000 - 480_000, 0)
            break
    below = base["general"] - adjusted
    ratio, one_stop = ratio_at(below) if below >= 0 else (ratio_below_zero(base), Fraction(0))
    answer = []
    for named, share, levy in (
        ("city_donation_yen", fifths, levied[0]),
        ("prefecture_donation_yen", 5 - fifths, levied[1]),
    ):
        given = max(min(f["hometown_donation_yen"] + f[named], r["gross_income_yen"] * 3 // 10) - 2_000, 0)
        basic = ceil(Fraction(given * 10 * share, 500))
        hometown = max(f["hometown_donation_yen"] - 2_000, 0)
        special = ceil(min(hometown * ratio * Fraction(share, 5), Fraction(levy, 5)))
        extra = ceil(special * one_stop) if f["is_one_stop"] else 0
        answer.append(basic + special + extra)
    return answer[0], answer[1]


def dividend(f: dict, base: dict, fifths: int) -> tuple[int, int]:
    """配当控除: the line of ten million is measured without forestry and retirement."""
    over = max(base["general"] + sum(base[kind] for kind in SEPARATE) - 10_000_000, 0)
    city = prefecture = Fraction(0)
    names = ("dividend_currency_trust_yen", "dividend_trust_yen", "dividend_ordinary_yen")
    for name, (low_city, low_pref) in zip(names, DIVIDEND_RATES[fifths], strict=True):
        above = min(f[name], over)
        over -= above
        city += Fraction((f[name] - above) * low_city, 10_000) + Fraction(above * low_city, 20_000)
        prefecture += Fraction((f[name] - above) * low_pref, 10_000) + Fraction(above * low_pref, 20_000)
    return floor(city), floor(prefecture)


def housing(f: dict, fifths: int) -> tuple[int, int]:
    """住宅借入金等特別税額控除."""
    if f["housing_loan_code"] == 0:
        return 0, 0
    percent, cap = (5, 97_500) if f["housing_loan_code"] == 1 else (7, 136_500)
    left = max(f["housing_loan_available_yen"] - f["national_income_tax_yen"], 0)
    total = min(left, f["national_taxable_income_yen"] * percent // 100, cap)
    of_prefecture = total * (5 - fifths) // 5
    return total - of_prefecture, of_prefecture


def foreign(f: dict, fifths: int) -> tuple[int, int]:
    """外国税額控除: the prefecture first, then the city, each within its part of the national limit."""
    city_percent, prefecture_percent = FOREIGN_PER_CENT[fifths]
    limit, excess = f["foreign_tax_limit_yen"], f["foreign_tax_excess_yen"]
    prefecture = min(excess, limit * prefecture_percent // 100)
    city = min(excess - prefecture, limit * city_percent // 100)
    return city + f["foreign_tax_credit_city_yen"], prefecture + f["foreign_tax_credit_prefecture_yen"]


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


def assess(f: dict, year: int, livelihood_class: int, designated: bool = False) -> dict:
    """Everything the year's tax of one person consists of, at the rates of an ordinary or a designated city."""
    r, pots = incomes(f, year)
    total, gross = r["total_income_yen"], r["gross_income_yen"]
    family_deduction, family_gap, heads, low = family(f, year, total)
    own_deduction, gap, widow, parent = own(f, year, total)
    gap += family_gap
    casualty = casualty_deduction(f, gross)
    deductions = casualty + paid(f, gross) + family_deduction + own_deduction
    base, casualty_left = bases(f, pots, deductions, casualty)
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
    city = prefecture = 0
    if pays_levy:
        city, prefecture = levies(f, year, r, base, gap, levy_limit, heads, low, 4 if designated else 3)
    r |= {f"taxable_{kind}_yen": amount for kind, amount in base.items() if kind != "general"}
    r |= {
        "total_deduction_yen": deductions,
        "casualty_loss_arising_yen": casualty_left,
        "deduction_gap_yen": gap,
        "taxable_income_yen": base["general"],
        "family_heads": heads,
        "per_capita_limit_yen": per_capita_limit,
        "income_levy_limit_yen": levy_limit,
        "income_levy_city_yen": city // 100 * 100,
        "income_levy_prefecture_yen": prefecture // 100 * 100,
        "per_capita_city_yen": 3_000 if pays_flat else 0,
        "per_capita_prefecture_yen": 1_000 if pays_flat else 0,
        "forest_tax_yen": max((1_000 if pays_forest else 0) - f["relief_forest_yen"], 0),
    }
    owed_city = r["income_levy_city_yen"] + r["per_capita_city_yen"]
    owed_prefecture = r["income_levy_prefecture_yen"] + r["per_capita_prefecture_yen"]
    r["city_tax_yen"] = max(owed_city - f["relief_city_yen"], 0)
    r["prefectural_tax_yen"] = max(owed_prefecture - f["relief_prefecture_yen"], 0)
    r["annual_tax_yen"] = r["city_tax_yen"] + r["prefectural_tax_yen"] + r["forest_tax_yen"]
    return r


def calculated(base: dict, fifths: int) -> tuple[int, int]:
    """算出所得割: each base at its rate, split 3:2 (designated city 4:1); exact, a base is whole thousands of yen."""
    thousandths = 0
    for kind, amount in base.items():
        light = min(amount, LIGHT_TO.get(kind, 0))
        thousandths += light * LIGHT_PER_MILLE + (amount - light) * RATE_PER_MILLE[kind]
    return thousandths * fifths // 5_000, thousandths * (5 - fifths) // 5_000


def adjustment(base: dict, gap: int, total: int) -> int:
    """調整控除: the amount that five per cent are taken of."""
    taxed = sum(base[kind] for kind in UNITED)
    if total > 25_000_000:
        return 0
    return min(gap, taxed) if taxed <= 2_000_000 else max(gap - (taxed - 2_000_000), 50_000)


def levies(
    f: dict, year: int, r: dict, base: dict, gap: int, limit: int, heads: int, low: bool, fifths: int
) -> tuple[int, int]:
    """Income levies of city and prefecture before the cut to 100 yen."""
    total, gross = r["total_income_yen"], r["gross_income_yen"]
    city, prefecture = calculated(base, fifths)
    adjusted = adjustment(base, gap, total)
    city -= adjusted * fifths // 100
    prefecture -= adjusted * (5 - fifths) // 100
    credits = (
        donations(f, year, base, gap, r, (city, prefecture), fifths),
        dividend(f, base, fifths),
        housing(f, fifths),
        foreign(f, fifths),
    )
    both, kept_city, kept_prefecture = city + prefecture, Fraction(city), Fraction(prefecture)
    if limit > gross - both:
        kept_city = Fraction(city * (gross - limit), both)
        kept_prefecture = Fraction(prefecture * (gross - limit), both)
    # What is subtracted is whole yen: a fraction cut here, at 1/10,000 yen or not at all, leaves the same whole yen.
    city = max(floor(kept_city) - sum(credit[0] for credit in credits), 0)
    prefecture = max(floor(kept_prefecture) - sum(credit[1] for credit in credits), 0)
    withheld = f["withheld_dividend_tax_yen"]
    of_prefecture = withheld * (5 - fifths) // 5
    city = max(city - (withheld - of_prefecture), 0)
    prefecture = max(prefecture - of_prefecture, 0)
    less = min(reduction(f, year, total, heads, low), city + prefecture)
    if less:
        of_prefecture = prefecture * less // (city + prefecture)
        city, prefecture = city - (less - of_prefecture), prefecture - of_prefecture
    return city, prefecture
