"""申告のお願いの描画 (drawing of the request to file): one A4 page, the address in the window."""

from __future__ import annotations

from assessment.resident.papers.filing_request_data import FilingRequest
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet

_X, _W = 18.0, 174.0
_NOT_NEEDED = (
    "勤務先から給与支払報告書が提出されている方（年末調整が済み、ほかに所得のない方）",
    "公的年金等の支払者から報告書が提出されている方（ほかに所得のない方）",
    "所得税の確定申告をした方",
    "他の方の扶養親族として申告されている方",
)


def _static(sheet: Sheet) -> None:
    sheet.cell((18, 104, 174, 12), "市民税・道民税の申告のお願い", size=16, bold=True, align="c")
    sheet.text(_X, 152, "次の方は、申告の必要がありません", size=10, bold=True)
    for n, words in enumerate(_NOT_NEEDED):
        sheet.cell((_X + 3, 156 + 7 * n, _W - 3, 7), f"・{words}", size=10, pad=0)
    sheet.rect((_X, 190, _W, 26), line=0.6)


class FilingRequestDrawer:
    """申告のお願いの帳票 (drawer of FilingRequest)."""

    form_id = "L-PI-02"
    title_ja = "申告のお願い"

    def page_count(self, paper: FilingRequest) -> int:
        """頁数 (always one)."""
        return 1

    def draw(self, book: Book, paper: FilingRequest) -> None:
        """描く (draw one request)."""
        book.static("filing_request", A4, _static)
        sheet = book.page(A4)
        sheet.use("filing_request")
        kit.address_block(sheet, paper.addressee, mark=paper.request_no)
        kit.issuer_block(sheet, paper.office, paper.issued_on, x=116, y=32, w=76)
        year = kit.tax_year_text(paper.tax_year)
        sheet.cell(
            (_X, 118, _W, 30),
            f"{kit.day(paper.assessment_on)}現在、本市にお住まいの方の{year}の市民税・道民税の課税に必要な資料のうち、"
            "あなたの資料を確認できていません。申告の必要な方は、同封の申告書に前年中の所得を記入し、"
            f"{kit.day(paper.reply_by)}までに提出してください（地方税法第317条の２）。"
            "行き違いに申告されたときは、ご容赦ください。",
            size=10.5,
            valign="t",
            pad=0,
            leading=1.6,
        )
        sheet.cell(
            (_X + 2, 192, _W - 4, 22),
            "前年中に収入がなかった方も、その旨を申告してください。申告がないと、所得・課税証明書を交付できず、"
            "国民健康保険料などの軽減を受けられないことがあります。"
            "提出するときは、個人番号と本人を確認できる書類をお持ちください（郵送のときは写しを同封）。",
            size=10,
            valign="t",
            leading=1.5,
        )
        kit.contact_block(sheet, paper.office, box=(_X, 222, _W, 11))
        sheet.close()
