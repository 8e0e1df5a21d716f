"""The resident tax's own parameter files: complete, sourced, all used; the register of proof; the law index."""

from __future__ import annotations

import json
import tomllib
from pathlib import Path

import pytest

from assessment.resident.rules.instalments import INSTALMENT_RULES
from assessment.resident.rules.pipeline import (
    PARAMS_DIR,
    PIPELINES,
    RESIDENT_RULES,
    coverage,
    parameter_book,
    resident_law,
)
from assessment.resident.rules.retirement import RETIREMENT_RULES
from assessment.resident.rules.separate import separate_levy
from taxsys.params.index import law_index, undefined_parameters, unused_parameters

RULES = (*RESIDENT_RULES, *RETIREMENT_RULES, *INSTALMENT_RULES, separate_levy)
# Read by the collection, by pension withholding and by the ledger of losses, which are no column rules of the tax.
LEDGER = {
    "resident.collection.reduction_wage_start", "resident.loss.carry_years", "resident.loss.carry_years_disaster",
    *(f"resident.collection.pension_{name}" for name in (
        "age", "base_unreduced", "bill_terms", "minimum", "move_spring_months", "payment_day", "provisional_share",
    )),
}  # fmt: skip
CASES = Path(__file__).resolve().parents[2] / "conformance/cases/resident_tax.json"
FILES = sorted(PARAMS_DIR.rglob("*.toml"))


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_every_value_has_law_source_and_mark(path) -> None:
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    assert raw["law"]
    assert all(article.strip() for article in raw["law"])
    assert raw["value"]
    for value in raw["value"]:
        assert value["source"].strip()
        assert value["mark"] in {"V", "V2", "K"}
        assert value["status"] == "enacted"


def test_every_csv_belongs_to_a_value() -> None:
    named = {
        path.parent / value["file"]
        for path in FILES
        for value in tomllib.loads(path.read_text(encoding="utf-8"))["value"]
        if "file" in value
    }
    assert set(PARAMS_DIR.rglob("*.csv")) == named


def test_rules_and_parameters_know_each_other() -> None:
    book = parameter_book("012041")
    assert undefined_parameters(book, RULES) == ()
    assert set(unused_parameters(book, RULES)) == LEDGER


@pytest.mark.parametrize("year", sorted(PIPELINES))
def test_every_year_finds_all_its_values(year: int) -> None:
    law = resident_law(year, "012041")
    for rule in PIPELINES[year].rules:
        for _, key in rule.uses:
            assert law[key].dated.valid_from <= year


def test_the_city_is_of_the_second_class() -> None:
    assert resident_law(2026, "012041")["resident.city.livelihood_class"].value == 2
    assert resident_law(2026)["resident.city.livelihood_class"].value == 1
    assert resident_law(2026, "012041").hash != resident_law(2026).hash


def test_coverage_register_refuses_years_it_does_not_name() -> None:
    assert coverage(2026).state == "partial"
    assert (coverage(2018).state, coverage(2099).state) == ("none", "none")


@pytest.mark.parametrize("year", [2024, 2025, 2026, 2027])
def test_the_register_counts_the_published_cases(year: int) -> None:
    cases = json.loads(CASES.read_text(encoding="utf-8"))["cases"]
    assert coverage(year).cases == sum(case["nendo"] == year for case in cases)


def test_values_known_but_not_confirmed_are_listed() -> None:
    ids = [item.parameter.id for item in resident_law(2026).unconfirmed()]
    assert "resident.exemption.forest_base" in ids
    assert "resident.deduction.basic_table" not in ids


def test_the_law_index_leads_from_article_to_parameter_and_rule() -> None:
    entries = {entry.law: entry for entry in law_index(parameter_book("012041"), RULES)}
    basic = entries["地方税法314条の2第2項"]
    assert basic.parameters == ("resident.deduction.basic_table",)
    assert basic.rules == ("persons.basic_deduction_yen",)


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.id)
def test_every_rule_names_its_law_and_formula(rule) -> None:
    assert rule.articles
    assert rule.formula
    assert rule.function.__doc__
