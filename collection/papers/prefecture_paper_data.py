"""道府県あての文書のデータ (pure): 払込明細 L-CL-19, 徴収取扱費の請求書・道民税の年報 L-PI-31. F-CL-022, F-PL-028."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from taxsys.platform.printing.parts import Office


@dataclass(frozen=True)
class PaperTable:
    """一つの表: heading, names of the columns with their share of the width, rows, and the sums under them.

    The first `texts` columns are words, the others amounts. Raises ValueError for a row of another length.
    """

    title: str
    heads: tuple[str, ...]
    shares: tuple[int, ...]
    rows: tuple[tuple[str, ...], ...]
    total: tuple[str, ...] = ()
    texts: int = 1

    def __post_init__(self) -> None:
        rows = [self.shares, *self.rows, *([self.total] if self.total else [])]
        if any(len(row) != len(self.heads) for row in rows):
            raise ValueError("表の列数が見出しと違います。")

    @property
    def lines(self) -> int:
        """Lines with heading and sums."""
        return 2 + len(self.rows) + bool(self.total)


@dataclass(frozen=True)
class PrefecturePaper:
    """道府県あての一通: to whom, about what, the amount in large figures, tables, notes."""

    title: str
    addressee: str
    office: Office
    issued_on: date
    lead: str
    facts: tuple[tuple[str, str], ...]
    tables: tuple[PaperTable, ...]
    notes: str = ""
