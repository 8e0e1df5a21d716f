"""Reader and writer of fixed-length files, on bytes: bank files, collection files, the pension exchange."""

import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from taxsys.kernel import text as jtext
from taxsys.platform.files.codec import bytescheck
from taxsys.platform.files.codec.columns import Findings, convert_rows, without_rows
from taxsys.platform.files.codec.fieldtypes import INTEGER_CONVERTERS, Fault, read_value, write_value
from taxsys.platform.files.codec.parsed import Columns, Parsed, Record, masked_hash
from taxsys.platform.files.errors import (
    E_CHARACTER,
    E_LENGTH,
    E_MISSING,
    L_AMOUNT,
    L_CODE,
    L_COUNT,
    L_HEADER,
    L_RECORD_LENGTH,
    FileRefused,
    RecordNotWritable,
)
from taxsys.platform.files.layouts import Field, Layout

_LETTERS = {"control": "C", "header": "H", "data": "D", "trailer": "T", "end": "E"}
_RIGHT = INTEGER_CONVERTERS | {"digits"}


# --- reading -----------------------------------------------------------------------------------------------------


def read(layout: Layout, content: bytes) -> Parsed:
    """Read a fixed-length file. FileRefused when lengths, order, counts or totals fail; bad lines are set aside."""
    bytescheck.refuse_unfit(content)
    content = bytescheck.without_eof_mark(content, layout)
    control, body = _take_control(layout, content)
    records, seen = _split(layout, body)
    kinds = _kinds(layout, records)
    _refuse_wrong_order(layout, kinds, has_control=control is not None)
    first_line = 1 if control is None else 2
    line_nos = [first_line + i for i, kind in enumerate(kinds) if kind == "data"]
    data = [record for record, kind in zip(records, kinds, strict=True) if kind == "data"]
    raw_by_line = dict(zip(line_nos, data, strict=True))
    findings = Findings(line_nos, lambda line_no: masked_hash(raw_by_line[line_no]))
    columns = convert_rows(layout, _slices(layout.by_record["data"], data), findings, lambda cell: cell)
    parsed = Parsed(layout.key, columns, line_nos, line_count=len(records), info={"record_length_seen": seen})
    if control is not None:
        parsed.others.append(_single(layout, "control", control, 1))
    for i, (record, kind) in enumerate(zip(records, kinds, strict=True)):
        if kind in {"header", "trailer"}:
            found = _single(layout, kind, record, first_line + i)
            (parsed.headers if kind == "header" else parsed.trailers).append(found)
    _refuse_wrong_fixed(layout, parsed)
    _refuse_wrong_totals(layout, parsed, kinds)
    parsed.columns, parsed.line_nos = without_rows(columns, line_nos, findings.bad_rows)
    parsed.errors, parsed.warnings = sorted(findings.errors, key=lambda one: one.line_no), findings.warnings
    return parsed


def _take_control(layout: Layout, content: bytes) -> tuple[bytes | None, bytes]:
    control = layout.options.get("records", {}).get("control")
    if control is None:
        return None, content
    length, unit = int(control["length"]), int(layout.options["record_length"])
    if len(content) % unit == length:
        return content[:length], content[length:]
    return None, content


def _split(layout: Layout, content: bytes) -> tuple[list[bytes], int]:
    """Records of exactly the right length, and the length seen with line ends."""
    length = int(layout.options["record_length"])
    if b"\n" not in content:
        if len(content) <= length and layout.options.get("allow_trimmed"):
            return [content.ljust(length)], len(content)
        if len(content) % length:
            raise FileRefused(
                L_RECORD_LENGTH,
                f"ファイル長{len(content)}バイトが1件{length}バイトで割り切れません。途中で切れていないか確認してください。",
            )
        return [content[i : i + length] for i in range(0, len(content), length)], length
    pairs = content.count(b"\r\n")
    if content.count(b"\r") != pairs or pairs not in {0, content.count(b"\n")}:
        raise FileRefused(
            L_RECORD_LENGTH, "改行コードが混在しています。CRLF にそろえるか、改行なしで作成してください。"
        )
    end = b"\r\n" if pairs else b"\n"
    pieces = content.split(end)
    if pieces[-1] == b"":
        pieces.pop()
    records = []
    for line_no, piece in enumerate(pieces, 1):
        if len(piece) < length and layout.options.get("allow_trimmed") and piece:
            piece = piece.ljust(length)
        if len(piece) != length:
            raise FileRefused(
                L_RECORD_LENGTH, f"{line_no}行目が{len(piece)}バイトです。{length}バイトが必要です。", line_no=line_no
            )
        records.append(piece)
    return records, length + len(end)


