"""Posting of levies, set-based: should-be rows against what is posted, only the difference becomes transfers.

The text that is put into the statements is constant (names of columns); values always travel as parameters.
"""
# ruff: noqa: S608

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from operator import attrgetter
from uuid import UUID

from django.db.backends.utils import CursorWrapper

from collection.bulk.staging import scalar, stage, stage_query
from collection.errors import LevyConflictError
from taxsys.platform import clock


@dataclass(frozen=True, slots=True)
class LevyRow:
    """One instalment as it should be, in yen by part.

    `party_id`: debtor (for salary withholding the withholder, whose months collect one row per employee).
    `notice_no`: notice number, for salary withholding the designation number. `source_ref`: the decision's key.
    """

    source_ref: str
    party_id: UUID
    tax_kind: str
    levy_year: int
    tax_year: int
    method: str
    notice_no: str
    instalment_no: int
    due_on: date
    statutory_due_on: date
    city_yen: int
    prefecture_yen: int = 0
    forest_yen: int = 0
    employee_id: UUID | None = None


@dataclass(frozen=True, slots=True)
class LevyQuery:
    """Instalments as they should be, from a query of the caller: columns in the order of LevyRow's fields.

    `sql` is a constant of the calling module and reads what that module has staged in the same transaction.
    """

    sql: str


@dataclass(frozen=True, slots=True)
class EntryFacts:
    """What every journal entry of one call carries."""

    reason: str
    dedupe_key: str
    occurred_on: date
    actor: str
    legal_ground: str = ""
    source_document: str = ""
    approval_ref: str = ""


_COLUMNS = (
    ("source_ref", "text"),
    ("party_id", "uuid"),
    ("tax_kind", "text"),
    ("levy_year", "int4"),
    ("tax_year", "int4"),
    ("method", "text"),
    ("notice_no", "text"),
    ("instalment_no", "int2"),
    ("due_on", "date"),
    ("statutory_due_on", "date"),
    ("city_yen", "int8"),
    ("prefecture_yen", "int8"),
    ("forest_yen", "int8"),
    ("employee_id", "uuid"),
)
_GROUP = "tax_kind, levy_year, tax_year, method, notice_no"
_SAME_CHARGE = (
    "c.notice_no = {0}.notice_no AND c.tax_kind_id = {0}.tax_kind AND c.levy_year = {0}.levy_year "
    "AND c.tax_year = {0}.tax_year AND c.method = {0}.method AND c.instalment_no = {0}.instalment_no"
)


def levy_gate(cursor: CursorWrapper) -> None:
    """Let one levy posting in at a time: chunks of one run meet on the same withholder's months and on the revenues.

    Waiting for the gate is no fault, so the short limits of screens are lifted for the rest of the transaction.
    """
    cursor.execute("SET LOCAL statement_timeout = '15min'")
    cursor.execute("SET LOCAL lock_timeout = '10min'")
    cursor.execute("SELECT pg_advisory_xact_lock(hashtext('collection.levy'))")


def levy_stage(cursor: CursorWrapper, rows: Iterable[LevyRow] | LevyQuery, *, keep_zero: bool) -> None:
    """Bring rows into `levy_in`; zero rows only where they can reduce something."""
    if isinstance(rows, LevyQuery):
        stage(cursor, "levy_in", _COLUMNS, ())
        cursor.execute(f"INSERT INTO levy_in {rows.sql}")
        if not keep_zero:
            cursor.execute("DELETE FROM levy_in WHERE city_yen = 0 AND prefecture_yen = 0 AND forest_yen = 0")
        cursor.execute("ANALYZE levy_in")
    else:
        fields = attrgetter(*(name for name, _kind in _COLUMNS))
        kept = (row for row in rows if keep_zero or row.city_yen + row.prefecture_yen + row.forest_yen)
        stage(cursor, "levy_in", _COLUMNS, (fields(row) for row in kept))
    if scalar(cursor, "SELECT EXISTS (SELECT FROM levy_in WHERE least(city_yen, prefecture_yen, forest_yen) < 0)"):
        raise LevyConflictError("調定額に負の内訳があります。期別の計算を確認してください。")


