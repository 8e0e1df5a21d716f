"""The calculation as people read it: the published figures, every line with its article, nothing that disagrees."""

import random

import numpy as np
import pytest

from assessment.resident.explain import explanation
from assessment.resident.papers.calculation_sheet import CalculationHead, calculation_pdf
from assessment.resident.rules.facts import RESIDENT_FACTS
from assessment.resident.rules.pipeline import PIPELINES, RESIDENT_RESULT, compute, resident_law
from assessment.resident.sheet import (
    BLOCKS,
    CalculationSheet,
    Line,
    PaperSaid,
    block_of,
    calculation_sheet,
    prefectural_tax_word,
)
from assessment.resident.spoken import ShareTold
from tests.addressbook.people import TODAY
from tests.assessment.desk.scene import CHOFU
from tests.printing.conftest import page_texts

CITY = "012041"
CHOFU_FACTS = {"salary_receipts_yen": 6_543_200, "social_insurance_yen": 1_668_200}
WAGE = ShareTold(
    "wage", 271_700, (("6月", 23_100), *((f"{m}月", 22_600) for m in (7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5)))
)


def sheet_of(*shares: ShareTold, city: str = CITY, year: int = 2026, **facts: int) -> CalculationSheet:
    law = resident_law(year, city)
    batch = RESIDENT_FACTS.batch(facts)
    stored = {name: int(column[0]) for name, column in compute(batch, law).columns.items()}
    told = explanation(batch, law)
    values = {name: int(column[0]) for name, column in batch.items()}
    return calculation_sheet(
        tax_year=year, steps=told.steps, facts=values, stored=stored, shares=shares,
        papers=[PaperSaid("給与支払報告書(受付R8.1.20)", CHOFU)], municipality_code=city,
    )  # fmt: skip


def line(sheet: CalculationSheet, anchor: str) -> Line:
    return next(one for block in sheet.blocks for one in (*block.lines, *block.quiet_lines) if one.anchor == anchor)


def test_the_published_example_reads_as_it_was_published() -> None:
    """F04-chofu-r8: 給与所得 4,792,000, 控除 2,098,200, 課税 2,693,000, 算出 161,580/107,720, 調整 1,500/1,000."""
    sheet = sheet_of(WAGE, **CHOFU_FACTS)
    assert sheet.answer_ja == "令和8年度の年税額は271,700円です(市民税163,000円、道民税107,700円、森林環境税1,000円)。"
    assert {block.title_ja: block.spoken_ja for block in sheet.blocks} == {
        "収入": "令和7年中の収入として資料にあるのは、給与収入6,543,200円です。",
        "所得": "給与所得控除などを引いた所得の合計(合計所得金額)は4,792,000円です。",
        "所得控除": "所得から差し引く控除は社会保険料1,668,200円、基礎控除430,000円で、合わせて2,098,200円です。",
        "課税標準": "所得から控除を引き、1,000円未満を切り捨てた2,693,000円に税率を掛けます。",
        "税額": "税率は市民税6%・道民税4%で、算出した所得割は市民税161,580円、道民税107,720円です。",
        "税額控除": "調整控除2,500円を引き、100円未満を切り捨てた所得割は市民税160,000円、道民税106,700円です。",
        "均等割・森林環境税": "均等割は市民税3,000円、道民税1,000円、森林環境税は1,000円で、"
        "所得割と合わせた年税額は271,700円です。",
        "徴収方法": "給与から毎月引きます(6月に23,100円、7月から翌年5月まで各22,600円)。",
    }
    assert sheet.mismatches == ()


def test_a_line_unfolds_into_formula_numbers_rounding_article_and_source() -> None:
    base = line(sheet_of(**CHOFU_FACTS), "levy-taxable_income_yen")
    assert base.values == (("", "2,693,000円"),)
    assert base.formula_ja == "総所得金額 − 所得控除の合計"
    assert base.worked_ja == "総所得金額 4,792,000円 − 所得控除の合計 2,098,200円 = 2,693,000円"
    assert base.inputs == (("総所得金額", "4,792,000円"), ("所得控除の合計", "2,098,200円"))
    assert base.rounding == "1,000円未満切捨て(地方税法20条の4の2第1項)"
    levy = line(sheet_of(**CHOFU_FACTS), "levy-calculated_levy")
    assert levy.values == (("市民税", "161,580円"), ("道民税", "107,720円"))
    assert [(use.title_ja, use.text, use.mark) for use in levy.parameters] == [
        ("市民税所得割の税率", "6%", "V"), ("道府県民税所得割の税率", "4%", "V"),
    ]  # fmt: skip
    assert levy.details[5] == (
        "法定値",
        "市民税所得割の税率 6%",
        "平成27年度から／地方税法314条の3／出典 S54",
        "resident.rate.city",
    )
    receipts = line(sheet_of(**CHOFU_FACTS), "fact-salary_receipts_yen")
    assert receipts.inputs == (("給与支払報告書(受付R8.1.20)", "6,543,200円"),)


def test_every_rule_of_every_year_stands_in_a_block_with_its_article() -> None:
    known = {key for key, _ in BLOCKS}
    for pipeline in PIPELINES.values():
        for rule in pipeline.rules:
            assert block_of(rule.id) in known
            assert rule.law


