"""Dated legal parameters (法定値) and the set of them in force for one year or day."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal, TypeAlias

from taxsys.kernel.rates import Rate
from taxsys.kernel.yen import format_yen
from taxsys.params.errors import MissingParameterError, ParameterError
from taxsys.params.table import Table

Value: TypeAlias = int | Rate | str | Table
When: TypeAlias = int | date
Unit = Literal["yen", "rate", "count", "code", "months", "date-rule", "table"]
Axis = Literal["tax_year", "income_year", "effective_on", "due_date"]
STATUSES = ("enacted", "bill", "outline")
MARKS = ("V", "V2", "K")


@dataclass(frozen=True, slots=True)
class DatedValue:
    """One value from `valid_from` until the next one or `until` (included), with source and mark of confidence."""

    valid_from: When
    value: Value
    status: str
    source: str
    mark: str
    until: When | None = None
    layer: str = ""
    act: str = ""

    def covers(self, when: When) -> bool:
        """Whether `when` is not before the start and not after a stated end."""
        return self.valid_from <= when and (self.until is None or when <= self.until)  # type: ignore[operator]


@dataclass(frozen=True, slots=True)
class Parameter:
    """A legal parameter: id, Japanese title, unit, time axis, articles and its values in order of time."""

    id: str
    title: str
    unit: Unit
    axis: Axis
    law: tuple[str, ...]
    values: tuple[DatedValue, ...]

    def at(self, when: When) -> DatedValue:
        """The value in force. Raises MissingParameterError where none is."""
        for value in reversed(self.values):
            if value.valid_from <= when:  # type: ignore[operator]
                if value.covers(when):
                    return value
                break
        raise MissingParameterError(self.id, when, self.title)


@dataclass(frozen=True, slots=True)
class Resolved:
    """A parameter with the one value in force."""

    parameter: Parameter
    dated: DatedValue

    @property
    def value(self) -> Value:
        """The value itself."""
        return self.dated.value

    @property
    def integer(self) -> int:
        """The value of a yen, count or code parameter. Raises TypeError for another kind."""
        if not isinstance(self.dated.value, int):
            raise TypeError(f"{self.parameter.id} は整数の値ではありません。")
        return self.dated.value

    @property
    def table(self) -> Table:
        """The value of a table parameter. Raises TypeError for another kind."""
        if not isinstance(self.dated.value, Table):
            raise TypeError(f"{self.parameter.id} は表ではありません。")
        return self.dated.value

    @property
    def text(self) -> str:
        """Japanese display of the value."""
        return display(self.dated.value, self.parameter.unit)


def display(value: Value, unit: str) -> str:
    """A value for people: `430,000円`, `6%`, `表(11行)`."""
    if isinstance(value, Table):
        return f"表({value.columns[value.key].size}行)"
    if unit == "yen" and isinstance(value, int):
        return format_yen(value)
    return str(value)


def canonical_value(value: Value) -> object:
    """A value as plain JSON data with one spelling, for hashing."""
    if isinstance(value, Rate):
        return f"{value.num}/{value.den}"
    return value.canonical() if isinstance(value, Table) else value


@dataclass(frozen=True)
class ParameterSet:
    """All parameters of one duty in force at `when`, with a hash that names exactly these values.

    `missing` lists ids that have no value at `when`; asking for one raises MissingParameterError.
    """

    name: str
    when: When
    resolved: Mapping[str, Resolved]
    missing: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, parameter_id: str) -> Resolved:
        if parameter_id in self.resolved:
            return self.resolved[parameter_id]
        raise MissingParameterError(parameter_id, self.when, self.missing.get(parameter_id, ""))

    def __contains__(self, parameter_id: object) -> bool:
        return parameter_id in self.resolved

    def __iter__(self) -> Iterator[str]:
        return iter(sorted(self.resolved))

    @property
    def hash(self) -> str:
        """SHA-256 over id, value, start, status and layer of every parameter in force."""
        content = {
            key: [canonical_value(item.value), str(item.dated.valid_from), item.dated.status, item.dated.layer]
            for key, item in sorted(self.resolved.items())
        }
        text = json.dumps([self.name, str(self.when), content], ensure_ascii=False, separators=(",", ":"))
        return hashlib.sha256(text.encode()).hexdigest()

    def overlay(self, values: Mapping[str, Value], *, status: str = "outline", source: str = "what-if") -> ParameterSet:
        """The same set with some values replaced (制度改正の試算). Raises ParameterError for an id it does not know."""
        changed = dict(self.resolved)
        for key, value in values.items():
            if key not in changed:
                raise ParameterError(f"法定値 {key} は定義されていません。")
            old = changed[key]
            if type(old.value) is not type(value):
                raise ParameterError(f"法定値 {key} の種類が違います: {type(value).__name__}")
            dated = replace(old.dated, value=value, status=status, source=source, mark="K", layer="overlay")
            changed[key] = Resolved(old.parameter, dated)
        return replace(self, resolved=changed)

    def unconfirmed(self) -> tuple[Resolved, ...]:
        """Values marked K (known, not confirmed by a source), for the release page."""
        return tuple(self.resolved[key] for key in self if self.resolved[key].dated.mark == "K")

    def not_enacted(self) -> tuple[Resolved, ...]:
        """Values that are not enacted law; a production decision refuses a set that has any."""
        return tuple(self.resolved[key] for key in self if self.resolved[key].dated.status != "enacted")
