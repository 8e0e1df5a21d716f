"""試算の基礎 (the base): the decided facts of a year as compact columns, without any party (pure).

Each fact is held in the smallest integer type that keeps every value, a fact that is the same for all as one number.
Rows are sorted by what is in them, so that not even their order tells whose they are.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.what_if.terms import DIMENSIONS
from taxsys.kernel.columns import Array, Batch

FORMAT = 1
BLOCK = 32_768
PARTS = ("city_tax_yen", "prefectural_tax_yen", "forest_tax_yen")
_ALIGN = 64
_TYPES = (np.int8, np.int16, np.int32, np.int64)
_SORT_BY = ("pension_receipts_yen", "salary_receipts_yen")


class BaseDamaged(ValueError):
    """The stored base is not one of this format."""


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


@dataclass(frozen=True)
class Base:
    """Facts, taxes by receiver under the law in force (`before`), and the group of each row in each dimension."""

    head: Head
    rows: int
    facts: Mapping[str, Array | int]
    before: Mapping[str, Array]
    groups: Mapping[str, Array]

    def blocks(self) -> Iterator[tuple[int, int, Batch]]:
        """The facts in full width, block by block, for `compute`."""
        same: dict[int, dict[str, Array]] = {}
        for start in range(0, self.rows, BLOCK):
            stop = min(start + BLOCK, self.rows)
            if stop - start not in same:
                same[stop - start] = self._constants(stop - start)
            wide = {
                column.name: values[start:stop].astype(column.dtype)
                for column in RESIDENT_FACTS
                if isinstance(values := self.facts[column.name], np.ndarray)
            }
            yield start, stop, {**same[stop - start], **wide}

    def _constants(self, rows: int) -> dict[str, Array]:
        return {
            column.name: np.full(rows, value, dtype=column.dtype)
            for column in RESIDENT_FACTS
            if isinstance(value := self.facts[column.name], int)
        }


def narrowed(values: Array) -> Array | int:
    """The column in the smallest type that keeps it, one number where all are the same."""
    if not values.size:
        return 0
    low, high = int(values.min()), int(values.max())
    if low == high:
        return low
    fit = next(kind for kind in _TYPES if np.iinfo(kind).min <= low and high <= np.iinfo(kind).max)
    return values.astype(fit)


def base_make(head: Head, facts: Batch, before: Mapping[str, Array], groups: Mapping[str, Array]) -> Base:
    """A base of these columns, sorted by content."""
    order = np.lexsort([facts[name] for name in _SORT_BY] + [groups[name] for name in DIMENSIONS])
    return Base(
        head,
        int(order.size),
        {column.name: narrowed(facts[column.name][order]) for column in RESIDENT_FACTS},
        {name: before[name][order] for name in PARTS},
        {name: groups[name][order].astype(np.uint16) for name in DIMENSIONS},
    )


def packed(base: Base) -> bytes:
    """The base as the bytes of its file: length of the header, header (JSON), columns."""
    columns: list[list[Any]] = []
    parts: list[bytes] = []
    size = 0
    for kind, held in (("facts", base.facts), ("before", base.before), ("groups", base.groups)):
        for name, values in held.items():
            if isinstance(values, int):
                columns.append([kind, name, "", values])
                continue
            content = np.ascontiguousarray(values).tobytes()
            columns.append([kind, name, values.dtype.str, size])
            parts.append(content + bytes(-len(content) % _ALIGN))
            size += len(parts[-1])
    header = json.dumps(
        {"format": FORMAT, "head": asdict(base.head), "rows": base.rows, "columns": columns}, ensure_ascii=False
    ).encode()
    header += b" " * (-(len(header) + 8) % _ALIGN)
    return b"".join([len(header).to_bytes(8, "little"), header, *parts])


def unpacked(content: bytes) -> Base:
    """The base of a file, its columns as views of the bytes. Raises BaseDamaged."""
    length = int.from_bytes(content[:8], "little")
    try:
        raw = json.loads(content[8 : 8 + length])
        if raw["format"] != FORMAT:
            raise BaseDamaged(f"format {raw['format']}")
        held: dict[str, dict[str, Array | int]] = {"facts": {}, "before": {}, "groups": {}}
        for kind, name, dtype, place in raw["columns"]:
            held[kind][name] = (
                np.frombuffer(content, dtype=dtype, count=raw["rows"], offset=8 + length + place) if dtype else place
            )
        head = {key: tuple(one) if isinstance(one, list) else one for key, one in raw["head"].items()}
    except (ValueError, KeyError, TypeError) as error:
        raise BaseDamaged(str(error)) from error
    if set(held["facts"]) != set(RESIDENT_FACTS.names):
        raise BaseDamaged("facts of another pipeline")
    return Base(Head(**head), raw["rows"], held["facts"], held["before"], held["groups"])  # type: ignore[arg-type]


def joined(parts: Sequence[Mapping[str, Array]]) -> Batch:
    """Parts of equal columns one after the other."""
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]} if parts else {}
