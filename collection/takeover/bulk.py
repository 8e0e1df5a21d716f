"""移行の計上 (posting a take-over) in sets: fees and interest of the old system, its slips with their codes.

The text that is put into the statements is constant; values always travel as parameters.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from django.db.backends.utils import CursorWrapper

from collection.bulk.staging import stage, stage_query
from collection.takeover.reading import Key, OldSlip, OldState, key_text
from taxsys.platform import clock

_CHARGE_OF = """c.notice_no = {0}.notice_no AND c.tax_kind_id = {0}.tax_kind AND c.levy_year = {0}.levy_year
            AND c.tax_year = {0}.tax_year AND c.method = {0}.method AND c.instalment_no = {0}.instalment_no"""
_KEY = (
    ("tax_kind", "text"), ("levy_year", "int4"), ("tax_year", "int4"), ("method", "text"), ("notice_no", "text"),
    ("instalment_no", "int2"),
)  # fmt: skip


def charge_ids(cursor: CursorWrapper, keys: Sequence[Key]) -> dict[Key, int]:
    """Ids of the claims by their natural keys."""
    stage(cursor, "take_key", _KEY, keys)
    cursor.execute(
        f"""SELECT k.tax_kind, k.levy_year, k.tax_year, k.method, k.notice_no, k.instalment_no, c.id
              FROM take_key AS k JOIN collection_charge AS c ON {_CHARGE_OF.format("k")}"""  # noqa: S608 - a constant
    )
    return {tuple(row[:6]): row[6] for row in cursor.fetchall()}


def components_post(
    cursor: CursorWrapper, states: Sequence[OldState], ids: dict[Key, int], *, cutover_on: date, actor: str
) -> int:
    """督促手数料・延滞金 that the old system had levied: one entry a claim and component. Returns their number."""
    rows = [
        (ids[state.key], component, revenue, yen, state.fixed_on or cutover_on, key_text(state.key))
        for state in states
        for component, revenue, yen in (
            ("reminder_fee", "reminder_fee", state.fee_yen), ("late_interest", "interest", state.interest_yen),
        )
        if yen
    ]  # fmt: skip
    columns = (
        ("charge_id", "int8"), ("component", "text"), ("revenue", "text"), ("yen", "int8"), ("fixed_on", "date"),
        ("key", "text"),
    )  # fmt: skip
    stage(cursor, "take_component", columns, rows)
    cursor.execute(
        """INSERT INTO collection_account (kind, charge_id, component, key)
           SELECT 'receivable', charge_id, component, '' FROM take_component ORDER BY charge_id, component"""
    )
    cursor.execute(
        """INSERT INTO collection_account (kind, component, key)
           SELECT DISTINCT t.revenue, '', concat_ws(':', t.revenue, c.tax_kind_id, c.levy_year, c.tax_year)
             FROM take_component AS t JOIN collection_charge AS c ON c.id = t.charge_id
           ON CONFLICT (key) WHERE kind <> 'receivable' DO NOTHING"""
    )
    cursor.execute(
        """INSERT INTO collection_journalentry (reason, legal_ground, source_document, actor, approval_ref, occurred_on,
                  value_date, recorded_at, dedupe_key, transfer_count, total_yen)
           SELECT 'opening', '', c.source_ref, %(actor)s, '', t.fixed_on, t.fixed_on, %(now)s,
                  concat_ws(':', 'opening', t.component, t.key), 1, t.yen
             FROM take_component AS t JOIN collection_charge AS c ON c.id = t.charge_id ORDER BY t.key, t.component""",
        {"actor": actor, "now": clock.now()},
    )
    entries = cursor.rowcount
    cursor.execute(
        """INSERT INTO collection_transfer (entry_id, debit_id, credit_id, yen)
           SELECT e.id, a.id, r.id, t.yen
             FROM take_component AS t JOIN collection_charge AS c ON c.id = t.charge_id
             JOIN collection_journalentry AS e ON e.dedupe_key = concat_ws(':', 'opening', t.component, t.key)
             JOIN collection_account AS a
               ON a.charge_id = t.charge_id AND a.component = t.component AND a.kind = 'receivable'
             JOIN collection_account AS r ON r.kind <> 'receivable'
              AND r.key = concat_ws(':', t.revenue, c.tax_kind_id, c.levy_year, c.tax_year)"""
    )
    return entries


def reliefs_post(cursor: CursorWrapper, states: Sequence[OldState], ids: dict[Key, int], *, actor: str) -> None:
    """猶予・免除の期間 of the old system, as intervals."""
    rows = [(ids[state.key], *state.relief, state.legal_ground, state.decision_no) for state in states if state.relief]
    columns = (
        ("charge_id", "int8"), ("relief_from", "date"), ("relief_until", "date"), ("effect", "text"),
        ("legal_ground", "text"), ("decision_no", "text"),
    )  # fmt: skip
    stage(cursor, "take_relief", columns, rows)
    cursor.execute(
        """INSERT INTO collection_interestrelief (charge_id, relief_from, relief_until, effect, legal_ground,
                  decision_no, actor, recorded_at)
           SELECT charge_id, relief_from, relief_until, effect, legal_ground, decision_no, %(actor)s, %(now)s
             FROM take_relief ORDER BY charge_id, relief_from""",
        {"actor": actor, "now": clock.now()},
    )


def slips_post(
    cursor: CursorWrapper, slips: Sequence[tuple[OldSlip, str, str, str]], ids: dict[Key, int], *, municipality: str
) -> None:
    """納付書 of the old system: (slip, case number here, eL item code, state), with their lines; they stay payable."""
    columns = (
        ("case_no", "text"), ("tax_kind", "text"), ("notice_no", "text"), ("yen", "int8"), ("valid_until", "date"),
        ("issued_on", "date"), ("barcode", "text"), ("item_code", "text"), ("el_key", "text"), ("confirm", "text"),
    )  # fmt: skip
    rows = [
        (
            case, slip.lines[0][0][0], slip.lines[0][0][4], slip.yen, slip.valid_until, slip.issued_on, slip.barcode,
            item, slip.el_case_key, confirm,
        )
        for slip, case, item, confirm in slips
    ]  # fmt: skip
    stage(cursor, "take_slip", columns, rows)
    cursor.execute(
        """INSERT INTO collection_slip (case_no, version, tax_kind_code, notice_no, amount_yen, valid_until, issued_on,
                  cvs_barcode, el_municipality_code, el_item_code, el_case_key, el_confirm_no, state)
           SELECT case_no, 1, tax_kind, notice_no, yen, valid_until, issued_on, barcode, %(municipality)s, item_code,
                  el_key, confirm, 'active'
             FROM take_slip ORDER BY case_no""",
        {"municipality": municipality},
    )
    line_columns = (
        ("case_no", "text"), ("charge_id", "int8"), ("principal", "int8"), ("fee", "int8"), ("interest", "int8"),
    )  # fmt: skip
    stage(
        cursor, "take_line", line_columns,
        ((case, ids[line[0]], *line[1:]) for slip, case, _item, _confirm in slips for line in slip.lines),
    )  # fmt: skip
    cursor.execute(
        """INSERT INTO collection_slipline (slip_id, charge_id, principal_yen, reminder_fee_yen, late_interest_yen)
           SELECT s.id, l.charge_id, l.principal, l.fee, l.interest
             FROM take_line AS l JOIN collection_slip AS s ON s.case_no = l.case_no ORDER BY l.case_no, l.charge_id"""
    )


def slip_codes_write(cursor: CursorWrapper, codes: Sequence[tuple[str, str]]) -> None:
    """(code, case number) of the old slips, so that what an agent reports of them finds them."""
    stage(cursor, "take_code", (("code", "text"), ("case_no", "text")), codes)
    cursor.execute("INSERT INTO takeover_slipcode (code, case_no) SELECT code, case_no FROM take_code ORDER BY code")


def cases_taken(cursor: CursorWrapper, cases: Sequence[str], codes: Sequence[str]) -> list[str]:
    """Case numbers and codes of these that belong to a slip already."""
    stage_query(cursor, "take_taken", "SELECT unnest(%s::text[]) AS code", [[*cases, *codes]])
    cursor.execute(
        """SELECT t.code FROM take_taken AS t
            WHERE EXISTS (SELECT FROM collection_slip AS s WHERE s.case_no = t.code)
               OR EXISTS (SELECT FROM collection_slip AS s WHERE s.cvs_barcode = t.code AND t.code <> '')
               OR EXISTS (SELECT FROM takeover_slipcode AS k WHERE k.code = t.code) ORDER BY t.code"""
    )
    return [row[0] for row in cursor.fetchall()]
