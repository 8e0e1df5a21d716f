"""Published cases of the file formats, digit by digit. Each case carries its source."""

import json
from pathlib import Path

import pytest

from taxsys.platform.files.conformance import run_case

FILE = json.loads((Path(__file__).parent / "cases" / "formats.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", FILE["cases"], ids=lambda case: case["id"])
def test_published_case_gives_the_published_values(case: dict) -> None:
    outcome = run_case(case, {})
    assert outcome.differences == ()
    assert outcome.status == "passed"


def test_unknown_operation_is_not_supported_by_name() -> None:
    outcome = run_case({"id": "X", "format": "zengin.91", "op": "sing", "input": 1, "expected": {}})
    assert (outcome.status, outcome.reason) == ("not_supported", "zengin.91 sing")


def test_a_wrong_figure_is_reported_with_both_values() -> None:
    case = {
        "id": "X",
        "format": "nenkin.municipality5",
        "op": "expand",
        "input": "01204",
        "expected": {"six": "012049"},
    }
    (difference,) = run_case(case).differences
    assert (difference.key, difference.expected, difference.actual) == ("six", "012049", "012041")


@pytest.mark.parametrize("given", [None, 1, [], {}, "", "あ", {"records_hex": ["zz"]}, ["x"] * 3])
def test_no_input_whatever_stops_the_runner(given: object) -> None:
    for case in FILE["cases"]:
        assert run_case({**case, "input": given}).status in {"passed", "failed"}
