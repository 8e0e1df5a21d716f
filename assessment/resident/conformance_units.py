"""検証事例の単項目 (unit cases): one function per `unit` word, each a thin call of the rules it names."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assessment.resident.rules import (
    annual,
    credits,
    deductions,
    donation,
    exemptions,
    income,
    instalments,
    levy,
    persons,
    retirement,
    separate,
)
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute
from assessment.resident.rules.relatives import relative_column
from taxsys.kernel.conformance import NotSupportedError
from taxsys.kernel.pipeline import evaluate
from taxsys.kernel.rounding import floor_1, floor_100
from taxsys.kernel.yen import LEVY_SCALE
from taxsys.params.model import ParameterSet

Inputs = Mapping[str, Any]
Figures = dict[str, Any]
_SEARCH_TOP = 100_000_000
_DEPENDANT_WORDS = {
    "ippan": "dependants_general",
    "tokutei": "dependants_specific",
    "rojin": "dependants_elderly",
    "dokyo_roshin": "dependants_elderly_coresident",
}
_DISABILITY_WORDS = {
    "ippan": "disabled_relatives",
    "tokubetsu": "special_disabled_relatives",
    "dokyo_tokubetsu": "special_disabled_coresident_relatives",
}
_RETIREMENT_WORDS = {
    "ippan": retirement.GENERAL,
    "yakuin": retirement.OFFICER,
    "tanki": retirement.SHORT_SERVICE,
}
_SEPARATE_WORDS = {
    "tanki": separate.SHORT_GENERAL,
    "tanki_keigen": separate.SHORT_STATE,
    "choki": separate.LONG_GENERAL,
    "yuryo": separate.LONG_QUALITY_HOUSING,
    "kyoju": separate.LONG_OWN_HOME,
}


def only(given: Inputs, *known: str) -> None:
    """Refuse inputs this unit does not know: a forgotten input would give a wrong figure silently."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise NotSupportedError(f"input.{unknown[0]}")
    for key, value in given.items():
        if isinstance(value, float):
            raise NotSupportedError(f"input.{key} {value!r}")


def word(table: Mapping[str, Any], key: str, value: Any) -> Any:
    """The meaning of a code word; an unknown one is not supported, by name."""
    if value not in table:
        raise NotSupportedError(f"input.{key} {value}")
    return table[value]


def person(law: ParameterSet, **facts: int) -> dict[str, int]:
    """All result figures of one person with the given facts."""
    columns = compute(RESIDENT_FACTS.batch(facts), law).columns
    return {name: int(column[0]) for name, column in columns.items()}


def _levies(law: ParameterSet, taxable: int, gap: int, total: int = 0) -> Figures:
    city, pref = evaluate(levy.calculated_levy, law, taxable_income_yen=taxable, is_liable_income_levy=True)
    credit = _adjustment(law, taxable, gap, total)
    after = evaluate(
        levy.adjusted_levy,
        law,
        calculated_levy_city_yen_e4=city,
        calculated_levy_prefecture_yen_e4=pref,
        adjustment_credit_city_yen=credit["chosei_city"],
        adjustment_credit_prefecture_yen=credit["chosei_pref"],
    )
    after_city, after_pref = (floor_1(value, LEVY_SCALE) for value in after)
    return {
        "sanshutsu_city": floor_1(city, LEVY_SCALE),
        "sanshutsu_pref": floor_1(pref, LEVY_SCALE),
        **credit,
        "after_chosei_city": after_city,
        "after_chosei_pref": after_pref,
        "shotokuwari_city": floor_100(after_city),
        "shotokuwari_pref": floor_100(after_pref),
        "shotokuwari_total": floor_100(after_city) + floor_100(after_pref),
    }


