"""口座振替のお知らせ・済通知書のデータ (pure). F-CL-025, F-CL-027."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from collection.papers.payment_slip_data import PaymentSlip
from taxsys.platform.printing.parts import Addressee, Office


@dataclass(frozen=True)
class DebitLetter:
    """口座振替の手紙一通: a heading, what it is about, one table, what to do; slips behind it where money is asked for.

    `heads` and each of `rows` have the same number of texts; a column whose head ends in 円 is a column of yen.
    """

    addressee: Addressee
    office: Office
    letter_no: str
    title: str
    payer_name: str
    issued_on: date
    opening: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    closing: str
    total_yen: int | None = None
    slips: tuple[PaymentSlip, ...] = ()

    def __post_init__(self) -> None:
        if any(len(row) != len(self.heads) for row in self.rows):
            raise ValueError("口座振替のお知らせの列の数がそろっていません。")
