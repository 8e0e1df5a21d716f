"""`make sim SEEDS=…`: years of seeds, one after the other, each in a copy of an empty migrated database.

`--seed N` runs one seed, `--seeds N` that many from a random one (or from `--first N`), `--minutes M` as many as the
time allows. The first that fails is told with its events, shortened, and ends the run.
"""

from __future__ import annotations

import argparse
import os
import secrets
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import django

TEMPLATE, YEAR = "taxsys_sim_template", f"taxsys_sim_{os.getpid()}"


def main(arguments: list[str]) -> int:
    """Run the seeds that are asked for; 1 where one fails."""
    parser = argparse.ArgumentParser(prog="python -m tests.simulation", description=__doc__)
    parser.add_argument("--seed", type=int, help="this seed alone")
    parser.add_argument("--seeds", type=int, default=1, help="how many seeds")
    parser.add_argument("--first", type=int, help="the first seed")
    parser.add_argument("--minutes", type=float, help="as many seeds as fit into so many minutes")
    parser.add_argument("--events", type=int, help="random events a year")
    parser.add_argument("--no-shrink", action="store_true", help="tell a failing seed as it is")
    asked = parser.parse_args(arguments)
    django.setup()
    house = Databases()
    try:
        return _years(asked, house)
    finally:
        house.close()


def _years(asked: argparse.Namespace, house: Databases) -> int:
    from tests.simulation.year import EVENTS, Failure, plan_of, run, shrunk

    first = asked.seed if asked.seed is not None else asked.first or secrets.randbelow(10**9)
    count = 1 if asked.seed is not None else 10**9 if asked.minutes else asked.seeds
    until = time.monotonic() + (asked.minutes or 10**9) * 60
    acts: Counter[str] = Counter()
    sums: Counter[str] = Counter()
    seed = first
    while seed < first + count and time.monotonic() < until:
        house.fresh()
        try:
            report = run(plan_of(seed, events=asked.events or EVENTS))
        except Failure as failure:
            print(failure, flush=True)
            if not asked.no_shrink:
                print("\nshortened:\n", shrunk(failure, house.fresh), flush=True)
            return 1
        acts.update(report.acts)
        sums.update(report.counts)
        sums.update({"events": report.events, "proofs": report.proofs, "receipts": report.receipts, "yen": report.yen})
        print(
            f"seed {seed}: {report.events} events, {report.receipts} receipts, {report.yen:,} yen,"
            f" {report.counts.get('crashes', 0)} crashes, {report.proofs} proofs, {report.seconds:.1f} s, 0 yen off",
            flush=True,
        )
        seed += 1
    print(f"simulation: {seed - first} years, seeds {first} to {seed - 1}, 0 yen off")
    print(f"simulation: {dict(sums)}")
    print(f"simulation: {dict(sorted(acts.items()))}")
    return 0


class Databases:
    """An empty migrated database, and copies of it."""

    def __init__(self) -> None:
        from django.conf import settings
        from django.core.management import call_command
        from django.db import connection

        from tests.conftest import APPLICATION_ROLE, OWNER_ROLE, _run_sql, _with_role

        settings.TAXSYS_DATA_DIR = Path(tempfile.mkdtemp(prefix="taxsys-sim-"))
        settings.CELERY_TASK_ALWAYS_EAGER = True
        self._home = connection.settings_dict["NAME"]
        plain = dict(connection.settings_dict["OPTIONS"])
        self._working = _with_role(plain, APPLICATION_ROLE)
        with connection.cursor() as cursor:
            cursor.execute("SELECT EXISTS (SELECT FROM pg_database WHERE datname = %s)", [TEMPLATE])
            is_there = cursor.fetchone()[0]
            if not is_there:
                cursor.execute(f"CREATE DATABASE {TEMPLATE}")
        if not is_there:
            self._use(TEMPLATE, plain)
            _run_sql(connection.settings_dict, "roles.sql", "database.sql")
            self._use(TEMPLATE, _with_role(plain, OWNER_ROLE))
            call_command("migrate", interactive=False, verbosity=0)
        self._plain = plain

    def _use(self, name: str, options: dict) -> None:
        from django.db import connection

        connection.close()
        connection.settings_dict["NAME"], connection.settings_dict["OPTIONS"] = name, options

    def fresh(self) -> None:
        """The year's database as after the migrations."""
        from django.db import connection

        self._use(self._home, self._plain)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {YEAR}")
            cursor.execute(f"CREATE DATABASE {YEAR} TEMPLATE {TEMPLATE} STRATEGY file_copy")
        self._use(YEAR, self._working)

    def close(self) -> None:
        """Drop the year's database; the template stays for the next run."""
        from django.db import connection

        self._use(self._home, self._plain)
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE IF EXISTS {YEAR}")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
