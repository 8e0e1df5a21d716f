"""収納率の図 (chart of the rates): two lines over the months of the year as whole pixels for a template, no script."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from collection.closing.rates import CurvePoint

_LEFT, _TOP, _WIDTH, _HEIGHT, _FULL_BP = 48, 16, 616, 220, 10_000
_STEPS = 5


@dataclass(frozen=True, slots=True)
class Line:
    """A drawn line: its points for `polyline`, the marks on it with their words, and its style."""

    title_ja: str
    points: str
    marks: tuple[tuple[int, int, str], ...]
    is_last_year: bool


@dataclass(frozen=True, slots=True)
class RateChart:
    """収納率の推移; `desc_ja` says the same in words for a reader without the picture."""

    title_ja: str
    desc_ja: str
    lines: tuple[Line, ...]
    months: tuple[tuple[int, str], ...]
    grid: tuple[tuple[int, str], ...]
    left: int = _LEFT
    right: int = _LEFT + _WIDTH
    label_y: int = _TOP + _HEIGHT + 18
    width: int = _LEFT + _WIDTH + 16
    height: int = _TOP + _HEIGHT + 28


def percent(value_bp: int | None) -> str:
    """98.76% of 9,876 hundredths; ― where there is none."""
    if value_bp is None:
        return "―"
    sign = "△" if value_bp < 0 else ""
    whole, rest = divmod(abs(value_bp), 100)
    return f"{sign}{whole}.{rest:02d}%"


def rate_chart(curve: Sequence[CurvePoint], *, title_ja: str, this_ja: str, last_ja: str) -> RateChart | None:
    """The chart of a curve; None where there is nothing to draw."""
    if not any(point.rate_bp is not None for point in curve):
        return None
    places = max(len(curve) - 1, 1)
    xs = [_LEFT + 24 + number * (_WIDTH - 48) // places for number in range(len(curve))]
    this = _line(this_ja, [(x, p.label, p.rate_bp) for x, p in zip(xs, curve, strict=True)], is_last_year=False)
    last = _line(last_ja, [(x, p.label, p.before_bp) for x, p in zip(xs, curve, strict=True)], is_last_year=True)
    told = "、".join(f"{point.label} {percent(point.rate_bp)}（前年 {percent(point.before_bp)}）" for point in curve)
    grid = tuple((_y(_FULL_BP * step // _STEPS), f"{100 * step // _STEPS}%") for step in range(_STEPS + 1))
    lines = tuple(line for line in (last, this) if line.points)
    months = tuple((x, point.label) for x, point in zip(xs, curve, strict=True))
    return RateChart(title_ja, told, lines, months, grid)


def _line(title_ja: str, values: Sequence[tuple[int, str, int | None]], *, is_last_year: bool) -> Line:
    known = [(x, label, value) for x, label, value in values if value is not None]
    marks = tuple((x, _y(value), f"{title_ja} {label} {percent(value)}") for x, label, value in known)
    return Line(title_ja, " ".join(f"{x},{y}" for x, y, _text in marks), marks, is_last_year)


def _y(value_bp: int) -> int:
    whole, _rest = divmod(_HEIGHT * min(max(value_bp, 0), _FULL_BP), _FULL_BP)
    return _TOP + _HEIGHT - whole
