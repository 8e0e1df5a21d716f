"""検証事例の単項目: 所得・控除・非課税 (unit cases of incomes, deductions and limits), thin calls of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assessment.resident.conformance.inputs import (
    DEPENDANT_WORDS,
    DISABILITY_WORDS,
    SEARCH_TOP,
    Figures,
    Inputs,
    only,
    person,
    self_facts,
    word,
)
from assessment.resident.rules import deductions, exemptions, income, persons
from assessment.resident.rules.relatives import relative_column
from taxsys.kernel.pipeline import evaluate
from taxsys.kernel.rounding import floor_1
from taxsys.params.model import ParameterSet


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
    low, high = 0, SEARCH_TOP
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
    table = law["resident.deduction.specific_relative_table"].table
    if given["shotoku"] <= law["resident.deduction.relative_income_limit"].integer:
        return {"amount": 0}
    return {"amount": int(table.take("amount", table.row(given["shotoku"])))}


def fuyo(given: Inputs, law: ParameterSet) -> Figures:
    """扶養控除 of one relative by age, class and income."""
    only(given, "age", "class", "shotoku")
    earned = given.get("shotoku", 0)
    if "class" in given and "age" not in given:
        column: str | None = word(DEPENDANT_WORDS, "class", given["class"])
    else:
        if "class" in given:
            word(DEPENDANT_WORDS, "class", given["class"])
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
    return {"amount": person(law, **{word(DISABILITY_WORDS, "class", given["class"]): 1})["disability_deduction_yen"]}


def self_(given: Inputs, law: ParameterSet) -> Figures:
    """寡婦・ひとり親・勤労学生控除 by the payer's 合計所得金額."""
    only(given, "class", "goukei")
    facts = self_facts([given["class"]])
    r = person(law, misc_other_income_yen=given.get("goukei", 0), **facts)
    own = r["widow_deduction_yen"] + r["single_parent_deduction_yen"] + r["working_student_deduction_yen"]
    return {"amount": own + r["disability_deduction_yen"]}


def jinteki_sa(given: Inputs, law: ParameterSet) -> Figures:
    """Sum of the statutory gaps for a family."""
    only(given, "self", "shogai", "fuyo", "spouse", "goukei")
    facts = self_facts(given.get("self", ()))
    for item in given.get("shogai", ()):
        column = word(DISABILITY_WORDS, "shogai", item)
        facts[column] = facts.get(column, 0) + 1
    for item in given.get("fuyo", ()):
        column = word(DEPENDANT_WORDS, "fuyo", item)
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


UNITS: Mapping[str, Callable[[Inputs, ParameterSet], Figures]] = {
    function.__name__.rstrip("_"): function
    for function in (
        kyuyo,
        nenkin,
        shotoku_chosei,
        limits,
        hikazei,
        limit_salary,
        limit_pension,
        haigusha,
        tokutei_shinzoku,
        fuyo,
        kiso,
        shogai,
        self_,
        jinteki_sa,
        seimei,
        jishin,
        iryohi,
        selfmed,
    )
}
"""Unit word → its function."""
