"""The runner: one line per case, a closing count, exit status; broken files are refused in Japanese."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from taxsys.kernel.conformance import CaseOutcome
from taxsys.web.conformance import runner
from taxsys.web.conformance.runner import CaseFile, CaseFileError, line_of, outcomes, read_case_file
from taxsys.web.conformance.suites import suite_of

PUBLISHED = Path(__file__).parent / "cases" / "resident_tax.json"


def run(*files: Path) -> tuple[list[str], int]:
    out = StringIO()
    status = 0
    try:
        call_command("conformance", *map(str, files), stdout=out)
    except SystemExit as stop:
        status = int(stop.code or 0)
    return out.getvalue().splitlines(), status


def test_all_published_cases_pass_in_one_run() -> None:
    lines, status = run(PUBLISHED)
    assert (lines[-1], len(lines), status) == ("72 passed, 0 failed", 73, 0)


def test_failure_shows_the_figure_and_sets_the_status(tmp_path: Path) -> None:
    content = json.loads(PUBLISHED.read_text(encoding="utf-8"))
    content["cases"] = [case for case in content["cases"] if case["id"] in {"F10-quick-300", "F12-quick-700"}]
    content["cases"][0]["expected"]["nenzei"] = 1
    content["cases"].append({"id": "X1", "nendo": 2026, "kind": "dream"})
    content["cases"].append({"id": "X2", "what": "ever"})
    file = tmp_path / "cases.json"
    file.write_text(json.dumps(content), encoding="utf-8")
    lines, status = run(file)
    assert lines == [
        "FAILED  F10-quick-300: expected.nenzei expected 1, got 115700",
        "passed  F12-quick-700",
        "not supported  X1: kind dream",
        "not supported  X2: form of case",
        "1 passed, 1 failed",
    ]
    assert status == 1


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"{", "JSONとして読めません"),
        (b"\xff\xfe", "文字コード"),
        (b'{"meta": {}}', "事例の一覧(cases)がありません"),
        (b'{"cases": [1]}', "1件目の事例がオブジェクトではありません"),
        (b'{"cases": [], "meta": 3}', "meta がオブジェクトではありません"),
        (b"[" * 100_000, "入れ子が深すぎます"),
    ],
)
def test_broken_file_is_refused_with_its_reason(tmp_path: Path, content: bytes, message: str) -> None:
    file = tmp_path / "broken.json"
    file.write_bytes(content)
    with pytest.raises(CaseFileError, match=r"broken\.json") as refusal:
        read_case_file(file)
    assert message in str(refusal.value)


def test_missing_file_stops_before_any_case_is_run(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="ファイルを開けません"):
        run(PUBLISHED, tmp_path / "absent.json")


def test_a_case_that_breaks_its_suite_fails_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    def breaking(case: dict, meta: dict) -> CaseOutcome:
        if case["id"] == "b":
            raise ZeroDivisionError("planted")
        return CaseOutcome.of(case["id"], ())

    monkeypatch.setattr(runner, "run_case", breaking)
    statuses = [(o.name, o.status) for o in outcomes(CaseFile("f", {}, ({"id": "a"}, {"id": "b"}, {"id": "c"})))]
    assert statuses == [("a", "passed"), ("b", "failed"), ("c", "passed")]


def test_suites_are_recognised_by_their_keys() -> None:
    def name(case: dict) -> str | None:
        suite = suite_of(case)
        return suite.name if suite else None

    assert name({"nendo": 2026, "kind": "full"}) == "resident_tax"
    assert name({"category": "延滞金", "inputs": {}}) == "other_taxes"
    assert name({"op": "read", "format": "x"}) == "formats"
    assert name({}) is None


def test_not_supported_line_names_case_and_thing() -> None:
    assert line_of(CaseOutcome.not_supported("A1", "unit x")) == "not supported  A1: unit x"
