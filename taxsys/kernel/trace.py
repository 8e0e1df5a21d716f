"""Calculation trace (計算過程): how one figure of one person came about.

Steps are recorded by the same pipeline run that makes the result, never by a second implementation.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class NamedValue:
    """A column and its value for one person; `text` is the Japanese display."""

    name: str
    title_ja: str
    value: int
    text: str


@dataclass(frozen=True, slots=True)
class ParameterUse:
    """A legal parameter as used: its value, since when, from which source and with which mark of confidence."""

    id: str
    title_ja: str
    text: str
    valid_from: str
    law: tuple[str, ...]
    source: str
    mark: str
    status: str


@dataclass(frozen=True, slots=True)
class Step:
    """One rule applied to one person; `formula_ja` in words, `worked_ja` with the figures filled in."""

    rule_id: str
    title_ja: str
    law: str
    inputs: tuple[NamedValue, ...]
    parameters: tuple[ParameterUse, ...]
    formula_ja: str
    worked_ja: str
    rounding: str
    results: tuple[NamedValue, ...]

    def as_dict(self) -> dict[str, Any]:
        """Plain data for JSON."""
        return asdict(self)