def _adjustment(law: ParameterSet, taxable: int, gap: int, total: int) -> Figures:
    (base,) = evaluate(
        levy.adjustment_base_yen,
        law,
        taxable_income_yen=taxable,
        deduction_gap_yen=gap,
        total_income_yen=total,
        is_liable_income_levy=True,
    )
    city, pref = evaluate(levy.adjustment_credit, law, adjustment_base_yen=base)
    return {"base": base, "chosei_city": city, "chosei_pref": pref, "total": city + pref}


def _basic_gap(law: ParameterSet) -> int:
    return int(law["resident.gap.basic"].value)  # type: ignore[arg-type]


def from_kazei(given: Inputs, law: ParameterSet) -> Figures:
    """Levies from 課税総所得金額 and the gaps."""
    only(given, "kazei", "jinteki_sa", "goukei")
    return _levies(law, given["kazei"], given.get("jinteki_sa", _basic_gap(law)), given.get("goukei", 0))


def chosei(given: Inputs, law: ParameterSet) -> Figures:
    """調整控除: base, both sides, total."""
    only(given, "kazei", "jinteki_sa", "goukei")
    return _adjustment(law, given["kazei"], given["jinteki_sa"], given.get("goukei", 0))


def diff_pair(given: Inputs, law: ParameterSet) -> Figures:
    """Difference in tax between two sums of gaps."""
    only(given, "kazei", "sa_a", "sa_b", "goukei")
    total = given.get("goukei", 0)
    a, b = (_levies(law, given["kazei"], given[key], total)["shotokuwari_total"] for key in ("sa_a", "sa_b"))
    return {"difference": abs(a - b)}


def nenkin_bun(given: Inputs, law: ParameterSet) -> Figures:
    """Pension share: the whole less the tax as if the pension did not exist."""
    only(given, "kazei_all", "kazei_other", "jinteki_sa")
    gap = given.get("jinteki_sa", _basic_gap(law))
    whole, other = _levies(law, given["kazei_all"], gap), _levies(law, given["kazei_other"], gap)
    figures: Figures = {}
    for side in ("city", "pref"):
        figures[f"all_{side}"] = whole[f"shotokuwari_{side}"]
        figures[f"other_{side}"] = other[f"shotokuwari_{side}"]
        figures[f"nenkin_{side}"] = max(whole[f"shotokuwari_{side}"] - other[f"shotokuwari_{side}"], 0)
    return figures


def fusoku3no3(given: Inputs, law: ParameterSet) -> Figures:
    """所得割の調整措置 from the two totals."""
    only(given, "sotou", "count", "shotokuwari_total")
    limit = limits({"count": given["count"]}, law)["shotokuwari_limit"]
    relief, _, _ = evaluate(
        levy.limit_relief,
        law,
        gross_income_yen=given["sotou"],
        income_levy_limit_yen=limit,
        adjusted_levy_city_yen_e4=given["shotokuwari_total"] * LEVY_SCALE,
        adjusted_levy_prefecture_yen_e4=0,
    )
    exempt = given["sotou"] <= limit
    reduction = given["shotokuwari_total"] if exempt else floor_1(relief, LEVY_SCALE)
    after = given["shotokuwari_total"] - reduction
    return {"limit": limit, "reduction": reduction, "shotokuwari_after": floor_100(after)}


def kifu(given: Inputs, law: ParameterSet) -> Figures:
    """寄附金税額控除 from a stated ratio and levies."""
    only(given, "kifu", "sotou", "ratio_x1000", "city_levy", "pref_levy")
    basic_city, basic_pref = evaluate(
        donation.donation_basic,
        law,
        hometown_donation_yen=given["kifu"],
        city_donation_yen=0,
        prefecture_donation_yen=0,
        gross_income_yen=given["sotou"],
    )
    special_city, special_pref = evaluate(
        donation.donation_special,
        law,
        hometown_donation_yen=given["kifu"],
        donation_ratio_row=_ratio_row(given["ratio_x1000"], law),
        donation_cap_levy_city_yen_e4=given["city_levy"] * LEVY_SCALE,
        donation_cap_levy_prefecture_yen_e4=given["pref_levy"] * LEVY_SCALE,
    )
    return {
        "kihon_city": basic_city,
        "kihon_pref": basic_pref,
        "kihon_total": basic_city + basic_pref,
        "tokurei_city": special_city,
        "tokurei_pref": special_pref,
        "tokurei_total": special_city + special_pref,
        "kifu_city": basic_city + special_city,
        "kifu_pref": basic_pref + special_pref,
    }


