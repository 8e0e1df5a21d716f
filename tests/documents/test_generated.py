"""Documents made from the program are those of the program, and the makers find what they are made to find."""

from pathlib import Path

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError

from taxsys.web.documents import law, pages
from taxsys.web.documents.glossary import Term, model_names, terms, unknown_words, words_of
from taxsys.web.documents.requirements import marked_tests


@pytest.fixture
def docs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The pages go to a folder of the test."""
    monkeypatch.setattr(pages, "DOCS", tmp_path)
    return tmp_path


@pytest.mark.parametrize("command", ["law_doc", "glossary_doc", "approvals_doc", "calculate_doc"])
def test_the_pages_in_docs_are_up_to_date(command: str) -> None:
    call_command(command, "--check")


def test_a_page_that_was_changed_by_hand_or_is_missing_is_told(docs: Path) -> None:
    with pytest.raises(CommandError, match=r"docs/law/README\.md.*make docs"):
        call_command("law_doc", "--check")
    call_command("law_doc")
    call_command("law_doc", "--check")
    page = docs / "law" / "unconfirmed.md"
    page.write_text(page.read_text(encoding="utf-8") + "手で足した行\n", encoding="utf-8")
    with pytest.raises(CommandError, match=r"not up to date: docs/law/unconfirmed\.md"):
        call_command("law_doc", "--check")


def test_the_way_from_article_to_case_is_shown() -> None:
    seen = law.exercised()
    line = next(line for line in law.articles_page(seen).splitlines() if line.startswith("| 地方税法314条の6 |"))
    assert "`resident.credit.adjustment_floor` 調整控除の控除対象額の下限" in line
    assert "`levy.adjustment_credit`" in line
    assert "全体計算" in line


def test_cases_are_listed_with_the_rules_they_really_call() -> None:
    seen = law.exercised()
    assert "T30-nenkin" in seen.units["income.pension_income_yen"]
    assert "T30-nenkin" not in seen.units.get("donation.donation_special", [])


def test_every_unconfirmed_value_stands_in_the_table_once() -> None:
    rows = law.unconfirmed_rows()
    assert len(rows) == len(set(rows)) > 0
    page = law.unconfirmed_page()
    assert f"確かめていない値 {len(rows)}件" in page
    for duty, parameters in law.duty_parameters():
        marked = [one for one in parameters for dated in one.values if dated.mark == "K"]
        assert sum(row[0] == duty for row in rows) == len(marked) > 0


def test_the_same_law_is_named_in_full() -> None:
    assert law.whole_name(["地方税法34条2項", "同314条の2第2項", "同附則3条の2"]) == [
        "地方税法34条2項", "地方税法314条の2第2項", "地方税法附則3条の2",
    ]  # fmt: skip


def test_a_bar_in_a_cell_does_not_break_the_table() -> None:
    assert pages.table(("a",), [("x|y\nz",)]) == ["| a |", "|---|", "| x\\|y z |"]


def test_a_word_that_the_glossary_does_not_know_is_listed_and_a_known_one_is_not() -> None:
    known = [Term("宛名", "party", ""), Term("納税通知書 / 課税明細書", "tax_notice / tax_statement", "")]
    assert unknown_words(["party_id", "TaxNotice", "kazei_nendo", "kazeiYen"], known) == {"kazei": 2, "nendo": 1}
    assert words_of("HTTPServerKey_no2") == ["http", "server", "key", "no2"]


def test_the_glossary_names_each_thing_once() -> None:
    found = terms()
    assert len(found) > 180
    assert len({(term.japanese, term.identifier) for term in found}) == len(found)
    # Advice only: no romaji has crept into the tables.
    romaji = {"kazei", "nendo", "shotoku", "zei", "juki", "atena", "shimei", "jusho", "nofu", "kojo"}
    assert romaji & set(unknown_words(model_names(), found)) == set()


def test_requirement_marks_of_tests_and_modules_are_gathered(tmp_path: Path) -> None:
    folder = tmp_path / "tests"
    folder.mkdir()
    (folder / "test_a.py").write_text(
        "import pytest\n"
        "pytestmark = [pytest.mark.django_db, pytest.mark.req('R-010')]\n"
        "@pytest.mark.req('R-002')\n@pytest.mark.req('N-003')\n"
        "def test_one(): pass\n"
        "class TestTwo:\n    @pytest.mark.req('R-002')\n    def test_two(self): pass\n",
        encoding="utf-8",
    )
    assert marked_tests(folder) == {
        "N-003": ["tests/test_a.py::test_one"],
        "R-002": ["tests/test_a.py::test_one", "tests/test_a.py::test_two"],
        "R-010": ["tests/test_a.py::test_one", "tests/test_a.py::test_two"],
    }


def test_the_table_of_requirements_ends_with_its_counts(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("requirements_table")
    lines = capsys.readouterr().out.splitlines()
    assert "R-084  1件" in lines
    assert "    tests/intermediary/test_copies.py::" in "\n".join(lines)
    assert lines[-1].startswith(f"要件 {len(marked_tests())}件、印のあるテスト ")
