"""A database put back to what it was: tables are copied aside once and poured back as often as a test needs it."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tests.conftest import APPLICATION_ROLE

# Tables that a job may write; the trail of accesses goes on, staff and masters stand still.
PREFIXES = (
    "assessment_", "amendments_", "pensions_", "withheld_", "withholders_", "collection_", "paid_slips_", "remitting_",
    "outbox_", "jobs_", "files_", "printing_", "payouts_", "deferments_", "inquiries_", "yearend_", "premises_",
)  # fmt: skip


class Snapshot:
    """The tables of the duties as they stand now. `restore` brings them back, append-only ones too."""

    def __init__(self, name: str) -> None:
        self.schema = f"snapshot_{name}"
        with _as_login() as cursor:
            cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")
            self.tables = [row[0] for row in cursor.fetchall() if row[0].startswith(PREFIXES)]
            cursor.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")
            cursor.execute(f"CREATE SCHEMA {self.schema}")
            for table in self.tables:
                cursor.execute(f"CREATE TABLE {self.schema}.{table} AS TABLE public.{table}")

    def restore(self) -> None:
        """Every table as it was; sequences go on counting."""
        with _as_login() as cursor:
            cursor.execute("SET session_replication_role = replica")
            for table in self.tables:
                cursor.execute(f"DELETE FROM public.{table}")
                cursor.execute(
                    f"INSERT INTO public.{table} OVERRIDING SYSTEM VALUE SELECT * FROM {self.schema}.{table}"
                )
            cursor.execute("SET session_replication_role = origin")

    def drop(self) -> None:
        """Throw the copies away."""
        with _as_login() as cursor:
            cursor.execute(f"DROP SCHEMA IF EXISTS {self.schema} CASCADE")


@contextmanager
def _as_login() -> Iterator:
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        try:
            yield cursor
        finally:
            cursor.execute(f"SET ROLE {APPLICATION_ROLE}")
