"""納付書の描画 (drawing of the payment slip): 領収証書・原符・領収済通知書, one strip of 210 × 99 mm, three on A4."""

from __future__ import annotations

from collections.abc import Sequence

from collection.papers.payment_slip_data import SLIPS_PER_PAGE, CounterReceipt, PaymentSlip
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, A5_LANDSCAPE, Book, Sheet
from taxsys.platform.printing.errors import PrintingError
from taxsys.platform.printing.parts import yen_text

STRIP = (210.0, 99.0)
_STUBS = ((6.0, 58.0, "領収証書", "納税者保管"), (68.0, 52.0, "納付書（原符）", "金融機関等保管"))
_NOTICE_X, _NOTICE_W = 124.0, 80.0
_ROWS = ("年度・期別", "通知書番号", "税目", "氏名", "税額", "延滞金", "督促手数料", "合計額", "納期限", "取扱期限")
_TOP, _LABEL_W = 15.0, 17.0
_HEIGHTS = (5.2, 5.2, 6.2, 8.0, 5.2, 5.2, 5.2, 6.6, 5.2, 5.2)
_NOTICE_ROWS = ("年度・期別", "通知書番号", "税目", "住所", "氏名")
_NOTICE_HEIGHTS = (5.0, 5.0, 5.0, 6.4, 6.4)
STATIC = "payment_slip"


def define_static(book: Book) -> None:
    """固定部分を用意する (rules and labels of one strip, once per file)."""
    book.static(STATIC, STRIP, _draw_static)


def _draw_static(sheet: Sheet) -> None:
    for x, w, title, keeper in _STUBS:
        sheet.cell((x, 6, w, 5), title, size=10, align="c", bold=True)
        sheet.grid(x, _TOP, [_LABEL_W, w - _LABEL_W], list(_HEIGHTS))
        y = _TOP
        for label, height in zip(_ROWS, _HEIGHTS, strict=True):
            sheet.cell((x, y, _LABEL_W, height), label, size=7, bold=label == "合計額")
            y += height
        sheet.rect((x + w - 24, y + 1.5, 24, 17), line=0.3)
        sheet.text(x + w - 12, y + 4.5, "領収日付印", size=5.5, align="c")
        sheet.text(x, 96.5, keeper, size=6)
    x, w = _NOTICE_X, _NOTICE_W
    sheet.cell((x, 6, w, 5), "領収済通知書", size=10, align="c", bold=True)
    sheet.grid(x, _TOP, [_LABEL_W, w - _LABEL_W - 22], list(_NOTICE_HEIGHTS))
    y = _TOP
    for label, height in zip(_NOTICE_ROWS, _NOTICE_HEIGHTS, strict=True):
        sheet.cell((x, y, _LABEL_W, height), label, size=7)
        y += height
    sheet.grid(x, 44.4, [20, 20, 20, 20], [4, 5.6])
    for n, label in enumerate(("税額", "延滞金", "督促手数料", "合計額")):
        sheet.cell((x + 20 * n, 44.4, 20, 4), label, size=6.5, align="c")
    sheet.text(x, 57.6, "納期限", size=6.5)
    sheet.text(x + 40, 57.6, "取扱期限", size=6.5)
    sheet.rect((x + w - 20, 74, 20, 19), line=0.3)
    sheet.text(x + w - 10, 77, "領収日付印", size=5.5, align="c")
    sheet.text(x, 96.5, "市保管", size=6)
    for cut in (65.5, 121.5):
        sheet.line(cut, 2, cut, 97, width=0.3, dash=(2, 2))


