"""調定簿・収入簿 (books of levies and receipts): what the book lines say by tax, fiscal year and section; their proofs.

A claim's movements are read from the side of the claim: what was levied, received (payments, offsets, less what became
an overpayment), written off; what is left is open. F-CL-001, F-CL-020, F-CL-030.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.backends.utils import CursorWrapper

from collection.closing import bulk
from collection.closing.law import attribution_law, check_limits
from collection.closing.models import BookBuild, PeriodClosing, Span
from collection.closing.rules import CARRIED, CURRENT, SECTIONS_JA, AttributionLaw, accounts_end, carried_from
from collection.models import TaxKind
from collection.selectors.proofs import Check
from taxsys.kernel.calendar import years_after

_PRINCIPAL = "principal"
_LEVY_KINDS = ("revenue_city", "revenue_prefecture", "revenue_forest", "interest", "reminder_fee")
_RECEIPT_KINDS = ("cash_in", "suspense", "overpayment")
# One row a claim's side: `sign` +1 where the claim grows.
_MOVES = """
    SELECT occurred_on, tax_kind, method, tax_year, origin_year, component,
           CASE WHEN debit_kind = 'receivable' THEN credit_kind ELSE debit_kind END AS other,
           CASE WHEN debit_kind = 'receivable' THEN yen ELSE -yen END AS yen
      FROM closing_bookline WHERE 'receivable' IN (debit_kind, credit_kind)"""


@dataclass(frozen=True, slots=True)
class Move:
    """Movements of a tax's claims on a day (all of one origin), in yen: levied, received, written off."""

    occurred_on: date
    tax_kind: str
    method: str
    tax_year: int
    origin_year: int
    levied_yen: int
    received_yen: int
    written_off_yen: int


def book_moves(until: date, *, days: Iterable[date] = (), component: str = _PRINCIPAL) -> list[Move]:
    """Movements of the claims up to a day; one question to the book lines.

    Each is told under the first of `days` on or after it (the last is `until`): a screen that looks at month ends gets
    some hundred rows, whatever the years behind it.
    """
    cuts = sorted({*(day for day in days if day < until), until})
    with connection.cursor() as cursor:
        cursor.execute(
            f"""SELECT (%(cuts)s::date[])[width_bucket(occurred_on - 1, %(cuts)s::date[]) + 1], tax_kind, method,
                       tax_year, origin_year,
                       coalesce(sum(yen) FILTER (WHERE other = ANY (%(levy)s)), 0)::bigint,
                       coalesce(-sum(yen) FILTER (WHERE other = ANY (%(receipt)s)), 0)::bigint,
                       coalesce(-sum(yen) FILTER (WHERE other = 'write_off'), 0)::bigint
                  FROM ({_MOVES}) AS m
                 WHERE occurred_on <= %(until)s AND component = %(component)s
                 GROUP BY 1, 2, 3, 4, 5 ORDER BY 1, 2, 3, 4, 5""",  # noqa: S608 - a constant of this module
            {
                "until": until, "cuts": cuts, "component": component, "levy": list(_LEVY_KINDS),
                "receipt": list(_RECEIPT_KINDS),
            },
        )  # fmt: skip
        return [Move(*row) for row in cursor.fetchall()]


@dataclass(slots=True)
class BookRow:
    """調定簿・収入簿の一行: one tax, section and tax year in a fiscal year, in yen.

    `brought_yen` is what was carried over into the year (滞納繰越分の調定), `levied_yen` what was levied or taken back
    in it.
    """

    tax_kind: str
    tax_title: str
    section: str
    tax_year: int
    brought_yen: int = 0
    levied_yen: int = 0
    received_yen: int = 0
    written_off_yen: int = 0

    @property
    def section_ja(self) -> str:
        """現年課税分・滞納繰越分."""
        return SECTIONS_JA[self.section]

    @property
    def due_yen(self) -> int:
        """調定額: carried over and levied."""
        return self.brought_yen + self.levied_yen

    @property
    def open_yen(self) -> int:
        """収入未済額."""
        return self.due_yen - self.received_yen - self.written_off_yen

    @property
    def rate_bp(self) -> int | None:
        """収納率 in hundredths of a percent, cut off; None where nothing was levied."""
        return rate_bp(self.received_yen, self.due_yen)


def rate_bp(received_yen: int, due_yen: int) -> int | None:
    """収納率 in hundredths of a percent (9,876 = 98.76%), cut off; None where nothing is due."""
    if due_yen <= 0:
        return None
    whole, _rest = divmod(received_yen * 10_000, due_yen)
    return whole


def year_book(fiscal_year: int, *, until: date | None = None) -> list[BookRow]:
    """調定簿・収入簿 of a fiscal year as of a day (its 出納閉鎖 when none is given), by tax, section and tax year."""
    law = attribution_law()
    last = accounts_end(fiscal_year, law)
    moves = book_moves(min(until or last, last), days=turning_days(fiscal_year, law))
    return rows_of(moves, fiscal_year, law, tax_titles())


def turning_days(fiscal_year: int, law: AttributionLaw) -> list[date]:
    """The days after which a claim stands elsewhere in the accounts of a year: ends of years and of accounts."""
    years = (fiscal_year - 1, fiscal_year)
    return [day for year in years for day in (date(year, 3, 31), date(year + 1, 3, 31), accounts_end(year - 1, law))]


def tax_titles() -> dict[str, str]:
    """Titles of the tax kinds by code."""
    return dict(TaxKind.objects.values_list("code", "title"))


