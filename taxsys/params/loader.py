"""Reading parameter files: one TOML per parameter, CSV beside it for tables, layers of folders one over another."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args

from taxsys.kernel.rates import Rate, RateError
from taxsys.params.errors import MissingParameterError, ParameterError
from taxsys.params.model import MARKS, STATUSES, Axis, DatedValue, Parameter, ParameterSet, Resolved, Unit, Value, When
from taxsys.params.table import read_table

_HEAD = {"id", "title", "unit", "axis", "law", "value", "columns"}
_VALUE = {"from", "until", "value", "file", "status", "source", "mark", "act", "published_on", "confirmed_through"}
_YEARS = range(1950, 2101)


@dataclass(frozen=True)
class ParameterBook:
    """Every parameter of one duty with its whole history, law overlaid by national defaults and city ordinance."""

    name: str
    parameters: Mapping[str, Parameter]

    def at(self, when: When) -> ParameterSet:
        """The set in force for a tax year (int) or day (date)."""
        resolved: dict[str, Resolved] = {}
        missing: dict[str, str] = {}
        for key, parameter in self.parameters.items():
            try:
                resolved[key] = Resolved(parameter, parameter.at(when))
            except MissingParameterError:
                missing[key] = parameter.title
        return ParameterSet(self.name, when, resolved, missing)


def load_book(name: str, layers: Sequence[tuple[str, Path]]) -> ParameterBook:
    """Read the folders of `layers` (layer name, folder; files of the folder itself, not of its subfolders) in order.

    A later layer replaces values of the same id from its own first `from` on; it cannot change unit or axis.
    Raises ParameterError with file and reason; nothing is half loaded.
    """
    parameters: dict[str, Parameter] = {}
    for layer, folder in layers:
        if not folder.is_dir():
            raise ParameterError(f"法定値のフォルダーがありません: {folder.name}")
        seen: set[str] = set()
        for path in sorted(folder.glob("*.toml")):
            parameter = read_parameter(path, layer)
            if parameter.id in seen:
                raise ParameterError(f"{path.name}: 法定値 {parameter.id} が2度定義されています。")
            seen.add(parameter.id)
            lower = parameters.get(parameter.id)
            parameters[parameter.id] = parameter if lower is None else _overlay(lower, parameter, path)
    if not parameters:
        raise ParameterError(f"{name}: 法定値のファイルが1件もありません。")
    return ParameterBook(name, parameters)


def _overlay(lower: Parameter, upper: Parameter, path: Path) -> Parameter:
    if (lower.unit, lower.axis) != (upper.unit, upper.axis):
        raise ParameterError(f"{path.name}: {upper.id} の単位または時点軸が下の層と違います。")
    start = upper.values[0].valid_from
    kept = tuple(value for value in lower.values if value.valid_from < start)  # type: ignore[operator]
    return replace(upper, values=kept + upper.values, law=lower.law + upper.law)


def read_parameter(path: Path, layer: str = "law") -> Parameter:
    """Read and check one parameter file. Raises ParameterError naming the file and the broken rule."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParameterError(f"{path.name}: TOMLとして読めません: {error}") from error
    unknown = sorted(set(raw) - _HEAD)
    if unknown:
        raise ParameterError(f"{path.name}: 知られていない項目 {', '.join(unknown)}")
    for key in ("id", "title", "unit", "axis"):
        if not isinstance(raw.get(key), str) or not raw[key].strip():
            raise ParameterError(f"{path.name}: {key} がありません。")
    if raw["unit"] not in get_args(Unit) or raw["axis"] not in get_args(Axis):
        raise ParameterError(f"{path.name}: 単位または時点軸が正しくありません。")
    law = raw.get("law")
    if not isinstance(law, list) or not law or not all(isinstance(item, str) and item.strip() for item in law):
        raise ParameterError(f"{path.name}: 根拠条文(law)がありません。")
    values = raw.get("value")
    if not isinstance(values, list) or not values:
        raise ParameterError(f"{path.name}: 値([[value]])がありません。")
    dated = tuple(_read_value(item, raw, path, layer) for item in values)
    _check_order(dated, path)
    return Parameter(raw["id"], raw["title"], raw["unit"], raw["axis"], tuple(law), dated)


