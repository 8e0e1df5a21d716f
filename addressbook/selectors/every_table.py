"""Every row of every table outside the vault as PostgreSQL writes it out, for the look after leaked numbers.

Raw SQL: tables are named by the catalogue, not by models, so that one without a model is looked at too.
"""

from collections.abc import Iterator

import psycopg
from django.db import connection, transaction
from psycopg import sql

from addressbook.number_scan.scanner import Place

# The catalogue's own schemas; what a server keeps beside the tables is read through views of it.
_NOT_OURS = ("vault", "pg_catalog", "information_schema", "pg_toast")
_BESIDE = (
    ("実行中の問合せ", "SELECT query FROM pg_stat_activity"),
    ("列の統計", "SELECT most_common_vals, histogram_bounds FROM pg_stats WHERE schemaname <> ALL (%s)"),
    ("注釈", "SELECT description FROM pg_description"),
)


def table_places() -> Iterator[Place]:
    """One place per table and materialised view, and one per view of what the server keeps beside them."""
    for schema, table, _columns in tables_all():
        yield Place("表", f"{schema}.{table}", _copied(sql.SQL("TABLE {}").format(sql.Identifier(schema, table))))
    for name, query in _BESIDE:
        yield Place("表", name, _copied(sql.SQL(query), [list(_NOT_OURS)] if "%s" in query else None))
    if _has_statements():
        yield Place("表", "実行した文", _copied(sql.SQL("SELECT query FROM pg_stat_statements")))


def column_places(name: str) -> Iterator[Place]:
    """The columns of a table one by one, to tell where in it a number stands."""
    for schema, table, columns in tables_all():
        if f"{schema}.{table}" == name:
            for column in columns:
                query = sql.SQL("SELECT {} FROM {}").format(sql.Identifier(column), sql.Identifier(schema, table))
                yield Place("表", f"{name}.{column}", _copied(query))


def tables_all() -> list[tuple[str, str, list[str]]]:
    """(schema, table, columns) of everything with rows of its own outside the vault, partitions included."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT n.nspname, c.relname, array_agg(a.attname::text ORDER BY a.attnum)
            FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
            JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
            WHERE c.relkind IN ('r', 'm') AND n.nspname <> ALL (%s) AND n.nspname NOT LIKE 'pg\\_temp%%'
            GROUP BY 1, 2 ORDER BY 1, 2
            """,
            [list(_NOT_OURS)],
        )
        return cursor.fetchall()


def _has_statements() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_regclass('pg_stat_statements') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def _copied(query: sql.Composable, values: list[object] | None = None) -> Iterator[bytes]:
    """The rows as COPY writes them. PermissionError where the application may not read the table."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL statement_timeout = 0")
        statement = sql.SQL("COPY ({}) TO STDOUT").format(query)
        try:
            with psycopg.ClientCursor(connection.connection) as raw, raw.copy(statement, values) as copy:
                for block in copy:
                    yield bytes(block)
        except psycopg.errors.InsufficientPrivilege as error:
            raise PermissionError(str(error.diag.message_primary)) from error
