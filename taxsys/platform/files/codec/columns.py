"""Columns of raw text to columns of values: each distinct text of a column is converted once."""

from collections.abc import Callable, Sequence
from typing import Any

from taxsys.platform.files.codec.fieldtypes import OPEN_MARKS, Fault, read_composite, read_value
from taxsys.platform.files.codec.parsed import Columns
from taxsys.platform.files.errors import E_MISSING, LineProblem
from taxsys.platform.files.layouts import Composite, Field, Layout

RawHash = Callable[[int], str]


class Findings:
    """Errors and warnings of one file as they are found; knows which rows are out."""

    def __init__(self, line_nos: Sequence[int], raw_hash: RawHash) -> None:
        self.errors: list[LineProblem] = []
        self.warnings: list[LineProblem] = []
        self.bad_rows: set[int] = set()
        self._line_nos = line_nos
        self._raw_hash = raw_hash

    def add(self, row: int, fault: Fault, name: str, name_ja: str) -> None:
        """Note a fault of a row (its place among the rows, not its line)."""
        line_no = self._line_nos[row]
        where = f"{line_no}行目 {fault.message_ja}"
        if fault.is_warning:
            self.warnings.append(LineProblem(line_no, fault.code, where, name, name_ja, severity="warning"))
            return
        self.bad_rows.add(row)
        self.errors.append(LineProblem(line_no, fault.code, where, name, name_ja, raw_hash=self._raw_hash(line_no)))


def convert_column(
    raw: Sequence[Any], one: Field, findings: Findings, decode: Callable[[Any], Any]
) -> list[Any] | None:
    """Values of one column; None when it is empty throughout. `decode` turns a raw cell into text or a Fault."""
    known: dict[Any, Any] = {}
    is_plain = True
    for cell in set(raw):
        value = decode(cell)
        if isinstance(value, str):
            value = None if value == "" else (None if value in OPEN_MARKS else read_value(value, one))
            missing = value is None and one.required and decode(cell) not in OPEN_MARKS
            if missing:
                value = Fault(E_MISSING, f"{one.name_ja}は必須です。内容を補って再提出してください。")
        known[cell] = value
        is_plain = is_plain and not isinstance(value, Fault)
    if not is_plain:
        for row, cell in enumerate(raw):
            if isinstance(known[cell], Fault):
                findings.add(row, known[cell], one.name, one.name_ja)
        known = {cell: (value.value if isinstance(value, Fault) else value) for cell, value in known.items()}
    if all(value is None for value in known.values()):
        return None
    return [known[cell] for cell in raw]


def convert_composite(columns: Columns, one: Composite, size: int, findings: Findings) -> list[Any]:
    """Values of a composite over converted columns; faults are noted at its first item."""
    parts = [columns[name] or [None] * size for name in one.parts]
    known: dict[tuple[Any, ...], Any] = {}
    out: list[Any] = []
    for row, cells in enumerate(zip(*parts, strict=True)):
        if cells not in known:
            known[cells] = read_composite(cells, one)
        value = known[cells]
        if isinstance(value, Fault):
            if row not in findings.bad_rows:
                findings.add(row, value, one.parts[0], one.name)
            value = None
        out.append(value)
    return out


def convert_rows(
    layout: Layout,
    raw_columns: Sequence[Sequence[Any]],
    findings: Findings,
    decode: Callable[[Any], Any],
    kind: str = "data",
) -> Columns:
    """All columns of one record kind, composites included; rows with errors are still in them."""
    columns: Columns = {}
    for one, raw in zip(layout.by_record[kind], raw_columns, strict=True):
        columns[one.name] = convert_column(raw, one, findings, decode)
    if kind == "data":
        size = len(raw_columns[0]) if raw_columns else 0
        for composite in layout.composites:
            columns[composite.name] = convert_composite(columns, composite, size, findings)
    return columns


def without_rows(columns: Columns, line_nos: list[int], bad: set[int]) -> tuple[Columns, list[int]]:
    """Columns and line numbers without the rows that are out."""
    if not bad:
        return columns, line_nos
    keep = [row for row in range(len(line_nos)) if row not in bad]
    kept = {name: (None if column is None else [column[row] for row in keep]) for name, column in columns.items()}
    return kept, [line_nos[row] for row in keep]
