"""The whole initial run of a city, split by stage: files → take-in → calculation → checks → release → slips → matching.

    python -m taxsys.embedded servers -- python -m tests.bench.year [residents]

Every stage is the product's own work on its own tables, in one process; database stages stand beside plain COPY of the
very rows they made (and, for the calculation, COPY out of what it reads), see `copying`.
"""

import resource
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from typing import Any

import django

LARGEST = 330_000
DEFAULT = 20_000
FACTS = ("assessment_residentfacts", "assessment_documentexclusion")
RESULTS = ("assessment_residentresult", "assessment_collectionshare")
RELEASE = (
    "assessment_decision",
    *(f"collection_{name}" for name in ("charge", "withheldshare", "account", "journalentry", "transfer", "balance")),
    "outbox_outboxmessage",
)
SLIPS = ("collection_slip", "collection_slipline")
MATCHING = tuple(
    f"collection_{name}" for name in ("receipt", "journalentry", "transfer", "allocation", "suspense", "overpayment")
)


@dataclass
class Table:
    """The printed table; `inner` gathers seconds of parts inside a stage."""

    inner: dict[str, float] = field(default_factory=dict)

    def line(self, stage: str, records: int, seconds: float, *, note: str = "") -> None:
        rate = records / seconds if seconds else 0
        print(f"year: {stage:<22} {records:>10,}  {seconds:>8.1f} s  {rate:>11,.0f}/s  {note}", flush=True)

    @contextmanager
    def parts(self, *places: tuple[Any, str, str]) -> Iterator[None]:
        """Time every call of the functions (module, name) under a title while the block runs."""
        held = []
        for module, name, title in places:
            plain = getattr(module, name)
            held.append((module, name, plain))
            setattr(module, name, self._timed(plain, title))
        try:
            yield
        finally:
            for module, name, plain in held:
                setattr(module, name, plain)

    def _timed(self, plain: Callable[..., Any], title: str) -> Callable[..., Any]:
        def timed(*args: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return plain(*args, **named)
            finally:
                self.inner[title] = self.inner.get(title, 0.0) + time.perf_counter() - started

        return timed


def _floor(seconds: float, tables: Sequence[str], since: dict[str, int], target: str, *, out: float = 0.0) -> str:
    from tests.bench.copying import copy_again

    copied, _rows = copy_again(tables, since)
    return f"{seconds / (copied + out):5.1f} x COPY ({copied + out:.1f} s)   target {target}"


def run(size: int) -> None:
    """Measure a city of `size` residents in the database at hand, migrated and empty."""
    from addressbook.models import Party
    from assessment.models import SourceDocument
    from taxsys.city.deliveries import resident_files
    from taxsys.web.demo.steps import assessment, papers_in
    from tests.flows.conftest import small_demo

    table = Table()
    demo = small_demo(size=size, seed=1)
    started = time.perf_counter()
    files = [*resident_files(demo.deliveries.people), *demo.deliveries.spring_files()]
    lines = sum(one.content.count(b"\n") for one in files if not one.name.endswith(".zip"))
    table.line("city writes files", lines, time.perf_counter() - started, note=f"{len(files)} files")
    started = time.perf_counter()
    demo.take_in(sorted(files, key=lambda one: one.arrives_on), papers_in.JOBS)
    taken = Party.objects.count() + SourceDocument.objects.count()
    table.line("take-in", taken, time.perf_counter() - started)
    del files
    started = time.perf_counter()
    assessment.population(demo)
    table.line("population, matching", SourceDocument.objects.count(), time.perf_counter() - started)
    _assess(table, demo)
    _collect(table, demo)
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"year: peak memory of the process {peak:,.0f} MiB", flush=True)


def _assess(table: Table, demo: Any) -> None:
    from assessment.models import RunKind
    from assessment.resident import facts, runs
    from assessment.resident.bulk import papers, rows
    from assessment.resident.jobs import CHUNK_PERSONS
    from assessment.resident.runs import computing
    from taxsys.web.demo.walk import MUNICIPALITY
    from tests.bench.copying import copy_out, marks

    since = marks((*FACTS, *RESULTS))
    with demo.desk(date(2026, 6, 3)):
        run = runs.run_open(
            tax_year=2026, kind=RunKind.INITIAL_ORDINARY, documents_until=date(2026, 6, 1), requested_by="bench",
            city_code=MUNICIPALITY,
        )  # fmt: skip
        parts = (
            (computing, "facts_build", "build"), (papers, "papers_of", "read papers"),
            (papers, "subjects_of", "read papers"), (facts, "consolidate", "consolidate"),
            (computing, "compute", "rules"), (rows, "facts_copy", "store facts"),
            (rows, "exclusions_copy", "store facts"), (rows, "results_copy", "store results"),
            (rows, "shares_copy", "store results"),
        )  # fmt: skip
        started = time.perf_counter()
        with table.parts(*parts):
            people = runs.run_population(run)
            for first in range(0, len(people), CHUNK_PERSONS):
                runs.run_compute_chunk(run, people[first : first + CHUNK_PERSONS], city_code=MUNICIPALITY)
        seconds = time.perf_counter() - started
        consolidation = table.inner.pop("build") + table.inner["store facts"]
        out = copy_out(
            "SELECT party_id, id, kind, items, arrived_on, withholder_id, relatives, business_key"
            " FROM assessment_sourcedocument WHERE state = 'active' AND party_id IS NOT NULL"
        )
        table.line(
            "papers to facts", len(people), consolidation, note=_floor(consolidation, FACTS, since, "-", out=out)
        )
        out = copy_out("SELECT * FROM assessment_residentfacts WHERE run_id = %s", [run.pk])
        calculation = seconds - consolidation
        table.line(
            "facts to shares", len(people), calculation, note=_floor(calculation, RESULTS, since, "1.5", out=out)
        )
        for title, part in table.inner.items():
            rules = "target 1,000,000/s" if title == "rules" else ""
            table.line(f"  {title}", len(people), part, note=rules)
        _check_and_release(table, run)


