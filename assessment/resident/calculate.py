"""`calculate resident-tax`: JSON lines in, JSON lines out (個人住民税の計算の外部利用), in blocks, without a database.

Each line is an object whose keys are the fact columns (all optional) and `id`; the JSON Schema is made from the same
list. A bad line is answered by an error object on its own line; the others are calculated.
"""

from __future__ import annotations

import codecs
import json
from collections.abc import Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

import numpy as np

from assessment.resident.combinations import impossible
from assessment.resident.explain import explanation
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import RESIDENT_RESULT, compute
from taxsys.kernel.columns import Column
from taxsys.kernel.pipeline import BLOCK_ROWS
from taxsys.params.model import ParameterSet

MAX_LINE_BYTES = 65_536
MAX_ID_LENGTH = 100
MAX_ID_DIGITS = 18
MAX_MESSAGE_LENGTH = 300
_COLUMNS: Mapping[str, Column] = {column.name: column for column in RESIDENT_FACTS}
_FLAGS = frozenset(column.name for column in RESIDENT_FACTS if column.kind == "flag")
_RESULT_FLAGS = frozenset(column.name for column in RESIDENT_RESULT if column.kind == "flag")


class LineError(ValueError):
    """A line that cannot be calculated: stable `code`, the `field` it concerns ("" for the line), Japanese message."""

    def __init__(self, code: str, field: str, message: str) -> None:
        super().__init__(_printable(message))
        self.code, self.field = code, _printable(field)


def _printable(text: str) -> str:
    """Text that can be written as UTF-8 whatever the input held, and not longer than a message needs."""
    return text[:MAX_MESSAGE_LENGTH].encode("utf-8", "replace").decode()


