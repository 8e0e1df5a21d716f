"""Legal tables (税額表・控除表): integer and rate columns read from CSV, looked up for one value or a whole column."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise
from math import lcm

import numpy as np

from taxsys.kernel.rates import Rate, RateError
from taxsys.kernel.yen import IntColumn
from taxsys.params.errors import ParameterError

COMMON_MAX = 100_000
"""Largest common denominator of a rate column: an amount of eleven digits times it stays far inside int64."""
NO_LIMIT = 10**15
"""An empty upper bound: larger than any amount a fact may hold."""


@dataclass(frozen=True, eq=False)
class Table:
    """A table of yen, count, code and rate columns.

    The first column is the key: of kind `to` it holds ascending inclusive upper bounds, of kind `code` exact codes.
    """

    kinds: tuple[tuple[str, str], ...]
    columns: Mapping[str, IntColumn]
    rates: Mapping[str, tuple[Rate, ...]]

    @property
    def key(self) -> str:
        """Name of the key column."""
        return self.kinds[0][0]

    def row(self, value: int | IntColumn) -> IntColumn:
        """Index of the row whose band holds `value` (`to` keys), or whose code it is (`code` keys)."""
        keys = self.columns[self.key]
        index = np.searchsorted(keys, np.asarray(value, dtype=np.int64), side="left")
        return np.minimum(index, keys.size - 1).astype(np.int64, copy=False)

    def take(self, name: str, row: IntColumn) -> IntColumn:
        """The integer column `name` at the given rows."""
        return self.columns[name].take(row)

    def rate(self, name: str, row: IntColumn) -> tuple[IntColumn, IntColumn | int]:
        """Numerators and denominators of the rate column `name` at the given rows.

        The denominator is one number where the column has a common one that leaves room in int64: a product divided by
        one number costs a fraction of a division row by row, and cut or raised it is the same yen.
        """
        common = self.columns[f"{name}.common"]
        if common.size:
            return self.columns[f"{name}.over"].take(row), int(common[0])
        return self.columns[f"{name}.num"].take(row), self.columns[f"{name}.den"].take(row)

    def grid(self, names: tuple[str, ...], row: IntColumn, column: IntColumn) -> IntColumn:
        """Value at (row, column) where `column` counts through `names`; for tables with two keys."""
        values = np.stack([self.columns[name] for name in names], axis=1).ravel()
        return values.take(row * len(names) + column)

    def canonical(self) -> dict[str, list[int | str]]:
        """Plain content in a fixed order, for hashing and display."""
        content: dict[str, list[int | str]] = {}
        for name, kind in self.kinds:
            if kind == "rate":
                content[name] = [f"{rate.num}/{rate.den}" for rate in self.rates[name]]
            else:
                content[name] = [int(value) for value in self.columns[name]]
        return content


def read_table(text: str, kinds: Mapping[str, str], where: str) -> Table:
    """Read CSV text with the columns of `kinds` (to, code, yen, count, rate). Raises ParameterError naming `where`."""
    reader = csv.reader(io.StringIO(text))
    header = next(reader, [])
    if header != list(kinds):
        raise ParameterError(f"{where}: 見出しが定義と違います: {header} ≠ {list(kinds)}")
    if not kinds or next(iter(kinds.values())) not in {"to", "code"}:
        raise ParameterError(f"{where}: 先頭の列は to または code でなければなりません。")
    columns: dict[str, list[int]] = {name: [] for name, kind in kinds.items() if kind != "rate"}
    rates: dict[str, list[Rate]] = {name: [] for name, kind in kinds.items() if kind == "rate"}
    for line, cells in enumerate(reader, start=2):
        if len(cells) != len(header):
            raise ParameterError(f"{where} {line}行: 列の数が {len(header)} ではありません。")
        for (name, kind), cell in zip(kinds.items(), cells, strict=True):
            try:
                if kind == "rate":
                    rates[name].append(Rate.parse(cell))
                elif kind == "to" and cell == "":
                    columns[name].append(NO_LIMIT)
                elif kind in {"to", "code", "yen", "count"}:
                    columns[name].append(int(cell))
                else:
                    raise ParameterError(f"{where}: 列の種類 {kind} は知られていません。")
            except (ValueError, RateError) as error:
                raise ParameterError(f"{where} {line}行 {name}: {cell!r} が読めません。") from error
    return make_table(tuple(kinds.items()), columns, rates, where)


def make_table(
    kinds: tuple[tuple[str, str], ...],
    columns: Mapping[str, list[int]],
    rates: Mapping[str, list[Rate]],
    where: str,
) -> Table:
    """Freeze columns into a Table after checking the key column. Raises ParameterError."""
    keys = columns[kinds[0][0]]
    if not keys:
        raise ParameterError(f"{where}: 表が空です。")
    if any(later <= earlier for earlier, later in pairwise(keys)):
        raise ParameterError(f"{where}: 先頭の列は昇順でなければなりません。")
    if kinds[0][1] == "to" and keys[-1] != NO_LIMIT:
        raise ParameterError(f"{where}: 最後の段階の上限は空欄でなければなりません。")
    frozen = {name: np.array(values, dtype=np.int64) for name, values in columns.items()}
    for name, values in rates.items():
        frozen[f"{name}.num"] = np.array([rate.num for rate in values], dtype=np.int64)
        frozen[f"{name}.den"] = np.array([rate.den for rate in values], dtype=np.int64)
        common = lcm(*(rate.den for rate in values))
        is_small = common <= COMMON_MAX
        frozen[f"{name}.common"] = np.array([common] if is_small else [], dtype=np.int64)
        over = [rate.num * (common // rate.den) for rate in values] if is_small else []
        frozen[f"{name}.over"] = np.array(over, dtype=np.int64)
    for array in frozen.values():
        array.setflags(write=False)
    return Table(kinds, frozen, {name: tuple(values) for name, values in rates.items()})