def _check_and_release(table: Table, run: Any) -> None:
    from django.db import transaction

    from assessment.resident import runs
    from assessment.resident.checks import run_checks
    from assessment.resident.jobs import RELEASE_PERSONS
    from tests.bench.copying import marks

    started = time.perf_counter()
    with transaction.atomic():
        gates = list(run_checks(run))
    red = [gate.id for gate in gates if not gate.ok]
    table.line("checks", len(gates), time.perf_counter() - started, note=f"red: {red}" if red else "all green")
    runs.run_computed(run)
    since = marks(RELEASE)
    started = time.perf_counter()
    people = runs.people_to_release(run)
    number = 1
    for first in range(0, len(people), RELEASE_PERSONS):
        part = people[first : first + RELEASE_PERSONS]
        runs.run_release_chunk(run, [one.party_id for one in part], first_no=number, released_by="chief")
        number += len(part)
    runs.run_released(run, released_by="chief")
    seconds = time.perf_counter() - started
    table.line("release: levies", len(people), seconds, note=_floor(seconds, RELEASE, since, "5"))


def _collect(table: Table, demo: Any) -> None:
    from collection.models import Receipt, Slip
    from collection.selectors.proofs import prove_ledger
    from taxsys.city.deliveries import city_file
    from taxsys.city.payments import convenience_records, portal_records
    from taxsys.web.demo.steps import collection
    from taxsys.web.demo.walk import MUNICIPALITY
    from tests.bench.copying import marks

    since = marks(SLIPS)
    started = time.perf_counter()
    collection.slips(demo)
    seconds = time.perf_counter() - started
    table.line("slips and their list", Slip.objects.count(), seconds, note=_floor(seconds, SLIPS, since, "-"))
    acts: Any = demo.notes["payments"]
    from_on, until = date(2026, 6, 9), date(2026, 11, 20)
    found = {
        "cvs_csv": list(convenience_records(acts, since=from_on, until=until)),
        "local_kyotsu_nofu_result": list(
            portal_records(acts, municipality_code=MUNICIPALITY, since=from_on, until=until)
        ),
    }
    files = [
        city_file(f"{name}_bench", name, records, "収納", until, channel="line") for name, records in found.items()
    ]
    since = marks(MATCHING)
    started = time.perf_counter()
    demo.take_in(files, collection.JOBS)
    seconds = time.perf_counter() - started
    table.line("payments: matching", Receipt.objects.count(), seconds, note=_floor(seconds, MATCHING, since, "5"))
    started = time.perf_counter()
    proof = prove_ledger()
    table.line(
        "proof of the ledger", Receipt.objects.count(), time.perf_counter() - started, note=f"agrees: {proof.is_ok}"
    )


def own_database(name: str = "taxsys_year") -> None:
    """An empty database beside the one at hand, migrated; whatever other benches left is not in it."""
    from django.core.management import call_command
    from django.db import connection

    from tests.conftest import _run_sql

    with connection.cursor() as cursor:
        cursor.execute(f"DROP DATABASE IF EXISTS {name}")
        cursor.execute(f"CREATE DATABASE {name}")
    connection.close()
    connection.settings_dict["NAME"] = name
    _run_sql(connection.settings_dict, "roles.sql", "database.sql")
    call_command("migrate", interactive=False, verbosity=0)


def main() -> None:
    """Measure in a database of its own; the first argument is the number of residents (20,000)."""
    size = int(sys.argv[1]) if len(sys.argv) > 1 else DEFAULT
    if not 100 <= size <= LARGEST:
        raise SystemExit(f"residents: 100 to {LARGEST:,}")
    own_database()
    print(f"year: {size:,} residents", flush=True)
    run(size)


if __name__ == "__main__":
    django.setup()
    main()
