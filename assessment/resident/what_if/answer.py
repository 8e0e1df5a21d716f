"""試算の答え (the answer): the same `compute` over the whole base under the edited law, in sums by group (pure).

No figure here is fit to be shown yet; `disclosure` decides that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from assessment.resident.rules.pipeline import GUARDS, compute
from assessment.resident.what_if.base import PARTS, Base
from assessment.resident.what_if.terms import DIMENSIONS, terms
from taxsys.kernel.columns import Array
from taxsys.params.model import ParameterSet

# Remissions are decided in yen: where the edited tax is below one, the tax is nothing, and the row is sound.
TOLERATED = "RELIEF_ABOVE_TAX"


class AnswerRefused(ValueError):
    """The edited law cannot be computed for everybody, or its answer may not be shown. `code` for the access log."""

    def __init__(self, code: str, message_ja: str) -> None:
        super().__init__(message_ja)
        self.code, self.message_ja = code, message_ja


@dataclass(frozen=True)
class After:
    """Taxes by receiver under the edited law, row by row, and how many remissions exceed their tax."""

    parts: Mapping[str, Array]
    relieved: int


@dataclass(frozen=True)
class Sums:
    """Sums of people and yen by group of one dimension (int64, one place a group)."""

    people: Array
    before_yen: Array
    after_yen: Array
    up_people: Array
    up_yen: Array
    down_people: Array
    down_yen: Array


def after_compute(base: Base, law: ParameterSet) -> After:
    """Everybody under the edited law. Raises AnswerRefused where a guard stops anybody."""
    parts = {name: np.empty(base.rows, dtype=np.int64) for name in PARTS}
    stops: Counter[str] = Counter()
    for start, stop, facts in base.blocks():
        try:
            computed = compute(facts, law)
        except (IndexError, ValueError) as error:
            raise AnswerRefused("shape", "表の段階の数が計算式と合わないため、計算できません。") from error
        for name, values in parts.items():
            values[start:stop] = computed.columns[name]
        stops.update(failure.code for failure in computed.failures)
    relieved = stops.pop(TOLERATED, 0)
    if stops:
        raise AnswerRefused("guard", _stopped_ja(stops))
    return After(parts, relieved)


def _stopped_ja(stops: Counter[str]) -> str:
    titles = {guard.code: guard.message_ja for guard in GUARDS}
    return "この値では計算が止まる人がいるため、試算できません: " + "".join(
        titles.get(code, code) for code, _ in sorted(stops.items())
    )


def total_of(parts: Mapping[str, Array]) -> Array:
    """年税額 of each row."""
    return parts[PARTS[0]] + parts[PARTS[1]] + parts[PARTS[2]]


def group_names(base: Base, dimension: str) -> tuple[str, ...]:
    """Japanese names of the groups, in order."""
    return base.head.districts if dimension == "district" else terms().bands[dimension].names


def sums_of(base: Base, after: After) -> dict[str, Sums]:
    """Sums by group of every dimension."""
    before, now = total_of(base.before), total_of(after.parts)
    change = now - before
    up, down = np.maximum(change, 0), np.minimum(change, 0)
    return {name: _sums(base.groups[name], len(group_names(base, name)), before, now, up, down) for name in DIMENSIONS}


def _sums(group: Array, count: int, before: Array, now: Array, up: Array, down: Array) -> Sums:
    def summed(values: Array) -> Array:
        told = np.zeros(count, dtype=np.int64)
        np.add.at(told, group, values)
        return told

    def counted(chosen: Array) -> Array:
        return np.bincount(group[chosen], minlength=count).astype(np.int64)

    people = np.bincount(group, minlength=count).astype(np.int64)
    return Sums(people, summed(before), summed(now), counted(up > 0), summed(up), counted(down < 0), summed(down))


def spread(base: Base, after: After) -> Array:
    """How many people's tax changes by how much, by band of change."""
    bands = terms().change
    found = bands.of(total_of(after.parts) - total_of(base.before))
    return np.bincount(found, minlength=len(bands.labels)).astype(np.int64)
