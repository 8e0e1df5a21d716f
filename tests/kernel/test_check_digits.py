"""Check digits catch what they are made to catch."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxsys.kernel import checkdigits

DIGITS = "0123456789"


@pytest.mark.req("R-208")
@given(st.text(DIGITS, min_size=11, max_size=11), st.integers(0, 10), st.sampled_from(DIGITS))
def test_a_right_my_number_is_valid_and_one_wrong_digit_is_mostly_not(first: str, place: int, digit: str) -> None:
    number = first + str(checkdigits.my_number_check(first))
    assert checkdigits.my_number_valid(number)
    changed = number[:place] + digit + number[place + 1 :]
    # Remainders 0 and 1 share the digit zero, so only those two can hide one wrong digit.
    assert changed == number or not checkdigits.my_number_valid(changed) or number[-1] == "0"


@given(st.text(DIGITS, min_size=12, max_size=12))
def test_exactly_one_leading_digit_makes_a_corporate_number(base: str) -> None:
    assert [d for d in DIGITS if checkdigits.corporate_no_valid(d + base)] == [
        str(checkdigits.corporate_no_check(base))
    ]


@pytest.mark.parametrize(
    ("five", "six"), [("01204", "012041"), ("01100", "011002"), ("13101", "131016"), ("47201", "472018")]
)
def test_municipality_codes_of_the_list(five: str, six: str) -> None:
    assert checkdigits.municipality_code6(five) == six
    assert checkdigits.municipality_code_valid(six)


@given(st.text(DIGITS, min_size=43, max_size=43), st.integers(0, 42), st.sampled_from(DIGITS))
def test_the_bar_code_digit_catches_every_single_wrong_digit(body: str, place: int, digit: str) -> None:
    changed = body[:place] + digit + body[place + 1 :]
    assert changed == body or checkdigits.gs1_mod10(changed) != checkdigits.gs1_mod10(body)


def test_customer_bar_code_and_postal_line_of_published_examples() -> None:
    body = [*"1000013", *"1-3-2-503", *["CC4"] * 4]
    assert checkdigits.customer_barcode_mod19(body) == "9"
    assert checkdigits.postal_ocr("0015090058400000012345200000000025207") == (4, 4)


@pytest.mark.parametrize(
    "text", ["", "12345678901", "1234567890123", "12345678901a", "１２３４５６７８９０１８", "²" * 12]
)
def test_what_is_no_twelve_digits_is_no_my_number(text: str) -> None:
    assert not checkdigits.my_number_valid(text)


@pytest.mark.parametrize(
    "call",
    [
        checkdigits.my_number_check,
        checkdigits.corporate_no_check,
        checkdigits.municipality_check,
        checkdigits.gs1_mod10,
        checkdigits.postal_ocr,
        checkdigits.mod11_own,
    ],
)
@pytest.mark.parametrize("text", ["", "x", "１"])
def test_wrong_shapes_raise(call: object, text: str) -> None:
    with pytest.raises(ValueError):
        call(text)  # type: ignore[operator]