def _ratio_row(ratio_x1000: int, law: ParameterSet) -> int:
    rates = law["resident.donation.ratio_table"].value.rates["ratio"]  # type: ignore[union-attr]
    for row, rate in enumerate(rates):
        if rate.fraction * 100_000 == ratio_x1000:
            return row
    raise NotSupportedError(f"input.ratio_x1000 {ratio_x1000}")


def ratio(given: Inputs, law: ParameterSet) -> Figures:
    """Ratio of the special donation credit."""
    only(given, "kazei", "adj")
    _, value = evaluate(
        donation.donation_ratio, law, taxable_income_yen=given["kazei"], adjusted_gap_yen=given.get("adj", 0)
    )
    return {"ratio_x1000": value}


def juutaku(given: Inputs, law: ParameterSet) -> Figures:
    """Housing-loan credit; without a national base only the cap binds."""
    only(given, "kanou", "shotokuzei", "kazei_nat")
    total, city, pref = evaluate(
        credits.housing_loan_credit,
        law,
        housing_loan_code=1,
        housing_loan_available_yen=given["kanou"],
        national_income_tax_yen=given.get("shotokuzei", 0),
        national_taxable_income_yen=given.get("kazei_nat", _SEARCH_TOP),
    )
    return {"juminzei_kojo": total, "city": city, "pref": pref}


def haitowari(given: Inputs, law: ParameterSet) -> Figures:
    """配当割額等の控除: rest of the levy, offset and refund."""
    only(given, "shotokuwari", "kojo", "kintowari")
    # The published example states one levy for both sides; the split of the credit does not matter to its figures.
    shortfall = max(given["kojo"] - given["shotokuwari"], 0)
    offset, refund = evaluate(
        annual.withheld_settlement,
        law,
        withheld_shortfall_yen=shortfall,
        per_capita_city_yen=given["kintowari"],
        per_capita_prefecture_yen=0,
    )
    after = max(given["shotokuwari"] - given["kojo"], 0)
    return {"fusoku": shortfall, "juto": offset, "kanpu": refund, "shotokuwari_after": after}


def haito(given: Inputs, law: ParameterSet) -> Figures:
    """配当控除 across the 10,000,000 yen line."""
    only(given, "kazei", "haito")
    over, city, pref = evaluate(
        credits.dividend_credit,
        law,
        taxable_income_yen=given["kazei"],
        dividend_ordinary_yen=given["haito"],
        dividend_trust_yen=0,
        dividend_currency_trust_yen=0,
    )
    return {"under_10m": given["haito"] - over, "over_10m": over, "city": city, "pref": pref}


def teigaku(given: Inputs, law: ParameterSet) -> Figures:
    """定額減税 of the year."""
    only(given, "kojo_haigusha", "fuyo_domestic", "goukei", "shotokuwari")
    spouse, heads = int(given.get("kojo_haigusha", 0)), int(given.get("fuyo_domestic", 0))
    if law.when in credits.fixed_reduction_r6.years:
        (entitled,) = evaluate(
            credits.fixed_reduction_r6,
            law,
            total_income_yen=given.get("goukei", 0),
            spouse_deduction_yen=spouse,
            is_spouse_abroad=False,
            family_heads=heads + spouse,
            is_spouse_of_low_income=bool(spouse),
            dependants_abroad=0,
        )
    elif law.when in credits.fixed_reduction_r7.years:
        floor = int(law["resident.fixed_reduction.spouse_payer_floor"].value)  # type: ignore[arg-type]
        (entitled,) = evaluate(
            credits.fixed_reduction_r7,
            law,
            total_income_yen=given.get("goukei", floor + 1),
            is_spouse_of_low_income=True,
            is_spouse_abroad=False,
            dependants_abroad=0,
        )
    else:
        entitled = 0
    return {"gensei": min(entitled, given["shotokuwari"]) if "shotokuwari" in given else entitled}