def drop_posted(cursor: CursorWrapper, facts: EntryFacts, *, is_first_levy: bool) -> None:
    """Take groups out of `levy_in` whose entry exists; for a first levy their totals must be the same."""
    key = f"%(dedupe)s || '|' || concat_ws('|', {_GROUP})"
    stage_query(
        cursor,
        "levy_posted",
        f"""SELECT g.*, e.total_yen AS posted_yen
              FROM (SELECT {_GROUP}, {key} AS dedupe_key, sum(city_yen + prefecture_yen + forest_yen) AS yen
                      FROM levy_in GROUP BY {_GROUP}) AS g
              JOIN collection_journalentry AS e ON e.dedupe_key = g.dedupe_key""",
        {"dedupe": facts.dedupe_key},
    )
    if is_first_levy:
        other = scalar(cursor, "SELECT notice_no FROM levy_posted WHERE yen <> posted_yen LIMIT 1")
        if other is not None:
            raise LevyConflictError(
                f"通知書番号{other}は同じ処理で別の額が調定済みです。増減は更正として処理してください。"
            )
    cursor.execute(
        f"DELETE FROM levy_in AS l USING levy_posted AS p WHERE ({', '.join('l.' + c for c in _GROUP.split(', '))})"
        f" = ({', '.join('p.' + c for c in _GROUP.split(', '))})"
    )


def lock_charges(cursor: CursorWrapper) -> None:
    """Lock the live charges that `levy_in` names, in key order: the one lock of everything below a charge."""
    cursor.execute(
        f"""SELECT count(*) FROM (
               SELECT c.id FROM collection_charge AS c
                WHERE EXISTS (SELECT FROM levy_in AS l WHERE {_SAME_CHARGE.format("l")})
                ORDER BY c.id FOR NO KEY UPDATE) AS x"""
    )


def refuse_live_charges(cursor: CursorWrapper) -> None:
    """A first levy may only meet no charge, a withdrawn one, or (salary withholding) other employees' shares."""
    met = scalar(
        cursor,
        f"""SELECT l.notice_no FROM levy_in AS l JOIN collection_charge AS c ON {_SAME_CHARGE.format("l")}
             LEFT JOIN collection_withheldshare AS s ON s.charge_id = c.id AND s.employee_id = l.employee_id
             WHERE CASE WHEN l.employee_id IS NULL THEN c.amount_yen > 0 ELSE coalesce(s.amount_yen, 0) > 0 END
             LIMIT 1""",
    )
    if met is not None:
        raise LevyConflictError(f"通知書番号{met}は調定済みです。増減は更正として処理してください。")


def _difference(part: str) -> str:
    """Should-be minus posted: of the employee's share where there is one, else of the charge."""
    now = f"CASE WHEN l.employee_id IS NULL THEN coalesce(c.{part}, 0) ELSE coalesce(w.{part}, 0) END"
    return f"sum(l.{part} - {now})::bigint AS {part}"


def compute_deltas(cursor: CursorWrapper) -> None:
    """`levy_delta`: per charge the signed difference of each part; ids of new ones are drawn in key order."""
    stage_query(
        cursor,
        "levy_delta",
        f"""SELECT d.*,
                   coalesce(d.old_charge_id, nextval(pg_get_serial_sequence('collection_charge', 'id'))) AS charge_id
              FROM (SELECT {", ".join("l." + name for name in _GROUP.split(", "))}, l.instalment_no, l.party_id,
                           l.due_on, l.statutory_due_on, c.id AS old_charge_id,
                           CASE WHEN count(DISTINCT l.source_ref) = 1 THEN max(l.source_ref)
                                ELSE 'notice:' || l.notice_no END AS source_ref,
                           bool_or(l.employee_id IS NOT NULL) AS has_shares,
                           {_difference("city_yen")}, {_difference("prefecture_yen")}, {_difference("forest_yen")}
                      FROM levy_in AS l
                      LEFT JOIN collection_charge AS c ON {_SAME_CHARGE.format("l")}
                      LEFT JOIN collection_withheldshare AS w ON w.charge_id = c.id AND w.employee_id = l.employee_id
                     GROUP BY 1, 2, 3, 4, 5, 6, 7, 8, 9, 10 ORDER BY 1, 2, 3, 4, 5, 6, 7) AS d""",
    )
    twice = scalar(
        cursor,
        f"SELECT notice_no FROM levy_delta GROUP BY {_GROUP}, instalment_no HAVING count(*) > 1 LIMIT 1",
    )
    if twice is not None:
        raise LevyConflictError(f"通知書番号{twice}の同じ期別に、債務者または納期限の異なる調定があります。")


