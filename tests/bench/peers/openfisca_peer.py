"""Runs under the peer's interpreter: openfisca-japan's 住民税 over the people of a file; prints one JSON line.

    python openfisca_peer.py PEOPLE.npz ROUNDS

The file holds `salary` (yen of the year) and `birth_year`. Everybody lives alone: the peer computes households.
Building the simulation is not counted, the calculation is; a small run before it loads every formula.
"""

import json
import sys
import time
from typing import Any

import numpy as np
from openfisca_core.simulations import SimulationBuilder
from openfisca_japan import CountryTaxBenefitSystem

DAY = "2026-01-01"


def calculate(system: Any, salary: Any, birth_year: Any) -> "tuple[float, Any]":
    """Seconds of the calculation, and the tax of everybody."""
    ids = np.arange(salary.size)
    builder = SimulationBuilder()
    builder.create_entities(system)
    builder.declare_person_entity("人物", ids)
    households = builder.declare_entity("世帯", ids)
    builder.join_with_persons(households, ids, roles=np.array(["自分"] * salary.size))
    simulation = builder.build(system)
    simulation.set_input("収入", DAY, salary.astype(np.float64))
    births = np.array([f"{year}-07-01" for year in birth_year], dtype="datetime64[D]")
    simulation.set_input("誕生年月日", DAY, births)
    started = time.perf_counter()
    tax = simulation.calculate("住民税", DAY)
    return time.perf_counter() - started, tax


def main() -> None:
    """Measure and print."""
    people = np.load(sys.argv[1])
    system = CountryTaxBenefitSystem()
    calculate(system, people["salary"][:100], people["birth_year"][:100])
    rounds = [calculate(system, people["salary"], people["birth_year"]) for _ in range(int(sys.argv[2]))]
    seconds, tax = min(rounds, key=lambda one: one[0])
    print(json.dumps({"seconds": seconds, "people": int(tax.size), "taxed": int((tax > 0).sum())}))


if __name__ == "__main__":
    main()
