"""集計 (reads): every table in one statement over the decisions in force, and the figures they must add up to."""

from dataclasses import dataclass

from django.db import connection
from django.db.backends.utils import CursorWrapper

from assessment.resident.tax_status.tables import PEOPLE, TABLES, VIEW, YEN, Items, Split
from taxsys.platform.plans import whole_city

Figure = int | None
HIDDEN_JA = "x"


@dataclass(frozen=True, slots=True)
class Row:
    """One line: its words and its figures in the order of the table's columns (None: hidden)."""

    label_ja: str
    figures: tuple[Figure, ...]


@dataclass(frozen=True, slots=True)
class Counted:
    """A table with its figures. `total` sums the rows (of items: yen only)."""

    code: str
    title_ja: str
    head_ja: str
    columns: tuple[tuple[str, str], ...]  # title, unit
    rows: tuple[Row, ...]
    total: Row

    def cells(self) -> list[list[str | int]]:
        """Rows and total as cells, hidden figures as x."""
        return [
            [row.label_ja, *(HIDDEN_JA if one is None else one for one in row.figures)]
            for row in (*self.rows, self.total)
        ]


@dataclass(frozen=True, slots=True)
class Whole:
    """What the decisions say by themselves: people, yen of the decisions, deductions."""

    people: int
    annual_yen: int
    deduction_yen: int


def tax_status_count(tax_year: int) -> tuple[list[Counted], Whole]:
    """Every table of the year and the sums of its decisions, read in one transaction's view."""
    with whole_city(), connection.cursor() as cursor:
        values = {"year": tax_year}
        tables = [_split(cursor, one, values) if isinstance(one, Split) else _items(cursor, one, values)
                  for one in TABLES]  # fmt: skip
        cursor.execute(
            """SELECT count(*), coalesce(sum(d.annual_yen), 0)::bigint
                 FROM (SELECT DISTINCT ON (c.party_id) c.annual_yen FROM assessment_decision AS c
                         JOIN assessment_assessmentrun AS u ON u.id = c.run_id AND u.state = 'released'
                        WHERE c.tax_kind = '10' AND c.tax_year = %(year)s
                        ORDER BY c.party_id, c.version DESC) AS d""",
            values,
        )
        people, annual = cursor.fetchone()
        cursor.execute(f"SELECT coalesce(sum(r.total_deduction_yen), 0)::bigint {VIEW}", values)
        return tables, Whole(people, annual, cursor.fetchone()[0])


def _split(cursor: CursorWrapper, table: Split, values: dict[str, int]) -> Counted:
    measures = ", ".join(one.sql for one in table.measures)
    cursor.execute(f"SELECT {table.group} AS label, {measures} {table.source} GROUP BY 1 ORDER BY 1", values)
    found = {str(label): tuple(int(one) for one in figures) for label, *figures in cursor.fetchall()}
    labels = table.labels if table.labels is not None else tuple((code, code) for code in found)
    nothing = (0,) * len(table.measures)
    rows = tuple(Row(words, found.get(code, nothing)) for code, words in labels)
    total = tuple(sum(row.figures[place] or 0 for row in rows) for place in range(len(table.measures)))
    columns = tuple((one.title_ja, one.unit) for one in table.measures)
    return Counted(table.code, table.title_ja, table.head_ja, columns, rows, Row("合計", total))


def _items(cursor: CursorWrapper, table: Items, values: dict[str, int]) -> Counted:
    asked = ", ".join(
        f"count(*) FILTER (WHERE {sql} <> 0), coalesce(sum({sql}), 0)::bigint" for _, _, sql in table.rows
    )
    cursor.execute(f"SELECT {asked} {VIEW}", values)
    figures = [int(one) for one in cursor.fetchone()]
    rows = tuple(
        Row(title, (figures[2 * place], figures[2 * place + 1])) for place, (_, title, _) in enumerate(table.rows)
    )
    total = Row("合計(金額)", (None, sum(figures[1::2])))
    return Counted(table.code, table.title_ja, table.head_ja, (("人数(人)", PEOPLE), ("金額(円)", YEN)), rows, total)
