"""COPY of Python rows into temporary tables that vanish with the transaction."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from django.db.backends.utils import CursorWrapper


def stage(cursor: CursorWrapper, table: str, columns: Sequence[tuple[str, str]], rows: Iterable[Sequence[Any]]) -> None:
    """Create temporary `table` with (name, type) `columns` and fill it by binary COPY; analysed for the planner.

    An earlier table of the same name in this transaction is dropped.
    """
    body = ", ".join(f"{name} {kind}" for name, kind in columns)
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(f"CREATE TEMP TABLE {table} ({body}) ON COMMIT DROP")
    names = ", ".join(name for name, _kind in columns)
    with cursor.copy(f"COPY {table} ({names}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types([kind for _name, kind in columns])
        for row in rows:
            copy.write_row(row)
    cursor.execute(f"ANALYZE {table}")


def stage_query(cursor: CursorWrapper, table: str, query: str, params: Sequence[Any] | dict[str, Any] = ()) -> None:
    """Create temporary `table` from a query; analysed for the planner."""
    cursor.execute(f"DROP TABLE IF EXISTS pg_temp.{table}")
    cursor.execute(f"CREATE TEMP TABLE {table} ON COMMIT DROP AS {query}", params or None)
    cursor.execute(f"ANALYZE {table}")


def scalar(cursor: CursorWrapper, query: str, params: Sequence[Any] | dict[str, Any] = ()) -> Any:
    """The single value of a query, None when it has no row."""
    cursor.execute(query, params or None)
    row = cursor.fetchone()
    return row[0] if row else None
