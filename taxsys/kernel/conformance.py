"""Result of running one worked case (検証事例): the word every suite answers with."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

Status = Literal["passed", "failed", "not_supported"]

FREE_TEXT_KEYS = frozenset({"meaning", "print", "why", "note"})
"""Keys of expected values that are written for people and never compared."""


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure that differs: where, what the case expects, what was computed."""

    key: str
    expected: Any
    actual: Any


@dataclass(frozen=True, slots=True)
class CaseOutcome:
    """Outcome of one case: `name` is the case's id, `reason` names what is not supported."""

    status: Status
    name: str
    differences: tuple[Difference, ...] = ()
    reason: str = ""

    @classmethod
    def of(cls, name: str, differences: tuple[Difference, ...]) -> CaseOutcome:
        """Passed without differences, failed with them."""
        return cls("failed" if differences else "passed", name, differences)

    @classmethod
    def not_supported(cls, name: str, reason: str) -> CaseOutcome:
        """The case needs something the program does not know yet; `reason` says what, by name."""
        return cls("not_supported", name, (), reason)


class NotSupportedError(Exception):
    """Raised inside a suite where a kind, unit, key or word is unknown; the message names it."""


def compare(expected: Any, actual: Any, key: str = "") -> tuple[Difference, ...]:
    """Typed differences between an expected tree and the computed one; free text and extra actual keys are ignored.

    Numbers must agree in value and kind (True is not 1, "6" is not 6); lists must agree in length and order.
    """
    if isinstance(expected, dict):
        if not isinstance(actual, dict):
            return (Difference(key, expected, actual),)
        found: list[Difference] = []
        for name, value in expected.items():
            if name in FREE_TEXT_KEYS:
                continue
            path = f"{key}.{name}" if key else name
            if name not in actual:
                found.append(Difference(path, value, None))
            else:
                found.extend(compare(value, actual[name], path))
        return tuple(found)
    if isinstance(expected, list):
        if not isinstance(actual, list | tuple) or len(actual) != len(expected):
            return (Difference(key, expected, actual),)
        pairs = enumerate(zip(expected, actual, strict=True))
        return tuple(d for i, (want, have) in pairs for d in compare(want, have, f"{key}[{i}]"))
    same_kind = isinstance(expected, bool) == isinstance(actual, bool)
    return () if same_kind and expected == actual else (Difference(key, expected, actual),)
