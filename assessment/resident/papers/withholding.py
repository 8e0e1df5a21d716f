"""特別徴収税額通知の描画 (drawing of the wage withholding notices): withholder's list and employee's sheet."""

from __future__ import annotations

from assessment.resident.papers.tax_notice_data import DEDUCTION_ROWS, INCOME_ROWS, LEVY_ROWS
from assessment.resident.papers.withholding_data import (
    MONTHS,
    WithheldTaxpayerNotice,
    WithholderNotice,
    WithholdingEnvelope,
)
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, A4_LANDSCAPE, Book, Sheet
from taxsys.platform.printing.parts import appeal_text, yen_text

ROWS_PER_PAGE = 17
_LIST_X, _LIST_Y, _ROW_H = 12.0, 30.0, 9.0
_COLUMNS = [26.0, 54.0, 20.0, *[14.5] * 12]
_MONTH_LABELS = [f"{m}月" for m in MONTHS]

_LEVY_H = 4.6


def _head_static(sheet: Sheet) -> None:
    sheet.grid(18, 80, [22.0] * 12, [7, 10])
    for n, label in enumerate(_MONTH_LABELS):
        sheet.cell((18 + 22 * n, 80, 22, 7), label, size=9, align="c")
    sheet.text(18, 77.5, "月別納入額（円）", size=10, bold=True)
    sheet.text(18, 128, "教示（この処分に不服がある場合）", size=9, bold=True)


def _list_static(sheet: Sheet) -> None:
    sheet.grid(_LIST_X, _LIST_Y - 7, _COLUMNS, [7.0] + [_ROW_H] * ROWS_PER_PAGE)
    x = _LIST_X
    for width, label in zip(
        _COLUMNS, ("通知番号\n受給者番号", "受給者氏名／住所", "年税額", *_MONTH_LABELS), strict=True
    ):
        sheet.cell((x, _LIST_Y - 7, width, 7), label, size=7.5, align="c", leading=1.05)
        x += width


