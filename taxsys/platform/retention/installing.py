"""Rules and doors in the database: written by the owner of the tables after every migration (post_migrate).

The declared periods and families become rows that only the role of the erasures writes. On each table that something
may be erased from, that role gets its right, and the guards that refuse every DELETE let exactly this role pass.
"""

import hashlib
import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from django.db import connection, transaction

from taxsys.platform.retention.declarations import Family, classes, compiled, declared

ROLE = "taxsys_erasure"
_PASS = f"WHEN ((CURRENT_USER <> '{ROLE}'::name))"
_GUARDS = """
SELECT c.relname, pg_get_triggerdef(t.oid) FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid
 WHERE NOT t.tgisinternal AND (t.tgtype & 2) > 0 AND (t.tgtype & 8) > 0 AND c.relname = ANY (%s)
"""


@transaction.atomic
def rules_install(**_signal: Any) -> None:
    """Write periods and families, open the doors; nothing where all of it stands already."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('erasure.family') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return
        standing = set(connection.introspection.table_names(cursor))
        families = [one for one in declared().families.values() if set(_tables(one)) <= standing]
        periods, rules = _period_rows(), [(one.code, compiled(one)) for one in families]
        fingerprint = hashlib.sha256(json.dumps([periods, rules], sort_keys=True).encode()).hexdigest()
        cursor.execute("SELECT count(*) FROM erasure.installed WHERE fingerprint = %s", [fingerprint])
        if not cursor.fetchone()[0]:
            _write(cursor, periods, rules, fingerprint)
            _rights(cursor, families)
        _doors(cursor, sorted({table for one in families for table in _tables(one)}))


def _tables(family: Family) -> Iterator[str]:
    yield from (family.root, *family.tables, *family.updated_tables, *family.writes)


def _period_rows() -> list[tuple[str, str, int, str]]:
    rows = []
    for one in classes().values():
        if one.rule == "period":
            parameter = one.parameter
            law = "、".join(parameter.law)
            for dated in parameter.values:
                if not isinstance(dated.valid_from, date) or not isinstance(dated.value, int):
                    raise TypeError(f"{parameter.id}: months from a day on are expected")
                rows.append((one.code, dated.valid_from.isoformat(), dated.value, law))
    return rows


def _write(cursor: Any, periods: list[Any], rules: list[tuple[str, dict[str, Any]]], fingerprint: str) -> None:
    cursor.execute(f"SET LOCAL ROLE {ROLE}")
    cursor.execute("DELETE FROM erasure.period")
    cursor.executemany(
        "INSERT INTO erasure.period (class_code, from_on, months, law_ja) VALUES (%s, %s, %s, %s)", periods
    )
    cursor.execute("DELETE FROM erasure.family")
    cursor.executemany(
        "INSERT INTO erasure.family (code, class_code, facts_sql, links_sql, steps, files)"
        " VALUES (%s, %s, %s, %s, %s::jsonb, %s::jsonb)",
        [
            (
                code,
                row["class_code"],
                row["facts_sql"],
                row["links_sql"],
                json.dumps(row["steps"]),
                json.dumps(row["files"]),
            )
            for code, row in rules
        ],
    )
    cursor.execute("DELETE FROM erasure.installed")
    cursor.execute("INSERT INTO erasure.installed (fingerprint) VALUES (%s)", [fingerprint])
    cursor.execute("RESET ROLE")


def _rights(cursor: Any, families: list[Family]) -> None:
    quote = connection.ops.quote_name
    cursor.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {ROLE}")
    for family in families:
        for rights, tables in (("DELETE", family.tables), ("UPDATE", family.updated_tables)):
            for table in tables:
                cursor.execute(f"GRANT {rights} ON {quote(table)} TO {ROLE}")
        for table in family.writes:
            cursor.execute(f"GRANT INSERT, UPDATE ON {quote(table)} TO {ROLE}")
            cursor.execute(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA public TO {ROLE}")


def _doors(cursor: Any, tables: list[str]) -> None:
    """Let the role of the erasures pass the guards (BEFORE DELETE triggers) of these tables."""
    cursor.execute(_GUARDS, [tables])
    for _table, definition in cursor.fetchall():
        if ROLE not in definition:
            made = definition.replace("CREATE TRIGGER", "CREATE OR REPLACE TRIGGER", 1)
            cursor.execute(made.replace(" EXECUTE FUNCTION ", f" {_PASS} EXECUTE FUNCTION ", 1))
