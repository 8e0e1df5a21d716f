"""Laws the resident tax must obey whatever the figures, and the explanation that must equal the result."""

from __future__ import annotations

from datetime import date

import numpy as np
import pytest

from assessment.resident.explain import explanation
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import (
    PIPELINES,
    RESIDENT_RESULT,
    compute,
    pension_share,
    resident_law,
)
from assessment.resident.rules.relatives import age_for_tax, is_minor, relative_column
from taxsys.kernel.columns import Batch
from tests.conformance.people import random_people

YEARS = (2024, 2025, 2026, 2027)


def person(year: int = 2026, city: str = "012041", **facts: int) -> dict[str, int]:
    columns = compute(RESIDENT_FACTS.batch(facts), resident_law(year, city)).columns
    return {name: int(column[0]) for name, column in columns.items()}


def taxes(year: int, **facts) -> np.ndarray:
    return compute(RESIDENT_FACTS.batch(facts), resident_law(year, "012041")).columns["annual_tax_yen"]


@pytest.mark.parametrize("year", YEARS)
def test_more_salary_never_means_less_tax(year: int) -> None:
    pay = np.arange(0, 12_000_000, 997)
    assert (np.diff(taxes(year, salary_receipts_yen=pay)) >= 0).all()


@pytest.mark.parametrize("year", YEARS)
def test_more_income_never_leaves_less_inside_one_band_of_the_basic_deduction(year: int) -> None:
    earned = np.arange(450_000, 18_000_000, 1_999)
    kept = earned - taxes(year, business_income_yen=earned)
    assert (np.diff(kept) >= -100).all()


def without_donations(people: Batch) -> Batch:
    """A donation's ratio may fall with the base (附則5条の6, 7条の2); without donations the law is monotone."""
    names = ("hometown_donation_yen", "city_donation_yen", "prefecture_donation_yen")
    return dict(people) | {name: np.zeros_like(people[name]) for name in names}


@pytest.mark.parametrize("year", YEARS)
def test_one_more_dependant_never_raises_the_tax(year: int) -> None:
    people = random_people(year, 20_000)
    law = resident_law(year, "012041")
    before = compute(without_donations(people), law).columns["annual_tax_yen"]
    more = without_donations(people) | {"dependants_general": people["dependants_general"] + 1}
    assert (compute(more, law).columns["annual_tax_yen"] <= before).all()


@pytest.mark.parametrize("year", YEARS)
def test_more_insurance_never_raises_the_tax(year: int) -> None:
    people = random_people(year + 1, 20_000)
    law = resident_law(year, "012041")
    people = without_donations(people)
    before = compute(people, law).columns["annual_tax_yen"]
    more = dict(people) | {"social_insurance_yen": people["social_insurance_yen"] + 10_000}
    assert (compute(more, law).columns["annual_tax_yen"] <= before).all()


def test_rows_do_not_touch_each_other() -> None:
    people = random_people(7, 3_000)
    law = resident_law(2026, "012041")
    order = np.random.default_rng(7).permutation(3_000)
    whole = compute(people, law).columns
    shuffled = compute({name: column[order] for name, column in people.items()}, law).columns
    for name in RESIDENT_RESULT.names:
        assert np.array_equal(whole[name][order], shuffled[name]), name


def test_one_row_is_computed_like_a_whole_city() -> None:
    people = random_people(11, 9_000)
    law = resident_law(2026, "012041")
    whole = compute(people, law).columns
    for row in (0, 4_000, 8_191, 8_192, 8_999):
        alone = compute({name: column[row : row + 1] for name, column in people.items()}, law).columns
        assert {name: int(column[0]) for name, column in alone.items()} == {
            name: int(column[row]) for name, column in whole.items()
        }


@pytest.mark.parametrize("year", YEARS)
def test_the_explanation_ends_in_the_result(year: int) -> None:
    people = random_people(year, 200)
    law = resident_law(year, "012041")
    columns = compute(people, law).columns
    for row in range(0, 200, 5):
        told = explanation(people, law, row)
        for name in RESIDENT_RESULT.names:
            assert told.value_of(name) == int(columns[name][row]), (row, name)


def test_every_input_of_a_step_is_a_fact_or_the_result_of_an_earlier_step() -> None:
    told = explanation(RESIDENT_FACTS.batch({"salary_receipts_yen": 5_000_000}), resident_law(2026))
    known = set(RESIDENT_FACTS.names)
    for step in told.steps:
        assert {item.name for item in step.inputs} <= known
        known |= {item.name for item in step.results}
        assert all(use.law and use.source and use.mark for use in step.parameters)


