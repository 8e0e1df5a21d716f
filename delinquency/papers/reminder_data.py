"""督促状のデータ (reminder card, pure). 地方税法329条, 331条; L-CL-02, F-DN-001."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from collection.papers.payment_slip_data import PaymentSlip
from taxsys.platform.printing.parts import Addressee, Appeal, Office


@dataclass(frozen=True)
class ReminderCard:
    """督促状一通 (one reminder for one claim, with its slip).

    `fee_yen` = 督促手数料 (0 where the ordinance has none). `late_interest_text` explains the interest to be added.
    """

    addressee: Addressee
    office: Office
    appeal: Appeal
    reminder_no: str
    notice_no: str
    tax_name: str
    tax_year: int
    instalment_label: str
    due_on: date
    issued_on: date
    pay_until: date
    unpaid_yen: int
    fee_yen: int = 0
    late_interest_text: str = "納付の日までの日数に応じた延滞金を加算します（地方税法及び市税条例の定めによります）。"
    seizure_law: str = "地方税法第331条第１項"
    slip: PaymentSlip | None = None

    def __post_init__(self) -> None:
        if self.unpaid_yen <= 0:
            raise ValueError("督促状の未納額は1円以上でなければなりません。")
        if self.slip is not None and (self.slip.tax_yen, self.slip.fee_yen) != (self.unpaid_yen, self.fee_yen):
            raise ValueError("督促状の未納額・督促手数料と納付書の金額が一致しません。")
        if self.issued_on <= self.due_on:
            raise ValueError("督促状は納期限の後でなければ発することができません。")

    def warning(self) -> str:
        """法定の警告 (what follows when the reminder is not obeyed: seizure after ten days)."""
        return (
            "この督促状を発した日から起算して10日を経過した日までに完納されないときは、"
            f"{self.seizure_law}の規定により、財産の差押えその他の滞納処分を受けることになります。"
        )
