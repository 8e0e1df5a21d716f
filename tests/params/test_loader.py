"""Parameter files: every broken rule of their form is refused, layers and overlays do what they say."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest

from taxsys.kernel.rates import Rate
from taxsys.params.errors import MissingParameterError, ParameterError
from taxsys.params.loader import load_book, read_parameter

HEAD = 'id = "x.y"\ntitle = "試験"\nunit = "yen"\naxis = "tax_year"\nlaw = ["試験法1条"]\n'
VALUE = '[[value]]\nfrom = 2021\nvalue = 430000\nstatus = "enacted"\nsource = "S50"\nmark = "V2"\n'


def put(folder: Path, text: str, name: str = "x.toml") -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_sound_file_is_read(tmp_path: Path) -> None:
    parameter = read_parameter(put(tmp_path, HEAD + VALUE))
    assert (parameter.id, parameter.law, parameter.at(2026).value) == ("x.y", ("試験法1条",), 430_000)


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ('law = ["試験法1条"]', "", "根拠条文"),
        ('law = ["試験法1条"]', "law = []", "根拠条文"),
        ('law = ["試験法1条"]', 'law = [" "]', "根拠条文"),
        ('source = "S50"', "", "出典"),
        ('source = "S50"', 'source = " "', "出典"),
        ('mark = "V2"', "", "mark"),
        ('mark = "V2"', 'mark = "sure"', "mark"),
        ('status = "enacted"', 'status = "maybe"', "status"),
        ("value = 430000", "value = 430000.0", "整数"),
        ("value = 430000", "value = -1", "整数"),
        ("value = 430000", "value = true", "整数"),
        ("value = 430000", 'value = "430000"', "整数"),
        ("from = 2021", "from = 2021.5", "年"),
        ("from = 2021", "from = 1021", "年"),
        ("from = 2021", "from = 2021-04-01", "年"),
        ('unit = "yen"', 'unit = "dollar"', "単位"),
        ('axis = "tax_year"', 'axis = "moon"', "時点軸"),
        ('title = "試験"', "", "title"),
        ('id = "x.y"', 'id = "x.y"\nnickname = "z"', "nickname"),
        ("value = 430000", "value = 430000\nnote = 1", "note"),
        ('id = "x.y"', "id = ", "TOML"),
        ('unit = "yen"', 'unit = "rate"', "率"),
        ('unit = "yen"', 'unit = "table"', "表には"),
    ],
)
def test_a_value_without_law_source_mark_or_form_is_refused(tmp_path: Path, old: str, new: str, message: str) -> None:
    path = put(tmp_path, (HEAD + VALUE).replace(old, new))
    with pytest.raises(ParameterError, match=message):
        read_parameter(path)


@pytest.mark.parametrize(
    ("second", "message"),
    [
        (VALUE, "時間の順"),
        (VALUE.replace("2021", "2020"), "時間の順"),
    ],
)
def test_values_stand_in_order_of_time(tmp_path: Path, second: str, message: str) -> None:
    with pytest.raises(ParameterError, match=message):
        read_parameter(put(tmp_path, HEAD + VALUE + second))


def test_overlap_and_gap_are_refused(tmp_path: Path) -> None:
    ending = VALUE.replace("from = 2021", "from = 2021\nuntil = 2023")
    for start, message in ((2023, "重なって"), (2025, "空き")):
        with pytest.raises(ParameterError, match=message):
            read_parameter(put(tmp_path, HEAD + ending + VALUE.replace("2021", str(start))))
    assert read_parameter(put(tmp_path, HEAD + ending + VALUE.replace("2021", "2024"))).at(2024).value == 430_000


def test_a_value_that_ended_or_has_not_begun_is_missing_not_guessed(tmp_path: Path) -> None:
    put(tmp_path, HEAD + VALUE.replace("from = 2021", "from = 2021\nuntil = 2023"))
    book = load_book("t", [("law", tmp_path)])
    for year in (2020, 2024):
        with pytest.raises(MissingParameterError, match=f"試験.*{year}"):
            book.at(year)["x.y"]


def test_dates_can_be_the_axis(tmp_path: Path) -> None:
    text = (HEAD + VALUE).replace("tax_year", "due_date").replace("from = 2021", "from = 2021-01-01")
    assert read_parameter(put(tmp_path, text)).at(date(2021, 1, 1)).value == 430_000
    with pytest.raises(MissingParameterError):
        read_parameter(put(tmp_path, text)).at(date(2020, 12, 31))


def test_the_city_overlays_the_law_from_its_own_year_on(tmp_path: Path) -> None:
    put(tmp_path / "law", HEAD + VALUE)
    city = VALUE.replace("2021", "2026").replace("430000", "500000")
    put(tmp_path / "city", HEAD.replace("試験法1条", "試験条例2条") + city)
    book = load_book("t", [("law", tmp_path / "law"), ("city/1", tmp_path / "city")])
    assert (book.at(2025)["x.y"].value, book.at(2026)["x.y"].value) == (430_000, 500_000)
    assert book.at(2026)["x.y"].dated.layer == "city/1"
    assert book.parameters["x.y"].law == ("試験法1条", "試験条例2条")


def test_a_layer_cannot_change_the_unit(tmp_path: Path) -> None:
    put(tmp_path / "law", HEAD + VALUE)
    put(tmp_path / "city", HEAD.replace('"yen"', '"count"') + VALUE)
    with pytest.raises(ParameterError, match="単位"):
        load_book("t", [("law", tmp_path / "law"), ("city", tmp_path / "city")])


def test_one_id_in_two_files_is_refused(tmp_path: Path) -> None:
    put(tmp_path, HEAD + VALUE)
    put(tmp_path, HEAD + VALUE, "y.toml")
    with pytest.raises(ParameterError, match="2度"):
        load_book("t", [("law", tmp_path)])


def test_absent_or_empty_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="フォルダー"):
        load_book("t", [("law", tmp_path / "none")])
    with pytest.raises(ParameterError, match="1件もありません"):
        load_book("t", [("law", tmp_path)])


def test_the_hash_names_the_values(tmp_path: Path) -> None:
    put(tmp_path, HEAD + VALUE)
    first = load_book("t", [("law", tmp_path)]).at(2026)
    again = load_book("t", [("law", tmp_path)]).at(2026)
    assert first.hash == again.hash
    assert first.overlay({"x.y": 430_001}).hash != first.hash
    put(tmp_path, HEAD + VALUE.replace("430000", "430001"))
    assert load_book("t", [("law", tmp_path)]).at(2026).hash != first.hash


def test_an_overlay_is_marked_as_not_enacted_and_leaves_the_law_alone(tmp_path: Path) -> None:
    put(tmp_path, HEAD + VALUE)
    law = load_book("t", [("law", tmp_path)]).at(2026)
    changed = law.overlay({"x.y": 1})
    assert (law["x.y"].value, changed["x.y"].value) == (430_000, 1)
    assert (law.not_enacted(), [item.parameter.id for item in changed.not_enacted()]) == ((), ["x.y"])
    with pytest.raises(ParameterError, match="定義されていません"):
        law.overlay({"no.such": 1})
    with pytest.raises(ParameterError, match="種類"):
        law.overlay({"x.y": Rate(1, 2)})


TABLE = (HEAD + VALUE).replace('"yen"', '"table"\ncolumns = { top = "to", rate = "rate", add = "yen" }')
TABLE = TABLE.replace("value = 430000", 'file = "t.csv"')


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ("top,rate\n1,1\n", "見出し"),
        ("top,rate,add\n", "空です"),
        ("top,rate,add\n10,50%,0\n5,1,0\n,0,0\n", "昇順"),
        ("top,rate,add\n10,50%,0\n", "上限は空欄"),
        ("top,rate,add\n10,50%\n", "列の数"),
        ("top,rate,add\n10,half,0\n,0,0\n", "half"),
        ("top,rate,add\n10,0.5,1.5\n,0,0\n", "1.5"),
    ],
)
def test_a_broken_table_is_refused(tmp_path: Path, rows: str, message: str) -> None:
    put(tmp_path, rows, "t.csv")
    with pytest.raises(ParameterError, match=message):
        read_parameter(put(tmp_path, TABLE))


def test_a_table_is_looked_up_by_inclusive_upper_bounds(tmp_path: Path) -> None:
    put(tmp_path, "top,rate,add\n10,50%,7\n20,1/3,8\n,0,9\n", "t.csv")
    table = read_parameter(put(tmp_path, TABLE)).at(2026).value
    assert [int(table.take("add", table.row(x))) for x in (-5, 0, 10, 11, 20, 21, 10**14)] == [7, 7, 7, 8, 8, 9, 9]
    assert table.canonical() == {"top": [10, 20, 10**15], "rate": ["1/2", "1/3", "0/1"], "add": [7, 8, 9]}
    with pytest.raises(ValueError, match="read-only"):
        table.columns["add"][0] = 1


def test_a_table_file_outside_its_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="表には"):
        read_parameter(put(tmp_path, TABLE.replace("t.csv", "../t.csv")))
    with pytest.raises(ParameterError, match="表のファイル"):
        read_parameter(put(tmp_path, TABLE))
