"""納期の特例の通知書の描画: address panel, what was decided, the days by which months are paid, 教示."""

from __future__ import annotations

from assessment.withholders.papers.privilege_notice_data import PrivilegeNotice
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet
from taxsys.platform.printing.parts import appeal_text

_X, _W, _ROW, _LINE = 18.0, 174.0, 7.0, 5.4
_VERBS = {"承認": "承認し", "却下": "却下し", "承認取消": "承認を取り消し", "取りやめ": "取りやめの届出を受け付け"}


def _static(sheet: Sheet) -> None:
    sheet.cell(
        (_X, 70, _W, 9),
        "市民税・道民税・森林環境税　特別徴収税額の納期の特例に関する通知書",
        size=13,
        bold=True,
        align="c",
    )


class PrivilegeNoticeDrawer:
    """納期の特例（承認・却下・取消）通知書の帳票 (drawer of PrivilegeNotice)."""

    form_id = "L-PI-10"
    title_ja = "納期の特例承認・却下・取消通知書"

    def page_count(self, paper: PrivilegeNotice) -> int:
        """頁数: always one."""
        return 1

    def draw(self, book: Book, paper: PrivilegeNotice) -> None:
        """描く (draw one notice)."""
        book.static("privilege_notice", A4, _static)
        sheet = book.page(A4)
        sheet.use("privilege_notice")
        kit.address_block(sheet, paper.addressee, mark=paper.designation_no)
        kit.issuer_block(sheet, paper.office, paper.decided_on, x=116, y=30, w=76)
        lead = (
            f"{kit.day(paper.received_on)}に申請のあった納期の特例について、"
            f"地方税法第321条の5の2の規定により、次のとおり{_VERBS[paper.act_ja]}ましたので通知します。"
        )
        sheet.cell((_X, 84, _W, 12), lead, size=10, valign="t", pad=0, leading=1.4)
        y = self._facts(sheet, paper, 98.0)
        y = self._dues(sheet, paper, y + 4)
        if paper.is_against:
            text = appeal_text(paper.appeal, act=f"この{paper.act_ja}")
            sheet.cell((_X, y + 2, _W, 32), text, size=7.5, valign="t", pad=0, leading=1.35)
        kit.contact_block(sheet, paper.office, box=(_X, 268, _W, 13))
        sheet.close()

    def _facts(self, sheet: Sheet, paper: PrivilegeNotice, y: float) -> float:
        rows = (
            ("指定番号", paper.designation_no, _ROW),
            ("特別徴収義務者", paper.withholder_name, _ROW),
            ("処分の内容", paper.act_ja, _ROW),
            ("適用", paper.effect_ja, _ROW * 1.6),
            ("理由", paper.reason_ja or "―", _ROW * 1.6),
        )
        sheet.grid(_X, y, [44.0, _W - 44.0], [height for _, _, height in rows])
        for label, text, height in rows:
            sheet.cell((_X, y, 44, height), label, size=9)
            sheet.cell((_X + 44, y, _W - 44, height), text, size=10, bold=label == "処分の内容", min_size=4)
            y += height
        return y

    def _dues(self, sheet: Sheet, paper: PrivilegeNotice, y: float) -> float:
        if not paper.dues:
            return y
        sheet.cell((_X, y, _W, 5), "月割額の納期限", size=9, bold=True, pad=0)
        sheet.grid(_X, y + 6, [104.0, 70.0], [_LINE] * (len(paper.dues) + 1))
        lines = [("月分", "納期限"), *((line.months_ja, kit.day(line.due_on)) for line in paper.dues)]
        for row, (months, due) in enumerate(lines):
            top = y + 6 + _LINE * row
            sheet.cell((_X, top, 104, _LINE), months, size=9, min_size=4)
            sheet.cell((_X + 104, top, 70, _LINE), due, size=9)
        return y + 6 + _LINE * len(lines) + 2
