"""Spans of years and days (年度・期間)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class Years:
    """Tax years from `first` to `last`, both included; `last` None = until further notice."""

    first: int
    last: int | None = None

    def __post_init__(self) -> None:
        if self.last is not None and self.last < self.first:
            raise ValueError(f"年度の範囲が逆です: {self.first}–{self.last}")

    def __contains__(self, year: int) -> bool:
        return self.first <= year and (self.last is None or year <= self.last)


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from `from_on` (included) to `to_on` (excluded); `to_on` None = open."""

    from_on: date
    to_on: date | None = None

    def __post_init__(self) -> None:
        if self.to_on is not None and self.to_on <= self.from_on:
            raise ValueError(f"期間が空です: {self.from_on}–{self.to_on}")

    def __contains__(self, day: date) -> bool:
        return self.from_on <= day and (self.to_on is None or day < self.to_on)

    def overlaps(self, other: DateRange) -> bool:
        """Whether the two share at least one day."""
        starts_before_other_ends = other.to_on is None or self.from_on < other.to_on
        ends_after_other_starts = self.to_on is None or other.from_on < self.to_on
        return starts_before_other_ends and ends_after_other_starts


def turns(age: int, income_year: int) -> tuple[date, date]:
    """First and last birthday of those who are exactly `age` on 31 December of `income_year`.

    A person grows older at the end of the day before the birthday (年齢計算ニ関スル法律), so one born on 1 January
    has the new age on 31 December already.
    """
    return date(income_year - age, 1, 2), date(income_year - age + 1, 1, 1)


def age_on_31_december(birth_on: date, income_year: int) -> int:
    """Age in law on 31 December of `income_year`; a birth on 1 January counts as one year older."""
    extra = 1 if (birth_on.month, birth_on.day) == (1, 1) else 0
    return income_year - birth_on.year + extra
