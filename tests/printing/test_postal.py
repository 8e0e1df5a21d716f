"""The numbers of an address in the postal bar code: the examples of the post office's manual (zipmanual p19–p25)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxsys.platform.printing import codes
from taxsys.platform.printing.postal import address_code, behind_town


@pytest.mark.parametrize(
    ("zip7", "after_town", "expected"),
    [
        ("2630023", "3丁目30-8　郵便ビル403号", "26300233-30-8-403ddd5"),
        ("0140113", "南田茂木　添60-1", "014011360-1dddddddddh"),
        ("1100016", "5-6-3　ABCビル10F", "11000165-6-3-10ddddd9"),
        ("0600906", "4丁目　郵便センター6号館", "06009064-6dddddddddd9"),
        ("0650006", "8丁目　郵便センター10号館", "06500068-10ddddddddd9"),
        ("4070033", "韮崎400", "4070033400dddddddddd-"),
        ("2730102", "東3丁目-20-5　郵便・A&bコーポB604号", "27301023-20-5a1604dd0"),
        ("1000013", "1丁目3番2号　郵便プラザ503室", "10000131-3-2-503dddd9"),
    ],
)
def test_examples_with_check_digit(zip7: str, after_town: str, expected: str) -> None:
    assert codes.customer_symbols(zip7, address_code(after_town)) == expected


@pytest.mark.parametrize(
    ("after_town", "expected"),
    [
        ("十一丁目六番地一号　郵便タワー601", "11-6-1-601"),
        ("第二十一地割大淵川480", "21-480"),
        ("四丁六番十九号", "4-6-19"),
        ("南七線　西28", "7-28"),
        ("6丁目7-14　ABCビル2F", "6-7-14-2"),
        ("9丁目7-6　郵便シティA棟1F1号", "9-7-6A1-1"),
        ("６丁目７－１４", "6-7-14"),
        ("三条通（角地）", ""),
        ("", ""),
    ],
)
def test_numbers_are_taken_out_by_the_rules(after_town: str, expected: str) -> None:
    assert address_code(after_town) == expected


def test_twenty_symbols_are_kept_and_a_cut_letter_leaves_its_control_code() -> None:
    symbols = codes.customer_symbols("9100067", address_code("3丁目80-25　J1ビル2-B"))
    assert symbols[:20] == "91000673-80-25a91-2a"


@given(st.text(max_size=60))
def test_any_text_gives_symbols_that_can_be_printed(text: str) -> None:
    symbols = codes.customer_symbols("0708525", address_code(text))
    assert len(symbols) == 21
    assert len(codes.customer_bars(symbols)) == 67


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        ("北門町三丁目5番22号", "3-5-22"),
        ("旭川市７条通９丁目48番地の２", "9-48-2"),
        ("東光10条3丁目1-12", "3-1-12"),
        ("大町四丁目20番3号", "4-20-3"),
        ("見本町　1234", "1234"),
        ("三条通", ""),
    ],
)
def test_numbers_behind_a_town_that_the_master_does_not_know(address: str, expected: str) -> None:
    assert address_code(behind_town(address)) == expected
