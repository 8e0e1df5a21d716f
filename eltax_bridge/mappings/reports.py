"""給与支払報告書 (315) and 公的年金等支払報告書 (331): layout record → content, relatives and numbers, kept apart."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from taxsys.kernel import kana

WAGE_YEN = {
    "pay_amount": "wage_yen",
    "pay_after_deduction": "wage_after_deduction_yen",
    "withheld_tax": "withheld_tax_yen",
    "prev_pay": "previous_wage_yen",
    "prev_social": "previous_social_yen",
    "social_insurance": "social_insurance_yen",
    "small_mutual_aid": "small_mutual_yen",
    "new_life": "life_general_new_yen",
    "old_life": "life_general_old_yen",
    "care_medical": "life_care_yen",
    "new_pension": "life_annuity_new_yen",
    "old_pension_premium": "life_annuity_old_yen",
    "quake_ins_deduction": "earthquake_deduction_yen",
    "old_nonlife_premium": "old_long_insurance_yen",
    "income_adjustment": "income_adjustment_yen",
    "spouse_income": "spouse_income_yen",
    "dep_specific_main": "dependants_specific",
    "dep_elderly_main": "dependants_elderly",
    "dep_elderly_cohabit": "dependants_elderly_coresident",
    "dep_other_main": "dependants_general",
    "under16": "dependants_under_16",
    "nonresident_relatives": "dependants_abroad",
    "disabled_special": "special_disabled_relatives",
    "disabled_special_cohabit": "special_disabled_coresident_relatives",
    "disabled_other": "disabled_relatives",
}
WAGE_FLAGS = {
    "elderly_spouse": "is_spouse_elderly",
    "widow": "is_widow",
    "single_parent": "is_single_parent",
    "working_student": "is_working_student",
    "otsu": "is_secondary",
    "ordinary_collection": "is_ordinary_collection",
}
PENSION_COUNTS = {
    "social_insurance": "social_insurance_yen",
    "dep_specific": "dependants_specific",
    "dep_elderly": "dependants_elderly",
    "dep_other": "dependants_general",
    "under16": "dependants_under_16",
    "disabled_special": "special_disabled_relatives",
    "disabled_special_cohabit": "special_disabled_coresident_relatives",
    "disabled_other": "disabled_relatives",
}
PENSION_FLAGS = {"widow": "is_widow", "widow_2020": "is_widow", "single_parent": "is_single_parent"}
_PENSION_PARTS = ("a1_paid", "a2_paid", "a3_paid")
_PENSION_TAXES = ("a1_tax", "a2_tax", "a3_tax")
# (prefix of the columns, role); the specified relatives of the local edition carry birth and income too.
_NAMED = (("spouse", "spouse"), *((f"dep{n}", "dependant") for n in range(1, 5)),
          *((f"u16_{n}", "under_16") for n in range(1, 5)),
          *((f"sr{n}", "specific_relative") for n in range(1, 5)))  # fmt: skip


@dataclass(slots=True)
class MappedReport:
    """One report in our words. `number` and the numbers of `relative_numbers` go to the vault and nowhere else."""

    content: dict[str, Any]
    name: str
    name_kana: str
    birth_on: date | None
    address: str
    business_key: str
    filing_kind: str
    number: str | None
    tax_year: int
    designation_no: str = ""
    relatives: list[dict[str, Any]] = field(default_factory=list)
    relative_numbers: list[str | None] = field(default_factory=list)


def wage_report(record: Mapping[str, Any]) -> MappedReport:
    """A 315 record. The business key is payer (designation or corporate number), employee and income year."""
    content = _amounts(record, WAGE_YEN) | _flags(record, WAGE_FLAGS)
    if record.get("spouse_code"):
        content["spouse_code"] = str(record["spouse_code"])
    if record.get("spouse_name"):
        content["has_named_spouse"] = 1
    content |= _disability(record)
    if str(record.get("midyear_kind") or "") == "2":
        content["left_on"] = _left_on(record)
    for name in ("employee_no", "designation_no"):
        if record.get(name):
            content[name] = str(record[name])
    return _report(record, content, payer=str(record.get("designation_no") or record.get("payer_number") or ""))


def pension_report(record: Mapping[str, Any]) -> MappedReport:
    """A 331 record; the parts of 203条の3 are one revenue."""
    content = _amounts(record, PENSION_COUNTS) | _flags(record, PENSION_FLAGS) | _disability(record)
    content["pension_yen"] = sum(int(record.get(name) or 0) for name in _PENSION_PARTS)
    content["withheld_tax_yen"] = sum(int(record.get(name) or 0) for name in _PENSION_TAXES)
    if record.get("spouse_code"):
        content["spouse_code"] = str(record["spouse_code"])
    return _report(record, content, payer=str(record.get("payer_number") or record.get("payer_name") or ""))


def _report(record: Mapping[str, Any], content: dict[str, Any], *, payer: str) -> MappedReport:
    relatives, numbers = _relatives(record)
    incomes = [one["income_yen"] for one in relatives if one["role"] == "specific_relative"]
    if incomes:
        content["specific_relative_incomes_yen"] = incomes
    kana_text = kana.to_full(str(record.get("payee_kana") or ""))
    birth = record.get("birth_on")
    person = str(record.get("employee_no") or "") or f"{kana.strict_key(kana_text)}:{birth}"
    return MappedReport(
        content=content,
        name=str(record.get("payee_name") or ""),
        name_kana=kana_text,
        birth_on=birth if isinstance(birth, date) else None,
        address=str(record.get("payee_address") or ""),
        business_key=f"{record.get('document_code')}:{record.get('year_wareki')}:{payer}:{person}"[:120],
        filing_kind=str(record.get("filing_kind") or "0"),
        number=record.get("payee_my_number") or None,
        tax_year=int(record["income_year"]) + 1,
        designation_no=str(record.get("designation_no") or ""),
        relatives=relatives,
        relative_numbers=numbers,
    )


def _amounts(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {ours: int(record[theirs]) for theirs, ours in names.items() if record.get(theirs) not in (None, "", 0)}


def _flags(record: Mapping[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    return {ours: 1 for theirs, ours in names.items() if str(record.get(theirs) or "0") not in {"", "0"}}


def _disability(record: Mapping[str, Any]) -> dict[str, Any]:
    if str(record.get("self_disabled_special") or "0") == "1":
        return {"disability_code": 2}
    if str(record.get("self_disabled_other") or "0") == "1":
        return {"disability_code": 1}
    return {}


def _left_on(record: Mapping[str, Any]) -> str:
    """ISO day of leaving (令和 years; the column has no era, formats §0.3)."""
    year = 2018 + int(record.get("midyear_yy") or 0)
    return f"{year:04d}-{int(record.get('midyear_mm') or 1):02d}-{int(record.get('midyear_dd') or 1):02d}"


def _relatives(record: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str | None]]:
    found: list[dict[str, Any]] = []
    numbers: list[str | None] = []
    for prefix, role in _NAMED:
        name = record.get(f"{prefix}_name")
        if not name:
            continue
        relative: dict[str, Any] = {
            "role": role,
            "name": str(name),
            "kana": kana.to_full(str(record.get(f"{prefix}_kana") or "")),
        }
        birth = record.get(f"{prefix}_birth")
        if isinstance(birth, date):
            relative["birth_on"] = birth.isoformat()
        if role == "specific_relative":
            relative["income_yen"] = int(record.get(f"{prefix}_income") or 0)
        found.append(relative)
        numbers.append(record.get(f"{prefix}_my_number") or None)
    return found, numbers
