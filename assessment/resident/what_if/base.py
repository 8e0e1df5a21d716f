"""試算の基礎 (the base): the decided facts of a year as compact columns, without any party (pure).

Each fact is held in the smallest integer type that keeps every value, one that is the same for all as one number, one
that few people have as rows and values.
Rows are sorted by what is in them, so that not even their order tells whose they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any, TypeAlias

import numpy as np

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.what_if.terms import DIMENSIONS
from taxsys.kernel.columns import Array, Batch

FORMAT = 2
SPARSE_PART = 8  # a fact that at most one in so many people has is held as rows and values
BLOCK = 32_768
PARTS = ("city_tax_yen", "prefectural_tax_yen", "forest_tax_yen")
_ALIGN = 64
_TYPES = (np.int8, np.int16, np.int32, np.int64)
_SORT_BY = ("pension_receipts_yen", "salary_receipts_yen")


class BaseDamaged(ValueError):
    """The stored base is not one of this format."""


@dataclass(frozen=True, slots=True)
class Sparse:
    """A column that is zero but for `values` at ascending `rows`."""

    rows: Array
    values: Array

    def block(self, start: int, stop: int, dtype: np.dtype[Any]) -> Array:
        """The column from `start` to before `stop` in full width."""
        wide = np.zeros(stop - start, dtype=dtype)
        first, last = np.searchsorted(self.rows, (start, stop))
        wide[self.rows[first:last] - start] = self.values[first:last]
        return wide


Column: TypeAlias = Array | Sparse | int


@dataclass(frozen=True, slots=True)
class Head:
    """What a base was made of. Yen in all; `differing` people whose decided tax the law in force does not give."""

    tax_year: int
    key: str
    run_ids: tuple[int, ...]
    law_hash: str
    built_on: str
    decided_yen: int
    differing: int
    districts: tuple[str, ...]

    @property
    def built_day(self) -> date:
        """The business day on which it was built."""
        return date.fromisoformat(self.built_on)


@dataclass(frozen=True)
class Base:
    """Facts, taxes by receiver under the law in force (`before`), and the group of each row in each dimension."""

    head: Head
    rows: int
    facts: Mapping[str, Column]
    before: Mapping[str, Array]
    groups: Mapping[str, Array]

    def blocks(self) -> Iterator[tuple[int, int, Batch]]:
        """The facts in full width, block by block, for `compute`."""
        same: dict[int, dict[str, Array]] = {}
        for start in range(0, self.rows, BLOCK):
            stop = min(start + BLOCK, self.rows)
            if stop - start not in same:
                same[stop - start] = self._constants(stop - start)
            wide = dict(same[stop - start])
            for column in RESIDENT_FACTS:
                values = self.facts[column.name]
                if isinstance(values, Sparse):
                    wide[column.name] = values.block(start, stop, column.dtype)
                elif not isinstance(values, int):
                    wide[column.name] = values[start:stop].astype(column.dtype)
            yield start, stop, wide

    def _constants(self, rows: int) -> dict[str, Array]:
        return {
            column.name: np.full(rows, value, dtype=column.dtype)
            for column in RESIDENT_FACTS
            if isinstance(value := self.facts[column.name], int)
        }


def narrowed(values: Array) -> Array:
    """The column in the smallest type that keeps it."""
    if values.dtype == np.bool_ or not values.size:
        return values.astype(np.int8)
    low, high = int(values.min()), int(values.max())
    return values.astype(next(kind for kind in _TYPES if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max))


def compacted(values: Array) -> Column:
    """One number where all are the same, rows and values where few are not zero, else the narrowed column."""
    if not values.size or (values == values[0]).all():
        return int(values[0]) if values.size else 0
    rows = np.flatnonzero(values)
    if rows.size * SPARSE_PART <= values.size:
        return Sparse(rows.astype(np.int32), narrowed(values[rows]))
    return narrowed(values)


def base_make(head: Head, facts: Batch, before: Mapping[str, Array], groups: Mapping[str, Array]) -> Base:
    """A base of these columns, sorted by content."""
    order = np.lexsort([facts[name] for name in _SORT_BY] + [groups[name] for name in DIMENSIONS])
    return Base(
        head,
        int(order.size),
        {column.name: compacted(facts[column.name][order]) for column in RESIDENT_FACTS},
        {name: before[name][order] for name in PARTS},
        {name: groups[name][order].astype(np.uint16) for name in DIMENSIONS},
    )


def packed(base: Base) -> bytes:
    """The base as the bytes of its file: length of the header, header (JSON), columns."""
    columns: list[list[Any]] = []
    parts: list[bytes] = []
    size = 0

    def placed(values: Array) -> list[Any]:
        nonlocal size
        content = np.ascontiguousarray(values).tobytes()
        parts.append(content + bytes(-len(content) % _ALIGN))
        size += len(parts[-1])
        return [values.dtype.str, int(values.size), size - len(parts[-1])]

    narrow = {name: narrowed(values) for name, values in base.before.items()}
    for kind, held in (("facts", base.facts), ("before", narrow), ("groups", base.groups)):
        for name, values in held.items():
            if isinstance(values, Sparse):
                columns.append([kind, name, placed(values.rows), placed(values.values)])
            else:
                columns.append([kind, name, values if isinstance(values, int) else placed(values)])
    header = json.dumps(
        {"format": FORMAT, "head": asdict(base.head), "rows": base.rows, "columns": columns}, ensure_ascii=False
    ).encode()
    header += b" " * (-(len(header) + 8) % _ALIGN)
    return b"".join([len(header).to_bytes(8, "little"), header, *parts])


def unpacked(content: bytes) -> Base:
    """The base of a file, its columns as views of the bytes. Raises BaseDamaged."""
    length = int.from_bytes(content[:8], "little")

    def taken(place: Any) -> Column:
        if isinstance(place, int):
            return place
        dtype, count, offset = place
        return np.frombuffer(content, dtype=dtype, count=count, offset=8 + length + offset)

    try:
        raw = json.loads(content[8 : 8 + length])
        if raw["format"] != FORMAT:
            raise BaseDamaged(f"format {raw['format']}")
        held: dict[str, dict[str, Any]] = {"facts": {}, "before": {}, "groups": {}}
        for kind, name, *places in raw["columns"]:
            columns = [taken(place) for place in places]
            held[kind][name] = Sparse(*columns) if len(columns) > 1 else columns[0]  # type: ignore[arg-type]
        head = {key: tuple(one) if isinstance(one, list) else one for key, one in raw["head"].items()}
        before = {name: values.astype(np.int64) for name, values in held["before"].items()}
    except (ValueError, KeyError, TypeError) as error:
        raise BaseDamaged(str(error)) from error
    if set(held["facts"]) != set(RESIDENT_FACTS.names):
        raise BaseDamaged("facts of another pipeline")
    return Base(Head(**head), raw["rows"], held["facts"], before, held["groups"])  # type: ignore[arg-type]


def joined(parts: Sequence[Mapping[str, Array]]) -> Batch:
    """Parts of equal columns one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
