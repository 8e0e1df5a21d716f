"""減免決定・不承認・取消通知書のデータ (pure). 地方税法323条・45条; L-PI-13, R-114."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from taxsys.platform.printing.parts import Addressee, Appeal, Office

ACTS = {"grant": "決定", "refuse": "不承認", "revoke": "取消"}


@dataclass(frozen=True)
class RelievedLine:
    """減免の一行: which instalment, when due, how much of it is (or stays) remitted."""

    instalment_ja: str
    due_on: date
    yen: int


@dataclass(frozen=True)
class ReliefNotice:
    """減免通知書一通. `act`: grant, refuse or revoke; `lines` add up to city + prefecture + forest yen.

    `old_annual_yen` and `annual_yen`: the year's tax before and after; equal on a refusal.
    """

    addressee: Addressee
    office: Office
    appeal: Appeal
    relief_no: str
    act: str
    tax_year: int
    taxpayer_name: str
    issued_on: date
    applied_on: date
    ground_ja: str
    reason_ja: str
    lines: tuple[RelievedLine, ...]
    city_yen: int
    prefecture_yen: int
    forest_yen: int
    old_annual_yen: int
    annual_yen: int
    is_ex_officio: bool = False
    revoke_from: date | None = None

    def __post_init__(self) -> None:
        if self.act not in ACTS:
            raise ValueError("減免の行為が決定・不承認・取消のいずれでもありません。")
        if self.act != "grant" and not self.reason_ja:
            raise ValueError("不承認・取消には理由が要ります。")
        if sum(line.yen for line in self.lines) != self.relief_yen:
            raise ValueError("期別の減免額の計が減免額と一致しません。")

    @property
    def relief_yen(self) -> int:
        """減免額 in all (yen)."""
        return self.city_yen + self.prefecture_yen + self.forest_yen
