"""`calculate resident-tax`: one line in, one line out; a bad line is answered on its own line."""

from __future__ import annotations

import io
import json
import re
from pathlib import Path

import jsonschema
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from assessment.resident.calculate import (
    MAX_LINE_BYTES,
    calculate_lines,
    input_schema,
    output_schema,
    schema_document,
)
from assessment.resident.combinations import COMBINATIONS
from assessment.resident.rules.pipeline import resident_law

PUBLISHED = Path(__file__).resolve().parents[3] / "docs/api/calculate-resident-tax.schema.json"
LAW = resident_law(2026, "012041")


def answer(*lines: bytes, with_steps: bool = False) -> list[dict]:
    return [json.loads(text) for text, _ in calculate_lines(lines, LAW, with_steps=with_steps)]


def test_the_published_schema_is_the_programs_own() -> None:
    assert json.loads(PUBLISHED.read_text(encoding="utf-8")) == schema_document()
    jsonschema.Draft202012Validator.check_schema(input_schema())
    jsonschema.Draft202012Validator.check_schema(output_schema())


def test_a_line_is_answered_with_its_id_and_figures() -> None:
    line = {"id": "A-1", "salary_receipts_yen": 3_000_000, "social_insurance_yen": 456_576}
    jsonschema.validate(line, input_schema())
    (reply,) = answer(json.dumps(line).encode())
    jsonschema.validate(reply, output_schema())
    assert (reply["line"], reply["id"], reply["result"]["annual_tax_yen"]) == (1, "A-1", 115_700)
    assert reply["result"]["is_liable_forest"] is True


@pytest.mark.parametrize(
    ("line", "code", "field"),
    [
        (b"{", "JSON_INVALID", ""),
        (b"", "EMPTY_LINE", ""),
        (b" \r\n", "EMPTY_LINE", ""),
        (b'\xef\xbb\xbf{"id": 2}', "JSON_INVALID", ""),
        (b"[1]", "NOT_OBJECT", ""),
        (b"null", "NOT_OBJECT", ""),
        (b"\xff{}", "ENCODING", ""),
        (b'{"salary": 1}', "UNKNOWN_FIELD", "salary"),
        (b'{"\\ud800": 1}', "UNKNOWN_FIELD", "?"),
        (b'{"salary_receipts_yen": 1.0}', "TYPE", "salary_receipts_yen"),
        (b'{"salary_receipts_yen": NaN}', "TYPE", "salary_receipts_yen"),
        (b'{"salary_receipts_yen": true}', "TYPE", "salary_receipts_yen"),
        (b'{"salary_receipts_yen": "1"}', "TYPE", "salary_receipts_yen"),
        (b'{"salary_receipts_yen": null}', "TYPE", "salary_receipts_yen"),
        (b'{"has_spouse": 1}', "TYPE", "has_spouse"),
        (b'{"salary_receipts_yen": -1}', "RANGE", "salary_receipts_yen"),
        (b'{"salary_receipts_yen": 100000000000}', "RANGE", "salary_receipts_yen"),
        (b'{"salary_receipts_yen": ' + b"9" * 5000 + b"}", "JSON_INVALID", ""),
        (b'{"disability_code": 3}', "RANGE", "disability_code"),
        (b'{"dependants_general": 100}', "RANGE", "dependants_general"),
        (b'{"has_spouse": true, "has_spouse": false}', "DUPLICATE_FIELD", "has_spouse"),
        (b'{"id": 1.5}', "TYPE", "id"),
        (b'{"id": "\\ud800"}', "TYPE", "id"),
        (b'{"dependants_abroad": 1}', "ABROAD_ABOVE_DEPENDANTS", ""),
        (b'{"dividend_ordinary_yen": 1}', "DIVIDEND_BASE_ABOVE_INCOME", ""),
        (b'{"relief_city_yen": 1}', "RELIEF_ABOVE_TAX", ""),
        (b'{"spouse_income_yen": 1}', "SPOUSE_MISSING", "has_spouse"),
        (b'{"is_spouse_elderly": true}', "SPOUSE_MISSING", "has_spouse"),
        (b'{"is_spouse_abroad": true, "has_spouse": false}', "SPOUSE_MISSING", "has_spouse"),
        (b'{"has_spouse": true, "single_parent_code": 1}', "SPOUSE_AND_SINGLE_PARENT", "single_parent_code"),
        (b'{"has_spouse": true, "is_widow": true}', "SPOUSE_AND_WIDOW", "is_widow"),
        (b'{"is_minor": true, "is_age_65": true}', "MINOR_AND_65", "is_minor"),
        (b'{"has_local_premises": true}', "DOMICILE_AND_PREMISES", "has_local_premises"),
        (b'{"is_exempt_at_domicile": true}', "DOMICILE_AND_PREMISES", "has_local_premises"),
        (b'{"disabled_relatives": 1}', "DISABLED_ABOVE_FAMILY", "disabled_relatives"),
        (b'{"special_disabled_relatives": 2, "has_spouse": true}', "DISABLED_ABOVE_FAMILY", "disabled_relatives"),
        (b"[" * 60_000, "JSON_INVALID", ""),
        (b" " * (MAX_LINE_BYTES + 1), "LINE_TOO_LONG", ""),
    ],
)
def test_a_bad_line_gets_its_own_error_and_the_others_are_answered(line: bytes, code: str, field: str) -> None:
    replies = answer(b'{"id": 1}', line, b'{"id": 3, "salary_receipts_yen": 3000000}')
    jsonschema.validate(replies[1], output_schema())
    assert (replies[1]["error"]["code"], replies[1]["error"]["field"]) == (code, field)
    assert replies[1]["error"]["message"]
    assert [reply["line"] for reply in replies] == [1, 2, 3]
    assert "result" in replies[0]
    assert replies[2]["result"]["salary_income_yen"] == 2_020_000


