"""The coverage register (検証状況): for each tax and year, how far the rules are proved."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from taxsys.params.errors import ParameterError

State = Literal["verified", "partial", "none"]


@dataclass(frozen=True, slots=True)
class Coverage:
    """State of one tax year; `cases` published cases pass, `note_ja` says what is missing."""

    tax: str
    tax_year: int
    state: State
    cases: int
    note_ja: str


def load_coverage(path: Path) -> dict[tuple[str, int], Coverage]:
    """Read `coverage.toml`: `[[year]] tax, tax_year, state, cases, note`. Raises ParameterError."""
    raw = tomllib.loads(path.read_text(encoding="utf-8"))
    register: dict[tuple[str, int], Coverage] = {}
    for item in raw.get("year", []):
        entry = Coverage(item["tax"], item["tax_year"], item["state"], item["cases"], item.get("note", ""))
        if entry.state not in {"verified", "partial", "none"}:
            raise ParameterError(f"{path.name}: state {entry.state} は使えません。")
        if (entry.tax, entry.tax_year) in register:
            raise ParameterError(f"{path.name}: {entry.tax} {entry.tax_year} が2度あります。")
        register[entry.tax, entry.tax_year] = entry
    return register


def coverage_of(register: dict[tuple[str, int], Coverage], tax: str, tax_year: int) -> Coverage:
    """The entry, or state `none` where the register is silent: no decision may be made then."""
    return register.get((tax, tax_year), Coverage(tax, tax_year, "none", 0, "検証されていない年度です。"))