def taishoku(given: Inputs, law: ParameterSet) -> Figures:
    """Retirement income and its tax."""
    only(given, "amount", "years", "months", "kind")
    (years,) = evaluate(
        retirement.counted_years, law, service_years=given["years"], service_months=given.get("months", 0)
    )
    (deduction,) = evaluate(
        retirement.retirement_deduction_yen, law, counted_years=years, is_disability_retirement=False
    )
    (amount,) = evaluate(
        retirement.retirement_income_yen,
        law,
        retirement_pay_yen=given["amount"],
        retirement_deduction_yen=deduction,
        retirement_code=word(_RETIREMENT_WORDS, "kind", given.get("kind", "ippan")),
    )
    return {"nensu": years, "kojo": deduction, **taishoku_zei({"taishoku_shotoku": amount}, law)}


def taishoku_zei(given: Inputs, law: ParameterSet) -> Figures:
    """Tax of retirement income."""
    only(given, "taishoku_shotoku")
    city, pref = evaluate(retirement.retirement_levy, law, retirement_income_yen=given["taishoku_shotoku"])
    return {"taishoku_shotoku": given["taishoku_shotoku"], "city": city, "pref": pref, "total": city + pref}


def bunri(given: Inputs, law: ParameterSet) -> Figures:
    """Levy of one separate base."""
    only(given, "kind", "kazei")
    city, pref = evaluate(
        separate.separate_levy,
        law,
        separate_code=word(_SEPARATE_WORDS, "kind", given["kind"]),
        separate_base_yen=given["kazei"],
    )
    return {"city": floor_1(city, LEVY_SCALE), "pref": floor_1(pref, LEVY_SCALE)}


def _class_law(given: Inputs, law: ParameterSet) -> ParameterSet:
    return law.overlay({"resident.city.livelihood_class": given["kyuchi"]}) if "kyuchi" in given else law


def limits(given: Inputs, law: ParameterSet) -> Figures:
    """Limits of both exemptions by heads and class."""
    only(given, "count", "kyuchi")
    own = _class_law(given, law)
    (per_capita,) = evaluate(exemptions.per_capita_limit_yen, own, family_heads=given["count"])
    (income_levy,) = evaluate(exemptions.income_levy_limit_yen, own, family_heads=given["count"])
    return {"kintowari_limit": per_capita, "shotokuwari_limit": income_levy}


def hikazei(given: Inputs, law: ParameterSet) -> Figures:
    """Whether an income lies within the limits."""
    only(given, "goukei", "count", "kyuchi")
    limit = limits({key: given[key] for key in ("count", "kyuchi") if key in given}, law)
    return {
        **limit,
        "kintowari_exempt": given["goukei"] <= limit["kintowari_limit"],
        "shotokuwari_exempt": given["goukei"] <= limit["shotokuwari_limit"],
    }


def _highest(limit: int, income_of: Callable[[int], int]) -> int:
    """The largest receipts whose income does not exceed `limit`; income never falls as receipts grow."""
    low, high = 0, _SEARCH_TOP
    while high - low > 1:
        middle = floor_1(low + high, 2)
        low, high = (middle, high) if income_of(middle) <= limit else (low, middle)
    return low


def limit_salary(given: Inputs, law: ParameterSet) -> Figures:
    """Salary lines of the exemptions."""
    only(given, "count", "kyuchi")
    limit = limits(given, law)
    return {
        f"{tax}_salary": _highest(limit[f"{tax}_limit"], lambda receipts: _salary(receipts, law))
        for tax in ("kintowari", "shotokuwari")
    } | limit