def write_charges(cursor: CursorWrapper) -> None:
    """Insert new charges, move the amounts of known ones, keep the employees' shares (`levy_in`) beside them."""
    cursor.execute(
        """UPDATE collection_charge AS c
              SET city_yen = c.city_yen + d.city_yen, prefecture_yen = c.prefecture_yen + d.prefecture_yen,
                  forest_yen = c.forest_yen + d.forest_yen,
                  amount_yen = c.amount_yen + d.city_yen + d.prefecture_yen + d.forest_yen,
                  state = 'active', source_ref = d.source_ref, party_id = d.party_id, due_on = d.due_on,
                  statutory_due_on = d.statutory_due_on
             FROM levy_delta AS d WHERE c.id = d.old_charge_id"""
    )
    cursor.execute(
        """INSERT INTO collection_charge (id, party_id, tax_kind_id, levy_year, tax_year, method, notice_no,
                  instalment_no, due_on, statutory_due_on, city_yen, prefecture_yen, forest_yen, amount_yen, state,
                  source_ref)
           SELECT charge_id, party_id, tax_kind, levy_year, tax_year, method, notice_no, instalment_no, due_on,
                  statutory_due_on, city_yen, prefecture_yen, forest_yen, city_yen + prefecture_yen + forest_yen,
                  'active', source_ref
             FROM levy_delta WHERE old_charge_id IS NULL"""
    )
    if scalar(cursor, "SELECT EXISTS (SELECT FROM levy_delta WHERE has_shares)"):
        cursor.execute(
            """INSERT INTO collection_withheldshare AS w (charge_id, employee_id, source_ref, city_yen, prefecture_yen,
                      forest_yen, amount_yen)
               SELECT d.charge_id, l.employee_id, l.source_ref, l.city_yen, l.prefecture_yen, l.forest_yen,
                      l.city_yen + l.prefecture_yen + l.forest_yen
                 FROM levy_in AS l JOIN levy_delta AS d USING (tax_kind, levy_year, tax_year, method, notice_no,
                      instalment_no)
                WHERE l.employee_id IS NOT NULL
               ON CONFLICT (charge_id, employee_id) DO UPDATE
                  SET city_yen = excluded.city_yen, prefecture_yen = excluded.prefecture_yen,
                      forest_yen = excluded.forest_yen, amount_yen = excluded.amount_yen,
                      source_ref = excluded.source_ref"""
        )


def ensure_accounts(cursor: CursorWrapper) -> None:
    """Receivable accounts of the charges and the revenue accounts they need; ids into `levy_account`."""
    cursor.execute(
        """INSERT INTO collection_account (kind, charge_id, component, key)
           SELECT 'receivable', charge_id, 'principal', '' FROM levy_delta WHERE old_charge_id IS NULL"""
    )
    cursor.execute(
        """INSERT INTO collection_account (kind, component, key)
           SELECT DISTINCT k.kind, '', concat_ws(':', k.kind, d.tax_kind, d.levy_year, d.tax_year)
             FROM (SELECT DISTINCT tax_kind, levy_year, tax_year FROM levy_delta) AS d
             CROSS JOIN (VALUES ('revenue_city'), ('revenue_prefecture'), ('revenue_forest')) AS k (kind)
           ON CONFLICT (key) WHERE kind <> 'receivable' DO NOTHING"""
    )
    stage_query(
        cursor,
        "levy_account",
        """SELECT a.charge_id, a.id AS account_id FROM levy_delta AS d
             JOIN collection_account AS a
               ON a.charge_id = d.charge_id AND a.component = 'principal' AND a.kind = 'receivable'""",
    )


_PARTS = """
    SELECT d.charge_id, p.yen, concat_ws(':', p.kind, d.tax_kind, d.levy_year, d.tax_year) AS revenue_key,
           concat_ws('|', %(dedupe)s::text, d.tax_kind, d.levy_year, d.tax_year, d.method, d.notice_no) AS dedupe_key
      FROM levy_delta AS d
      CROSS JOIN LATERAL (VALUES ('revenue_city', d.city_yen), ('revenue_prefecture', d.prefecture_yen),
                                 ('revenue_forest', d.forest_yen)) AS p (kind, yen)
     WHERE p.yen <> 0
"""


