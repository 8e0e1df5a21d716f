"""検証事例の単項目: 退職・分離課税・期割 (unit cases taxed or collected apart), thin calls of the rules."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from assessment.resident.conformance.inputs import Figures, Inputs, only, word
from assessment.resident.rules import instalments, retirement, separate
from taxsys.kernel.pipeline import evaluate
from taxsys.kernel.rounding import floor_1
from taxsys.kernel.yen import LEVY_SCALE
from taxsys.params.model import ParameterSet

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
        taishoku,
        taishoku_zei,
        bunri,
        split_kyuyo,
        split_futsu,
        nenkin_tokucho,
    )
}
"""Unit word → its function."""
