"""Dates as people and files write them."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from taxsys.kernel import wareki


@pytest.mark.parametrize(
    ("typed", "day"),
    [
        ("R8.11.23", date(2026, 11, 23)),
        ("r8/11/23", date(2026, 11, 23)),
        ("R081123", date(2026, 11, 23)),
        ("20261123", date(2026, 11, 23)),
        ("2026-11-23", date(2026, 11, 23)),
        ("令和8年11月23日", date(2026, 11, 23)),
        ("令８・１１・２３", date(2026, 11, 23)),
        ("S64.1.7", date(1989, 1, 7)),
        ("R1.5.1", date(2019, 5, 1)),
        ("令和元年5月1日", date(2019, 5, 1)),
        ("R元.5.1", date(2019, 5, 1)),
        ("H31.4.30", date(2019, 4, 30)),
        ("T15.12.24", date(1926, 12, 24)),
        ("M1.1.25", date(1868, 1, 25)),
        (" 令和 8年 2月28日 ", date(2026, 2, 28)),
    ],
)
def test_every_typed_form_gives_its_day(typed: str, day: date) -> None:
    assert wareki.parse(typed) == day


@pytest.mark.parametrize(
    ("typed", "message", "offer"),
    [
        ("S64.1.8", "昭和64年は1月7日までです（平成元年1月8日）。", date(1989, 1, 8)),
        ("H31.5.1", "平成31年は4月30日までです（令和元年5月1日）。", date(2019, 5, 1)),
        ("T15.12.25", "大正15年は12月24日までです（昭和元年12月25日）。", date(1926, 12, 25)),
        ("R1.4.30", "令和元年は5月1日からです（平成31年4月30日）。", date(2019, 4, 30)),
        ("S70.1.1", "昭和は64年1月7日までです（平成7年1月1日）。", date(1995, 1, 1)),
        ("R8.2.29", "令和8年2月は28日までです。", None),
        ("R8.13.1", "月は1から12までです（13月は指定できません）。", None),
        ("R0.1.1", "令和の年は1（元）からです。", None),
    ],
)
def test_an_impossible_date_says_why_and_offers_what_was_meant(typed: str, message: str, offer: date | None) -> None:
    with pytest.raises(wareki.WarekiError) as error:
        wareki.parse(typed)
    assert (error.value.message_ja, error.value.offer) == (message, offer)


@pytest.mark.parametrize(
    "typed", ["", "99999999", "5081123", "abc", "R8", "1123", "+7", "t", "R8.11", "2026-2-30", "０", "一" * 500]
)
def test_what_is_no_date_in_a_plain_field_is_an_error(typed: str) -> None:
    with pytest.raises(wareki.WarekiError):
        wareki.parse(typed)


def test_short_forms_work_only_where_the_field_allows_them() -> None:
    assert wareki.parse("1123", default_year=2026) == date(2026, 11, 23)
    assert wareki.parse("3/5", default_year=2026) == date(2026, 3, 5)
    assert wareki.parse("+7", today=date(2026, 12, 28)) == date(2027, 1, 4)
    assert wareki.parse("t", today=date(2026, 12, 28)) == date(2026, 12, 28)


def test_the_two_era_tables_read_the_same_digits_differently() -> None:
    assert wareki.parse("3610402", era_digits="general") == date(1986, 4, 2)
    assert wareki.parse("1610402", era_digits="report") == date(1986, 4, 2)
    assert wareki.from_report_era("3", "40", "1", "5") == date(1907, 1, 5)
    assert wareki.to_report_era(date(1986, 4, 2)) == ("1", "61", "04", "02")


@pytest.mark.parametrize("typed", ["S20.00.00", "不詳", "昭和20年頃", "S20.3.0"])
def test_an_unknown_birth_keeps_its_text_only_where_allowed(typed: str) -> None:
    found = wareki.parse_birth(typed, unknown_allowed=True)
    assert (found.value, found.text, found.is_unknown) == (None, typed, True)
    with pytest.raises(wareki.WarekiError):
        wareki.parse_birth(typed)


@given(st.dates(date(1868, 1, 25), date(2099, 12, 31)))
def test_every_day_comes_back_from_every_form(day: date) -> None:
    assert wareki.parse(wareki.format_long(day)) == day
    assert wareki.parse(wareki.format_short(day)) == day
    assert wareki.from_wareki7(wareki.to_wareki7(day)) == day
    assert wareki.from_report7(wareki.to_report7(day)) == day


@given(st.text(max_size=40))
def test_no_text_crashes_the_parser(typed: str) -> None:
    try:
        assert isinstance(wareki.parse(typed, default_year=2026, today=date(2026, 1, 1), era_digits="general"), date)
    except wareki.WarekiError as error:
        message = error.message_ja
    else:
        message = "x"
    assert message


def test_era_boundaries_are_the_days_of_the_law() -> None:
    for era, following in zip(wareki.ERAS, wareki.ERAS[1:], strict=False):
        assert following.first - (era.last or date.max) == timedelta(days=1)
    assert [wareki.era_of(d).name for d in (date(1989, 1, 7), date(1989, 1, 8))] == ["昭和", "平成"]


def test_writing_and_years() -> None:
    assert wareki.format_long(date(2026, 11, 20)) == "令和8年11月20日"
    assert wareki.format_long(date(2019, 5, 1)) == "令和元年5月1日"
    assert wareki.format_short(date(2026, 11, 20)) == "R8.11.20"
    assert wareki.format_year(2026) == "令和8"
    assert wareki.format_year(2019) == "令和元"
    assert wareki.echo(date(2026, 11, 23)) == "令和8年11月23日（2026-11-23）月曜日"
    assert wareki.western_year("08") == 2026
    assert wareki.to_wareki_year(2025, era="令和") == "07"


def test_lenient_reading_converts_an_era_kept_too_long_and_says_so() -> None:
    assert wareki.from_wareki7_lenient("4310501") == (date(2019, 5, 1), True)
    assert wareki.from_wareki7_lenient("5080401") == (date(2026, 4, 1), False)


@pytest.mark.parametrize(
    ("mmdd", "near", "day"),
    [
        ("1231", date(2027, 1, 5), date(2026, 12, 31)),
        ("0105", date(2026, 12, 28), date(2027, 1, 5)),
        ("0229", date(2027, 3, 1), date(2028, 2, 29)),
    ],
)
def test_a_day_without_year_takes_the_nearest_one(mmdd: str, near: date, day: date) -> None:
    assert wareki.mmdd_nearest(mmdd, near) == day


def test_open_ends_are_no_dates() -> None:
    assert wareki.from_open_iso("0000-01-01") is None
    assert wareki.from_open_iso("9999-12-31") is None
    assert wareki.from_open_iso("2026-01-01") == date(2026, 1, 1)
