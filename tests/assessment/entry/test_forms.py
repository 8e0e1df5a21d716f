"""Declared papers: every box leads into the content that files give, and says at its own place what is wrong."""

from datetime import date
from typing import Any

import pytest

from assessment.entry.checks import problems
from assessment.entry.declaration import HEAD_NAMES, PaperForm
from assessment.entry.forms import PaperEntryForm
from assessment.entry.mapping import mapped
from assessment.entry.paper_forms import FORMS
from assessment.resident.consolidation import Paper, Subject, consolidate
from assessment.resident.rules.pipeline import resident_law
from assessment.sources.contents import CONTENTS
from eltax_bridge.mappings.reports import wage_report

LAW = resident_law(2026, "012041")
CORPORATE = "7000012050002"  # 国税庁, published
WAGE = {
    "arrived_on": "R8.1.20", "filing_kind": "0", "designation_no": "000000900", "address": "北海道旭川市四条通8丁目",
    "employee_no": "E1", "name_kana": "ｱｻﾋｶﾜ ﾀﾛｳ", "name": "旭川 太郎", "wage_yen": "６，５４３，２００",
    "social_insurance_yen": "1,668,200", "birth_on": "S55.5.5",
}  # fmt: skip


def form_of(code: str, **typed: str) -> PaperEntryForm:
    return PaperEntryForm(FORMS[code], typed)


def values_of(code: str, **typed: str) -> dict[str, Any]:
    form = form_of(code, **typed)
    assert form.is_valid(), form.errors
    return form.values()


def found(code: str, **values: Any) -> list[tuple[str, bool]]:
    return [(one.box, one.is_stop) for one in problems(FORMS[code], values, income_year=2025, law=LAW)]


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS)
def test_every_box_is_a_content_of_the_document_or_a_part_of_one(form: PaperForm) -> None:
    known = {box.name for box in CONTENTS[form.kind]} | HEAD_NAMES | {"my_number"}
    known |= {part for _total, parts in form.totals for part in parts}
    relatives = tuple(f"{one.role}_" for one in form.relatives)
    names = [box.name for box in form.boxes()]
    assert len(names) == len(set(names))
    assert [name for name in names if name not in known and not name.startswith(relatives)] == []
    for check in form.checks:
        for name in check.others if check.kind == "at_least" else (check.box, *check.others):
            assert form.box(name)


def test_the_boxes_of_the_pay_report_stand_in_the_order_of_the_paper() -> None:
    names = [box.name for box in FORMS["wage"].boxes()]
    order = [
        "address", "employee_no", "my_number", "name_kana", "name", "wage_yen", "wage_after_deduction_yen",
        "income_deduction_total_yen", "withheld_tax_yen", "spouse_code", "dependants_under_16",
        "small_mutual_yen", "social_insurance_yen", "earthquake_deduction_yen", "life_general_new_yen",
        "spouse_1_name", "spouse_income_yen", "dependant_1_name", "under_16_1_name", "is_secondary", "birth_on",
        "payer_number",
    ]  # fmt: skip
    assert [name for name in names if name in order] == order


def test_a_paper_and_a_file_of_one_report_say_the_same() -> None:
    typed = WAGE | {
        "spouse_code": "1", "spouse_1_name": "旭川 花子", "spouse_1_name_kana": "", "dependants_general": "1",
        "disability_code": "2", "left_on": "R7.9.30", "is_ordinary_collection": "１", "withheld_tax_yen": "0",
    }  # fmt: skip
    values = values_of("wage", **typed)
    paper = mapped(FORMS["wage"], values, tax_year=2026, entry_no=9)
    file = wage_report({
        "document_code": "315", "year_wareki": 7, "designation_no": "000000900", "employee_no": "E1",
        "payee_name": "旭川　太郎", "payee_kana": "ｱｻﾋｶﾜ ﾀﾛｳ", "income_year": 2025, "pay_amount": 6_543_200,
        "social_insurance": 1_668_200, "spouse_code": "1", "spouse_name": "旭川　花子", "dep_other_main": 1,
        "self_disabled_special": "1", "midyear_kind": "2", "midyear_yy": 7, "midyear_mm": 9, "midyear_dd": 30,
        "ordinary_collection": "1",
    })  # fmt: skip
    assert paper.content == file.content
    assert paper.business_key == file.business_key == "315:7:000000900:E1"
    assert [(one["role"], one["name"]) for one in paper.relatives] == [("spouse", "旭川　花子")]
    assert (values["name_kana"], values["birth_on"]) == ("アサヒカワ　タロウ", "1980-05-05")


def test_without_a_payer_number_the_key_is_the_entry_s_own() -> None:
    values = {name: value for name, value in values_of("wage", **WAGE).items() if name != "designation_no"}
    assert mapped(FORMS["wage"], values, tax_year=2026, entry_no=9).business_key == "paper:wage:2026:9"


def test_the_lines_of_a_pension_report_are_one_revenue() -> None:
    values = values_of(
        "pension", arrived_on="R8.1.20", filing_kind="0", name="旭川 花", name_kana="アサヒカワ ハナ",
        part1_paid_yen="1000000", part3_paid_yen="500,000", part1_tax_yen="5105", payer_number=CORPORATE,
    )  # fmt: skip
    paper = mapped(FORMS["pension"], values, tax_year=2026, entry_no=1)
    assert paper.content == {"pension_yen": 1_500_000, "withheld_tax_yen": 5_105}
    assert paper.business_key == f"331:7:{CORPORATE}:アサヒカワハナ:None"


