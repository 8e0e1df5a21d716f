"""検証事例の実行 (worked cases of the resident tax): the suite's entry and the whole-computation cases (`full`).

Maps the case files' keys to fact columns and result columns; every figure comes from the rules, none from here.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from assessment.resident.conformance import incomes, levies, separate
from assessment.resident.conformance.inputs import SELF_WORDS, mapping, whole
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.instalments import wage_months
from assessment.resident.rules.pipeline import compute, resident_law
from assessment.resident.rules.relatives import relative_column
from taxsys.kernel.conformance import FREE_TEXT_KEYS, CaseOutcome, Difference, NotSupportedError, compare
from taxsys.kernel.pipeline import evaluate
from taxsys.kernel.rates import Rate, RateError
from taxsys.kernel.rounding import floor_1
from taxsys.kernel.yen import LEVY_SCALE
from taxsys.params.errors import MissingParameterError, ParameterError
from taxsys.params.model import ParameterSet, Value

_RATE_KEYS = {
    "kinto_city": "resident.per_capita.city",
    "kinto_pref": "resident.per_capita.prefecture",
    "shinrin": "resident.per_capita.forest",
    "kyuchi": "resident.city.livelihood_class",
}
_CASE_KEYS = frozenset(
    [
        "id",
        "title",
        "nendo",
        "year",
        "kind",
        "unit",
        "rates",
        "input",
        "points",
        "expected",
        "derived",
        "source",
        "source_type",
        "note",
    ]
)
_FLAT_INPUTS = {
    "kyuyo_shunyu": "salary_receipts_yen",
    "nenkin_shunyu": "pension_receipts_yen",
    "nenkin_65": "is_age_65",
    "shakai": "social_insurance_yen",
    "fixed_kojo": "other_deduction_yen",
    "kifu": "hometown_donation_yen",
}
_NESTED_INPUTS: dict[str, dict[str, str]] = {
    "seimei": {
        "new_ippan": "life_general_new_yen",
        "old_ippan": "life_general_old_yen",
        "kaigo": "life_care_yen",
        "new_nenkin": "life_annuity_new_yen",
        "old_nenkin": "life_annuity_old_yen",
    },
    "jishin": {"jishin": "earthquake_yen", "old_long": "old_long_insurance_yen"},
    "iryohi": {"paid": "medical_paid_yen"},
}
_FUYO_CLASSES = {
    "ippan": "dependants_general",
    "tokutei": "dependants_specific",
    "rojin": "dependants_elderly",
    "dokyo_roshin": "dependants_elderly_coresident",
    "nensho": "dependants_under_16",
}
UNITS = {**incomes.UNITS, **levies.UNITS, **separate.UNITS}
_ELDERLY_AGE = 70
_CHILD_LIMIT_AGE = 23


def run_case(case: Mapping[str, Any], file_meta: Mapping[str, Any]) -> CaseOutcome:
    """Run one case of resident_tax.json: compare `expected` and `derived` to the yen.

    Unknown keys, kinds, units and words give `not_supported` with their name; nothing is guessed.
    """
    name = str(case.get("id", "?"))
    try:
        unknown = sorted(set(case) - _CASE_KEYS)
        if unknown:
            raise NotSupportedError(f"key {unknown[0]}")
        law = law_of(case, file_meta)
        return CaseOutcome.of(name, _differences(case, law))
    except NotSupportedError as missing:
        return CaseOutcome.not_supported(name, str(missing))
    except MissingParameterError as missing:
        return CaseOutcome.not_supported(name, f"parameter {missing.parameter_id} of {missing.when}")
    except LookupError as missing:
        return CaseOutcome.not_supported(name, str(missing))


def law_of(case: Mapping[str, Any], file_meta: Mapping[str, Any]) -> ParameterSet:
    """The legal values of the case's year, with the file's default rates and the case's own rates laid over them."""
    year = case.get("nendo")
    if not isinstance(year, int) or isinstance(year, bool):
        raise NotSupportedError(f"nendo {year!r}")
    given = case.get("rates", {})
    rates = {**file_meta.get("rates_default", {}), **given}
    law = resident_law(year, designated=bool(rates.get("shitei", False)))
    changes: dict[str, Value] = {}
    for key, value in rates.items():
        if key in {"city", "pref"}:
            if key not in given and rates.get("shitei"):
                continue  # the file's default is that of an ordinary city
            target = "resident.rate.city" if key == "city" else "resident.rate.prefecture"
            try:
                changes[target] = Rate.percent(str(value))
            except RateError as error:
                raise NotSupportedError(f"rates.{key} {value!r}") from error
        elif key in _RATE_KEYS:
            if not isinstance(value, int) or isinstance(value, bool):
                raise NotSupportedError(f"rates.{key} {value!r}")
            if _RATE_KEYS[key] in law and (key in given or key == "kyuchi"):
                changes[_RATE_KEYS[key]] = value
            elif key in given and value:
                raise NotSupportedError(f"rates.{key} {value} in {year}")
        elif key != "shitei":
            raise NotSupportedError(f"rates.{key}")
    try:
        return law.overlay({key: value for key, value in changes.items() if key in law})
    except ParameterError as error:
        raise NotSupportedError(str(error)) from error


