"""The explanation of one person, from the stored facts to the ordered steps and the sheet in plain Japanese: p50, p95.

`python -m tests.bench.explain [people]`. Needs no server: facts are drawn like a city's, the law is read once, as in a
process that serves the screens. Peer: the bare rules over the same single rows.
"""

import sys
import time

import numpy as np

from assessment.resident.explain import explanation
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, resident_law
from assessment.resident.sheet import calculation_sheet
from tests.bench.rules import city_like
from tests.conformance.people import random_people

TAX_YEAR, CITY, PEOPLE = 2026, "012041", 400


def main() -> None:
    """Measure and print one line; the first argument is the number of people (400)."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else PEOPLE
    people = city_like(random_people(3, count))
    law = resident_law(TAX_YEAR, CITY)
    told, bare = [], []
    for row in range(count):
        facts = {name: values[row : row + 1] for name, values in people.items()}
        started = time.perf_counter()
        stored = {name: int(column[0]) for name, column in compute(facts, law).columns.items()}
        bare.append(time.perf_counter() - started)
        started = time.perf_counter()
        said = explanation(facts, law)
        calculation_sheet(
            tax_year=TAX_YEAR, steps=said.steps,
            facts={column.name: int(facts[column.name][0]) for column in RESIDENT_FACTS}, stored=stored, shares=[],
            papers=[], municipality_code=CITY, parameter_hash=said.parameter_set_hash, is_levied=True,
        )  # fmt: skip
        told.append(time.perf_counter() - started)
    p50, p95 = np.percentile(np.array(told) * 1000, [50, 95])
    rules = float(np.percentile(np.array(bare) * 1000, 50))
    print(
        f"explain: {count:,} people, steps and sheet p50 {p50:.1f} ms, p95 {p95:.1f} ms   (bare rules of one person "
        f"{rules:.1f} ms)   target p95 < 50 ms: {'met' if p95 < 50 else 'not met'}"
    )


if __name__ == "__main__":
    main()