def draw_strip(sheet: Sheet, slip: PaymentSlip, dy: float) -> None:
    """一枚分を描く (one slip whose strip begins at dy mm)."""
    sheet.use(STATIC, 0, dy)
    year = f"{kit.tax_year_text(slip.tax_year)}　{slip.instalment_label}"
    due, until = kit.day(slip.due_on), kit.day(slip.pay_until)
    values = (year, slip.notice_no, slip.tax_name, slip.payer_name)
    amounts = (slip.tax_yen, slip.late_interest_yen or None, slip.fee_yen or None, slip.total_yen)
    for x, w, _, _ in _STUBS:
        sheet.cell((x, dy + 10.6, w, 4), slip.payee_name, size=7)
        y = dy + _TOP
        for index, height in enumerate(_HEIGHTS):
            box = (x + _LABEL_W, y, w - _LABEL_W, height)
            if index < 4:
                sheet.cell(box, values[index], size=8, min_size=3)
            elif index < 8:
                kit.amount_row(sheet, box, amounts[index - 4], size=10 if index == 7 else 8.5)
            else:
                sheet.cell(box, due if index == 8 else until, size=8, align="r")
            y += height
        sheet.cell((x, y + 2, w - 25, 6), slip.contact, size=5.5, valign="t", min_size=3, pad=0.5)
        _draw_payeasy(sheet, slip, (x, y + 8, w - 25))
    _draw_notice(sheet, slip, dy, texts=(year, due, until))


def _draw_payeasy(sheet: Sheet, slip: PaymentSlip, place: tuple[float, float, float]) -> None:
    """ペイジーの番号 of the payer's and the bank's part, where the city prints them."""
    if slip.payeasy is None:
        return
    x, y, w = place
    sheet.text(x, y + 1.5, "ペイジー", size=5, bold=True)
    for n, line in enumerate(slip.payeasy.lines):
        for m, part in enumerate(line.split("　")):
            sheet.cell((x, y + 2.2 + 2.3 * (2 * n + m), w, 2.3), part, size=5, min_size=3, pad=0.2)


def _draw_notice(sheet: Sheet, slip: PaymentSlip, dy: float, *, texts: tuple[str, str, str]) -> None:
    x, w = _NOTICE_X, _NOTICE_W
    year, due, until = texts
    sheet.cell((x, dy + 10.6, w, 4), slip.payee_name, size=7)
    y = dy + _TOP
    values = (year, slip.notice_no, slip.tax_name, slip.payer_address, slip.payer_name)
    for value, height in zip(values, _NOTICE_HEIGHTS, strict=True):
        sheet.cell((x + _LABEL_W, y, w - _LABEL_W - 22, height), value, size=8, min_size=3)
        y += height
    amounts = (slip.tax_yen, slip.late_interest_yen or None, slip.fee_yen or None, slip.total_yen)
    for n, yen in enumerate(amounts):
        kit.amount_row(sheet, (x + 20 * n, dy + 48.4, 20, 5.6), yen, size=9)
    sheet.text(x + 10, dy + 57.6, due, size=7.5)
    sheet.text(x + 53, dy + 57.6, until, size=7.5)
    for n, line in enumerate(slip.ocr_lines[:2]):
        sheet.cell((x, dy + 58.4 + 4.2 * n, w, 4.2), line, size=8.5, min_size=4)
    for n, part in enumerate(slip.el_number):
        sheet.text(x + (0, 16, 28, 70)[n] if n < 4 else x, dy + 72.4, part, size=6.5)
    if slip.el_number:
        sheet.text(x, dy + 69.6, "eL番号", size=5)
    if slip.cvs44:
        first, second = slip.cvs_text()
        sheet.gs1_128(x + 4, dy + 74, slip.cvs44, height=11)
        sheet.text(x + 4, dy + 88, first, size=6.5)
        sheet.text(x + 4, dy + 90.8, second, size=6.5)
    else:
        sheet.rect((x, dy + 74, 56, 17), line=0.3)
        sheet.cell((x, dy + 74, 56, 17), "コンビニエンスストアではお取扱いできません", size=6.5, align="c")
    if slip.qr_payload:
        if slip.qr_is_test:
            sheet.watermark(x + w - 18, dy + 36, "TEST", size=14)
        sheet.qr(x + w - 18, dy + _TOP + 0.5, slip.qr_payload, dots=4)


