"""Published cases of interest, refund interest, due dates and limits of time, to the yen and to the day.

Source: the project's case collection `other_taxes.json`; each case carries its own published source.
"""

import json
from pathlib import Path

import pytest

from collection.conformance import run_case
from taxsys.kernel.conformance import Difference

FILE = json.loads((Path(__file__).parent / "cases" / "other_taxes.json").read_text(encoding="utf-8"))
META = {key: value for key, value in FILE.items() if key != "cases"}
OURS = ("延滞金", "還付加算金", "納期限", "期間制限")


@pytest.mark.parametrize("case", [c for c in FILE["cases"] if c["category"] in OURS], ids=lambda c: c["id"])
def test_published_case_gives_the_published_figures(case: dict) -> None:
    outcome = run_case(case, META)
    assert outcome.differences == ()
    assert outcome.status == "passed"


@pytest.mark.parametrize("case", [c for c in FILE["cases"] if c["category"] not in OURS], ids=lambda c: c["id"])
def test_case_of_another_desk_is_not_supported_by_name(case: dict) -> None:
    outcome = run_case(case, META)
    assert (outcome.status, outcome.name, outcome.reason) == ("not_supported", case["id"], case["category"])


def test_case_with_a_wrong_figure_fails_and_names_it() -> None:
    case = {
        "id": "X",
        "category": "延滞金",
        "inputs": {"principal": 56400, "due_date": "2026-02-02", "payments": [{"date": "2026-05-29", "amount": 56400}]},
        "expected": {"raw_total": 1349, "entaikin": 1300},
    }
    assert run_case(case, META).differences == (Difference("raw_total", 1349, 1348),)


def test_case_in_2027_fails_with_a_clear_word_because_the_rate_is_not_announced() -> None:
    case = {
        "id": "Y",
        "category": "延滞金",
        "inputs": {"principal": 50000, "due_date": "2026-12-28", "payments": [{"date": "2027-01-10", "amount": 50000}]},
        "expected": {"entaikin": 0},
    }
    outcome = run_case(case, META)
    assert outcome.status == "failed"
    assert "未登録です(2027年1月1日)" in outcome.differences[0].actual