def test_the_explanation_is_written_in_the_words_of_the_law() -> None:
    told = explanation(RESIDENT_FACTS.batch({"salary_receipts_yen": 3_000_000}), resident_law(2026))
    step = told.step_of("taxable_income_yen")
    assert step is not None
    assert step.formula_ja == "総所得金額 − 所得控除の合計"
    assert step.worked_ja == "総所得金額 2,020,000円 − 所得控除の合計 430,000円 = 1,590,000円"
    assert step.rounding == "1,000円未満切捨て(地方税法20条の4の2第1項)"
    assert "課税総所得金額: " in told.text()
    assert told.parameter_set_hash == resident_law(2026).hash


def test_the_city_class_decides_the_per_capita_limit() -> None:
    assert person(salary_receipts_yen=1_065_000)["annual_tax_yen"] == 0
    assert person(salary_receipts_yen=1_065_001)["annual_tax_yen"] == 5_000
    assert person(city="", salary_receipts_yen=1_100_000)["annual_tax_yen"] == 0


def test_a_loss_carried_forward_removes_the_income_levy_but_not_the_per_capita_levy() -> None:
    r = person(business_income_yen=3_000_000, loss_carried_forward_yen=2_900_000)
    assert (r["income_levy_city_yen"], r["per_capita_city_yen"], r["forest_tax_yen"]) == (0, 3_000, 1_000)


def test_premises_without_domicile_bear_only_the_per_capita_levy() -> None:
    r = person(is_domiciled=0, has_local_premises=1, business_income_yen=9_000_000)
    assert (r["annual_tax_yen"], r["forest_tax_yen"], r["income_levy_city_yen"]) == (4_000, 0, 0)
    assert person(is_domiciled=0, has_local_premises=1, is_exempt_at_domicile=1)["annual_tax_yen"] == 0
    assert person(is_domiciled=0, business_income_yen=9_000_000)["annual_tax_yen"] == 0


def test_livelihood_aid_exempts_whatever_the_income() -> None:
    assert person(receives_livelihood_aid=1, business_income_yen=20_000_000)["annual_tax_yen"] == 0


def test_a_spouse_of_a_high_earner_counts_as_a_head_without_a_deduction() -> None:
    r = person(business_income_yen=10_000_001, has_spouse=1)
    assert (r["family_heads"], r["spouse_deduction_yen"], r["is_spouse_of_low_income"]) == (1, 0, 1)


def test_specific_relatives_give_a_deduction_but_no_head_and_only_from_r8() -> None:
    r = person(business_income_yen=3_000_000, specific_relatives_2=1)
    assert (r["specific_relative_deduction_yen"], r["family_heads"], r["deduction_gap_yen"]) == (410_000, 0, 50_000)
    assert person(2025, business_income_yen=3_000_000, specific_relatives_2=1)["specific_relative_deduction_yen"] == 0


def test_losses_meet_ordinary_income_then_gains_but_not_the_interest_on_land() -> None:
    r = person(salary_receipts_yen=3_000_000, real_estate_income_yen=-800_000, real_estate_land_interest_yen=300_000)
    assert r["total_income_yen"] == 2_020_000 - 500_000
    r = person(business_income_yen=-1_000_000, short_gain_yen=700_000, long_gain_yen=900_000)
    assert r["total_income_yen"] == 50_000
    assert person(salary_receipts_yen=3_000_000, misc_other_income_yen=-500_000)["total_income_yen"] == 2_020_000


def test_both_income_adjustments_follow_each_other() -> None:
    r = person(salary_receipts_yen=9_000_000, pension_receipts_yen=2_000_000, is_age_65=1, has_dependant_under_23=1)
    assert (r["income_adjustment_child_yen"], r["income_adjustment_pension_yen"]) == (50_000, 100_000)
    assert r["salary_income_yen"] == 9_000_000 - 1_950_000 - 150_000


@pytest.mark.parametrize(("withheld", "city", "prefecture", "refund"), [(40_000, 24_000, 16_000, 0)])
def test_withheld_dividend_tax_is_credited_three_to_two(withheld: int, city: int, prefecture: int, refund: int) -> None:
    r = person(business_income_yen=3_000_000, withheld_dividend_tax_yen=withheld)
    assert (r["withheld_credit_city_yen"], r["withheld_credit_prefecture_yen"]) == (city, prefecture)
    assert r["withheld_refund_yen"] == refund


