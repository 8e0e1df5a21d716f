"""移行の照合 (reconciling a take-over): what the files say by tax and year beside the ledger after posting."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.db import connection

from collection.takeover.reading import OldBooks

SUBJECTS_JA = {
    "charges": "調定(本税)",
    "fees": "督促手数料",
    "interest": "確定延滞金",
    "receipts": "収納",
    "unpaid": "未納(本税)",
    "overpaid": "過誤納",
    "slips": "流通中の納付書",
}
Sums = dict[tuple[str, str, int], tuple[int, int]]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the reconciliation."""

    subject: str
    tax_kind: str
    tax_year: int
    file_count: int
    file_yen: int
    ledger_count: int
    ledger_yen: int

    @property
    def subject_ja(self) -> str:
        """対象."""
        return SUBJECTS_JA[self.subject]

    @property
    def is_ok(self) -> bool:
        """Whether count and yen agree."""
        return (self.file_count, self.file_yen) == (self.ledger_count, self.ledger_yen)


def file_sums(books: OldBooks) -> Sums:
    """Count and yen of every subject by tax and year, from the files alone.

    What is unpaid or overpaid is counted here a second time from levies and payments, 本税 first; the old system's own
    figure of what is unpaid is compared before anything is posted.
    """
    sums: dict[tuple[str, str, int], list[int]] = {}
    paid: dict[tuple[object, ...], int] = {}
    other: dict[tuple[object, ...], int] = {}
    for payment in books.payments:
        _add(sums, "receipts", payment.key, payment.yen)
        paid[payment.key] = paid.get(payment.key, 0) + payment.yen
    for state in books.states:
        _add(sums, "fees", state.key, state.fee_yen)
        _add(sums, "interest", state.key, state.interest_yen)
        other[state.key] = other.get(state.key, 0) + state.fee_yen + state.interest_yen
    for key, claim in books.claims.items():
        _add(sums, "charges", key, claim.yen)
        _add(sums, "unpaid", key, max(0, claim.yen - paid.get(key, 0)))
        _add(sums, "overpaid", key, max(0, paid.get(key, 0) - claim.yen - other.get(key, 0)), is_counted=False)
    for slip in books.slips.values():
        _add(sums, "slips", slip.lines[0][0], slip.yen)
    return {key: (row[0], row[1]) for key, row in sums.items()}


def _add(
    sums: dict[tuple[str, str, int], list[int]], subject: str, key: tuple[object, ...], yen: int, *,
    is_counted: bool = True,
) -> None:  # fmt: skip
    if yen == 0:
        return
    row = sums.setdefault((subject, str(key[0]), int(str(key[2]))), [0, 0])
    row[0] += is_counted
    row[1] += yen


def unpaid_differences(books: OldBooks) -> list[tuple[str, int, int]]:
    """Claims whose unpaid tax by levies and payments is not what the old system says: (key, computed, stated)."""
    paid: dict[tuple[object, ...], int] = {}
    for payment in books.payments:
        paid[payment.key] = paid.get(payment.key, 0) + payment.yen
    found = []
    for key, claim in books.claims.items():
        computed = max(0, claim.yen - paid.get(key, 0))
        if computed != claim.unpaid_yen:
            found.append(("|".join(map(str, key)), computed, claim.unpaid_yen))
    return found


_LEDGER = """
    WITH mine AS (SELECT id, tax_kind_id, tax_year, amount_yen FROM collection_charge WHERE source_ref = %(ref)s),
    held AS (SELECT a.charge_id, a.component, b.debit_yen - b.credit_yen AS open_yen, b.debit_yen
               FROM collection_account AS a JOIN collection_balance AS b ON b.account_id = a.id
              WHERE a.kind = 'receivable' AND a.charge_id IN (SELECT id FROM mine))
    SELECT 'charges', tax_kind_id, tax_year, count(*), sum(amount_yen)::bigint FROM mine GROUP BY 2, 3
    UNION ALL
    SELECT CASE h.component WHEN 'reminder_fee' THEN 'fees' ELSE 'interest' END, m.tax_kind_id, m.tax_year, count(*),
           sum(h.debit_yen)::bigint
      FROM held AS h JOIN mine AS m ON m.id = h.charge_id WHERE h.component <> 'principal' GROUP BY 1, 2, 3
    UNION ALL
    SELECT 'unpaid', m.tax_kind_id, m.tax_year, count(*), sum(h.open_yen)::bigint
      FROM held AS h JOIN mine AS m ON m.id = h.charge_id
     WHERE h.component = 'principal' AND h.open_yen > 0 GROUP BY 2, 3
    UNION ALL
    SELECT 'overpaid', m.tax_kind_id, m.tax_year, 0, sum(o.yen)::bigint
      FROM collection_overpayment AS o JOIN mine AS m ON m.id = o.charge_id WHERE o.yen > 0 GROUP BY 2, 3
    UNION ALL
    SELECT 'receipts', split_part(r.match_key, '|', 1), split_part(r.match_key, '|', 3)::int, count(*),
           sum(r.amount_yen)::bigint
      FROM collection_receipt AS r
     WHERE r.channel = 'opening' AND r.external_key LIKE %(receipts)s AND r.state = 'confirmed' GROUP BY 2, 3
    UNION ALL
    SELECT 'slips', f.tax_kind_id, f.tax_year, count(*), sum(s.amount_yen)::bigint
      FROM collection_slip AS s
      JOIN LATERAL (SELECT m.tax_kind_id, m.tax_year FROM collection_slipline AS l JOIN mine AS m ON m.id = l.charge_id
                     WHERE l.slip_id = s.id ORDER BY l.id LIMIT 1) AS f ON true
     GROUP BY 2, 3"""


def ledger_sums(batch_no: str) -> Sums:
    """Count and yen of every subject by tax and year, from the ledger."""
    with connection.cursor() as cursor:
        cursor.execute(_LEDGER, {"ref": f"takeover:{batch_no}", "receipts": f"{batch_no}:%"})
        return {(row[0], row[1], row[2]): (row[3], row[4]) for row in cursor.fetchall()}


def reconcile(files: Sums, ledger: Sums) -> list[Line]:
    """Both side by side, in the order of the subjects."""
    order = list(SUBJECTS_JA)
    keys: Iterable[tuple[str, str, int]] = sorted({*files, *ledger}, key=lambda k: (order.index(k[0]), k[1], -k[2]))
    return [Line(*key, *files.get(key, (0, 0)), *ledger.get(key, (0, 0))) for key in keys]


def control_sums(files: Sums) -> Mapping[str, tuple[int, int]]:
    """Count and yen of the four files' subjects over all taxes and years, for the control slip."""
    out = {}
    for subjects in (("charges",), ("receipts",), ("fees", "interest"), ("slips",)):
        rows = [value for key, value in files.items() if key[0] in subjects]
        out[subjects[0]] = (sum(row[0] for row in rows), sum(row[1] for row in rows))
    return out
