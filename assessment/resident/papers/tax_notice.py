"""納税通知書の描画 (drawing of the tax notice): front, calculation sheet with 教示, then the slips. L-PI-05."""

from __future__ import annotations

from assessment.resident.papers.tax_notice_data import DEDUCTION_ROWS, INCOME_ROWS, LEVY_ROWS, TaxNotice
from assessment.resident.pension_split import PROVISIONAL_KEYS
from collection.papers.payment_slip import draw_slips
from collection.papers.payment_slip_data import SLIPS_PER_PAGE
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet
from taxsys.platform.printing.parts import appeal_text, yen_text

_X, _W = 18.0, 174.0
_BREAK_Y, _BREAK_H = 98.0, 7.0
_INST_Y, _INST_H, _INST_ROWS = 98.0, 7.0, 8
_CALC_Y, _CALC_H = 34.0, 5.6
_LEVY_Y = 132.0


def _front_static(sheet: Sheet) -> None:
    sheet.rect((116, 16, 76, 9), line=0, gray=0.9)
    sheet.cell((_X, _BREAK_Y - 7, 92, 6), "税額の内訳", size=10, bold=True, pad=0)
    sheet.cell((122, _INST_Y - 7, 70, 6), "期別税額と納期限", size=10, bold=True, pad=0)
    sheet.grid(_X, _BREAK_Y, [64, 36], [_BREAK_H] * 8)
    sheet.grid(122, _INST_Y, [14, 26, 30], [_INST_H] * _INST_ROWS)
    for n, label in enumerate(("期別", "税額（円）", "納期限")):
        sheet.cell(((122, 136, 162)[n], _INST_Y, (14, 26, 30)[n], _INST_H), label, size=8, align="c")
    for y, label in ((165.5, "課税の根拠"), (178.0, "通知の理由"), (198.0, "口座振替"), (218.0, "延滞金について")):
        sheet.text(_X, y, label, size=9, bold=True)
    sheet.text(
        _X,
        262,
        "納期限までに、同封の納付書又は口座振替により納めてください。計算明細と教示（不服申立て）は次の頁にあります。",
        size=8,
    )


def _back_static(sheet: Sheet) -> None:
    sheet.cell((_X, 14, 100, 8), "計算明細書", size=14, bold=True, pad=0)
    for x, heading, rows in ((_X, "所得金額", INCOME_ROWS), (106.0, "所得控除額", DEDUCTION_ROWS)):
        sheet.cell((x, _CALC_Y - 6, 60, 5), f"{heading}（円）", size=9, bold=True, pad=0)
        sheet.grid(x, _CALC_Y, [54, 32], [_CALC_H] * len(rows))
        for n, (code, label) in enumerate(rows):
            strong = code.startswith("total") or code == "gross_income_total"
            sheet.cell((x, _CALC_Y + n * _CALC_H, 54, _CALC_H), label, size=8, bold=strong)
    sheet.cell((_X, _LEVY_Y - 6, 100, 5), "税額の計算（円）", size=9, bold=True, pad=0)
    sheet.grid(_X, _LEVY_Y, [62, 30, 30], [_CALC_H] * (len(LEVY_ROWS) + 1))
    sheet.cell((_X + 62, _LEVY_Y, 30, _CALC_H), "市民税", size=8, align="c")
    for n, (code, label) in enumerate(LEVY_ROWS, start=1):
        sheet.cell((_X, _LEVY_Y + n * _CALC_H, 62, _CALC_H), label, size=8, bold=code == "annual")
    sheet.grid(146, _LEVY_Y, [46], [_CALC_H, 8])
    sheet.cell((146, _LEVY_Y, 46, _CALC_H), "森林環境税（国税）", size=8, align="c")
    sheet.rect((146, _LEVY_Y + 18, 46, 54.8), line=0.4)
    sheet.text(147, _LEVY_Y + 22, "備考", size=8)
    sheet.text(_X, 213, "教示（この処分に不服がある場合）", size=9, bold=True)


