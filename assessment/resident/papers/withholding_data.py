"""特別徴収税額通知のデータ (wage withholding notices, pure). 地方税法321条の4; L-PI-07, L-PI-08; formats §2.2."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from assessment.resident.papers.tax_notice_data import Calculation, NoticeMismatch
from taxsys.platform.printing.parts import Addressee, Appeal, Office

MONTHS = (6, 7, 8, 9, 10, 11, 12, 1, 2, 3, 4, 5)


@dataclass(frozen=True)
class EmployeeRow:
    """受給者一人 (one employee): twelve months June to May, yen.

    `address` stays "" for protected persons (N-090, N-092).
    """

    notice_no: str
    person_no: str
    employee_no: str
    name: str
    kana: str
    address: str
    annual_yen: int
    months: tuple[int, ...]
    old_annual_yen: int | None = None
    remarks: str = ""

    def __post_init__(self) -> None:
        if len(self.months) != 12 or min(self.months) < 0:
            raise NoticeMismatch("月割額は6月から翌年5月までの12か月分が必要です。")
        if sum(self.months) != self.annual_yen:
            raise NoticeMismatch(f"受給者（通知番号{self.notice_no}）の月割額の合計と年税額が一致しません。")


@dataclass(frozen=True)
class WithholderNotice:
    """特別徴収義務者用 (notice for the withholder): employees and monthly sums."""

    addressee: Addressee
    office: Office
    appeal: Appeal
    tax_year: int
    issued_on: date
    designation_no: str
    notice_no: str
    employees: tuple[EmployeeRow, ...]
    is_change: bool = False
    change_from_month: int | None = None
    change_reason: str = ""
    payment_text: str = "徴収した月の翌月10日（休日に当たるときはその翌日）までに納入してください。"

    @property
    def month_sums(self) -> tuple[int, ...]:
        """月別納入額 (yen, June to May)."""
        return tuple(sum(row.months[m] for row in self.employees) for m in range(12))

    @property
    def annual_yen(self) -> int:
        """総額 (yen)."""
        return sum(row.annual_yen for row in self.employees)


@dataclass(frozen=True)
class WithheldTaxpayerNotice:
    """納税義務者用 (notice for the employee, handed over by the employer)."""

    office: Office
    appeal: Appeal
    tax_year: int
    issued_on: date
    designation_no: str
    withholder_name: str
    employee: EmployeeRow
    calculation: Calculation
    city_income_yen: int
    city_per_capita_yen: int
    prefecture_income_yen: int
    prefecture_per_capita_yen: int
    forest_yen: int
    shortfall_yen: int = 0
    applied_yen: int = 0
    is_change: bool = False
    change_reason: str = ""
    addressee: Addressee | None = None

    def __post_init__(self) -> None:
        total = (
            self.city_income_yen
            + self.city_per_capita_yen
            + self.prefecture_income_yen
            + self.prefecture_per_capita_yen
            + self.forest_yen
        )
        if total != self.employee.annual_yen:
            raise NoticeMismatch("税額の内訳の合計と特別徴収税額が一致しません。")
