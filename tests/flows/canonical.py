"""What the house has decided, levied, issued and received, told by business keys: without surrogate ids, recording
times and nonces. Two databases that tell the same have done the same.
"""

import hashlib
import json
import re
from typing import Any

from django.db import connection

from taxsys.platform.files.models import OutgoingFile, ReceivedFile

Rows = list[tuple[Any, ...]]
_UUID = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
_RUN = re.compile(r"\b(run|receipt|entry|slip):\d+")
_CHARGE = "concat_ws('|', c.tax_kind_id, c.levy_year, c.tax_year, c.method, c.notice_no, c.instalment_no)"
_ACCOUNT = f"CASE WHEN a.charge_id IS NULL THEN a.key ELSE concat_ws('|', {_CHARGE}, a.component) END"


def _told(query: str) -> Rows:
    """Rows of a query, sorted, with parties by 宛名番号 and without numbers of runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT id::text, person_no FROM addressbook_party")
        persons = dict(cursor.fetchall())
        cursor.execute(query)
        found = cursor.fetchall()

    def plain(value: Any) -> Any:
        if not isinstance(value, str):
            return str(value) if value is not None else ""
        return _RUN.sub(r"\1:#", _UUID.sub(lambda match: persons.get(match[0], "-"), value))

    return sorted(tuple(plain(value) for value in row) for row in found)


def computed(run_id: int | None = None) -> dict[str, Rows]:
    """Facts, results and shares of every run (or of one), papers by their own keys."""
    of = "" if run_id is None else f"WHERE r.id = {int(run_id)}"
    tables = {"facts": "residentfacts", "results": "residentresult", "shares": "collectionshare"}
    drop = "'{id,run_id,party_id,document_ids,withholder_id}'::text[]"
    out = {
        name: _told(
            f"SELECT r.tax_year, r.kind, t.party_id::text, (to_jsonb(t) - {drop})::text FROM assessment_{table} AS t"
            f" JOIN assessment_assessmentrun AS r ON r.id = t.run_id {of}"
        )
        for name, table in tables.items()
    }
    out["papers"] = _told(
        "SELECT r.tax_year, r.kind, t.party_id::text, d.business_key, d.kind FROM assessment_residentfacts AS t"
        " CROSS JOIN unnest(t.document_ids) AS document JOIN assessment_sourcedocument AS d ON d.id = document"
        f" JOIN assessment_assessmentrun AS r ON r.id = t.run_id {of}"
    )
    out["withholders"] = _told(
        "SELECT r.tax_year, r.kind, t.party_id::text, w.designation_no FROM assessment_collectionshare AS t"
        " JOIN assessment_withholder AS w ON w.id = t.withholder_id"
        f" JOIN assessment_assessmentrun AS r ON r.id = t.run_id {of}"
    )
    return out


def decisions() -> Rows:
    """Every decision with what came before it."""
    return _told(
        "SELECT d.party_id::text, d.tax_kind, d.tax_year, d.version, d.cause, d.decided_on, r.kind, d.annual_yen,"
        " d.notice_no, d.reason_ja, d.released_by, p.version FROM assessment_decision AS d"
        " JOIN assessment_assessmentrun AS r ON r.id = d.run_id LEFT JOIN assessment_decision AS p"
        " ON p.id = d.previous_id"
    )


def ledger() -> dict[str, Rows]:
    """Charges, employees' shares, journal with its transfers, balances, money that came in."""
    entry = "e.reason, e.legal_ground, e.source_document, e.actor, e.occurred_on, e.value_date, e.total_yen"
    accounts = (
        f"SELECT a.id, a.kind || ' ' || {_ACCOUNT} AS name FROM collection_account AS a"
        " LEFT JOIN collection_charge AS c ON c.id = a.charge_id"
    )
    return {
        "charges": _told(
            f"SELECT {_CHARGE}, c.party_id::text, c.due_on, c.statutory_due_on, c.city_yen, c.prefecture_yen,"
            " c.forest_yen, c.amount_yen, c.state, c.source_ref FROM collection_charge AS c"
        ),
        "withheld": _told(
            f"SELECT {_CHARGE}, w.employee_id::text, w.source_ref, w.city_yen, w.prefecture_yen, w.forest_yen,"
            " w.amount_yen FROM collection_withheldshare AS w JOIN collection_charge AS c ON c.id = w.charge_id"
        ),
        "journal": _told(
            f"WITH accounts AS ({accounts}) SELECT {entry}, count(*), string_agg(concat_ws(' ', d.name, k.name, t.yen),"
            ' E\'\\n\' ORDER BY d.name COLLATE "C", k.name COLLATE "C", t.yen) FROM collection_journalentry AS e'
            " JOIN collection_transfer AS t ON t.entry_id = e.id JOIN accounts AS d ON d.id = t.debit_id"
            f" JOIN accounts AS k ON k.id = t.credit_id GROUP BY e.id, {entry}"
        ),
        "balances": _told(
            f"WITH accounts AS ({accounts}) SELECT x.name, b.debit_yen, b.credit_yen FROM collection_balance AS b"
            " JOIN accounts AS x ON x.id = b.account_id WHERE b.debit_yen <> 0 OR b.credit_yen <> 0"
        ),
        "receipts": _told(
            "SELECT r.channel, r.external_key, r.paid_on, r.account_on, r.amount_yen, r.match_key, r.state, r.line_no,"
            f" (SELECT string_agg(concat_ws(' ', {_CHARGE}, l.component, l.yen), ' + ' ORDER BY {_CHARGE}, l.component)"
            " FROM collection_allocation AS l JOIN collection_charge AS c ON c.id = l.charge_id"
            " WHERE l.receipt_id = r.id) FROM collection_receipt AS r"
        ),
        "suspense": _told(
            "SELECT r.external_key, s.yen, s.remaining_yen, s.reason, s.opened_on FROM collection_suspense AS s"
            " JOIN collection_receipt AS r ON r.id = s.receipt_id"
        ),
        "overpaid": _told(
            f"SELECT {_CHARGE}, o.party_id::text, o.cause, o.component, o.paid_on, o.arose_on, o.yen, o.remaining_yen"
            " FROM collection_overpayment AS o JOIN collection_charge AS c ON c.id = o.charge_id"
        ),
    }


