"""道府県あての文書の描画: addressee, facts, tables that flow over pages with their headings, sums, notes."""

from __future__ import annotations

from collections.abc import Iterator

from collection.papers.prefecture_paper_data import PaperTable, PrefecturePaper
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet

_X, _W, _ROW = 18.0, 174.0, 6.4
_FIRST_Y, _NEXT_Y, _END_Y = 84.0, 24.0, 262.0
_FACT_W = 46.0


def _pieces(paper: PrefecturePaper) -> Iterator[tuple[int, float, PaperTable]]:
    """(page, y, part of a table) in the order of drawing; a table that does not fit goes on under its heading."""
    page, y = 1, _FIRST_Y + _ROW * len(paper.facts) + 6
    for table in paper.tables:
        rows = list(table.rows)
        while True:
            room = int((_END_Y - y) // _ROW) - 3
            if room < min(3, max(1, len(rows))):
                page, y = page + 1, _NEXT_Y
                continue
            taken, rows = rows[:room], rows[room:]
            part = PaperTable(
                table.title, table.heads, table.shares, tuple(taken), () if rows else table.total, table.texts
            )
            yield page, y, part
            y += _ROW * part.lines + 5
            if not rows:
                break
            page, y = page + 1, _NEXT_Y


class PrefecturePaperDrawer:
    """払込明細の帳票 (drawer of PrefecturePaper)."""

    form_id = "L-CL-19"
    title_ja = "道民税・森林環境税払込明細"

    def page_count(self, paper: PrefecturePaper) -> int:
        """頁数 (pages of one paper)."""
        return max((page for page, _y, _part in _pieces(paper)), default=1)

    def draw(self, book: Book, paper: PrefecturePaper) -> None:
        """描く (draw one paper)."""
        pieces, pages = list(_pieces(paper)), self.page_count(paper)
        for page in range(1, pages + 1):
            sheet = book.page(A4)
            if page == 1:
                _head(sheet, paper)
            else:
                sheet.cell((_X, 12, _W, 8), f"{paper.title}（続き）", size=10)
            for _page, y, part in (one for one in pieces if one[0] == page):
                _table(sheet, part, y)
            if page == pages:
                sheet.cell((_X, _END_Y + 3, _W, 18), paper.notes, size=8, valign="t", pad=0, leading=1.4, min_size=5)
            sheet.text(_X + _W, 288, f"{page}／{pages}", size=8, align="r")
            sheet.close()


class FeePaperDrawer(PrefecturePaperDrawer):
    """徴収取扱費の請求書・道民税の年報の帳票."""

    form_id = "L-PI-31"
    title_ja = "道民税の報告・徴収取扱費請求書"


def _head(sheet: Sheet, paper: PrefecturePaper) -> None:
    sheet.cell((_X, 16, 100, 8), f"{paper.addressee}　様", size=12, min_size=6)
    kit.issuer_block(sheet, paper.office, paper.issued_on, x=116, y=26, w=76)
    sheet.cell((_X, 58, _W, 9), paper.title, size=14, bold=True, align="c")
    sheet.cell((_X, 69, _W, 12), paper.lead, size=9.5, valign="t", pad=0, leading=1.4)
    if paper.facts:
        sheet.grid(_X, _FIRST_Y, [_FACT_W, _W - _FACT_W], [_ROW] * len(paper.facts))
    for n, (label, text) in enumerate(paper.facts):
        sheet.cell((_X, _FIRST_Y + _ROW * n, _FACT_W, _ROW), label, size=9)
        sheet.cell((_X + _FACT_W, _FIRST_Y + _ROW * n, _W - _FACT_W, _ROW), text, size=10, min_size=4)


def _table(sheet: Sheet, table: PaperTable, y: float) -> None:
    whole = sum(table.shares)
    widths = [_W * share / whole for share in table.shares]
    sheet.cell((_X, y, _W, _ROW), table.title, size=9, bold=True, pad=0)
    rows = [table.heads, *table.rows, *([table.total] if table.total else [])]
    sheet.grid(_X, y + _ROW, widths, [_ROW] * len(rows))
    for number, row in enumerate(rows):
        x = _X
        for place, (text, width) in enumerate(zip(row, widths, strict=True)):
            align = "c" if number == 0 else ("l" if place < table.texts else "r")
            box = (x, y + _ROW * (number + 1), width, _ROW)
            sheet.cell(box, text, size=8, align=align, min_size=3.5, bold=bool(table.total) and number == len(rows) - 1)
            x += width
