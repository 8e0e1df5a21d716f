"""口座振替のお知らせ・済通知書の描画: address panel, one table over as many pages as it needs, slips behind it."""

from __future__ import annotations

from collection.papers.debit_letter_data import DebitLetter
from collection.papers.payment_slip import SLIPS_PER_PAGE, draw_slips
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet
from taxsys.platform.printing.parts import yen_text

_X, _W, _ROW = 18.0, 174.0, 7.0
_LINES_A_PAGE = 20
# Widths of the columns by what stands in them, in millimetres; 税目 takes what is left.
_WIDTHS = {
    "年度・期別": 34.0, "理由": 30.0, "この後": 34.0, "金額（円）": 26.0, "納期限": 26.0, "引落日": 26.0, "内容": 20.0,
    "金融機関・口座": 62.0, "適用": 38.0, "支払の期間": 70.0,
}  # fmt: skip


class DebitLetterDrawer:
    """口座振替のお知らせの帳票 (drawer of DebitLetter)."""

    form_id = "L-CL-03"
    title_ja = "口座振替のお知らせ"

    def page_count(self, paper: DebitLetter) -> int:
        """頁数: pages of the table, then pages of slips."""
        return self._pages(paper) + -(-len(paper.slips) // SLIPS_PER_PAGE)

    def _pages(self, paper: DebitLetter) -> int:
        return max(1, -(-len(paper.rows) // _LINES_A_PAGE))

    def draw(self, book: Book, paper: DebitLetter) -> None:
        """描く (draw one letter)."""
        pages = self._pages(paper)
        for number in range(pages):
            sheet = book.page(A4)
            sheet.cell((112, 16, 80, 9), paper.title, size=14, bold=True, align="c", min_size=9)
            kit.address_block(sheet, paper.addressee, mark=paper.letter_no)
            kit.issuer_block(sheet, paper.office, paper.issued_on, x=116, y=30, w=76)
            sheet.cell(
                (_X, 66, _W, 16), f"{paper.payer_name} 様　{paper.opening}", size=10, pad=0, valign="t", leading=1.5,
                min_size=4,
            )  # fmt: skip
            sheet.cell((_X, 84, _W, 5), f"番号　{paper.letter_no}　　{number + 1}／{pages}頁", size=8.5, pad=0)
            y = self._table(sheet, paper, paper.rows[number * _LINES_A_PAGE : (number + 1) * _LINES_A_PAGE])
            if number == pages - 1:
                self._end(sheet, paper, y)
            sheet.close()
        if paper.slips:
            draw_slips(book, paper.slips)

    def _table(self, sheet: Sheet, paper: DebitLetter, rows: tuple[tuple[str, ...], ...]) -> float:
        y = 92.0
        widths = [_WIDTHS.get(head, 0.0) for head in paper.heads]
        widths = [width or _W - sum(widths) for width in widths]
        sheet.grid(_X, y, widths, [_ROW] * (len(rows) + 1))
        for at, texts in enumerate([paper.heads, *rows]):
            x = _X
            for text, width, head in zip(texts, widths, paper.heads, strict=True):
                align = "r" if head.endswith("円）") and at else "l"
                sheet.cell((x, y + _ROW * at, width, _ROW), text, size=8.5, align=align, min_size=3)
                x += width
        return y + _ROW * (len(rows) + 1) + 4

    def _end(self, sheet: Sheet, paper: DebitLetter, y: float) -> None:
        if paper.total_yen is not None:
            sheet.cell((_X, y, _W, 7), f"合計　{yen_text(paper.total_yen)}円", size=11, bold=True, align="r")
            y += 9
        sheet.cell((_X, y, _W, 16), paper.closing, size=9.5, pad=0, valign="t", leading=1.5, min_size=4)
        kit.contact_block(sheet, paper.office, box=(_X, 274, _W, 12))


class DebitPaidDrawer(DebitLetterDrawer):
    """口座振替済通知書の帳票 (L-CL-04)."""

    form_id = "L-CL-04"
    title_ja = "口座振替済通知書"