class TaxNoticeDrawer:
    """納税通知書の帳票 (drawer of TaxNotice)."""

    form_id = "L-PI-05"
    title_ja = "市民税・道民税・森林環境税 納税通知書"

    def page_count(self, paper: TaxNotice) -> int:
        """頁数 (front, back and the slip pages)."""
        return 2 - (-len(paper.slips) // SLIPS_PER_PAGE)

    def draw(self, book: Book, paper: TaxNotice) -> None:
        """描く (draw one notice with its slips)."""
        book.static("tax_notice_front", A4, _front_static)
        book.static("tax_notice_back", A4, _back_static)
        self._front(book, paper)
        self._back(book, paper)
        draw_slips(book, paper.slips)

    def _front(self, book: Book, paper: TaxNotice) -> None:
        sheet = book.page(A4)
        sheet.use("tax_notice_front")
        office = paper.office
        kit.address_block(sheet, paper.addressee, mark=paper.notice_no)
        title = f"市民税・{office.prefecture_tax_name}・森林環境税"
        kind = "税額変更通知書" if paper.is_change else "納税通知書"
        sheet.cell((116, 10, 76, 5), paper.document_no, size=8, align="r", min_size=4)
        sheet.cell((116, 16, 76, 9), f"{kit.tax_year_text(paper.tax_year)}　{kind}", size=12, align="c", bold=True)
        sheet.cell((116, 26, 76, 6), title, size=9, align="c")
        sheet.cell((116, 34, 76, 5), f"通知書番号　{paper.notice_no}", size=8.5)
        sheet.cell((116, 39, 76, 5), f"納税義務者　{paper.taxpayer_name}", size=8.5, min_size=3)
        kit.issuer_block(sheet, office, paper.issued_on, x=116, y=46, w=76)
        sheet.cell(
            (_X, 70, _W, 14),
            f"{kit.tax_year_text(paper.tax_year)}の{title}を次のとおり{'変更' if paper.is_change else '決定'}"
            "しましたので、通知します。",
            size=10,
            pad=0,
        )
        for n, line in enumerate(paper.breakdown()):
            y = _BREAK_Y + n * _BREAK_H
            strong = n in (3, 7)
            sheet.cell((_X, y, 64, _BREAK_H), line.label, size=8.5, bold=strong)
            kit.amount_row(sheet, (_X + 64, y, 36, _BREAK_H), line.yen, size=11 if strong else 9.5)
        _instalments(sheet, paper)
        sheet.cell((_X, 155.2, _W, 6.8), _pension_text(paper), size=7.5, valign="t", pad=0, leading=1.2)
        bodies = ((166.3, 9, paper.grounds + "により課税しました。"), (179.0, 17, paper.reason + _paid_text(paper)))
        for y, h, text in (*bodies, (199.0, 14, paper.debit_text), (219.0, 38, paper.late_interest_text)):
            sheet.cell((_X, y, _W, h), text, size=8.5, valign="t", pad=0, leading=1.4)
        kit.contact_block(sheet, office, box=(_X, 266, _W, 14))
        sheet.close()

    def _back(self, book: Book, paper: TaxNotice) -> None:
        sheet = book.page(A4)
        sheet.use("tax_notice_back")
        sheet.cell((116, 14, 76, 5), f"通知書番号　{paper.notice_no}", size=8.5, align="r")
        calc = paper.calculation
        for x, rows, given in ((_X, INCOME_ROWS, calc.incomes), (106.0, DEDUCTION_ROWS, calc.deductions)):
            for n, (code, _) in enumerate(rows):
                if code in given:
                    kit.amount_row(sheet, (x + 54, _CALC_Y + n * _CALC_H, 32, _CALC_H), given[code])
        sheet.cell((_X + 92, _LEVY_Y, 30, _CALC_H), paper.office.prefecture_tax_name, size=8, align="c")
        for n, (code, _) in enumerate(LEVY_ROWS, start=1):
            y = _LEVY_Y + n * _CALC_H
            for x, given in ((_X + 62, calc.city), (_X + 92, calc.prefecture)):
                if code in given:
                    kit.amount_row(sheet, (x, y, 30, _CALC_H), given[code])
        kit.amount_row(sheet, (146, _LEVY_Y + _CALC_H, 46, 8), calc.forest_yen, size=10)
        sheet.cell((146, _LEVY_Y + 23, 46, 49.5), "\n".join(calc.remarks), size=7.5, valign="t", leading=1.3)
        act = "この賦課決定"
        sheet.cell((_X, 215, _W, 48), appeal_text(paper.appeal, act=act), size=8, valign="t", pad=0, leading=1.45)
        kit.contact_block(sheet, paper.office, box=(_X, 266, _W, 14))
        sheet.close()


def _paid_text(paper: TaxNotice) -> str:
    """納付済額の文 (what was paid before the change; the slips ask for the rest)."""
    rows = [(i.label, yen) for i, yen in zip(paper.instalments, paper.paid_yen, strict=False) if yen]
    if not rows:
        return ""
    told = "、".join(f"{label} {yen_text(yen)}円" for label, yen in rows)
    return f"\n納付済の額：{told}（同封の納付書は、未納の額です。）"


def _pension_text(paper: TaxNotice) -> str:
    """年金から徴収する月と額, and the months of next spring (two lines at most)."""
    lines = []
    if paper.pension_months:
        told = "　".join(f"{month}月 {yen_text(yen)}円" for month, yen in paper.pension_months)
        lines.append(f"公的年金からの特別徴収：{told}")
    if paper.next_provisional:
        months = zip(PROVISIONAL_KEYS, paper.next_provisional, strict=True)
        told = "　".join(f"{int(key)}月 {yen_text(yen)}円" for key, yen in months)
        lines.append(f"翌年度の仮徴収（年金からの特別徴収）：{told}")
    return "\n".join(lines)


def _instalments(sheet: Sheet, paper: TaxNotice) -> None:
    """期別の欄 (one line each; the data refuses more than the form has)."""
    for n, instalment in enumerate(paper.instalments, start=1):
        y = _INST_Y + n * _INST_H
        sheet.cell((122, y, 14, _INST_H), instalment.label, size=8.5, align="c")
        kit.amount_row(sheet, (136, y, 26, _INST_H), instalment.yen, size=9.5)
        sheet.cell((162, y, 30, _INST_H), kit.day(instalment.due_on), size=8.5, align="r")
