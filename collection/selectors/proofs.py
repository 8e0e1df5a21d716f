"""元帳の証明 (proofs of the ledger): every sum two ways, each difference must be 0 yen (R-005).

What was erased after its period stands in `ErasedTotal` as sums without a person; the proofs add it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

from django.db import connection, transaction

from collection.selectors.fingerprints import agreed

LevySums = Mapping[tuple[str, int, int], int]
_levy_sources: dict[str, Callable[[], LevySums]] = {}
_more: dict[str, Callable[[], Check]] = {}


@dataclass(frozen=True, slots=True)
class Check:
    """One proof: what was compared, how many things, the sum of all differences in yen, and the first of them."""

    title_ja: str
    compared: int
    differing: int
    difference_yen: int
    example_ja: str = ""

    @property
    def is_ok(self) -> bool:
        """Whether nothing differs."""
        return self.differing == 0


@dataclass(frozen=True, slots=True)
class Proof:
    """All checks of one run over one snapshot."""

    checks: tuple[Check, ...] = field(default_factory=tuple)

    @property
    def is_ok(self) -> bool:
        """Whether every check holds."""
        return all(check.is_ok for check in self.checks)


def levy_source_register(title_ja: str, sums: Callable[[], LevySums]) -> None:
    """Register who can say what should be levied: yen by (tax kind, levy year, tax year) of its live decisions."""
    _levy_sources[title_ja] = sums


def proof_register(key: str, check: Callable[[], Check]) -> None:
    """Register a proof of another room of collection; it runs in the same snapshot as the others."""
    _more[key] = check


# Each query gives (number compared, number differing, sum of |difference|, example).
_SUMS_OF_TRANSFERS = """
    SELECT count(*), count(*) FILTER (WHERE d <> 0 OR c <> 0), coalesce(sum(abs(d) + abs(c)), 0)::bigint,
           coalesce(min('勘定' || account_id) FILTER (WHERE d <> 0 OR c <> 0), '')
      FROM (SELECT account_id, coalesce(b.debit_yen, 0) - coalesce(s.debit_yen, 0) AS d,
                   coalesce(b.credit_yen, 0) - coalesce(s.credit_yen, 0) AS c
              FROM (SELECT account_id, sum(debit_yen) AS debit_yen, sum(credit_yen) AS credit_yen
                      FROM (SELECT debit_id AS account_id, yen AS debit_yen, 0 AS credit_yen FROM collection_transfer
                            UNION ALL SELECT credit_id, 0, yen FROM collection_transfer
                            UNION ALL SELECT key::bigint, debit_yen, credit_yen FROM collection_erasedtotal
                                       WHERE kind = 'account') AS sides
                     GROUP BY account_id) AS s
              FULL JOIN collection_balance AS b USING (account_id)) AS x"""
_TRIAL_BALANCE = """
    SELECT count(*), (sum(debit_yen - credit_yen) <> 0)::int, coalesce(abs(sum(debit_yen - credit_yen)), 0)::bigint, ''
      FROM collection_balance"""
_ENTRIES = """
    SELECT count(*), count(*) FILTER (WHERE is_wrong), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min('仕訳' || id) FILTER (WHERE is_wrong), '')
      FROM (SELECT e.id, coalesce(t.yen, 0) - e.total_yen AS d,
                   (coalesce(t.n, 0), coalesce(t.yen, 0)) <> (e.transfer_count, e.total_yen) AS is_wrong
              FROM collection_journalentry AS e
              LEFT JOIN (SELECT entry_id, count(*) AS n, sum(yen) AS yen FROM collection_transfer
                          GROUP BY entry_id) AS t ON t.entry_id = e.id) AS x"""
_CASH = """
    SELECT count(*), count(*) FILTER (WHERE d <> 0), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min(key) FILTER (WHERE d <> 0), '')
      FROM (SELECT key, coalesce(r.yen, 0) - coalesce(a.yen, 0) AS d
              FROM (SELECT key, sum(yen) AS yen
                      FROM (SELECT concat_ws(':', 'cash_in', channel, account_on) AS key, sum(amount_yen) AS yen
                              FROM collection_receipt WHERE state = 'confirmed' GROUP BY channel, account_on
                            UNION ALL
                            SELECT key, debit_yen FROM collection_erasedtotal WHERE kind = 'cash') AS money
                     GROUP BY 1) AS r
              FULL JOIN (SELECT k.key, sum(b.debit_yen - b.credit_yen) AS yen FROM collection_balance AS b
                           JOIN collection_account AS k ON k.id = b.account_id WHERE b.kind = 'cash_in'
                          GROUP BY k.key) AS a USING (key)) AS x"""
_RECEIPTS = """
    SELECT count(*), count(*) FILTER (WHERE d <> 0), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min('収納' || id) FILTER (WHERE d <> 0), '')
      FROM (SELECT r.id, CASE WHEN r.state = 'confirmed' THEN r.amount_yen ELSE 0 END - coalesce(a.yen, 0)
                   - coalesce(s.yen, 0) - coalesce(o.yen, 0) AS d
              FROM collection_receipt AS r
              LEFT JOIN (SELECT receipt_id, sum(yen) AS yen FROM collection_allocation GROUP BY 1) AS a
                     ON a.receipt_id = r.id
              LEFT JOIN (SELECT receipt_id, sum(remaining_yen) AS yen FROM collection_suspense GROUP BY 1) AS s
                     ON s.receipt_id = r.id
              LEFT JOIN (SELECT receipt_id, sum(yen) AS yen FROM collection_overpayment
                          WHERE cause <> 'levy_reduced' GROUP BY 1) AS o ON o.receipt_id = r.id
             WHERE r.state <> 'preliminary') AS x"""
_CHARGES = """
    SELECT count(*), count(*) FILTER (WHERE d <> 0), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min('通知書番号' || notice_no) FILTER (WHERE d <> 0), '')
      FROM (SELECT c.notice_no, c.amount_yen - coalesce(p.yen, 0) + coalesce(o.yen, 0)
                   - coalesce(b.debit_yen - b.credit_yen, 0) AS d
              FROM collection_charge AS c
              LEFT JOIN collection_account AS a
                     ON a.charge_id = c.id AND a.component = 'principal' AND a.kind = 'receivable'
              LEFT JOIN collection_balance AS b ON b.account_id = a.id
              LEFT JOIN (SELECT charge_id, sum(yen) AS yen FROM collection_allocation WHERE component = 'principal'
                          GROUP BY 1) AS p ON p.charge_id = c.id
              LEFT JOIN (SELECT charge_id, sum(yen) AS yen FROM collection_overpayment WHERE cause = 'levy_reduced'
                          GROUP BY 1) AS o ON o.charge_id = c.id) AS x"""
_PARTS = """
    SELECT count(*), count(*) FILTER (WHERE d <> 0), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min(key) FILTER (WHERE d <> 0), '')
      FROM (SELECT key, coalesce(c.yen, 0) - coalesce(a.yen, 0) AS d
              FROM (SELECT key, sum(yen) AS yen
                      FROM (SELECT concat_ws(':', p.kind, c.tax_kind_id, c.levy_year, c.tax_year) AS key, p.yen
                              FROM (SELECT tax_kind_id, levy_year, tax_year, sum(city_yen) AS city,
                                           sum(prefecture_yen) AS prefecture, sum(forest_yen) AS forest
                                      FROM collection_charge GROUP BY 1, 2, 3) AS c
                              CROSS JOIN LATERAL (VALUES ('revenue_city', c.city),
                                   ('revenue_prefecture', c.prefecture), ('revenue_forest', c.forest)) AS p (kind, yen)
                            UNION ALL
                            SELECT key, credit_yen FROM collection_erasedtotal WHERE kind = 'part') AS levied
                     GROUP BY 1) AS c
              FULL JOIN (SELECT k.key, sum(b.credit_yen - b.debit_yen) AS yen FROM collection_balance AS b
                           JOIN collection_account AS k ON k.id = b.account_id
                          WHERE b.kind IN ('revenue_city', 'revenue_prefecture', 'revenue_forest') GROUP BY k.key) AS a
                   USING (key)) AS x"""
_OWED = """
    SELECT count(*), count(*) FILTER (WHERE d <> 0), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min(key) FILTER (WHERE d <> 0), '')
      FROM (SELECT key, coalesce(s.yen, 0) - coalesce(a.yen, 0) AS d
              FROM (SELECT concat_ws(':', 'suspense', r.channel) AS key, sum(s.remaining_yen) AS yen
                      FROM collection_suspense AS s JOIN collection_receipt AS r ON r.id = s.receipt_id GROUP BY 1
                    UNION ALL
                    SELECT concat_ws(':', 'overpayment', c.tax_kind_id, o.party_id), sum(o.remaining_yen)
                      FROM collection_overpayment AS o JOIN collection_charge AS c ON c.id = o.charge_id
                     GROUP BY 1) AS s
              FULL JOIN (SELECT k.key, sum(b.credit_yen - b.debit_yen) AS yen FROM collection_balance AS b
                           JOIN collection_account AS k ON k.id = b.account_id
                          WHERE b.kind IN ('suspense', 'overpayment') GROUP BY k.key) AS a USING (key)) AS x"""
_REFUNDS = """
    SELECT count(*), count(*) FILTER (WHERE d <> 0), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min(key) FILTER (WHERE d <> 0), '')
      FROM (SELECT key, coalesce(r.yen, 0) - coalesce(a.yen, 0) AS d
              FROM (SELECT key, sum(yen) AS yen
                      FROM (SELECT concat_ws(':', 'refund_payable', party_id) AS key, refund_yen + interest_yen AS yen
                              FROM collection_refunddecision WHERE state = 'decided'
                            UNION ALL
                            SELECT concat_ws(':', 'refund_payable', d.party_id), -p.amount_yen
                              FROM collection_refundpayment AS p
                              JOIN collection_refunddecision AS d ON d.id = p.decision_id WHERE p.state = 'paid'
                            UNION ALL
                            SELECT concat_ws(':', 'cash_out', paid_on), amount_yen
                              FROM collection_refundpayment WHERE state = 'paid'
                            UNION ALL
                            SELECT concat_ws(':', 'refund_payable', party_id), -expired_yen
                              FROM collection_refunddecision WHERE expired_yen > 0
                            UNION ALL
                            SELECT key, credit_yen - debit_yen FROM collection_erasedtotal WHERE kind = 'refund')
                           AS owed GROUP BY 1) AS r
              FULL JOIN (SELECT k.key, sum(b.credit_yen - b.debit_yen) AS yen FROM collection_balance AS b
                           JOIN collection_account AS k ON k.id = b.account_id
                          WHERE b.kind IN ('refund_payable', 'cash_out') GROUP BY k.key) AS a USING (key)) AS x"""
_HELD = """
    SELECT count(*), count(*) FILTER (WHERE d <> 0), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min('還付充当' || id) FILTER (WHERE d <> 0), '')
      FROM (SELECT d.id, d.offset_yen + d.refund_yen - l.yen + d.interest_yen - l.interest_yen
                   + coalesce(p.yen, 0) - d.paid_yen AS d
              FROM collection_refunddecision AS d
              JOIN (SELECT decision_id, sum(yen) AS yen, sum(interest_yen) AS interest_yen
                      FROM collection_refundline GROUP BY 1) AS l ON l.decision_id = d.id
              LEFT JOIN (SELECT decision_id, sum(amount_yen) AS yen FROM collection_refundpayment
                          WHERE state IN ('asking', 'proposed', 'reserved', 'sent', 'paid')
                          GROUP BY 1) AS p ON p.decision_id = d.id) AS x"""
_SHARES = """
    SELECT count(*), count(*) FILTER (WHERE d <> 0), coalesce(sum(abs(d)), 0)::bigint,
           coalesce(min('指定番号' || notice_no) FILTER (WHERE d <> 0), '')
      FROM (SELECT c.notice_no, c.amount_yen - sum(w.amount_yen) AS d
              FROM collection_charge AS c JOIN collection_withheldshare AS w ON w.charge_id = c.id
             GROUP BY c.id) AS x"""
_BALANCES_JA = "残高: 振替明細の合計と残高"
_ENTRIES_JA = "仕訳: 明細の件数・合計額"
_RECEIPTS_JA = "収納: 収納額と消込・仮受・過誤納の計"
_CHARGES_JA = "期別: 調定額から消込額を引いた額と未収残高"
# Proofs that are held by weighted sums first; each is run itself only where the sums differ.
_BY_FINGERPRINT = {
    _BALANCES_JA: "balances", _ENTRIES_JA: "entries", _RECEIPTS_JA: "receipts", _CHARGES_JA: "charges",
}  # fmt: skip
_QUERIES = (
    ("試算表: 借方の合計と貸方の合計", _TRIAL_BALANCE),
    (_BALANCES_JA, _SUMS_OF_TRANSFERS),
    (_ENTRIES_JA, _ENTRIES),
    ("収納: 日・チャネル別の収納額と収納金勘定", _CASH),
    (_RECEIPTS_JA, _RECEIPTS),
    (_CHARGES_JA, _CHARGES),
    ("内訳: 市民税・道民税・森林環境税の調定額と収入勘定", _PARTS),
    ("仮受・過誤納: 残額と勘定残高", _OWED),
    ("還付: 決定と支払の額と還付未済・支払金勘定", _REFUNDS),
    ("還付充当: 内訳・支払の指示の計と決定の額", _HELD),
    ("特別徴収: 月割額の内訳の計と期別の額", _SHARES),
)


def prove_ledger() -> Proof:
    """Run every proof over one snapshot of the books, and compare the levies with what the decisions say.

    The whole books take longer than a screen's statement may: the limit is lifted for this transaction.
    """
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = '15min'")
        cursor.execute("SET LOCAL work_mem = '256MB'")
        checks = []
        same = agreed(cursor)
        for title, query in _QUERIES:
            if (name := _BY_FINGERPRINT.get(title)) in same:
                checks.append(Check(title, same[str(name)], 0, 0))
                continue
            cursor.execute(query)
            compared, differing, yen, example = cursor.fetchone()
            checks.append(Check(title, compared, differing or 0, yen, example))
        cursor.execute(
            "SELECT tax_kind_id, levy_year, tax_year, sum(amount_yen)::bigint FROM collection_charge GROUP BY 1, 2, 3"
        )
        levied = {(row[0], row[1], row[2]): row[3] for row in cursor.fetchall()}
        checks += [check() for _key, check in sorted(_more.items())]
    checks += [_against_decisions(title, sums(), levied) for title, sums in sorted(_levy_sources.items())]
    return Proof(tuple(checks))


def _against_decisions(title_ja: str, decided: LevySums, levied: LevySums) -> Check:
    wrong = {key: levied.get(key, 0) - yen for key, yen in decided.items() if levied.get(key, 0) != yen}
    example = "・".join(map(str, min(wrong))) if wrong else ""
    return Check(title_ja, len(decided), len(wrong), sum(map(abs, wrong.values())), example)
