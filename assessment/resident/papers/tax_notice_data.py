"""納税通知書のデータ (tax notice of ordinary collection, pure). 地方税法319条の2, 43条; L-PI-05."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from collection.papers.payment_slip_data import PaymentSlip
from taxsys.platform.printing.parts import Addressee, AmountLine, Appeal, Instalment, Office

INCOME_ROWS = (
    ("wage_revenue", "給与収入"),
    ("wage_income", "給与所得"),
    ("pension_revenue", "公的年金等収入"),
    ("pension_income", "公的年金等の雑所得"),
    ("business_income", "営業等所得"),
    ("farm_income", "農業所得"),
    ("real_estate_income", "不動産所得"),
    ("interest_income", "利子所得"),
    ("dividend_income", "配当所得"),
    ("misc_income", "その他の雑所得"),
    ("temporary_income", "総合譲渡・一時所得"),
    ("separate_income", "分離課税の所得"),
    ("loss_carried", "繰越損失"),
    ("total_income", "合計所得金額"),
    ("gross_income_total", "総所得金額等"),
)
DEDUCTION_ROWS = (
    ("casualty", "雑損控除"),
    ("medical", "医療費控除"),
    ("social_insurance", "社会保険料控除"),
    ("small_business_mutual", "小規模企業共済等掛金控除"),
    ("life_insurance", "生命保険料控除"),
    ("earthquake_insurance", "地震保険料控除"),
    ("disability", "障害者控除"),
    ("widow_single_parent", "寡婦・ひとり親控除"),
    ("working_student", "勤労学生控除"),
    ("spouse", "配偶者（特別）控除"),
    ("dependants", "扶養控除"),
    ("special_relative", "特定親族特別控除"),
    ("basic", "基礎控除"),
    ("other", "その他の控除"),
    ("total", "所得控除合計"),
)
LEVY_ROWS = (
    ("taxable", "課税標準額"),
    ("computed_levy", "算出所得割額"),
    ("adjustment_credit", "調整控除額"),
    ("dividend_credit", "配当控除額"),
    ("housing_credit", "住宅借入金等特別税額控除額"),
    ("donation_credit", "寄附金税額控除額"),
    ("foreign_credit", "外国税額控除額"),
    ("withheld_credit", "配当割・株式等譲渡所得割控除額"),
    ("relief", "調整額・定額減税額"),
    ("income_levy", "所得割額"),
    ("per_capita", "均等割額"),
    ("remission", "減免額"),
    ("annual", "年税額"),
)

MAX_INSTALMENTS = 7


class NoticeMismatch(ValueError):
    """通知書の金額の食い違い (figures of one notice that must agree do not); nothing is printed. Names no person."""

    code = "N0001"

    def __init__(self, message_ja: str) -> None:
        super().__init__(message_ja)
        self.message_ja = message_ja


@dataclass(frozen=True)
class Calculation:
    """計算明細 (calculation sheet): yen by row code of INCOME_ROWS, DEDUCTION_ROWS, LEVY_ROWS; absent = blank."""

    incomes: Mapping[str, int]
    deductions: Mapping[str, int]
    city: Mapping[str, int]
    prefecture: Mapping[str, int]
    forest_yen: int
    remarks: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        for given, rows in (
            (self.incomes, INCOME_ROWS),
            (self.deductions, DEDUCTION_ROWS),
            (self.city, LEVY_ROWS),
            (self.prefecture, LEVY_ROWS),
        ):
            unknown = set(given) - {code for code, _ in rows}
            if unknown:
                raise NoticeMismatch(f"計算明細に印字欄のない項目があります: {sorted(unknown)}")


@dataclass(frozen=True)
class TaxNotice:
    """納税通知書一通 (one notice, with its slips).

    `annual_yen` = city + prefecture + forest; `instalments` sum to what is paid by slip or debit
    (`annual_yen` − `wage_withheld_yen` − `pension_withheld_yen` − `already_paid_yen`). `old_annual_yen`: what was told
    before, on a notice of change. `pension_months`: (calendar month, yen) withheld from the pension;
    `next_provisional`: 仮徴収 of the next April, June, August (地方税法321条の7の8), empty where none is to come.
    `paid_yen`: by instalment, what was paid before a change; a slip asks for the rest.
    Raises NoticeMismatch.
    """

    addressee: Addressee
    office: Office
    appeal: Appeal
    notice_no: str
    tax_year: int
    issued_on: date
    taxpayer_name: str
    city_yen: int
    prefecture_yen: int
    forest_yen: int
    instalments: tuple[Instalment, ...]
    calculation: Calculation
    wage_withheld_yen: int = 0
    pension_withheld_yen: int = 0
    pension_months: tuple[tuple[int, int], ...] = ()
    next_provisional: tuple[int, ...] = ()
    already_paid_yen: int = 0
    reason: str = ""
    grounds: str = (
        "地方税法第24条第１項、第294条第１項及び第319条第１項、市税条例並びに"
        "森林環境税及び森林環境譲与税に関する法律第４条の規定"
    )
    debit_text: str = ""
    late_interest_text: str = ""
    slips: tuple[PaymentSlip, ...] = field(default=())
    document_no: str = ""
    old_annual_yen: int | None = None
    paid_yen: tuple[int, ...] = ()

    @property
    def is_change(self) -> bool:
        """税額変更の通知か (whether an earlier notice is changed)."""
        return self.old_annual_yen is not None

    @property
    def annual_yen(self) -> int:
        """年税額 (yen)."""
        return self.city_yen + self.prefecture_yen + self.forest_yen

    @property
    def ordinary_yen(self) -> int:
        """普通徴収の額 (yen billed by this notice)."""
        return self.annual_yen - self.wage_withheld_yen - self.pension_withheld_yen - self.already_paid_yen

    def __post_init__(self) -> None:
        if len(self.instalments) > MAX_INSTALMENTS:
            raise NoticeMismatch(f"期別は{MAX_INSTALMENTS}期まで印字できます。")
        if sum(i.yen for i in self.instalments) != self.ordinary_yen:
            raise NoticeMismatch("期別の合計と普通徴収税額が一致しません。")
        if self.pension_months and sum(yen for _, yen in self.pension_months) != self.pension_withheld_yen:
            raise NoticeMismatch("公的年金からの特別徴収の月別の額の合計が、特別徴収税額と一致しません。")
        if self.calculation.forest_yen != self.forest_yen:
            raise NoticeMismatch("森林環境税の額が計算明細と一致しません。")
        for total, rows in ((self.city_yen, self.calculation.city), (self.prefecture_yen, self.calculation.prefecture)):
            if rows.get("annual", total) != total:
                raise NoticeMismatch("年税額が計算明細と一致しません。")
        if self.paid_yen and len(self.paid_yen) != len(self.instalments):
            raise NoticeMismatch("納付済額は期別ごとに必要です。")
        paid = self.paid_yen or (0,) * len(self.instalments)
        due = {i.label: max(i.yen - yen, 0) for i, yen in zip(self.instalments, paid, strict=True)}
        for slip in self.slips:
            if slip.instalment_label in due and slip.tax_yen != due[slip.instalment_label]:
                raise NoticeMismatch(f"{slip.instalment_label}の納付書の税額が期別税額と一致しません。")

    def breakdown(self) -> tuple[AmountLine, ...]:
        """税額の内訳 (lines of the front page)."""
        return (
            AmountLine("市民税", self.city_yen),
            AmountLine(self.office.prefecture_tax_name, self.prefecture_yen),
            AmountLine("森林環境税（国税）", self.forest_yen),
            AmountLine("年税額", self.annual_yen),
            AmountLine("給与からの特別徴収税額", self.wage_withheld_yen),
            AmountLine("公的年金からの特別徴収税額", self.pension_withheld_yen),
            AmountLine("変更前の年税額", self.old_annual_yen)
            if self.old_annual_yen is not None
            else AmountLine("既に通知した税額", self.already_paid_yen),
            AmountLine("普通徴収税額（この通知書により納める額）", self.ordinary_yen),
        )
