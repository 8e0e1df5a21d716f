"""Nothing that shows people can be added without being registered and searched (N-087, N-102; DESIGN §4)."""

import ast

import pytest

from addressbook.outputs import registered_outputs
from tests.architecture.source import python_files
from tests.outputs.cases import ACTS, PAGES, PAPERS, WITHIN, WITHOUT_PARTIES
from tests.outputs.crawl import url_names

pytestmark = pytest.mark.req("N-102")


def forms_in_the_house() -> set[str]:
    """form_id of every class that draws a paper."""
    found = set()
    for path in python_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ClassDef):
                found |= {
                    one.value.value
                    for one in node.body
                    if isinstance(one, ast.Assign)
                    and ast.unparse(one.targets[0]) == "form_id"
                    and isinstance(one.value, ast.Constant)
                }
    return found


def test_every_registered_output_has_its_rendering_cases() -> None:
    assert set(registered_outputs()) == {*PAGES, *PAPERS, *WITHIN}


def test_every_address_of_the_house_stands_under_an_output_or_is_said_to_show_nobody() -> None:
    shown = {name for names in PAGES.values() for name in names}
    names = {name for name, _arguments in url_names()}
    assert names == shown | WITHOUT_PARTIES | ACTS
    assert not shown & WITHOUT_PARTIES
    assert not (shown | WITHOUT_PARTIES) & ACTS


def test_every_form_belongs_to_an_output() -> None:
    assert forms_in_the_house() == {form for forms in PAPERS.values() for form in forms}
