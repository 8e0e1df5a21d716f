"""Resident-tax rules against the scalar oracle, in one run: persons a second of each, and their ratio.

Two crowds: the edge-biased one of the tests, where every third person has separate income or carried losses, and the
same people with such income left to one in twenty-five, as a city has it. The target speaks of the second.
"""

import sys
import time

import numpy as np

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, resident_law
from assessment.resident.rules.year_change import FACT_GROUPS
from taxsys.kernel.columns import Batch
from tests.conformance.oracle_resident import assess
from tests.conformance.people import random_people

TAX_YEAR = 2026
ONE_IN = 25
RARE = next(group for group in FACT_GROUPS if group.code == "separate").columns


def city_like(people: Batch) -> Batch:
    """The same people, of whom one in ONE_IN keeps income that is taxed apart and losses carried forward."""
    keeps = np.arange(len(people[RARE[0]])) % ONE_IN == 0
    return people | {name: np.where(keeps, people[name], 0) for name in (*RARE, "loss_carried_forward_yen")}


def vector_rate(people: Batch) -> float:
    """Persons a second on one core, once the caches are warm."""
    law = resident_law(TAX_YEAR, "012041")
    compute(people, law)
    started = time.perf_counter()
    compute(people, law)
    return len(people["is_domiciled"]) / (time.perf_counter() - started)


def main() -> None:
    """Measure and print one line each; the first argument is the number of people (330,000)."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 330_000
    sample = min(count, 20_000)
    people = random_people(1, count)
    city = city_like(people)
    crowd_rate, city_rate = vector_rate(people), vector_rate(city)
    rows = [{name: city[name][row].item() for name in RESIDENT_FACTS.names} for row in range(sample)]
    started = time.perf_counter()
    told = [assess(row, TAX_YEAR, 2) for row in rows]
    oracle_rate = sample / (time.perf_counter() - started)
    print(f"rules: vector       {city_rate:10,.0f} persons/s  ({count:,} people, one in {ONE_IN} with rare income)")
    print(f"rules: vector       {crowd_rate:10,.0f} persons/s  (the crowd of the tests)")
    print(f"rules: oracle       {oracle_rate:10,.0f} persons/s  ({len(told):,} people)")
    print(f"rules: ratio        {city_rate / oracle_rate:10.1f} x the scalar oracle   (target 20)")


if __name__ == "__main__":
    main()
