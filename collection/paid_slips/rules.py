"""済通の読取 (reading a paid slip): OCR lines and punched digits to date, key and yen, with what is wrong about them.

Pure. A line that cannot be trusted is never guessed: what stands in it safely is kept, the rest is left open for the
officer who has the paper.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from taxsys.kernel.checkdigits import postal_ocr

UPPER_DIGITS, LOWER_DIGITS = 39, 44
FAULTS_JA: Mapping[str, str] = {
    "upper_unread": "OCR上段に読めない桁",
    "upper_check": "OCR上段の検査数字",
    "foreign": "他の収納先の口座・企業コード",
    "lower_unread": "OCR下段に読めない桁",
    "lower_check": "OCR下段の検査数字",
    "date_unread": "領収日を読めない",
    "date_late": "領収日が会計日より後",
    "amount_unread": "金額を読めない",
    "amount_zero": "金額が0円",
    "key_unread": "照合キーを読めない",
    "key_unknown": "該当する納付書・期別なし",
    "twice": "同じ納付書・領収日の済通がほかにある",
    "to_key": "未入力",
}
METHODS: Mapping[str, str] = {"1": "ordinary", "2": "wage", "3": "pension"}


@dataclass(frozen=True, slots=True)
class OcrIssuer:
    """収納先の番号 as they stand in the OCR lines: 口座記号番号, 企業コード, メーカーコード, 制御コード."""

    account: str
    client: str
    maker: str
    control: str


@dataclass(frozen=True, slots=True)
class Reading:
    """What one slip says, as far as it can be trusted. `key_kind` "case" or "charge"; absent parts are None or ""."""

    paid_on: date | None
    key_kind: str
    match_key: str
    amount_yen: int | None
    faults: tuple[str, ...]


def ocr_reading(*, upper: str, lower: str, paid_on_text: str, issuer: OcrIssuer, account_on: date) -> Reading:
    """済通のOCR二行: amount out of the upper line, 案件特定番号 out of the lower, if the check digits are right."""
    faults: list[str] = []
    amount: int | None = None
    case = ""
    if not _is_line(upper, UPPER_DIGITS):
        faults.append("upper_unread")
    elif not _is_checked(upper):
        faults.append("upper_check")
    elif upper[2:13] != issuer.account or upper[34:39] != issuer.client:
        faults.append("foreign")
    else:
        amount = int(upper[18:24])
        if amount == 0:
            amount = None
            faults.append("amount_zero")
    if not _is_line(lower, LOWER_DIGITS):
        faults.append("lower_unread")
    elif not _is_checked(lower):
        faults.append("lower_check")
    elif lower[28:33] != issuer.maker or lower[33:36] != issuer.control:
        if "foreign" not in faults:
            faults.append("foreign")
    else:
        case = lower[2:18]
    if "foreign" in faults:
        amount, case = None, ""
    paid_on, wrong = day_reading(paid_on_text, account_on=account_on)
    return Reading(paid_on, "case", case, amount, (*faults, *wrong))


def punch_reading(values: Mapping[str, str], *, account_on: date) -> Reading:
    """パンチ一件: case number, or the five parts of a claim's key, and the amount as they were keyed."""
    faults: list[str] = []
    key_kind, key = punched_key(values)
    if not key:
        faults.append("key_unread")
    text = values.get("amount_text", "").strip()
    amount = int(text) if text.isascii() and text.isdigit() else None
    if amount is None:
        faults.append("amount_unread")
    elif amount == 0:
        amount = None
        faults.append("amount_zero")
    paid_on, wrong = day_reading(values.get("paid_on_text", ""), account_on=account_on)
    return Reading(paid_on, key_kind, key, amount, (*faults, *wrong))


def punched_key(values: Mapping[str, str]) -> tuple[str, str]:
    """(kind, key) of a punched slip; the key is "" where it is incomplete."""
    case = values.get("case_no", "").strip()
    if case:
        return "case", case if _is_line(case, 16) else ""
    names = ("tax_kind", "levy_year", "tax_year", "instalment_no")
    digits = [values.get(name, "").strip() for name in names]
    notice, method = values.get("notice_no", "").strip(), METHODS.get(values.get("method", "").strip(), "")
    if not (all(one.isascii() and one.isdigit() for one in digits) and notice and "|" not in notice and method):
        return "charge", ""
    kind, levy_year, tax_year, place = digits
    return "charge", f"{kind}|{levy_year}|{tax_year}|{method}|{notice}|{int(place)}"


def day_reading(text: str, *, account_on: date) -> tuple[date | None, tuple[str, ...]]:
    """領収日 of eight western digits, and what is wrong with it: a slip is paid before its money is on the account."""
    if not _is_line(text, 8):
        return None, ("date_unread",)
    try:
        day = date(int(text[:4]), int(text[4:6]), int(text[6:]))
    except ValueError:
        return None, ("date_unread",)
    return (None, ("date_late",)) if day > account_on else (day, ())


def fingerprint(lines: Iterable[Sequence[str]]) -> str:
    """束の中身の印: the same slips give the same mark under another batch number, file name, order or numbering."""
    body = "\n".join(sorted("\t".join(one) for one in lines))
    return hashlib.sha256(body.encode()).hexdigest()


def _is_line(text: str, length: int) -> bool:
    return len(text) == length and text.isascii() and text.isdigit()


def _is_checked(line: str) -> bool:
    first, second = postal_ocr(line[2:])
    return line[:2] == f"{first}{second}"