def _differences(case: Mapping[str, Any], law: ParameterSet) -> tuple[Difference, ...]:
    kind, unit = case.get("kind"), str(case.get("unit", ""))
    if kind == "full":
        return _compare_all(case, full_figures(mapping(case.get("input", {})), law))
    if kind not in {"unit", "table"}:
        raise NotSupportedError(f"kind {kind}")
    if unit not in UNITS:
        raise NotSupportedError(f"unit {unit}")
    if kind == "unit":
        return _compare_all(case, _run_unit(UNITS[unit], case.get("input", {}), law))
    points = case.get("points")
    if not isinstance(points, list):
        raise NotSupportedError("points")
    found: list[Difference] = []
    for number, point in enumerate(points):
        figures = _run_unit(UNITS[unit], mapping(point).get("input", {}), law)
        for difference in _compare_all(point, figures):
            key = f"points[{number}].{difference.key}"
            found.append(Difference(key, difference.expected, difference.actual))
    return tuple(found)


def _run_unit(
    unit: Callable[[Mapping[str, Any], ParameterSet], dict[str, Any]], given: Any, law: ParameterSet
) -> dict[str, Any]:
    try:
        return unit(mapping(given), law)
    except KeyError as missing:
        raise NotSupportedError(f"input.{missing.args[0]} absent") from missing


def _compare_all(case: Mapping[str, Any], figures: Mapping[str, Any]) -> tuple[Difference, ...]:
    found: list[Difference] = []
    for part in ("expected", "derived"):
        wanted = mapping(case.get(part, {}))
        for key in wanted:
            if key not in figures and key not in FREE_TEXT_KEYS:
                raise NotSupportedError(f"{part}.{key}")
        found.extend(compare(dict(wanted), dict(figures), part))
    return tuple(found)


def facts_of(given: Mapping[str, Any], law: ParameterSet) -> dict[str, int]:
    """Fact columns of a `full` case. Raises NotSupportedError naming an unknown key or word."""
    facts: dict[str, int] = {}
    for key, value in given.items():
        if key in _FLAT_INPUTS:
            facts[_FLAT_INPUTS[key]] = whole(value, key)
        elif key in _NESTED_INPUTS:
            for part, amount in mapping(value).items():
                if part not in _NESTED_INPUTS[key]:
                    raise NotSupportedError(f"input.{key}.{part}")
                facts[_NESTED_INPUTS[key][part]] = whole(amount, f"{key}.{part}")
        elif key == "spouse":
            facts |= _spouse(mapping(value))
        elif key == "fuyo":
            _dependants(value, facts, law)
        elif key == "self":
            for word in value:
                if word not in SELF_WORDS:
                    raise NotSupportedError(f"input.self {word}")
                column, code = SELF_WORDS[word]
                facts[column] = code
        elif key == "haito":
            facts["dividend_income_yen"] = facts["dividend_ordinary_yen"] = whole(value, key)
        else:
            raise NotSupportedError(f"input.{key}")
    return facts


def _spouse(spouse: Mapping[str, Any]) -> dict[str, int]:
    unknown = sorted(set(spouse) - {"shotoku", "age", "rojin"})
    if unknown:
        raise NotSupportedError(f"input.spouse.{unknown[0]}")
    elderly = spouse.get("rojin", spouse.get("age", 0) >= _ELDERLY_AGE)
    return {"has_spouse": 1, "spouse_income_yen": int(spouse.get("shotoku", 0)), "is_spouse_elderly": int(elderly)}