def rows_of(moves: Iterable[Move], fiscal_year: int, law: AttributionLaw, titles: Mapping[str, str]) -> list[BookRow]:
    """The rows of a fiscal year from movements up to a day."""
    rows: dict[tuple[str, str, int], BookRow] = {}
    year_ends = date(fiscal_year + 1, 3, 31)
    for move in moves:
        if move.origin_year > fiscal_year:
            continue
        section = CURRENT if move.origin_year == fiscal_year else CARRIED
        carried_on = carried_from(move.origin_year, fiscal_year, law)
        if carried_on is not None and move.occurred_on > year_ends:
            continue  # carried on into the next fiscal year
        key = (move.tax_kind, section, move.tax_year)
        row = rows.setdefault(key, BookRow(move.tax_kind, titles.get(move.tax_kind, move.tax_kind), section, key[2]))
        if carried_on is not None and move.occurred_on < carried_on:
            row.brought_yen += move.levied_yen - move.received_yen - move.written_off_yen
        else:
            row.levied_yen += move.levied_yen
            row.received_yen += move.received_yen
            row.written_off_yen += move.written_off_yen
    found = [row for row in rows.values() if row.brought_yen or row.levied_yen or row.received_yen]
    return sorted(found, key=lambda row: (row.tax_kind, row.section == CARRIED, -row.tax_year))


def totals_of(rows: Iterable[BookRow], *, tax_kind: str = "", title: str = "計") -> dict[str, BookRow]:
    """Totals of rows by section and over both (key ""), of one tax or of all."""
    out: dict[str, BookRow] = {}
    for row in rows:
        if tax_kind and row.tax_kind != tax_kind:
            continue
        for key in (row.section, ""):
            total = out.setdefault(key, BookRow(tax_kind, title, key, 0))
            total.brought_yen += row.brought_yen
            total.levied_yen += row.levied_yen
            total.received_yen += row.received_yen
            total.written_off_yen += row.written_off_yen
    return out


def levy_list() -> list[tuple[Any, ...]]:
    """調定表 (F-CL-001): claims by tax, years, method, instalment and due date: count, yen by part, what is open now.

    One pass over the claims, for the nightly list: (tax, tax year, levy year, method, instalment, due date, count, yen,
    city, prefecture, forest, open count, open yen).
    """
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT c.tax_kind_id, c.tax_year, c.levy_year, c.method, c.instalment_no, c.due_on, count(*),
                      sum(c.amount_yen)::bigint, sum(c.city_yen)::bigint, sum(c.prefecture_yen)::bigint,
                      sum(c.forest_yen)::bigint, count(*) FILTER (WHERE b.debit_yen > b.credit_yen),
                      coalesce(sum(b.debit_yen - b.credit_yen), 0)::bigint
                 FROM collection_charge AS c
                 LEFT JOIN collection_account AS a
                        ON a.charge_id = c.id AND a.component = 'principal' AND a.kind = 'receivable'
                 LEFT JOIN collection_balance AS b ON b.account_id = a.id
                WHERE c.amount_yen > 0 GROUP BY 1, 2, 3, 4, 5, 6 ORDER BY 1, 2 DESC, 3, 4, 5, 6"""
        )
        return cursor.fetchall()


def last_build() -> BookBuild | None:
    """The newest counting of the books."""
    return BookBuild.objects.order_by("-pk").first()


def book_differences(cursor: CursorWrapper) -> tuple[int, int, str]:
    """The books against the ledger's balances by kind of account: (kinds differing, yen, their names).

    Net sums: what was erased after its period took as much from one side as from the other.
    """
    cursor.execute(
        """SELECT count(*), coalesce(sum(abs(d)), 0)::bigint, coalesce(string_agg(kind, '・' ORDER BY kind), '')
             FROM (SELECT kind, coalesce(b.yen, 0) - coalesce(l.yen, 0) AS d
                     FROM (SELECT kind, sum(debit_yen - credit_yen) AS yen FROM collection_balance GROUP BY kind) AS b
                     FULL JOIN (SELECT kind, sum(yen) AS yen
                                  FROM (SELECT debit_kind AS kind, yen FROM closing_bookline
                                        UNION ALL SELECT credit_kind, -yen FROM closing_bookline) AS sides
                                 GROUP BY kind) AS l USING (kind)) AS x
            WHERE d <> 0"""
    )
    count, yen, kinds = cursor.fetchone()
    return int(count), int(yen), str(kinds)


def seals_check() -> Check:
    """封印の証明: every seal is the hash of its lines and of the seal before; the newest months counted anew agree."""
    closings = list(PeriodClosing.objects.standing().filter(span=Span.MONTH).order_by("last_on"))
    wrong, yen, example, previous = 0, 0, "", ""
    with transaction.atomic(), connection.cursor() as cursor:
        for closing in closings:
            seal, transfers, total = bulk.seal_of(cursor, closing.first_on, closing.last_on, previous)
            if (seal, transfers, total) != (closing.seal, closing.transfers, closing.yen):
                wrong, yen, example = wrong + 1, yen + abs(total - closing.yen), example or str(closing)
            previous = closing.seal
        recent = closings[-check_limits().seal_months :]
        if recent:
            _compared, differing, difference, day = bulk.recount_differences(
                cursor, recent[0].first_on, recent[-1].last_on
            )
            wrong, yen, example = wrong + differing, yen + difference, example or day
    return Check("帳簿: 締めた月の封印と元帳の再集計", len(closings), wrong, yen, example)


def same_day_last_year(on: date) -> date:
    """前年同日; 29 February is compared with the 28th."""
    return years_after(on, -1)
