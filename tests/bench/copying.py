"""The floor of every database stage: plain COPY of the very rows that came into being.

Into twins with the same keys, indexes and foreign keys, in the transaction's end checked as at a commit, but without
triggers (the balances of the ledger are rows of their own and copied like the others).
"""

import time
from collections.abc import Sequence
from typing import Any

from django.db import connection


def column(query: str, *params: object) -> list[Any]:
    """First column of a query."""
    with connection.cursor() as cursor:
        cursor.execute(query, params)
        return [row[0] for row in cursor.fetchall()]


def marks(tables: Sequence[str]) -> dict[str, int]:
    """Highest id of each table, where it has one: rows above it are new."""
    found = {}
    for table in tables:
        if column("SELECT count(*) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = 'id'", table)[0]:
            found[table] = column(f"SELECT coalesce(max(id), 0) FROM {table}")[0]
    return found


def keys_checked() -> None:
    """Let the deferred foreign keys be checked now, as a commit would."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def copy_again(tables: Sequence[str], since: dict[str, int], *, block_bytes: int = 1 << 24) -> tuple[float, int]:
    """Seconds of plain COPY of the rows made since the marks into twins of their tables, and how many rows."""
    seconds, rows = 0.0, 0
    with connection.cursor() as cursor:
        for table in tables:
            twin = f"twin_{table}"
            cursor.execute(f"CREATE TABLE {twin} (LIKE {table} INCLUDING ALL)")
            cursor.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE contype = 'f' AND conrelid = %s::regclass",
                [table],
            )
            for (definition,) in cursor.fetchall():
                cursor.execute(f"ALTER TABLE {twin} ADD {definition}")
            chosen = f" WHERE id > {since[table]}" if table in since else ""
            with cursor.copy(f"COPY (SELECT * FROM {table}{chosen}) TO STDOUT (FORMAT BINARY)") as copy:
                content = b"".join(bytes(block) for block in copy)
            started = time.perf_counter()
            with cursor.copy(f"COPY {twin} FROM STDIN (FORMAT BINARY)") as copy:
                for start in range(0, len(content), block_bytes):
                    copy.write(content[start : start + block_bytes])
            keys_checked()
            seconds += time.perf_counter() - started
            cursor.execute(f"SELECT count(*) FROM {twin}")
            rows += cursor.fetchone()[0]
            cursor.execute(f"DROP TABLE {twin}")
    return seconds, rows


def copy_out(query: str, params: Sequence[object] = ()) -> float:
    """Seconds of COPY of a query out of the database, thrown away."""
    started = time.perf_counter()
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", params) as copy:
        for _ in copy:
            pass
    return time.perf_counter() - started
