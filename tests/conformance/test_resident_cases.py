"""Every published case of the resident tax passes to the yen, and a planted error in a case is seen."""

from __future__ import annotations

import copy
import json
from pathlib import Path
from typing import Any

import pytest

from assessment.resident.conformance import run_case

FILE = Path(__file__).parent / "cases" / "resident_tax.json"
CONTENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
META, CASES = CONTENT["meta"], CONTENT["cases"]


def case_named(name: str) -> dict[str, Any]:
    return copy.deepcopy(next(case for case in CASES if case["id"] == name))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["id"])
def test_published_case(case: dict[str, Any]) -> None:
    outcome = run_case(case, META)
    assert (outcome.status, outcome.differences, outcome.reason) == ("passed", (), "")


def test_a_wrong_figure_fails_with_both_values() -> None:
    case = case_named("F10-quick-300")
    case["expected"]["nenzei"] += 100
    outcome = run_case(case, META)
    assert outcome.status == "failed"
    assert [(d.key, d.expected, d.actual) for d in outcome.differences] == [("expected.nenzei", 115_800, 115_700)]


def test_a_wrong_derived_figure_fails_too() -> None:
    case = case_named("F10-quick-300")
    case["derived"]["tokucho_june"] = 0
    assert run_case(case, META).status == "failed"


def test_true_is_not_one() -> None:
    case = case_named("T06-limits-openfisca")
    case["points"][0]["expected"]["kintowari_exempt"] = 1
    assert run_case(case, META).status == "failed"


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"kind": "story"}, "kind story"),
        ({"surprise": 1}, "key surprise"),
        ({"nendo": 2099}, "課税年度 2099"),
        ({"nendo": "2026"}, "nendo '2026'"),
        ({"rates": {"moon": 1}}, "rates.moon"),
        ({"rates": {"city": "six"}}, "rates.city 'six'"),
        ({"input": {"unheard": 1}}, "input.unheard"),
        ({"input": {"self": ["king"]}}, "input.self king"),
        ({"input": {"kyuyo_shunyu": 1.5}}, "input.kyuyo_shunyu 1.5"),
        ({"expected": {"happiness": 3}}, "expected.happiness"),
        ({"input": []}, "list where an object is expected"),
    ],
)
def test_what_is_not_known_is_named_not_guessed(change: dict[str, Any], reason: str) -> None:
    outcome = run_case(case_named("F10-quick-300") | change, META)
    assert outcome.status == "not_supported"
    assert reason in outcome.reason


def test_an_unknown_unit_is_named() -> None:
    outcome = run_case(case_named("U13-tokucho-2503") | {"unit": "alchemy"}, META)
    assert (outcome.status, outcome.reason) == ("not_supported", "unit alchemy")


def test_a_missing_input_is_named() -> None:
    outcome = run_case(case_named("U13-tokucho-2503") | {"input": {}}, META)
    assert (outcome.status, outcome.reason) == ("not_supported", "input.nenzei absent")


def test_free_text_is_not_compared() -> None:
    case = case_named("U13-tokucho-2503")
    case["expected"]["note"] = "for people"
    assert run_case(case, META).status == "passed"


@pytest.mark.parametrize(
    ("unit", "nendo", "given", "expected"),
    [
        ("teigaku", 2024, {"kojo_haigusha": 1, "fuyo_domestic": 3}, {"gensei": 50_000}),
        ("teigaku", 2025, {}, {"gensei": 10_000}),
        ("teigaku", 2026, {"fuyo_domestic": 2}, {"gensei": 0}),
        ("nenkin", 2026, {"nenkin_shunyu": 3_300_000, "nenkin_65": True, "other": 10_000_001},
         {"nenkin_shotoku": 2_300_000}),
        ("nenkin", 2026, {"nenkin_shunyu": 3_300_000, "nenkin_65": True, "other": 20_000_001},
         {"nenkin_shotoku": 2_400_000}),
        ("limit_salary", 2024, {"count": 1, "kyuchi": 2},
         {"kintowari_salary": 1_469_000, "shotokuwari_salary": 1_703_999}),
        ("limit_salary", 2027, {"count": 2, "kyuchi": 2},
         {"kintowari_salary": 1_974_000, "shotokuwari_salary": 2_215_999}),
        ("limit_salary", 2026, {"count": 4, "kyuchi": 2},
         {"kintowari_salary": 2_779_999, "shotokuwari_salary": 3_215_999}),
        ("kyuyo", 2026, {"kyuyo_shunyu": 6_599_999}, {"kyuyo_shotoku": 4_836_800}),
        ("taishoku", 2026, {"amount": 700_000, "years": 1},
         {"kojo": 800_000, "taishoku_shotoku": 0, "city": 0, "pref": 0}),
        ("split_futsu", 2026, {"nenzei": 5_000}, {"first": 2_000, "rest": 1_000}),
        ("split_futsu", 2026, {"nenzei": 5_000, "kintowari": 5_000}, {"first": 5_000, "rest": 0}),
        ("split_kyuyo", 2026, {"nenzei": 5_000, "kintowari": 5_000}, {"first": 5_000, "rest": 0}),
        ("nenkin_tokucho", 2026, {"prev_nenkin_zei": 36_000, "nenkin_zei": 60_000},
         {"kari": [6_000] * 3, "hon": [14_000] * 3}),
        ("haitowari", 2026, {"shotokuwari": 50_000, "kojo": 40_000, "kintowari": 4_000},
         {"fusoku": 0, "juto": 0, "kanpu": 0, "shotokuwari_after": 10_000}),
        ("bunri", 2026, {"kind": "yuryo", "kazei": 20_000_000}, {"city": 480_000, "pref": 320_000}),
        ("fusoku3no3", 2026, {"sotou": 450_000, "count": 0, "shotokuwari_total": 900},
         {"limit": 450_000, "reduction": 900, "shotokuwari_after": 0}),
        ("ratio", 2026, {"kazei": 40_000_001}, {"ratio_x1000": 44_055}),
        ("self", 2026, {"class": "kinro", "goukei": 850_001}, {"amount": 0}),
        ("fuyo", 2026, {"age": 19, "shotoku": 580_001}, {"amount": 0}),
    ],
)  # fmt: skip
def test_points_of_the_same_law_that_are_not_published(
    unit: str, nendo: int, given: dict[str, Any], expected: dict[str, Any]
) -> None:
    case = {"id": unit, "nendo": nendo, "kind": "unit", "unit": unit, "input": given, "expected": expected}
    outcome = run_case(case, META)
    assert (outcome.status, outcome.differences, outcome.reason) == ("passed", (), "")
