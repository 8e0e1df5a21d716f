"""滞納繰越と出納閉鎖 (carrying over arrears, closing a fiscal year): claims counted one by one against the books.

Current claims go over on the day after 出納閉鎖, carried ones on 1 April; nothing moves in the ledger, a claim's
section follows from the day. What is recorded is count and yen, and that claims and books agree. F-CL-003, F-CL-023.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta

from django.db import connection, transaction

from collection.closing import bulk
from collection.closing.books import book_moves
from collection.closing.errors import ClosingError
from collection.closing.law import attribution_law
from collection.closing.models import CarryOver, CarryOverLine, PeriodClosing, Span
from collection.closing.rules import CARRIED, CURRENT, SECTIONS_JA, accounts_end
from collection.closing.services import sealed_through
from taxsys.platform import clock

_ONE_DAY = timedelta(days=1)
# What a claim's account held at the end of a day: its balance now, less what was posted with a later date.
_OPEN = """
    WITH later AS MATERIALIZED (
         SELECT x.account_id, sum(x.yen) AS yen
           FROM (SELECT t.debit_id AS account_id, t.yen
                   FROM collection_journalentry AS e JOIN collection_transfer AS t ON t.entry_id = e.id
                  WHERE e.occurred_on > %(until)s
                 UNION ALL
                 SELECT t.credit_id, -t.yen
                   FROM collection_journalentry AS e JOIN collection_transfer AS t ON t.entry_id = e.id
                  WHERE e.occurred_on > %(until)s) AS x
          GROUP BY x.account_id),
    standing AS (
         SELECT a.charge_id, a.component, b.debit_yen - b.credit_yen - coalesce(l.yen, 0) AS yen
           FROM collection_account AS a JOIN collection_balance AS b ON b.account_id = a.id
           LEFT JOIN later AS l ON l.account_id = a.id
          WHERE a.kind = 'receivable' AND b.debit_yen - b.credit_yen - coalesce(l.yen, 0) <> 0)
    SELECT c.tax_kind_id, c.tax_year, c.method, c.notice_no, c.instalment_no, y.origin_year,
           coalesce(sum(s.yen) FILTER (WHERE s.component = 'principal'), 0)::bigint,
           coalesce(sum(s.yen) FILTER (WHERE s.component <> 'principal'), 0)::bigint
      FROM standing AS s JOIN collection_charge AS c ON c.id = s.charge_id
      JOIN book_year AS y ON y.due_on = c.due_on AND y.method = c.method
     WHERE y.origin_year {condition} %(year)s
     GROUP BY c.id, y.origin_year ORDER BY c.tax_kind_id, c.tax_year, c.notice_no, c.method, c.instalment_no, c.id"""


@dataclass(frozen=True, slots=True)
class CarriedClaim:
    """A claim that is carried over, in yen; no name, only its numbers."""

    tax_kind: str
    tax_year: int
    method: str
    notice_no: str
    instalment_no: int
    origin_year: int
    principal_yen: int
    other_yen: int


def carried_claims(fiscal_year: int, section: str) -> Iterator[CarriedClaim]:
    """The claims of a section that are open at its end in `fiscal_year`, from the ledger, ordered by their numbers."""
    until = section_end(fiscal_year, section)
    query = _OPEN.format(condition="=" if section == CURRENT else "<")
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '10min'")
        bulk.stage_years(cursor)
        cursor.execute(query, {"until": until, "year": fiscal_year})
        rows = cursor.fetchall()
    yield from (CarriedClaim(*row) for row in rows)


def section_end(fiscal_year: int, section: str) -> date:
    """The last day of a section of a fiscal year: 出納閉鎖 for the current one, 31 March for what was carried over."""
    return accounts_end(fiscal_year, attribution_law()) if section == CURRENT else date(fiscal_year + 1, 3, 31)


def books_open(fiscal_year: int, section: str) -> int:
    """収入未済額 of a section at its end as the book lines say it, in yen."""
    moves = book_moves(section_end(fiscal_year, section))
    return sum(
        move.levied_yen - move.received_yen - move.written_off_yen
        for move in moves
        if (move.origin_year == fiscal_year if section == CURRENT else move.origin_year < fiscal_year)
    )


def carry_over(fiscal_year: int, section: str, *, actor: str) -> CarryOver:
    """滞納繰越 of a section of `fiscal_year` into the next; again the same row.

    Raises ClosingError where its last month is not closed, and where the claims and the books differ by a yen.
    """
    until, law = section_end(fiscal_year, section), attribution_law()
    known = CarryOver.objects.filter(fiscal_year=fiscal_year + 1, section=section).first()
    if known is not None:
        return known
    sealed = sealed_through()
    if sealed is None or sealed < until:
        raise ClosingError(f"{until:%Y-%m}がまだ月締めされていません。月締めの後に繰り越してください。")
    with transaction.atomic():
        sums: dict[tuple[str, int], list[int]] = {}
        for claim in carried_claims(fiscal_year, section):
            row = sums.setdefault((claim.tax_kind, claim.tax_year), [0, 0, 0])
            row[0] += claim.principal_yen > 0
            row[1] += claim.principal_yen
            row[2] += claim.other_yen
        yen, books_yen = sum(row[1] for row in sums.values()), books_open(fiscal_year, section)
        if yen != books_yen:
            raise ClosingError(
                f"{SECTIONS_JA[section]}の期別の計{yen:,}円と帳簿の{books_yen:,}円が一致しません。"
                "元帳の証明を実行してください。"
            )
        row_of = CarryOver.objects.create(
            fiscal_year=fiscal_year + 1,
            section=section,
            carried_on=accounts_end(fiscal_year, law) + _ONE_DAY if section == CURRENT else until + _ONE_DAY,
            claims=sum(row[0] for row in sums.values()),
            yen=yen,
            books_yen=books_yen,
            actor=actor,
            recorded_at=clock.now(),
        )
        CarryOverLine.objects.bulk_create(
            CarryOverLine(
                carry_over=row_of, tax_kind=kind, tax_year=tax_year, claims=row[0], principal_yen=row[1],
                other_yen=row[2],
            )
            for (kind, tax_year), row in sorted(sums.items())
        )  # fmt: skip
        return row_of


def year_close(fiscal_year: int, *, actor: str) -> PeriodClosing:
    """出納閉鎖 of a fiscal year (地方自治法235条の5): both sections carried over, then no month of it opens again.

    Idempotent by year. Raises ClosingError.
    """
    last_on = accounts_end(fiscal_year, attribution_law())
    with transaction.atomic(), connection.cursor() as cursor:
        for section in (CARRIED, CURRENT):
            carry_over(fiscal_year, section, actor=actor)
        known = PeriodClosing.objects.standing().filter(span=Span.YEAR, last_on=last_on).first()
        if known is not None:
            return known
        before = PeriodClosing.objects.standing().filter(span=Span.YEAR).order_by("-last_on").first()
        first_on, previous = date(fiscal_year, 4, 1), before.seal if before else ""
        seal, transfers, yen = bulk.seal_of(cursor, first_on, last_on, previous)
        return PeriodClosing.objects.create(
            span=Span.YEAR,
            first_on=first_on,
            last_on=last_on,
            transfers=transfers,
            yen=yen,
            seal=seal,
            previous_seal=previous,
            closed_by=actor,
            closed_at=clock.now(),
        )
