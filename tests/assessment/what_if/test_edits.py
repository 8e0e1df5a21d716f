"""Edits of legal values: read as people write them; what is wrong is told by value, nothing is guessed."""

import pytest

from assessment.resident.what_if.edits import EditsRefused, edits_read, file_read, table_text
from taxsys.kernel.rates import Rate
from tests.assessment.what_if.bases import LAW

BASIC = table_text(LAW["resident.deduction.basic_table"].table)


def refusal(texts: dict[str, str]) -> dict[str, str]:
    with pytest.raises(EditsRefused) as refused:
        edits_read(LAW, texts)
    return refused.value.problems


@pytest.mark.parametrize(
    ("text", "value"), [("3500", 3_500), ("３，５００円", 3_500), (" 3,500 円".replace(" ", ""), 3_500), ("0", 0)]
)
def test_an_amount_is_read_as_people_write_it(text: str, value: int) -> None:
    (edit,) = edits_read(LAW, {"resident.per_capita.city": text})
    assert (edit.id, edit.value, edit.before_ja) == ("resident.per_capita.city", value, "3,000円")


@pytest.mark.parametrize(
    ("text", "value"), [("5.5%", Rate(11, 200)), ("５．５％", Rate(11, 200)), ("0.055", Rate(11, 200))]
)
def test_a_rate_is_read_in_per_cent_or_as_a_part_of_one(text: str, value: Rate) -> None:
    (edit,) = edits_read(LAW, {"resident.rate.city": text})
    assert edit.value == value
    assert edit.code == "5.5%"


def test_a_value_as_it_is_in_force_is_no_edit() -> None:
    texts = {
        "resident.per_capita.city": "3,000円",
        "resident.rate.city": "0.06",
        "resident.deduction.basic_table": BASIC,
    }
    assert edits_read(LAW, texts) == ()


@pytest.mark.parametrize(
    ("key", "text", "message"),
    [
        ("resident.per_capita.nobody", "1", "この法定値はありません"),
        ("resident.collection.bill_unit", "1000", "年税額の計算に使われない"),
        ("resident.per_capita.city", "-1", "負の値は使えません"),
        ("resident.per_capita.city", "△500", "負の値は使えません"),
        ("resident.per_capita.city", "3.5%", "円単位の整数"),
        ("resident.per_capita.city", "3500.5", "円単位の整数"),
        ("resident.per_capita.city", "=1+1", "円単位の整数"),
        ("resident.per_capita.city", "99999999999", "値が大きすぎます"),
        ("resident.rate.city", "6", "率は「6%」"),
        ("resident.rate.city", "600%", "0%から100%まで"),
        ("resident.rate.city", "-1%", "0%から100%まで"),
        ("resident.rate.city", "1/0", "率として読めません"),
        ("resident.rate.city", "6.0000001%", "率が細かすぎます"),
        ("resident.rate.city", "3,500円", "率は「6%」"),
        ("resident.city.livelihood_class", "4", "区分は 1・2・3 のいずれか"),
    ],
)
def test_a_bad_value_is_told_at_its_own_place(key: str, text: str, message: str) -> None:
    problems = refusal({key: text, "resident.rate.prefecture": "3%"})
    assert list(problems) == [key]
    assert message in problems[key]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("to,amount\n24000000,430000\n,290000\n25000000,150000\n,0\n", "昇順"),
        ("to,amount\n24000000,430000\n24000000,290000\n,0\n", "昇順"),
        ("to,amount\n24000000,430000\n24500000,290000\n", "最後の段階の上限は空欄"),
        ("to,amount\n24000000\n,0\n", "列の数が 2 ではありません"),
        ("to,value\n,0\n", "見出しが定義と違います"),
        ("to,amount\n24000000,-1\n,0\n", "1行目の amount に使えない値"),
        ("to,amount\n24000000,abc\n,0\n", "読めません"),
        ("to,amount\n", "表が空です"),
    ],
)
def test_a_table_with_a_gap_or_a_bad_cell_is_refused(text: str, message: str) -> None:
    assert message in refusal({"resident.deduction.basic_table": text})["resident.deduction.basic_table"]


def test_a_table_of_bands_keeps_its_codes_and_rows() -> None:
    key = "resident.deduction.payer_band"
    changed = table_text(LAW[key].table).replace(",3\n", ",2\n")
    assert "4行目の band（区分）は変えられません" in refusal({key: changed})[key]
    assert "行は増減できません" in refusal({key: "to,band\n9000000,1\n,2\n"})[key]
    kinds = "resident.credit.housing_rates"
    assert (
        "区分（kind）の欄は変えられません"
        in refusal({kinds: table_text(LAW[kinds].table).replace("\n1,", "\n9,").replace("\n2,", "\n10,")})[kinds]
    )


def test_a_step_of_nothing_never_reaches_the_division() -> None:
    key = "resident.income.salary_table"
    lines = table_text(LAW[key].table).splitlines()
    cells = lines[1].split(",")
    cells[1] = "0"
    assert "step に使えない値" in refusal({key: "\n".join([lines[0], ",".join(cells), *lines[2:]])})[key]


def test_an_edited_table_is_told_by_how_many_cells_it_differs() -> None:
    (edit,) = edits_read(LAW, {"resident.deduction.basic_table": BASIC.replace("430000", "480000")})
    assert edit.after_ja == "表の変更（1か所）"
    (longer,) = edits_read(
        LAW, {"resident.deduction.basic_table": BASIC.replace("to,amount\n", "to,amount\n1000000,950000\n")}
    )
    assert longer.after_ja == "表の変更（4行を5行に）"


def test_a_file_tells_values_with_and_without_quotes_and_tables() -> None:
    content = (
        '[values]\nresident.per_capita.city = 3500\n"resident.rate.city" = "7%"\n[tables]\n"resident.x" = """a\n"""\n'
    )
    assert file_read(content.encode()) == {
        "resident.per_capita.city": "3500", "resident.rate.city": "7%", "resident.x": "a\n",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xff\xfe", "TOMLとして読めません"),
        (b"[values\n", "TOMLとして読めません"),
        (b"x = 1\n", "[values] と [tables] だけ"),
        (b"[other]\nx = 1\n", "[values] と [tables] だけ"),
        (b"[values]\nresident.rate.city = 0.07\n", "整数か文字列"),
        (b"[values]\nresident.rate.city = true\n", "整数か文字列"),
        (b"#" * 200_001, "大きすぎます"),
    ],
)
def test_a_file_that_is_not_of_the_form_is_refused(content: bytes, message: str) -> None:
    with pytest.raises(EditsRefused, match=r"(?s).*") as refused:
        file_read(content)
    assert message in str(refused.value)
