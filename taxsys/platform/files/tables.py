"""表の読み取り (tables that other divisions keep): CSV or the first sheet of an XLSX, header line first, text cells.

Not for interface files: those have layouts. A table here is made by people in a spreadsheet.
"""

import csv
import io
import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from openpyxl import load_workbook

from taxsys.platform.files.archive import archive_check
from taxsys.platform.files.errors import E_CHARACTER, L_HEADER, L_RECORD_LENGTH, FileRefused

MAX_BYTES = 5 << 20
MAX_UNPACKED = 64 << 20
MAX_ROWS = 20_000
MAX_COLUMNS = 200
MAX_LINES = 50_000  # blank ones included
_ZIP = b"PK\x03\x04"


@dataclass(frozen=True, slots=True)
class Table:
    """Header and rows, every cell as stripped text; `lines` are the line numbers of the rows in the file."""

    header: tuple[str, ...]
    rows: tuple[dict[str, str], ...]
    lines: tuple[int, ...]


def table_read(content: bytes) -> Table:
    """The table in a CSV (UTF-8 or Shift JIS) or XLSX file; blank lines are skipped.

    Raises FileRefused for an empty, too big or unreadable file, a header that is missing or names a column twice, a
    cell that holds a formula, and a row longer than the header.
    """
    if not content.strip():
        raise FileRefused(L_HEADER, "ファイルが空です。表を保存し直してください。")
    if len(content) > MAX_BYTES:
        raise FileRefused(L_RECORD_LENGTH, "表が5MBを超えています。行を分けてください。")
    lines = _sheet_lines(content) if content.startswith(_ZIP) else _csv_lines(content)
    return _table(lines)


def _csv_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    for encoding in ("utf-8-sig", "cp932"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        if "\x00" in text:
            break
        reader = csv.reader(io.StringIO(text, newline=""), strict=True)
        try:
            for cells in reader:
                yield reader.line_num, cells
        except csv.Error as error:
            message = f"{reader.line_num}行目をCSVとして読めません。引用符を確かめて保存し直してください。"
            raise FileRefused(E_CHARACTER, message, line_no=reader.line_num) from error
        return
    raise FileRefused(E_CHARACTER, "文字コードがUTF-8でもシフトJISでもありません。CSVかXLSXで保存し直してください。")


def _sheet_lines(content: bytes) -> Iterator[tuple[int, list[str]]]:
    unreadable = FileRefused(L_HEADER, "XLSXとして読めません。表計算ソフトで開き、XLSX形式で保存し直してください。")
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as packed:
            archive_check(packed.infolist(), len(content), most=MAX_UNPACKED)
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=False, keep_links=False)
    except FileRefused:
        raise
    except Exception as error:  # whatever a broken package makes the reader stumble over
        raise unreadable from error
    try:
        sheet = book.worksheets[0]
        # The size the sheet claims is not believed: a few bytes may say a million rows of sixteen thousand cells.
        sheet.reset_dimensions()
        rows = sheet.iter_rows(max_row=MAX_LINES + 1, max_col=MAX_COLUMNS + 1, values_only=True)
        for number, row in enumerate(rows, start=1):
            if number > MAX_LINES:
                raise FileRefused(L_RECORD_LENGTH, f"表が{MAX_LINES:,}行目より下まであります。空の行を除いてください。")
            if any(value is not None for value in row):
                yield number, [_cell(value, number) for value in row]
    except FileRefused:
        raise
    except Exception as error:
        raise unreadable from error
    finally:
        book.close()


def _cell(value: Any, line_no: int) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat()
    if isinstance(value, date):
        return value.isoformat()
    text = str(value)
    if text.startswith("="):
        message = f"{line_no}行目に計算式があります。値にして保存し直してください。"
        raise FileRefused(E_CHARACTER, message, line_no=line_no)
    return text


def _table(lines: Iterator[tuple[int, list[str]]]) -> Table:
    header: tuple[str, ...] = ()
    rows: list[dict[str, str]] = []
    numbers: list[int] = []
    for line_no, raw in lines:
        cells = _trimmed([cell.strip() for cell in raw])
        if not cells:
            continue
        if not header:
            header = tuple(cells)
            _check_header(header, line_no)
            continue
        if len(cells) > len(header):
            raise FileRefused(L_HEADER, f"{line_no}行目に見出しのない列があります。見出しを確かめてください。")
        if len(rows) >= MAX_ROWS:
            raise FileRefused(L_RECORD_LENGTH, f"表が{MAX_ROWS:,}行を超えています。行を分けてください。")
        rows.append(dict(zip(header, [*cells, *[""] * (len(header) - len(cells))], strict=True)))
        numbers.append(line_no)
    if not header:
        raise FileRefused(L_HEADER, "表に見出しの行がありません。1行目に見出しを入れてください。")
    return Table(header, tuple(rows), tuple(numbers))


def _trimmed(cells: Sequence[str]) -> list[str]:
    found = list(cells)
    while found and not found[-1]:
        found.pop()
    return found


def _check_header(header: Sequence[str], line_no: int) -> None:
    if len(header) > MAX_COLUMNS:
        raise FileRefused(L_HEADER, f"列が{MAX_COLUMNS}を超えています。", line_no=line_no)
    if "" in header:
        raise FileRefused(L_HEADER, "見出しのない列があります。見出しを入れてください。", line_no=line_no)
    if twice := sorted({name for name in header if header.count(name) > 1}):
        raise FileRefused(L_HEADER, f"同じ見出しが二つあります: {'・'.join(twice)}", line_no=line_no)
