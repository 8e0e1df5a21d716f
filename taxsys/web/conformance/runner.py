"""Reading case files and running them one by one; a malformed file is refused with a Japanese reason."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxsys.kernel.conformance import CaseOutcome, Difference
from taxsys.web.conformance.suites import run_case


class CaseFileError(ValueError):
    """A case file cannot be read; the message (Japanese) says which file and why."""


@dataclass(frozen=True, slots=True)
class CaseFile:
    """The content of a case file: its `meta` block and its cases."""

    name: str
    meta: Mapping[str, Any]
    cases: tuple[Mapping[str, Any], ...]


def read_case_file(path: Path) -> CaseFile:
    """Read one file in the form of the published cases. Raises CaseFileError."""
    try:
        content = json.loads(path.read_text(encoding="utf-8-sig"))
    except OSError as error:
        raise CaseFileError(f"{path}: ファイルを開けません({error.strerror})。") from error
    except UnicodeDecodeError as error:
        raise CaseFileError(f"{path}: 文字コードがUTF-8ではありません({error.start}バイト目)。") from error
    except json.JSONDecodeError as error:
        raise CaseFileError(f"{path}: JSONとして読めません({error.lineno}行 {error.colno}文字目)。") from error
    except RecursionError as error:
        raise CaseFileError(f"{path}: JSONの入れ子が深すぎます。") from error
    if isinstance(content, list):
        content = {"cases": content}
    if not isinstance(content, dict) or not isinstance(content.get("cases"), list):
        raise CaseFileError(f"{path}: 事例の一覧(cases)がありません。")
    meta = content.get("meta", {})
    if not isinstance(meta, dict):
        raise CaseFileError(f"{path}: meta がオブジェクトではありません。")
    for number, case in enumerate(content["cases"], start=1):
        if not isinstance(case, dict):
            raise CaseFileError(f"{path}: {number}件目の事例がオブジェクトではありません。")
    return CaseFile(path.name, meta, tuple(content["cases"]))


def outcomes(file: CaseFile) -> Iterator[CaseOutcome]:
    """Run every case of a file in order. A case that breaks its suite is a failure of that case alone, never a stop."""
    for number, case in enumerate(file.cases, start=1):
        name = str(case.get("id") or f"#{number}")
        try:
            outcome = run_case(case, file.meta)
        except (ArithmeticError, AttributeError, LookupError, OSError, TypeError, ValueError) as error:
            yield CaseOutcome("failed", name, (Difference("error", None, f"{type(error).__name__}: {error}"),))
            continue
        yield outcome


def line_of(outcome: CaseOutcome) -> str:
    """One line for one case, with each differing figure."""
    if outcome.status == "not_supported":
        return f"not supported  {outcome.name}: {outcome.reason}"
    if outcome.status == "passed":
        return f"passed  {outcome.name}"
    return f"FAILED  {outcome.name}: {'; '.join(_difference(item) for item in outcome.differences)}"


def _difference(item: Difference) -> str:
    return f"{item.key} expected {_value(item.expected)}, got {_value(item.actual)}"


def _value(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
