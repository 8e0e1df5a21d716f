"""帳簿の集計 (writing the books) in sets: the ledger's transfers summed by day, kinds of account and claim.

The text that is put into the statements is constant; values always travel as parameters.
"""
# ruff: noqa: S608

from __future__ import annotations

from datetime import date

from django.db.backends.utils import CursorWrapper

from collection.bulk.staging import scalar, stage
from collection.closing.law import attribution_law
from collection.closing.rules import origin_year

# One key for the postings (shared, taken by the trigger of the journal) and the closing (exclusive).
GATE = "SELECT pg_advisory_xact_lock(hashtext('closing.period'))"
# Writers of the books wait for each other, not for the postings.
PEN = "SELECT pg_advisory_xact_lock(hashtext('closing.books'))"

# A claim stands on one side at most; `book_year` says which fiscal year a due date belongs to.
LINES = """
    SELECT e.occurred_on, d.kind::text AS debit_kind, k.kind::text AS credit_kind,
           coalesce(c.tax_kind_id, '')::text AS tax_kind, coalesce(c.method, '')::text AS method,
           coalesce(c.tax_year, 0) AS tax_year, coalesce(y.origin_year, 0) AS origin_year,
           coalesce(nullif(d.component, ''), k.component)::text AS component, count(*) AS transfers,
           sum(t.yen)::bigint AS yen
      FROM collection_journalentry AS e
      JOIN collection_transfer AS t ON t.entry_id = e.id
      JOIN collection_account AS d ON d.id = t.debit_id
      JOIN collection_account AS k ON k.id = t.credit_id
      LEFT JOIN collection_charge AS c ON c.id = coalesce(d.charge_id, k.charge_id)
      LEFT JOIN book_year AS y ON y.due_on = c.due_on AND y.method = c.method
     WHERE e.occurred_on >= %(first)s AND e.occurred_on <= %(last)s
     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8"""
KEY = "occurred_on, debit_kind, credit_kind, tax_kind, method, tax_year, origin_year, component"
END_OF_TIME = date(9999, 12, 31)


def stage_years(cursor: CursorWrapper) -> None:
    """`book_year`: the fiscal year of every due date and method of the claims, by the rule of 所属区分."""
    cursor.execute("SELECT DISTINCT due_on, method FROM collection_charge")
    law = attribution_law()
    rows = [(due_on, method, origin_year(due_on, method, law)) for due_on, method in cursor.fetchall()]
    stage(cursor, "book_year", (("due_on", "date"), ("method", "text"), ("origin_year", "int4")), rows)


def lines_write(cursor: CursorWrapper, first_on: date) -> tuple[int, int, int]:
    """The book lines from a day on, counted anew. Returns (lines, transfers, yen)."""
    stage_years(cursor)
    cursor.execute("DELETE FROM closing_bookline WHERE occurred_on >= %s", [first_on])
    cursor.execute(
        f"INSERT INTO closing_bookline ({KEY}, transfers, yen) {LINES}", {"first": first_on, "last": END_OF_TIME}
    )
    cursor.execute(
        "SELECT count(*), coalesce(sum(transfers), 0), coalesce(sum(yen), 0)::bigint FROM closing_bookline"
        " WHERE occurred_on >= %s",
        [first_on],
    )
    lines, transfers, yen = cursor.fetchone()
    return int(lines), int(transfers), int(yen)


def seal_of(cursor: CursorWrapper, first_on: date, last_on: date, previous: str) -> tuple[str, int, int]:
    """(seal, transfers, yen) of the book lines of a period: SHA-256 over the seal before it and every line in order."""
    cursor.execute(
        f"""SELECT encode(sha256(convert_to(%(previous)s || coalesce(string_agg(E'\\n' || concat_ws('|', {KEY},
                       transfers, yen), '' ORDER BY occurred_on, tax_kind COLLATE "C", origin_year, tax_year,
                       method COLLATE "C", component COLLATE "C", debit_kind COLLATE "C", credit_kind COLLATE "C"), ''),
                       'UTF8')), 'hex'),
                   coalesce(sum(transfers), 0), coalesce(sum(yen), 0)::bigint
              FROM closing_bookline WHERE occurred_on BETWEEN %(first)s AND %(last)s""",
        {"previous": previous, "first": first_on, "last": last_on},
    )
    seal, transfers, yen = cursor.fetchone()
    return str(seal), int(transfers), int(yen)


def recount_differences(cursor: CursorWrapper, first_on: date, last_on: date) -> tuple[int, int, int, str]:
    """Book lines of a period against the ledger counted anew: (compared, differing, yen, first day that differs).

    Compared without the fiscal year: a claim whose due date moved after the closing stays where the books put it.
    """
    stage_years(cursor)
    key = "occurred_on, debit_kind, credit_kind, tax_kind, method, tax_year, component"
    cursor.execute(
        f"""SELECT count(*), count(*) FILTER (WHERE is_wrong), coalesce(sum(abs(d)), 0)::bigint,
                   coalesce(min(occurred_on::text) FILTER (WHERE is_wrong), '')
              FROM (SELECT occurred_on, coalesce(b.yen, 0) - coalesce(l.yen, 0) AS d,
                           (coalesce(b.n, 0), coalesce(b.yen, 0)) <> (coalesce(l.n, 0), coalesce(l.yen, 0)) AS is_wrong
                      FROM (SELECT {key}, sum(transfers) AS n, sum(yen) AS yen FROM closing_bookline
                             WHERE occurred_on BETWEEN %(first)s AND %(last)s GROUP BY {key}) AS b
                      FULL JOIN (SELECT {key}, sum(transfers) AS n, sum(yen) AS yen FROM ({LINES}) AS x
                                  GROUP BY {key}) AS l USING ({key})) AS y""",
        {"first": first_on, "last": last_on},
    )
    compared, differing, yen, example = cursor.fetchone()
    return int(compared), int(differing), int(yen), str(example)


def first_entry_on(cursor: CursorWrapper) -> date | None:
    """The earliest date of any entry of the journal; None where nothing was posted."""
    found: date | None = scalar(cursor, "SELECT min(occurred_on) FROM collection_journalentry")
    return found
