"""Sample records made from a layout table: the fullest and the barest value of every field."""

from datetime import date
from typing import Any

from taxsys.platform.files.layouts import Field, Layout

MY_NUMBER, CORPORATE = "123456789018", "8700110005901"
BY_NAME = {"barcode": "91912345111111111111111111111026113003000007"}


def value_of(layout: Layout, one: Field) -> Any:
    """A value as long as the field allows."""
    if one.name in BY_NAME and one.length in {44, 47}:
        return BY_NAME[one.name] if one.length == 44 else "EAN" + BY_NAME[one.name]
    if one.codes:
        return sorted(one.codes)[-1]
    half = layout.unit == "bytes"
    fullest: dict[str, Any] = {
        "digits": "9" * one.length,
        "yen": int("4" * min(one.length or 1, 18)),
        "count": 10 ** min(one.length or 1, 18) - 1,
        "code": "9" * one.length,
        "ascii": "Z" * one.length,
        "kana_half": "ｶ" * one.length,
        "text": ("漢" * (one.length // 2 if half else one.length or 5)) or "Z",
        "numbers_text": "（番号）氏名",
        "jis_2byte": "漢" * (one.length // 2),
        "ymd8": date(2026, 11, 23),
        "ymd8_zero": date(2026, 11, 23),
        "iso_date": date(2026, 2, 28),
        "iso_timestamp": "2026-11-23T09:00:00+09:00",
        "iso_time": "23:59:59",
        "my_number": MY_NUMBER,
        "corporate_no": CORPORATE,
        "my_or_corporate": CORPORATE if one.length >= 13 else MY_NUMBER,
        "municipality6": "012041",
        "bytes": None,
    }
    return fullest[one.converter]


def record_of(layout: Layout, *, only_required: bool = False) -> dict[str, Any]:
    """A data record that the layout can write."""
    parts = {part for composite in layout.composites for part in composite.parts}
    found: dict[str, Any] = {}
    for i, one in enumerate(layout.data_fields):
        fixed = layout.options.get("fixed_first") if i == 0 else None
        code = layout.options.get("records", {}).get("data", {}).get("code") if i == 0 else None
        if one.name in parts or (only_required and not one.required):
            continue
        found[one.name] = fixed or code or value_of(layout, one)
    for composite in layout.composites:
        found[composite.name] = date(1986, 4, 2) if composite.converter == "wareki_report" else _year(composite.era)
    return found


def _year(era: str) -> int:
    return 2025 if era == "令和" else 2014


def header_of(layout: Layout) -> dict[str, Any]:
    """A header record, without its record code and without what the layout fixes."""
    return {one.name: value_of(layout, one) for one in layout.by_record.get("header", ())[1:]}


def content_of(layout: Layout, records: list[dict[str, Any]]) -> bytes:
    """A file of these records."""
    return layout.write(records, header=header_of(layout))
