"""和暦: eras as a table, reading what people and files write, and writing it again.

Two code tables exist and must never be mixed: the chronological one (明1 大2 昭3 平4 令5) of core systems and of
national XML, and the one of the statutory reports 315 and 331 (昭1 大2 明3 平4 令5).
"""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal


@dataclass(frozen=True)
class Era:
    """One era: first day, last day (None = still running), letter and the two code digits."""

    name: str
    short: str
    letter: str
    code: int
    report_code: int
    first: date
    last: date | None


ERAS: tuple[Era, ...] = (
    Era("明治", "明", "M", 1, 3, date(1868, 1, 25), date(1912, 7, 29)),
    Era("大正", "大", "T", 2, 2, date(1912, 7, 30), date(1926, 12, 24)),
    Era("昭和", "昭", "S", 3, 1, date(1926, 12, 25), date(1989, 1, 7)),
    Era("平成", "平", "H", 4, 4, date(1989, 1, 8), date(2019, 4, 30)),
    Era("令和", "令", "R", 5, 5, date(2019, 5, 1), None),
)
EraTable = Literal["general", "report"]
_MARKS = {mark: era for era in ERAS for mark in (era.name, era.short, era.letter)}
_WEEKDAYS = "月火水木金土日"
_OPEN = {"0000-01-01", "9999-12-31"}
_ERA_TEXT = re.compile(
    r"^(明治|大正|昭和|平成|令和|[明大昭平令MTSHR])(\d{1,2}|元)(?:[年./-](\d{1,2})[月./-](\d{1,2})日?)$"
)
_ERA_SOLID = re.compile(r"^(明治|大正|昭和|平成|令和|[明大昭平令MTSHR])(\d{2})(\d{2})(\d{2})$")
_WESTERN = re.compile(r"^(\d{4})[年./-](\d{1,2})[月./-](\d{1,2})日?$")
_UNKNOWN = re.compile(
    r"^(明治|大正|昭和|平成|令和|[明大昭平令MTSHR])?(\d{1,4}|元)[年./-]?(\d{1,2})?[月./-]?(\d{1,2})?日?(頃|不詳)?$"
)


class WarekiError(ValueError):
    """A date that cannot be read; `message_ja` is for the person who typed it, `offer` is what may have been meant."""

    def __init__(self, message_ja: str, *, offer: date | None = None, reason: str = "format") -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja
        self.offer = offer
        self.reason = reason


@dataclass(frozen=True)
class TypedDate:
    """What was typed: the date, or None with the text kept when the day is unknown (不詳)."""

    value: date | None
    text: str

    @property
    def is_unknown(self) -> bool:
        """True when the register itself does not know the day."""
        return self.value is None


def era_of(day: date) -> Era:
    """The era of a day. WarekiError before 明治."""
    for era in reversed(ERAS):
        if day >= era.first:
            return era
    raise WarekiError("明治より前の日付は扱えません。")


def era_year(day: date) -> tuple[Era, int]:
    """The era of a day and the year in it (元年 = 1)."""
    era = era_of(day)
    return era, day.year - era.first.year + 1


def format_long(day: date) -> str:
    """令和8年11月20日; the first year is written 元年."""
    era, year = era_year(day)
    return f"{era.name}{'元' if year == 1 else year}年{day.month}月{day.day}日"


def format_short(day: date) -> str:
    """R8.11.20."""
    era, year = era_year(day)
    return f"{era.letter}{year}.{day.month}.{day.day}"


def format_year(tax_year: int) -> str:
    """A 年度 or 年分 in wareki without the word year: 令和8 for 2026. The era is that of the last day of the year."""
    era, year = era_year(date(tax_year, 12, 31))
    return f"{era.name}{'元' if year == 1 else year}"


def echo(day: date) -> str:
    """令和8年11月23日（2026-11-23）月曜日 — what stands below a date box."""
    return f"{format_long(day)}（{day.isoformat()}）{_WEEKDAYS[day.weekday()]}曜日"


