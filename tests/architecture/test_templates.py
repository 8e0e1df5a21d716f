"""Rules of templates: no inline script or style, a label for each input, nothing from outside, escaping always on."""

import pytest

from tests.architecture.source import ROOT
from tests.architecture.templates import check_template, template_files

BAD = [
    ("<script>alert(1)</script>", "inline script"),
    ("<style>p{}</style>", "inline style"),
    ('<p style="color:red">', "style attribute"),
    ('<a onclick="go()">x</a>', "onclick"),
    ('<input name="kana">', "without a label"),
    ('<label for="a">A</label><input id="b">', "without a label"),
    ('<img src="/static/a.png">', "without alt"),
    ('<script src="https://cdn.example/x.js"></script>', "leaves the building"),
    ("{{ memo|safe }}", "escaping off"),
]
GOOD = [
    '<script src="{% static "ui/keys.js" %}"></script>',
    '<label for="{{ f.id }}">名</label><input id="{{ f.id }}">',
    '<label>名 <input name="kana"></label>',
    '<input type="hidden" name="csrf">',
    '<input aria-label="検索" name="q">',
    "{# <style> in a comment #}",
]


@pytest.mark.parametrize(("text", "finding"), BAD)
def test_a_fault_is_found(text: str, finding: str) -> None:
    assert any(finding in found for found in check_template(text))


@pytest.mark.parametrize("text", GOOD)
def test_a_sound_template_passes(text: str) -> None:
    assert check_template(text) == []


def test_every_template_of_the_house_is_sound() -> None:
    found = [
        f"{path.relative_to(ROOT)}:{finding}"
        for path in template_files()
        for finding in check_template(path.read_text(encoding="utf-8"))
    ]
    assert found == []
