"""書出し: rows of a register as CSV or XLSX, with cells that no spreadsheet takes for a formula."""

import io
from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import xlsxwriter

from taxsys.kernel import wareki
from taxsys.platform.files.payloads.spreadsheet import guarded, table_csv
from taxsys.platform.registers.declaration import Kind
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.selectors import row_labels
from taxsys.platform.registers.values import shown

Form = Literal["csv", "xlsx"]
Cell = str | int
_NO_MOMENT = datetime(2000, 1, 1)  # noqa: DTZ001 -- no moment at all


def cell_safe(value: Cell) -> Cell:
    """The cell as text that no spreadsheet runs: what would start a formula gets an apostrophe before it."""
    return guarded(value) if isinstance(value, str) else value


def table_of(kind: Kind, rows: Sequence[RegisterRow], *, with_personal: bool) -> tuple[list[str], list[list[Cell]]]:
    """Header and rows. Without `with_personal` the fields with names and contacts are left out."""
    fields = [one for one in kind.fields if with_personal or not one.is_personal]
    linked = row_labels(
        str(row.values.get(one.name, "")) for row in rows for one in fields if one.type == "row"
    )  # fmt: skip
    header = ["番号", "件名", "担当所属", "状態", "登録日", "完了日", "保存期限", *(one.title_ja for one in fields)]
    table: list[list[Cell]] = []
    for row in rows:
        own: list[Cell] = []
        for one in fields:
            value = row.values.get(one.name)
            if one.type in {"yen", "count"} and isinstance(value, int):
                own.append(value)
            else:
                own.append(linked.get(str(value), "") if one.type == "row" else shown(one, value))
        days = [wareki.format_short(day) if day else "" for day in (row.opened_on, row.closed_on, row.keep_until_on)]
        table.append([row.row_no, row.title, row.unit.name, kind.state_ja(row.state), *days, *own])
    return header, table


def written(header: Sequence[str], table: Sequence[Sequence[Cell]], form: Form) -> bytes:
    """The table as a file: CSV in UTF-8 with its mark (as Excel reads it), or XLSX with text cells only."""
    return table_csv(header, table) if form == "csv" else _xlsx(header, table)


def _xlsx(header: Sequence[str], table: Sequence[Sequence[Cell]]) -> bytes:
    buffer = io.BytesIO()
    options = {"in_memory": True, "strings_to_formulas": False, "strings_to_urls": False, "strings_to_numbers": False}
    with xlsxwriter.Workbook(buffer, options) as book:
        # The same table is the same bytes: a workbook would otherwise carry the moment it was written.
        book.set_properties({"created": _NO_MOMENT})
        sheet = book.add_worksheet()
        bold = book.add_format({"bold": True, "bottom": 1})
        plain = book.add_format({"text_wrap": True, "valign": "top"})
        sheet.freeze_panes(1, 1)
        for place, title in enumerate(header):
            sheet.write_string(0, place, title, bold)
            sheet.set_column(place, place, max(10, min(40, len(title) * 2 + 4)))
        for line, row in enumerate(table, start=1):
            for place, cell in enumerate(row):
                if isinstance(cell, int):
                    sheet.write_number(line, place, cell, plain)
                else:
                    sheet.write_string(line, place, str(cell_safe(cell)), plain)
    return buffer.getvalue()