def day_in_era(era: Era, year: int, month: int, day: int) -> date:
    """The day of an era year. WarekiError with a Japanese reason, and an offer where only the era name is wrong."""
    western = era.first.year + year - 1
    if year < 1:
        raise WarekiError(f"{era.name}の年は1（元）からです。", reason="range")
    if not 1 <= month <= 12:
        raise WarekiError(f"月は1から12までです（{month}月は指定できません）。", reason="no_such_day")
    last = _month_end(western, month)
    if not 1 <= day <= last:
        raise WarekiError(
            f"{era.name}{'元' if year == 1 else year}年{month}月は{last}日までです。", reason="no_such_day"
        )
    found = date(western, month, day)
    if era.last is not None and found > era.last:
        other = format_long(found)
        last_text = f"{era.last.month}月{era.last.day}日"
        raise WarekiError(
            f"{era.name}{year}年は{last_text}までです（{other}）。"
            if western == era.last.year
            else f"{era.name}は{era.last.year - era.first.year + 1}年{last_text}までです（{other}）。",
            offer=found,
            reason="era_ended",
        )
    if found < era.first:
        raise WarekiError(
            f"{era.name}元年は{era.first.month}月{era.first.day}日からです（{format_long(found)}）。",
            offer=found,
            reason="era_not_begun",
        )
    return found


def _month_end(year: int, month: int) -> int:
    following = date(year + 1, 1, 1) if month == 12 else date(year, month + 1, 1)
    return (following - timedelta(days=1)).day


def normalise(text: str) -> str:
    """Full width to half, case and separators made one, spaces taken out; what `parse` reads."""
    flat = unicodedata.normalize("NFKC", text).strip().upper()
    return re.sub(r"[・、,]", ".", re.sub(r"\s+", "", flat)).replace("−", "-").replace("ー", "-")


def parse(
    text: str,
    *,
    default_year: int | None = None,
    today: date | None = None,
    era_digits: EraTable | None = None,
) -> date:
    """A date as people type it: wareki in any form, western, month-day with `default_year`, `t` and `+n` with `today`.

    `era_digits` allows the seven-digit form with the named era table. Raises WarekiError with a Japanese message.
    """
    flat = normalise(text)
    if not flat:
        raise WarekiError("日付を入力してください。", reason="empty")
    if today is not None:
        if flat == "T":
            return today
        if moved := re.match(r"^\+(\d{1,4})$", flat):
            return today + timedelta(days=int(moved[1]))
    if found := _ERA_TEXT.match(flat) or _ERA_SOLID.match(flat):
        year = 1 if found[2] == "元" else int(found[2])
        return day_in_era(_MARKS[found[1]], year, int(found[3]), int(found[4]))
    if found := _WESTERN.match(flat) or re.match(r"^(\d{4})(\d{2})(\d{2})$", flat):
        return _western(int(found[1]), int(found[2]), int(found[3]))
    if re.match(r"^\d{7}$", flat):
        if era_digits is None:
            raise WarekiError(
                "元号を数字で表した7桁の日付は、この欄では使えません。令和8年11月23日のように入力してください。"
            )
        return from_wareki7(flat) if era_digits == "general" else from_report7(flat)
    if default_year is not None and (found := re.match(r"^(\d{1,2})[月./-](\d{1,2})日?$|^(\d{2})(\d{2})$", flat)):
        return _western(default_year, int(found[1] or found[3]), int(found[2] or found[4]))
    raise WarekiError("日付として読めません。令和8年11月23日、R8.11.23、20261123 のように入力してください。")


def parse_birth(text: str, *, unknown_allowed: bool = False, era_digits: EraTable | None = None) -> TypedDate:
    """A birth date; with `unknown_allowed`, a 不詳 day (S20.00.00, 昭和20年頃, 不詳) keeps its text and has no date."""
    flat = normalise(text)
    if unknown_allowed and (flat == "不詳" or _is_unknown(flat)):
        return TypedDate(None, text.strip())
    return TypedDate(parse(text, era_digits=era_digits), text.strip())


def _is_unknown(flat: str) -> bool:
    found = _UNKNOWN.match(flat)
    if not found:
        return False
    parts = [found[3], found[4]]
    return found[5] is not None or any(part is not None and int(part) == 0 for part in parts)


def _western(year: int, month: int, day: int) -> date:
    if not 1868 <= year <= 2199:
        raise WarekiError("年は1868年から2199年までの西暦で入力してください。", reason="range")
    if not 1 <= month <= 12:
        raise WarekiError(f"月は1から12までです（{month}月は指定できません）。", reason="no_such_day")
    if not 1 <= day <= (last := _month_end(year, month)):
        raise WarekiError(f"{year}年{month}月は{last}日までです。", reason="no_such_day")
    return date(year, month, day)


