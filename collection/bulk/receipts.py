"""Posting of receipts, set-based: stage, resolve keys, upsert receipts, allocate by overlap of intervals, post.

On every claim the money lies end to end as intervals: the open components (本税, 督促手数料, 延滞金 …) on one line, the
arriving pieces on another; where a piece and a component overlap, that much is allocated. What lies beyond the last
component is an overpayment. No row is visited one by one.

The text that is put into the statements is constant (names of columns); values always travel as parameters.
"""
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import astuple, dataclass
from datetime import date
from typing import Any, Literal

from django.db.backends.utils import CursorWrapper

from collection.bulk.staging import scalar, stage, stage_query
from taxsys.platform import clock

EventKind = Literal["preliminary", "confirmed", "lifted", "corrected"]
KeyKind = Literal["case", "customer", "charge", "agent"]


@dataclass(frozen=True, slots=True)
class ReceiptRecord:
    """One report of a payment, in yen.

    `external_key` names the payment in its channel (速報・確報・取消 of one payment share it). `match_key` is a slip's
    case number, a debit request's customer number, or a charge's natural key
    `税目|賦課年度|課税年度|方法|通知書番号|期`; of an agent (`agent`) that key names a month, and the sum is for every
    month of the agent that falls due on the same day (納期の特例).
    """

    channel: str
    external_key: str
    kind: EventKind
    key_kind: KeyKind
    match_key: str
    amount_yen: int
    paid_on: date
    account_on: date | None = None
    line_no: int = 0


_COLUMNS = (
    ("channel", "text"),
    ("external_key", "text"),
    ("kind", "text"),
    ("key_kind", "text"),
    ("match_key", "text"),
    ("amount_yen", "int8"),
    ("paid_on", "date"),
    ("account_on", "date"),
    ("line_no", "int4"),
)
# Channels whose slip or request fixes the amount: another amount is a fault, not a part payment.
FIXED_AMOUNT_CHANNELS = ("cvs", "debit")


def stage_receipts(cursor: CursorWrapper, records: Iterable[ReceiptRecord]) -> int:
    """Bring records into `rcpt_in`, gather the events of one payment into `rcpt`. Returns the number of payments.

    A correction of money that is part of a refund or offset is set aside in `rcpt_spent`: the others are not held up.
    A code of a slip that was taken over from another system becomes the case number that the slip has here.
    """
    stage(cursor, "rcpt_in", _COLUMNS, (astuple(record) for record in records))
    stage_query(
        cursor,
        "rcpt_spent",
        """SELECT DISTINCT i.channel, i.external_key, i.line_no
             FROM rcpt_in AS i JOIN collection_receipt AS r USING (external_key, channel)
             JOIN collection_overpayment AS o ON o.receipt_id = r.id
            WHERE i.kind = 'corrected' AND NOT r.is_corrected AND o.held_by_id IS NOT NULL AND o.yen > 0""",
    )
    cursor.execute(
        """DELETE FROM rcpt_in AS i USING rcpt_spent AS s
            WHERE i.kind = 'corrected' AND (i.channel, i.external_key) = (s.channel, s.external_key)"""
    )
    stage_query(
        cursor,
        "rcpt",
        """SELECT g.channel, g.external_key, g.is_reported, g.is_confirmed, g.is_lifted, g.is_corrected, g.key_kind,
                  coalesce(k.case_no, g.match_key) AS match_key, g.amount_yen, g.paid_on, g.account_on, g.line_no,
                  CASE WHEN g.is_confirmed AND NOT g.is_corrected
                            THEN nextval(pg_get_serial_sequence('collection_journalentry', 'id')) END AS entry_id,
                  s.id AS slip_id
             FROM (SELECT channel, external_key, bool_or(kind = 'preliminary') AS is_reported,
                          bool_or(kind = 'confirmed') AS is_confirmed, bool_or(kind = 'lifted') AS is_lifted,
                          bool_or(kind = 'corrected') AS is_corrected,
                          (array_agg(key_kind ORDER BY kind <> 'confirmed', line_no))[1] AS key_kind,
                          (array_agg(match_key ORDER BY kind <> 'confirmed', line_no))[1] AS match_key,
                          (array_agg(amount_yen ORDER BY kind <> 'confirmed', line_no))[1] AS amount_yen,
                          (array_agg(paid_on ORDER BY kind <> 'confirmed', line_no))[1] AS paid_on,
                          (array_agg(coalesce(account_on, paid_on) ORDER BY line_no)
                             FILTER (WHERE kind = 'confirmed'))[1] AS account_on,
                          coalesce(min(line_no) FILTER (WHERE kind = 'confirmed'), min(line_no)) AS line_no
                     FROM rcpt_in GROUP BY channel, external_key) AS g
             LEFT JOIN takeover_slipcode AS k ON g.key_kind = 'case' AND k.code = g.match_key
             LEFT JOIN collection_slip AS s
                    ON g.key_kind = 'case' AND s.case_no = coalesce(k.case_no, g.match_key)""",
    )
    return int(scalar(cursor, "SELECT count(*) FROM rcpt"))


