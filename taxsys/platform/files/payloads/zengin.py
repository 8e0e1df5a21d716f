"""全銀ファイル: direct debit requests and results (91) and transfers (21), over the layout tables."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from taxsys.kernel import kana, wareki
from taxsys.platform.files import layouts
from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.errors import L_AMOUNT, L_COUNT, L_NOT_MATCHED, FileRefused

RESULTS = {
    "0": "振替済",
    "1": "資金不足",
    "2": "取引なし",
    "3": "預金者の都合による振替停止",
    "4": "預金口座振替依頼書なし",
    "8": "委託者の都合による振替停止",
    "9": "その他",
    "E": "データエラー",
    "N": "振替結果未着",
}
_MEANINGS = {
    "0": "debited", "1": "insufficient funds", "2": "no account", "3": "stopped by payer", "4": "no mandate",
    "8": "stopped by originator", "9": "other",
}  # fmt: skip


@dataclass(frozen=True)
class Originator:
    """委託者・依頼人 with the account at the collecting bank. Names are made fit for the record on writing."""

    code: str
    name: str
    bank_code: str
    branch_code: str
    account_type: str
    account_number: str
    bank_name: str = ""
    branch_name: str = ""


@dataclass(frozen=True)
class DebitResult:
    """One answered line of a debit file; an unknown result code counts as not debited and wants a review."""

    customer_number: str
    amount_yen: int
    code: str

    @property
    def is_debited(self) -> bool:
        """True for code 0 only."""
        return self.code == "0"

    @property
    def needs_review(self) -> bool:
        """True for a code that the table does not know."""
        return self.code not in RESULTS

    @property
    def label(self) -> str:
        """Japanese words of the code."""
        return RESULTS.get(self.code, "不明なコード（要確認）")

    @property
    def meaning(self) -> str:
        """English words of the code."""
        return _MEANINGS.get(self.code, "unknown: review")


@dataclass(frozen=True)
class DebitResults:
    """A whole accepted result file."""

    debit_mmdd: str
    originator_code: str
    items: tuple[DebitResult, ...]
    parsed: Parsed

    def debit_on(self, file_on: date) -> date:
        """Debit day: the record has no year, so the one nearest to the file's date."""
        return wareki.mmdd_nearest(self.debit_mmdd, file_on)

    def count_and_amount(self, *, is_debited: bool) -> tuple[int, int]:
        """Number and yen of the debited or of the failed lines."""
        chosen = [one.amount_yen for one in self.items if one.is_debited == is_debited]
        return len(chosen), sum(chosen)


def _header(origin: Originator, day_field: str, day: date) -> dict[str, Any]:
    return {
        "code_kubun": "0",
        "originator_code": origin.code,
        "originator_name": kana.zengin_field(origin.name, 40).rstrip(),
        day_field: f"{day:%m%d}",
        "bank_code": origin.bank_code,
        "bank_name": kana.zengin_field(origin.bank_name, 15, kind="bank").rstrip(),
        "branch_code": origin.branch_code,
        "branch_name": kana.zengin_field(origin.branch_name, 15, kind="bank").rstrip(),
        "account_type": origin.account_type,
        "account_number": origin.account_number,
    }


def debit_request(origin: Originator, *, debit_on: date, items: Iterable[Mapping[str, Any]]) -> bytes:
    """File 91 of debit requests. Items: bank_code, branch_code, account_type, account_number, payer_name, amount,
    new_code, customer_number. RecordNotWritable or NotAllowedCharacter names what does not fit; nothing is dropped.
    """
    rows = [
        {**one, "payer_name": kana.zengin_field(one["payer_name"], 30).rstrip(), "result_code": "0"} for one in items
    ]
    return layouts.get("zengin_91", "jba").write(rows, header=_header(origin, "debit_mmdd", debit_on))


def transfer_request(origin: Originator, *, value_on: date, items: Iterable[Mapping[str, Any]]) -> bytes:
    """File 21 of transfers. Items: bank_code, branch_code, account_type, account_number, payee_name, amount,
    new_code, customer_code1/2, and bank_name, branch_name where wanted."""
    rows = [{"new_code": "0", **one, "payee_name": kana.zengin_field(one["payee_name"], 30).rstrip()} for one in items]
    return layouts.get("zengin_21", "jba").write(rows, header=_header(origin, "value_mmdd", value_on))


def records_of(content: bytes) -> list[str]:
    """The 120-character records of a written file, as text."""
    body = content.replace(b"\r\n", b"")
    return [body[i : i + 120].decode("cp932") for i in range(0, len(body), 120)]


def debit_results(content: bytes) -> DebitResults:
    """Read a result file 91. FileRefused (field = trailer item) unless ok, failed and total agree with the lines."""
    parsed = layouts.get("zengin_91", "jba").parse(content)
    if parsed.errors:
        first = parsed.errors[0]
        raise FileRefused(
            first.code,
            f"{first.message_ja}（口座振替の結果は1行でも読めなければ全体を受け付けません）",
            line_no=first.line_no,
        )
    items = tuple(
        DebitResult(one.values["customer_number"] or "", one.values["amount"] or 0, one.values["result_code"] or "")
        for one in parsed.records
    )
    header = parsed.header or {}
    found = DebitResults(header["debit_mmdd"], header["originator_code"], items, parsed)
    trailers = [one.values for one in parsed.trailers]
    for is_debited, prefix in ((True, "ok"), (False, "ng")):
        count, amount = found.count_and_amount(is_debited=is_debited)
        _agree(sum(one[f"{prefix}_count"] or 0 for one in trailers), count, f"{prefix}_count", L_COUNT)
        _agree(sum(one[f"{prefix}_amount"] or 0 for one in trailers), amount, f"{prefix}_amount", L_AMOUNT)
    return found


def _agree(stated: int, found: int, field: str, code: str) -> None:
    if stated != found:
        name = {"ok": "振替済", "ng": "振替不能"}[field[:2]] + ("件数" if code == L_COUNT else "金額")
        raise FileRefused(
            code,
            f"トレーラーの{name}（{stated:,}）と明細（{found:,}）が合いません。ファイル全体を受け付けません。",
            field=field,
        )


def results_match_request(results: DebitResults, requested: Mapping[str, int]) -> None:
    """Refuse a result file whose customer numbers or amounts are not exactly those of the request (number → yen)."""
    answered = {one.customer_number: one.amount_yen for one in results.items}
    if len(answered) != len(results.items):
        raise FileRefused(
            L_NOT_MATCHED, "同じ顧客番号が2回あります。ファイル全体を受け付けません。", field="customer_number"
        )
    if answered != dict(requested):
        lacking, extra = len(requested.keys() - answered.keys()), len(answered.keys() - requested.keys())
        raise FileRefused(
            L_NOT_MATCHED,
            f"依頼と結果の顧客番号または金額が合いません（結果にない{lacking}件、依頼にない{extra}件）。ファイル全体を受け付けません。",
            field="customer_number",
        )


def padded(records: Sequence[str]) -> bytes:
    """Records given as text, joined into a file; trimmed ones are padded by the reader."""
    has_end = any(one.endswith(("\n", "\r")) for one in records)
    body = (
        "".join(records)
        if has_end
        else "\n".join(records) + "\n"
        if any(len(r) != 120 for r in records)
        else "".join(records)
    )
    return body.encode("cp932")