def input_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of one input line, from RESIDENT_FACTS."""
    properties: dict[str, Any] = {
        "id": {
            "type": ["string", "integer"],
            "maxLength": MAX_ID_LENGTH,
            "description": "呼出し側の識別子。結果の行にそのまま返します(個人番号を入れないこと)。",
        }
    }
    for column in RESIDENT_FACTS:
        text = f"{column.title_ja}({column.note_ja})" if column.note_ja else column.title_ja
        if column.kind == "flag":
            properties[column.name] = {"type": "boolean", "default": bool(column.default), "description": text}
            continue
        entry: dict[str, Any] = {"type": "integer", "minimum": column.minimum, "maximum": column.maximum}
        if column.codes:
            entry["enum"] = [code for code, _ in column.codes]
            text += ": " + "、".join(f"{code}={word}" for code, word in column.codes)
        properties[column.name] = entry | {
            "default": column.default,
            "description": f"{text}(円)" if column.kind == "yen" else text,
        }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "個人住民税の計算の入力(1行に1人)",
        "type": "object",
        "additionalProperties": False,
        "properties": properties,
    }


def output_schema() -> dict[str, Any]:
    """JSON Schema of one output line: either `result` or `error`."""
    figures: dict[str, Any] = {}
    for column in RESIDENT_RESULT:
        unit = {"yen": "(円)", "yen_e4": "(1万分の1円)"}.get(column.kind, "")
        kind = "boolean" if column.kind == "flag" else "integer"
        figures[column.name] = {"type": kind, "description": f"{column.title_ja}{unit}"}
    error = {
        "type": "object",
        "required": ["code", "field", "message"],
        "properties": {
            "code": {"type": "string", "description": "誤りの種類"},
            "field": {"type": "string", "description": "誤りのある項目。行全体なら空文字列"},
            "message": {"type": "string", "description": "日本語の説明"},
        },
    }
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "個人住民税の計算の出力(入力と同じ順、1行に1人)",
        "type": "object",
        "required": ["line"],
        "oneOf": [{"required": ["result"]}, {"required": ["error"]}],
        "properties": {
            "line": {"type": "integer", "description": "入力の行番号"},
            "id": {"type": ["string", "integer"], "description": "入力の識別子"},
            "result": {"type": "object", "required": sorted(figures), "properties": figures},
            "explanation": {"type": "array", "items": {"type": "object"}, "description": "計算過程(--explain)"},
            "error": error,
        },
    }


def schema_document() -> dict[str, Any]:
    """Both schemas in one document, as published in docs/api/."""
    return {"title": "calculate resident-tax", "$defs": {"input": input_schema(), "output": output_schema()}}


def read_line(raw: bytes) -> dict[str, Any]:
    """One input line as checked values. Raises LineError."""
    if len(raw) > MAX_LINE_BYTES:
        raise LineError("LINE_TOO_LONG", "", f"1行は{MAX_LINE_BYTES:,}バイトまでです。")
    if not raw.strip():
        raise LineError("EMPTY_LINE", "", "空の行です。1行に1つのJSONのオブジェクトを書いてください。")
    try:
        values = json.loads(raw.decode("utf-8"), object_pairs_hook=_unique)
    except UnicodeDecodeError as error:
        raise LineError("ENCODING", "", "文字コードがUTF-8ではありません。") from error
    except (json.JSONDecodeError, RecursionError) as error:
        raise LineError("JSON_INVALID", "", "JSONとして読めません。1行に1つのオブジェクトを書いてください。") from error
    except LineError:
        raise
    except ValueError as error:
        raise LineError("JSON_INVALID", "", "数値の桁数が多すぎます。") from error
    if not isinstance(values, dict):
        raise LineError("NOT_OBJECT", "", "行がJSONのオブジェクトではありません。")
    for name, value in values.items():
        _check(name, value)
    for one in impossible(values):
        raise LineError(one.code, one.field, one.message_ja)
    return values


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    values = dict(pairs)
    if len(values) != len(pairs):
        seen: set[str] = set()
        double = next(name for name, _ in pairs if name in seen or seen.add(name))  # type: ignore[func-returns-value]
        raise LineError("DUPLICATE_FIELD", double, f"項目 {double} が2度あります。")
    return values


def _check(name: str, value: Any) -> None:
    if name == "id":
        is_text = type(value) is str and len(value) <= MAX_ID_LENGTH and value == _printable(value)
        if not is_text and not (type(value) is int and abs(value) < 10**MAX_ID_DIGITS):
            raise LineError("TYPE", "id", f"id は{MAX_ID_LENGTH}文字までの文字列か{MAX_ID_DIGITS}桁までの整数です。")
        return
    column = _COLUMNS.get(name)
    if column is None:
        raise LineError("UNKNOWN_FIELD", name, f"項目 {name} はありません。項目名を確かめてください。")
    if name in _FLAGS:
        if type(value) is not bool:
            raise LineError("TYPE", name, f"{column.title_ja}({name})は true か false です。")
        return
    if type(value) is not int:
        raise LineError("TYPE", name, f"{column.title_ja}({name})は整数です。小数や文字列は使えません。")
    if not column.minimum <= value <= column.maximum:
        limits = f"{column.minimum:,}から{column.maximum:,}まで"
        raise LineError("RANGE", name, f"{column.title_ja}({name})は{limits}です。")


def calculate_lines(lines: Iterable[bytes], law: ParameterSet, *, with_steps: bool) -> Iterator[tuple[str, bool]]:
    """Answer every line in order as (JSON text, is it calculated); reads and writes block by block."""
    source = _without_mark(lines)
    number = 0
    while block := list(islice(source, BLOCK_ROWS)):
        yield from _answer(block, number, law, with_steps=with_steps)
        number += len(block)


def _without_mark(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The lines without the byte order mark that some editors put before the first."""
    for number, raw in enumerate(lines):
        yield raw.removeprefix(codecs.BOM_UTF8) if number == 0 else raw


def _answer(block: list[bytes], before: int, law: ParameterSet, *, with_steps: bool) -> Iterator[tuple[str, bool]]:
    rows: list[dict[str, Any]] = []
    errors: dict[int, LineError] = {}
    for position, raw in enumerate(block):
        try:
            rows.append(read_line(raw))
        except LineError as error:
            errors[position] = error
            rows.append({})
    facts = RESIDENT_FACTS.batch(
        {
            column.name: np.array([row.get(column.name, column.default) for row in rows], dtype=column.dtype)
            for column in RESIDENT_FACTS
        }
    )
    computed = compute(facts, law)
    for failure in computed.failures:
        errors.setdefault(failure.row, LineError(failure.code, "", failure.message_ja))
    names = RESIDENT_RESULT.names
    listed = [computed.columns[name].tolist() for name in names]
    for position, figures in enumerate(zip(*listed, strict=True)):
        answer: dict[str, Any] = {"line": before + position + 1}
        if "id" in rows[position]:
            answer["id"] = rows[position]["id"]
        if (problem := errors.get(position)) is not None:
            answer["error"] = {"code": problem.code, "field": problem.field, "message": str(problem)}
        else:
            answer["result"] = dict(zip(names, figures, strict=True))
            if with_steps:
                answer["explanation"] = explanation(facts, law, position).as_dicts()
        yield json.dumps(answer, ensure_ascii=False, separators=(",", ":")), problem is None