def slips() -> Rows:
    """Every slip with its codes and lines."""
    return _told(
        "SELECT s.case_no, s.version, s.notice_no, s.amount_yen, s.valid_until, s.issued_on, s.cvs_barcode,"
        f" s.el_case_key, s.el_confirm_no, s.state, {_CHARGE}, l.principal_yen, l.reminder_fee_yen, l.late_interest_yen"
        " FROM collection_slip AS s JOIN collection_slipline AS l ON l.slip_id = s.id"
        " JOIN collection_charge AS c ON c.id = l.charge_id"
    )


def told_upward() -> Rows:
    """What the outbox tells the floors above."""
    return _told("SELECT topic, subject_key, payload::text, dedupe_key FROM outbox_outboxmessage")


def outgoing() -> dict[str, bytes]:
    """Files made for outside bodies, as they leave the house."""
    return {f"{one.kind}/{one.name}": one.open_bytes() for one in OutgoingFile.objects.all()}


def incoming() -> dict[str, tuple[str, bytes]]:
    """Files that came in, with what became of them."""
    return {one.name: (one.state, one.open_bytes()) for one in ReceivedFile.objects.all()}


def everything() -> dict[str, Any]:
    """All of it."""
    return {
        **computed(),
        "decisions": decisions(),
        **ledger(),
        "slips": slips(),
        "outbox": told_upward(),
        "outgoing": outgoing(),
        "incoming": incoming(),
    }


def digest(told: object) -> str:
    """A short name of what was told, for keeping one story while the next is made."""
    return hashlib.sha256(json.dumps(told, default=repr, sort_keys=True).encode()).hexdigest()
