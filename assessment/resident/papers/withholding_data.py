"""特別徴収税額通知のデータ (wage withholding notices, pure). 地方税法321条の4; L-PI-07, L-PI-08; formats §2.2."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

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


@dataclass(frozen=True)
class WithholdingEnvelope:
    """給与支払者あての一通 (one envelope to the employer): the withholder's notice and the sheets for its employees.

    Raises NoticeMismatch where a sheet is of nobody on the list, or tells another amount than the list.
    """

    notice: WithholderNotice
    sheets: tuple[WithheldTaxpayerNotice, ...] = ()

    def __post_init__(self) -> None:
        listed = {row.notice_no: row for row in self.notice.employees}
        for sheet in self.sheets:
            if listed.get(sheet.employee.notice_no) != sheet.employee:
                raise NoticeMismatch(f"通知番号{sheet.employee.notice_no}の納税義務者用と一覧の内容が一致しません。")


def notice_records(
    notice: WithholderNotice,
    *,
    municipality_code: str,
    breakdowns: Mapping[str, WithheldTaxpayerNotice] | None = None,
    electronic_to_taxpayer: bool = False,
) -> list[dict[str, Any]]:
    """特別徴収税額通知データ (one record of `local_tokucho_tsuchi` for each employee, from the rows of the paper).

    `breakdowns`: employee's notices by notice number; where given, the taxpayer columns are filled from them.
    An employee without a printed address (protected) has none here either.
    """
    records = []
    for row in notice.employees:
        record: dict[str, Any] = {
            "tax_year": notice.tax_year,
            "notice_kind": "2" if notice.is_change else "1",
            "notice_no": row.notice_no,
            "notice_on": notice.issued_on,
            "municipality_code": municipality_code,
            "designation_no": notice.designation_no,
            "payer_name": notice.addressee.name,
            "person_no": row.person_no,
            "employee_no": row.employee_no,
            "name": row.name,
            "kana": row.kana,
            "address": row.address,
            "old_annual": row.old_annual_yen,
            "annual": row.annual_yen,
            "change_from": notice.change_from_month,
            "remarks": row.remarks,
            "to_taxpayer_electronic": "1" if electronic_to_taxpayer else "0",
        }
        record |= {f"m{month:02d}": yen for month, yen in zip(MONTHS, row.months, strict=True)}
        paper = (breakdowns or {}).get(row.notice_no)
        if paper is not None:
            record |= {
                "city_income": paper.city_income_yen,
                "city_per_capita": paper.city_per_capita_yen,
                "pref_income": paper.prefecture_income_yen,
                "pref_per_capita": paper.prefecture_per_capita_yen,
                "forest": paper.forest_yen,
                "shortfall": paper.shortfall_yen,
                "applied": paper.applied_yen,
            }
        records.append({key: value for key, value in record.items() if value not in ("", None)})
    return records
