"""COPY of NumPy columns into a table (binary format), without a Python step per row.

Columns are of fixed width (int64, int32, int16, bool, 16-byte identifiers, days) or bytes of any length. Rows whose
bytes have the same lengths make one block of fixed-width rows, which NumPy lays out at once: a handful of blocks for
thousands of rows. The order of the rows in the table is therefore block by block, the same for the same input.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeAlias
from uuid import UUID

import numpy as np
from django.db.backends.utils import CursorWrapper
from numpy.typing import NDArray

_SIGNATURE = b"PGCOPY\n\xff\r\n\x00" + bytes(8)
_TRAILER = b"\xff\xff"
_EPOCH = date(2000, 1, 1)
_WIRE = {
    np.dtype(np.int64): ">i8",
    np.dtype(np.int32): ">i4",
    np.dtype(np.int16): ">i2",
    np.dtype(np.bool_): "u1",
    np.dtype("V16"): "V16",
}
BIGINT_OID, VARCHAR_OID = 20, 1043


@dataclass(frozen=True, slots=True)
class Raw:
    """A column of ready binary values, one per row (None = NULL): text in UTF-8, arrays."""

    values: Sequence[bytes | None]


@dataclass(frozen=True, slots=True)
class Same:
    """One ready binary value (None = NULL) for every row."""

    value: bytes | None


CopyColumn: TypeAlias = NDArray[Any] | Raw | Same


def uuid_column(values: Sequence[UUID]) -> NDArray[Any]:
    """Identifiers as a column."""
    return np.frombuffer(b"".join(one.bytes for one in values), dtype="V16")


def text_column(values: Sequence[str]) -> Raw:
    """Texts as a column."""
    return Raw([one.encode() for one in values])


def day_number(day: date) -> int:
    """A date as PostgreSQL counts it: days since 2000-01-01 (int32 column)."""
    return (day - _EPOCH).days


def bigint(value: int) -> bytes:
    """One bigint value."""
    return value.to_bytes(8, "big", signed=True)


def bigint_array(values: Sequence[int]) -> bytes:
    """One bigint[] value."""
    return _array(BIGINT_OID, [bigint(one) for one in values])


def text_array(values: Sequence[str]) -> bytes:
    """One varchar[] value."""
    return _array(VARCHAR_OID, [one.encode() for one in values])


def _array(oid: int, elements: Sequence[bytes]) -> bytes:
    if not elements:
        return _ints(0, 0, oid)
    return _ints(1, 0, oid, len(elements), 1) + b"".join(_ints(len(one)) + one for one in elements)


def _ints(*values: int) -> bytes:
    return b"".join(one.to_bytes(4, "big", signed=True) for one in values)


def bigint_arrays(matrix: NDArray[np.int64]) -> Raw:
    """The rows of an int64 matrix as a bigint[] column."""
    rows, places = matrix.shape
    if not places:
        return Raw([_array(BIGINT_OID, [])] * rows)
    head = _ints(1, 0, BIGINT_OID, places, 1)
    laid = np.empty(rows, dtype=[("head", f"V{len(head)}"), ("items", [("length", ">i4"), ("yen", ">i8")], (places,))])
    laid["head"] = np.void(head)
    laid["items"]["length"] = 8
    laid["items"]["yen"] = matrix
    whole, width = laid.tobytes(), laid.dtype.itemsize
    return Raw([whole[start : start + width] for start in range(0, rows * width, width)])


def copy_columns(cursor: CursorWrapper, table: str, columns: Mapping[str, CopyColumn]) -> int:
    """COPY the columns (name → values) into `table` within the caller's transaction. Answers the number of rows.

    `table` and the names are constants of the caller, never input.
    """
    rows = next((_length(column) for column in columns.values() if not isinstance(column, Same)), 0)
    if rows == 0:
        return 0
    statement = f"COPY {table} ({', '.join(columns)}) FROM STDIN (FORMAT BINARY)"
    with cursor.db.wrap_database_errors, cursor.copy(statement) as copy:
        copy.write(_SIGNATURE)
        for block in blocks(list(columns.values()), rows):
            copy.write(block)
        copy.write(_TRAILER)
    return rows


def _length(column: CopyColumn) -> int:
    if isinstance(column, Raw):
        return len(column.values)
    return 0 if isinstance(column, Same) else int(column.size)


def blocks(columns: Sequence[CopyColumn], rows: int) -> Iterator[bytes]:
    """The rows in binary COPY form, one piece per combination of lengths."""
    widths = [_widths(column) for column in columns if isinstance(column, Raw)]
    if not widths:
        yield _block(columns, None, rows)
        return
    kinds, group = np.unique(np.stack(widths, axis=1), axis=0, return_inverse=True)
    for number in range(len(kinds)):
        chosen = np.flatnonzero(group.reshape(-1) == number)
        yield _block(columns, chosen, chosen.size)


def _widths(column: Raw) -> NDArray[np.int64]:
    return np.fromiter((-1 if one is None else len(one) for one in column.values), np.int64, len(column.values))


def _block(columns: Sequence[CopyColumn], chosen: NDArray[np.intp] | None, rows: int) -> bytes:
    fields: list[tuple[str, str]] = [("count", ">i2")]
    parts: list[tuple[int, Any]] = []
    for place, column in enumerate(columns):
        length, content, wire = _part(column, chosen)
        fields.append((f"n{place}", ">i4"))
        if length > 0:
            fields.append((f"v{place}", wire))
        parts.append((length, content))
    laid = np.empty(rows, dtype=fields)
    laid["count"] = len(columns)
    for place, (length, content) in enumerate(parts):
        laid[f"n{place}"] = length
        if length > 0:
            laid[f"v{place}"] = content
    return laid.tobytes()


def _part(column: CopyColumn, chosen: NDArray[np.intp] | None) -> tuple[int, Any, str]:
    """Byte length (−1 = NULL), content and wire type of one column of a block."""
    if isinstance(column, Same):
        value = column.value
        return (-1, None, "") if value is None else (len(value), np.void(value), f"V{len(value)}")
    if isinstance(column, Raw):
        values = [column.values[row] for row in chosen.tolist()] if chosen is not None else list(column.values)
        if values[0] is None:
            return -1, None, ""
        wire = f"V{len(values[0])}"
        joined = b"".join(one for one in values if one is not None)
        return len(values[0]), np.frombuffer(joined, dtype=wire) if joined else None, wire
    wire = _WIRE[column.dtype]
    picked = column if chosen is None else column[chosen]
    return np.dtype(wire).itemsize, picked, wire
