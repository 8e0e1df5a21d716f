"""計算書の描画 (the calculation sheet of one person, A4): sentences, figures, formulas with numbers, articles."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assessment.resident.sheet import Block, CalculationSheet, Line
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet
from taxsys.platform.printing.fitting import MM, wrap

FORM_ID = "L-PI-24"
_X, _W = 16.0, 178.0
_TITLE_W, _VALUE_W = 46.0, 34.0
_WORDS_X = _X + _TITLE_W + _VALUE_W
_WORDS_W = _W - _TITLE_W - _VALUE_W
_TOP, _BOTTOM = 34.0, 280.0
_SIZE, _SMALL = 8.5, 7.0
_PAD = 1.2


@dataclass(frozen=True, slots=True)
class CalculationHead:
    """Whose calculation, of which decision; no address stands on this paper."""

    person_no: str
    name: str
    tax_year: int
    version: int
    cause_ja: str
    decided_on: date
    notice_no: str
    printed_on: date
    # What changed since last year; "" where nothing was compared.
    year_ja: str = ""


def calculation_pdf(sheet: CalculationSheet, head: CalculationHead) -> bytes:
    """計算書 as PDF bytes; the same sheet and head give the same bytes. Raises MissingGlyph, TextDoesNotFit."""
    book = Book(title=f"計算書 {head.notice_no} 第{head.version}版")
    book.owner(head.name)
    pages = _Pages(book, head)
    pages.words(sheet.answer_ja, bold=True, size=10.5)
    if head.year_ja:
        pages.words(head.year_ja)
    for number, block in enumerate(sheet.blocks, start=1):
        _block(pages, number, block)
    pages.close()
    return book.finish()


def _block(pages: _Pages, number: int, block: Block) -> None:
    pages.heading(f"{number}　{block.title_ja}", block.spoken_ja)
    for line in block.lines:
        pages.line(line)
    if block.quiet_lines:
        names = "、".join(line.title_ja for line in block.quiet_lines)
        pages.words(f"0円・非該当: {names}", size=_SMALL)


def _words(line: Line) -> list[tuple[str, float]]:
    """What stands beside a figure, with the size of its letters."""
    words = [(line.worked_ja, _SIZE - 1)]
    if line.rounding != "なし":
        words.append((f"端数: {line.rounding}", _SMALL))
    words.append((f"根拠: {line.law}", _SMALL))
    return words


class _Pages:
    """The pages of one sheet: knows how far down it has written and opens the next page."""

    def __init__(self, book: Book, head: CalculationHead) -> None:
        self._book = book
        self._head = head
        self._number = 0
        self._sheet: Sheet
        self._open()

    def _open(self) -> None:
        self._number += 1
        self._sheet = self._book.page(A4)
        head, year = self._head, kit.tax_year_text(self._head.tax_year)
        self._sheet.cell((_X, 12, 120, 8), f"{year}　個人住民税　計算書", size=14, bold=True, pad=0)
        self._sheet.cell((_X + 118, 12, 60, 5), f"{self._number}頁　{kit.day(head.printed_on)} 作成", size=8, align="r")
        who = f"宛名番号 {head.person_no}　{head.name} 様"
        self._sheet.cell((_X, 20, 110, 6), who, size=10, min_size=3, pad=0)
        which = f"通知書番号 {head.notice_no}　第{head.version}版({head.cause_ja})　{kit.day(head.decided_on)}決定"
        self._sheet.cell((_X, 26, _W, 5), which, size=8, pad=0)
        self._sheet.line(_X, 32, _X + _W, 32, width=0.8)
        self._at = _TOP

    def close(self) -> None:
        """Bind the last page."""
        self._sheet.close()

    def _room(self, height: float) -> None:
        if self._at + height > _BOTTOM:
            self._sheet.close()
            self._open()

    def _wrapped(self, text: str, width: float, size: float, *, bold: bool = False) -> list[str]:
        fonts = self._book.fonts["bold" if bold else "regular"]
        return wrap(text, fonts.width, width * MM / size * 1000)

    def _write(
        self, x: float, y: float, lines: list[str], size: float, *, bold: bool = False, is_right: bool = False
    ) -> float:
        """Lines from top y at x (its right edge with `is_right`); returns their height."""
        step = size * 1.35 / MM
        base = y + size * 0.88 / MM
        for text in lines:
            self._sheet.text(x, base, text, size=size, bold=bold, align="r" if is_right else "l")
            base += step
        return len(lines) * step

    def words(self, text: str, *, size: float = _SIZE, bold: bool = False) -> None:
        """A paragraph over the whole width."""
        lines = self._wrapped(text, _W, size, bold=bold)
        self._room(len(lines) * size * 1.35 / MM + _PAD)
        self._at += self._write(_X, self._at, lines, size, bold=bold) + _PAD

    def heading(self, title: str, spoken: str) -> None:
        """A block's title and its sentence; never alone at the foot of a page."""
        lines = self._wrapped(spoken, _W - 4, _SIZE)
        self._room(8 + len(lines) * _SIZE * 1.35 / MM + 14)
        self._at += 2
        self._sheet.rect((_X, self._at, _W, 5.4), line=0, gray=0.9)
        self._sheet.cell((_X, self._at, _W, 5.4), title, size=9.5, bold=True)
        self._at += 6.4
        self._at += self._write(_X + 2, self._at, lines, _SIZE) + _PAD

    def line(self, line: Line) -> None:
        """Title, value and the formula with its numbers, side by side."""
        title = self._wrapped(line.title_ja, _TITLE_W - 2, _SIZE)
        values = [f"{name} {text}".strip() for name, text in line.values]
        value_lines = [part for value in values for part in self._wrapped(value, _VALUE_W - 2, _SIZE, bold=True)]
        words = [(self._wrapped(text, _WORDS_W - 2, size), size) for text, size in _words(line)]
        heights = (
            len(title) * _SIZE,
            len(value_lines) * _SIZE,
            sum(len(lines) * size for lines, size in words),
        )
        height = max(heights) * 1.35 / MM + _PAD
        self._room(height)
        self._sheet.line(_X, self._at, _X + _W, self._at, width=0.25)
        top = self._at + 0.6
        self._write(_X, top, title, _SIZE)
        self._write(_X + _TITLE_W + _VALUE_W - 2, top, value_lines, _SIZE, bold=True, is_right=True)
        y = top
        for lines, size in words:
            y += self._write(_WORDS_X, y, lines, size)
        self._at += height + 0.6
