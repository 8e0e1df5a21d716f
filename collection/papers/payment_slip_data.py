"""納付書のデータ (payment slip, pure): three stubs of one instalment. 法1条1項6号, F-DC-004, N-088."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date

CVS_LIMIT_YEN = 300_000
SLIPS_PER_PAGE = 3


class SlipMismatch(ValueError):
    """納付書の内容の食い違い (codes and printed figures of one slip disagree); nothing is printed. Names no person."""

    code = "N0002"

    def __init__(self, message_ja: str) -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja


@dataclass(frozen=True)
class PayEasy:
    """ペイジーの番号 (what the payer types at a machine): agency 5, payment up to 20, confirmation 6, kind up to 10.

    Raises SlipMismatch for anything but digits of these lengths.
    """

    agency: str
    payment: str
    confirmation: str
    kind: str

    def __post_init__(self) -> None:
        parts = ((self.agency, 5, 5), (self.payment, 1, 20), (self.confirmation, 1, 6), (self.kind, 1, 10))
        if not all(re.fullmatch(f"[0-9]{{{least},{most}}}", part) for part, least, most in parts):
            raise SlipMismatch("ペイジーの番号の桁数が合いません。収納機関番号・納付区分の設定を確認してください。")

    @property
    def lines(self) -> tuple[str, str]:
        """As they are printed, the payment number in groups of four."""
        grouped = " ".join(self.payment[at : at + 4] for at in range(0, len(self.payment), 4))
        return (
            f"収納機関番号 {self.agency}　納付区分 {self.kind}",
            f"納付番号 {grouped}　確認番号 {self.confirmation}",
        )


@dataclass(frozen=True)
class PaymentSlip:
    """納付書一枚 (one slip). Amounts in yen; `pay_until` = 取扱期限 of the codes; "" = no such code on this slip.

    `payer_address` stays "" for third-party payers and protected persons (N-088). `qr_is_test`: eL-QR of the
    test builder, printed with a TEST mark. Raises SlipMismatch when bar code and figures disagree.
    """

    municipality_name: str
    payee_name: str
    tax_name: str
    tax_year: int
    instalment_label: str
    notice_no: str
    slip_no: str
    payer_name: str
    due_on: date
    pay_until: date
    tax_yen: int
    late_interest_yen: int = 0
    fee_yen: int = 0
    payer_address: str = ""
    cvs44: str = ""
    el_number: tuple[str, ...] = ()
    qr_payload: str = ""
    qr_is_test: bool = True
    ocr_lines: tuple[str, ...] = ()
    payeasy: PayEasy | None = None
    contact: str = ""

    def __post_init__(self) -> None:
        if min(self.tax_yen, self.late_interest_yen, self.fee_yen) < 0 or self.total_yen <= 0:
            raise SlipMismatch("納付書の金額は1円以上でなければなりません。")
        if self.cvs44:
            self._check_cvs()

    @property
    def total_yen(self) -> int:
        """合計額 (tax + interest + fee, yen)."""
        return self.tax_yen + self.late_interest_yen + self.fee_yen

    def _check_cvs(self) -> None:
        code = self.cvs44
        if len(code) != 44 or not (code.isascii() and code.isdigit()) or not code.startswith("91"):
            raise SlipMismatch("コンビニ収納用バーコードは91で始まる44桁の数字でなければなりません。")
        if self.total_yen > CVS_LIMIT_YEN:
            raise SlipMismatch("30万円を超える納付書にコンビニ収納用バーコードは印字できません。")
        if int(code[37:43]) != self.total_yen:
            raise SlipMismatch("バーコードの金額と納付書の合計額が一致しません。")
        if code[30:36] not in {"999999", f"{self.pay_until:%y%m%d}"}:
            raise SlipMismatch("バーコードの支払期限と納付書の取扱期限が一致しません。")

    def cvs_text(self) -> tuple[str, str]:
        """バーコード下の二行 (the human-readable lines under the bar code)."""
        code = self.cvs44
        return f"(91){code[2:8]}-{code[8:30]}", f"{code[30:36]}-{code[36]}-{code[37:43]}-{code[43]}"


@dataclass(frozen=True)
class CounterReceipt:
    """領収証書のデータ (receipt at the counter): what was taken for which slip, on which day, by which till."""

    municipality_name: str
    payee_name: str
    tax_name: str
    tax_year: int
    instalment_label: str
    notice_no: str
    receipt_no: str
    payer_name: str
    received_on: date
    tax_yen: int
    late_interest_yen: int = 0
    fee_yen: int = 0
    till_name: str = ""
    note: str = ""

    @property
    def total_yen(self) -> int:
        """領収額 (yen)."""
        return self.tax_yen + self.late_interest_yen + self.fee_yen
