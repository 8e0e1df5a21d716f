"""日計・集計 (day's receipts by channel, totals)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db import connection

from collection.models import Channel


@dataclass(frozen=True, slots=True)
class ChannelDay:
    """日計 of one channel: what came in and where it went, in yen. `difference_yen` must be 0."""

    channel: str
    channel_ja: str
    count: int
    received_yen: int
    allocated_yen: int
    suspense_yen: int
    overpaid_yen: int

    @property
    def difference_yen(self) -> int:
        """Received less posted and suspense."""
        return self.received_yen - self.allocated_yen - self.suspense_yen - self.overpaid_yen


def day_receipts(account_on: date) -> list[ChannelDay]:
    """日計: confirmed receipts of an account day by channel."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.channel, count(*), sum(r.amount_yen)::bigint, coalesce(sum(a.yen), 0)::bigint,
                      coalesce(sum(s.yen), 0)::bigint, coalesce(sum(o.yen), 0)::bigint
                 FROM collection_receipt AS r
                 LEFT JOIN LATERAL (SELECT sum(yen) AS yen FROM collection_allocation WHERE receipt_id = r.id) AS a
                        ON true
                 LEFT JOIN LATERAL (SELECT sum(remaining_yen) AS yen FROM collection_suspense
                                     WHERE receipt_id = r.id) AS s ON true
                 LEFT JOIN LATERAL (SELECT sum(yen) AS yen FROM collection_overpayment
                                     WHERE receipt_id = r.id AND cause <> 'levy_reduced') AS o ON true
                WHERE r.state = 'confirmed' AND r.account_on = %s
                GROUP BY r.channel ORDER BY r.channel""",
            [account_on],
        )
        return [ChannelDay(row[0], str(Channel(row[0]).label), *row[1:]) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class CollectionTotals:
    """収納の集計 in yen and counts, for the summary table and the dashboard."""

    charges: int
    levied_yen: int
    receipts: int
    received_yen: int
    allocated_yen: int
    suspense_yen: int
    overpaid_yen: int
    open_yen: int


def collection_totals(*, tax_kind: str | None = None, tax_year: int | None = None) -> CollectionTotals:
    """Totals over everything, or over one tax kind and year (then receipts are those allocated to it)."""
    with connection.cursor() as cursor:
        cursor.execute(
            """WITH wanted AS (SELECT id, amount_yen FROM collection_charge
                     WHERE (%(kind)s::text IS NULL OR tax_kind_id = %(kind)s)
                       AND (%(year)s::int IS NULL OR tax_year = %(year)s))
               SELECT (SELECT count(*) FROM wanted WHERE amount_yen > 0),
                      (SELECT coalesce(sum(amount_yen), 0)::bigint FROM wanted),
                      (SELECT count(*) FROM collection_receipt AS r WHERE r.state = 'confirmed' AND (%(all)s OR EXISTS (
                              SELECT FROM collection_allocation AS x
                                WHERE x.receipt_id = r.id AND x.charge_id IN (SELECT id FROM wanted)))),
                      (SELECT coalesce(sum(amount_yen), 0)::bigint FROM collection_receipt AS r
                        WHERE r.state = 'confirmed' AND (%(all)s OR EXISTS (
                              SELECT FROM collection_allocation AS x
                                WHERE x.receipt_id = r.id AND x.charge_id IN (SELECT id FROM wanted)))),
                      (SELECT coalesce(sum(yen), 0)::bigint FROM collection_allocation
                        WHERE charge_id IN (SELECT id FROM wanted)),
                      (SELECT coalesce(sum(remaining_yen), 0)::bigint FROM collection_suspense),
                      (SELECT coalesce(sum(remaining_yen), 0)::bigint FROM collection_overpayment
                        WHERE charge_id IN (SELECT id FROM wanted)),
                      (SELECT coalesce(sum(b.debit_yen - b.credit_yen), 0)::bigint FROM collection_balance AS b
                         JOIN collection_account AS a ON a.id = b.account_id
                        WHERE b.kind = 'receivable' AND a.charge_id IN (SELECT id FROM wanted))""",
            {"kind": tax_kind, "year": tax_year, "all": tax_kind is None and tax_year is None},
        )
        return CollectionTotals(*cursor.fetchone())
