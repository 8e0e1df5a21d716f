"""減免額の計算 (pure): which instalments a remission reaches and how much of them, by part (yen).

地方税法323条・45条 and the city's ordinance; rates are exact fractions, each part is cut once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import floor_1, floor_to

Yen3 = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Grade:
    """A step of a ground's table: its code, its words, the share of the tax that is remitted."""

    code: str
    title_ja: str
    rate: Rate


@dataclass(frozen=True, slots=True)
class Ground:
    """A ground of the ordinance. `scope`: remaining | from_event | whole; `is_income_only`: no per-capita levy."""

    code: str
    title_ja: str
    documents_ja: str
    scope: str
    is_income_only: bool
    frees_forest: bool
    grades: tuple[Grade, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """One instalment of the taxpayer: which, when due, its parts (city, prefecture, forest) in yen."""

    method: str
    notice_no: str
    no: int
    due_on: date
    parts: Yen3


@dataclass(frozen=True, slots=True)
class Levies:
    """The year's tax by part, and the income levies within it (yen)."""

    city_yen: int
    prefecture_yen: int
    income_city_yen: int
    income_prefecture_yen: int


@dataclass(frozen=True, slots=True)
class Remitted:
    """One instalment's remission (yen by part)."""

    place: Place
    parts: Yen3


def places_reached(places: Sequence[Place], ground: Ground, *, applied_on: date, event_on: date | None) -> list[Place]:
    """The instalments a remission reaches: due on or after its day, or all of the year."""
    since = event_on if ground.scope == "from_event" and event_on is not None else applied_on
    return [one for one in places if ground.scope == "whole" or one.due_on >= since]


def remissions(
    reached: Sequence[Place], ground: Ground, grade: Grade, levies: Levies, *, unit_yen: int
) -> list[Remitted]:
    """What is remitted of each instalment: its parts times the rate; of a part of the tax the sum of each of city and
    prefecture is cut to `unit_yen` (what is cut comes off the last instalment reached)."""
    rows = [_remitted(one, ground, grade, levies) for one in reached]
    if grade.rate.num == grade.rate.den:
        return rows
    totals = [sum(row.parts[part] for row in rows) for part in range(2)]
    return _cut(rows, [total - floor_to(total, unit_yen) for total in totals])


def _remitted(place: Place, ground: Ground, grade: Grade, levies: Levies) -> Remitted:
    city, prefecture, forest = place.parts
    if ground.is_income_only:
        city = _share(city, levies.income_city_yen, levies.city_yen)
        prefecture = _share(prefecture, levies.income_prefecture_yen, levies.prefecture_yen)
    rate = grade.rate
    return Remitted(
        place,
        (
            int(floor_1(city * rate.num, rate.den)),
            int(floor_1(prefecture * rate.num, rate.den)),
            forest if ground.frees_forest and rate.num == rate.den else 0,
        ),
    )


def _share(yen: int, part_yen: int, whole_yen: int) -> int:
    return int(floor_1(yen * part_yen, whole_yen)) if whole_yen else 0


def _cut(rows: list[Remitted], excess: list[int]) -> list[Remitted]:
    done: list[Remitted] = []
    for row in reversed(rows):
        taken = [min(row.parts[part], excess[part]) for part in range(2)]
        excess = [rest - yen for rest, yen in zip(excess, taken, strict=True)]
        done.append(Remitted(row.place, (row.parts[0] - taken[0], row.parts[1] - taken[1], row.parts[2])))
    return done[::-1]


def total(rows: Sequence[Remitted]) -> Yen3:
    """The whole remission by part."""
    return (sum(row.parts[0] for row in rows), sum(row.parts[1] for row in rows), sum(row.parts[2] for row in rows))
