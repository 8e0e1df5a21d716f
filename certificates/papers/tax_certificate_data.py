"""所得・課税証明書のデータ (income and tax certificate, pure). L-CT-01, L-CT-02; N-093."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import Enum

from taxsys.platform.printing.parts import AmountLine, Office


class CertificateKind(Enum):
    """証明の種類 (kind of certificate: title and sentence)."""

    INCOME = "所得証明書"
    TAX = "課税証明書"
    NON_TAXABLE = "非課税証明書"
    INCOME_AND_TAX = "所得課税証明書"


MAX_LINES = 18


@dataclass(frozen=True)
class TaxCertificate:
    """証明書一通 (one certificate).

    `address` is what the disclosure service allows ("" prints the note of `address_note`). `levies` stays empty for
    an income certificate. `income_year` is the year before `tax_year`. At most 18 lines a column.
    `verification`: payload of a check code that the
    issue service really made, "" = none printed.
    """

    kind: CertificateKind
    office: Office
    certificate_no: str
    issued_on: date
    tax_year: int
    name: str
    birth_text: str
    address: str
    incomes: tuple[AmountLine, ...]
    deductions: tuple[AmountLine, ...]
    levies: tuple[AmountLine, ...] = ()
    dependants_text: str = ""
    address_note: str = ""
    remarks: str = ""
    verification: str = ""

    def __post_init__(self) -> None:
        if self.kind is CertificateKind.INCOME and self.levies:
            raise ValueError("所得証明書に税額は記載できません。課税証明書を選んでください。")
        if self.kind is CertificateKind.NON_TAXABLE and any(line.yen for line in self.levies):
            raise ValueError("税額がある年度について非課税証明書は作成できません。")
        if max(len(self.incomes), len(self.deductions), len(self.levies)) > MAX_LINES:
            raise ValueError(f"証明書の各欄は{MAX_LINES}行まで印字できます。")

    @property
    def income_year(self) -> int:
        """所得の年 (calendar year of the incomes)."""
        return self.tax_year - 1
