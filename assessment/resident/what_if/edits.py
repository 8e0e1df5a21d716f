"""試算の値 (edits): texts typed by a planner become legal values, each checked by unit, range and shape (pure).

Only values that the year's calculation uses can be edited. Nothing is guessed: whatever is wrong is told by value.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from assessment.resident.rules.pipeline import pipeline_of
from assessment.resident.what_if.terms import terms
from taxsys.kernel.rates import Rate, RateError
from taxsys.params.errors import ParameterError
from taxsys.params.model import ParameterSet, Resolved, Value, canonical_value, display
from taxsys.params.table import NO_LIMIT, Table, read_table

_WHOLE = re.compile(r"-?\d{1,15}", re.ASCII)
FILE_BYTES = 200_000


class EditsRefused(ValueError):
    """Edits that cannot be computed: Japanese messages by parameter id ("" speaks of them all)."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        self.problems = dict(problems)
        super().__init__("\n".join(f"{key}: {text}" if key else text for key, text in self.problems.items()))


@dataclass(frozen=True, slots=True)
class Edit:
    """One legal value that differs from the law in force."""

    id: str
    title_ja: str
    before_ja: str
    after_ja: str
    value: Value
    code: str  # canonical text for the access log and for telling two sets of edits apart


def editable(law: ParameterSet) -> tuple[Resolved, ...]:
    """The values that the calculation of the law's year uses, by id."""
    used = {key for rule in pipeline_of(law).rules for _, key in rule.uses}
    return tuple(law[key] for key in sorted(used))


def edits_read(law: ParameterSet, texts: Mapping[str, str]) -> tuple[Edit, ...]:
    """The edits told by these texts, by id; a text equal to the law in force is none. Raises EditsRefused."""
    known = {item.parameter.id: item for item in editable(law)}
    problems: dict[str, str] = {}
    found: list[Edit] = []
    for key, text in sorted(texts.items()):
        item = known.get(key)
        if item is None:
            problems[key] = _unknown_ja(law, key)
            continue
        try:
            value = value_read(item, text)
        except (ParameterError, RateError, ValueError) as error:
            problems[key] = str(error)
            continue
        if canonical_value(value) != canonical_value(item.value):
            found.append(_edit(item, value))
    if problems:
        raise EditsRefused(problems)
    return tuple(found)


def _unknown_ja(law: ParameterSet, key: str) -> str:
    if key in law:
        return f"「{law[key].parameter.title}」は年税額の計算に使われないため、試算できません。"
    return "この法定値はありません。法定値の画面にある番号（resident.…）を指定してください。"


def _edit(item: Resolved, value: Value) -> Edit:
    unit = item.parameter.unit
    if isinstance(value, Table):
        text = f"表の変更（{_changed_cells(item.table, value)}）"
        code = text_hash(table_text(value))
    else:
        text, code = display(value, unit), str(value)
    return Edit(item.parameter.id, item.parameter.title, display(item.value, unit), text, value, code)