def limit_pension(given: Inputs, law: ParameterSet) -> Figures:
    """Pension lines of the exemptions."""
    only(given, "count", "kyuchi", "nenkin_65")
    limit = limits({key: given[key] for key in ("count", "kyuchi") if key in given}, law)
    is_65 = bool(given["nenkin_65"])
    return {
        f"{tax}_pension": _highest(limit[f"{tax}_limit"], lambda receipts: _pension(receipts, is_65, 0, law))
        for tax in ("kintowari", "shotokuwari")
    } | limit


def _salary(receipts: int, law: ParameterSet) -> int:
    return evaluate(
        income.salary_after_deduction_yen, law, salary_receipts_yen=receipts, salary_specific_expenses_yen=0
    )[0]


def _pension(receipts: int, is_65: bool, other: int, law: ParameterSet) -> int:
    return evaluate(
        income.pension_income_yen,
        law,
        pension_receipts_yen=receipts,
        is_age_65=is_65,
        income_besides_pension_yen=other,
    )[0]


def kyuyo(given: Inputs, law: ParameterSet) -> Figures:
    """給与所得 by the table."""
    only(given, "kyuyo_shunyu")
    return {"kyuyo_shotoku": _salary(given["kyuyo_shunyu"], law)}


def nenkin(given: Inputs, law: ParameterSet) -> Figures:
    """公的年金等に係る雑所得."""
    only(given, "nenkin_shunyu", "nenkin_65", "other")
    is_65 = bool(given["nenkin_65"])
    return {"nenkin_shotoku": _pension(given["nenkin_shunyu"], is_65, given.get("other", 0), law)}


def shotoku_chosei(given: Inputs, law: ParameterSet) -> Figures:
    """所得金額調整控除, both kinds."""
    only(given, "kyuyo_shunyu", "cond", "kyuyo_shotoku", "nenkin_shotoku")
    receipts = given.get("kyuyo_shunyu", 0)
    salary = given.get("kyuyo_shotoku", _salary(receipts, law))
    (kind1,) = evaluate(
        income.income_adjustment_child_yen,
        law,
        salary_receipts_yen=receipts,
        salary_after_deduction_yen=salary,
        disability_code=0,
        has_dependant_under_23=bool(given.get("cond", False)),
        special_disabled_relatives=0,
        special_disabled_coresident_relatives=0,
    )
    (kind2,) = evaluate(
        income.income_adjustment_pension_yen,
        law,
        salary_after_deduction_yen=salary,
        income_adjustment_child_yen=kind1,
        pension_income_yen=given.get("nenkin_shotoku", 0),
    )
    return {"kind1": kind1, "kind2": kind2, "total": kind1 + kind2}


def haigusha(given: Inputs, law: ParameterSet) -> Figures:
    """配偶者控除・配偶者特別控除 and which of them applies."""
    only(given, "honnin_goukei", "spouse_shotoku", "spouse_rojin")
    low, band = evaluate(
        persons.spouse_status,
        law,
        has_spouse=True,
        spouse_income_yen=given["spouse_shotoku"],
        total_income_yen=given["honnin_goukei"],
    )
    (ordinary,) = evaluate(
        persons.spouse_deduction_yen,
        law,
        is_spouse_of_low_income=bool(low),
        is_spouse_elderly=bool(given.get("spouse_rojin", False)),
        payer_band=band,
    )
    (special,) = evaluate(
        persons.spouse_special_deduction_yen,
        law,
        has_spouse=True,
        is_spouse_of_low_income=bool(low),
        spouse_income_yen=given["spouse_shotoku"],
        payer_band=band,
    )
    return {"amount": ordinary + special, "kind": "haigusha" if low else "tokubetsu"}


def tokutei_shinzoku(given: Inputs, law: ParameterSet) -> Figures:
    """特定親族特別控除 by the relative's income."""
    only(given, "shotoku")
    table = law["resident.deduction.specific_relative_table"].value
    if given["shotoku"] <= int(law["resident.deduction.relative_income_limit"].value):  # type: ignore[arg-type]
        return {"amount": 0}
    return {"amount": int(table.take("amount", table.row(given["shotoku"])))}  # type: ignore[union-attr]


