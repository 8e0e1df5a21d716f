"""過誤納金還付（充当）通知書のデータ (pure). 地方税法17条, 17条の2, 17条の4; L-CL-05, F-RF-005, R-112."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from taxsys.platform.printing.parts import Addressee, Appeal, Office


@dataclass(frozen=True)
class SurplusLine:
    """過誤納の一行: what was paid too much, in which instalment, and why."""

    claim_ja: str
    cause_ja: str
    paid_on: date
    yen: int


@dataclass(frozen=True)
class OffsetLine:
    """充当の一行: the claim it was put to and from which day."""

    claim_ja: str
    settled_on: date
    yen: int


@dataclass(frozen=True)
class RefundNotice:
    """過誤納金還付（充当）通知書一通: surpluses = offsets + refund; interest is paid besides."""

    addressee: Addressee
    office: Office
    appeal: Appeal
    refund_no: str
    payer_name: str
    decided_on: date
    surpluses: tuple[SurplusLine, ...]
    offsets: tuple[OffsetLine, ...]
    refund_yen: int
    interest_yen: int
    claim_until: date
    # 配当割額等の控除不足額 alone: nothing was paid too much, the tax withheld on dividends and shares is left over.
    is_withheld_credit: bool = False

    def __post_init__(self) -> None:
        if sum(line.yen for line in self.surpluses) != sum(line.yen for line in self.offsets) + self.refund_yen:
            raise ValueError("過誤納の額が充当額と還付額の計に一致しません。")

    @property
    def to_pay_yen(self) -> int:
        """支払う額: refund and interest, in yen."""
        return self.refund_yen + self.interest_yen
