"""Column sets (列集合): the typed tables that go into rules and come out of them.

A batch is a mapping from column name to a one-dimensional NumPy array; all arrays of a batch have one length. The set
says which names exist, their kinds, Japanese titles and allowed ranges; tables, screens, notices and JSON Schema are
generated from these lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, TypeAlias

import numpy as np
from numpy.typing import NDArray

from taxsys.kernel.yen import MAX_YEN

Kind = Literal["yen", "yen_e4", "count", "code", "flag"]
Array: TypeAlias = NDArray[Any]
Batch: TypeAlias = dict[str, Array]

_DTYPES: dict[str, type] = {"yen": np.int64, "yen_e4": np.int64, "count": np.int32, "code": np.int32, "flag": np.bool_}


class ColumnError(ValueError):
    """A batch does not fit its column set."""


@dataclass(frozen=True, slots=True)
class Column:
    """One column: English name, kind, Japanese title; `minimum`/`maximum` bound a fact, `codes` name code words."""

    name: str
    kind: Kind
    title_ja: str
    minimum: int = 0
    maximum: int = MAX_YEN
    codes: tuple[tuple[int, str], ...] = ()
    default: int = 0
    note_ja: str = ""

    @property
    def dtype(self) -> np.dtype[Any]:
        """NumPy type at rest: int64 yen, int32 counts and codes, bool flags."""
        return np.dtype(_DTYPES[self.kind])


@dataclass(frozen=True, slots=True)
class RowProblem:
    """A value of one row outside its column's range."""

    row: int
    column: str
    message_ja: str


@dataclass(frozen=True)
class ColumnSet:
    """An ordered, closed list of columns with unique names."""

    name: str
    columns: tuple[Column, ...]
    _by_name: dict[str, Column] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        by_name = {column.name: column for column in self.columns}
        if len(by_name) != len(self.columns):
            raise ColumnError(f"{self.name}: a column name occurs twice")
        object.__setattr__(self, "_by_name", by_name)

    def __iter__(self) -> Iterator[Column]:
        return iter(self.columns)

    def __len__(self) -> int:
        return len(self.columns)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> Column:
        return self._by_name[name]

    @property
    def names(self) -> tuple[str, ...]:
        """Column names in order."""
        return tuple(column.name for column in self.columns)

    def empty(self, rows: int) -> Batch:
        """A batch of `rows` rows holding every column's default."""
        return {column.name: np.full(rows, column.default, dtype=column.dtype) for column in self.columns}

    def batch(self, given: Mapping[str, Any], rows: int | None = None) -> Batch:
        """A complete batch from the given columns (scalars are repeated); absent columns take their default.

        Raises ColumnError for an unknown name, unequal lengths or a column that is not integral.
        """
        unknown = sorted(set(given) - set(self._by_name))
        if unknown:
            raise ColumnError(f"{self.name}: unknown columns {', '.join(unknown)}")
        arrays = {name: np.asarray(value) for name, value in given.items()}
        lengths = {array.size for array in arrays.values() if array.ndim}
        if len(lengths) > 1:
            raise ColumnError(f"{self.name}: columns of different lengths {sorted(lengths)}")
        count = rows if rows is not None else (lengths.pop() if lengths else 1)
        result = self.empty(count)
        for name, array in arrays.items():
            if array.dtype.kind not in "iub":
                raise ColumnError(f"{self.name}.{name}: {array.dtype} is not an integral type")
            result[name] = np.broadcast_to(array, (count,)).astype(self._by_name[name].dtype)
        return result

    def problems(self, batch: Mapping[str, Array]) -> list[RowProblem]:
        """Rows whose values lie outside the declared ranges, in column order; empty when all is well."""
        found: list[RowProblem] = []
        for column in self.columns:
            if column.kind == "flag":
                continue
            values = batch[column.name]
            # The whole column by its ends first: nearly always nothing is out of range.
            is_within = not values.size or (column.minimum <= values.min() and values.max() <= column.maximum)
            if is_within and not column.codes:
                continue
            bad = (values < column.minimum) | (values > column.maximum)
            if column.codes:
                bad |= ~np.isin(values, [code for code, _ in column.codes])
            for row in np.flatnonzero(bad):
                text = f"{column.title_ja}({column.name})の値 {int(values[row])} は範囲外です。"
                found.append(RowProblem(int(row), column.name, text))
        return found


def rows_of(batch: Mapping[str, Array]) -> int:
    """Number of rows of a batch; 0 for an empty mapping."""
    return next((int(array.size) for array in batch.values()), 0)


def block_of(batch: Mapping[str, Array], start: int, stop: int) -> Batch:
    """The rows `start` … `stop − 1` of every column, as views."""
    return {name: array[start:stop] for name, array in batch.items()}
