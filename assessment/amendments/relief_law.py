"""減免の定め (relief.toml): grounds, grades and the cut, for the rules, the form and the paper."""

import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from assessment.amendments.rules.remissions import Grade, Ground
from taxsys.kernel.rates import Rate

_FILE = Path(__file__).with_name("relief.toml")


@cache
def _raw() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


@cache
def relief_grounds() -> Mapping[str, Ground]:
    """減免の事由 by code, in the order of the ordinance table."""
    return {
        raw["code"]: Ground(
            raw["code"],
            raw["title"],
            raw["documents"],
            raw["scope"],
            raw["parts"] == "income",
            raw["forest"],
            tuple(Grade(code, title, Rate.parse(rate)) for code, title, rate in raw["grades"]),
        )
        for raw in _raw()["ground"]
    }


def relief_unit_yen() -> int:
    """減免額の端数 (yen)."""
    return int(_raw()["unit_yen"])


def grade_of(ground_code: str, grade_code: str) -> tuple[Ground, Grade]:
    """A ground and its grade. Raises LookupError."""
    ground = relief_grounds()[ground_code]
    for grade in ground.grades:
        if grade.code == grade_code:
            return ground, grade
    raise LookupError(grade_code)


def relief_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """Grounds with their grades for a choice: "ground:grade" → 「全額(1/1)」."""
    return [
        (
            one.title_ja,
            [(f"{one.code}:{grade.code}", f"{grade.title_ja} ({rate_ja(grade.rate)})") for grade in one.grades],
        )
        for one in relief_grounds().values()
    ]


def rate_ja(rate: Rate) -> str:
    """全額, or 2分の1."""
    return "全額" if rate.num == rate.den else f"{rate.den}分の{rate.num}"