@pytest.mark.parametrize(
    ("code", "word"), [("012041", "道民税"), ("131016", "都民税"), ("271004", "府民税"), ("141003", "県民税")]
)
def test_the_prefecture_s_tax_is_called_by_its_name(code: str, word: str) -> None:
    assert prefectural_tax_word(code) == word


@pytest.mark.parametrize(
    ("facts", "block", "sentence"),
    [
        ({}, "収入", "令和7年中の収入を示す資料はありません。"),
        ({"receives_livelihood_aid": 1}, "課税標準",
         "生活扶助、または障害者・未成年者・寡婦・ひとり親で所得が基準以下のため、住民税は非課税です。"),
        ({"salary_receipts_yen": 1_000_000}, "課税標準",
         "所得350,000円が非課税の限度額450,000円以下のため、所得割はかかりません。"),
        ({"salary_receipts_yen": 1_000_000}, "均等割・森林環境税", "均等割と森林環境税はかからず、年税額は0円です。"),
        ({"salary_receipts_yen": 1_000_000}, "徴収方法", "納める税額はありません。"),
        ({"salary_receipts_yen": 3_000_000, "social_insurance_yen": 2_000_000}, "課税標準",
         "控除の合計が所得以上のため、税率を掛ける額は0円です。"),
    ],
)  # fmt: skip
def test_who_pays_nothing_hears_why(facts: dict[str, int], block: str, sentence: str) -> None:
    sheet = sheet_of(**facts)
    assert next(one.spoken_ja for one in sheet.blocks if one.title_ja == block) == sentence


def test_a_stored_figure_that_the_rules_do_not_give_is_named_with_both_values() -> None:
    law = resident_law(2026, CITY)
    batch = RESIDENT_FACTS.batch(CHOFU_FACTS)
    stored = {name: int(column[0]) for name, column in compute(batch, law).columns.items()}
    stored["city_tax_yen"] += 100
    told = explanation(batch, law)
    facts = {name: int(column[0]) for name, column in batch.items()}
    sheet = calculation_sheet(
        tax_year=2026, steps=told.steps, facts=facts, stored=stored, shares=[WAGE], municipality_code=CITY
    )
    assert [(one.title_ja, one.stored_ja, one.computed_ja) for one in sheet.mismatches] == [
        ("市民税額", "163,100円", "163,000円")
    ]


def test_a_collection_that_does_not_add_up_to_the_year_is_named() -> None:
    short = ShareTold("ordinary", 271_600, (("第1期", 271_600), ("第2期", 0), ("第3期", 0), ("第4期", 0)))
    assert [one.title_ja for one in sheet_of(short, **CHOFU_FACTS).mismatches] == ["徴収方法ごとの税額の合計"]
    torn = ShareTold("ordinary", 271_700, (("第1期", 271_600), ("第2期", 0), ("第3期", 0), ("第4期", 0)))
    assert [one.title_ja for one in sheet_of(torn, **CHOFU_FACTS).mismatches] == ["徴収方法ごとの税額の合計"]


def test_the_text_equals_the_result_for_people_of_every_kind() -> None:
    """Edge-biased people of two years: one code path, so no column of any of them may disagree."""
    rng = random.Random(20261120)
    columns = [column for column in RESIDENT_FACTS if column.kind == "yen"]
    for year in (2025, 2026):
        for _ in range(60):
            facts = {column.name: rng.choice((0, 0, 999, 1_000_000, 5_555_555)) for column in columns}
            facts["dividend_ordinary_yen"] = facts["dividend_trust_yen"] = facts["dividend_currency_trust_yen"] = 0
            sheet = sheet_of(year=year, **facts)
            assert [one.title_ja for one in sheet.mismatches if "徴収方法" not in one.title_ja] == []
            assert all(block.spoken_ja.endswith("。") for block in sheet.blocks)


def test_quiet_lines_are_those_that_came_to_nothing() -> None:
    sheet = sheet_of(**CHOFU_FACTS)
    for block in sheet.blocks:
        assert not any(one.is_quiet for one in block.lines)
        assert all(one.is_quiet for one in block.quiet_lines)
    lines = sum(len(block.lines) + len(block.quiet_lines) for block in sheet.blocks)
    assert lines == len(PIPELINES[2026].rules) + 25
    assert np.size(RESIDENT_RESULT.names) > 70


def test_the_paper_carries_every_sentence_and_is_the_same_twice() -> None:
    head = CalculationHead(
        person_no="R00000000000001", name="旭川　太郎", tax_year=2026, version=1, cause_ja="当初", decided_on=TODAY,
        notice_no="2026-10-0000001", printed_on=TODAY,
    )  # fmt: skip
    sheet = sheet_of(WAGE, **CHOFU_FACTS)
    content = calculation_pdf(sheet, head)
    assert content == calculation_pdf(sheet, head)
    text = "".join("".join(page_texts(content)).split())
    for wanted in (sheet.answer_ja, "計算書", "旭川太郎様", "2,693,000円", "地方税法314条の2", "6月23,100円"):
        assert "".join(wanted.split()) in text, wanted
