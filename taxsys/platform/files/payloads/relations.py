"""項目間チェック: relations between the items of one record that a table of fields cannot say."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

_MONTHS = ("m06", "m07", "m08", "m09", "m10", "m11", "m12", "m01", "m02", "m03", "m04", "m05")


def withholding_notice(notice: Mapping[str, Any]) -> list[str]:
    """特別徴収税額通知: the twelve months make the year."""
    months = [int(notice.get(name) or 0) for name in _MONTHS]
    return [] if sum(months) == int(notice.get("annual") or 0) else ["monthly_sum"]


def wage_report_summary(summary: Mapping[str, Any], *, details: int | None = None) -> list[str]:
    """総括表: three counts make the total, and the total is the number of detail lines read."""
    parts = ("count_special", "count_ordinary_left", "count_ordinary_other")
    total = int(summary.get("count_total") or 0)
    if sum(int(summary.get(name) or 0) for name in parts) != total:
        return ["count_sum"]
    return [] if details is None or details == total else ["detail_count"]


def employment_change(record: Mapping[str, Any]) -> list[str]:
    """異動届 (18号様式): amounts, what each way of collection needs, compulsory lump sum (地方税法321条の5第2項)."""
    found: list[str] = []
    annual, collected = int(record.get("annual_tax") or 0), int(record.get("collected") or 0)
    uncollected = int(record.get("uncollected") or 0)
    if annual - collected != uncollected:
        found.append("uncollected")
    after, reason = record.get("after"), record.get("reason")
    if after == "1" and not (record.get("new_designation_no") or record.get("new_payer_name")):
        found.append("new_payer_missing")
    if after == "2" and record.get("lump_amount") is not None and int(record["lump_amount"]) != uncollected:
        found.append("lump_amount")
    if reason == "4" and after != "3":
        found.append("death_is_ordinary")
    if _lump_is_compulsory(record) and after == "3" and record.get("no_lump_reason") != "2":
        found.append("lump_compulsory")
    return found


def _lump_is_compulsory(record: Mapping[str, Any]) -> bool:
    event_on = record.get("event_on")
    if not isinstance(event_on, date) or record.get("reason") not in {"1", "3", "5", "6", "9"}:
        return False
    return event_on.month <= 4


def first_of(problems: Sequence[str]) -> str | None:
    """The first problem or None."""
    return problems[0] if problems else None
