"""前年度(令和7年度)の課税 of the synthetic city, as the former system hands it over: one line a taxpayer.

Derived from the same people: pay a little different, relatives a year younger, some not yet here, some gone since. The
figures are those of the former system's own program (`legacy_tax`).
"""

from collections.abc import Iterator
from datetime import date
from random import Random

from taxsys.city.deliveries import CityFile
from taxsys.city.economy import CityEconomy, Means
from taxsys.city.legacy_tax import figures
from taxsys.city.names import FEMALE_NAMES, MALE_NAMES, SURNAMES, TOWNS
from taxsys.platform.files import layouts

LAYOUT = "local_zennendo_kazei"
# Shares of the people: not here a year ago; gone since (of the size of the city); relatives written down otherwise.
NEW_SHARE, GONE_SHARE, OTHER_FAMILY_SHARE = 0.02, 0.015, 0.03
COUNTED = (
    "dependants_under_16", "dependants_general", "dependants_specific", "dependants_elderly",
    "dependants_elderly_coresident", "disabled_relatives",
)  # fmt: skip
FACTS = (
    "is_minor", "is_age_65", "disability_code", "is_widow", "single_parent_code", "salary_receipts_yen",
    "pension_receipts_yen", "business_income_yen", "real_estate_income_yen", "dividend_income_yen",
    "misc_other_income_yen", "has_spouse", "spouse_income_yen", "is_spouse_elderly", *COUNTED,
    "has_dependant_under_23", "medical_paid_yen", "social_insurance_yen", "small_business_mutual_yen",
    "life_general_new_yen", "life_general_old_yen", "life_care_yen", "earthquake_yen",
)  # fmt: skip


def legacy_file(economy: CityEconomy, *, arrives_on: date) -> CityFile:
    """The take-over file of last year's decisions in the local layout."""
    chosen = layouts.get(LAYOUT)
    content = chosen.write(legacy_records(economy))
    name = f"zennendo_kazei_{economy.income_year}.csv"
    return CityFile(name, LAYOUT, chosen.edition, "旧税務システム", "internal", arrives_on, content)


def legacy_records(economy: CityEconomy) -> Iterator[dict[str, str]]:
    """Lines of the file: those who still live here, then those gone since."""
    people, year = economy.people, economy.income_year
    serial = 0
    for means in economy.all_means():
        draw = Random(f"legacy/{people.seed}/{people.size}/{means.person.index}")
        has_papers = bool(means.wages or means.pension_yen or means.files_return)
        if not has_papers or draw.random() < NEW_SHARE:
            continue
        serial += 1
        person = means.person
        head = {"person_no": person.person_no, "name": person.name, "kana": person.kana,
                "birth": person.birth_on.isoformat(), "sex": person.sex, "address": person.address,
                "state": "1"}  # fmt: skip
        yield _line(head, _facts_of(means, draw, year - 1), year, serial)
    for number in range(1, int(people.size * GONE_SHARE) + 1):
        draw = Random(f"legacy/gone/{people.seed}/{people.size}/{number}")
        yield _line(_gone_person(number, draw, year), _gone_facts(draw), year, serial + number)


def _line(head: dict[str, str], facts: dict[str, int], tax_year: int, serial: int) -> dict[str, str]:
    known = dict.fromkeys(FACTS, 0) | facts
    numbers = {name: str(known[name]) for name in FACTS} | {
        f"legacy_{name}": str(yen) for name, yen in figures(known).items()
    }
    return {"tax_year": str(tax_year), **head, "notice_no": f"K{tax_year % 100:02d}{serial:08d}",
            "decided_on": date(tax_year, 6, 2).isoformat(), **numbers}  # fmt: skip


