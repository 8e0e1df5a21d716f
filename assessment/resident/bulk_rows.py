"""Rows of a run as NumPy columns, straight between PostgreSQL's binary COPY and arrays: no Python object per value.

Every rule column has a fixed width (yen bigint, counts and codes integer, flags boolean), so a row of the copy stream
has one length and a whole stream is one structured array. Raw SQL; the names put into it are model and column names.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection
from django.db.backends.utils import CursorWrapper

from taxsys.kernel.columns import Array, Batch, Column

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_WIRE = {"yen": ">i8", "yen_e4": ">i8", "count": ">i4", "code": ">i4", "flag": "?"}
NULL = object()


def _row_type(wires: Sequence[str]) -> np.dtype[Any]:
    fields: list[tuple[str, str]] = [("count", ">i2")]
    for index, wire in enumerate(wires):
        fields.append((f"length{index}", ">i4"))
        if wire:
            fields.append((f"value{index}", wire))
    return np.dtype(fields)


def columns_read(
    query: str, params: Mapping[str, Any], *, ids: Sequence[str], columns: Sequence[Column]
) -> tuple[dict[str, Array], Batch]:
    """Answer of a query that selects `ids` (uuid → 16 raw bytes, named "…:int8" → bigint) and then rule columns.

    Nothing may be NULL. Raises ValueError where the stream does not have the expected width.
    """
    wires = [">i8" if name.endswith(":int8") else "V16" for name in ids]
    row = _row_type([*wires, *(_WIRE[column.kind] for column in columns)])
    with connection.cursor() as cursor, cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)", params) as copy:
        content = b"".join(bytes(block) for block in copy)
    body = len(content) - len(_SIGNATURE) - len(_TRAILER)
    if body % row.itemsize or not content.startswith(_SIGNATURE[:11]):
        raise ValueError("the copy stream holds a NULL or another column width")
    rows = np.frombuffer(content, dtype=row, count=body // row.itemsize, offset=len(_SIGNATURE))
    keys = {name.removesuffix(":int8"): _native(rows[f"value{index}"]) for index, name in enumerate(ids)}
    start = len(ids)
    batch = {column.name: rows[f"value{start + index}"].astype(column.dtype) for index, column in enumerate(columns)}
    return keys, batch


def _native(values: Array) -> Array:
    return values.astype(np.int64) if values.dtype.kind == "i" else np.ascontiguousarray(values)


def rows_copy(cursor: CursorWrapper, table: str, values: Mapping[str, Any], *, rows: int) -> None:
    """COPY `rows` rows into `table`: arrays (int64, int32, bool, raw 16 bytes), or one constant for all rows.

    A constant is raw bytes in PostgreSQL's binary form (text, say), or NULL.
    """
    if not rows:
        return
    wires = [_wire_of(value) for value in values.values()]
    row = _row_type(wires)
    out = np.zeros(rows, dtype=row)
    out["count"] = len(wires)
    for index, (value, wire) in enumerate(zip(values.values(), wires, strict=True)):
        if value is NULL:
            out[f"length{index}"] = -1
            continue
        out[f"length{index}"] = np.dtype(wire).itemsize if wire else 0
        if wire:
            out[f"value{index}"] = np.frombuffer(value, dtype=wire)[0] if isinstance(value, bytes) else value
    with cursor.copy(f"COPY {table} ({', '.join(values)}) FROM STDIN (FORMAT BINARY)") as copy:
        copy.write(_SIGNATURE + out.tobytes() + _TRAILER)


def _wire_of(value: Any) -> str:
    if value is NULL:
        return ""
    if isinstance(value, bytes):
        return f"V{len(value)}" if value else ""
    return {"b": "?", "V": "V16"}.get(value.dtype.kind) or f">i{value.dtype.itemsize}"


def constant(value: int, rows: int) -> Array:
    """A bigint column that holds one value."""
    return np.full(rows, value, dtype=np.int64)


def uuids_raw(ids: Sequence[UUID]) -> Array:
    """UUIDs as an array of raw 16 bytes."""
    return np.frombuffer(b"".join(one.bytes for one in ids), dtype="V16")


def uuids_of(raw: Array) -> list[UUID]:
    """Raw 16 bytes as UUIDs."""
    return [UUID(bytes=bytes(one)) for one in raw]
