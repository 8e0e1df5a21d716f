"""What payers, the tax agency and other cities send in January to November: records by the layouts' English names.

Each builder turns means into plain records; `deliveries` packs them into files. Numbers stand on the papers exactly as
the law has it: the payee's and the relatives' on wage and pension reports, the donor's on the one-stop notice.
"""

from collections.abc import Iterator
from datetime import date

import jaconv

from taxsys.city.economy import Claim, Employer, Means, WagePay, wage_income
from taxsys.city.people import Person

# Era digit of reports 315/331 (昭1 大2 明3 平4 令5): not the chronological one.
_REPORT_ERAS: tuple[tuple[str, int, date], ...] = (
    ("5", 2018, date(2019, 5, 1)),
    ("4", 1988, date(1989, 1, 8)),
    ("1", 1925, date(1926, 12, 25)),
    ("2", 1911, date(1912, 7, 30)),
)


def report_birth(day: date) -> dict[str, str]:
    """Birth date in the four columns of reports 315 and 331."""
    for code, offset, start in _REPORT_ERAS:
        if day >= start:
            return {
                "birth_era": code,
                "birth_yy": f"{day.year - offset:02d}",
                "birth_mm": f"{day.month:02d}",
                "birth_dd": f"{day.day:02d}",
            }
    return {"birth_era": "3", "birth_yy": f"{day.year - 1867:02d}", "birth_mm": f"{day.month:02d}",
            "birth_dd": f"{day.day:02d}"}  # fmt: skip


def half_kana(text: str) -> str:
    """Half-width kana as reports carry it."""
    return jaconv.z2h(text.replace("　", " "), kana=True, digit=True, ascii=True)


def disc_safe(text: str) -> str:
    """The name as a payer's software writes it: characters outside CP932 replaced by their common form."""
    return text.replace("𠮷", "吉").replace("𣘺", "橋")


def wage_report(pay: WagePay, means: Means, *, municipality_code: str, filing_kind: str = "0") -> dict[str, str]:
    """給与支払報告書(個人別明細書), document 315, of one employment."""
    person = means.person
    record = {
        "document_code": "315",
        "payer_address": pay.employer.address,
        "payer_name": pay.employer.name,
        "filing_kind": filing_kind,
        "year_wareki": "07",
        "payee_address": disc_safe(person.address)[:60],
        "payee_name": disc_safe(person.name),
        "pay_kind": "給料・賞与",
        "pay_amount": str(pay.paid_yen),
        "withheld_tax": str(pay.withheld_yen),
        "payer_number": pay.employer.corporate_no,
        "payee_my_number": person.number,
        "payee_kana": half_kana(person.kana),
        "employee_no": pay.employee_no,
        "municipality_code": municipality_code,
        "designation_no": pay.employer.designation_no,
        "output_kind": "2" if pay.paid_yen > 300_000 else "1",
        "extension_end": "1",
        **report_birth(person.birth_on),
    }
    if pay.left_on:
        record |= {
            "midyear_kind": "2",
            "midyear_yy": "07",
            "midyear_mm": f"{pay.left_on.month:02d}",
            "midyear_dd": "28",
        }
    if not pay.employer.withholds or pay.left_on or not pay.is_main or pay.paid_yen < 930_000:
        record["ordinary_collection"] = "1"
    if pay.is_main:
        record |= _main_pay(pay, means)
    else:
        record["otsu"] = "1"
    return record


def _main_pay(pay: WagePay, means: Means) -> dict[str, str]:
    record: dict[str, str] = {"social_insurance": str(pay.social_yen + means.small_mutual_yen)}
    if not pay.left_on:
        record |= {"pay_after_deduction": str(wage_income(pay.paid_yen)), "basic_deduction": "580000"}
    for name, yen in (
        ("small_mutual_aid", means.small_mutual_yen),
        ("new_life", means.new_life_yen),
        ("old_life", means.old_life_yen),
        ("care_medical", means.care_medical_yen),
        ("quake_ins_deduction", min(means.quake_yen, 50_000)),
    ):
        if yen:
            record[name] = str(yen)
    if means.person.is_disabled:
        record["self_disabled_other"] = "1"
    if means.is_single_parent:
        record["single_parent"] = "1"
    elif means.person.is_widowed and means.total_income_yen <= 5_000_000:
        record["widow"] = "1"
    return record | wage_claim(means.claim)


def wage_claim(claim: Claim) -> dict[str, str]:
    """Relatives of the pay slip: counts by class, names and numbers of the first four of each kind."""
    ages = [(person, _age_for_tax(person)) for person in claim.dependants]
    counts = {
        "dep_specific_main": sum(19 <= age <= 22 for _, age in ages),
        "dep_elderly_main": sum(age >= 70 for _, age in ages),
        "dep_elderly_cohabit": sum(age >= 70 for _, age in ages),
        "dep_other_main": sum(not 19 <= age <= 22 and age < 70 for _, age in ages),
        "under16": len(claim.under16),
        "specified_relative_count": len(claim.specific_relatives),
        "disabled_other": sum(person.is_disabled for person in [*claim.dependants, *claim.under16]),
    }
    record = {name: str(count) for name, count in counts.items() if count}
    if claim.spouse:
        record |= {
            "spouse_code": "1" if claim.spouse_income_yen <= 580_000 else "2",
            "spouse_income": str(claim.spouse_income_yen),
            "spouse_kana": half_kana(claim.spouse.kana),
            "spouse_name": disc_safe(claim.spouse.name),
            "spouse_resident_kind": "00",
            "spouse_my_number": claim.spouse.number,
        }
        if _age_for_tax(claim.spouse) >= 70 and claim.spouse_income_yen <= 580_000:
            record["elderly_spouse"] = "1"
    record |= _relatives("dep", claim.dependants) | _relatives("u16_", claim.under16)
    return record | specified_relatives(claim)


