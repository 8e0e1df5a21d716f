"""Set-based reading of what slips are for, and COPY of the slips and their lines."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from django.db.backends.utils import CursorWrapper

from collection.bulk.staging import stage
from collection.rules.slip_codes import EL_PREFIX


@dataclass(frozen=True, slots=True)
class ChargeFacts:
    """What a slip needs to know of a charge; `slip_count` = versions issued before."""

    charge_id: int
    business_key: str
    tax_kind: str
    method: str
    notice_no: str
    instalment_no: int
    is_active: bool
    open_yen: int
    slip_count: int


@dataclass(frozen=True, slots=True)
class SlipCodes:
    """One slip ready to be written; lines = (charge, principal, fee, interest) in yen."""

    case_no: str
    version: int
    tax_kind: str
    notice_no: str
    amount_yen: int
    valid_until: date
    cvs_barcode: str
    el_municipality_code: str
    el_item_code: str
    el_confirm_no: str
    lines: tuple[tuple[int, int, int, int], ...]
    is_part: bool
    redraw: Callable[[int], SlipCodes]


def charge_facts(cursor: CursorWrapper, charge_ids: Sequence[int]) -> dict[int, ChargeFacts]:
    """Facts of charges, which are locked in id order so that no payment slips in between."""
    stage(cursor, "slip_charge", (("charge_id", "int8"),), ((charge_id,) for charge_id in charge_ids))
    cursor.execute(
        """SELECT count(*) FROM (SELECT c.id FROM collection_charge AS c JOIN slip_charge AS s ON s.charge_id = c.id
             ORDER BY c.id FOR NO KEY UPDATE OF c) AS x"""
    )
    cursor.execute(
        """SELECT c.id, concat_ws('|', c.tax_kind_id, c.levy_year, c.tax_year, c.method, c.notice_no, c.instalment_no),
                  c.tax_kind_id, c.method, c.notice_no, c.instalment_no, c.state = 'active',
                  coalesce(b.debit_yen - b.credit_yen, 0), coalesce(v.versions, 0)
             FROM slip_charge AS s JOIN collection_charge AS c ON c.id = s.charge_id
             LEFT JOIN collection_account AS a
                  ON a.charge_id = c.id AND a.component = 'principal' AND a.kind = 'receivable'
             LEFT JOIN collection_balance AS b ON b.account_id = a.id
             LEFT JOIN (SELECT l.charge_id, max(k.version) AS versions
                          FROM collection_slipline AS l JOIN collection_slip AS k ON k.id = l.slip_id
                         WHERE l.charge_id IN (SELECT charge_id FROM slip_charge) GROUP BY l.charge_id) AS v
                  ON v.charge_id = c.id"""
    )
    return {row[0]: ChargeFacts(*row) for row in cursor.fetchall()}


def taken_cases(cursor: CursorWrapper, cases: Iterable[str]) -> set[str]:
    """Which of the case numbers exist already."""
    stage(cursor, "slip_case", (("case_no", "text"),), ((case,) for case in cases))
    cursor.execute("SELECT s.case_no FROM collection_slip AS s JOIN slip_case AS c ON c.case_no = s.case_no")
    return {row[0] for row in cursor.fetchall()}


def replace_active(cursor: CursorWrapper, charge_ids: Iterable[int]) -> int:
    """Active slips of these charges become `replaced`. Returns their number."""
    stage(cursor, "slip_charge", (("charge_id", "int8"),), ((charge_id,) for charge_id in charge_ids))
    cursor.execute(
        """UPDATE collection_slip AS s SET state = 'replaced'
            WHERE s.state = 'active' AND s.id IN (
                  SELECT l.slip_id FROM collection_slipline AS l JOIN slip_charge USING (charge_id))"""
    )
    return cursor.rowcount


def settle_slips(cursor: CursorWrapper, charge_ids: Iterable[int]) -> int:
    """Slips follow their claims: in circulation while principal of any of their charges is open, 納付済 when none is.

    A slip for a part of the tax is 納付済 too when what payments by it have met comes to its amount. Replaced and
    withdrawn slips stay what they are. Returns the number of slips that changed.
    """
    stage(cursor, "slip_charge", (("charge_id", "int8"),), ((charge_id,) for charge_id in charge_ids))
    cursor.execute(
        """SELECT count(*) FROM (SELECT s.id FROM collection_slip AS s
             WHERE s.state IN ('active', 'paid')
               AND s.id IN (SELECT slip_id FROM collection_slipline JOIN slip_charge USING (charge_id))
             ORDER BY s.id FOR NO KEY UPDATE) AS x"""
    )
    cursor.execute(
        """UPDATE collection_slip AS s SET state = n.state
             FROM (SELECT l.slip_id, CASE WHEN bool_or(coalesce(b.debit_yen > b.credit_yen, false))
                                               AND coalesce(max(r.yen), -1) < max(k.amount_yen)
                                          THEN 'active' ELSE 'paid' END AS state
                     FROM collection_slipline AS l JOIN collection_slip AS k ON k.id = l.slip_id
                     LEFT JOIN LATERAL (
                          SELECT sum(o.yen) AS yen
                            FROM collection_receipt AS p JOIN collection_allocation AS o ON o.receipt_id = p.id
                           WHERE p.slip_id = k.id) AS r ON k.is_part
                     LEFT JOIN collection_account AS a ON a.charge_id = l.charge_id AND a.kind = 'receivable'
                     LEFT JOIN collection_balance AS b ON b.account_id = a.id
                    WHERE l.slip_id IN (SELECT slip_id FROM collection_slipline JOIN slip_charge USING (charge_id))
                    GROUP BY l.slip_id) AS n
            WHERE s.id = n.slip_id AND s.state IN ('active', 'paid') AND s.state <> n.state"""
    )
    return cursor.rowcount


def insert_slips(cursor: CursorWrapper, slips: Sequence[SlipCodes], *, issued_on: date) -> list[int]:
    """COPY slips and lines; ids in the order of the slips."""
    cursor.execute(
        "SELECT nextval(pg_get_serial_sequence('collection_slip', 'id')) FROM generate_series(1, %s)", [len(slips)]
    )
    ids = [row[0] for row in cursor.fetchall()]
    columns = (
        "id, case_no, version, tax_kind_code, notice_no, amount_yen, valid_until, issued_on, cvs_barcode, "
        "el_municipality_code, el_item_code, el_case_key, el_confirm_no, state, is_part"
    )
    with cursor.copy(f"COPY collection_slip ({columns}) FROM STDIN") as copy:
        for slip_id, slip in zip(ids, slips, strict=True):
            copy.write_row(
                (
                    slip_id, slip.case_no, slip.version, slip.tax_kind, slip.notice_no, slip.amount_yen,
                    slip.valid_until, issued_on, slip.cvs_barcode, slip.el_municipality_code, slip.el_item_code,
                    EL_PREFIX + slip.case_no, slip.el_confirm_no, "active", slip.is_part,
                )
            )  # fmt: skip
    lines = "slip_id, charge_id, principal_yen, reminder_fee_yen, late_interest_yen"
    with cursor.copy(f"COPY collection_slipline ({lines}) FROM STDIN") as copy:
        for slip_id, slip in zip(ids, slips, strict=True):
            for line in slip.lines:
                copy.write_row((slip_id, *line))
    return ids