def test_a_return_typed_by_hand_is_consolidated_as_a_file_s() -> None:
    values = values_of(
        "return", arrived_on="R8.3.10", filing_kind="0", name="旭川 太郎", name_kana="アサヒカワ タロウ",
        wage_yen="5000000", wage_income_yen="3560000", business_income_yen="-300000", total_income_yen="3260000",
        social_insurance_yen="700000", spouse_1_name="旭川 花子", spouse_1_birth_on="S56.2.3",
        dependant_1_name="旭川 一郎", dependant_1_birth_on="H20.4.1", dependant_1_relation="子",
        dependant_1_disability="1", shares_listed_gain_yen="△50,000", is_ordinary_collection="1",
    )  # fmt: skip
    paper = mapped(FORMS["return"], values, tax_year=2026, entry_no=1)
    assert paper.content["shares_listed_gain_yen"] == -50_000
    facts = consolidate(
        Subject(birth_on=None, sex="1", tax_year=2026),
        [Paper(1, "return", paper.content, date(2026, 3, 10),
               relatives=paper.relatives)],
    ).facts  # fmt: skip
    assert (facts["salary_receipts_yen"], facts["business_income_yen"]) == (5_000_000, -300_000)
    assert (facts["has_spouse"], facts["dependants_general"], facts["disabled_relatives"]) == (1, 1, 1)


@pytest.mark.parametrize(
    ("box", "typed", "words"),
    [
        ("wage_yen", "-1", "0円以上"),
        ("wage_yen", "12.5", "円単位の整数"),
        ("wage_yen", "99999999999", "9,999,999,999円以下"),
        ("wage_yen", "", "入力してください"),
        ("dependants_general", "二人", "2桁までの数字"),
        ("dependants_general", "100", "2桁までの数字"),
        ("spouse_code", "2", "1 有、3 従有"),
        ("is_widow", "はい", "1 該当"),
        ("left_on", "R7.2.30", "2月は28日まで"),
        ("birth_on", "S65.1.1", "昭和"),
        ("name_kana", "旭川", "カタカナ"),
        ("name", "旭川\x00太郎", ""),
        ("name", "123456789018", "個人番号は書けません"),
        ("address", "旭川市 1234-5678-9018", "個人番号は書けません"),
        ("payer_number", "123456789018", "個人番号は書けません"),
        ("payer_number", "8000012050002", "検査数字が合いません"),
        ("designation_no", "<script>", "数字と英字"),
        ("employee_no", "あ", "数字と英字"),
        ("filing_kind", "9", "0 新規、1 追加"),
    ],
)
def test_what_cannot_stand_in_a_box_is_told_at_the_box(box: str, typed: str, words: str) -> None:
    form = form_of("wage", **(WAGE | {box: typed}))
    assert not form.is_valid()
    assert list(form.errors) == [box]
    assert words in form.errors[box][0]


@pytest.mark.parametrize(
    ("code", "values", "expected"),
    [
        ("wage", {"wage_yen": 100, "withheld_tax_yen": 101}, [("withheld_tax_yen", True)]),
        ("wage", {"wage_yen": 6_543_200, "wage_after_deduction_yen": 4_792_000}, []),
        ("wage", {"wage_yen": 6_543_200, "wage_after_deduction_yen": 4_792_001}, [("wage_after_deduction_yen", False)]),
        ("wage", {"dependants_elderly": 1, "dependants_elderly_coresident": 2},
         [("dependants_elderly_coresident", True)]),
        ("wage", {"dependant_1_name": "甲", "dependant_2_name": "乙", "dependants_general": 1},
         [("dependant_1_name", False)]),
        ("wage", {"dependant_1_kana": "コウ"}, [("dependant_1_name", True)]),
        ("wage", {"is_secondary": "1", "dependants_general": 1}, [("is_secondary", False)]),
        ("wage", {"spouse_deduction_yen": 380_000}, [("spouse_deduction_yen", False)]),
        ("wage", {"left_on": "2026-01-10"}, [("left_on", False)]),
        ("wage", {"birth_on": "2026-01-01"}, [("birth_on", True)]),
        ("wage", {"birth_on": "2025-12-31"}, []),
        ("wage", {"is_single_parent": "1", "is_widow": "1"}, [("is_single_parent", False)]),
        ("return", {"business_income_yen": 10, "interest_income_yen": 5, "total_income_yen": 16},
         [("total_income_yen", False)]),
        ("return", {"business_income_yen": 10, "interest_income_yen": 5, "total_income_yen": 15}, []),
        ("return", {"business_income_yen": -10, "interest_income_yen": 5, "total_income_yen": 5}, []),
        ("return", {"wage_yen": 100, "wage_income_yen": 200}, [("wage_income_yen", True), ("wage_income_yen", False)]),
        ("return", {"spouse_income_yen": 1}, [("spouse_income_yen", False)]),
        ("pension", {"part2_paid_yen": 5, "part2_tax_yen": 6}, [("part2_tax_yen", True)]),
    ],
)  # fmt: skip
def test_boxes_that_contradict_each_other_are_told(
    code: str, values: dict[str, Any], expected: list[tuple[str, bool]]
) -> None:
    assert found(code, **values) == expected


def test_a_wrong_sum_says_what_the_boxes_add_up_to() -> None:
    told = problems(FORMS["return"], {"interest_income_yen": 5, "total_income_yen": 6}, income_year=2025, law=LAW)
    assert "欄の合計 5円" in told[0].message_ja
