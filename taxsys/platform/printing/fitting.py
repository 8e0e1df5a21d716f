"""文字の割付け (text fitting): shrink, then wrap with 禁則; never cut, never overlap. Pure."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from taxsys.platform.printing.errors import TextDoesNotFit

NO_START = frozenset(
    "、。，．,.・：；:;？！?!）)」』】〉》〕］]｝}ーぁぃぅぇぉっゃゅょゎァィゥェォッャュョヮヵヶ々〻％%円年月日"
)
NO_END = frozenset("（(「『【〈《〔［[｛{△▲￥")
_TOKENS = re.compile(
    r"[0-9A-Za-z０-９,，.．\-]+[\ufe00-\ufe0f\U000e0100-\U000e01ef]*|.[\ufe00-\ufe0f\U000e0100-\U000e01ef]?", re.S
)
_SIZES_STEP = 0.25
MM = 72 / 25.4


@dataclass(frozen=True)
class Fitted:
    """割付け結果 (font size in points and the lines)."""

    size: float
    lines: tuple[str, ...]


def wrap(text: str, width_of: Callable[[str], float], limit: float) -> list[str]:
    """折返し (greedy lines no wider than `limit`, in the unit of width_of; 行頭・行末禁則, numbers kept whole).

    A single character wider than the limit stands alone on its line; the caller compares and shrinks.
    """
    lines: list[str] = []
    for paragraph in text.split("\n"):
        lines.extend(_wrap_paragraph(paragraph, width_of, limit))
    return lines


def _wrap_paragraph(text: str, width_of: Callable[[str], float], limit: float) -> list[str]:
    tokens: list[str] = []
    for token in _TOKENS.findall(text):
        if width_of(token) > limit and len(token) > 1:
            tokens.extend(token)
        else:
            tokens.append(token)
    lines: list[str] = []
    line: list[str] = []
    used = 0.0
    for token in tokens:
        width = width_of(token)
        if line and used + width > limit:
            carried = _carry(line, token)
            if carried and sum(map(width_of, carried)) + width > limit:
                carried = []
            lines.append("".join(line[: len(line) - len(carried)]))
            line = carried
            used = sum(map(width_of, carried))
        line.append(token)
        used += width
    lines.append("".join(line))
    return lines


def _carry(line: list[str], token: str) -> list[str]:
    """追い出し (the tokens that must go to the next line with `token`), empty where the rule cannot be kept."""
    count = 0
    following = token
    while count < len(line) - 1:
        last = line[len(line) - 1 - count]
        if following[0] in NO_START or last[-1] in NO_END:
            count += 1
            following = last
        else:
            return line[len(line) - count :] if count else []
    return []


def fit(
    text: str,
    *,
    width_of: Callable[[str], float],
    box_mm: tuple[float, float],
    size: float,
    min_size: float = 4.0,
    leading: float = 1.2,
) -> Fitted:
    """枠に収める (largest size at which the text stands in the box).

    One line is kept down to 70 % of the wished size; then the text wraps. `width_of` answers 1/1000 em. Raises
    TextDoesNotFit where not even `min_size` is enough.
    """
    width, height = box_mm[0] * MM, box_mm[1] * MM
    if "\n" not in text:
        natural = width_of(text) / 1000
        one_line = size if natural * size <= width else width / natural
        one_line = min(one_line, height / 1.0)
        if one_line >= max(size * 0.7, min_size):
            return Fitted(min(size, one_line), (text,))
    trial = size
    while trial >= min_size:
        if trial * leading <= height * 1.0001 or trial <= height:
            lines = wrap(text, width_of, width / trial * 1000)
            block = trial + trial * leading * (len(lines) - 1)
            if block <= height and all(width_of(line) * trial / 1000 <= width + 0.01 for line in lines):
                return Fitted(trial, tuple(lines))
        trial -= _SIZES_STEP
    raise TextDoesNotFit(text, box_mm[0], box_mm[1])