def _state(prefix: str, other: str = "") -> str:
    """SQL of the state that follows from the flags of a row, joined with those of another row."""

    def flag(name: str) -> str:
        return f"({prefix}.{name} OR {other}.{name})" if other else f"{prefix}.{name}"

    return (
        f"CASE WHEN {flag('is_corrected')} THEN 'withdrawn' WHEN {flag('is_confirmed')} THEN 'confirmed' "
        f"WHEN {flag('is_lifted')} THEN 'withdrawn' ELSE 'preliminary' END"
    )


def upsert_receipts(cursor: CursorWrapper, *, file_id: int | None, actor: str) -> None:
    """Insert or raise the receipts of `rcpt` in key order; those to be posted now come into `rcpt_new`."""
    confirmed_now = "excluded.is_confirmed AND NOT r.is_confirmed"
    flags = ("is_reported", "is_confirmed", "is_lifted", "is_corrected")
    raised = ", ".join(f"{flag} = r.{flag} OR excluded.{flag}" for flag in flags)
    taken = ", ".join(
        f"{name} = CASE WHEN {confirmed_now} THEN excluded.{name} ELSE r.{name} END"
        for name in ("amount_yen", "paid_on", "account_on", "key_kind", "match_key", "slip_id", "file_id", "line_no")
    )
    news = " OR ".join(f"(excluded.{flag} AND NOT r.{flag})" for flag in flags)
    cursor.execute(
        f"""INSERT INTO collection_receipt AS r (channel, external_key, paid_on, account_on, amount_yen, key_kind,
                   match_key, is_reported, is_confirmed, is_lifted, is_corrected, state, slip_id, file_id, line_no,
                   actor, entry_id)
            SELECT channel, external_key, paid_on, account_on, amount_yen, key_kind, match_key, is_reported,
                   is_confirmed, is_lifted, is_corrected, {_state("rcpt")}, slip_id, %(file)s, line_no, %(actor)s,
                   entry_id
              FROM rcpt ORDER BY external_key, channel
            ON CONFLICT (external_key, channel) DO UPDATE
               SET {raised}, {taken}, state = {_state("r", "excluded")},
                   entry_id = CASE WHEN r.is_corrected THEN r.entry_id ELSE coalesce(r.entry_id, excluded.entry_id) END
             WHERE {news}""",
        {"file": file_id, "actor": actor},
    )
    stage_query(
        cursor,
        "rcpt_new",
        """SELECT r.id, r.channel, r.external_key, r.entry_id, r.amount_yen, r.paid_on, r.account_on, r.key_kind,
                  r.match_key, r.slip_id, r.line_no
             FROM collection_receipt AS r JOIN rcpt USING (external_key, channel)
            WHERE r.entry_id = rcpt.entry_id AND r.state = 'confirmed'""",
    )


