"""納期の特例の承認・却下・取消の通知書のデータ (pure). 地方税法321条の5の2; L-PI-10, F-PL-005."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from taxsys.platform.printing.parts import Addressee, Appeal, Office


@dataclass(frozen=True)
class DueLine:
    """納期限の一行: months and the day by which they are paid."""

    months_ja: str
    due_on: date


@dataclass(frozen=True)
class PrivilegeNotice:
    """通知書一通. `act_ja`: 承認, 却下, 承認取消 or 取りやめ; `dues` are empty for a refusal."""

    addressee: Addressee
    office: Office
    appeal: Appeal
    designation_no: str
    withholder_name: str
    act_ja: str
    decided_on: date
    received_on: date
    effect_ja: str
    reason_ja: str
    dues: tuple[DueLine, ...] = ()

    @property
    def is_against(self) -> bool:
        """Whether the agent may appeal: everything but what it asked for."""
        return self.act_ja in {"却下", "承認取消"}

    def __post_init__(self) -> None:
        if self.is_against and not self.reason_ja:
            raise ValueError("却下・取消の通知書には理由が必要です。")
