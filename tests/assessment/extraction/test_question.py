"""A question asks only what the fixed view allows; everything else is refused in words, nothing becomes SQL."""

from datetime import date

import pytest

from assessment.errors import ExtractionRefused
from assessment.extraction.columns import COLUMNS, GROUPS
from assessment.extraction.question import ROWS_MAX, operators_of, question_read


def read(**changes):
    asked = {"tax_year": 2026, "columns": ["person_no", "annual_yen"], "conditions": [], **changes}
    return question_read(**asked)


def test_values_are_read_by_the_kind_of_their_column() -> None:
    question = read(
        conditions=[
            ["annual_yen", "ge", "1,000,000円"],
            ["is_exempt_person", "eq", "いいえ"],
            ["cause", "ne", "initial"],
            ["decided_on", "le", "2026-06-05"],
            ["district", "starts", "0012"],
            ["family_heads", "gt", "2"],
        ],
        order=[["annual_yen", "desc"]],
    )
    assert [one.value for one in question.conditions] == [1_000_000, False, "initial", date(2026, 6, 5), "0012", 2]
    assert [one.text_ja for one in question.conditions][:3] == [
        "年税額 1000000 以上", "人的非課税 いいえ と同じ", "事由 当初 と違う",
    ]  # fmt: skip
    assert question_read(tax_year=2026, **question.stored) == question


@pytest.mark.parametrize(
    ("changes", "field", "words"),
    [
        ({"columns": []}, "columns", "一つ以上"),
        ({"columns": ["my_number"]}, "columns", "抽出できません"),
        ({"columns": ["birth_on"]}, "columns", "抽出できません"),
        ({"columns": ["1; DROP TABLE assessment_decision"]}, "columns", "抽出できません"),
        ({"columns": ["annual_yen", "annual_yen"]}, "columns", "重ならない"),
        ({"conditions": [["b.name", "eq", "x"]]}, "conditions", "抽出できません"),
        ({"conditions": [["name", "eq", "旭川"]]}, "conditions", "その比べ方では選べません"),
        ({"conditions": [["address", "starts", "0"]]}, "conditions", "その比べ方では選べません"),
        ({"conditions": [["annual_yen", "starts", "1"]]}, "conditions", "その比べ方では選べません"),
        ({"conditions": [["annual_yen", "OR 1=1 --", "1"]]}, "conditions", "その比べ方では選べません"),
        ({"conditions": [["annual_yen", "ge", "1 OR 1=1"]]}, "conditions", "を読めません"),
        ({"conditions": [["annual_yen", "ge", "１００"]]}, "conditions", "を読めません"),
        ({"conditions": [["annual_yen", "ge", "9" * 12]]}, "conditions", "を読めません"),
        ({"conditions": [["annual_yen", "ge", ""]]}, "conditions", "を読めません"),
        ({"conditions": [["person_no", "eq", "' OR ''='"]]}, "conditions", "英数字とハイフン"),
        ({"conditions": [["person_no", "starts", "%"]]}, "conditions", "英数字とハイフン"),
        ({"conditions": [["person_no", "eq", "123456789012"]]}, "conditions", "個人番号による検索はできません"),
        ({"conditions": [["cause", "eq", "none"]]}, "conditions", "という区分はありません"),
        ({"conditions": [["decided_on", "ge", "令和8年"]]}, "conditions", "を読めません"),
        ({"conditions": [["annual_yen", "ge"]]}, "conditions", "三つ"),
        ({"conditions": [["annual_yen", "ge", "1"]] * 11}, "conditions", "10個まで"),
        ({"order": [["annual_yen", "desc; --"]]}, "order", "昇順・降順"),
        ({"order": [["name", "asc"]]}, "order", "並べ替えられません"),
        ({"limit": 0}, "limit", "から20,000件まで"),
        ({"limit": ROWS_MAX + 1}, "limit", "から20,000件まで"),
    ],
)
@pytest.mark.req("R-213")
def test_what_is_not_in_the_view_is_refused(changes: dict, field: str, words: str) -> None:
    with pytest.raises(ExtractionRefused, match=words) as refused:
        read(**changes)
    assert refused.value.field == field


@pytest.mark.req("R-172")
def test_the_view_has_no_number_no_birth_date_and_no_key_of_a_name() -> None:
    sql = " ".join(one.sql for one in COLUMNS.values())
    assert not any(word in sql for word in ("vault", "number_ref", "my_number", "strict_key", "name_key", "b.birth_on"))
    assert len(COLUMNS) == sum(len(group) for _, group in GROUPS) >= 40
    assert all(operators_of(one) for one in COLUMNS.values() if one.takes_condition)
