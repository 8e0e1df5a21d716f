"""証明の指紋: the big proofs as weighted sums, so that a night reads each table once and groups nothing (R-005).

Two sides agree account by account when their sums agree under weights that nobody knows beforehand: every account,
entry, receipt and charge gets two random weights of 20 bits (a hash of its id under a seed drawn for this run alone).
A difference of any size on any row changes the sums; it is missed only where both weights happen to cancel it, once in
2^40 nights and another night not again. Where the sums differ, the proof itself is run and says where and how much.

The text that is put into the statements is constant (names of columns); the seed travels as a parameter.
"""
# ruff: noqa: S608

from __future__ import annotations

import secrets
from collections.abc import Mapping

from django.db.backends.utils import CursorWrapper

SHIFTS = (0, 20)


def _sums(amount: str, key: str, name: str) -> str:
    """SQL of both weighted sums of an amount: columns name0 and name1."""
    return ", ".join(
        f"coalesce(sum(({amount}) * ((hashint8extended({key}, %(seed)s) >> {shift}) & 1048575)), 0) AS {name}{number}"
        for number, shift in enumerate(SHIFTS)
    )


def _equal(left: str, right: str) -> str:
    """SQL: both weighted sums agree; `#` stands for the number of the weight."""
    return " AND ".join(f"{left.replace('#', str(n))} = {right.replace('#', str(n))}" for n in range(len(SHIFTS)))


_TRANSFERS = f"""
    WITH t AS (SELECT {_sums("yen", "debit_id", "d")}, {_sums("yen", "credit_id", "c")},
                      {_sums("yen", "entry_id", "e")}, {_sums("1::bigint", "entry_id", "n")} FROM collection_transfer),
         x AS (SELECT {_sums("debit_yen", "key::bigint", "d")}, {_sums("credit_yen", "key::bigint", "c")}
                 FROM collection_erasedtotal WHERE kind = 'account'),
         b AS (SELECT count(*) AS rows, {_sums("debit_yen", "account_id", "d")},
                      {_sums("credit_yen", "account_id", "c")} FROM collection_balance),
         e AS (SELECT count(*) AS rows, {_sums("total_yen", "id", "e")}, {_sums("transfer_count::bigint", "id", "n")}
                 FROM collection_journalentry)
    SELECT b.rows, {_equal("t.d# + x.d#", "b.d#")} AND {_equal("t.c# + x.c#", "b.c#")},
           e.rows, {_equal("t.e#", "e.e#")} AND {_equal("t.n#", "e.n#")}
      FROM t, x, b, e"""
_RECEIPTS = f"""
    WITH r AS (SELECT count(*) FILTER (WHERE state <> 'preliminary') AS rows,
                      {_sums("CASE WHEN state = 'confirmed' THEN amount_yen ELSE 0 END", "id", "r")}
                 FROM collection_receipt),
         a AS (SELECT {_sums("yen", "receipt_id", "a")} FROM collection_allocation),
         s AS (SELECT {_sums("remaining_yen", "receipt_id", "s")} FROM collection_suspense),
         o AS (SELECT {_sums("yen", "receipt_id", "o")} FROM collection_overpayment
                WHERE cause <> 'levy_reduced' AND receipt_id IS NOT NULL)
    SELECT r.rows, {_equal("r.r#", "a.a# + s.s# + o.o#")} FROM r, a, s, o"""
_CHARGES = f"""
    WITH c AS (SELECT count(*) AS rows, {_sums("amount_yen", "id", "c")} FROM collection_charge),
         p AS (SELECT {_sums("yen", "charge_id", "p")} FROM collection_allocation WHERE component = 'principal'),
         o AS (SELECT {_sums("yen", "charge_id", "o")} FROM collection_overpayment WHERE cause = 'levy_reduced'),
         b AS (SELECT {_sums("b.debit_yen - b.credit_yen", "a.charge_id", "b")}
                 FROM collection_account AS a JOIN collection_balance AS b ON b.account_id = a.id
                WHERE a.kind = 'receivable' AND a.component = 'principal')
    SELECT c.rows, {_equal("c.c# + o.o#", "p.p# + b.b#")} FROM c, p, o, b"""


def agreed(cursor: CursorWrapper) -> Mapping[str, int]:
    """Which of the proofs `balances`, `entries`, `receipts`, `charges` hold, with the number of rows compared."""
    values = {"seed": secrets.randbelow(1 << 62)}
    cursor.execute(_TRANSFERS, values)
    accounts, balances_agree, entries, entries_agree = cursor.fetchone()
    found = {"balances": (accounts, balances_agree), "entries": (entries, entries_agree)}
    for name, query in (("receipts", _RECEIPTS), ("charges", _CHARGES)):
        cursor.execute(query, values)
        found[name] = cursor.fetchone()
    return {name: rows for name, (rows, is_equal) in found.items() if is_equal}
