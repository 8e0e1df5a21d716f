"""根拠の表 (grounds.toml): what each ground of a deferment, relief or extension does, and how long it may last."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

_FILE = Path(__file__).parent / "grounds.toml"


@dataclass(frozen=True, slots=True)
class Ground:
    """根拠: `effect` zero or half = of the interest of the period, due = the due date moves (税の納期限).

    `is_deferment`: a 猶予, with its length, security and rest from reminders. `applied_by_due_date` and
    `applied_within_months`: until when it has to be applied for, counted from the due date.
    """

    code: str
    title: str
    law: str
    effect: Literal["zero", "half", "due"]
    is_deferment: bool = False
    applied_by_due_date: bool = False
    applied_within_months: int = 0


@dataclass(frozen=True, slots=True)
class Terms:
    """期間と担保の定め (months, yen)."""

    longest_months: int
    together_months: int
    security_above_yen: int
    security_above_months: int


@cache
def _table() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def grounds() -> Mapping[str, Ground]:
    """Every ground by its code, in the order of the table."""
    return {one["code"]: Ground(**one) for one in _table()["ground"]}


@cache
def terms() -> Terms:
    """The limits."""
    return Terms(**_table()["terms"])
