"""Plans for statements over a whole city: rows that have just come into being have no statistics yet, and a planner
that takes them for a handful joins them row by row. Compiling a long statement (JIT) costs seconds and saves none here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection


@contextmanager
def whole_city() -> Iterator[None]:
    """Statements within join by hash and merge only. Stands in a transaction; an error undoes it with the rest."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_nestloop = off")
        cursor.execute("SET LOCAL jit = off")
        yield
        cursor.execute("SET LOCAL enable_nestloop TO DEFAULT")
        cursor.execute("SET LOCAL jit TO DEFAULT")
