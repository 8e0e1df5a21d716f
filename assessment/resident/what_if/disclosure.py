"""表示してよい数字 (disclosure): no figure may tell what one person pays, alone or beside an earlier answer (pure).

A difference of two answers is a figure too: the answer of this what-if less that of an earlier one, or less the law in
force. So every sum is shown only where it differs from each earlier answer in nobody or in at least the least number of
people. What differs is told from sketches: each group's taxes, thrown into buckets by row and added up. As many buckets
differ as people do, or fewer; so a sketch may hide too much, never too little. Sums of three or more answers are not
looked at; the access events name every what-if that was asked.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from assessment.resident.what_if.answer import After, AnswerRefused, Sums, group_names, total_of
from assessment.resident.what_if.base import PARTS, Base
from assessment.resident.what_if.terms import DIMENSIONS, terms
from taxsys.kernel.columns import Array

BUCKETS = 64
_MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9], dtype=np.uint64)
_ROW = np.uint64(0xD6E8FEB86659FD93)
UP, DOWN = 0, 1


@dataclass(frozen=True)
class Veil:
    """What is hidden: the split of the total into more and less; per dimension whole groups, and splits of groups.

    An answer asked again is shown under the veil of the first time: two veils over one answer could lift each other.
    """

    total_split: bool
    groups: dict[str, Array]
    splits: dict[str, Array]

    def packed(self) -> bytes:
        """The veil as bytes, one a flag."""
        flags = [
            np.array([self.total_split]),
            *(self.groups[n] for n in DIMENSIONS),
            *(self.splits[n] for n in DIMENSIONS),
        ]
        return np.concatenate(flags).astype(np.uint8).tobytes()


def veil_unpacked(base: Base, content: bytes) -> Veil:
    """The veil of `packed`."""
    flags = np.frombuffer(content, dtype=np.uint8).astype(np.bool_)
    sizes = [1, *(len(group_names(base, name)) for name in DIMENSIONS * 2)]
    total, *rest = np.split(flags, np.cumsum(sizes)[:-1])
    count = len(DIMENSIONS)
    return Veil(
        bool(total[0]),
        dict(zip(DIMENSIONS, rest[:count], strict=True)),
        dict(zip(DIMENSIONS, rest[count:], strict=True)),
    )


def sketch(base: Base, after: After) -> Array:
    """The sketch of an answer: (lines, 2, BUCKETS) uint32; lines are the total, each receiver, each group in order."""
    change = total_of(after.parts) - total_of(base.before)
    row = np.arange(base.rows, dtype=np.uint64) * _ROW
    bucket = (row >> np.uint64(58)).astype(np.int64)
    lines = 1 + len(PARTS) + sum(len(group_names(base, name)) for name in DIMENSIONS)
    told = np.zeros((lines, 2, BUCKETS), dtype=np.uint32)
    flat = told.reshape(-1)
    mixed = np.zeros(base.rows, dtype=np.uint64)
    for place, name in enumerate(PARTS):
        differs = after.parts[name] != base.before[name]
        mark = _marks(after.parts[name].astype(np.uint64) * _MIX[place] + row)
        np.add.at(told[1 + place, 0], bucket[differs], mark[differs])
        mixed += after.parts[name].astype(np.uint64) * _MIX[place]
    mark = _marks(mixed + row)
    for side, chosen in ((UP, np.flatnonzero(change > 0)), (DOWN, np.flatnonzero(change < 0))):
        np.add.at(told[0, side], bucket[chosen], mark[chosen])
        line = 1 + len(PARTS)
        for name in DIMENSIONS:
            groups = base.groups[name][chosen].astype(np.int64)
            np.add.at(flat, ((line + groups) * 2 + side) * BUCKETS + bucket[chosen], mark[chosen])
            line += len(group_names(base, name))
    return told


def _marks(mixed: Array) -> Array:
    mixed = (mixed ^ (mixed >> np.uint64(31))) * _MIX[0]
    return (mixed >> np.uint64(32)).astype(np.uint32)


def differences(now: Array, earlier: Sequence[Array]) -> Array:
    """Buckets that differ from each earlier sketch: (answers, lines, 2)."""
    if not earlier:
        return np.zeros((0, *now.shape[:2]), dtype=np.int64)
    return (np.stack(list(earlier)) != now).sum(axis=3, dtype=np.int64)


def changed(base: Base, after: After, sums: dict[str, Sums]) -> Array:
    """How many people differ from the law in force, exactly: (1, lines, 2), the lines of a sketch."""
    parts = [[int((after.parts[name] != base.before[name]).sum()), 0] for name in PARTS]
    groups = [np.stack([sums[name].up_people, sums[name].down_people], axis=1) for name in DIMENSIONS]
    total = groups[0].sum(axis=0, keepdims=True)
    return np.concatenate([total, np.array(parts, dtype=np.int64), *groups])[np.newaxis]


def veil(base: Base, sums: dict[str, Sums], apart: Array) -> Veil:
    """What of these sums must stay hidden. Raises AnswerRefused where not even the total may be shown.

    `apart`: `changed`, then `differences`.
    """
    least = terms().minimum_people
    if base.rows < least:
        raise AnswerRefused("few", f"決定のある人が{least}人未満のため、試算の結果を表示できません。")
    total = apart[:, 0].max(axis=1)
    if _few(total, least).any() or _few(apart[:, 1 : 1 + len(PARTS), 0], least).any():
        raise AnswerRefused("few", _few_ja(least, is_first=bool(_few(total[:1], least).any())))
    total_split = bool(_few(apart[:, 0], least).any())
    groups, splits = {}, {}
    line = 1 + len(PARTS)
    for name in DIMENSIONS:
        one, count = sums[name], len(group_names(base, name))
        sides = apart[:, line : line + count]
        line += count
        groups[name] = _covered(np.zeros(count, np.bool_), [one.people, *sides.max(axis=2)], one.people)
        told = [*sides[:, :, UP], *sides[:, :, DOWN]]
        splits[name] = np.ones(count, np.bool_) if total_split else _covered(groups[name], told, one.people)
    return Veil(total_split, groups, splits)


def _few(counts: Array, least: int) -> Array:
    return (counts > 0) & (counts < least)


def _few_ja(least: int, *, is_first: bool) -> str:
    if is_first:
        return f"税額の変わる人が{least}人未満のため、結果を表示できません。変える値を見直してください。"
    return (
        f"これまでの試算との違いが{least}人未満の人だけに表れるため、結果を表示できません"
        "（二つの試算を比べると個人の税額が分かります）。変える値を見直してください。"
    )


def _covered(start: Array, figures: Sequence[Array], people: Array) -> Array:
    """Hidden groups: all that are small in any figure, and so many more that the hidden ones together are not small.

    `figures` are counts by group whose sum over all groups is known: a single hidden group would be the rest.
    """
    least = terms().minimum_people
    hidden = start.copy()
    for figure in figures:
        hidden |= _few(figure, least)
    while hidden.any():
        short = next((figure for figure in figures if 0 < int(figure[hidden].sum()) < least), None)
        if short is None:
            return hidden
        offered = np.flatnonzero(~hidden & (short > 0))
        if not offered.size:
            return np.ones_like(hidden)
        hidden[offered[np.argmin(people[offered])]] = True
    return hidden
