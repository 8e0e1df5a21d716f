"""過誤納金還付（充当）通知書の描画: address panel, what was paid too much and where it goes, the claim form below."""

from __future__ import annotations

from collections.abc import Sequence

from collection.papers.refund_notice_data import OffsetLine, RefundNotice, SurplusLine
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet
from taxsys.platform.printing.parts import appeal_text, yen_text

_X, _W, _ROW = 18.0, 174.0, 6.0
_LINES_A_PAGE = 9
_SURPLUS, _OFFSET = (74.0, 40.0, 30.0, 30.0), (114.0, 30.0, 30.0)
_CLAIM = ("金融機関・支店", "預金種目・口座番号", "口座名義（カナ）", "電話番号")


def _static(sheet: Sheet) -> None:
    sheet.cell((112, 16, 80, 8), "過誤納金還付（充当）通知書", size=14, bold=True, align="c")
    sheet.line(0, 232, 210, 232, width=0.3, dash=(2, 2))


def _cause_ja(paper: RefundNotice) -> str:
    if paper.is_withheld_credit:
        return "配当割額・株式等譲渡所得割額に、所得割額から控除しきれない額がありました"
    return "市税に納め過ぎがありました"


class RefundNoticeDrawer:
    """過誤納金還付（充当）通知書の帳票 (drawer of RefundNotice)."""

    form_id = "L-CL-05"
    title_ja = "過誤納金還付（充当）通知書"

    def page_count(self, paper: RefundNotice) -> int:
        """頁数: the lines of a page, then as many more as there are lines."""
        lines = len(paper.surpluses) + len(paper.offsets)
        return max(1, -(-lines // _LINES_A_PAGE))

    def draw(self, book: Book, paper: RefundNotice) -> None:
        """描く (draw one notice; totals, statement of rights and the claim form stand on the last page)."""
        book.static("refund_notice", A4, _static)
        rows: list[tuple[str, SurplusLine | OffsetLine]] = [("surplus", one) for one in paper.surpluses]
        rows += [("offset", one) for one in paper.offsets]
        pages = [rows[at : at + _LINES_A_PAGE] for at in range(0, len(rows), _LINES_A_PAGE)] or [[]]
        for number, part in enumerate(pages, start=1):
            sheet = book.page(A4)
            sheet.use("refund_notice")
            kit.address_block(sheet, paper.addressee, mark=paper.refund_no)
            kit.issuer_block(sheet, paper.office, paper.decided_on, x=116, y=30, w=76)
            sheet.cell(
                (_X, 66, _W, 10),
                f"{paper.payer_name} 様の{_cause_ja(paper)}ので、下記のとおり還付（充当）します。",
                size=10, pad=0, min_size=5,
            )  # fmt: skip
            sheet.cell((_X, 76, _W, 5), f"還付番号　{paper.refund_no}　　{number}／{len(pages)}頁", size=8.5, pad=0)
            y = self._lines(sheet, part, 83.0)
            if number == len(pages):
                self._totals(sheet, paper, y + 3)
                self._claim_form(sheet, paper)
            sheet.close()

    def _lines(self, sheet: Sheet, part: Sequence[tuple[str, SurplusLine | OffsetLine]], y: float) -> float:
        for kind, heads, widths in (
            ("surplus", ("納め過ぎの期別", "原因", "納付日", "金額（円）"), _SURPLUS),
            ("offset", ("充当先の期別", "充当適状日", "金額（円）"), _OFFSET),
        ):
            lines = [one for which, one in part if which == kind]
            if not lines:
                continue
            sheet.grid(_X, y, list(widths), [_ROW] * (len(lines) + 1))
            for row, texts in enumerate([heads, *(self._texts(one) for one in lines)]):
                x = _X
                for text, width, head in zip(texts, widths, heads, strict=True):
                    align = "r" if head.startswith("金額") and row else "l"
                    sheet.cell((x, y + _ROW * row, width, _ROW), text, size=8.5, align=align, min_size=3)
                    x += width
            y += _ROW * (len(lines) + 1) + 3
        return y

    def _texts(self, line: SurplusLine | OffsetLine) -> tuple[str, ...]:
        if isinstance(line, SurplusLine):
            return (line.claim_ja, line.cause_ja, kit.day(line.paid_on), yen_text(line.yen))
        return (line.claim_ja, kit.day(line.settled_on), yen_text(line.yen))

    def _totals(self, sheet: Sheet, paper: RefundNotice, y: float) -> None:
        sheet.grid(_X, y, [54.0, 40.0], [7.0] * 4)
        offset_yen = sum(one.yen for one in paper.offsets)
        totals = (
            ("充当額", offset_yen),
            ("還付額", paper.refund_yen),
            ("還付加算金", paper.interest_yen),
            ("お支払いする額", paper.to_pay_yen),
        )
        for n, (label, yen) in enumerate(totals):
            sheet.cell((_X, y + 7 * n, 54, 7), label, size=9, bold=n == 3)
            sheet.cell((_X + 54, y + 7 * n, 40, 7), yen_text(yen) + "円", size=10, align="r", bold=n == 3)
        kit.contact_block(sheet, paper.office, box=(_X + 98, y, _W - 98, 14))
        sheet.cell(
            (_X, y + 30, _W, 34),
            appeal_text(paper.appeal, act="この還付（充当）"),
            size=7,
            valign="t",
            pad=0,
            leading=1.35,
        )

    def _claim_form(self, sheet: Sheet, paper: RefundNotice) -> None:
        if paper.to_pay_yen == 0:
            sheet.cell((_X, 238, _W, 10), "お支払いする額はありません。手続は不要です。", size=10, pad=0)
            return
        sheet.cell((_X, 234, 60, 7), "還　付　請　求　書", size=12, bold=True, pad=0)
        sheet.cell(
            (_X + 62, 234, _W - 62, 7),
            f"還付番号 {paper.refund_no}　請求額 {yen_text(paper.to_pay_yen)}円"
            f"　請求の期限 {kit.day(paper.claim_until)}",
            size=8.5, min_size=3,
        )  # fmt: skip
        sheet.grid(_X, 242, [44.0, 130.0], [8.0] * len(_CLAIM))
        for n, label in enumerate(_CLAIM):
            sheet.cell((_X, 242 + 8 * n, 44, 8), label, size=8.5)
        sheet.cell(
            (_X, 275, _W, 12),
            "太枠の中を記入し、この用紙を切り離して返送してください。口座は納税者本人の名義のものに限ります。",
            size=8, pad=0, valign="t",
        )  # fmt: skip
        sheet.rect((_X + 44, 242, 130, 32), line=1.0)