def _dependants(given: Any, facts: dict[str, int], law: ParameterSet) -> None:
    for item in given:
        relative: Mapping[str, Any] = {"class": item} if isinstance(item, str) else mapping(item)
        unknown = sorted(set(relative) - {"age", "class", "shotoku"})
        if unknown:
            raise NotSupportedError(f"input.fuyo[].{unknown[0]}")
        word = relative.get("class")
        if word is not None and word not in _FUYO_CLASSES:
            raise NotSupportedError(f"input.fuyo[].class {word}")
        if word is not None:
            column: str | None = _FUYO_CLASSES[word]
        elif "age" in relative:
            column = relative_column(age=relative["age"], income_yen=relative.get("shotoku", 0), law=law)
        else:
            raise NotSupportedError("input.fuyo[].age absent")
        if column is None:
            continue
        facts[column] = facts.get(column, 0) + 1
        is_young_class = column in {"dependants_under_16", "dependants_specific"}
        is_young = relative.get("age", _CHILD_LIMIT_AGE) < _CHILD_LIMIT_AGE
        if is_young_class or (is_young and column.startswith("dependants_")):
            facts["has_dependant_under_23"] = 1


def full_figures(given: Mapping[str, Any], law: ParameterSet) -> dict[str, Any]:
    """Every figure a `full` case may expect, by the case files' key."""
    computed = compute(RESIDENT_FACTS.batch(facts_of(given, law)), law)
    if computed.failures:
        raise NotSupportedError(computed.failures[0].message_ja)
    r = {name: int(column[0]) for name, column in computed.columns.items()}

    def cut(name: str) -> int:
        return int(floor_1(r[name], LEVY_SCALE))

    before_relief = floor_1(r["adjusted_levy_city_yen_e4"] + r["adjusted_levy_prefecture_yen_e4"], LEVY_SCALE)
    first, rest = evaluate(wage_months, law, wage_tax_yen=r["annual_tax_yen"], at_once_yen=0)
    figures = {key: r[column] for key, column in _FULL_FIGURES.items()}
    figures |= {
        "sanshutsu_city": cut("calculated_levy_city_yen_e4"),
        "sanshutsu_pref": cut("calculated_levy_prefecture_yen_e4"),
        "after_chosei_city": cut("adjusted_levy_city_yen_e4"),
        "after_chosei_pref": cut("adjusted_levy_prefecture_yen_e4"),
        "fusoku3no3": cut("limit_relief_yen_e4"),
        "shotokuwari_before_fusoku": before_relief,
        "shotokuwari_total": r["income_levy_city_yen"] + r["income_levy_prefecture_yen"],
        "haigusha_kojo": r["spouse_deduction_yen"] + r["spouse_special_deduction_yen"],
        "kihon_total": r["donation_basic_city_yen"] + r["donation_basic_prefecture_yen"],
        "tokurei_total": r["donation_special_city_yen"] + r["donation_special_prefecture_yen"],
        "tokucho_june": first,
        "tokucho_monthly": rest,
    }
    return figures


_FULL_FIGURES = {
    "kyuyo_shotoku": "salary_income_yen",
    "nenkin_shotoku": "pension_income_yen",
    "goukei_shotoku": "total_income_yen",
    "sotou": "gross_income_yen",
    "iryohi_kojo": "medical_deduction_yen",
    "seimei_kojo": "life_insurance_deduction_yen",
    "jishin_kojo": "earthquake_deduction_yen",
    "fuyo_kojo": "dependant_deduction_yen",
    "kiso_kojo": "basic_deduction_yen",
    "shotoku_kojo_total": "total_deduction_yen",
    "kazei_soushotoku": "taxable_income_yen",
    "jinteki_sa": "deduction_gap_yen",
    "jinteki_chosei_gaku": "adjusted_gap_yen",
    "chosei_city": "adjustment_credit_city_yen",
    "chosei_pref": "adjustment_credit_prefecture_yen",
    "shotokuwari_city": "income_levy_city_yen",
    "shotokuwari_pref": "income_levy_prefecture_yen",
    "kintowari_limit": "per_capita_limit_yen",
    "shotokuwari_limit": "income_levy_limit_yen",
    "kintowari_city": "per_capita_city_yen",
    "kintowari_pref": "per_capita_prefecture_yen",
    "shinrin": "forest_tax_yen",
    "city_total": "city_tax_yen",
    "pref_total": "prefectural_tax_yen",
    "nenzei": "annual_tax_yen",
    "tokurei_ratio_x1000": "donation_ratio_e5",
    "kihon_city": "donation_basic_city_yen",
    "kihon_pref": "donation_basic_prefecture_yen",
    "tokurei_city": "donation_special_city_yen",
    "tokurei_pref": "donation_special_prefecture_yen",
    "kifu_city": "donation_credit_city_yen",
    "kifu_pref": "donation_credit_prefecture_yen",
    "furusato_limit": "hometown_ceiling_yen",
    "gensei": "fixed_reduction_entitled_yen",
    "count": "family_heads",
}
