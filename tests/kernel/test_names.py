"""Kana keys, bank characters, character sets and open days."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxsys.kernel import calendar, kana, text


@pytest.mark.parametrize(
    ("given_text", "strict", "loose"),
    [
        ("おおの　ゆうじ", "オオノユウジ", "オノユウシ"),
        ("ｵｵﾉ ﾕｳｼﾞ", "オオノユウジ", "オノユウシ"),
        ("ヴァンサン・キャロル", "バンサンキヤロル", "ハンサンキヤロル"),
        ("コウイチロウ", "コウイチロウ", "コイチロ"),
        ("エイコ", "エイコ", "エコ"),
        ("ヂヅヲヰヱ", "ジズオイエ", "シスオイエ"),
        ("ケーキ-ヤ", "ケキヤ", "ケキヤ"),
    ],
)
def test_search_keys(given_text: str, strict: str, loose: str) -> None:
    assert (kana.strict_key(given_text), kana.loose_key(given_text)) == (strict, loose)


@given(st.text("あいうえおがぱゃっゔアイヴァヂヅヲヰヱカガーｶﾞﾟｰ 　・-ABCabcＡ１1旭川髙", max_size=30))
def test_keys_of_keys_are_the_same_keys(name: str) -> None:
    assert kana.strict_key(kana.strict_key(name)) == kana.strict_key(name)


@pytest.mark.parametrize(
    ("name", "bank"),
    [
        ("ヨーコ", "ﾖ-ｺ"),
        ("キャノン", "ｷﾔﾉﾝ"),
        ("（カ）ホクヨウ", "(ｶ)ﾎｸﾖｳ"),
        ("ヴィラ　きょーこ", "ｳﾞｲﾗ ｷﾖ-ｺ"),
        ("ＡＢｃ１", "ABC1"),
    ],
)
def test_names_for_bank_files(name: str, bank: str) -> None:
    assert kana.zengin(name) == bank
    assert kana.is_zengin(bank)


@pytest.mark.parametrize("name", ["タロウ／ハナコ", "株式会社", "ヲガワ", "ア，イ", "￥", "ア\x00"])
def test_characters_that_bank_files_do_not_allow_are_listed(name: str) -> None:
    with pytest.raises(kana.NotAllowedCharacter) as refused:
        kana.zengin(name)
    assert refused.value.characters


def test_edi_allows_more_and_salary_less() -> None:
    assert kana.zengin("ヲ/A", kind="edi") == "ｦ/A"
    with pytest.raises(kana.NotAllowedCharacter):
        kana.zengin("A", kind="salary")


def test_a_voicing_mark_is_never_parted_from_its_base() -> None:
    assert kana.zengin_field("ガクブチ", 5) == "ｶﾞｸﾌﾞ"
    assert kana.zengin_field("ガクブチ", 4) == "ｶﾞｸ "
    assert text.truncate_cp932("漢字", 3) == "漢"


def test_legal_forms_by_position() -> None:
    assert kana.corporate_abbreviation("株式会社ホクヨウ") == "カ)ホクヨウ"
    assert kana.corporate_abbreviation("ホクヨウ株式会社") == "ホクヨウ(カ"
    assert kana.account_name_key("カ)ホクヨウ") == kana.account_name_key("ｶ ﾎｸﾖｳ")


def test_half_and_full_width() -> None:
    assert kana.to_half("ガッコウＡ１") == "ｶﾞｯｺｳA1"
    assert kana.to_full("ｶﾞｯｺｳ") == "ガッコウ"


@pytest.mark.parametrize(
    ("char", "jis", "cp932"),
    [
        ("髙", False, True),
        ("﨑", False, True),
        ("①", False, True),
        ("～", False, True),
        ("𠮷", False, False),
        ("旭", True, True),
        ("－", False, True),
    ],
)
def test_character_sets(char: str, jis: bool, cp932: bool) -> None:
    assert (text.fits_jis_x0208(char), text.fits_cp932(char)) == (jis, cp932)


def test_lengths_count_characters_and_not_selectors() -> None:
    name = "𠮷野　家\U000e0101"
    assert (text.character_count(name), len(name), text.utf16_units(name)) == (4, 5, 7)


def test_reduction_for_output_is_flagged_and_never_silent() -> None:
    assert text.reduced("𠮷野　髙子", "shift_jis") == ("吉野　高子", True)
    assert text.reduced("吉野", "shift_jis") == ("吉野", False)
    with pytest.raises(text.UnencodableText):
        text.reduced("𠀋", "shift_jis")


def test_variants_are_folded_for_search_only() -> None:
    assert text.fold_variants("髙﨑　𠮷邉") == text.fold_variants("高崎　吉辺")


def test_double_byte_items_keep_their_width() -> None:
    assert text.encode_2022("旭川").hex() == "1b24423030406e1b2842"
    assert len(text.encode_2022("旭川", width=50)) == 56
    assert text.decode_2byte(bytes.fromhex("3030406e")) == "旭川"
    with pytest.raises(text.UnencodableText):
        text.encode_2022("漢" * 26, width=50)
    with pytest.raises(text.UnencodableText):
        text.encode_2022("𠮷")


@pytest.mark.parametrize(
    ("day", "rolled"),
    [
        (date(2026, 11, 21), date(2026, 11, 24)),
        (date(2026, 12, 29), date(2027, 1, 4)),
        (date(2026, 5, 3), date(2026, 5, 7)),
        (date(2026, 6, 30), date(2026, 6, 30)),
        (date(2026, 9, 21), date(2026, 9, 24)),
    ],
)
def test_a_limit_on_a_closed_day_moves_to_the_next_open_one(day: date, rolled: date) -> None:
    assert calendar.next_business_day(day) == rolled
    assert calendar.is_business_day(day) == (day == rolled)


def test_business_days_are_counted_both_ways() -> None:
    assert calendar.add_business_days(date(2026, 11, 20), 2) == date(2026, 11, 25)
    assert calendar.add_business_days(date(2026, 11, 25), -2) == date(2026, 11, 20)
    assert calendar.roll_note(date(2026, 11, 21)) == "土曜日のため11月24日"
