"""督促の元の債権 (what the ledger says of reminded charges now), set-based."""

from collections.abc import Mapping, Sequence
from datetime import date

from django.db import connection

_OPEN = """
    SELECT a.charge_id, (b.debit_yen - b.credit_yen)::bigint
      FROM collection_account AS a
      JOIN collection_balance AS b ON b.account_id = a.id
      JOIN collection_charge AS c ON c.id = a.charge_id AND c.state = 'active'
     WHERE a.charge_id = ANY (%s) AND a.component = 'principal' AND a.kind = 'receivable'"""
_SLIPS = """
    SELECT l.charge_id, max(s.amount_yen)::bigint
      FROM collection_slipline AS l JOIN collection_slip AS s ON s.id = l.slip_id AND s.state = 'active'
     WHERE l.charge_id = ANY (%s)
       AND (SELECT count(*) FROM collection_slipline AS o WHERE o.slip_id = s.id) = 1
     GROUP BY l.charge_id HAVING count(*) = 1"""
# Paid by value date: everything the charge asks for was there before the day of issue.
_PAID_BEFORE = """
    SELECT r.id, max(p.paid_on)
      FROM delinquency_reminder AS r
      JOIN collection_charge AS c ON c.id = r.charge_id
      JOIN collection_allocation AS p ON p.charge_id = c.id AND p.component = 'principal' AND p.paid_on < r.issued_on
     WHERE r.state = 'issued'
     GROUP BY r.id, c.amount_yen HAVING sum(p.yen) >= c.amount_yen AND c.amount_yen > 0
     ORDER BY r.id"""


def open_now(charge_ids: Sequence[int]) -> Mapping[int, int]:
    """Principal open now, in yen, by charge; withdrawn charges are left out."""
    return _pairs(_OPEN, charge_ids)


def slip_amounts(charge_ids: Sequence[int]) -> Mapping[int, int]:
    """What the one slip in circulation of a charge alone asks for, by charge."""
    return _pairs(_SLIPS, charge_ids)


def _pairs(query: str, charge_ids: Sequence[int]) -> Mapping[int, int]:
    with connection.cursor() as cursor:
        cursor.execute(query, [list(charge_ids)])
        return dict(cursor.fetchall())


def paid_before_issue() -> list[tuple[int, date]]:
    """(reminder, day of the last payment) of issued reminders whose tax had been paid before their day of issue."""
    with connection.cursor() as cursor:
        cursor.execute(_PAID_BEFORE)
        return list(cursor.fetchall())


def reminded_without_claim() -> list[int]:
    """Issued reminders whose charge a recall of the decision has withdrawn."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT r.id FROM delinquency_reminder AS r JOIN collection_charge AS c ON c.id = r.charge_id
                WHERE r.state = 'issued' AND c.state = 'withdrawn' ORDER BY r.id"""
        )
        return [row[0] for row in cursor.fetchall()]
