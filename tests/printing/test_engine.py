"""Text: complete, copyable, inside its box, never a silent box for a missing character."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen
from hypothesis import given, settings
from hypothesis import strategies as st

from taxsys.platform.printing import fonts as font_module
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.errors import MissingGlyph, TextDoesNotFit
from taxsys.platform.printing.fitting import NO_END, NO_START, fit, wrap
from taxsys.platform.printing.fonts import Face, FontSet
from tests.printing.conftest import FONT_CACHE, page_texts

RARE = "𪚥"
VARIANT = "斉\U000e0150"


def _small_font(path: Path) -> Path:
    """A font with one rare character and one variation sequence, as IPAmj Mincho has them."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    pen.lineTo((0, 800))
    pen.lineTo((800, 800))
    pen.closePath()
    square = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    names = [".notdef", "rare", "plain", "variant"]
    builder.setupGlyphOrder(names)
    uvs = [(ord("斉"), 0xE0150, "variant")]
    builder.setupCharacterMap({ord(RARE): "rare", ord("斉"): "plain"}, uvs=uvs)
    builder.setupGlyf(dict.fromkeys(names, square))
    builder.setupHorizontalMetrics(dict.fromkeys(names, (1000, 0)))
    builder.setupHorizontalHeader(ascent=880, descent=-120)
    builder.setupNameTable({"familyName": "Test", "styleName": "Regular", "psName": "Test-Regular"})
    builder.setupOS2()
    builder.setupPost()
    builder.save(path)
    return path


@pytest.fixture
def with_fallback(fonts, tmp_path: Path) -> dict[str, FontSet]:
    face = Face(_small_font(tmp_path / "small.ttf"), "X1")
    return {weight: FontSet((one.body, face)) for weight, one in fonts.items()}


def _book(fonts, *texts: str) -> bytes:
    book = Book(title="文字", fonts=fonts)
    sheet = book.page()
    for n, text in enumerate(texts):
        sheet.text(20, 20 + 10 * n, text, size=12)
    sheet.close()
    return book.finish()


def test_copied_text_is_the_data_above_the_basic_plane_too(fonts) -> None:
    names = ("𠮷田　髙﨑", "濵田　德栁", "𡈽屋㐧一", "△1,234円")
    text = page_texts(_book(fonts, *names))[0]
    for name in names:
        assert "".join(name.split()) in "".join(text.split())


def test_variation_sequence_of_the_font_is_drawn_and_copied_as_it_is(fonts) -> None:
    assert fonts["regular"].missing("邉\U000e0100") == ()
    content = _book(fonts, "渡邉\U000e0100")
    assert len(content) > 0
    assert "渡邉" in page_texts(content)[0]


def test_missing_character_stops_the_print_and_names_the_person(fonts) -> None:
    book = Book(title="文字", fonts=fonts)
    book.owner("田中　" + RARE)
    with pytest.raises(MissingGlyph) as caught:
        book.page().text(10, 10, "田中　" + RARE)
    assert caught.value.character == RARE
    assert caught.value.owner == "田中　" + RARE
    assert "U+2A6A5" in caught.value.message_ja
    assert "IPAmj明朝" in caught.value.message_ja


@pytest.mark.parametrize("control", ["\x00", "\t", "\x7f", "\ufffe", "\ud800", "\U000e0100"])
def test_control_characters_and_lone_selectors_are_refused_not_drawn(fonts, control: str) -> None:
    with pytest.raises(MissingGlyph):
        Book(title="文字", fonts=fonts).page().text(10, 10, f"あ{control}" if ord(control) < 0xE0000 else control)


def test_fallback_is_taken_character_by_character(with_fallback) -> None:
    text = f"田中{RARE}一"
    runs = with_fallback["regular"].runs(text)
    assert [("".join(r.clusters), r.face.label) for r in runs] == [("田中", "R"), (RARE, "X1"), ("一", "R")]
    assert text in page_texts(_book(with_fallback, text))[0]