class WithholderNoticeDrawer:
    """特別徴収税額通知（特別徴収義務者用）の帳票: cover with monthly sums, then the list of employees."""

    form_id = "L-PI-07"
    title_ja = "特別徴収税額の決定・変更通知書（特別徴収義務者用）"

    def page_count(self, paper: WithholderNotice) -> int:
        """頁数 (cover + list pages)."""
        return 1 + -(-len(paper.employees) // ROWS_PER_PAGE)

    def draw(self, book: Book, paper: WithholderNotice) -> None:
        """描く (draw one notice)."""
        book.static("withholder_head", A4_LANDSCAPE, _head_static)
        book.static("withholder_list", A4_LANDSCAPE, _list_static)
        self._cover(book, paper)
        pages = self.page_count(paper) - 1
        for page in range(pages):
            self._list(book, paper, page, pages)

    def _cover(self, book: Book, paper: WithholderNotice) -> None:
        sheet = book.page(A4_LANDSCAPE)
        sheet.use("withholder_head")
        kit.address_block(sheet, paper.addressee, mark=paper.notice_no)
        kind = "変更" if paper.is_change else "決定"
        taxes = f"市民税・{paper.office.prefecture_tax_name}・森林環境税"
        year = kit.tax_year_text(paper.tax_year)
        sheet.cell((130, 16, 150, 8), f"{year}　給与所得等に係る{taxes}", size=11, bold=True)
        sheet.cell((130, 24, 150, 8), f"特別徴収税額の{kind}通知書（特別徴収義務者用）", size=13, bold=True)
        sheet.cell((130, 34, 75, 6), f"指定番号　{paper.designation_no}", size=9.5)
        sheet.cell((205, 34, 75, 6), f"通知書番号　{paper.notice_no}", size=9.5)
        count = f"受給者数　{len(paper.employees)}人　　特別徴収税額の総額　{yen_text(paper.annual_yen)}円"
        sheet.cell((130, 40, 150, 6), count, size=9.5)
        kit.issuer_block(sheet, paper.office, paper.issued_on, x=204, y=48, w=78)
        sheet.cell((18, 64, 180, 9), f"次のとおり特別徴収税額を{kind}しましたので、通知します。", size=10, pad=0)
        for n, yen in enumerate(paper.month_sums):
            sheet.cell((18 + 22 * n, 87, 22, 10), yen_text(yen), size=9, align="r", min_size=5)
        notes = [paper.payment_text]
        if paper.is_change:
            month = f"{paper.change_from_month}月分から" if paper.change_from_month else ""
            notes.append(f"変更事由　{paper.change_reason}　{month}変更")
        sheet.cell((18, 100, 264, 20), "\n".join(notes), size=9, valign="t", pad=0, leading=1.5)
        sheet.cell(
            (18, 130, 264, 48), appeal_text(paper.appeal, act="この決定"), size=8.5, valign="t", pad=0, leading=1.5
        )
        kit.contact_block(sheet, paper.office, box=(18, 182, 264, 12))
        sheet.close()

    def _list(self, book: Book, paper: WithholderNotice, page: int, pages: int) -> None:
        sheet = book.page(A4_LANDSCAPE)
        sheet.use("withholder_list")
        sheet.text(12, 16, f"{kit.tax_year_text(paper.tax_year)}　特別徴収税額（受給者別）", size=10, bold=True)
        sheet.cell((110, 11, 130, 7), f"指定番号 {paper.designation_no}　{paper.addressee.name}", size=9, min_size=3)
        sheet.text(286, 16, f"{page + 1}／{pages}頁", size=9, align="r")
        rows = paper.employees[page * ROWS_PER_PAGE : (page + 1) * ROWS_PER_PAGE]
        for number, row in enumerate(rows):
            y = _LIST_Y + number * _ROW_H
            sheet.cell((_LIST_X, y, 26, 4.5), row.notice_no, size=7, min_size=3)
            sheet.cell((_LIST_X, y + 4.5, 26, 4.5), row.employee_no, size=7, min_size=3)
            sheet.cell((_LIST_X + 26, y, 54, 4.8), row.name, size=9, min_size=2.5)
            sheet.cell((_LIST_X + 26, y + 4.6, 54, 4.2), row.address, size=6, min_size=2.5)
            sheet.cell((_LIST_X + 80, y, 20, _ROW_H), yen_text(row.annual_yen), size=9, align="r", min_size=4)
            x = _LIST_X + 100
            for yen in row.months:
                sheet.cell((x, y, 14.5, _ROW_H), yen_text(yen), size=8, align="r", min_size=4)
                x += 14.5
        sheet.close()


def _taxpayer_static(sheet: Sheet) -> None:
    sheet.grid(18, 44, [30, 144], [7, 7, 7, 7])
    for n, label in enumerate(("受給者氏名", "住所", "特別徴収義務者", "指定番号・受給者番号")):
        sheet.cell((18, 44 + 7 * n, 30, 7), label, size=8)
    for x, heading, rows in ((18.0, "所得金額", INCOME_ROWS), (106.0, "所得控除額", DEDUCTION_ROWS)):
        sheet.text(x, 78, f"{heading}（円）", size=9, bold=True)
        sheet.grid(x, 79.5, [54, 32], [5.0] * len(rows))
        for n, (_, label) in enumerate(rows):
            sheet.cell((x, 79.5 + n * 5, 54, 5), label, size=7.5)
    sheet.text(18, 160, "税額の計算（円）", size=9, bold=True)
    sheet.grid(18, 161.5, [54, 26, 26], [_LEVY_H] * (len(LEVY_ROWS) + 1))
    sheet.cell((72, 161.5, 26, _LEVY_H), "市民税", size=7.5, align="c")
    for n, (_, label) in enumerate(LEVY_ROWS, start=1):
        sheet.cell((18, 161.5 + _LEVY_H * n, 54, _LEVY_H), label, size=7.5)
    sheet.text(130, 160, "月割額（円）", size=9, bold=True)
    sheet.grid(130, 161.5, [10, 21, 10, 21], [6.0] * 6)
    for n, label in enumerate(_MONTH_LABELS):
        sheet.cell((130 + 31 * (n // 6), 161.5 + 6 * (n % 6), 10, 6), label, size=8, align="c")
    sheet.grid(130, 200, [38, 24], [5.4] * 5)
    for n, label in enumerate(("森林環境税（国税）", "特別徴収税額", "控除不足額", "既充当・還付額", "変更前の税額")):
        sheet.cell((130, 200 + 5.4 * n, 38, 5.4), label, size=7.5, bold=n == 1)
    sheet.text(18, 232, "教示（この処分に不服がある場合）", size=8.5, bold=True)


class WithheldTaxpayerNoticeDrawer:
    """特別徴収税額通知（納税義務者用）の帳票 (employee's copy)."""

    form_id = "L-PI-08"
    title_ja = "特別徴収税額の決定・変更通知書（納税義務者用）"

    def page_count(self, paper: WithheldTaxpayerNotice) -> int:
        """頁数 (always one)."""
        return 1

    def draw(self, book: Book, paper: WithheldTaxpayerNotice) -> None:
        """描く (draw one notice)."""
        book.static("withheld_taxpayer", A4, _taxpayer_static)
        sheet = book.page(A4)
        sheet.use("withheld_taxpayer")
        self._head(sheet, paper)
        calc, row = paper.calculation, paper.employee
        for x, rows, given in ((18.0, INCOME_ROWS, calc.incomes), (106.0, DEDUCTION_ROWS, calc.deductions)):
            for n, (code, _) in enumerate(rows):
                if code in given:
                    kit.amount_row(sheet, (x + 54, 79.5 + n * 5, 32, 5), given[code], size=8.5)
        sheet.cell((98, 161.5, 26, _LEVY_H), paper.office.prefecture_tax_name, size=7.5, align="c")
        for n, (code, _) in enumerate(LEVY_ROWS, start=1):
            for x, given in ((72.0, calc.city), (98.0, calc.prefecture)):
                if code in given:
                    kit.amount_row(sheet, (x, 161.5 + _LEVY_H * n, 26, _LEVY_H), given[code], size=8.5)
        for n, yen in enumerate(row.months):
            kit.amount_row(sheet, (140 + 31 * (n // 6), 161.5 + 6 * (n % 6), 21, 6), yen, size=8.5)
        sums = (paper.forest_yen, row.annual_yen, paper.shortfall_yen, paper.applied_yen, row.old_annual_yen)
        for n, total in enumerate(sums):
            kit.amount_row(sheet, (168, 200 + 5.4 * n, 24, 5.4), total, size=9)
        sheet.cell(
            (18, 234, 174, 34), appeal_text(paper.appeal, act="この決定"), size=7.5, valign="t", pad=0, leading=1.35
        )
        kit.contact_block(sheet, paper.office, box=(18, 272, 174, 12))
        sheet.close()

    def _head(self, sheet: Sheet, paper: WithheldTaxpayerNotice) -> None:
        kind = "変更" if paper.is_change else "決定"
        taxes = f"市民税・{paper.office.prefecture_tax_name}・森林環境税"
        year = kit.tax_year_text(paper.tax_year)
        sheet.cell((18, 14, 110, 6), f"{year}　給与所得等に係る{taxes}", size=10, pad=0)
        sheet.cell((18, 20, 110, 8), f"特別徴収税額の{kind}通知書（納税義務者用）", size=12, bold=True, pad=0)
        sheet.cell((18, 29, 102, 12), self._sentence(paper, kind), size=8.5, valign="t", pad=0, leading=1.35)
        sheet.cell((130, 12, 62, 5), f"通知番号　{paper.employee.notice_no}", size=8.5, align="r")
        kit.issuer_block(sheet, paper.office, paper.issued_on, x=124, y=18, w=68)
        row = paper.employee
        numbers = "　".join(part for part in (paper.designation_no, row.employee_no) if part)
        for n, value in enumerate((row.name, row.address, paper.withholder_name, numbers)):
            sheet.cell((48, 44 + 7 * n, 144, 7), value, size=9.5, min_size=3)

    def _sentence(self, paper: WithheldTaxpayerNotice, kind: str) -> str:
        told = f"地方税法第321条の４の規定により、給与から差し引く税額を次のとおり{kind}しましたので、通知します。"
        return told + (f"変更事由　{paper.change_reason}" if paper.change_reason else "")


class WithholdingEnvelopeDrawer:
    """給与支払者あての一通の帳票: the withholder's notice, then one sheet for each employee who gets paper."""

    form_id = WithholderNoticeDrawer.form_id
    title_ja = "特別徴収税額の決定・変更通知書"

    def __init__(self) -> None:
        self._notice = WithholderNoticeDrawer()
        self._sheet = WithheldTaxpayerNoticeDrawer()

    def page_count(self, paper: WithholdingEnvelope) -> int:
        """頁数 (cover, list and one page an employee)."""
        return self._notice.page_count(paper.notice) + sum(self._sheet.page_count(sheet) for sheet in paper.sheets)

    def draw(self, book: Book, paper: WithholdingEnvelope) -> None:
        """描く (draw one envelope)."""
        self._notice.draw(book, paper.notice)
        for sheet in paper.sheets:
            self._sheet.draw(book, sheet)
