"""Resident-tax rules against the scalar oracle, in one run: persons a second of each, and their ratio."""

import sys
import time

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, resident_law
from tests.conformance.oracle_resident import assess
from tests.conformance.people import random_people

TAX_YEAR = 2026


def main() -> None:
    """Measure and print one line each; the first argument is the number of people (330,000)."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 330_000
    sample = min(count, 20_000)
    people = random_people(1, count)
    law = resident_law(TAX_YEAR, "012041")
    compute(people, law)
    started = time.perf_counter()
    result = compute(people, law).columns["annual_tax_yen"]
    vector_rate = count / (time.perf_counter() - started)
    rows = [{name: people[name][row].item() for name in RESIDENT_FACTS.names} for row in range(sample)]
    started = time.perf_counter()
    told = [assess(row, TAX_YEAR, 2) for row in rows]
    oracle_rate = sample / (time.perf_counter() - started)
    print(f"rules: vector       {vector_rate:10,.0f} persons/s  ({count:,} people, {int(result.sum()):,} yen)")
    print(f"rules: oracle       {oracle_rate:10,.0f} persons/s  ({len(told):,} people)")
    print(f"rules: ratio        {vector_rate / oracle_rate:10.1f} x the scalar oracle   (target 20)")


if __name__ == "__main__":
    main()
