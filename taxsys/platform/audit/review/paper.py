"""点検結果の印刷: the report of a review as the security officer files it (A4, R-231)."""

from taxsys.platform.audit.models import ReviewReport
from taxsys.platform.audit.review.selectors import KindSection, figure_tables, sections
from taxsys.platform.audit.wording import period_ja, staff_names
from taxsys.platform.printing.tables import PaperTable, TablePaper
from taxsys.platform.ui.templatetags.house import moment


def review_pdf(report: ReviewReport) -> bytes:
    """The whole report: period, limits, figures, findings of officers and of contractors, the signature."""
    paper = TablePaper(title_ja="アクセス記録 点検結果")
    limits = report.limits
    paper.facts(
        [
            ("期間", period_ja(report.from_on, report.to_on)),
            ("作成", f"{moment(report.made_at)}　実行 {report.run_key}"),
            ("利用時間", f"開庁日の{limits['opens']}時から{limits['closes']}時まで"),
            (
                "人数の突出",
                f"一日{limits['volume_floor']:,}人以上、かつ所属の中央値の{limits['volume_ratio']}倍を超えるとき",
            ),
            ("最後の署名", report.head_code or "（まだありません）"),
            ("内容のハッシュ", report.content_hash),
        ]
    )
    for table in figure_tables(report):
        paper.table(
            PaperTable(
                table.title_ja,
                (94, 40, 40),
                ("区分", "記録の件数", "表示した延べ人数"),
                [(name, f"{events:,}", f"{people:,}") for name, events, people in table.rows],
                frozenset({1, 2}),
            )
        )
    for title, of_contractors in (("所見（職員・連携）", False), ("所見（委託先従事者）", True)):
        for section in sections(report, of_contractors=of_contractors):
            paper.table(_findings(title, section))
    _signed(paper, report)
    return paper.finish()


def _findings(title: str, section: KindSection) -> PaperTable:
    rows = [
        (
            line.who_ja,
            line.unit_ja,
            f"{line.finding.count:,}",
            moment(line.finding.first_at),
            moment(line.finding.last_at),
        )
        for line in section.lines
    ]
    return PaperTable(
        f"{title}　{section.kind.title_ja}　{section.count:,}件",
        (56, 36, 18, 32, 32),
        ("操作者", "所属", "件数", "最初", "最後"),
        rows or [("該当なし", "", "", "", "")],
        frozenset({2}),
    )


def _signed(paper: TablePaper, report: ReviewReport) -> None:
    signature = getattr(report, "signature", None)
    if signature is None:
        paper.boxes(("セキュリティ責任者", "確認日", "所見・措置"))
        return
    name = staff_names([signature.staff_no]).get(signature.staff_no, "")
    paper.facts([("確認", f"{moment(signature.signed_at)}　{signature.staff_no}　{name}")])
    paper.text(f"所見・措置：{signature.remark}", lines=min(20, 1 + len(signature.remark) // 50))
