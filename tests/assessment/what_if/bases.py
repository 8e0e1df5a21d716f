"""A base of random people for the tests: no database, groups as wanted."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from assessment.resident.rules.pipeline import compute, resident_law
from assessment.resident.what_if.base import PARTS, Base, Head, base_make
from assessment.resident.what_if.terms import terms
from tests.conformance.people import random_people

CITY_CODE = "012041"
LAW = resident_law(2026, CITY_CODE)
DISTRICTS = ("旭町", "大町", "錦町", "その他の地区", "市外・不明")


def sound_people(seed: int, rows: int) -> dict[str, Any]:
    """Random people whom no guard stops."""
    people = random_people(seed, rows)
    stopped = compute(people, LAW).failed_rows
    kept = np.array([row for row in range(rows) if row not in stopped])
    return {name: values[kept] for name, values in people.items()}


def base_of(facts: Mapping[str, Any], **groups: Any) -> Base:
    """A base of these facts; the groups not given are drawn."""
    computed = compute(facts, LAW).columns
    rows = len(computed["annual_tax_yen"])
    draw = np.random.default_rng(7)
    told = {
        "income": terms().bands["income"].of(computed["total_income_yen"]),
        "age": draw.integers(0, 9, rows),
        "household": draw.integers(0, 6, rows),
        "district": draw.integers(0, 3, rows),
        **groups,
    }
    head = Head(2026, "k" * 32, (1,), LAW.hash, "2026-11-20", int(computed["annual_tax_yen"].sum()), 0, DISTRICTS)
    return base_make(head, dict(facts), {name: computed[name].copy() for name in PARTS}, told)