def first_account_on(cursor: CursorWrapper) -> date | None:
    """The earliest 会計日 of the receipts to be posted now; None where there are none."""
    found: date | None = scalar(cursor, "SELECT min(account_on) FROM rcpt_new")
    return found


def resolve_targets(cursor: CursorWrapper, *, named_first: bool) -> None:
    """`rcpt_target`: the charges each new receipt names, with what the slip or request asked for; charges locked.

    Of a slip for several instalments the older due date comes first (民法488条4項). `named_first`: of several months of
    an agent due on one day the one that it names comes first, else the oldest.
    """
    stage_query(
        cursor,
        "rcpt_target",
        """SELECT t.*, c.due_on, c.instalment_no FROM collection_charge AS c JOIN (
           SELECT n.id AS receipt_id, l.charge_id,
                  l.principal_yen + l.reminder_fee_yen + l.late_interest_yen AS line_yen, s.amount_yen AS asked_yen,
                  l.reminder_fee_yen, l.late_interest_yen, 1 AS rank
             FROM rcpt_new AS n JOIN collection_slip AS s ON s.id = n.slip_id
             JOIN collection_slipline AS l ON l.slip_id = s.id
           UNION ALL
           SELECT n.id, d.charge_id, d.amount_yen, d.amount_yen, 0, 0, 1
             FROM rcpt_new AS n JOIN collection_debitrequest AS d ON d.customer_number = n.match_key
            WHERE n.key_kind = 'customer'
           UNION ALL
           SELECT n.id, c.id, n.amount_yen, n.amount_yen, 0, 0, 1
             FROM (SELECT id, amount_yen, string_to_array(match_key, '|') AS k FROM rcpt_new
                    WHERE key_kind = 'charge') AS n
             JOIN collection_charge AS c ON c.notice_no = n.k[5] AND c.tax_kind_id = n.k[1]
                  AND c.levy_year::text = n.k[2] AND c.tax_year::text = n.k[3] AND c.method = n.k[4]
                  AND c.instalment_no::text = n.k[6]
           UNION ALL
           SELECT n.id, c.id, (SELECT coalesce(sum(greatest(b.debit_yen - b.credit_yen, 0)), 0)::bigint
                     FROM collection_account AS a JOIN collection_balance AS b ON b.account_id = a.id
                    WHERE a.charge_id = c.id AND a.kind = 'receivable'), n.amount_yen, 0, 0,
                  CASE WHEN c.id = m.id AND %(named_first)s THEN 0 ELSE 1 END
             FROM (SELECT id, amount_yen, string_to_array(match_key, '|') AS k FROM rcpt_new
                    WHERE key_kind = 'agent') AS n
             JOIN collection_charge AS m ON m.notice_no = n.k[5] AND m.tax_kind_id = n.k[1]
                  AND m.levy_year::text = n.k[2] AND m.tax_year::text = n.k[3] AND m.method = n.k[4]
                  AND m.instalment_no::text = n.k[6] AND m.amount_yen > 0
             JOIN collection_charge AS c ON c.notice_no = m.notice_no AND c.tax_kind_id = m.tax_kind_id
                  AND c.levy_year = m.levy_year AND c.tax_year = m.tax_year AND c.method = m.method
                  AND c.due_on = m.due_on AND c.amount_yen > 0) AS t ON c.id = t.charge_id""",
        {"named_first": named_first},
    )
    cursor.execute(
        """SELECT count(*) FROM (SELECT c.id FROM collection_charge AS c
             WHERE c.id IN (SELECT charge_id FROM rcpt_target) ORDER BY c.id FOR NO KEY UPDATE) AS x"""
    )


