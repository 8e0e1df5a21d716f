"""特別徴収税額の納入の過不足のお知らせのデータ (pure). F-CL-035, L-CL-10."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from taxsys.platform.printing.parts import Addressee, Office


@dataclass(frozen=True)
class MonthLine:
    """一月分: what was to be paid, what was paid, yen."""

    month_ja: str
    due_on: date
    asked_yen: int
    paid_yen: int

    @property
    def short_yen(self) -> int:
        """不足額."""
        return max(0, self.asked_yen - self.paid_yen)


@dataclass(frozen=True)
class DifferenceLetter:
    """お知らせ一通: months that are short, and what was paid too much altogether; one of both at least."""

    addressee: Addressee
    office: Office
    designation_no: str
    tax_year: int
    issued_on: date
    months: tuple[MonthLine, ...]
    over_yen: int

    def __post_init__(self) -> None:
        if self.over_yen < 0 or any(line.short_yen == 0 for line in self.months):
            raise ValueError("過不足のない月は載せられません。")
        if not self.months and self.over_yen == 0:
            raise ValueError("過不足のない義務者へのお知らせは作れません。")

    @property
    def short_yen(self) -> int:
        """不足額の計, yen."""
        return sum(line.short_yen for line in self.months)
