"""試算の結果として見せる数字: the sums that the veil leaves, None where a figure is hidden (pure)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assessment.resident.what_if.answer import After, Sums, group_names, spread, total_of
from assessment.resident.what_if.base import PARTS, Base
from assessment.resident.what_if.disclosure import Veil
from assessment.resident.what_if.terms import DIMENSIONS, dimension_title, terms

RECEIVERS = ("市民税", "道府県民税", "森林環境税（国）")
HIDDEN_JA = "＊"


@dataclass(frozen=True, slots=True)
class Line:
    """One group: people, yearly yen before and after, who pays more and who less. None: hidden."""

    label: str
    people: int | None
    before_yen: int | None
    after_yen: int | None
    up_people: int | None
    up_yen: int | None
    down_people: int | None
    down_yen: int | None

    @property
    def change_yen(self) -> int | None:
        """After less before."""
        if self.before_yen is None or self.after_yen is None:
            return None
        return self.after_yen - self.before_yen


@dataclass(frozen=True, slots=True)
class Breakdown:
    """The city by one dimension."""

    key: str
    title_ja: str
    lines: tuple[Line, ...]

    @property
    def is_partly_hidden(self) -> bool:
        """Whether any figure is hidden."""
        return any(line.up_people is None for line in self.lines)


@dataclass(frozen=True, slots=True)
class Shown:
    """The answer as it may be shown: total, receivers (label, before, after), breakdowns, spread (label, people)."""

    total: Line
    receivers: tuple[tuple[str, int, int], ...]
    breakdowns: tuple[Breakdown, ...]
    spread: tuple[tuple[str, int], ...]
    relieved: int


def shown_of(base: Base, after: After, sums: dict[str, Sums], cover: Veil) -> Shown:
    """What may be shown of these sums."""
    receivers = tuple(
        (label, int(base.before[name].sum()), int(after.parts[name].sum()))
        for label, name in zip(RECEIVERS, PARTS, strict=True)
    )
    change = total_of(after.parts) - total_of(base.before)
    split = (
        (None, None, None, None)
        if cover.total_split
        else (
            int((change > 0).sum()),
            int(change[change > 0].sum()),
            int((change < 0).sum()),
            int(change[change < 0].sum()),
        )
    )
    total = Line("市全体", base.rows, sum(one for _, one, _ in receivers), sum(one for _, _, one in receivers), *split)
    return Shown(
        total,
        receivers,
        tuple(_breakdown(base, name, sums[name], cover) for name in DIMENSIONS),
        () if cover.total_split else _spread_shown(base, after),
        after.relieved if after.relieved >= terms().minimum_people else 0,
    )


def _breakdown(base: Base, name: str, sums: Sums, cover: Veil) -> Breakdown:
    lines = []
    for place, label in enumerate(group_names(base, name)):
        if not sums.people[place]:
            continue
        row = [int(getattr(sums, key)[place]) for key in ("people", "before_yen", "after_yen")]
        split = [int(getattr(sums, key)[place]) for key in ("up_people", "up_yen", "down_people", "down_yen")]
        told: list[int | None] = [None] * 3 if cover.groups[name][place] else list(row)
        told += [None] * 4 if cover.splits[name][place] else split
        lines.append(Line(label, *told))
    return Breakdown(name, dimension_title(name), tuple(lines))


def _spread_shown(base: Base, after: After) -> tuple[tuple[str, int], ...]:
    """Bands of change with at least the least number of people each; a smaller one joins its neighbour nearer to zero.

    Nothing is shown where what is left around zero is too small itself.
    """
    bands, counts = terms().change, spread(base, after).tolist()
    middle = int(bands.of(np.zeros(1, dtype=np.int64))[0])
    least = terms().minimum_people
    names = [[label] for label in bands.labels]
    below = [(place, place + 1) for place in range(middle - 1)]
    above = [(place, place - 1) for place in range(len(counts) - 1, middle + 1, -1)]
    for place, inner in (*below, *above):
        if 0 < counts[place] < least:
            names[inner] += names[place]
            counts[inner] += counts[place]
            names[place] = []
    if any(0 < count < least for count, label in zip(counts, names, strict=True) if label):
        return ()
    return tuple(("・".join(label), count) for count, label in zip(counts, names, strict=True) if label)