def _kinds(layout: Layout, records: Sequence[bytes]) -> list[str]:
    codes = {
        str(one["code"]).encode(): kind for kind, one in layout.options.get("records", {}).items() if "code" in one
    }
    if not codes:
        return ["data"] * len(records)
    if layout.options.get("records", {}).get("trailer", {}).get("code") == "8" and b"8" in codes and b"9" in codes:
        codes = _totals_in_nine(codes, records)
    found = []
    for line_no, record in enumerate(records, 1):
        kind = codes.get(record[:1])
        if kind is None:
            expected = "・".join(sorted(code.decode() for code in codes))
            raise FileRefused(
                L_CODE,
                f"{line_no}行目のデータ区分が正しくありません（{expected}のいずれか）。",
                line_no=line_no,
                field="record",
            )
        found.append(kind)
    return found


def _totals_in_nine(codes: dict[bytes, str], records: Sequence[bytes]) -> dict[bytes, str]:
    """Collection agents write their totals in a record 9 when there is no record 8."""
    has_eight = any(record[:1] == b"8" for record in records[-2:])
    if has_eight or not records or records[-1][:1] != b"9" or not records[-1][1:21].strip():
        return codes
    return {**codes, b"9": "trailer"}


def _order_pattern(layout: Layout) -> str:
    def one(word: str) -> str:
        name = word.rstrip("*+?")
        suffix = word[len(name) :]
        if name == "group":
            return "(?:" + "".join(one(part) for part in layout.options["group"]) + ")" + suffix
        return _LETTERS[name] + suffix

    return "".join(one(word) for word in layout.options["order"])


def _refuse_wrong_order(layout: Layout, kinds: Sequence[str], *, has_control: bool) -> None:
    line = ("C" if has_control else "") + "".join(_LETTERS[kind] for kind in kinds)
    if re.fullmatch(_order_pattern(layout), line):
        return
    if kinds and kinds[0] != "header" and "header" in layout.by_record:
        raise FileRefused(
            L_HEADER,
            "先頭がヘッダーレコードではありません。ファイルの先頭が欠けていないか確認してください。",
            line_no=1,
        )
    raise FileRefused(
        L_HEADER,
        "ヘッダー・データ・トレーラー・エンドの並びが規則と合いません。ファイルの末尾が欠けていないか確認してください。",
    )


def _decode_cell(raw: bytes, one: Field, encoding: str) -> Any:
    """Text of one cell, or a Fault; filler of numbers and text is taken off."""
    if one.converter == "bytes":
        return raw.hex()
    if one.converter == "jis_2byte":
        if not raw.strip():
            return ""
        try:
            return jtext.decode_2byte(raw).rstrip("\u3000")
        except UnicodeDecodeError:
            return Fault(E_CHARACTER, f"{one.name_ja}に2バイト文字として読めないバイトがあります。")
    try:
        decoded = raw.decode(encoding)
    except UnicodeDecodeError:
        return Fault(E_CHARACTER, f"{one.name_ja}に文字コードに合わないバイトがあります。")
    if any(char < " " for char in decoded) or bytescheck.unfit(encoding).search(decoded):
        return Fault(E_CHARACTER, f"{one.name_ja}に制御文字または外字が含まれています。")
    if one.converter in _RIGHT:
        return decoded.strip(" ")
    return decoded.rstrip(" ")