def judge(cursor: CursorWrapper, *, as_of: date) -> None:
    """`rcpt_verdict`: per new receipt the reason for suspense, or NULL where it may be allocated."""
    stage_query(
        cursor,
        "rcpt_verdict",
        """SELECT n.id AS receipt_id,
                  CASE WHEN t.receipt_id IS NULL THEN 'unknown_key'
                       WHEN n.paid_on > %(as_of)s THEN 'future_date'
                       WHEN t.is_closed THEN 'charge_closed'
                       WHEN n.channel = ANY (%(fixed)s) AND n.amount_yen <> t.asked_yen THEN 'amount_differs'
                  END AS reason
             FROM rcpt_new AS n
             LEFT JOIN (SELECT t.receipt_id, max(t.asked_yen) AS asked_yen, bool_or(c.state <> 'active') AS is_closed
                          FROM rcpt_target AS t JOIN collection_charge AS c ON c.id = t.charge_id
                         GROUP BY t.receipt_id) AS t ON t.receipt_id = n.id""",
        {"as_of": as_of, "fixed": list(FIXED_AMOUNT_CHANNELS)},
    )


def interest_on_slips(cursor: CursorWrapper) -> list[tuple[int, int, date, date]]:
    """Charges paid by slips that carry interest: (charge, interest printed, paid on, 会計日), to be levied before."""
    cursor.execute(
        """SELECT t.charge_id, max(t.late_interest_yen), max(n.paid_on), max(n.account_on)
             FROM rcpt_target AS t JOIN rcpt_new AS n ON n.id = t.receipt_id
             JOIN rcpt_verdict AS v USING (receipt_id)
            WHERE v.reason IS NULL AND t.late_interest_yen > 0
            GROUP BY t.charge_id ORDER BY t.charge_id"""
    )
    return [tuple(row) for row in cursor.fetchall()]


def allocate(cursor: CursorWrapper) -> None:
    """`rcpt_alloc` (receipt, charge, component, account, yen) and `rcpt_over` (receipt, charge, cause, yen)."""
    stage_query(
        cursor,
        "rcpt_piece",
        """SELECT p.*, sum(yen) OVER w AS hi, sum(yen) OVER w - yen AS lo
             FROM (SELECT receipt_id, charge_id, paid_on, channel, external_key,
                          greatest(0, CASE WHEN is_last THEN amount_yen - before_yen
                                           ELSE least(line_yen, amount_yen - before_yen) END) AS yen
                     FROM (SELECT t.receipt_id, t.charge_id, t.line_yen, n.paid_on, n.channel, n.external_key,
                                  n.amount_yen, lead(t.charge_id) OVER o IS NULL AS is_last,
                                  sum(t.line_yen) OVER o - t.line_yen AS before_yen
                             FROM rcpt_target AS t JOIN rcpt_new AS n ON n.id = t.receipt_id
                             JOIN rcpt_verdict AS v USING (receipt_id)
                            WHERE v.reason IS NULL
                           WINDOW o AS (PARTITION BY t.receipt_id
                                        ORDER BY t.due_on, t.rank, t.instalment_no, t.charge_id)) AS line) AS p
            WHERE yen > 0
           WINDOW w AS (PARTITION BY charge_id ORDER BY paid_on, channel, external_key)""",
    )
    stage_query(
        cursor,
        "rcpt_open",
        """SELECT a.charge_id, a.component, a.id AS account_id, sum(b.debit_yen - b.credit_yen) OVER w AS hi,
                  sum(b.debit_yen - b.credit_yen) OVER w - (b.debit_yen - b.credit_yen) AS lo
             FROM (SELECT DISTINCT charge_id FROM rcpt_piece) AS p
             JOIN collection_account AS a ON a.charge_id = p.charge_id AND a.kind = 'receivable'
             JOIN collection_balance AS b ON b.account_id = a.id
            WHERE b.debit_yen > b.credit_yen
           WINDOW w AS (PARTITION BY a.charge_id ORDER BY CASE a.component WHEN 'principal' THEN 1
                        WHEN 'reminder_fee' THEN 2 WHEN 'late_interest' THEN 3 ELSE 4 END)""",
    )
    stage_query(
        cursor,
        "rcpt_alloc",
        """SELECT p.receipt_id, p.charge_id, o.component, o.account_id, p.paid_on,
                  (least(p.hi, o.hi) - greatest(p.lo, o.lo))::bigint AS yen
             FROM rcpt_piece AS p JOIN rcpt_open AS o USING (charge_id)
            WHERE least(p.hi, o.hi) > greatest(p.lo, o.lo)""",
    )
    stage_query(
        cursor,
        "rcpt_over",
        """SELECT p.receipt_id, p.charge_id, p.paid_on, c.party_id, c.tax_kind_id,
                  CASE WHEN p.lo >= coalesce(o.hi, 0) THEN 'double' ELSE 'excess' END AS cause,
                  (p.hi - greatest(p.lo, coalesce(o.hi, 0)))::bigint AS yen
             FROM rcpt_piece AS p JOIN collection_charge AS c ON c.id = p.charge_id
             LEFT JOIN (SELECT charge_id, max(hi) AS hi FROM rcpt_open GROUP BY charge_id) AS o USING (charge_id)
            WHERE p.hi > coalesce(o.hi, 0)""",
    )