def fuyo(given: Inputs, law: ParameterSet) -> Figures:
    """扶養控除 of one relative by age, class and income."""
    only(given, "age", "class", "shotoku")
    earned = given.get("shotoku", 0)
    if "class" in given and "age" not in given:
        column: str | None = word(_DEPENDANT_WORDS, "class", given["class"])
    else:
        if "class" in given:
            word(_DEPENDANT_WORDS, "class", given["class"])
        coresident = given.get("class") == "dokyo_roshin"
        column = relative_column(age=given["age"], income_yen=earned, law=law, is_coresident_parent=coresident)
    if column is None or not column.startswith("dependants_"):
        return {"amount": 0}
    return {"amount": person(law, **{column: 1})["dependant_deduction_yen"]}


def kiso(given: Inputs, law: ParameterSet) -> Figures:
    """基礎控除."""
    only(given, "goukei")
    return {"amount": evaluate(persons.basic_deduction_yen, law, total_income_yen=given["goukei"])[0]}


def shogai(given: Inputs, law: ParameterSet) -> Figures:
    """障害者控除 of one person."""
    only(given, "class")
    return {"amount": person(law, **{word(_DISABILITY_WORDS, "class", given["class"]): 1})["disability_deduction_yen"]}


def _self_facts(words: Any) -> dict[str, int]:
    meaning = {
        "hitorioya_mother": ("single_parent_code", 1),
        "hitorioya_father": ("single_parent_code", 2),
        "kafu": ("is_widow", 1),
        "kinro": ("is_working_student", 1),
        "shogai_ippan": ("disability_code", 1),
        "shogai_tokubetsu": ("disability_code", 2),
        "minor": ("is_minor", 1),
    }
    return dict(word(meaning, "self", item) for item in words)


def self_(given: Inputs, law: ParameterSet) -> Figures:
    """寡婦・ひとり親・勤労学生控除 by the payer's 合計所得金額."""
    only(given, "class", "goukei")
    facts = _self_facts([given["class"]])
    r = person(law, misc_other_income_yen=given.get("goukei", 0), **facts)
    own = r["widow_deduction_yen"] + r["single_parent_deduction_yen"] + r["working_student_deduction_yen"]
    return {"amount": own + r["disability_deduction_yen"]}


def jinteki_sa(given: Inputs, law: ParameterSet) -> Figures:
    """Sum of the statutory gaps for a family."""
    only(given, "self", "shogai", "fuyo", "spouse", "goukei")
    facts = _self_facts(given.get("self", ()))
    for item in given.get("shogai", ()):
        column = word(_DISABILITY_WORDS, "shogai", item)
        facts[column] = facts.get(column, 0) + 1
    for item in given.get("fuyo", ()):
        column = word(_DEPENDANT_WORDS, "fuyo", item)
        facts[column] = facts.get(column, 0) + 1
    if "spouse" in given:
        only(given["spouse"], "rojin", "shotoku")
        facts |= {
            "has_spouse": 1,
            "is_spouse_elderly": int(given["spouse"].get("rojin", False)),
            "spouse_income_yen": given["spouse"].get("shotoku", 0),
        }
    return {"jinteki_sa": person(law, misc_other_income_yen=given.get("goukei", 0), **facts)["deduction_gap_yen"]}


def seimei(given: Inputs, law: ParameterSet) -> Figures:
    """生命保険料控除."""
    only(given, "new_ippan", "old_ippan", "kaigo", "new_nenkin", "old_nenkin")
    (amount,) = evaluate(
        deductions.life_insurance_deduction_yen,
        law,
        life_general_new_yen=given.get("new_ippan", 0),
        life_general_old_yen=given.get("old_ippan", 0),
        life_care_yen=given.get("kaigo", 0),
        life_annuity_new_yen=given.get("new_nenkin", 0),
        life_annuity_old_yen=given.get("old_nenkin", 0),
    )
    return {"seimei_kojo": amount}


