"""Bar codes and QR: what is printed is what a scanner reads."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from taxsys.platform.printing import codes
from taxsys.platform.printing.engine import Book
from taxsys.platform.printing.errors import CodeRefused
from tests.printing import samples
from tests.printing.conftest import decoded, render


def _page(fonts, draw) -> bytes:
    book = Book(title="符号", fonts=fonts)
    sheet = book.page()
    draw(sheet)
    sheet.close()
    return book.finish()


@pytest.mark.parametrize(("dpi", "one_bit"), [(300, False), (300, True), (600, True)])
def test_the_44_digits_are_read_back(fonts, dpi: int, one_bit: bool) -> None:
    digits = samples.cvs44(123_456, date(2026, 6, 30), 987_654_321)
    pdf = _page(fonts, lambda sheet: sheet.gs1_128(31.7, 50, digits, height=11))
    assert decoded(render(pdf, dpi=dpi, one_bit=one_bit)) == {"]C1": [f"(91){digits[2:]}"]}


def test_qr_is_read_back_from_a_200_dpi_one_bit_picture(fonts) -> None:
    payload = "TEST:elqr/local-v1:012041:010:00000000000000000001:0000025000:20260630:000123"
    pdf = _page(fonts, lambda sheet: sheet.qr(33.3, 41.7, payload, dots=4))
    assert decoded(render(pdf, dpi=200, one_bit=True)) == {"]Q1": [payload]}


def test_symbol_with_quiet_zones_fits_a_60_mm_reader(fonts) -> None:
    _, modules = codes.gs1_128_bars("91" + "0" * 42)
    module_mm = codes.MODULE_DOTS * 25.4 / 300
    assert modules == 288
    assert (modules + 2 * codes.QUIET_MODULES) * module_mm < 60


@settings(max_examples=10, deadline=None)
@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=120))
def test_any_ascii_payload_is_read_back_from_the_qr(fonts, text: str) -> None:
    pdf = _page(fonts, lambda sheet: sheet.qr(40, 40, text, dots=4))
    assert [t for texts in decoded(render(pdf)).values() for t in texts] == [text]


def test_postal_bar_code_check_of_the_post_office_example() -> None:
    assert codes.customer_symbols("1000013", "1-3-2-503") == "10000131-3-2-503dddd9"


def test_letters_of_an_address_become_control_code_and_digit() -> None:
    symbols = codes.customer_symbols("0600906", "3-23-A301")
    assert symbols[7:20] == "3-23-a0301ddd"
    assert len(codes.customer_bars(symbols)) == 67


@pytest.mark.parametrize("bad", ["9", "91x0", "", "９１"])
def test_bar_code_refuses_other_than_an_even_number_of_digits(bad: str) -> None:
    with pytest.raises(CodeRefused):
        codes.gs1_128_bars(bad)


@pytest.mark.parametrize(
    ("zip7", "address"), [("070852", "1"), ("07085２5", "1"), ("0708525", "１"), ("0708525", "1/2")]
)
def test_postal_bar_code_refuses_what_it_cannot_show(zip7: str, address: str) -> None:
    with pytest.raises(CodeRefused):
        codes.customer_symbols(zip7, address)


def test_qr_refuses_more_than_it_holds() -> None:
    with pytest.raises(CodeRefused, match="QRコード"):
        codes.qr_matrix("x" * 8_000)