def post(cursor: CursorWrapper, *, actor: str, as_of: date) -> None:
    """Accounts, entries, transfers, allocations, suspense and overpayments of the new receipts."""
    cursor.execute(
        """INSERT INTO collection_account (kind, component, key)
           SELECT kind, '', key FROM (
               SELECT 'cash_in' AS kind, concat_ws(':', 'cash_in', channel, account_on) AS key FROM rcpt_new
               UNION SELECT 'suspense', concat_ws(':', 'suspense', channel) FROM rcpt_new
               UNION SELECT 'overpayment', concat_ws(':', 'overpayment', tax_kind_id, party_id) FROM rcpt_over) AS k
            ORDER BY key
           ON CONFLICT (key) WHERE kind <> 'receivable' DO NOTHING"""
    )
    stage_query(
        cursor,
        "rcpt_credit",
        """SELECT receipt_id, account_id, yen FROM rcpt_alloc
           UNION ALL
           SELECT o.receipt_id, a.id, o.yen FROM rcpt_over AS o JOIN collection_account AS a
               ON a.key = concat_ws(':', 'overpayment', o.tax_kind_id, o.party_id) AND a.kind <> 'receivable'
           UNION ALL
           SELECT n.id, a.id, n.amount_yen FROM rcpt_verdict AS v JOIN rcpt_new AS n ON n.id = v.receipt_id
             JOIN collection_account AS a ON a.key = concat_ws(':', 'suspense', n.channel) AND a.kind <> 'receivable'
            WHERE v.reason IS NOT NULL""",
    )
    cursor.execute(
        """INSERT INTO collection_journalentry (id, reason, legal_ground, source_document, actor, approval_ref,
                  occurred_on, value_date, recorded_at, dedupe_key, transfer_count, total_yen)
           SELECT n.entry_id, 'receipt', '', n.match_key, %(actor)s, '', n.account_on, n.paid_on, %(now)s,
                  concat_ws(':', 'receipt', n.channel, n.external_key), k.transfers, n.amount_yen
             FROM rcpt_new AS n
             JOIN (SELECT receipt_id, count(*) AS transfers FROM rcpt_credit GROUP BY receipt_id) AS k
               ON k.receipt_id = n.id""",
        {"actor": actor, "now": clock.now()},
    )
    cursor.execute(
        """INSERT INTO collection_transfer (entry_id, debit_id, credit_id, yen)
           SELECT n.entry_id, a.id, k.account_id, k.yen
             FROM rcpt_credit AS k JOIN rcpt_new AS n ON n.id = k.receipt_id
             JOIN collection_account AS a ON a.key = concat_ws(':', 'cash_in', n.channel, n.account_on)
                  AND a.kind <> 'receivable'"""
    )
    _write_documents(cursor, as_of=as_of)


