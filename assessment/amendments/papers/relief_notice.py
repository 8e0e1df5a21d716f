"""減免決定・不承認・取消通知書の描画: one A4 page, the address in the window, figures, reason, statement of rights."""

from __future__ import annotations

from assessment.amendments.papers.relief_notice_data import ACTS, ReliefNotice
from taxsys.platform.printing import kit
from taxsys.platform.printing.engine import A4, Book, Sheet
from taxsys.platform.printing.parts import appeal_text, yen_text

_X, _W, _ROW = 18.0, 174.0, 6.5
_MOST_LINES = 14
_WIDTHS = (94.0, 40.0, 40.0)


class ReliefNoticeDrawer:
    """減免通知書の帳票 (drawer of ReliefNotice)."""

    form_id = "L-PI-13"
    title_ja = "市民税・道民税減免通知書"

    def page_count(self, paper: ReliefNotice) -> int:
        """頁数: the instalments of a page, then as many more as there are."""
        return max(1, -(-len(paper.lines) // _MOST_LINES))

    def draw(self, book: Book, paper: ReliefNotice) -> None:
        """描く (draw one notice; the statement of rights stands on the last page)."""
        pages = self.page_count(paper)
        for number in range(pages):
            sheet = book.page(A4)
            self._head(sheet, paper, f"{number + 1}／{pages}頁")
            y = self._figures(sheet, paper, 112.0)
            y = self._lines(sheet, paper, number, y + 4)
            if number == pages - 1:
                self._foot(sheet, paper, y + 4)
            sheet.close()

    def _head(self, sheet: Sheet, paper: ReliefNotice, pages: str) -> None:
        sheet.cell((96, 16, 96, 9), f"市民税・道民税減免{ACTS[paper.act]}通知書", size=14, bold=True, align="c")
        kit.address_block(sheet, paper.addressee, mark=paper.relief_no)
        kit.issuer_block(sheet, paper.office, paper.issued_on, x=116, y=32, w=76)
        sheet.cell((_X, 78, _W, 6), f"減免番号　{paper.relief_no}　　{pages}", size=9, pad=0)
        sheet.cell((_X, 86, _W, 20), self._sentence(paper), size=10.5, valign="t", pad=0, leading=1.5)

    def _sentence(self, paper: ReliefNotice) -> str:
        year = kit.tax_year_text(paper.tax_year)
        asked = "職権により" if paper.is_ex_officio else f"{kit.day(paper.applied_on)}付けの申請について、"
        text = f"{paper.taxpayer_name} 様の{year}の市民税・道民税（森林環境税を含む）について、"
        if paper.act == "grant":
            return f"{text}{asked}次のとおり減免します（地方税法第323条・第45条、市税条例）。"
        if paper.act == "refuse":
            return f"{text}{asked}減免しないこととしました（地方税法第323条・第45条、市税条例）。"
        since = f"{kit.day(paper.revoke_from)}以後に納期限の来る期別から" if paper.revoke_from else ""
        return f"{text}{since}減免を取り消します。税額は下のとおりです（市税条例）。"

    def _figures(self, sheet: Sheet, paper: ReliefNotice, y: float) -> float:
        rows = [
            ("減免の事由", paper.ground_ja),
            ("理由", paper.reason_ja or "事由に該当するため"),
            ("変更前の年税額", f"{yen_text(paper.old_annual_yen)}円"),
            (
                "減免額" if paper.act != "revoke" else "減免のまま残る額",
                f"{yen_text(paper.relief_yen)}円（市民税 {yen_text(paper.city_yen)}円、道民税"
                f" {yen_text(paper.prefecture_yen)}円、森林環境税 {yen_text(paper.forest_yen)}円）",
            ),
            ("変更後の年税額", f"{yen_text(paper.annual_yen)}円"),
        ]
        heights = [7.0, 11.0, 7.0, 7.0, 7.0]
        sheet.grid(_X, y, [40.0, _W - 40.0], heights)
        for (label, text), height in zip(rows, heights, strict=True):
            sheet.cell((_X, y, 40, height), label, size=9, bold=True)
            sheet.cell((_X + 40, y, _W - 40, height), text, size=9, min_size=5)
            y += height
        return y

    def _lines(self, sheet: Sheet, paper: ReliefNotice, number: int, y: float) -> float:
        lines = paper.lines[number * _MOST_LINES : (number + 1) * _MOST_LINES]
        if not lines:
            return y
        sheet.grid(_X, y, list(_WIDTHS), [_ROW] * (len(lines) + 1))
        rows = [("期別", "納期限", "減免額（円）")]
        rows += [(one.instalment_ja, kit.day(one.due_on), yen_text(one.yen)) for one in lines]
        for row, texts in enumerate(rows):
            x = _X
            for text, width, align in zip(texts, _WIDTHS, ("l", "l", "r"), strict=True):
                sheet.cell((x, y + _ROW * row, width, _ROW), text, size=8.5, align=align if row else "l", min_size=4)
                x += width
        return y + _ROW * len(rows)

    def _foot(self, sheet: Sheet, paper: ReliefNotice, y: float) -> None:
        sheet.cell(
            (_X, y, _W, 12),
            "税額の変更に伴う期別の額と納付書は、別に送る税額変更の通知書でお知らせします。"
            "減免の事由がなくなったときは、すぐに届け出てください。",
            size=9, valign="t", pad=0, leading=1.4,
        )  # fmt: skip
        sheet.cell(
            (_X, y + 14, _W, 30), appeal_text(paper.appeal, act="この処分"), size=7.5, valign="t", pad=0, leading=1.35
        )
        kit.contact_block(sheet, paper.office, box=(_X, y + 46, _W, 11))
