"""Rows of a run as NumPy columns, straight from PostgreSQL's binary COPY into arrays: no Python object per value.

Every rule column has a fixed width (yen bigint, counts and codes integer, flags boolean), so a row of the copy stream
has one length and a whole stream is one structured array. Writing is `taxsys.platform.copying`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

import numpy as np
from django.db import connection

from taxsys.kernel.columns import Array, Batch, Column

_SIGNATURE = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_TRAILER = b"\xff\xff"
_WIRE = {"yen": ">i8", "yen_e4": ">i8", "count": ">i4", "code": ">i4", "flag": "?"}


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
    if not all(bool((rows[f"length{index}"] == np.dtype(wire).itemsize).all()) for index, wire in enumerate(wires)):
        raise ValueError("the copy stream holds a NULL or another column width")
    keys = {name.removesuffix(":int8"): _native(rows[f"value{index}"]) for index, name in enumerate(ids)}
    start = len(ids)
    batch = {column.name: rows[f"value{start + index}"].astype(column.dtype) for index, column in enumerate(columns)}
    return keys, batch


def _native(values: Array) -> Array:
    return values.astype(np.int64) if values.dtype.kind == "i" else np.ascontiguousarray(values)


def uuids_of(raw: Array) -> list[UUID]:
    """Raw 16 bytes as UUIDs."""
    return [UUID(bytes=bytes(one)) for one in raw]
