"""Reader and writer of delimited files (RFC 4180): statutory reports, local-v1 files, collection CSV."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from taxsys.platform.files.codec import bytescheck
from taxsys.platform.files.codec.columns import Findings, convert_rows, without_rows
from taxsys.platform.files.codec.fieldtypes import Fault, read_value, write_composite, write_value
from taxsys.platform.files.codec.parsed import Columns, Parsed, masked_hash
from taxsys.platform.files.errors import (
    E_CHARACTER,
    E_MISSING,
    L_CODE,
    L_EDITION,
    L_HEADER,
    L_RECORD_LENGTH,
    FileRefused,
    LineProblem,
    RecordNotWritable,
)
from taxsys.platform.files.layouts import Layout

MAX_LINE = 100_000
_CHUNK = 20_000
_HURT = "\ufffd"

Row = tuple[int, list[str]]


def _line_problem(line_no: int, code: str, message: str, raw: str) -> LineProblem:
    return LineProblem(line_no, code, f"{line_no}行目 {message}", raw_hash=masked_hash(raw.encode("utf-8", "replace")))


def _bad_line(line: str, encoding: str) -> tuple[str, str] | None:
    """Code and message of a line that cannot be split, or None."""
    if not line:
        return L_RECORD_LENGTH, "空の行です。行を取り除いてください。"
    if len(line) > MAX_LINE:
        return L_RECORD_LENGTH, f"1行が{MAX_LINE:,}文字を超えています。改行の欠けを確認してください。"
    if _HURT in line:
        return E_CHARACTER, "文字コードに合わないバイトがあります。文字化けを直してください。"
    if bytescheck.unfit(encoding).search(line):
        return E_CHARACTER, "制御文字（NUL など）または外字が含まれています。使える文字に直してください。"
    if line.count('"') % 2:
        return L_RECORD_LENGTH, "引用符（\"）が閉じていません。"
    return None


def _split_line(line: str) -> list[str] | None:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error:
        return None


def _simple_rows(text: str, encoding: str, problems: list[LineProblem]) -> tuple[list[Row], list[str]]:
    """Rows of a file whose records never span lines; lines that cannot be split are set aside."""
    lines = bytescheck.lines_of(text)
    is_clean = '"' not in text and not bytescheck.unfit(encoding).search(text)
    rows: list[Row] = []
    for line_no, line in enumerate(lines, 1):
        if is_clean and line and len(line) <= MAX_LINE:
            rows.append((line_no, line.split(",")))
            continue
        bad = _bad_line(line, encoding)
        cells = None if bad else _split_line(line)
        if cells is None:
            code, message = bad or (L_RECORD_LENGTH, "引用符の使い方が規則に合いません。")
            problems.append(_line_problem(line_no, code, message, line))
        else:
            rows.append((line_no, cells))
    return rows, lines


def _quoted_rows(text: str, encoding: str, problems: list[LineProblem]) -> tuple[list[Row], list[str]]:
    """Rows of a file whose quoted cells may hold line ends. A broken quote breaks the file, so it is refused."""
    lines = text.split("\n")
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    first = 1
    try:
        for cells in reader:
            line = ",".join(cells)
            bad = _bad_line(line.replace('"', "") if cells else "", encoding)
            if bad:
                problems.append(_line_problem(first, bad[0], bad[1], line))
            else:
                rows.append((first, cells))
            first = reader.line_num + 1
    except csv.Error:
        raise FileRefused(
            L_RECORD_LENGTH, f"{first}行目付近で引用符が閉じていないか、項目が長すぎます。CSV を作り直してください。", line_no=first
        ) from None
    return rows, lines


def _rows(layout: Layout, text: str, problems: list[LineProblem]) -> tuple[list[Row], list[str]]:
    if layout.options.get("multiline") and '"' in text:
        return _quoted_rows(text, layout.encoding, problems)
    bytescheck.refuse_mixed_line_ends(text)
    return _simple_rows(text, layout.encoding, problems)


def _take_header(layout: Layout, rows: list[Row]) -> list[Row]:
    wanted = layout.options.get("header_line", False)
    if not wanted:
        return rows
    cells = rows[0][1] if rows else []
    if wanted == "optional":
        is_head = len(cells) == len(layout.names) and cells[0] and not cells[0].isdigit()
        return rows[1:] if is_head else rows
    if tuple(cells) == layout.names:
        return rows[1:]
    unknown = [cell for cell in cells if cell not in layout.names]
    lacking = [name for name in layout.names if name not in cells]
    if len(unknown) == len(cells):
        raise FileRefused(
            L_HEADER, "1行目に項目名がありません。1行目を項目名の行にして再提出してください。", line_no=1
        )
    detail = f"知らない項目: {len(unknown)}個、足りない項目: {'、'.join(lacking) or 'なし'}" if unknown or lacking else "並び順が違います"
    raise FileRefused(L_EDITION, f"{layout.title}の項目名と合いません（{detail}）。版を確認してください。", line_no=1)


def _right_width(layout: Layout, rows: list[Row], problems: list[LineProblem]) -> list[Row]:
    width = len(layout.data_fields)
    good = [row for row in rows if len(row[1]) == width]
    if rows and not good:
        seen = len(rows[0][1])
        raise FileRefused(
            L_EDITION,
            f"1行が{seen}項目です。{layout.title}は{width}項目のため、この版では読めません。版を確認してください。",
            line_no=rows[0][0],
        )
    if len(good) != len(rows):
        for line_no, cells in rows:
            if len(cells) != width:
                message = f"{len(cells)}項目あります。{width}項目が必要です。"
                problems.append(_line_problem(line_no, L_RECORD_LENGTH, message, ",".join(cells)))
    return good


def _take_transport_marks(layout: Layout, rows: list[Row], problems: list[LineProblem]) -> tuple[list[Row], dict[int, str]]:
    """Cut what a portal put before the first item; check the fixed first item of every line."""
    mark = layout.options.get("transport_mark")
    fixed_first = layout.options.get("fixed_first")
    if not fixed_first:
        return rows, {}
    prefixes: dict[int, str] = {}
    good: list[Row] = []
    for line_no, cells in rows:
        first = cells[0]
        if mark and mark in first:
            prefixes[line_no], _, cells[0] = first.rpartition(mark)
        if cells[0] == fixed_first:
            good.append((line_no, cells))
        else:
            message = f"法定資料の種類が{fixed_first}ではありません。対象外の資料が混じっていないか確認してください。"
            problems.append(_line_problem(line_no, L_CODE, message, ",".join(cells)))
    if rows and not good:
        raise FileRefused(
            L_HEADER, f"法定資料の種類が{fixed_first}の行がありません。別の資料のファイルではないか確認してください。", line_no=rows[0][0]
        )
    return good, prefixes


def read(layout: Layout, content: bytes) -> Parsed:
    """Read a delimited file. FileRefused when the file as such cannot be trusted; bad lines are set aside."""
    text, notes = bytescheck.decode(content, layout)
    problems: list[LineProblem] = []
    rows, lines = _rows(layout, text, problems)
    if not rows and problems:
        first = problems[0]
        raise FileRefused(first.code, f"読める行が1行もありません。最初の理由: {first.message_ja}", line_no=first.line_no)
    line_count = len(rows) + len(problems)
    rows = _right_width(layout, _take_header(layout, rows), problems)
    rows, prefixes = _take_transport_marks(layout, rows, problems)

    def raw_hash(line_no: int) -> str:
        return masked_hash(lines[line_no - 1].encode("utf-8", "replace"))

    columns, line_nos, findings = _convert(layout, rows, raw_hash)
    errors = sorted(problems + findings.errors, key=lambda one: one.line_no)
    info: dict[str, Any] = {"notes": notes}
    if prefixes:
        info["transport_prefixes"] = prefixes
    return Parsed(layout.key, columns, line_nos, errors, findings.warnings, line_count=line_count, info=info)


def _convert(
    layout: Layout, rows: list[Row], raw_hash: Callable[[int], str]
) -> tuple[Columns, list[int], Findings]:
    """Convert in chunks, so that the raw cells of a big file are let go as it proceeds."""
    all_names = [*layout.names, *(one.name for one in layout.composites)]
    gathered: Columns = dict.fromkeys(all_names)
    kept_lines: list[int] = []
    total = Findings([], raw_hash)
    for start in range(0, len(rows), _CHUNK):
        chunk = rows[start : start + _CHUNK]
        rows[start : start + _CHUNK] = [(0, [])] * len(chunk)
        chunk_lines = [line_no for line_no, _ in chunk]
        findings = Findings(chunk_lines, raw_hash)
        raw = list(zip(*(cells for _, cells in chunk), strict=True))
        columns, good_lines = without_rows(
            convert_rows(layout, raw, findings, lambda cell: cell), chunk_lines, findings.bad_rows
        )
        _append(gathered, columns, len(kept_lines), len(good_lines))
        kept_lines += good_lines
        total.errors += findings.errors
        total.warnings += findings.warnings
    return gathered, kept_lines, total


def _append(gathered: Columns, columns: Columns, before: int, count: int) -> None:
    for name, column in columns.items():
        held = gathered[name]
        if held is None and column is None:
            continue
        if held is None:
            held = gathered[name] = [None] * before
        held.extend([None] * count if column is None else column)


def write(
    layout: Layout, records: Iterable[Mapping[str, Any]], header: Mapping[str, Any], trailer: Mapping[str, Any]
) -> bytes:
    """Bytes of a delimited file. RecordNotWritable names the record, the field and the reason."""
    out = io.StringIO()
    end = "\r\n" if layout.options.get("line_end", "crlf") == "crlf" else "\n"
    if layout.options.get("header_line") is True:
        out.write(",".join(layout.names) + end)
    caches: list[dict[Any, str]] = [{} for _ in layout.data_fields]
    forced = frozenset(layout.options.get("quote_columns", ()))
    for number, values in enumerate(records, 1):
        cells: list[str] = []
        full = _with_composites(layout, values)
        for one, cache in zip(layout.data_fields, caches, strict=True):
            value = full.get(one.name)
            key = (value, value.__class__)
            cell = cache.get(key)
            if cell is None:
                cell = cache[key] = _cell(layout, one, value, number, must_quote=one.name in forced)
            cells.append(cell)
        out.write(",".join(cells) + end)
    return bytescheck.encode(out.getvalue(), layout)


def _with_composites(layout: Layout, values: Mapping[str, Any]) -> Mapping[str, Any]:
    full: dict[str, Any] = {}
    for composite in layout.composites:
        full |= write_composite(values.get(composite.name), composite)
    if layout.options.get("fixed_first"):
        full[layout.names[0]] = layout.options["fixed_first"]
    return {**full, **{name: value for name, value in values.items() if value is not None}}


def _cell(layout: Layout, one: Any, value: Any, number: int, *, must_quote: bool) -> str:
    text = write_value(value, one)
    if not text:
        if one.required:
            raise RecordNotWritable(E_MISSING, f"{number}件目 {one.name_ja}は必須です。", line_no=number, field=one.name)
        return '""' if must_quote else ""
    fault = read_value(text, one)
    if isinstance(fault, Fault) and not fault.is_warning:
        raise RecordNotWritable(fault.code, f"{number}件目 {fault.message_ja}", line_no=number, field=one.name)
    if must_quote or any(char in text for char in ',"\r\n'):
        if any(char in text for char in "\r\n") and not layout.options.get("multiline"):
            raise RecordNotWritable(
                E_CHARACTER, f"{number}件目 {one.name_ja}に改行は使えません。", line_no=number, field=one.name
            )
        return '"' + text.replace('"', '""') + '"'
    return text
