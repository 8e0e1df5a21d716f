"""COPY of columns: what goes in comes out, whatever the lengths."""

from datetime import date
from uuid import UUID, uuid5

import numpy as np
import pytest
from django.db import DataError, connection, transaction

from taxsys.platform.copying import (
    Raw,
    Same,
    bigint_array,
    bigint_arrays,
    copy_columns,
    day_number,
    text_array,
    text_column,
    uuid_column,
)

SPACE = UUID("6ba7b810-9dad-11d1-80b4-00c04fd430c8")
EDGES = [0, 1, -1, 2**63 - 1, -(2**63), 10**15]


@pytest.fixture
def table(db: None) -> str:
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TEMP TABLE copied (id uuid, yen int8, n int4, place int2, flag bool, day date, name varchar(20),"
            " ids int8[], amounts int8[], keys varchar(2)[], note text) ON COMMIT DROP"
        )
    return "copied"


def read(table: str) -> list[tuple]:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM {table} ORDER BY n")
        return cursor.fetchall()


def test_every_kind_of_column_comes_out_as_it_went_in(table: str) -> None:
    ids = [uuid5(SPACE, str(n)) for n in range(len(EDGES))]
    names = ["", "山田", "x", "鷗外", "山田", "長い名前の人"]
    documents = [[], [1], [7, 8], [9], [], [2**62]]
    amounts = np.arange(18, dtype=np.int64).reshape(6, 3) * 1000
    with connection.cursor() as cursor:
        rows = copy_columns(
            cursor,
            table,
            {
                "id": uuid_column(ids),
                "yen": np.array(EDGES, dtype=np.int64),
                "n": np.arange(6, dtype=np.int32),
                "place": np.arange(6, dtype=np.int16) - 3,
                "flag": np.array([True, False] * 3),
                "day": np.full(6, day_number(date(1999, 12, 31)), dtype=np.int32),
                "name": text_column(names),
                "ids": Raw([bigint_array(one) for one in documents]),
                "amounts": bigint_arrays(amounts),
                "keys": Same(text_array(("06", "1"))),
                "note": Same(None),
            },
        )
    assert rows == 6
    assert read(table) == [
        (ids[n], EDGES[n], n, n - 3, n % 2 == 0, date(1999, 12, 31), names[n], documents[n],
         [n * 3000, n * 3000 + 1000, n * 3000 + 2000], ["06", "1"], None)
        for n in range(6)
    ]  # fmt: skip


def test_a_missing_value_in_the_middle_is_null(table: str) -> None:
    with connection.cursor() as cursor:
        copy_columns(cursor, table, {"n": np.arange(3, dtype=np.int32), "note": Raw([b"a", None, b""])})
    assert [(row[2], row[10]) for row in read(table)] == [(0, "a"), (1, None), (2, "")]


def test_no_rows_are_no_statement(table: str) -> None:
    with connection.cursor() as cursor:
        assert copy_columns(cursor, table, {"n": np.empty(0, dtype=np.int32), "note": Same(b"x")}) == 0
    assert read(table) == []


def test_a_text_that_does_not_fit_stops_the_whole_copy(table: str) -> None:
    with pytest.raises(DataError), transaction.atomic(), connection.cursor() as cursor:
        copy_columns(cursor, table, {"n": np.arange(2, dtype=np.int32), "name": text_column(["良い", "長" * 21])})
    assert read(table) == []
