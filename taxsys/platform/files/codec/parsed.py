"""What a reader gives: columns of values, with records made on demand, and everything that was set aside."""

import hashlib
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, overload

from taxsys.platform.files.errors import LineProblem

Value = str | int | date | None
Columns = dict[str, list[Any] | None]

_NUMBERS = re.compile(rb"[0-9]{11,}")


@dataclass(frozen=True, slots=True)
class Record:
    """One record: its line in the file (from 1), its kind and its values by English name; absent is None."""

    line_no: int
    kind: str
    values: dict[str, Any]


class RecordList(Sequence[Record]):
    """Data records over columns; a record is built when it is asked for, so a big file stays small in memory."""

    def __init__(self, columns: Columns, line_nos: list[int]) -> None:
        self._columns = columns
        self._line_nos = line_nos

    def __len__(self) -> int:
        """Number of accepted data records."""
        return len(self._line_nos)

    def _one(self, i: int) -> Record:
        values = {name: (None if column is None else column[i]) for name, column in self._columns.items()}
        return Record(self._line_nos[i], "data", values)

    @overload
    def __getitem__(self, i: int) -> Record: ...
    @overload
    def __getitem__(self, i: slice) -> list[Record]: ...
    def __getitem__(self, i: int | slice) -> Record | list[Record]:
        """One record, or a list of them for a slice."""
        if isinstance(i, slice):
            return [self._one(n) for n in range(*i.indices(len(self)))]
        if not -len(self) <= i < len(self):
            raise IndexError(i)
        return self._one(i % len(self))

    def __iter__(self) -> Iterator[Record]:
        """Each record in file order."""
        return (self._one(i) for i in range(len(self)))


@dataclass
class Parsed:
    """A read file. `records` leaves out lines set aside; `columns` has None for a column that is empty throughout."""

    layout_key: str
    columns: Columns
    line_nos: list[int]
    errors: list[LineProblem] = field(default_factory=list)
    warnings: list[LineProblem] = field(default_factory=list)
    headers: list[Record] = field(default_factory=list)
    trailers: list[Record] = field(default_factory=list)
    others: list[Record] = field(default_factory=list)
    line_count: int = 0
    info: dict[str, Any] = field(default_factory=dict)

    @property
    def records(self) -> RecordList:
        """Accepted data records."""
        return RecordList(self.columns, self.line_nos)

    @property
    def header(self) -> dict[str, Any] | None:
        """Values of the first header record, if the format has one."""
        return self.headers[0].values if self.headers else None

    @property
    def trailer(self) -> dict[str, Any] | None:
        """Values of the first trailer record, if the format has one."""
        return self.trailers[0].values if self.trailers else None

    def column(self, name: str) -> list[Any]:
        """Values of one column, all None when the whole column is empty. KeyError when there is no such column."""
        found = self.columns[name]
        return [None] * len(self.line_nos) if found is None else found

    def total(self, name: str) -> int:
        """Sum of an amount column in yen."""
        found = self.columns[name]
        return 0 if found is None else sum(value or 0 for value in found)


def masked_hash(raw: bytes) -> str:
    """SHA-256 of a raw line whose runs of 11 and more digits are blanked, so that no number can be guessed from it."""
    return hashlib.sha256(_NUMBERS.sub(b"#", raw)).hexdigest()
