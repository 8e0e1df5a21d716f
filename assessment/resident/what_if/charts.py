"""試算の図: bars as whole pixels for a template, no script; the table beside says the same."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from taxsys.kernel.yen import format_yen

LABEL, WIDTH, VALUE, ROW = 176, 320, 144, 26


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar: text anchors and the rectangle, in pixels of the drawing."""

    label: str
    text: str
    y: int
    x: int
    width: int
    is_down: bool

    @property
    def text_y(self) -> int:
        """Base line of the texts."""
        return self.y + 14


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing of bars from one axis; `title` and `desc` are what a reader without the picture hears."""

    id: str
    title_ja: str
    desc_ja: str
    bars: tuple[Bar, ...]
    axis_x: int
    total_width: int = LABEL + WIDTH + VALUE

    @property
    def height(self) -> int:
        """Height of the drawing."""
        return len(self.bars) * ROW + 8

    @property
    def text_x(self) -> int:
        """Where the labels end."""
        return LABEL - 8

    @property
    def value_x(self) -> int:
        """Where the figures end."""
        return self.total_width - 4


def bars_chart(
    chart_id: str, title_ja: str, rows: Sequence[tuple[str, int | None]], *, unit: str, hidden: str
) -> Chart | None:
    """Bars of these values to one scale, negative ones to the left of the axis; None where nothing can be drawn."""
    known = [value for _, value in rows if value is not None]
    low, high = min([0, *known]), max([0, *known])
    span = high - low
    if not span:
        return None
    axis = LABEL + -low * WIDTH // span
    bars = []
    for place, (label, value) in enumerate(rows):
        length = 0 if value is None else max(abs(value) * WIDTH // span, 1 if value else 0)
        is_down = value is not None and value < 0
        text = hidden if value is None else _text(value, unit)
        bars.append(Bar(label, text, place * ROW + 4, axis - length if is_down else axis, length, is_down))
    told = "、".join(f"{bar.label} {bar.text}" for bar in bars)
    return Chart(chart_id, title_ja, told, tuple(bars), axis)


def _text(value: int, unit: str) -> str:
    return format_yen(value) if unit == "円" else f"{value:,}{unit}"
