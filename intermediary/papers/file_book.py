"""個人情報ファイル簿の紙面: the form of 75条1項, then 別紙1 group by group (R-196, R-149)."""

from collections.abc import Sequence
from datetime import date

from taxsys.kernel import wareki
from taxsys.platform.dictionary.listing import GroupItems
from taxsys.platform.printing.tables import PaperTable, TablePaper

_A_LINE = 52  # characters of a line of text on the paper


def _lines(text: str) -> int:
    return 1 + (len(text) - 1) // _A_LINE


def file_book_pdf(lines: Sequence[tuple[str, str]], held: Sequence[GroupItems], *, on: date) -> bytes:
    """The paper (A4); every heading with its text, the groups as a table, then the items of each record."""
    paper = TablePaper(title_ja="個人情報ファイル簿")
    paper.facts([("基準日", wareki.format_long(on))])
    for heading, text in lines:
        paper.text(f"【{heading}】")
        paper.text(text, lines=_lines(text))
    kept = [one for one in held if one.items]
    rows = [(one.group.title_ja, f"{len(one.items):,}", one.uses_ja) for one in kept]
    header = ("記録項目群", "項目数", "使える用途")
    paper.table(PaperTable("別紙1 記録項目群", (70, 18, 86), header, rows, frozenset({1})))
    for one in kept:
        paper.text(f"【{one.group.title_ja}】 {one.group.purpose_ja}", lines=_lines(one.group.purpose_ja) + 1)
        by_record: dict[str, list[str]] = {}
        for record, item in one.items:
            by_record.setdefault(record, []).append(item)
        for record, items in by_record.items():
            text = f"{record}：{'、'.join(items)}"
            paper.text(text, lines=_lines(text))
    return paper.finish()