def jishin(given: Inputs, law: ParameterSet) -> Figures:
    """地震保険料控除."""
    only(given, "jishin", "old_long")
    (amount,) = evaluate(
        deductions.earthquake_deduction_yen,
        law,
        earthquake_yen=given.get("jishin", 0),
        old_long_insurance_yen=given.get("old_long", 0),
    )
    return {"jishin_kojo": amount}


def iryohi(given: Inputs, law: ParameterSet) -> Figures:
    """医療費控除, with its threshold, from salary or from 総所得金額等."""
    only(given, "kyuyo_shunyu", "kyuyo_shotoku", "goukei", "sotou", "paid")
    salary = given.get("kyuyo_shotoku", _salary(given.get("kyuyo_shunyu", 0), law))
    total = given.get("sotou", given.get("goukei", salary))
    (threshold,) = evaluate(deductions.medical_threshold_yen, law, gross_income_yen=total)
    (amount,) = evaluate(
        deductions.medical_deduction_yen,
        law,
        medical_paid_yen=given.get("paid", 0),
        medical_reimbursed_yen=0,
        medical_threshold_yen=threshold,
        self_medication_yen=0,
        chooses_self_medication=False,
    )
    return {"kyuyo_shotoku": salary, "ashikiri": threshold, "iryohi_kojo": amount}


def selfmed(given: Inputs, law: ParameterSet) -> Figures:
    """セルフメディケーション税制."""
    only(given, "paid")
    (amount,) = evaluate(
        deductions.medical_deduction_yen,
        law,
        medical_paid_yen=0,
        medical_reimbursed_yen=0,
        medical_threshold_yen=0,
        self_medication_yen=given["paid"],
        chooses_self_medication=True,
    )
    return {"selfmed_kojo": amount}


def split_kyuyo(given: Inputs, law: ParameterSet) -> Figures:
    """給与特別徴収の月割."""
    only(given, "nenzei", "kintowari")
    first, rest = evaluate(
        instalments.wage_months, law, wage_tax_yen=given["nenzei"], at_once_yen=given.get("kintowari", 0)
    )
    return {"first": first, "rest": rest, "tokucho_june": first, "tokucho_monthly": rest}


def split_futsu(given: Inputs, law: ParameterSet) -> Figures:
    """普通徴収の期割."""
    only(given, "nenzei", "kintowari")
    first, rest = evaluate(
        instalments.bills, law, ordinary_tax_yen=given["nenzei"], at_once_yen=given.get("kintowari", 0)
    )
    return {"first": first, "rest": rest}


def nenkin_tokucho(given: Inputs, law: ParameterSet) -> Figures:
    """年金特別徴収: 仮徴収 and 本徴収."""
    only(given, "prev_nenkin_zei", "nenkin_zei")
    first, rest, regular_first, regular_rest = evaluate(
        instalments.pension_withholding,
        law,
        previous_pension_tax_yen=given["prev_nenkin_zei"],
        pension_tax_yen=given["nenkin_zei"],
    )
    return {"kari": [first, rest, rest], "hon": [regular_first, regular_rest, regular_rest]}


UNITS: Mapping[str, Callable[[Inputs, ParameterSet], Figures]] = {
    function.__name__.rstrip("_"): function
    for function in (
        from_kazei, chosei, diff_pair, nenkin_bun, fusoku3no3, kifu, ratio, juutaku, haitowari, haito, teigaku,
        taishoku, taishoku_zei, bunri, limits, hikazei, limit_salary, limit_pension, kyuyo, nenkin, shotoku_chosei,
        haigusha, tokutei_shinzoku, fuyo, kiso, shogai, self_, jinteki_sa, seimei, jishin, iryohi, selfmed,
        split_kyuyo, split_futsu, nenkin_tokucho,
    )
}  # fmt: skip
