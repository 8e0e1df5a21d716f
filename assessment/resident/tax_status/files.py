"""課税状況の調のファイル: CSV and XLSX of each table, one PDF of all."""

from collections.abc import Sequence

from assessment.resident.tax_status.selectors import Counted
from taxsys.kernel import wareki
from taxsys.platform.printing.tables import PaperTable, TablePaper
from taxsys.platform.registers.exports import Form, written

SHAPE_JA = "独自様式(総務省の様式ではありません)"
FORM_ID = "L-PI-30"
_FIRST_MM, _WHOLE_MM, _COLUMNS_MAX = 44.0, 174.0, 6


def table_file(table: Counted, form: Form) -> bytes:
    """One table with its words in the first column."""
    return written([table.head_ja, *(title for title, _ in table.columns)], table.cells(), form)


def tables_pdf(tables: Sequence[Counted], *, tax_year: int, is_outside: bool, counted_on_ja: str, least: int) -> bytes:
    """Every table on A4; a wide one goes on in a second part under the same words."""
    paper = TablePaper(title_ja=f"{wareki.format_year(tax_year)}年度　個人住民税　課税状況の調")
    use = f"公表用({least}人未満が分かる数字は x)" if is_outside else "庁内用"
    paper.facts((("様式", SHAPE_JA), ("用途", use), ("集計日", counted_on_ja)))
    for table in tables:
        for first in range(0, len(table.columns), _COLUMNS_MAX):
            _part(paper, table, first)
    return paper.finish()


def _part(paper: TablePaper, table: Counted, first: int) -> None:
    chosen = table.columns[first : first + _COLUMNS_MAX]
    width = (_WHOLE_MM - _FIRST_MM) / len(chosen)
    rows = [
        [str(cells[0]), *(f"{one:,}" if isinstance(one, int) else str(one)
                          for one in cells[1 + first : 1 + first + _COLUMNS_MAX])]
        for cells in table.cells()
    ]  # fmt: skip
    paper.table(
        PaperTable(
            table.title_ja + ("(続き)" if first else ""),
            [_FIRST_MM, *[width] * len(chosen)],
            [table.head_ja, *(title for title, _ in chosen)],
            rows,
            frozenset(range(1, len(chosen) + 1)),
        )
    )
