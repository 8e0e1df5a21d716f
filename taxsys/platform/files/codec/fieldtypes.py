"""Converters, one for each field type and none for a file: text of the file to a value, a value to text of the file."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from taxsys.kernel import checkdigits, kana, text, wareki
from taxsys.platform.files.errors import E_CHARACTER, E_LENGTH, E_RELATION, L_CHECK_DIGIT, L_CODE
from taxsys.platform.files.layouts import Composite, Field

_CONTROL = re.compile(r"[\x00-\x09\x0b\x0c\x0e-\x1f\x7f]")
_DIGITS = re.compile(r"[0-9]+")
_SIGNED = re.compile(r"-?[0-9]+")
_ASCII = re.compile(r"[ -~]*")
_TIMESTAMP = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:Z|[+-]\d{2}:\d{2})")
_MAX_DIGITS = 18
_TIME = re.compile(r"(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d")


@dataclass(frozen=True, slots=True)
class Fault:
    """What is wrong with one value. A warning keeps the line and replaces the value by `value`."""

    code: str
    message_ja: str
    is_warning: bool = False
    value: Any = None


Read = Callable[[str, Field], Any]


def _too_long(value: str, one: Field) -> Fault | None:
    if one.length and text.character_count(value) > one.length:
        return Fault(E_LENGTH, f"{one.name_ja}は{one.length}桁（文字）までです。桁数を直して再提出してください。")
    return None


def _read_digits(value: str, one: Field) -> Any:
    if not _DIGITS.fullmatch(value):
        return Fault(E_CHARACTER, f"{one.name_ja}は半角数字で入力してください。")
    return _too_long(value, one) or value


def _read_integer(value: str, one: Field) -> Any:
    if not _SIGNED.fullmatch(value):
        return Fault(E_CHARACTER, f"{one.name_ja}は半角数字（円単位・桁区切りなし）で入力してください。")
    limit = one.length or _MAX_DIGITS
    if len(value.lstrip("-")) > limit:
        return Fault(E_LENGTH, f"{one.name_ja}は{limit}桁までです。桁数を直して再提出してください。")
    return int(value)


def _read_code(value: str, one: Field) -> Any:
    if one.codes and value not in one.codes:
        return Fault(L_CODE, f"{one.name_ja}は{'・'.join(sorted(one.codes))}のいずれかです。コードを確認してください。")
    return _read_ascii(value, one)


def _read_ascii(value: str, one: Field) -> Any:
    if not _ASCII.fullmatch(value):
        return Fault(E_CHARACTER, f"{one.name_ja}は半角英数字・記号で入力してください。")
    return _too_long(value, one) or value


def _read_kana(value: str, one: Field) -> Any:
    if not kana.is_half_kana(value):
        return Fault(E_CHARACTER, f"{one.name_ja}は半角カナで入力してください。")
    return _too_long(value, one) or value


def _read_text(value: str, one: Field) -> Any:
    if _CONTROL.search(value):
        return Fault(E_CHARACTER, f"{one.name_ja}に制御文字が含まれています。")
    return _too_long(value, one) or value


def _read_ymd8(value: str, one: Field) -> Any:
    if value in {"00000000", "99999999", "0"}:
        return None
    if len(value) != 8 or not _DIGITS.fullmatch(value):
        return Fault(E_CHARACTER, f"{one.name_ja}は西暦8桁（YYYYMMDD）の数字が必要です。")
    try:
        return date(int(value[:4]), int(value[4:6]), int(value[6:]))
    except ValueError:
        return Fault(E_RELATION, f"{one.name_ja}は存在しない日付です。")


def _read_iso_date(value: str, one: Field) -> Any:
    try:
        return wareki.from_open_iso(value)
    except wareki.WarekiError as error:
        code = E_RELATION if error.reason == "no_such_day" else E_CHARACTER
        return Fault(code, f"{one.name_ja}: {error.message_ja}")


def _read_timestamp(value: str, one: Field) -> Any:
    if not _TIMESTAMP.fullmatch(value):
        return Fault(E_CHARACTER, f"{one.name_ja}は時差付きの日時（2026-11-23T09:00:00+09:00 の形）が必要です。")
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return Fault(E_RELATION, f"{one.name_ja}は存在しない日時です。")
    return value


def _read_time(value: str, one: Field) -> Any:
    return value if _TIME.fullmatch(value) else Fault(E_CHARACTER, f"{one.name_ja}は HH:MM:SS の形が必要です。")


def _wrong_number(one: Field) -> Fault:
    message = f"{one.name_ja}の検査数字が合いません。番号は保管せず、確認の一覧に載せます。"
    return Fault(L_CHECK_DIGIT, message, is_warning=True)


def _read_my_number(value: str, one: Field) -> Any:
    return value if checkdigits.my_number_valid(value) else _wrong_number(one)


def _read_corporate_no(value: str, one: Field) -> Any:
    return value if checkdigits.corporate_no_valid(value) else _wrong_number(one)


def _read_either_number(value: str, one: Field) -> Any:
    return _read_corporate_no(value, one) if len(value) == 13 else _read_my_number(value, one)


def _read_municipality(value: str, one: Field) -> Any:
    if not _DIGITS.fullmatch(value) or len(value) not in {5, 6}:
        return Fault(E_CHARACTER, f"{one.name_ja}は6桁の団体コード（数字）が必要です。")
    if len(value) == 5:
        message = f"{one.name_ja}が5桁でした。検査数字を補いました。"
        return Fault(L_CHECK_DIGIT, message, is_warning=True, value=checkdigits.municipality_code6(value))
    if not checkdigits.municipality_code_valid(value):
        return Fault(L_CHECK_DIGIT, f"{one.name_ja}の検査数字が合いません。", is_warning=True, value=value)
    return value


READERS: dict[str, Read] = {
    "digits": _read_digits,
    "yen": _read_integer,
    "count": _read_integer,
    "code": _read_code,
    "ascii": _read_ascii,
    "kana_half": _read_kana,
    "text": _read_text,
    "numbers_text": _read_text,
    "jis_2byte": _read_text,
    "bytes": lambda value, one: value,
    "ymd8": _read_ymd8,
    "ymd8_zero": _read_ymd8,
    "iso_date": _read_iso_date,
    "iso_timestamp": _read_timestamp,
    "iso_time": _read_time,
    "my_number": _read_my_number,
    "corporate_no": _read_corporate_no,
    "my_or_corporate": _read_either_number,
    "municipality6": _read_municipality,
    "xml_leaf": _read_text,
    "xml_branch": _read_text,
}
# An open end is a given value although it reads as None.
OPEN_MARKS = frozenset({"0000-01-01", "9999-12-31"})
NUMBER_CONVERTERS = frozenset({"my_number", "my_or_corporate", "numbers_text"})
INTEGER_CONVERTERS = frozenset({"yen", "count"})


def read_value(value: str, one: Field) -> Any:
    """Value of a text, or a Fault. An empty text is absent (None), which is a Fault only by `required`."""
    return READERS[one.converter](value, one)


def write_value(value: Any, one: Field) -> str:
    """Text of a value as the file carries it, unpadded; the same checks as in reading are the caller's affair."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "1" if value else "0"
    if isinstance(value, date):
        return value.strftime("%Y%m%d") if one.converter.startswith("ymd8") else value.isoformat()
    return str(value)


def read_composite(parts: Sequence[str | None], one: Composite) -> Any:
    """Value of several items together, or a Fault; all absent is absent."""
    if not any(parts):
        return None
    try:
        if one.converter == "wareki_report":
            return wareki.from_report_era(*(part or "" for part in parts))
        return wareki.western_year(parts[0] or "", era=one.era)
    except wareki.WarekiError as error:
        return Fault(E_RELATION, error.message_ja)


def write_composite(value: Any, one: Composite) -> dict[str, str]:
    """The items of a composite value, by name."""
    if value is None:
        return {}
    if one.converter == "wareki_report":
        return dict(zip(one.parts, wareki.to_report_era(value), strict=True))
    return {one.parts[0]: wareki.to_wareki_year(value, era=one.era)}