def _write_documents(cursor: CursorWrapper, *, as_of: date) -> None:
    cursor.execute(
        """INSERT INTO collection_allocation (receipt_id, charge_id, component, paid_on, yen, entry_id)
           SELECT x.receipt_id, x.charge_id, x.component, x.paid_on, x.yen, n.entry_id
             FROM rcpt_alloc AS x JOIN rcpt_new AS n ON n.id = x.receipt_id"""
    )
    cursor.execute(
        """INSERT INTO collection_suspense (receipt_id, yen, remaining_yen, reason, opened_on, entry_id)
           SELECT n.id, n.amount_yen, n.amount_yen, v.reason, %(as_of)s, n.entry_id
             FROM rcpt_verdict AS v JOIN rcpt_new AS n ON n.id = v.receipt_id WHERE v.reason IS NOT NULL""",
        {"as_of": as_of},
    )
    cursor.execute(
        """INSERT INTO collection_overpayment (party_id, charge_id, receipt_id, cause, component, paid_on, arose_on,
                  yen, remaining_yen, entry_id)
           SELECT o.party_id, o.charge_id, o.receipt_id, o.cause, 'principal', o.paid_on, o.paid_on, o.yen, o.yen,
                  n.entry_id
             FROM rcpt_over AS o JOIN rcpt_new AS n ON n.id = o.receipt_id
            ORDER BY o.charge_id, o.paid_on, n.channel, n.external_key"""
    )


def touched_charges(cursor: CursorWrapper) -> list[int]:
    """Charges that money of the posting was for, whether it met anything or was too much."""
    cursor.execute("SELECT DISTINCT charge_id FROM rcpt_piece")
    return [row[0] for row in cursor.fetchall()]


def outcome(cursor: CursorWrapper) -> dict[str, Any]:
    """Counts and yen of what was just posted."""
    cursor.execute(
        """SELECT (SELECT count(*) FROM rcpt), (SELECT count(*) FROM rcpt_new),
                  (SELECT coalesce(sum(amount_yen), 0)::bigint FROM rcpt_new),
                  (SELECT coalesce(sum(yen), 0)::bigint FROM rcpt_alloc),
                  (SELECT coalesce(sum(n.amount_yen), 0)::bigint FROM rcpt_new AS n JOIN rcpt_verdict AS v
                       ON v.receipt_id = n.id WHERE v.reason IS NOT NULL),
                  (SELECT coalesce(sum(yen), 0)::bigint FROM rcpt_over)"""
    )
    names = ("payments", "posted", "posted_yen", "allocated_yen", "suspense_yen", "overpaid_yen")
    return dict(zip(names, cursor.fetchone(), strict=True))


def repeats(cursor: CursorWrapper) -> list[tuple[int, str, bool]]:
    """Confirmed records whose payment was posted before: (line, key, amount differs), for the list of repeats."""
    cursor.execute(
        """SELECT i.line_no, r.external_key, r.amount_yen <> i.amount_yen
             FROM rcpt_in AS i JOIN collection_receipt AS r USING (external_key, channel)
             LEFT JOIN rcpt_new AS n ON n.id = r.id
            WHERE i.kind = 'confirmed' AND (n.id IS NULL OR n.line_no <> i.line_no) ORDER BY i.line_no"""
    )
    return [tuple(row) for row in cursor.fetchall()]


def spent_corrections(cursor: CursorWrapper) -> list[tuple[int, str]]:
    """Corrections set aside: (line, key), for the list that a clerk works off."""
    cursor.execute("SELECT line_no, external_key FROM rcpt_spent ORDER BY line_no, external_key")
    return [tuple(row) for row in cursor.fetchall()]


def corrected_receipts(cursor: CursorWrapper) -> list[int]:
    """Posted receipts that a later record has corrected and that still hold money: to be reversed."""
    cursor.execute(
        """SELECT r.id FROM rcpt JOIN collection_receipt AS r USING (external_key, channel)
            WHERE r.is_corrected AND r.entry_id IS NOT NULL AND NOT EXISTS (
                  SELECT FROM collection_journalentry AS e WHERE e.reverses_id = r.entry_id)
            ORDER BY r.id"""
    )
    return [row[0] for row in cursor.fetchall()]
