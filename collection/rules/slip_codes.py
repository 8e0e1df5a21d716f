"""納付書の番号 (codes of a payment slip): case number, eL number parts, GS1-128 of 44 digits. Pure, so repeatable.

The case number follows from what the slip is for and its version, never from a counter: two runs over the same city
give the same codes whatever the order of their chunks. A number that has been used is drawn again with the next salt.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import date

from taxsys.kernel.checkdigits import gs1_mod10

CASE_DIGITS = 16
CVS_LIMIT_YEN = 300_000
EL_PREFIX = "0000"


@dataclass(frozen=True, slots=True)
class SlipIssuer:
    """Who collects: convenience-store issuer (6 digits), client code (5 digits), municipality and eL item codes."""

    issuer_code: str
    client_code: str
    municipality_code: str
    el_item_code: str


def case_no(business_key: str, *, version: int, salt: int = 0) -> str:
    """案件特定番号 of 16 digits for a slip's business key, its version and a salt (0, 1, … after a collision)."""
    digest = hashlib.sha256(f"slip|{business_key}|{version}|{salt}".encode()).digest()
    return f"{int.from_bytes(digest[:8], 'big') % 10**CASE_DIGITS:0{CASE_DIGITS}d}"


def confirm_no(case: str) -> str:
    """確認番号 of 6 digits that belongs to a case number."""
    digest = hashlib.sha256(f"confirm|{case}".encode()).digest()
    return f"{int.from_bytes(digest[:4], 'big') % 10**6:06d}"


def customer_number(business_key: str, debit_on: date, attempt_no: int) -> str:
    """顧客番号 of 20 digits for one direct-debit request; never the number of another request."""
    digest = hashlib.sha256(f"debit|{business_key}|{debit_on.isoformat()}|{attempt_no}".encode()).digest()
    return f"{int.from_bytes(digest[:9], 'big') % 10**20:020d}"


def barcode44(issuer: SlipIssuer, case: str, *, version: int, valid_until: date, amount_yen: int) -> str:
    """GS1-128 of 44 digits: AI 91, issuer, client code + case number, re-issue digit, 取扱期限, stamp 0, amount, check.

    Empty above 300,000 yen: such a slip carries no bar code. Local tax never has the stamp flag.
    """
    if not 0 < amount_yen <= CVS_LIMIT_YEN:
        return ""
    free_field = f"{issuer.client_code}{case}"
    body = f"91{issuer.issuer_code}{free_field}{min(version - 1, 9)}{valid_until:%y%m%d}0{amount_yen:06d}"
    if len(body) != 43 or not body.isdigit():
        raise ValueError("バーコードの桁数が合いません。企業コード・委託者コードの設定を確認してください。")
    return f"{body}{gs1_mod10(body)}"


def case_no_of_barcode(barcode: str) -> str:
    """Case number inside a bar code of 44 digits; empty when the text is no such bar code."""
    if len(barcode) != 44 or not barcode.isdigit() or not barcode.startswith("91"):
        return ""
    return barcode[13:29]


def case_no_of_el_key(el_case_key: str) -> str:
    """Case number inside an eL case key of 20 digits; empty when it is none of ours."""
    return el_case_key[len(EL_PREFIX) :] if len(el_case_key) == 20 and el_case_key.startswith(EL_PREFIX) else ""