def test_what_the_levy_cannot_absorb_is_set_off_then_refunded() -> None:
    r = person(business_income_yen=420_000, withheld_dividend_tax_yen=10_000)
    assert (r["withheld_shortfall_yen"], r["withheld_offset_yen"], r["withheld_refund_yen"]) == (10_000, 4_000, 6_000)


def test_the_r6_reduction_stops_at_the_levy_and_leaves_the_per_capita_levy() -> None:
    r = person(2024, business_income_yen=900_000)
    assert (r["fixed_reduction_city_yen"], r["fixed_reduction_prefecture_yen"]) == (6_000, 4_000)
    assert (r["income_levy_city_yen"], r["income_levy_prefecture_yen"]) == (20_700, 13_800)
    small = person(2024, business_income_yen=460_000)
    assert (small["fixed_reduction_city_yen"], small["fixed_reduction_prefecture_yen"]) == (900, 600)
    assert small["annual_tax_yen"] == 5_000
    family = person(2024, business_income_yen=2_500_000, has_spouse=1, dependants_under_16=3)
    assert family["fixed_reduction_entitled_yen"] == 50_000
    assert person(2026, business_income_yen=2_500_000)["fixed_reduction_entitled_yen"] == 0


def test_the_pension_share_is_the_difference_the_pension_makes() -> None:
    facts = RESIDENT_FACTS.batch({"pension_receipts_yen": 2_600_000, "is_age_65": 1, "business_income_yen": 1_500_000})
    law = resident_law(2026, "012041")
    with_pension = person(pension_receipts_yen=2_600_000, is_age_65=1, business_income_yen=1_500_000)
    without = person(is_age_65=1, business_income_yen=1_500_000)
    assert pension_share(facts, law).tolist() == [with_pension["annual_tax_yen"] - without["annual_tax_yen"]]


def test_a_what_if_changes_only_what_it_says() -> None:
    law = resident_law(2026, "012041")
    people = random_people(3, 2_000)
    changed = law.overlay({"resident.per_capita.city": 3_500})
    before, after = compute(people, law).columns, compute(people, changed).columns
    difference = after["annual_tax_yen"] - before["annual_tax_yen"]
    expected = np.where(before["is_liable_per_capita"], 500, 0)
    # a remission larger than the tax leaves nothing to raise
    is_untouched = people["relief_city_yen"] == 0
    assert np.array_equal(difference[is_untouched], expected[is_untouched])


def test_inconsistent_facts_are_reported_by_row() -> None:
    facts = RESIDENT_FACTS.batch({"dependants_abroad": np.array([0, 2]), "dependants_general": np.array([0, 1])})
    assert [(f.row, f.code) for f in compute(facts, resident_law(2026)).failures] == [(1, "ABROAD_ABOVE_DEPENDANTS")]


def test_extreme_amounts_stay_exact() -> None:
    r = person(business_income_yen=99_999_999_999)
    assert r["taxable_income_yen"] == 99_999_999_000
    assert (r["income_levy_city_yen"], r["income_levy_prefecture_yen"]) == (5_999_999_900, 3_999_999_900)


def test_a_year_without_rules_is_refused() -> None:
    assert 2030 not in PIPELINES
    with pytest.raises(LookupError, match="2030"):
        compute(RESIDENT_FACTS.batch({}), resident_law(2030))


@pytest.mark.parametrize(
    ("age", "earned", "column"),
    [
        (15, 0, "dependants_under_16"),
        (16, 580_000, "dependants_general"),
        (19, 580_000, "dependants_specific"),
        (22, 580_001, "specific_relatives_1"),
        (22, 1_230_000, "specific_relatives_7"),
        (22, 1_230_001, None),
        (23, 580_001, None),
        (18, 580_001, None),
        (69, 0, "dependants_general"),
        (70, 0, "dependants_elderly"),
    ],
)
def test_relatives_are_classed_by_age_and_income(age: int, earned: int, column: str | None) -> None:
    assert relative_column(age=age, income_yen=earned, law=resident_law(2026)) == column


def test_before_r8_an_earning_student_is_nobody() -> None:
    assert relative_column(age=20, income_yen=480_001, law=resident_law(2025)) is None


def test_birthdays_on_the_edges_of_the_year() -> None:
    assert [age_for_tax(date(2003, 1, day), 2026) for day in (1, 2)] == [23, 22]
    assert [age_for_tax(date(2007, 1, day), 2026) for day in (1, 2)] == [19, 18]
    assert [is_minor(date(2008, 1, day), 2026) for day in (2, 3)] == [False, True]
