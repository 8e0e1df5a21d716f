"""The vector rules and the scalar oracle agree to the yen, on every person and every figure."""

from __future__ import annotations

import pytest

from assessment.resident.rules.pipeline import compute, resident_law
from taxsys.kernel.rates import Rate
from taxsys.params.model import ParameterSet
from tests.conformance.oracle_resident import assess
from tests.conformance.people import random_people

CITY_CLASS = {"": 1, "012041": 2}


def disagreements(year: int, city: str, seed: int, rows: int, law: ParameterSet | None = None) -> list[tuple]:
    facts = random_people(seed, rows)
    columns = compute(facts, law or resident_law(year, city)).columns
    names = list(facts)
    listed = zip(*(facts[name].tolist() for name in names), strict=True)
    results = {name: column.tolist() for name, column in columns.items()}
    found = []
    for row, values in enumerate(listed):
        person = dict(zip(names, values, strict=True))
        want = assess(person, year, CITY_CLASS[city])
        wrong = {name: (value, results[name][row]) for name, value in want.items() if value != results[name][row]}
        if wrong:
            given = {name: value for name, value in person.items() if value}
            found.append((row, wrong, given))
            if len(found) == 3:
                break
    return found


@pytest.mark.slow
@pytest.mark.parametrize(("year", "city", "seed"), [(2026, "012041", 20260101), (2027, "", 20270101)])
def test_100_000_people_agree(year: int, city: str, seed: int) -> None:
    assert disagreements(year, city, seed, 100_000) == []


@pytest.mark.parametrize("year", [2024, 2025])
@pytest.mark.parametrize("city", ["", "012041"])
def test_years_of_the_fixed_reduction_agree(year: int, city: str) -> None:
    assert disagreements(year, city, year, 10_000) == []


@pytest.mark.parametrize(
    ("parameter", "value"),
    [
        ("resident.deduction.widow", 260_001),
        ("resident.gap.single_parent_father", 50_000),
        ("resident.donation.own_burden", 2_001),
        ("resident.credit.adjustment_floor", 49_000),
        ("resident.exemption.income_levy_family_add", 319_999),
        ("resident.credit.city_share", Rate(4, 5)),
        ("resident.income.adjustment_pension_part", 99_999),
    ],
)
def test_a_planted_error_of_one_value_is_seen(parameter: str, value: int | Rate) -> None:
    law = resident_law(2026, "012041").overlay({parameter: value})
    assert disagreements(2026, "012041", 5, 20_000, law) != []
