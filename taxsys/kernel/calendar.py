"""閉庁日と期限: days on which offices are closed and the roll of a time limit (地方税法20条の5, 同法施行令6条の18)."""

from datetime import date, timedelta
from functools import lru_cache

import holidays


@lru_cache(maxsize=256)
def _national_holidays(year: int) -> dict[date, str]:
    return dict(holidays.country_holidays("JP", years=year, language="ja"))


def holiday_name(day: date) -> str:
    """Japanese name of the reason why a day is closed, or "" on a business day."""
    if name := _national_holidays(day.year).get(day):
        return name
    if (day.month, day.day) in {(12, 29), (12, 30), (12, 31), (1, 2), (1, 3)}:
        return "年末年始"
    if day.weekday() == 5:
        return "土曜日"
    if day.weekday() == 6:
        return "日曜日"
    return ""


def is_business_day(day: date) -> bool:
    """False on weekends, national holidays and 29 December to 3 January."""
    return not holiday_name(day)


def next_business_day(day: date) -> date:
    """The day itself when open, else the first open day after it: where a time limit falls (地方税法20条の5第2項)."""
    while not is_business_day(day):
        day += timedelta(days=1)
    return day


def add_business_days(day: date, count: int) -> date:
    """The day `count` business days after (or, negative, before) a day; that day itself is not counted."""
    step = timedelta(days=1 if count >= 0 else -1)
    left = abs(count)
    while left:
        day += step
        if is_business_day(day):
            left -= 1
    return day


def years_after(day: date, years: int) -> date:
    """The same day so many years later (negative: earlier); 29 February is the 28th where the year has no 29th."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def roll_note(day: date) -> str:
    """What a screen shows when a time limit moves: 土曜日のため11月24日; "" when it does not."""
    rolled = next_business_day(day)
    return "" if rolled == day else f"{holiday_name(day)}のため{rolled.month}月{rolled.day}日"


def fiscal_year(on: date) -> int:
    """会計年度 of a day: from 1 April (地方自治法208条)."""
    return on.year if on.month >= 4 else on.year - 1
