"""Reader of delimited files (RFC 4180), in chunks: no raw cell is held longer than its chunk."""

import csv
import io
from collections.abc import Iterator
from itertools import islice
from typing import Any

from taxsys.platform.files.codec import bytescheck
from taxsys.platform.files.codec.columns import Findings, convert_rows, without_rows
from taxsys.platform.files.codec.parsed import Columns, Parsed, masked_hash
from taxsys.platform.files.errors import (
    E_CHARACTER,
    L_CODE,
    L_EDITION,
    L_HEADER,
    L_RECORD_LENGTH,
    FileRefused,
    LineProblem,
)
from taxsys.platform.files.layouts import Layout

MAX_LINE = 100_000
_CHUNK = 5_000
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
        return L_RECORD_LENGTH, '引用符（"）が閉じていません。'
    return None


def _split_line(line: str) -> list[str] | None:
    if '"' not in line:
        return line.split(",")
    try:
        return next(csv.reader([line], strict=True))
    except csv.Error:
        return None


class _Reading:
    """One file on its way from text to columns."""

    def __init__(self, layout: Layout, text: str) -> None:
        self.layout = layout
        self.text = text
        self.lines: list[str] = []
        self.problems: list[LineProblem] = []
        self.warnings: list[LineProblem] = []
        self.prefixes: dict[int, str] = {}
        self.columns: Columns = dict.fromkeys([*layout.names, *(one.name for one in layout.composites)])
        self.line_nos: list[int] = []
        self.row_count = 0
        self.unsplit = 0
        self.wrong_first: int | None = None

    # --- lines to rows

    def rows(self) -> Iterator[Row]:
        """Rows in file order; what cannot be split is noted and left out."""
        if self.layout.options.get("multiline") and '"' in self.text:
            return self._quoted_rows()
        bytescheck.refuse_mixed_line_ends(self.text)
        return self._simple_rows()

    def _simple_rows(self) -> Iterator[Row]:
        """Rows of a file whose records never span lines."""
        encoding = self.layout.encoding
        self.lines = bytescheck.lines_of(self.text)
        is_clean = '"' not in self.text and not bytescheck.unfit(encoding).search(self.text)
        self.text = ""
        for line_no, line in enumerate(self.lines, 1):
            if is_clean and line and len(line) <= MAX_LINE:
                yield line_no, line.split(",")
                continue
            bad = _bad_line(line, encoding)
            cells = None if bad else _split_line(line)
            if cells is None:
                code, message = bad or (L_RECORD_LENGTH, "引用符の使い方が規則に合いません。")
                self.unsplit += 1
                self.problems.append(_line_problem(line_no, code, message, line))
            else:
                yield line_no, cells

    def _quoted_rows(self) -> Iterator[Row]:
        """Rows of a file whose quoted cells may hold line ends. A broken quote breaks the file, so it is refused."""
        self.lines = self.text.split("\n")
        reader = csv.reader(io.StringIO(self.text, newline=""), strict=True)
        first = 1
        try:
            for cells in reader:
                line = ",".join(cells)
                bad = _bad_line(line.replace('"', "") if cells else "", self.layout.encoding)
                if bad:
                    self.unsplit += 1
                    self.problems.append(_line_problem(first, bad[0], bad[1], line))
                else:
                    yield first, cells
                first = reader.line_num + 1
        except csv.Error:
            raise FileRefused(
                L_RECORD_LENGTH,
                f"{first}行目付近で引用符が閉じていないか、項目が長すぎます。CSV を作り直してください。",
                line_no=first,
            ) from None

    # --- rows to columns

    def take(self, rows: list[Row], *, is_first: bool) -> None:
        """Take one chunk of rows in."""
        self.row_count += len(rows)
        if is_first:
            rows = _without_header(self.layout, rows)
        rows = self._marked(self._right_width(rows))
        if not rows:
            return
        lines = [line_no for line_no, _ in rows]
        findings = Findings(lines, self._raw_hash)
        raw = list(zip(*(cells for _, cells in rows), strict=True))
        converted = convert_rows(self.layout, raw, findings, lambda cell: cell)
        columns, good_lines = without_rows(converted, lines, findings.bad_rows)
        _append(self.columns, columns, len(self.line_nos), len(good_lines))
        self.line_nos += good_lines
        self.problems += findings.errors
        self.warnings += findings.warnings

    def _raw_hash(self, line_no: int) -> str:
        return masked_hash(self.lines[line_no - 1].encode("utf-8", "replace"))

    def _right_width(self, rows: list[Row]) -> list[Row]:
        width = len(self.layout.data_fields)
        good = [row for row in rows if len(row[1]) == width]
        if rows and not good and not self.line_nos:
            raise FileRefused(
                L_EDITION,
                f"1行が{len(rows[0][1])}項目です。{self.layout.title}は{width}項目のため、この版では読めません。"
                "版を確認してください。",
                line_no=rows[0][0],
            )
        if len(good) != len(rows):
            for line_no, cells in rows:
                if len(cells) != width:
                    message = f"{len(cells)}項目あります。{width}項目が必要です。"
                    self.problems.append(_line_problem(line_no, L_RECORD_LENGTH, message, ",".join(cells)))
        return good

    def _marked(self, rows: list[Row]) -> list[Row]:
        """Cut what a portal put before the first item; check the fixed first item of every line."""
        mark, fixed = self.layout.options.get("transport_mark"), self.layout.options.get("fixed_first")
        if not fixed:
            return rows
        good: list[Row] = []
        for line_no, cells in rows:
            first = cells[0]
            if mark and mark in first:
                self.prefixes[line_no], _, cells[0] = first.rpartition(mark)
            if cells[0] == fixed:
                good.append((line_no, cells))
            else:
                self.wrong_first = self.wrong_first or line_no
                message = f"法定資料の種類が{fixed}ではありません。対象外の資料が混じっていないか確認してください。"
                self.problems.append(_line_problem(line_no, L_CODE, message, ",".join(cells)))
        return good

    def refuse_hopeless(self) -> None:
        """Refuse a file of which no line could be split, or none is of this kind of document."""
        if self.row_count == 0 and self.problems:
            first = self.problems[0]
            message = f"読める行が1行もありません。最初の理由: {first.message_ja}"
            raise FileRefused(first.code, message, line_no=first.line_no)
        if self.wrong_first is not None and not self.line_nos and all(one.code == L_CODE for one in self.problems):
            fixed = self.layout.options["fixed_first"]
            raise FileRefused(
                L_HEADER,
                f"法定資料の種類が{fixed}の行がありません。別の資料のファイルではないか確認してください。",
                line_no=self.wrong_first,
            )


