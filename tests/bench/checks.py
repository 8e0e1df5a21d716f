"""The population checks over a whole city: seconds of all of them over a computed run, and of each slow one.

    python -m taxsys.embedded servers -- python -m tests.bench.checks [residents]

A city of some thousand residents is taken in and computed; its people, papers and rows are then copied in the database
until there are as many as asked (330,000), so that the checks meet a city's volume without an hour of take-in. Peer:
the same facts and results read once by COPY.
"""

import sys
import time
from datetime import date
from typing import Any

import django

LARGEST = 330_000
SEEDED = 3_000
# Copies of a row keep everything but its keys. A paper's number moves by a fixed step, so that arrays follow.
STEP = 10_000_000
_PARTY = "md5({0}::text || ':' || %(copy)s)::uuid"
TABLES: tuple[tuple[str, dict[str, str]], ...] = (
    ("addressbook_party", {"id": _PARTY.format("id"), "person_no": "left(md5(person_no || ':' || %(copy)s), 15)",
                           "corporate_no": "NULL", "strict_key": "strict_key || %(copy)s",
                           "name": "name || %(copy)s"}),
    ("addressbook_partyversion", {"party_id": _PARTY.format("party_id")}),
    ("addressbook_address", {"party_id": _PARTY.format("party_id")}),
    ("assessment_taxablepopulation", {"party_id": _PARTY.format("party_id")}),
    ("assessment_sourcedocument", {"id": f"id + %(copy)s::bigint * {STEP}", "party_id": _PARTY.format("party_id"),
                                   "received_file_id": "NULL", "line_no": "NULL", "name": "name || %(copy)s"}),
    ("assessment_residentfacts", {"party_id": _PARTY.format("party_id"),
                                  "document_ids": "(SELECT coalesce(array_agg(one + %(copy)s::bigint * "
                                                  f"{STEP}), '{{}}') FROM unnest(document_ids) AS one)"}),
    ("assessment_residentresult", {"party_id": _PARTY.format("party_id")}),
    ("assessment_collectionshare", {"party_id": _PARTY.format("party_id")}),
)  # fmt: skip


def multiply(cursor: Any, copies: int) -> None:
    """Copy every person, paper and row of the database so many times."""
    from django.db import connection

    for table, changed in TABLES:
        cursor.execute(
            "SELECT column_name, is_identity FROM information_schema.columns WHERE table_name = %s"
            " AND table_schema = 'public' ORDER BY ordinal_position",
            [table],
        )
        names = [name for name, identity in cursor.fetchall() if name in changed or identity == "NO"]
        quoted = ", ".join(connection.ops.quote_name(name) for name in names)
        values = ", ".join(changed.get(name, connection.ops.quote_name(name)) for name in names)
        where = "WHERE party_id IS NOT NULL" if table == "assessment_sourcedocument" else ""
        cursor.execute(f"CREATE TEMP TABLE seeded AS SELECT * FROM {table} {where}")
        for copy in range(1, copies):
            cursor.execute(
                f"INSERT INTO {table} ({quoted}) OVERRIDING SYSTEM VALUE SELECT {values} FROM seeded",
                {"copy": str(copy)},
            )
        cursor.execute("DROP TABLE seeded")


def main() -> None:
    """Measure in a database of its own; the first argument is the number of residents (330,000)."""
    from tests.bench.year import own_database

    size = int(sys.argv[1]) if len(sys.argv) > 1 else LARGEST
    if not 100 <= size <= LARGEST:
        raise SystemExit(f"residents: 100 to {LARGEST:,}")
    own_database("taxsys_checks")
    run = _computed(min(size, SEEDED), max(1, size // SEEDED))
    _measure(run, size)


def _computed(seeded: int, copies: int) -> Any:
    from django.db import connection, transaction

    from assessment.models import AssessmentRun, RunKind
    from assessment.resident import runs
    from taxsys.city.deliveries import resident_files
    from taxsys.web.demo.steps import assessment, papers_in
    from taxsys.web.demo.walk import MUNICIPALITY
    from tests.flows.conftest import small_demo

    demo = small_demo(size=seeded, seed=1)
    files = [*resident_files(demo.deliveries.people), *demo.deliveries.spring_files()]
    demo.take_in(sorted(files, key=lambda one: one.arrives_on), papers_in.JOBS)
    assessment.population(demo)
    with demo.desk(date(2026, 6, 3)):
        run: AssessmentRun = runs.run_open(
            tax_year=2026, kind=RunKind.INITIAL_ORDINARY, documents_until=date(2026, 6, 1), requested_by="bench",
            city_code=MUNICIPALITY,
        )  # fmt: skip
        runs.run_compute_chunk(run, runs.run_population(run), city_code=MUNICIPALITY)
    started = time.perf_counter()
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        multiply(cursor, copies)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")
    print(f"checks: city copied {copies} times in {time.perf_counter() - started:,.0f} s", flush=True)
    return run


def _measure(run: Any, size: int) -> None:
    from django.db import connection, transaction

    from assessment.models import ResidentResult, SourceDocument
    from assessment.resident import checks
    from tests.bench.copying import copy_out

    each: dict[str, float] = {}
    plain = checks._set

    def timed(cursor: Any, check: Any, facts: Any) -> int:
        began = time.perf_counter()
        try:
            return plain(cursor, check, facts)
        finally:
            each[check.id] = time.perf_counter() - began

    checks._set = timed
    rows = checks._rows

    def timed_rows(*args: Any) -> dict[str, int]:
        began = time.perf_counter()
        try:
            return rows(*args)
        finally:
            each["(row checks)"] = time.perf_counter() - began

    checks._rows = timed_rows
    started = time.perf_counter()
    with transaction.atomic():
        gates = list(checks.run_checks(run))
    seconds = time.perf_counter() - started
    each["(run checks)"] = seconds - sum(each.values())
    copied = copy_out("SELECT * FROM assessment_residentfacts WHERE run_id = %s", [run.pk]) + copy_out(
        "SELECT * FROM assessment_residentresult WHERE run_id = %s", [run.pk]
    )
    people, papers = ResidentResult.objects.filter(run=run).count(), SourceDocument.objects.count()
    red = [gate.id for gate in gates if not gate.ok]
    print(
        f"checks: {size:,} residents, {people:,} assessed, {papers:,} papers: {len(gates)} checks in {seconds:.1f} s"
        f" = {seconds / copied:.1f} x COPY out of facts and results ({copied:.1f} s); red: {red or 'none'}"
        f"   target < 60 s at {LARGEST:,}"
    )
    for name, spent in sorted(each.items(), key=lambda item: -item[1])[:8]:
        print(f"checks:   {name:<28} {spent:6.2f} s")
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


if __name__ == "__main__":
    django.setup()
    main()