def _facts_of(means: Means, draw: Random, income_year: int) -> dict[str, int]:
    """A year ago: what the person had then, from what the person has now."""
    person = means.person
    pay = draw.randint(940, 1030)
    trade = draw.randint(700, 1200)
    keeps = draw.random() < 0.8
    facts = {
        "is_minor": int(person.birth_on >= date(income_year + 1 - 18, 1, 3)),
        "is_age_65": int(_age(person.birth_on, income_year) >= 65),
        "disability_code": int(person.is_disabled),
        "single_parent_code": (2 if person.sex == "1" else 1) * int(means.is_single_parent),
        "is_widow": int(person.is_widowed and not means.is_single_parent),
        "salary_receipts_yen": means.wage_yen * pay // 1000,
        "pension_receipts_yen": means.pension_yen * 981 // 1000 * int(_age(person.birth_on, income_year) >= 60),
        "business_income_yen": means.business_income_yen * trade // 1000,
        "real_estate_income_yen": max(0, means.real_estate_income_yen) * trade // 1000,
        "dividend_income_yen": means.dividend_yen,
        "misc_other_income_yen": means.misc_income_yen,
        "medical_paid_yen": means.medical_yen if draw.random() < 0.3 else 0,
        "social_insurance_yen": (sum(one.social_yen for one in means.wages) * pay // 1000
                                 + means.pension_social_yen + means.national_health_yen),
        "small_business_mutual_yen": means.small_mutual_yen,
        "life_general_new_yen": means.new_life_yen if keeps else 0,
        "life_general_old_yen": means.old_life_yen,
        "life_care_yen": means.care_medical_yen if keeps else 0,
        "earthquake_yen": means.quake_yen,
    }  # fmt: skip
    return facts | _family(means, draw, income_year)


def _family(means: Means, draw: Random, income_year: int) -> dict[str, int]:
    claim = means.claim
    counts = dict.fromkeys(COUNTED, 0)
    relatives = [*claim.dependants, *claim.under16, *(one for one, _ in claim.specific_relatives)]
    if relatives and draw.random() < OTHER_FAMILY_SHARE:
        relatives = relatives[1:]
    ages = [_age(one.birth_on, income_year) for one in relatives]
    for one, age in zip(relatives, ages, strict=True):
        if age < 0:
            continue
        name = ("dependants_under_16" if age < 16 else "dependants_specific" if 19 <= age <= 22
                else "dependants_elderly_coresident" if age >= 70 else "dependants_general")  # fmt: skip
        counts[name] += 1
        counts["disabled_relatives"] += int(one.is_disabled)
    family = counts | {"has_dependant_under_23": int(any(0 <= age < 23 for age in ages))}
    if claim.spouse:
        family |= {
            "has_spouse": 1,
            "spouse_income_yen": claim.spouse_income_yen,
            "is_spouse_elderly": int(_age(claim.spouse.birth_on, income_year) >= 70),
        }
    return family


def _age(birth_on: date, income_year: int) -> int:
    """Age on 31 December as the tax laws count it."""
    return income_year - birth_on.year + ((birth_on.month, birth_on.day) == (1, 1))


def _gone_person(number: int, draw: Random, tax_year: int) -> dict[str, str]:
    surname = draw.choices(SURNAMES, [weight for *_, weight in SURNAMES])[0]
    sex = draw.choice("12")
    given = draw.choice(MALE_NAMES if sex == "1" else FEMALE_NAMES)
    town = draw.choice(TOWNS)
    is_dead = draw.random() < 0.35
    return {
        "person_no": f"R9{number:013d}",
        "name": f"{surname[0]}　{given[0]}",
        "kana": f"{surname[1]}　{given[1]}",
        "birth": date(tax_year - draw.randint(25, 95), draw.randint(1, 12), draw.randint(2, 28)).isoformat(),
        "sex": sex,
        "address": f"北海道旭川市{town[1]}{draw.randint(1, 40)}番{draw.randint(1, 30)}号",
        "state": "3" if is_dead else "2",
        "left_on": date(tax_year, draw.randint(4, 12), draw.randint(1, 28)).isoformat(),
    }


def _gone_facts(draw: Random) -> dict[str, int]:
    pay = draw.randint(1_200_000, 7_000_000)
    return {"salary_receipts_yen": pay, "social_insurance_yen": pay * 146 // 1000}
