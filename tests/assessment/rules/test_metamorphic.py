"""Metamorphic laws over random people: what a change of one fact may never do to the tax, whatever else is true.

No figure is known beforehand; the laws of the law must hold between two computations (CONVENTIONS §3).
"""

import numpy as np
import pytest

from assessment.resident.rules.pipeline import compute, resident_law
from taxsys.kernel.columns import Batch
from tests.bench.rules import city_like
from tests.conformance.people import random_people

CITY = "012041"
ROWS = 6_000
YEARS = (2024, 2025, 2026, 2027)


def people(seed: int) -> Batch:
    return city_like(random_people(seed, ROWS))


def tax(facts: Batch, year: int) -> Batch:
    """Result columns; people whom a guard stops are left out by the caller's mask `sound`."""
    computed = compute(facts, resident_law(year, CITY))
    sound = np.ones(ROWS, dtype=np.bool_)
    sound[sorted(computed.failed_rows)] = False
    return {**computed.columns, "sound": sound}


@pytest.mark.parametrize("year", YEARS)
@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("hometown_donation_yen", 10_000),
        ("social_insurance_yen", 30_000),
        ("small_business_mutual_yen", 12_000),
        ("life_care_yen", 40_000),
        ("earthquake_yen", 20_000),
        ("other_deduction_yen", 100_000),
        ("loss_carried_forward_yen", 500_000),
        ("housing_loan_available_yen", 50_000),
        ("withheld_dividend_tax_yen", 3_000),
        ("disabled_relatives", 1),
        ("dependants_under_16", 1),
    ],
)
def test_what_relieves_a_person_never_raises_the_tax(year: int, name: str, more: int) -> None:
    """Except the one-stop donor: a bracket lower, the national tax's part of the credit falls by half (附則7条の2)."""
    facts = people(year)
    facts["is_one_stop"] = facts["is_one_stop"] & False
    relieved = {**facts, name: facts[name] + more}
    before, after = tax(facts, year), tax(relieved, year)
    sound = before["sound"] & after["sound"]
    raised = sound & (after["annual_tax_yen"] > before["annual_tax_yen"])
    assert np.flatnonzero(raised).tolist() == []


@pytest.mark.parametrize("year", YEARS)
def test_a_remission_lowers_the_tax_by_itself_to_the_yen(year: int) -> None:
    facts = people(year + 100)
    before = tax(facts, year)
    room = before["city_tax_yen"] >= 300
    remitted = {**facts, "relief_city_yen": facts["relief_city_yen"] + np.where(room, 300, 0)}
    after = tax(remitted, year)
    sound = room & before["sound"] & after["sound"]
    assert set((before["annual_tax_yen"] - after["annual_tax_yen"])[sound].tolist()) == {300}


@pytest.mark.parametrize("year", YEARS)
def test_tax_withheld_before_is_credited_offset_or_refunded_and_never_lost(year: int) -> None:
    facts = people(year + 200)
    told = tax(facts, year)
    used = told["withheld_credit_city_yen"] + told["withheld_credit_prefecture_yen"]
    whole = used + told["withheld_offset_yen"] + told["withheld_refund_yen"]
    assert np.array_equal(whole, facts["withheld_dividend_tax_yen"])


@pytest.mark.parametrize("year", YEARS)
def test_the_order_of_the_people_changes_nobodys_tax(year: int) -> None:
    facts = people(year + 300)
    order = np.random.default_rng(year).permutation(ROWS)
    shuffled = tax({name: values[order] for name, values in facts.items()}, year)
    for name, values in tax(facts, year).items():
        assert np.array_equal(shuffled[name], values[order]), name


@pytest.mark.parametrize("year", YEARS)
def test_two_halves_of_a_city_sum_to_the_city(year: int) -> None:
    facts = people(year + 400)
    law = resident_law(year, CITY)
    halves = [compute({name: values[part] for name, values in facts.items()}, law).columns["annual_tax_yen"].sum()
              for part in (slice(None, 2_345), slice(2_345, None))]  # fmt: skip
    assert sum(halves) == compute(facts, law).columns["annual_tax_yen"].sum()


@pytest.mark.parametrize("year", YEARS)
def test_a_higher_rate_never_lowers_and_a_higher_basic_deduction_never_raises_the_levy(year: int) -> None:
    facts, law = people(year + 500), resident_law(year, CITY)
    plain = compute(facts, law).columns["annual_tax_yen"]
    dearer = compute(facts, law.overlay({"resident.per_capita.city": 3_500})).columns["annual_tax_yen"]
    assert (dearer >= plain).all()
    cheaper = compute(facts, law.overlay({"resident.deduction.dependant_general": 430_000})).columns["annual_tax_yen"]
    assert (cheaper <= plain).all()
