"""所得・課税証明書の描画 (drawing of the income and tax certificate, A4)."""

from __future__ import annotations

from certificates.papers.tax_certificate_data import MAX_LINES, CertificateKind, TaxCertificate
from taxsys.kernel import wareki
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet
from taxsys.platform.printing.parts import AmountLine, yen_text

_X, _W = 18.0, 174.0
_TOP, _ROW = 92.0, 6.6
_COLUMN_W = 58.0


def _static(sheet: Sheet) -> None:
    sheet.grid(_X, 52, [30, 144], [9, 10, 9])
    for y, h, label in ((52, 9, "住所"), (61, 10, "氏名"), (71, 9, "生年月日")):
        sheet.cell((_X, y, 30, h), label, size=9)
    sheet.rect((_X, _TOP - 7, _W, 7 + MAX_LINES * _ROW + 2), line=0.8)
    sheet.line(_X, _TOP, _X + _W, _TOP)
    for n in (1, 2):
        sheet.line(_X + n * _COLUMN_W, _TOP - 7, _X + n * _COLUMN_W, _TOP + MAX_LINES * _ROW + 2)
    for n, label in enumerate(("所得の金額（円）", "所得控除の金額（円）", "税額（円）")):
        sheet.cell((_X + n * _COLUMN_W, _TOP - 7, _COLUMN_W, 7), label, size=9, align="c", bold=True)
    sheet.text(_X, 217, "扶養の状況", size=8.5, bold=True)
    sheet.text(_X, 227, "備考", size=8.5, bold=True)


class TaxCertificateDrawer:
    """所得・課税証明書の帳票 (drawer of TaxCertificate)."""

    form_id = "L-CT-02"
    title_ja = "所得・課税証明書"

    def page_count(self, paper: TaxCertificate) -> int:
        """頁数 (always one)."""
        return 1

    def draw(self, book: Book, paper: TaxCertificate) -> None:
        """描く (draw one certificate)."""
        book.static("tax_certificate", A4, _static)
        sheet = book.page(A4)
        sheet.use("tax_certificate")
        sheet.cell((120, 12, 72, 6), f"証明書番号　{paper.certificate_no}", size=9, align="r")
        title = f"{kit.tax_year_text(paper.tax_year)}　{paper.kind.value}"
        sheet.cell((_X, 22, _W, 12), title, size=20, align="c", bold=True)
        span = f"（{wareki.format_year(paper.income_year)}年１月１日から12月31日までの所得）"
        sheet.cell((_X, 35, _W, 7), span, size=10, align="c")
        for y, h, value, size in (
            (52, 9, paper.address or paper.address_note, 10),
            (61, 10, paper.name, 13),
            (71, 9, paper.birth_text, 10),
        ):
            sheet.cell((_X + 30, y, 144, h), value, size=size, min_size=3)
        for n, lines in enumerate((paper.incomes, paper.deductions, paper.levies)):
            self._column(sheet, _X + n * _COLUMN_W, lines)
        sheet.cell((_X + 22, 213, 152, 7), paper.dependants_text or "なし", size=9, pad=0)
        sheet.cell((_X + 22, 223, 152, 12), paper.remarks or "なし", size=8.5, pad=0, valign="t", leading=1.3)
        self._foot(sheet, paper)
        sheet.close()

    def _column(self, sheet: Sheet, x: float, lines: tuple[AmountLine, ...]) -> None:
        y = _TOP + 1
        for line in lines:
            sheet.cell((x, y, 34, _ROW), line.label, size=8.5, min_size=3.5)
            sheet.cell((x + 33, y, 25, _ROW), yen_text(line.yen), size=9, align="r", min_size=5)
            y += _ROW
        if len(lines) < MAX_LINES:
            sheet.cell((x, y, _COLUMN_W, _ROW), "以下余白" if lines else "―", size=8, align="c")

    def _foot(self, sheet: Sheet, paper: TaxCertificate) -> None:
        sentence = "上記のとおり証明します。"
        if paper.kind is CertificateKind.NON_TAXABLE:
            sentence = "上記の年度の市民税・道民税・森林環境税が課税されていないことを証明します。"
        sheet.cell((_X, 238, 120, 8), sentence, size=11, pad=0)
        kit.issuer_block(sheet, paper.office, paper.issued_on, x=100, y=250, w=92)
        section = f"{paper.office.section}　電話 {paper.office.phone}"
        sheet.cell((_X, 280, 140, 6), section, size=8, pad=0)
        if paper.verification:
            sheet.qr(_X, 250, paper.verification, dots=5)
