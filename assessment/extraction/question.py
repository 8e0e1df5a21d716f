"""抽出の条件 (a question): columns, conditions, order and limit, read from texts, refused where not allowed.

Pure: no database. Identifiers are looked up in the declared list, values are read by the column's kind; what a person
typed never becomes a part of a statement.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from assessment.errors import ExtractionRefused
from assessment.extraction.columns import COLUMNS, ViewColumn

CONDITIONS_MAX = 10
COLUMNS_MAX = 40
ROWS_MAX = 20_000
ROWS_DEFAULT = 1_000
OPERATORS: Mapping[str, str] = {
    "eq": "と同じ",
    "ne": "と違う",
    "ge": "以上",
    "le": "以下",
    "gt": "より大きい",
    "lt": "より小さい",
    "starts": "で始まる",
}
_BY_KIND: Mapping[str, tuple[str, ...]] = {
    "yen": ("eq", "ne", "ge", "le", "gt", "lt"),
    "count": ("eq", "ne", "ge", "le", "gt", "lt"),
    "date": ("eq", "ge", "le"),
    "flag": ("eq",),
    "code": ("eq", "ne"),
    "text": ("eq", "ne", "starts"),
}
_FLAGS = {"1": True, "0": False, "はい": True, "いいえ": False}
_NUMBER = re.compile(r"-?[0-9]{1,11}")
_TEXT = re.compile(r"[0-9A-Za-z\-]{0,20}")
# Twelve digits are a My Number's shape: nobody may search by one.
_NUMBER_SHAPE = re.compile(r"\d{12}")


@dataclass(frozen=True, slots=True)
class Condition:
    """One condition with its value as it goes into the statement."""

    column: ViewColumn
    operator: str
    value: int | bool | str | date

    @property
    def text_ja(self) -> str:
        """For the page and the record."""
        words = dict(self.column.choices).get(str(self.value), "")
        shown = ("はい" if self.value else "いいえ") if isinstance(self.value, bool) else words or str(self.value)
        return f"{self.column.title_ja} {shown} {OPERATORS[self.operator]}"


@dataclass(frozen=True, slots=True)
class Question:
    """A checked question over one tax year."""

    tax_year: int
    columns: tuple[ViewColumn, ...]
    conditions: tuple[Condition, ...]
    order: tuple[tuple[ViewColumn, bool], ...]
    limit: int

    @property
    def stored(self) -> dict[str, Any]:
        """As plain data, for a saved definition and for the record (values as typed)."""
        return {
            "columns": [one.code for one in self.columns],
            "conditions": [[one.column.code, one.operator, _plain(one.value)] for one in self.conditions],
            "order": [[column.code, "desc" if is_down else "asc"] for column, is_down in self.order],
            "limit": self.limit,
        }


def _plain(value: int | bool | str | date) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return value.isoformat() if isinstance(value, date) else str(value)


def question_read(
    *,
    tax_year: int,
    columns: Sequence[str],
    conditions: Sequence[Sequence[str]],
    order: Sequence[Sequence[str]] = (),
    limit: int = ROWS_DEFAULT,
) -> Question:
    """Read a question. Raises ExtractionRefused (Japanese, with the field) for anything that is not in the list."""
    if not columns:
        raise ExtractionRefused("出力する列を一つ以上選んでください。", field="columns")
    if len(columns) > COLUMNS_MAX or len(set(columns)) != len(columns):
        raise ExtractionRefused(f"列は重ならないように{COLUMNS_MAX}個まで選んでください。", field="columns")
    if len(conditions) > CONDITIONS_MAX:
        raise ExtractionRefused(f"条件は{CONDITIONS_MAX}個までです。", field="conditions")
    if not 1 <= limit <= ROWS_MAX:
        raise ExtractionRefused(f"出力の上限は1から{ROWS_MAX:,}件までです。", field="limit")
    return Question(
        tax_year,
        tuple(_column(code, "columns") for code in columns),
        tuple(_condition(one) for one in conditions),
        tuple(_order(one) for one in order),
        limit,
    )


def _column(code: str, field: str) -> ViewColumn:
    found = COLUMNS.get(code)
    if found is None:
        raise ExtractionRefused("その列は抽出できません。一覧から選び直してください。", field=field)
    return found


def _condition(one: Sequence[str]) -> Condition:
    if len(one) != 3:
        raise ExtractionRefused("条件は列・比べ方・値の三つで書きます。", field="conditions")
    code, operator, text = one
    column = _column(code, "conditions")
    if not column.takes_condition or operator not in _BY_KIND[column.kind]:
        raise ExtractionRefused(f"「{column.title_ja}」はその比べ方では選べません。", field="conditions")
    return Condition(column, operator, _value(column, str(text).strip()))


def _value(column: ViewColumn, text: str) -> int | bool | str | date:
    try:
        if column.kind in {"yen", "count"}:
            if not _NUMBER.fullmatch(plain := text.replace(",", "").removesuffix("円")):
                raise ValueError(text)
            return int(plain)
        if column.kind == "flag":
            return _FLAGS[text]
        if column.kind == "date":
            return date.fromisoformat(text)
    except (ValueError, KeyError) as error:
        raise ExtractionRefused(
            f"「{column.title_ja}」の値「{text[:20]}」を読めません。", field="conditions"
        ) from error
    if column.kind == "code" and text not in dict(column.choices):
        raise ExtractionRefused(f"「{column.title_ja}」に「{text[:20]}」という区分はありません。", field="conditions")
    if not _TEXT.fullmatch(text):
        raise ExtractionRefused(f"「{column.title_ja}」の値は英数字とハイフンで20文字までです。", field="conditions")
    if _NUMBER_SHAPE.search(text):
        raise ExtractionRefused("12桁の数字では検索できません(個人番号による検索はできません)。", field="conditions")
    return text


def _order(one: Sequence[str]) -> tuple[ViewColumn, bool]:
    if len(one) != 2 or one[1] not in {"asc", "desc"}:
        raise ExtractionRefused("並べ替えは列と昇順・降順で選びます。", field="order")
    column = _column(one[0], "order")
    if not column.takes_condition:
        raise ExtractionRefused(f"「{column.title_ja}」では並べ替えられません。", field="order")
    return column, one[1] == "desc"


def operators_of(column: ViewColumn) -> tuple[tuple[str, str], ...]:
    """The ways to compare a column."""
    return tuple((code, OPERATORS[code]) for code in _BY_KIND.get(column.kind, ()))