def write_entries(cursor: CursorWrapper, facts: EntryFacts) -> int:
    """Entries and transfers of the differences; what goes below zero is handed to the payer in the same statement.

    Returns the number of entries. `levy_excess` holds the sums that became overpayments.
    """
    stage_query(cursor, "levy_part", _PARTS, {"dedupe": facts.dedupe_key})
    stage_query(
        cursor,
        "levy_excess",
        """SELECT d.charge_id, d.party_id, d.tax_kind, x.dedupe_key, a.account_id,
                  -(b.debit_yen - b.credit_yen + x.yen) AS yen
             FROM (SELECT charge_id, dedupe_key, sum(yen)::bigint AS yen FROM levy_part GROUP BY 1, 2) AS x
             JOIN levy_delta AS d USING (charge_id) JOIN levy_account AS a USING (charge_id)
             JOIN collection_balance AS b USING (account_id)
            WHERE b.debit_yen - b.credit_yen + x.yen < 0""",
    )
    cursor.execute(
        """INSERT INTO collection_account (kind, component, key)
           SELECT DISTINCT 'overpayment', '', concat_ws(':', 'overpayment', tax_kind, party_id) FROM levy_excess
           ON CONFLICT (key) WHERE kind <> 'receivable' DO NOTHING"""
    )
    cursor.execute(
        """INSERT INTO collection_journalentry (reason, legal_ground, source_document, actor, approval_ref, occurred_on,
                  value_date, recorded_at, dedupe_key, transfer_count, total_yen)
           SELECT %(reason)s, %(ground)s, coalesce(nullif(%(document)s, ''), g.source_ref), %(actor)s, %(approval)s,
                  %(on)s, %(on)s, %(now)s, g.dedupe_key, g.transfers, g.yen
             FROM (SELECT p.dedupe_key,
                          CASE WHEN count(DISTINCT d.source_ref) = 1 THEN max(d.source_ref)
                               ELSE 'notice:' || max(d.notice_no) END AS source_ref,
                          count(*) AS transfers, sum(abs(p.yen)) AS yen
                     FROM (SELECT charge_id, dedupe_key, yen FROM levy_part
                           UNION ALL SELECT charge_id, dedupe_key, yen FROM levy_excess) AS p
                     JOIN levy_delta AS d USING (charge_id) GROUP BY p.dedupe_key) AS g
            ORDER BY g.dedupe_key""",
        {
            "reason": facts.reason,
            "ground": facts.legal_ground,
            "document": facts.source_document,
            "actor": facts.actor,
            "approval": facts.approval_ref,
            "on": facts.occurred_on,
            "now": clock.now(),
        },
    )
    entries = cursor.rowcount
    cursor.execute(
        """INSERT INTO collection_transfer (entry_id, debit_id, credit_id, yen)
           SELECT e.id, CASE WHEN p.yen > 0 THEN a.account_id ELSE r.id END,
                  CASE WHEN p.yen > 0 THEN r.id ELSE a.account_id END, abs(p.yen)
             FROM levy_part AS p JOIN collection_journalentry AS e USING (dedupe_key)
             JOIN levy_account AS a USING (charge_id)
             JOIN collection_account AS r ON r.key = p.revenue_key AND r.kind <> 'receivable'
           UNION ALL
           SELECT e.id, x.account_id, o.id, x.yen
             FROM levy_excess AS x JOIN collection_journalentry AS e USING (dedupe_key)
             JOIN collection_account AS o ON o.kind = 'overpayment'
                  AND o.key = concat_ws(':', 'overpayment', x.tax_kind, x.party_id)"""
    )
    return entries


def write_overpayments(cursor: CursorWrapper, occurred_on: date) -> None:
    """Overpayments of `levy_excess`, taken from the latest payment backwards (地方税法17条の4第3項)."""
    cursor.execute(
        """WITH net AS (
               SELECT x.charge_id, r.receipt_id, max(r.paid_on) AS paid_on, sum(r.yen) AS yen
                 FROM levy_excess AS x
                 JOIN (SELECT charge_id, receipt_id, paid_on, yen FROM collection_allocation
                        WHERE component = 'principal'
                       UNION ALL
                       SELECT charge_id, receipt_id, paid_on, -yen FROM collection_overpayment
                        WHERE cause = 'levy_reduced') AS r USING (charge_id)
                GROUP BY x.charge_id, r.receipt_id HAVING sum(r.yen) > 0),
           backwards AS (
               SELECT n.*, sum(n.yen) OVER (PARTITION BY charge_id ORDER BY paid_on DESC, receipt_id DESC) AS upto
                 FROM net AS n)
           INSERT INTO collection_overpayment (party_id, charge_id, receipt_id, cause, component, paid_on, arose_on,
                  yen, remaining_yen, entry_id)
           SELECT x.party_id, x.charge_id, b.receipt_id, 'levy_reduced', 'principal', b.paid_on, %(on)s,
                  least(b.yen, x.yen - (b.upto - b.yen)), least(b.yen, x.yen - (b.upto - b.yen)), e.id
             FROM levy_excess AS x JOIN backwards AS b USING (charge_id)
             JOIN collection_journalentry AS e USING (dedupe_key)
            WHERE x.yen > b.upto - b.yen
            ORDER BY x.charge_id, b.paid_on DESC, b.receipt_id DESC""",
        {"on": occurred_on},
    )


