"""納入の過不足のお知らせの描画: address panel, the months that are short, what is too much, whom to ask."""

from __future__ import annotations

from collection.papers.difference_letter_data import DifferenceLetter
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet
from taxsys.platform.printing.parts import yen_text

_X, _W, _ROW = 18.0, 174.0, 7.0
_WIDTHS = (30.0, 44.0, 34.0, 33.0, 33.0)
_HEADS = ("月分", "納期限", "納入すべき額", "納入済の額", "不足額")


def _static(sheet: Sheet) -> None:
    title = "市民税・道民税・森林環境税　特別徴収税額の納入の過不足のお知らせ"
    sheet.cell((_X, 70, _W, 9), title, size=13, bold=True, align="c")


class DifferenceLetterDrawer:
    """納入の過不足のお知らせの帳票 (drawer of DifferenceLetter)."""

    form_id = "L-CL-10"
    title_ja = "特別徴収税額の納入の過不足のお知らせ"

    def page_count(self, paper: DifferenceLetter) -> int:
        """頁数: always one (a year has twelve months)."""
        return 1

    def draw(self, book: Book, paper: DifferenceLetter) -> None:
        """描く (draw one letter)."""
        book.static("difference_letter", A4, _static)
        sheet = book.page(A4)
        sheet.use("difference_letter")
        kit.address_block(sheet, paper.addressee, mark=paper.designation_no)
        kit.issuer_block(sheet, paper.office, paper.issued_on, x=116, y=30, w=76)
        lead = (
            f"{kit.tax_year_text(paper.tax_year)}の給与からの特別徴収税額（指定番号 {paper.designation_no}）の納入に、"
            "次のとおり過不足がありますのでお知らせします。行き違いで納入済のときは、ご容赦ください。"
        )
        sheet.cell((_X, 84, _W, 12), lead, size=10, valign="t", pad=0, leading=1.4)
        y = self._months(sheet, paper, 100.0) if paper.months else 100.0
        sheet.grid(_X, y + 4, [74.0, 50.0], [_ROW] * 2)
        for n, (label, yen) in enumerate((("不足額の計", paper.short_yen), ("納め過ぎの額", paper.over_yen))):
            sheet.cell((_X, y + 4 + _ROW * n, 74, _ROW), label, size=9)
            sheet.cell((_X + 74, y + 4 + _ROW * n, 50, _ROW), f"{yen_text(yen)}円", size=10, align="r", bold=True)
        notes = (
            "１　不足額は、お手元の納入書の金額を訂正して、至急納入してください。"
            "納期限の翌日からの延滞金がかかることがあります。\n"
            "２　納め過ぎの額は、未納の税があるときはこれに充て、残りをお返しします。手続は別にお知らせします。\n"
            "３　従業員の退職・転勤などで納入額が変わったときは、給与所得者異動届出書を提出してください。"
        )
        sheet.cell((_X, y + 24, _W, 30), notes, size=9, valign="t", pad=0, leading=1.5)
        kit.contact_block(sheet, paper.office, box=(_X, 262, _W, 14))
        sheet.close()

    def _months(self, sheet: Sheet, paper: DifferenceLetter, y: float) -> float:
        sheet.grid(_X, y, list(_WIDTHS), [_ROW] * (len(paper.months) + 1))
        rows = [_HEADS]
        rows += [
            (
                line.month_ja, kit.day(line.due_on), yen_text(line.asked_yen), yen_text(line.paid_yen),
                yen_text(line.short_yen),
            )
            for line in paper.months
        ]  # fmt: skip
        for number, row in enumerate(rows):
            x = _X
            for place, (text, width) in enumerate(zip(row, _WIDTHS, strict=True)):
                align = "r" if place > 1 and number else "l"
                sheet.cell((x, y + _ROW * number, width, _ROW), text, size=9, align=align, min_size=4)
                x += width
        return y + _ROW * len(rows)
