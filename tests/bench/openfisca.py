"""The whole resident-tax rules against openfisca-japan's resident tax over the same people, in one run.

    DJANGO_SETTINGS_MODULE=taxsys.settings.embedded python -m tests.bench.openfisca [people]

Same people: a salary and a birth year each, living alone. Ours computes every result column of the pipeline in exact
yen, guards included; the peer its 住民税 in floating point. The peer knows other years and fewer rules, so figures are
not compared, only speed (each the best of three rounds); how many people each finds taxed is printed to show that both
worked on them. The peer taxes everybody: it asks for exemption by other variables.
"""

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import compute, resident_law
from taxsys.kernel.columns import Batch
from tests.bench.peers import PeerMissing, peer_python, run_peer

TAX_YEAR = 2026
ROUNDS = 3
REQUIREMENT = "openfisca-japan==2.2.0"


def people(count: int) -> tuple[np.ndarray, np.ndarray]:
    """(salary of the year, birth year) of each person, the same for both."""
    draw = np.random.default_rng(1)
    return draw.integers(0, 12_000_000, count), draw.integers(1950, 2006, count)


def batch_of(salary: np.ndarray, birth_year: np.ndarray) -> Batch:
    """Our facts of these people."""
    return RESIDENT_FACTS.batch({"salary_receipts_yen": salary, "is_age_65": birth_year <= TAX_YEAR - 66})


def main() -> None:
    """Measure both and print; without the peer say so and print ours."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 330_000
    salary, birth_year = people(count)
    law, batch = resident_law(TAX_YEAR, "012041"), batch_of(salary, birth_year)
    compute(batch_of(salary[:100], birth_year[:100]), law)
    seconds = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        annual = compute(batch, law).columns["annual_tax_yen"]
        seconds.append(time.perf_counter() - started)
    ours = count / min(seconds)
    print(f"openfisca: ours     {ours:10,.0f} persons/s  ({count:,} people, {int((annual > 0).sum()):,} taxed)")
    try:
        python = peer_python("openfisca", REQUIREMENT)
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "people.npz"
            np.savez(file, salary=salary, birth_year=birth_year)
            peer = json.loads(run_peer(python, "openfisca_peer.py", str(file), str(ROUNDS)))
    except PeerMissing as missing:
        print(f"openfisca: peer NOT MEASURED, its environment cannot be made here ({missing})")
        return
    theirs = peer["people"] / peer["seconds"]
    print(f"openfisca: peer     {theirs:10,.0f} persons/s  ({peer['people']:,} people, {peer['taxed']:,} taxed)")
    print(f"openfisca: ratio    {ours / theirs:10.1f} x openfisca-japan")


if __name__ == "__main__":
    main()
