"""扶養親族等の区分 (classes of relatives) from birth date and income: from facts of one relative to fact columns."""

from __future__ import annotations

from datetime import date

from taxsys.kernel.periods import age_on_31_december
from taxsys.params.model import ParameterSet

UNDER_16, GENERAL, SPECIFIC, ELDERLY, ELDERLY_CORESIDENT = (
    "dependants_under_16",
    "dependants_general",
    "dependants_specific",
    "dependants_elderly",
    "dependants_elderly_coresident",
)
CHILD_UNTIL, GENERAL_UNTIL, SPECIFIC_UNTIL, ELDERLY_FROM = 15, 18, 22, 70


def relative_column(*, age: int, income_yen: int, law: ParameterSet, is_coresident_parent: bool = False) -> str | None:
    """The RESIDENT_FACTS count column a relative belongs to, or None (法292条1項9号, 314条の2第1項11号・12号).

    `age` is that of 31 December of the income year (or at death), `income_yen` the relative's 合計所得金額.
    """
    if income_yen <= law["resident.deduction.relative_income_limit"].integer:
        if age <= CHILD_UNTIL:
            return UNDER_16
        if GENERAL_UNTIL < age <= SPECIFIC_UNTIL:
            return SPECIFIC
        if age >= ELDERLY_FROM:
            return ELDERLY_CORESIDENT if is_coresident_parent else ELDERLY
        return GENERAL
    if not GENERAL_UNTIL < age <= SPECIFIC_UNTIL or "resident.deduction.specific_relative_table" not in law:
        return None
    table = law["resident.deduction.specific_relative_table"].table
    band = int(table.take("band", table.row(income_yen)))
    return f"specific_relatives_{band}" if band else None


def age_for_tax(birth_on: date, tax_year: int) -> int:
    """Age on 31 December of the income year of `tax_year`; births on 1 January count as a year older."""
    return age_on_31_december(birth_on, tax_year - 1)


def is_minor(birth_on: date, tax_year: int) -> bool:
    """未成年者 on 1 January of `tax_year` (法295条1項2号): not yet 18, reached the day before a birthday."""
    return birth_on > date(tax_year - 18, 1, 2)