def specified_relatives(claim: Claim) -> dict[str, str]:
    """特定親族 of the local edition: name, number, birth and the income that decides the deduction."""
    record: dict[str, str] = {}
    for position, (person, income_yen) in enumerate(claim.specific_relatives[:2], start=1):
        record |= {
            f"sr{position}_name": disc_safe(person.name),
            f"sr{position}_my_number": person.number,
            f"sr{position}_birth": person.birth_on.isoformat(),
            f"sr{position}_income": str(income_yen),
        }
    return record


def _relatives(prefix: str, persons: list[Person]) -> dict[str, str]:
    record: dict[str, str] = {}
    for position, person in enumerate(persons[:4], start=1):
        record |= {
            f"{prefix}{position}_kana": half_kana(person.kana),
            f"{prefix}{position}_name": disc_safe(person.name),
            f"{prefix}{position}_kind": "00",
            f"{prefix}{position}_my_number": person.number,
        }
    return record


def _age_for_tax(person: Person, income_year: int = 2025) -> int:
    """Age on 31 December as the tax laws count it: a 1 January child is a year older the day before."""
    return income_year - person.birth_on.year + ((person.birth_on.month, person.birth_on.day) == (1, 1))


def pension_report(means: Means, *, municipality_code: str) -> dict[str, str]:
    """公的年金等支払報告書, document 331, of the one pension payer of the city."""
    person = means.person
    record = {
        "document_code": "331",
        "payer_address": "東京都杉並区高井戸西三丁目５番２４号",
        "payer_name": "合成年金機構",
        "filing_kind": "0",
        "year_wareki": "07",
        "payee_address": disc_safe(person.address)[:60],
        "payee_name": disc_safe(person.name),
        "a1_paid": str(means.pension_yen),
        "a1_tax": str(max(0, means.pension_yen - 2_000_000) // 20),
        "social_insurance": str(means.pension_social_yen),
        "payee_kana": half_kana(person.kana),
        "employee_no": f"N{person.index:09d}",
        "municipality_code": municipality_code,
        "payee_my_number": person.number,
        "extension_end": "1",
        **report_birth(person.birth_on),
    }
    if person.is_disabled:
        record["self_disabled_other"] = "1"
    if means.claim.spouse and means.claim.spouse_income_yen <= 580_000:
        record["spouse_code"] = "1"
    elderly = sum(_age_for_tax(relative) >= 70 for relative in means.claim.dependants)
    others = len(means.claim.dependants) - elderly
    specific = sum(19 <= _age_for_tax(relative) <= 22 for relative in means.claim.dependants)
    counts = {
        "dep_elderly": elderly,
        "dep_other": others - specific,
        "dep_specific": specific,
        "under16": len(means.claim.under16),
    }
    return record | {name: str(count) for name, count in counts.items() if count}


def submission_summary(
    employer: Employer, records: list[dict[str, str]], *, municipality_code: str, filed_on: date
) -> dict[str, str]:
    """総括表 of one employer for the detail records it hands in."""
    left = sum(record.get("midyear_kind") == "2" and record.get("ordinary_collection") == "1" for record in records)
    ordinary = sum(record.get("ordinary_collection") == "1" for record in records) - left
    electronic = "1" if not employer.is_small else "2"
    return {
        "income_year": "2025",
        "filing_kind": "0",
        "scope": "1",
        "municipality_code": municipality_code,
        "designation_no": employer.designation_no,
        "payer_number": employer.corporate_no,
        "payer_kana": employer.kana,
        "payer_name": employer.name,
        "zip": "0700031",
        "address": employer.address,
        "total_employees": str(max(len(records), employer.headcount)),
        "count_special": str(len(records) - left - ordinary),
        "count_ordinary_left": str(left),
        "count_ordinary_other": str(ordinary),
        "count_total": str(len(records)),
        "notice_to_payer": electronic,
        "notice_to_taxpayer": electronic,
        "mail": f"tax{employer.index}@payer.example" if electronic == "1" else "",
        "filed_on": filed_on.isoformat(),
    }


def onestop_notices(all_means: Iterator[Means], *, municipality_code: str, notice_on: date) -> Iterator[dict[str, str]]:
    """申告特例通知書 of every donor who files no return; one notice a donor, from a fictional donee city."""
    for serial, means in enumerate((m for m in all_means if m.hometown_donation_yen), start=1):
        # One donor in twenty also files a return: the notice must then be disregarded (附則7条).
        if means.files_return and means.person.index % 20:
            continue
        person = means.person
        yield {
            "donation_year": "2025",
            "from_municipality": "452025",
            "to_municipality": municipality_code,
            "serial": f"{serial:010d}",
            "kind": "1",
            "my_number": person.number,
            "name": person.name,
            "kana": person.kana,
            "address": person.address,
            "birth": person.birth_on.isoformat(),
            "sex": person.sex,
            "amount": str(means.hometown_donation_yen),
            "applications": "1",
            "changed": "0",
            "notice_on": notice_on.isoformat(),
        }
