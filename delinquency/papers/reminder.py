"""督促状の描画 (drawing of the reminder): address panel, notice panel, payment slip; A4 folded in three and sealed."""

from __future__ import annotations

from collection.papers.payment_slip import STRIP, define_static, draw_strip
from delinquency.papers.reminder_data import ReminderCard
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet
from taxsys.platform.printing.parts import appeal_text, yen_text

_X, _W = 18.0, 174.0
_LABELS = ("税目", "年度・期別", "通知書番号", "納期限", "未納税額", "督促手数料", "合計")


def _static(sheet: Sheet) -> None:
    sheet.cell((116, 16, 76, 10), "督　促　状", size=18, bold=True, align="c")
    sheet.line(0, 99, 210, 99, width=0.3, dash=(2, 2))
    sheet.line(0, 198, 210, 198, width=0.3, dash=(2, 2))
    sheet.grid(_X, 104, [28, 62], [6.0] * len(_LABELS))
    for n, label in enumerate(_LABELS):
        sheet.cell((_X, 104 + 6 * n, 28, 6), label, size=8.5, bold=label == "合計")
    sheet.rect((112, 104, 80, 42), line=1.0)
    sheet.text(114, 108.5, "ご注意", size=9, bold=True)
    sheet.text(_X, 154, "教示（この処分に不服がある場合）", size=8, bold=True)


class ReminderDrawer:
    """督促状の帳票 (drawer of ReminderCard)."""

    form_id = "L-CL-02"
    title_ja = "督促状"

    def page_count(self, paper: ReminderCard) -> int:
        """頁数 (always one)."""
        return 1

    def draw(self, book: Book, paper: ReminderCard) -> None:
        """描く (draw one card)."""
        book.static("reminder", A4, _static)
        define_static(book)
        sheet = book.page(A4)
        sheet.use("reminder")
        kit.address_block(sheet, paper.addressee, mark=paper.reminder_no)
        kit.issuer_block(sheet, paper.office, paper.issued_on, x=116, y=32, w=76)
        sheet.cell(
            (_X, 68, _W, 14),
            "下記の税金が納期限を過ぎても納付されていません。下の納付書により至急納めてください。"
            "行き違いに納付されたときは、ご容赦ください。",
            size=10,
            pad=0,
            leading=1.5,
        )
        kit.contact_block(sheet, paper.office, box=(_X, 84, _W, 11))
        self._claim(sheet, paper)
        if paper.slip is not None:
            draw_strip(sheet, paper.slip, 2 * STRIP[1])
        sheet.close()

    def _claim(self, sheet: Sheet, paper: ReminderCard) -> None:
        values = (
            paper.tax_name,
            f"{kit.tax_year_text(paper.tax_year)}　{paper.instalment_label}",
            paper.notice_no,
            kit.day(paper.due_on),
        )
        for n, value in enumerate(values):
            sheet.cell((_X + 28, 104 + 6 * n, 62, 6), value, size=9, min_size=3)
        total = paper.unpaid_yen + paper.fee_yen
        for n, yen in enumerate((paper.unpaid_yen, paper.fee_yen, total), start=4):
            sheet.cell((_X + 28, 104 + 6 * n, 62, 6), yen_text(yen) + "円", size=10, align="r", min_size=4)
        text = paper.warning() + "\n" + paper.late_interest_text + f"\n納付書の取扱期限　{kit.day(paper.pay_until)}"
        sheet.cell((113, 110, 78, 35), text, size=9, valign="t", leading=1.4)
        sheet.cell(
            (_X, 156, _W, 39), appeal_text(paper.appeal, act="この督促"), size=7.5, valign="t", pad=0, leading=1.4
        )