def test_variant_form_comes_from_the_fallback_that_has_it(with_fallback) -> None:
    runs = with_fallback["regular"].runs(f"斉{VARIANT}")
    assert [r.face.label for r in runs] == ["R", "X1"]
    assert "斉斉" in page_texts(_book(with_fallback, f"斉{VARIANT}"))[0].replace("\U000e0150", "")


def test_fallback_folder_is_read_when_fonts_are_loaded(tmp_path: Path) -> None:
    _small_font(tmp_path / "ipamj-like.ttf")
    loaded = font_module.load(FONT_CACHE, (tmp_path,))
    assert loaded["regular"].missing(RARE) == ()
    assert loaded["bold"].missing(RARE) == ()


def test_same_calls_give_same_bytes(with_fallback) -> None:
    texts = ("架空　花子", f"𠮷{RARE}{VARIANT}", "1,234円")
    assert _book(with_fallback, *texts) == _book(with_fallback, *texts)


def test_bytes_do_not_depend_on_what_was_drawn_before(with_fallback) -> None:
    alone = _book(with_fallback, f"𠮷{RARE}")
    _book(with_fallback, "別の帳票", VARIANT + "𡈽")
    assert _book(with_fallback, f"𠮷{RARE}") == alone


SIZES = st.floats(min_value=20, max_value=120)


@settings(max_examples=150, deadline=None)
@given(
    text=st.text(
        st.sampled_from("架空花子ーァ、。（）「」ABCabc0123456789-, 　\n𠮷髙﨑あいう株式会社"), min_size=1, max_size=120
    ),
    w=SIZES,
    h=st.floats(min_value=4, max_value=30),
    align=st.sampled_from("lcr"),
    valign=st.sampled_from("tmb"),
)
def test_cell_keeps_every_character_inside_its_box_or_refuses(fonts, text, w, h, align, valign) -> None:
    book = Book(title="枠", fonts=fonts, trace=True)
    sheet = book.page()
    try:
        sheet.cell((10, 10, w, h), text, size=10, align=align, valign=valign)
    except TextDoesNotFit:
        with pytest.raises(TextDoesNotFit):
            fit(text, width_of=fonts["regular"].width, box_mm=(w - 2, h - 0.4), size=4.0, min_size=4.0)
        return
    assert "".join(p.text for p in sheet.placed) == text.replace("\n", "")
    lines = sorted(sheet.placed, key=lambda p: p.y0)
    for placed in lines:
        assert placed.x0 >= 10 - 0.01
        assert placed.x1 <= 10 + w + 0.01
        assert placed.y0 >= 10 - 0.05
        assert placed.y1 <= 10 + h + 0.05
    for upper, lower in pairwise(lines):
        assert lower.y0 >= upper.y1 - 0.01


def test_too_long_a_text_is_refused_with_its_beginning(fonts) -> None:
    with pytest.raises(TextDoesNotFit, match="架空架空"):
        Book(title="枠", fonts=fonts).page().cell((10, 10, 20, 5), "架空" * 200)


@settings(max_examples=200, deadline=None)
@given(
    st.text(st.sampled_from("漢字かな、。）」「（ー%1234,"), min_size=1, max_size=80),
    st.integers(min_value=6, max_value=30),
)
def test_wrapped_lines_hold_the_text_and_fit(text: str, columns: int) -> None:
    lines = wrap(text, lambda part: len(part) * 1000.0, columns * 1000.0)
    assert "".join(lines) == text
    assert all(len(line) <= columns for line in lines)


def test_no_line_begins_with_a_full_stop_or_ends_with_an_opening_bracket() -> None:
    text = "期限までに、納めて（くだ）さい。税額は「百円」です。" * 4
    for columns in range(6, 24):
        lines = wrap(text, lambda part: len(part) * 1000.0, columns * 1000.0)
        assert all(line[0] not in NO_START for line in lines[1:])
        assert all(line[-1] not in NO_END for line in lines[:-1])


def test_numbers_are_not_broken_over_lines() -> None:
    lines = wrap("延滞金は1,234,567円", lambda part: len(part) * 1000.0, 11_000.0)
    assert lines == ["延滞金は", "1,234,567円"]
