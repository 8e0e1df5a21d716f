"""法定値 of the checks: which parameters the SQL may name, as plain integers and arrays.

The checks say again, in SQL and from the parameters, what the rules of the year must have given: a second voice, not a
copy of the rules' columns. A value that the year does not know is zero (no forest tax before 令和6, no 定額減税 since).
"""

from collections.abc import Mapping

from taxsys.kernel.rates import Rate
from taxsys.params.model import ParameterSet

# name in the SQL → parameter
LAW_VALUES: Mapping[str, str] = {
    "per_capita_city": "resident.per_capita.city",
    "per_capita_prefecture": "resident.per_capita.prefecture",
    "per_capita_forest": "resident.per_capita.forest",
    "person_income_limit": "resident.exemption.person_income_limit",
    "levy_limit_base": "resident.exemption.income_levy_base",
    "levy_limit_add": "resident.exemption.income_levy_add",
    "levy_limit_family": "resident.exemption.income_levy_family_add",
    "adjustment_line": "resident.credit.adjustment_line",
    "adjustment_floor": "resident.credit.adjustment_floor",
    "adjustment_limit": "resident.credit.adjustment_income_limit",
    "fixed_amount": "resident.fixed_reduction.amount",
    "life_cap": "resident.deduction.life_total_cap",
    "earthquake_cap": "resident.deduction.earthquake_cap",
    "medical_cap": "resident.deduction.medical_cap",
    "status_limit": "resident.deduction.widow_income_limit",
    "student_limit": "resident.deduction.working_student_income_limit",
    "widow": "resident.deduction.widow",
    "single_parent": "resident.deduction.single_parent",
    "student": "resident.deduction.working_student",
    "disabled": "resident.deduction.disabled",
    "disabled_special": "resident.deduction.disabled_special",
    "disabled_coresident": "resident.deduction.disabled_special_coresident",
    "dependant_general": "resident.deduction.dependant_general",
    "dependant_specific": "resident.deduction.dependant_specific",
    "dependant_elderly": "resident.deduction.dependant_elderly",
    "dependant_coresident": "resident.deduction.dependant_elderly_coresident",
    "own_burden": "resident.donation.own_burden",
    "bill_unit": "resident.collection.bill_unit",
    "wage_unit": "resident.collection.wage_unit",
    "pension_unit": "resident.collection.pension_unit",
    "pension_minimum": "resident.collection.pension_minimum",
    "pension_age": "resident.collection.pension_age",
    "pension_bill_terms": "resident.collection.pension_bill_terms",
}
# name in the SQL (with _num and _den) → parameter
LAW_RATES: Mapping[str, str] = {
    "rate_city": "resident.rate.city",
    "rate_prefecture": "resident.rate.prefecture",
    "adjustment_city": "resident.credit.adjustment_rate_city",
    "adjustment_prefecture": "resident.credit.adjustment_rate_prefecture",
    "special_cap": "resident.donation.special_cap_rate",
    "standard_city": "resident.rate.standard_city",
    "standard_prefecture": "resident.rate.standard_prefecture",
}


def law_values(law: ParameterSet) -> dict[str, int | list[int]]:
    """Everything the SQL of the checks may ask of the law."""
    found: dict[str, int | list[int]] = {
        name: law[key].integer if key in law else 0 for name, key in LAW_VALUES.items()
    }
    for name, key in LAW_RATES.items():
        rate = law[key].value
        assert isinstance(rate, Rate)
        found |= {f"{name}_num": rate.num, f"{name}_den": rate.den}
    basic = law["resident.deduction.basic_table"].table
    bands = law["resident.deduction.payer_band"].table
    return found | {
        # the last upper bound is "no limit": width_bucket needs only the others
        "basic_to": basic.columns["to"].tolist()[:-1],
        "basic_amount": basic.columns["amount"].tolist(),
        "spouse_payer_limit": int(bands.columns["to"][-2]),
        "housing_caps": law["resident.credit.housing_rates"].table.columns["cap"].tolist(),
    }
