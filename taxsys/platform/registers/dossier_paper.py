"""開示する記録 as one paper: the tables of a party over as many pages as they need."""

from collections.abc import Sequence

from taxsys.platform.printing.tables import PaperTable, TablePaper
from taxsys.platform.registers.dossier import PersonTable

WITHHELD_JA = "個人情報の保護に関する法律78条1項の規定により、この書類に記載していない記録がある場合があります。"


def dossier_pdf(tables: Sequence[PersonTable], *, facts: Sequence[tuple[str, str]], is_draft: bool) -> bytes:
    """The paper; a draft says so on its first line (the request is not decided yet)."""
    paper = TablePaper(title_ja="保有個人情報の開示資料")
    if is_draft:
        paper.text("審査用（決定前のため、請求者に渡せません）")
    paper.facts(facts)
    for table in tables:
        paper.table(
            PaperTable(
                table.title_ja,
                [column.width for column in table.columns],
                [column.title_ja for column in table.columns],
                table.rows or [["該当なし", *[""] * (len(table.columns) - 1)]],
                frozenset(place for place, column in enumerate(table.columns) if column.is_number),
                table.note_ja,
            )
        )
    paper.text(WITHHELD_JA, lines=2)
    return paper.finish()
