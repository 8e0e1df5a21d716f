"""収納率 (rates of collection): by tax and section as of a day beside the same day of last year, and the year's curve.

Read from the book lines, a few thousand rows a year whatever the size of the city.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from collection.closing.books import (
    BookRow,
    Move,
    book_moves,
    rate_bp,
    rows_of,
    same_day_last_year,
    tax_titles,
    totals_of,
    turning_days,
)
from collection.closing.law import attribution_law
from collection.closing.rules import CARRIED, CURRENT, SECTIONS_JA, accounts_end
from taxsys.kernel.calendar import fiscal_year as fiscal_year_of

ALL, ALL_JA = "", "全税目"
_MONTHS = 14  # from April to the end of the accounts in May of the next year


@dataclass(frozen=True, slots=True)
class RateRow:
    """収納率の一行: a tax and section as of a day, and as of the same day a year before."""

    tax_kind: str
    tax_title: str
    section: str
    now: BookRow
    before: BookRow | None

    @property
    def section_ja(self) -> str:
        """現年課税分・滞納繰越分・計."""
        return SECTIONS_JA.get(self.section, "計")

    @property
    def difference_bp(self) -> int | None:
        """This year's rate less last year's, in hundredths of a percent."""
        before = self.before.rate_bp if self.before else None
        return None if before is None or self.now.rate_bp is None else self.now.rate_bp - before

    @property
    def is_total(self) -> bool:
        """Whether the row is a sum."""
        return self.section == ALL or self.tax_kind == ALL


@dataclass(frozen=True, slots=True)
class CurvePoint:
    """Rate at the end of a month of the fiscal year (or on the day asked for), this year and the year before."""

    label: str
    rate_bp: int | None
    before_bp: int | None


@dataclass(frozen=True, slots=True)
class Dashboard:
    """収納率 of a fiscal year as of a day: rows by tax and section, and the curve of the chosen tax and section."""

    fiscal_year: int
    on: date
    before_on: date
    rows: list[RateRow]
    curve: list[CurvePoint]


def dashboard(fiscal_year: int, on: date, *, tax_kind: str = ALL, section: str = CURRENT) -> Dashboard:
    """収納率の画面: F-CL-030, L-CL-13. One question to the book lines."""
    law = attribution_law()
    on = min(on, accounts_end(fiscal_year, law))
    before_on = same_day_last_year(on)
    ends = _ends(fiscal_year, on)
    days = {day for end in ends for day in (end, same_day_last_year(end))}
    turns = [day for year in (fiscal_year, fiscal_year - 1) for day in turning_days(year, law)]
    moves = book_moves(on, days=[*days, before_on, *turns])
    titles = tax_titles()
    now = rows_of(moves, fiscal_year, law, titles)
    before = rows_of(_until(moves, before_on), fiscal_year - 1, law, titles)
    kinds = sorted({(row.tax_kind, row.tax_title) for row in now})
    rows = [one for kind, title in [*kinds, (ALL, ALL_JA)] for one in _rows(kind, title, now, before)]
    curve = _curve(moves, fiscal_year, ends, tax_kind, section)
    return Dashboard(fiscal_year, on, before_on, rows, curve)


def _until(moves: list[Move], on: date) -> list[Move]:
    return [move for move in moves if move.occurred_on <= on]


def _rows(kind: str, title: str, now: list[BookRow], before: list[BookRow]) -> list[RateRow]:
    sums, last = totals_of(now, tax_kind=kind), totals_of(before, tax_kind=kind)
    return [
        RateRow(kind, title, section, sums[section], last.get(section))
        for section in (CURRENT, CARRIED, ALL)
        if section in sums
    ]


def _ends(fiscal_year: int, on: date) -> list[date]:
    """Ends of the months of the year up to a day; the last is that day."""
    ends = [_month_end(fiscal_year, number) for number in range(_MONTHS)]
    return [min(end, on) for end in ends if end.replace(day=1) <= on]


def _curve(moves: list[Move], fiscal_year: int, ends: list[date], tax_kind: str, section: str) -> list[CurvePoint]:
    return [
        CurvePoint(
            f"{day.month}月",
            _rate(moves, fiscal_year, day, tax_kind, section),
            _rate(moves, fiscal_year - 1, same_day_last_year(day), tax_kind, section),
        )
        for day in ends
    ]


def _month_end(fiscal_year: int, number: int) -> date:
    """The last day of the month `number` months after April."""
    year, month = divmod(number + 4, 12)
    return date(fiscal_year + year, month + 1, 1) - timedelta(days=1)


def _rate(moves: list[Move], fiscal_year: int, on: date, tax_kind: str, section: str) -> int | None:
    rows = rows_of(_until(moves, on), fiscal_year, attribution_law(), {})
    total = totals_of(rows, tax_kind=tax_kind).get(section)
    return rate_bp(total.received_yen, total.due_yen) if total else None


def year_of(on: date) -> int:
    """The fiscal year that a day's screens show first."""
    return fiscal_year_of(on)
