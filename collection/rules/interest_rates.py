"""割合の表と端数の定め (rate tables and rounding of 延滞金・還付加算金): 地方税法附則3条の2, 20条の4の2."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from typing import Literal

from taxsys.kernel.rounding import floor_to

SegmentRounding = Literal["per_rate_segment", "per_year_segment", "none"]


class RateMissingError(LookupError):
    """No rate is known for a day: the calculation stops, nothing is guessed."""

    def __init__(self, title: str, on: date) -> None:
        self.on = on
        super().__init__(
            f"{title}が未登録です({on.year}年{on.month}月{on.day}日)。"
            "その年の割合は前年11月30日までに告示されます。告示後に割合を登録してから計算してください。"
        )


@dataclass(frozen=True, slots=True)
class RateRow:
    """One rate `num/den` (a fraction of one per year) from `valid_from` to `valid_until`, both included."""

    valid_from: date
    valid_until: date
    num: int
    den: int


@dataclass(frozen=True, slots=True)
class RateTable:
    """Rates by day, in the order of their dates."""

    title: str
    rows: tuple[RateRow, ...]

    def at(self, on: date) -> RateRow:
        """The row in force on a day. Raises RateMissingError."""
        for row in reversed(self.rows):
            if row.valid_from <= on <= row.valid_until:
                return row
        raise RateMissingError(self.title, on)


@dataclass(frozen=True, slots=True)
class InterestRounding:
    """端数計算: units and minimums in yen, divisor in days (365 in leap years too)."""

    base_unit_yen: int
    base_minimum_yen: int
    result_unit_yen: int
    result_minimum_yen: int
    day_divisor: int
    segment_rounding: SegmentRounding

    def with_policy(self, policy: SegmentRounding) -> InterestRounding:
        """The same rounding under another choice of segment rounding."""
        return replace(self, segment_rounding=policy)

    def base(self, balance_yen: int) -> int:
        """The sum that bears interest: nil below the minimum, else cut to the unit (地方税法20条の4の2第2項)."""
        return 0 if balance_yen < self.base_minimum_yen else floor_to(balance_yen, self.base_unit_yen)

    def result(self, raw_yen: int) -> int:
        """The interest as charged or paid: nil below the minimum, else cut to the unit (同条5項)."""
        return 0 if raw_yen < self.result_minimum_yen else floor_to(raw_yen, self.result_unit_yen)
