"""表の書類 (papers of tables): heading, facts and ruled tables over as many A4 pages as they need."""

from collections.abc import Sequence
from dataclasses import dataclass

from taxsys.platform.printing.engine import A4, Book, Sheet

_LEFT, _WIDTH, _TOP, _BOTTOM, _ROW = 18.0, 174.0, 18.0, 276.0, 6.0


@dataclass(frozen=True, slots=True)
class PaperTable:
    """表: column widths in mm, a header row, rows of text; `right` names the columns with figures."""

    title_ja: str
    widths: Sequence[float]
    header: Sequence[str]
    rows: Sequence[Sequence[str]]
    right: frozenset[int] = frozenset()
    note_ja: str = ""


class TablePaper:
    """表の続く書類: a heading, facts, tables one after the other over as many pages as they need."""

    def __init__(self, *, title_ja: str) -> None:
        self._book = Book(title=title_ja)
        self._title = title_ja
        self._sheet: Sheet
        self._pages = 0
        self._new_page()

    def _new_page(self) -> None:
        if self._pages:
            self._sheet.close()
        self._pages += 1
        self._sheet = self._book.page(A4)
        size = 15 if self._pages == 1 else 9
        self._sheet.cell((_LEFT, _TOP - 6, _WIDTH - 20, 9), self._title, size=size, bold=True, pad=0)
        self._sheet.cell((_LEFT + _WIDTH - 20, _TOP - 6, 20, 9), f"{self._pages}頁", size=9, align="r", pad=0)
        self._y = _TOP + 6

    def _room(self, height: float) -> None:
        if self._y + height > _BOTTOM:
            self._new_page()

    def facts(self, rows: Sequence[tuple[str, str]]) -> None:
        """項目と内容 (label and value, one per line)."""
        for label, value in rows:
            self._room(_ROW)
            self._sheet.cell((_LEFT, self._y, 40, _ROW), label, size=9, pad=0)
            self._sheet.cell((_LEFT + 40, self._y, _WIDTH - 40, _ROW), value, size=9, pad=0)
            self._y += _ROW
        self._y += 2

    def text(self, text: str, *, lines: int = 1) -> None:
        """文章 (a paragraph in a box of so many lines)."""
        self._room(5.0 * lines)
        self._sheet.cell((_LEFT, self._y, _WIDTH, 5.0 * lines), text, size=9, pad=0, valign="t")
        self._y += 5.0 * lines + 1

    def table(self, table: PaperTable) -> None:
        """表 (the header is repeated on each page)."""
        self._room(_ROW * 4)
        self._sheet.cell((_LEFT, self._y, _WIDTH, _ROW), table.title_ja, size=10.5, bold=True, pad=0)
        self._y += _ROW
        if table.note_ja:
            self.text(table.note_ja)
        rest = list(table.rows)
        while True:
            fits = max(1, int((_BOTTOM - self._y) // _ROW) - 1)
            self._rows(table, rest[:fits])
            rest = rest[fits:]
            if not rest:
                break
            self._new_page()
        self._y += 4

    def _rows(self, table: PaperTable, rows: Sequence[Sequence[str]]) -> None:
        self._sheet.grid(_LEFT, self._y, list(table.widths), [_ROW] * (len(rows) + 1))
        for number, row in enumerate((table.header, *rows)):
            x = _LEFT
            for place, (width, value) in enumerate(zip(table.widths, row, strict=True)):
                align = "r" if number and place in table.right else "l"
                self._sheet.cell((x, self._y, width, _ROW), value, size=8, align=align, bold=number == 0)
                x += width
            self._y += _ROW

    def code(self, text: str, *, caption: str) -> None:
        """符号とQR (a code that a person can compare, and its QR)."""
        self._room(42)
        side = self._sheet.qr(_LEFT + 2, self._y + 2, text, dots=5)
        self._sheet.cell((_LEFT + side + 8, self._y, _WIDTH - side - 8, 6), caption, size=9, pad=0)
        self._sheet.cell((_LEFT + side + 8, self._y + 7, _WIDTH - side - 8, 18), text, size=11, pad=0, valign="t")
        self._y += max(side, 26) + 6

    def boxes(self, labels: Sequence[str]) -> None:
        """記名欄 (boxes to be signed)."""
        self._room(22)
        width = _WIDTH / len(labels)
        self._sheet.grid(_LEFT, self._y, [width] * len(labels), [_ROW, 14])
        for place, label in enumerate(labels):
            self._sheet.cell((_LEFT + width * place, self._y, width, _ROW), label, size=8, align="c")
        self._y += 24

    def finish(self) -> bytes:
        """PDFの内容."""
        self._sheet.close()
        return self._book.finish()