def draw_slips(book: Book, slips: Sequence[PaymentSlip]) -> int:
    """納付書の頁を描く (three slips a page); returns the number of pages."""
    define_static(book)
    pages = 0
    for at in range(0, len(slips), SLIPS_PER_PAGE):
        sheet = book.page(A4)
        for place, slip in enumerate(slips[at : at + SLIPS_PER_PAGE]):
            draw_strip(sheet, slip, place * STRIP[1])
            if place:
                sheet.line(0, place * STRIP[1], 210, place * STRIP[1], width=0.3, dash=(2, 2))
        sheet.close()
        pages += 1
    return pages


class PaymentSlipDrawer:
    """納付書の帳票 (L-CL-01): drawer of a package whose papers are sequences of PaymentSlip."""

    form_id = "L-CL-01"
    title_ja = "納付書"

    def page_count(self, paper: Sequence[PaymentSlip]) -> int:
        """頁数 (pages of one piece)."""
        return -(-len(paper) // SLIPS_PER_PAGE)

    def draw(self, book: Book, paper: Sequence[PaymentSlip]) -> None:
        """描く (draw one piece)."""
        draw_slips(book, paper)


class CounterReceiptDrawer:
    """領収証書の帳票 (receipt given at the counter, A5 landscape)."""

    form_id = "L-CL-07"
    title_ja = "領収証書"

    def page_count(self, paper: CounterReceipt) -> int:
        """頁数 (always one)."""
        return 1

    def draw(self, book: Book, paper: CounterReceipt) -> None:
        """描く (draw one receipt)."""
        if paper.total_yen <= 0:
            raise PrintingError("領収額が0円の領収証書は作成できません。")
        book.static("counter_receipt", A5_LANDSCAPE, _receipt_static)
        sheet = book.page(A5_LANDSCAPE)
        sheet.use("counter_receipt")
        rows = (
            paper.receipt_no,
            paper.tax_name,
            f"{kit.tax_year_text(paper.tax_year)}　{paper.instalment_label}",
            paper.notice_no,
        )
        sheet.cell((20, 28, 110, 10), paper.payer_name, size=14, min_size=5)
        sheet.cell((130, 28, 12, 10), "様", size=12)
        for n, value in enumerate(rows):
            sheet.cell((55, 44 + 8 * n, 75, 8), value, size=10, min_size=4)
        for n, yen in enumerate((paper.tax_yen, paper.late_interest_yen, paper.fee_yen, paper.total_yen)):
            sheet.cell((160, 44 + 8 * n, 32, 8), yen_text(yen) + "円", size=10, align="r", min_size=5)
        sheet.cell((20, 82, 110, 7), f"上記の金額を領収しました。　領収日　{kit.day(paper.received_on)}", size=10)
        sheet.cell((20, 92, 110, 7), paper.payee_name, size=11)
        sheet.cell((20, 100, 110, 6), f"取扱窓口　{paper.till_name}" if paper.till_name else "", size=9)
        sheet.cell((20, 116, 172, 16), paper.note, size=8, valign="t")
        sheet.close()


def _receipt_static(sheet: Sheet) -> None:
    sheet.cell((20, 12, 170, 10), "領収証書", size=18, align="c", bold=True)
    sheet.line(20, 38.5, 142, 38.5, width=0.6)
    sheet.grid(20, 44, [35, 75], [8, 8, 8, 8])
    sheet.grid(130, 44, [30, 32], [8, 8, 8, 8])
    for n, label in enumerate(("領収証書番号", "税目", "年度・期別", "通知書番号")):
        sheet.cell((20, 44 + 8 * n, 35, 8), label, size=9)
    for n, label in enumerate(("税額", "延滞金", "督促手数料", "領収額")):
        sheet.cell((130, 44 + 8 * n, 30, 8), label, size=9, bold=n == 3)
    sheet.rect((160, 80, 32, 32), line=0.3)
    sheet.text(176, 84, "領収印", size=7, align="c")
    sheet.text(20, 140, "この領収証書は大切に保管してください。領収印のないものは無効です。", size=8)