def text_hash(text: str) -> str:
    """Twelve hex digits that stand for a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def _changed_cells(old: Table, new: Table) -> str:
    before, after = old.canonical(), new.canonical()
    rows = len(after[new.key])
    if rows != len(before[old.key]):
        return f"{len(before[old.key])}行を{rows}行に"
    changed = sum(one != other for name in after for one, other in zip(before[name], after[name], strict=True))
    return f"{changed}か所"


def value_read(item: Resolved, text: str) -> Value:
    """The value of one text. Raises ValueError, RateError or ParameterError with a Japanese message."""
    unit = item.parameter.unit
    if unit == "table":
        return _table_read(item, text)
    plain = unicodedata.normalize("NFKC", text).strip()
    if unit == "rate":
        return _rate_read(plain)
    return _whole_read(item, plain)


def _rate_read(plain: str) -> Rate:
    if not re.search(r"[%/.]|^0$", plain):
        raise ValueError(f"率は「6%」「0.06」「1/6」のように書いてください（入力: {plain}）。")
    try:
        rate = Rate.parse(plain)
    except RateError:
        raise ValueError(
            f"率として読めません。「6%」「0.06」「1/6」のように書いてください（入力: {plain}）。"
        ) from None
    if not 0 <= rate.fraction <= 1:
        raise ValueError(f"率は0%から100%までです（入力: {plain}）。")
    if rate.den > terms().rate_denominator:
        raise ValueError(f"率が細かすぎます。0.001%までの刻みで書いてください（入力: {plain}）。")
    return rate


def _whole_read(item: Resolved, plain: str) -> int:
    yen = item.parameter.unit == "yen"
    body = (plain.removesuffix("円") if yen else plain).replace(",", "")
    body = re.sub(r"^[△▲−]", "-", body)
    if not _WHOLE.fullmatch(body):
        what = "円単位の整数（例: 3,500）" if yen else "整数"
        raise ValueError(f"{what}で書いてください（入力: {plain}）。")
    amount = int(body)
    if amount < 0:
        raise ValueError(f"負の値は使えません（入力: {plain}）。")
    if amount > terms().value_yen:
        raise ValueError(f"値が大きすぎます。{terms().value_yen:,}までです（入力: {plain}）。")
    if item.parameter.unit == "code" and amount not in _codes_of(item):
        raise ValueError(f"区分は {'・'.join(str(one) for one in _codes_of(item))} のいずれかです（入力: {plain}）。")
    return amount


def _codes_of(item: Resolved) -> tuple[int, ...]:
    """生活保護の級地は1級地から3級地まで; another code keeps its value."""
    return (1, 2, 3) if item.parameter.id == "resident.city.livelihood_class" else (item.integer,)


def table_text(table: Table) -> str:
    """A table as the CSV that `edits_read` reads, with its header."""
    content, kinds = table.canonical(), dict(table.kinds)
    lines = [",".join(kinds)]
    cells = [
        [str(rate) if "/" not in str(rate) else f"{rate.num}/{rate.den}" for rate in table.rates[name]]
        if kinds[name] == "rate"
        else ["" if kinds[name] == "to" and value == NO_LIMIT else str(value) for value in content[name]]
        for name in kinds
    ]
    return "\n".join([*lines, *(",".join(row) for row in zip(*cells, strict=True))]) + "\n"


def _table_read(item: Resolved, text: str) -> Table:
    """A table with the columns of the one in force; code keys and rows as there, no gap, no value out of range."""
    old = item.table
    plain = unicodedata.normalize("NFKC", text).strip().replace("\r\n", "\n") + "\n"
    new = read_table(plain, dict(old.kinds), "表")
    key, kind = old.kinds[0]
    if kind == "code" and new.columns[key].tolist() != old.columns[key].tolist():
        raise ValueError(f"区分（{key}）の欄は変えられません。値だけを変えてください。")
    rows, before = len(new.columns[key]), len(old.columns[key])
    if rows != before and any(kind == "code" for _, kind in old.kinds):
        raise ValueError(f"この表の行は{before}行です（入力: {rows}行）。区分のある表の行は増減できません。")
    for name, column_kind in old.kinds:
        if column_kind == "rate":
            _rates_check(name, new.rates[name], old.rates[name])
        else:
            _wholes_check(name, column_kind, new, old)
    return new


def _rates_check(name: str, rates: tuple[Rate, ...], old: tuple[Rate, ...]) -> None:
    for line, (rate, before) in enumerate(zip(rates, _beside(old, len(rates)), strict=True), start=1):
        if rate != before and not 0 <= rate.fraction <= 1:
            raise ValueError(f"{line}行目の {name} は0%から100%までです（入力: {rate}）。")
        if rate.den > terms().rate_denominator:
            raise ValueError(f"{line}行目の {name} が細かすぎます。0.001%までの刻みで書いてください（入力: {rate}）。")


def _beside(old: Sequence[Any], rows: int) -> list[Any]:
    """The old values beside the new rows, None where there is none."""
    return [*old[:rows], *[None] * (rows - len(old))]


def _wholes_check(name: str, kind: str, new: Table, old: Table) -> None:
    limit = terms().value_yen
    values = new.columns[name].tolist()
    pairs = zip(values, _beside(old.columns[name].tolist(), len(values)), strict=True)
    for line, (value, before) in enumerate(pairs, start=1):
        if value == before:
            continue
        if kind == "code":
            raise ValueError(f"{line}行目の {name}（区分）は変えられません。")
        if value < min(0, before or 0) or (name == "step" and value < 1):
            raise ValueError(f"{line}行目の {name} に使えない値です（入力: {value}）。")
        if value > limit and value != NO_LIMIT:
            raise ValueError(f"{line}行目の {name} が大きすぎます。{limit:,}までです（入力: {value}）。")


def file_read(content: bytes) -> dict[str, str]:
    """Texts by parameter id of an edits file (TOML: `[values]` and `[tables]`). Raises EditsRefused.

    Values are whole numbers or texts ("7%"), tables the CSV with header of the values page.
    """
    if len(content) > FILE_BYTES:
        raise EditsRefused({"": f"試算のファイルが大きすぎます（{FILE_BYTES:,}バイトまで）。"})
    try:
        raw = tomllib.loads(content.decode("utf-8-sig"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EditsRefused({"": f"試算のファイルをTOMLとして読めません: {error}"}) from error
    if set(raw) - {"values", "tables"} or not all(isinstance(part, dict) for part in raw.values()):
        raise EditsRefused({"": "試算のファイルは [values] と [tables] だけを書けます。"})
    texts: dict[str, str] = {}
    problems: dict[str, str] = {}
    for key, value in (*_named(raw.get("values", {})), *_named(raw.get("tables", {}))):
        if isinstance(value, bool) or not isinstance(value, int | str):
            problems[key] = '値は整数か文字列（率は "7%" のように）で書いてください。'
        else:
            texts[key] = str(value)
    if problems:
        raise EditsRefused(problems)
    return texts


def _named(part: Mapping[str, Any], above: str = "") -> Iterator[tuple[str, Any]]:
    """Values by full id: a dotted key without quotes is a table in TOML."""
    for key, value in part.items():
        if isinstance(value, dict):
            yield from _named(value, f"{above}{key}.")
        else:
            yield f"{above}{key}", value