def test_what_can_be_true_of_one_person_is_calculated() -> None:
    lines = (
        b'{"has_spouse": true, "spouse_income_yen": 1, "is_spouse_elderly": true, "disabled_relatives": 1}',
        b'{"is_widow": true, "single_parent_code": 1}',
        b'{"is_domiciled": false, "has_local_premises": true, "is_exempt_at_domicile": true}',
        b'{"dependants_under_16": 1, "special_disabled_coresident_relatives": 1}',
    )
    assert all("result" in reply for reply in answer(*lines))


def test_every_refused_combination_has_its_case() -> None:
    tested = set(re.findall(r'"([A-Z_0-9]+)", "', Path(__file__).read_text("utf-8")))
    assert {one.code for one in COMBINATIONS} <= tested


def test_lines_across_blocks_keep_their_order() -> None:
    lines = (json.dumps({"id": number, "business_income_yen": number}).encode() for number in range(20_000))
    numbers = [json.loads(text)["id"] for text, _ in calculate_lines(lines, LAW, with_steps=False)]
    assert numbers == list(range(20_000))


def test_explain_adds_the_steps() -> None:
    (reply,) = answer(b'{"salary_receipts_yen": 3000000}', with_steps=True)
    step = next(step for step in reply["explanation"] if step["rule_id"] == "levy.taxable_income_yen")
    assert step["results"][0]["value"] == reply["result"]["taxable_income_yen"]
    assert step["law"] == "地方税法20条の4の2第1項・地方税法314条の3"


def test_the_mark_that_some_editors_put_before_the_first_line_is_no_error() -> None:
    (reply,) = answer(b'\xef\xbb\xbf{"id": 1, "salary_receipts_yen": 3000000}\r\n')
    assert (reply["id"], reply["result"]["salary_income_yen"]) == (1, 2_020_000)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        ((), "--tax-year で課税年度を指定してください"),
        (
            ("--tax-year", "2030"),
            "課税年度 2030 は計算の対象ではありません。計算できるのは 2024・2025・2026・2027 です",
        ),
        (("--tax-year", "2026", "--city", "旭川"), "市区町村コード"),
        (("--tax-year", "2026", "--city", "999999"), '--city "" を指定してください'),
    ],
)
def test_a_wrong_call_says_what_to_do(words: tuple[str, ...], message: str) -> None:
    with pytest.raises(CommandError, match=re.escape(message)):
        call_command("calculate", "resident-tax", *words)


@pytest.mark.parametrize(("content", "status"), [(b"", None), (b'{"id": 1}\n', None), (b'{"id": 1}\nx\n', 1)])
def test_the_command_streams_and_its_status_says_whether_every_line_was_answered(
    content: bytes, status: int | None, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(content)))
    ended = None
    try:
        call_command("calculate", "resident-tax", "--tax-year", "2026")
    except SystemExit as end:
        ended = end.code
    assert (ended, capsys.readouterr().out.count("\n")) == (status, content.count(b"\n"))