def _from_seven(text: str, *, table: EraTable, lenient: bool) -> tuple[date, bool]:
    if not re.fullmatch(r"[0-9]{7}", text):
        raise WarekiError("元号の数字1桁と年月日6桁の、7桁の数字が必要です。")
    era = era_by_code(int(text[0]), table=table)
    try:
        return day_in_era(era, int(text[1:3]), int(text[3:5]), int(text[5:7])), False
    except WarekiError as error:
        if lenient and error.offer is not None:
            return error.offer, True
        raise


def era_by_code(code: int, *, table: EraTable = "general") -> Era:
    """The era of a code digit in the named table. WarekiError on an unknown digit."""
    for era in ERAS:
        if (era.code if table == "general" else era.report_code) == code:
            return era
    raise WarekiError(f"元号の数字{code}は使われていません。", reason="era_code")


def from_wareki7(text: str) -> date:
    """Day of a seven-digit wareki with chronological era digit (5080401 → 2026-04-01). WarekiError when impossible."""
    return _from_seven(text, table="general", lenient=False)[0]


def from_wareki7_lenient(text: str) -> tuple[date, bool]:
    """Like `from_wareki7`, but an era kept too long or used too early is converted; the flag says that it was."""
    return _from_seven(text, table="general", lenient=True)


def to_wareki7(day: date) -> str:
    """Seven digits with the chronological era digit."""
    era, year = era_year(day)
    return f"{era.code}{year:02d}{day.month:02d}{day.day:02d}"


def from_report7(text: str) -> date:
    """Day of a seven-digit wareki with the era digit of reports 315 and 331. WarekiError when impossible."""
    return _from_seven(text, table="report", lenient=False)[0]


def to_report7(day: date) -> str:
    """Seven digits with the era digit of reports 315 and 331."""
    era, year = era_year(day)
    return f"{era.report_code}{year:02d}{day.month:02d}{day.day:02d}"


def from_report_era(era: str, yy: str, mm: str, dd: str) -> date:
    """Day of the four birth items of reports 315 and 331. WarekiError when impossible."""
    for part in (era, yy, mm, dd):
        if not (part.isascii() and part.isdigit()):
            raise WarekiError("元号・年・月・日は数字が必要です。")
    return from_report7(f"{era}{int(yy):02d}{int(mm):02d}{int(dd):02d}")


def to_report_era(day: date) -> tuple[str, str, str, str]:
    """Era digit, year, month, day of reports 315 and 331, each as text."""
    seven = to_report7(day)
    return seven[0], seven[1:3], seven[3:5], seven[5:7]


def western_year(yy: str | int, *, era: str = "令和") -> int:
    """Western year of a two-digit wareki year of a named era (08 of 令和 → 2026). WarekiError when not a year."""
    if era not in _MARKS:
        raise WarekiError(f"元号{era}は登録されていません。", reason="era_code")
    if not str(yy).isdigit() or int(yy) < 1:
        raise WarekiError("年は1から99までの数字が必要です。")
    return _MARKS[era].first.year + int(yy) - 1


def to_wareki_year(year: int, *, era: str | None = None) -> str:
    """Two-digit wareki year of a western year, of the era named or of the one at the end of that year."""
    chosen = _MARKS[era] if era else era_of(date(year, 12, 31))
    return f"{year - chosen.first.year + 1:02d}"


def mmdd_nearest(mmdd: str, near: date) -> date:
    """Day of a month-day without a year (引落日), in the year that is nearest to `near`. WarekiError if no day."""
    if not re.fullmatch(r"[0-9]{4}", mmdd):
        raise WarekiError("月日の4桁の数字が必要です。")
    found = []
    for year in (near.year - 1, near.year, near.year + 1):
        try:
            found.append(date(year, int(mmdd[:2]), int(mmdd[2:])))
        except ValueError:
            continue
    if not found:
        raise WarekiError("存在しない月日です。", reason="no_such_day")
    return min(found, key=lambda day: abs((day - near).days))


def from_open_iso(text: str) -> date | None:
    """An ISO date; 0000-01-01 and 9999-12-31 stand for an open end and give None. WarekiError on anything else."""
    if text in _OPEN:
        return None
    if not re.fullmatch(r"\d{4}-\d{2}-\d{2}", text):
        raise WarekiError("日付は YYYY-MM-DD の形が必要です。")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise WarekiError("存在しない日付です。", reason="no_such_day") from None