def _slices(fields: Sequence[Field], records: Sequence[bytes]) -> list[list[Any]]:
    columns = []
    for one in fields:
        start, end = one.offset, one.offset + one.length
        known: dict[bytes, Any] = {}
        column = []
        for record in records:
            raw = record[start:end]
            if raw not in known:
                known[raw] = _decode_cell(raw, one, "cp932")
            column.append(known[raw])
        columns.append(column)
    return columns


def _single(layout: Layout, kind: str, record: bytes, line_no: int) -> Record:
    """Values of a header, trailer or control record; any fault in it refuses the file."""
    findings = Findings([line_no], lambda _: masked_hash(record))
    columns = convert_rows(layout, _slices(layout.by_record[kind], [record]), findings, lambda cell: cell, kind)
    if findings.errors:
        first = findings.errors[0]
        raise FileRefused(L_HEADER, first.message_ja, line_no=line_no, field=first.field)
    return Record(line_no, kind, {name: (None if column is None else column[0]) for name, column in columns.items()})


def read_record(layout: Layout, kind: str, record: bytes) -> dict[str, Any]:
    """Values of one record that stands alone, such as one pasted for inquiry. FileRefused on any fault in it."""
    if len(record) != sum(one.length for one in layout.by_record[kind]):
        raise FileRefused(
            L_RECORD_LENGTH, f"{len(record)}バイトです。{layout.options['record_length']}バイトが必要です。"
        )
    return _single(layout, kind, record, 1).values


def _refuse_wrong_fixed(layout: Layout, parsed: Parsed) -> None:
    for name, wanted in layout.options.get("fixed", {}).items():
        for header in parsed.headers:
            if header.values.get(name) != wanted:
                raise FileRefused(
                    L_HEADER,
                    f"ヘッダーの種別が{wanted}ではありません。別の種類のファイルではないか確認してください。",
                    line_no=header.line_no,
                    field=name,
                )


def _groups(parsed: Parsed, kinds: Sequence[str]) -> list[tuple[Record, range]]:
    """Each trailer with the range of data rows that it closes."""
    found: list[tuple[Record, range]] = []
    start = row = 0
    trailers = iter(parsed.trailers)
    for kind in kinds:
        if kind == "data":
            row += 1
        elif kind == "trailer":
            found.append((next(trailers), range(start, row)))
            start = row
    return found


def _refuse_wrong_totals(layout: Layout, parsed: Parsed, kinds: Sequence[str]) -> None:
    for trailer, rows in _groups(parsed, kinds):
        for total in layout.options.get("total", ()):
            name = total["trailer"]
            stated = trailer.values.get(name) or 0
            found = _computed(parsed.columns, total, rows)
            if stated == found:
                continue
            is_count = total["rule"] == "count"
            unit, what = ("件", "件数") if is_count else ("円", "金額")
            raise FileRefused(
                L_COUNT if is_count else L_AMOUNT,
                f"トレーラーの{what}（{stated:,}{unit}）と明細の合計（{found:,}{unit}）が合いません。"
                "ファイル全体を受け付けません。送付元に確認してください。",
                line_no=trailer.line_no,
                field=name,
            )


def _computed(columns: Columns, total: Mapping[str, str], rows: range) -> int:
    if total["rule"] == "count":
        return len(rows)
    column = columns[total["column"]]
    if column is None:
        return 0
    if total["rule"] == "barcode_sum":
        return sum(int(column[row][37:43]) for row in rows if column[row] is not None and len(column[row]) == 44)
    return sum(column[row] or 0 for row in rows)


# --- writing -----------------------------------------------------------------------------------------------------