def _without_header(layout: Layout, rows: list[Row]) -> list[Row]:
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
        raise FileRefused(L_HEADER, "1行目に項目名がありません。1行目を項目名の行にして再提出してください。", line_no=1)
    detail = (
        f"知らない項目: {len(unknown)}個、足りない項目: {'、'.join(lacking) or 'なし'}"
        if unknown or lacking
        else "並び順が違います"
    )
    raise FileRefused(L_EDITION, f"{layout.title}の項目名と合いません（{detail}）。版を確認してください。", line_no=1)


def _append(gathered: Columns, columns: Columns, before: int, count: int) -> None:
    for name, column in columns.items():
        held = gathered[name]
        if held is None and column is None:
            continue
        if held is None:
            held = gathered[name] = [None] * before
        held.extend([None] * count if column is None else column)


def read(layout: Layout, content: bytes) -> Parsed:
    """Read a delimited file. FileRefused when the file as such cannot be trusted; bad lines are set aside."""
    text, notes = bytescheck.decode(content, layout)
    reading = _Reading(layout, text)
    del text
    rows = reading.rows()
    is_first = True
    while chunk := list(islice(rows, _CHUNK)):
        reading.take(chunk, is_first=is_first)
        is_first = False
    reading.refuse_hopeless()
    errors = sorted(reading.problems, key=lambda one: one.line_no)
    info: dict[str, Any] = {"notes": notes}
    if reading.prefixes:
        info["transport_prefixes"] = reading.prefixes
    return Parsed(
        layout.key,
        reading.columns,
        reading.line_nos,
        errors,
        reading.warnings,
        line_count=reading.row_count + reading.unsplit,
        info=info,
    )
