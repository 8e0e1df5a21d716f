"""Vector rules against the scalar oracle over edge-biased random people: every figure of every person, to the yen.

`python -m tests.oracle --people 1000000 --seed 11 --years 2024 2025 2026 2027` draws so many people for each year in
blocks of their own seeds (a block can be drawn again by itself) and tells people, seeds and yen off; it fails where one
yen is off. Needs no server.
"""

import argparse
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass

from assessment.resident.rules.pipeline import compute, resident_law
from taxsys.kernel.columns import Batch
from taxsys.params.model import ParameterSet
from tests.conformance.oracle_resident import assess
from tests.conformance.people import random_people

CITY_CLASS = {"": 1, "012041": 2}
BLOCK_PEOPLE = 20_000
# Seeds of two runs must not meet: a run's blocks count upwards from its seed times this.
SEEDS_APART = 100_000


@dataclass(frozen=True, slots=True)
class Disagreement:
    """One person: figure → (oracle, vector), and the facts that are not zero."""

    row: int
    wrong: dict[str, tuple[int, int]]
    given: dict[str, int]

    @property
    def yen_off(self) -> int:
        """Sum of the differences of all figures in yen."""
        return sum(abs(int(want) - int(got)) for want, got in self.wrong.values())


def disagreements(
    year: int, city: str, facts: Batch, law: ParameterSet | None = None, *, limit: int = 3
) -> list[Disagreement]:
    """The first people of the batch for whom oracle and rules differ in any figure."""
    columns = compute(facts, law or resident_law(year, city)).columns
    names = list(facts)
    listed = zip(*(facts[name].tolist() for name in names), strict=True)
    results = {name: column.tolist() for name, column in columns.items()}
    found: list[Disagreement] = []
    for row, values in enumerate(listed):
        person = dict(zip(names, values, strict=True))
        want = assess(person, year, CITY_CLASS[city])
        wrong = {name: (value, results[name][row]) for name, value in want.items() if value != results[name][row]}
        if wrong:
            found.append(Disagreement(row, wrong, {name: value for name, value in person.items() if value}))
            if len(found) == limit:
                break
    return found


def blocks(seed: int, people: int) -> Iterator[tuple[int, int]]:
    """(seed, people) of the blocks of a run."""
    for number, start in enumerate(range(0, people, BLOCK_PEOPLE)):
        yield seed * SEEDS_APART + number, min(BLOCK_PEOPLE, people - start)


def run(year: int, city: str, seed: int, people: int) -> tuple[int, int]:
    """Compare so many people of one year; prints every block that differs. Answers (people that differ, yen off)."""
    wrong = yen = 0
    for block_seed, rows in blocks(seed, people):
        found = disagreements(year, city, random_people(block_seed, rows), limit=rows)
        wrong += len(found)
        yen += sum(one.yen_off for one in found)
        for one in found[:3]:
            print(f"year {year} seed {block_seed} row {one.row}: {one.wrong} of {one.given}", flush=True)
    return wrong, yen


def main() -> int:
    """Compare and print one line a year and the sum."""
    parser = argparse.ArgumentParser(prog="python -m tests.oracle", description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--people", type=int, default=1_000_000, help="people a year")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--years", type=int, nargs="+", default=[2026])
    parser.add_argument("--city", default="012041", choices=sorted(CITY_CLASS))
    options = parser.parse_args()
    total = 0
    for year in options.years:
        started = time.perf_counter()
        wrong, yen = run(year, options.city, options.seed, options.people)
        total += wrong
        first, *_, last = [seed for seed, _ in blocks(options.seed, options.people)] * 2
        print(
            f"oracle: year {year}, {options.people:,} people (block seeds {first}–{last}): {wrong:,} people and "
            f"{yen:,} yen off, {time.perf_counter() - started:,.0f} s",
            flush=True,
        )
    print(f"oracle: {options.people * len(options.years):,} people, {total:,} differ")
    return 1 if total else 0


if __name__ == "__main__":
    sys.exit(main())
