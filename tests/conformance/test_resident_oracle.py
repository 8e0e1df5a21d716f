"""The vector rules and the scalar oracle agree to the yen, on every person and every figure."""

from __future__ import annotations

import pytest

from assessment.resident.rules.pipeline import resident_law
from taxsys.kernel.rates import Rate
from taxsys.params.model import ParameterSet
from tests import oracle
from tests.conformance.people import random_people
from tests.oracle import Disagreement


def disagreements(year: int, city: str, seed: int, rows: int, law: ParameterSet | None = None) -> list[Disagreement]:
    return oracle.disagreements(year, city, random_people(seed, rows), law)


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


def test_blocks_of_a_run_are_whole_and_two_runs_draw_other_people() -> None:
    first, second = list(oracle.blocks(1, 50_000)), list(oracle.blocks(2, 50_000))
    assert [people for _, people in first] == [20_000, 20_000, 10_000]
    assert {seed for seed, _ in first}.isdisjoint(seed for seed, _ in second)


def test_the_command_tells_people_and_yen_off_and_fails_on_one(monkeypatch: pytest.MonkeyPatch) -> None:
    assert oracle.run(2026, "012041", 3, 500) == (0, 0)
    law = resident_law(2026, "012041").overlay({"resident.deduction.widow": 260_001})
    monkeypatch.setattr(oracle, "resident_law", lambda year, city: law)
    people, yen = oracle.run(2026, "012041", 3, 500)
    assert people > 0
    assert yen > 0