def _read_value(item: Mapping[str, Any], head: Mapping[str, Any], path: Path, layer: str) -> DatedValue:
    where = f"{path.name} from={item.get('from')}"
    unknown = sorted(set(item) - _VALUE)
    if unknown:
        raise ParameterError(f"{where}: 知られていない項目 {', '.join(unknown)}")
    if item.get("status") not in STATUSES:
        raise ParameterError(f"{where}: status は {', '.join(STATUSES)} のいずれかです。")
    if item.get("mark") not in MARKS:
        raise ParameterError(f"{where}: mark は {', '.join(MARKS)} のいずれかです。")
    source = item.get("source")
    if not isinstance(source, str) or not source.strip():
        raise ParameterError(f"{where}: 出典(source)がありません。")
    start = _check_when(item.get("from"), head["axis"], where)
    until = None if "until" not in item else _check_when(item["until"], head["axis"], where)
    value = _value_of(item, head, path, where)
    return DatedValue(start, value, item["status"], source, item["mark"], until, layer, str(item.get("act", "")))


def _check_when(when: object, axis: str, where: str) -> When:
    if axis in {"tax_year", "income_year"}:
        if isinstance(when, int) and not isinstance(when, bool) and when in _YEARS:
            return when
        raise ParameterError(f"{where}: 年(西暦の整数)でなければなりません。")
    if type(when) is date:
        return when
    raise ParameterError(f"{where}: 日付でなければなりません。")


def _value_of(item: Mapping[str, Any], head: Mapping[str, Any], path: Path, where: str) -> Value:
    unit = head["unit"]
    if unit == "table":
        columns, file = head.get("columns"), item.get("file")
        if not isinstance(columns, dict) or not isinstance(file, str) or "/" in file or not file.endswith(".csv"):
            raise ParameterError(f"{where}: 表には columns と file(同じフォルダーの .csv)が要ります。")
        target = path.parent / file
        if not target.is_file():
            raise ParameterError(f"{where}: 表のファイル {file} がありません。")
        return read_table(target.read_text(encoding="utf-8"), columns, file)
    value = item.get("value")
    if unit == "rate":
        try:
            rate = Rate.parse(value)  # type: ignore[arg-type]
        except RateError as error:
            raise ParameterError(f"{where}: {error}") from error
        if not 0 <= rate.fraction <= 1:
            raise ParameterError(f"{where}: 率 {rate} が0から1の範囲にありません。")
        return rate
    if unit == "date-rule":
        if isinstance(value, str) and value.strip():
            return value
        raise ParameterError(f"{where}: 値は文字列でなければなりません。")
    if isinstance(value, int) and not isinstance(value, bool) and value >= 0:
        return value
    raise ParameterError(f"{where}: 値は0以上の整数でなければなりません。")


def _check_order(values: tuple[DatedValue, ...], path: Path) -> None:
    for earlier, later in pairwise(values):
        if not earlier.valid_from < later.valid_from:  # type: ignore[operator]
            raise ParameterError(f"{path.name}: from が時間の順に並んでいません。")
        if earlier.until is not None:
            expected = earlier.until + 1 if isinstance(earlier.until, int) else None
            if earlier.until >= later.valid_from:  # type: ignore[operator]
                raise ParameterError(f"{path.name}: 期間が重なっています。")
            if expected is not None and expected != later.valid_from:
                raise ParameterError(f"{path.name}: 期間に空きがあります。")
    for value in values:
        if value.until is not None and value.until < value.valid_from:  # type: ignore[operator]
            raise ParameterError(f"{path.name}: until が from より前です。")