def stage_withdrawal(cursor: CursorWrapper, source_refs: Sequence[str]) -> int:
    """Fill `levy_in` with zero rows for everything levied by the decisions `source_refs`. Returns the row count."""
    stage(cursor, "levy_scope", (("source_ref", "text"),), ((ref,) for ref in sorted(set(source_refs))))
    stage_query(
        cursor,
        "levy_in",
        """SELECT c.source_ref::text, c.party_id, c.tax_kind_id::text AS tax_kind, c.levy_year, c.tax_year,
                  c.method::text, c.notice_no::text, c.instalment_no, c.due_on, c.statutory_due_on,
                  0::bigint AS city_yen, 0::bigint AS prefecture_yen, 0::bigint AS forest_yen, NULL::uuid AS employee_id
             FROM collection_charge AS c JOIN levy_scope USING (source_ref)
            WHERE c.amount_yen > 0 AND NOT EXISTS (SELECT FROM collection_withheldshare AS w WHERE w.charge_id = c.id)
           UNION ALL
           SELECT w.source_ref, c.party_id, c.tax_kind_id, c.levy_year, c.tax_year, c.method, c.notice_no,
                  c.instalment_no, c.due_on, c.statutory_due_on, 0, 0, 0, w.employee_id
             FROM collection_withheldshare AS w JOIN levy_scope USING (source_ref)
             JOIN collection_charge AS c ON c.id = w.charge_id
            WHERE w.amount_yen > 0""",
    )
    return int(scalar(cursor, "SELECT count(*) FROM levy_in"))


def close_charges(cursor: CursorWrapper) -> int:
    """Mark the charges of `levy_delta` that have come to nothing as withdrawn. Returns their number."""
    cursor.execute(
        """UPDATE collection_charge AS c SET state = 'withdrawn'
             FROM levy_delta AS d WHERE c.id = d.charge_id AND c.amount_yen = 0 AND c.state = 'active'"""
    )
    return cursor.rowcount


def void_slips(cursor: CursorWrapper) -> int:
    """Withdraw the active slips of every charge whose amount moved. Returns their number."""
    cursor.execute(
        """UPDATE collection_slip AS s SET state = 'withdrawn'
            WHERE s.state = 'active' AND s.id IN (
                  SELECT l.slip_id FROM collection_slipline AS l JOIN levy_part AS p USING (charge_id))"""
    )
    return cursor.rowcount


def reverse_components(cursor: CursorWrapper, facts: EntryFacts) -> None:
    """Reverse what is still open of late interest and reminder fees on charges that a recall has closed."""
    stage_query(
        cursor,
        "levy_component",
        """SELECT a.id AS account_id, a.component, b.debit_yen - b.credit_yen AS yen, d.source_ref,
                  concat_ws(':', CASE a.component WHEN 'reminder_fee' THEN 'reminder_fee' ELSE 'interest' END,
                            d.tax_kind, d.levy_year, d.tax_year) AS revenue_key,
                  concat_ws('|', %(dedupe)s::text, 'component', a.id) AS dedupe_key
             FROM levy_delta AS d JOIN collection_charge AS c ON c.id = d.charge_id AND c.state = 'withdrawn'
             JOIN collection_account AS a ON a.charge_id = c.id AND a.kind = 'receivable' AND a.component <> 'principal'
             JOIN collection_balance AS b ON b.account_id = a.id
            WHERE b.debit_yen > b.credit_yen""",
        {"dedupe": facts.dedupe_key},
    )
    cursor.execute(
        """INSERT INTO collection_journalentry (reason, legal_ground, source_document, actor, approval_ref, occurred_on,
                  value_date, recorded_at, dedupe_key, transfer_count, total_yen)
           SELECT %(reason)s, '', source_ref, %(actor)s, %(approval)s, %(on)s, %(on)s, %(now)s, dedupe_key, 1, yen
             FROM levy_component ORDER BY dedupe_key""",
        {
            "reason": facts.reason,
            "actor": facts.actor,
            "approval": facts.approval_ref,
            "on": facts.occurred_on,
            "now": clock.now(),
        },
    )
    cursor.execute(
        """INSERT INTO collection_transfer (entry_id, debit_id, credit_id, yen)
           SELECT e.id, r.id, x.account_id, x.yen
             FROM levy_component AS x JOIN collection_journalentry AS e USING (dedupe_key)
             JOIN collection_account AS r ON r.key = x.revenue_key AND r.kind <> 'receivable'"""
    )
