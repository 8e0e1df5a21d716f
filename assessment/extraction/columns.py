"""抽出できる列 (the fixed view): every column by code, with its kind and its SQL; nothing else can be asked.

Sources: d decision in force, r result, f facts, b party, t frozen population, s collection shares, `%(hidden)s` the
people whose address nobody may infer (支援措置): their district is empty, so no condition on it can find them.
No number, name key or birth date is in the list.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from assessment.models import DecisionCause

Kind = Literal["yen", "count", "flag", "code", "text", "date", "shown"]


@dataclass(frozen=True, slots=True)
class ViewColumn:
    """One column. `shown` columns are filled in after the query (name, address) and take no condition."""

    code: str
    title_ja: str
    kind: Kind
    sql: str
    choices: tuple[tuple[str, str], ...] = ()

    @property
    def takes_condition(self) -> bool:
        """Whether people may be chosen and sorted by it."""
        return self.kind != "shown"


def _results(*pairs: tuple[str, str], kind: Kind = "yen", table: str = "r") -> tuple[ViewColumn, ...]:
    return tuple(ViewColumn(name, title, kind, f"{table}.{name}") for name, title in pairs)


PERSON_NO, NAME, ADDRESS = "person_no", "name", "address"
_PERSON = (
    ViewColumn(PERSON_NO, "宛名番号", "text", "b.person_no"),
    ViewColumn(NAME, "氏名", "shown", "NULL"),
    ViewColumn(ADDRESS, "住所", "shown", "NULL"),
    ViewColumn("age", "年齢(1月1日)", "count",
               "extract(year FROM age(make_date(%(year)s, 1, 1), t.birth_on))::int"),
    ViewColumn("district", "町字コード", "text",
               "CASE WHEN d.party_id = ANY (%(hidden)s::uuid[]) THEN '' ELSE coalesce(t.town_code, '') END"),
    ViewColumn("is_domiciled", "市内に住所がある", "flag", "f.is_domiciled"),
)  # fmt: skip
_DECISION = (
    ViewColumn("notice_no", "通知書番号", "text", "d.notice_no"),
    ViewColumn("version", "版", "count", "d.version"),
    ViewColumn("cause", "事由", "code", "d.cause",
               tuple((one.value, str(one.label)) for one in DecisionCause)),
    ViewColumn("decided_on", "決定年月日", "date", "d.decided_on"),
)  # fmt: skip
_INCOME = (
    *_results(("salary_receipts_yen", "給与収入"), ("pension_receipts_yen", "公的年金等収入"),
              ("business_income_yen", "営業等所得"), ("real_estate_income_yen", "不動産所得"), table="f"),
    *_results(("salary_income_yen", "給与所得"), ("pension_income_yen", "年金の雑所得"),
              ("separate_income_yen", "分離課税の所得"), ("total_income_yen", "合計所得金額"),
              ("gross_income_yen", "総所得金額等")),
)  # fmt: skip
_DEDUCTIONS = (
    *_results(("social_insurance_yen", "社会保険料控除"), ("hometown_donation_yen", "ふるさと納税の額"), table="f"),
    *_results(("medical_deduction_yen", "医療費控除"), ("life_insurance_deduction_yen", "生命保険料控除"),
              ("spouse_deduction_yen", "配偶者控除"), ("spouse_special_deduction_yen", "配偶者特別控除"),
              ("dependant_deduction_yen", "扶養控除"), ("disability_deduction_yen", "障害者控除"),
              ("basic_deduction_yen", "基礎控除"), ("total_deduction_yen", "所得控除の合計")),
    *_results(("family_heads", "扶養等の人数"), kind="count"),
    *_results(("dependants_under_16", "16歳未満の扶養親族"), kind="count", table="f"),
)  # fmt: skip
_TAX = (
    *_results(("taxable_income_yen", "課税総所得金額"), ("housing_credit_yen", "住宅借入金等特別税額控除"),
              ("donation_credit_city_yen", "寄附金税額控除(市民税)"),
              ("donation_credit_prefecture_yen", "寄附金税額控除(道府県民税)"),
              ("income_levy_city_yen", "所得割(市民税)"), ("income_levy_prefecture_yen", "所得割(道府県民税)"),
              ("per_capita_city_yen", "均等割(市民税)"), ("per_capita_prefecture_yen", "均等割(道府県民税)"),
              ("city_tax_yen", "市民税"), ("prefectural_tax_yen", "道府県民税"), ("forest_tax_yen", "森林環境税")),
    ViewColumn("annual_yen", "年税額", "yen", "d.annual_yen"),
    *_results(("is_exempt_person", "人的非課税"), ("is_liable_per_capita", "均等割の課税対象"),
              ("is_liable_income_levy", "所得割の課税対象"), kind="flag"),
)  # fmt: skip
_COLLECTION = (
    ViewColumn("ordinary_yen", "普通徴収の税額", "yen", "coalesce(s.ordinary_yen, 0)"),
    ViewColumn("wage_yen", "給与特別徴収の税額", "yen", "coalesce(s.wage_yen, 0)"),
    ViewColumn("pension_yen", "年金特別徴収の税額", "yen", "coalesce(s.pension_yen, 0)"),
    ViewColumn("designation_no", "指定番号", "text", "coalesce(s.designation_no, '')"),
)
GROUPS: tuple[tuple[str, tuple[ViewColumn, ...]], ...] = (
    ("本人", _PERSON),
    ("決定", _DECISION),
    ("収入・所得", _INCOME),
    ("所得控除", _DEDUCTIONS),
    ("税額", _TAX),
    ("徴収区分", _COLLECTION),
)
COLUMNS: Mapping[str, ViewColumn] = {one.code: one for _, group in GROUPS for one in group}
