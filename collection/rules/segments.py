"""区間ごとの利息計算 (interest by segments): the day series is cut where rate or base changes, then summed."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace
from datetime import date, timedelta

from collection.rules.day_counting import days_inclusive
from collection.rules.interest_rates import InterestRounding, RateRow, SegmentRounding
from taxsys.kernel.rounding import floor_1


@dataclass(frozen=True, slots=True)
class Segment:
    """区間: constant rate and base from `from_on` to `until_on`, both counted; `yen` is cut to the yen."""

    from_on: date
    until_on: date
    rate_num: int
    rate_den: int
    base_yen: int
    yen: int = 0

    @property
    def days(self) -> int:
        """Number of days, both ends counted."""
        return days_inclusive(self.from_on, self.until_on)

    @property
    def rate_percent(self) -> str:
        """The rate in per cent with one decimal, e.g. `9.1`."""
        tenths = floor_1(self.rate_num * 1000, self.rate_den)
        whole, part = floor_1(tenths, 10), tenths % 10
        return f"{whole}.{part}"


@dataclass(frozen=True, slots=True)
class DayRule:
    """What a span of days bears: `rate(day)` and `base_yen`, constant between the marks of the builder."""

    rate: Callable[[date], RateRow | None]
    base: Callable[[date], int]


ZERO_RATE = RateRow(valid_from=date.min, valid_until=date.max, num=0, den=1)


def cut_segments(
    *, first_day: date, last_day: date, marks: Iterable[date], rule: DayRule, split_years: bool = False
) -> list[Segment]:
    """Segments of constant rate and base between two days (both counted).

    `marks` are first days on which something other than the rate row may change; `rule.rate` gives None for days that
    are left out altogether. Neighbours of equal rate and base are one segment, except at a new year when
    `split_years`. Raises RateMissingError.
    """
    if last_day < first_day:
        return []
    years = (date(year, 1, 1) for year in range(first_day.year, last_day.year + 1))
    cuts = sorted({first_day, *(day for day in (*marks, *years) if first_day < day <= last_day)})
    out: list[Segment] = []
    for number, start in enumerate(cuts):
        end = cuts[number + 1] - timedelta(days=1) if number + 1 < len(cuts) else last_day
        row = rule.rate(start)
        if row is None:
            continue
        segment = Segment(start, end, row.num, row.den, rule.base(start))
        if out and _joins(out[-1], segment, split_years):
            out[-1] = replace(out[-1], until_on=end)
        else:
            out.append(segment)
    return out


def _joins(before: Segment, after: Segment, split_years: bool) -> bool:
    same = (before.rate_num, before.rate_den, before.base_yen) == (after.rate_num, after.rate_den, after.base_yen)
    adjacent = before.until_on + timedelta(days=1) == after.from_on
    return same and adjacent and not (split_years and before.until_on.year != after.from_on.year)


def priced(segments: Iterable[Segment], rounding: InterestRounding) -> list[Segment]:
    """The segments with their yen: base × rate × days / 365, cut to the yen."""
    return [
        replace(s, yen=floor_1(s.base_yen * s.rate_num * s.days, s.rate_den * rounding.day_divisor)) for s in segments
    ]


def raw_total(segments: Iterable[Segment], rounding: InterestRounding, policy: SegmentRounding) -> int:
    """Sum before the final cut: of the cut segments, or (policy `none`) cut once at the end."""
    if policy != "none":
        return sum(segment.yen for segment in segments)
    num, den = 0, 1
    for s in segments:
        num, den = num * s.rate_den + s.base_yen * s.rate_num * s.days * den, den * s.rate_den
    return floor_1(num, den * rounding.day_divisor)