def write(
    layout: Layout, records: Iterable[Mapping[str, Any]], header: Mapping[str, Any], trailer: Mapping[str, Any]
) -> bytes:
    """Bytes of one group: header, data, trailer with computed totals, end. RecordNotWritable on a value that fails."""
    end = {"crlf": b"\r\n", "lf": b"\n"}.get(str(layout.options.get("line_end_written", "none")), b"")
    kinds = layout.options.get("records", {})
    codes = {kind: str(one["code"]) for kind, one in kinds.items() if "code" in one}
    out: list[bytes] = []
    sums: dict[str, int] = {total["trailer"]: 0 for total in layout.options.get("total", ())}
    if "header" in codes:
        fixed = layout.options.get("fixed", {})
        out.append(_record(layout, "header", {**header, **fixed}, codes, 0))
    for number, values in enumerate(records, 1):
        out.append(_record(layout, "data", values, codes, number))
        for total in layout.options.get("total", ()):
            sums[total["trailer"]] += _share(values, total)
    closed = "trailer" in codes and ("trailer" in _required(layout) or bool(trailer) or bool(sums))
    if closed:
        named = {one.name for one in layout.by_record["trailer"] if not one.name.startswith(("spare", "dummy"))}
        shared = {name: value for name, value in header.items() if name in named}
        out.append(_record(layout, "trailer", {**shared, **sums, **trailer}, codes, 0))
    if "end" in codes:
        out.append(_record(layout, "end", {}, codes, 0))
    control = b""
    if "control" in kinds and "municipality5" in header and "stored_count" in header:
        control = _record(layout, "control", {"medium_seq": "001", **header}, codes, 0)
    return control + b"".join(record + end for record in out)


def _required(layout: Layout) -> set[str]:
    words = [*layout.options["order"], *layout.options.get("group", ())]
    return {word.rstrip("*+") for word in words if not word.endswith("?")}


def _share(values: Mapping[str, Any], total: Mapping[str, str]) -> int:
    if total["rule"] == "count":
        return 1
    value = values.get(total["column"])
    if total["rule"] == "barcode_sum":
        return int(str(value)[37:43]) if value else 0
    return int(value or 0)


def _record(layout: Layout, kind: str, values: Mapping[str, Any], codes: Mapping[str, str], number: int) -> bytes:
    cells = []
    for i, one in enumerate(layout.by_record[kind]):
        value = codes.get(kind) if i == 0 and kind in codes else values.get(one.name)
        cells.append(_cell(one, value, f"{number}件目 " if number else "", number))
    return b"".join(cells)


def _cell(one: Field, value: Any, where: str, number: int) -> bytes:
    def fail(code: str, message: str) -> RecordNotWritable:
        return RecordNotWritable(code, f"{where}{message}", line_no=number or None, field=one.name)

    if one.converter == "bytes":
        return bytes.fromhex(value) if value else (jtext.SHIFT_IN if one.name in _SHIFTS_IN else jtext.SHIFT_OUT)
    if one.converter == "jis_2byte":
        try:
            return jtext.encode_2022(value or "", width=one.length)[3:-3]
        except jtext.UnencodableText as error:
            raise fail(E_CHARACTER, f"{one.name_ja}: {error.message_ja}") from None
    text = write_value(value, one)
    if not text:
        if one.required and one.converter not in INTEGER_CONVERTERS:
            raise fail(E_MISSING, f"{one.name_ja}は必須です。")
        return (b"0" if one.converter in INTEGER_CONVERTERS else b" ") * one.length
    fault = read_value(text, one)
    if isinstance(fault, Fault) and not fault.is_warning:
        raise fail(fault.code, fault.message_ja)
    try:
        raw = jtext.encode_cp932(text)
    except jtext.UnencodableText as error:
        raise fail(E_CHARACTER, f"{one.name_ja}: {error.message_ja}") from None
    if len(raw) > one.length:
        raise fail(E_LENGTH, f"{one.name_ja}は{one.length}バイトまでです。")
    if one.converter in INTEGER_CONVERTERS and text.startswith("-"):
        raise fail(E_CHARACTER, f"{one.name_ja}に負の金額は書けません。")
    return raw.rjust(one.length, b"0") if one.converter in _RIGHT else raw.ljust(one.length)


_SHIFTS_IN = frozenset({"shift1", "shift3"})
