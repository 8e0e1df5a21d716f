"""The city's banks: who has asked for direct debit, and what the banks answer to a request file of the tax office.

Banks, branches and accounts are invented: no bank has these codes. Every choice comes from a lot made of the seed and
the person or the request, so any order gives the same answer.
"""

from collections.abc import Iterator
from datetime import date
from random import Random
from typing import Any

from taxsys.city.people import CityPeople, Person
from taxsys.kernel import kana
from taxsys.platform.files import layouts

# Invented banks of the city and how many of a hundred people are their customers.
BANKS = {"0990": 50, "0991": 25, "1990": 15, "1991": 10}
BANK_NAMES = {
    "0990": ("見本銀行", "ミホン"), "0991": ("架空銀行", "カクウ"), "1990": ("見本信用金庫", "ミホンシンキン"),
    "1991": ("架空信用組合", "カクウシンクミ"),
}  # fmt: skip
BRANCHES = 120
RESIDENT_TAX = "10"
# Of 1,000 adults: have a mandate for the resident tax, changed their bank this year, ended it.
_MANDATES, _CHANGED, _ENDED = 340, 20, 15
ADULT_AGE = 20


def branch_records() -> Iterator[dict[str, str]]:
    """金融機関の一覧 (layout `local_ginko`): every branch of the invented banks."""
    for bank_code, (name, reading) in BANK_NAMES.items():
        for number in range(1, BRANCHES + 1):
            yield {
                "bank_code": bank_code,
                "branch_code": f"{number:03d}",
                "bank_kana": kana.zengin(reading),
                "bank_name": name,
                "branch_kana": kana.zengin(f"ダイ{number}"),
                "branch_name": f"第{number}支店",
            }


def mandate_records(people: CityPeople) -> Iterator[dict[str, str]]:
    """口座振替申込 (layout `local_koza_irai`) accepted until the spring, by person; some change or end what they had.

    Two lines are faulty, as such lists are: a person nobody knows, and an account without its number.
    """
    serial = 0
    for person in people.persons:
        draw = Random(f"mandate/{people.seed}/{person.person_no}")
        if person.age_on(people.day) < ADULT_AGE or draw.randrange(1000) >= _MANDATES:
            continue
        serial += 1
        first = date(people.tax_year - 1 - draw.randint(0, 9), draw.randint(4, 12), 1)
        number = f"K{serial:09d}"
        yield _line(number, person, draw, first)
        lot = draw.randrange(1000)
        if lot < _CHANGED:
            yield _line(f"{number}-2", person, draw, date(people.tax_year, 4, 1))
        elif lot < _CHANGED + _ENDED:
            yield {**_line(number, person, draw, date(people.tax_year, 4, 1)), "act": "3"}
    stranger = _line("K999999998", people.persons[0], Random(f"mandate/{people.seed}/x"), people.day)
    yield {**stranger, "person_no": "9" * 15}
    yield {**stranger, "mandate_no": "K999999999", "account_number": ""}


def _line(number: str, person: Person, draw: Random, applies_on: date) -> dict[str, str]:
    return {
        "act": "1",
        "mandate_no": number,
        "person_no": person.person_no,
        "tax_kind": RESIDENT_TAX,
        "bank_code": draw.choices(list(BANKS), list(BANKS.values()))[0],
        "branch_code": f"{draw.randint(1, BRANCHES):03d}",
        "account_type": "1",
        "account_number": f"{draw.randint(1, 9_999_999):07d}",
        "holder_kana": kana.zengin_field(person.kana, 30).rstrip(),
        "applies_on": applies_on.isoformat(),
        "accepted_on": applies_on.isoformat(),
    }


def debit_answer(request: bytes, *, seed: int) -> bytes:
    """振替結果: the request file with result codes and the totals of what went through and what did not."""
    layout = layouts.get("zengin_91")
    parsed = layout.parse(request)
    totals = {"ok": [0, 0], "ng": [0, 0]}
    records: list[dict[str, Any]] = []
    for record in parsed.records:
        code = debit_result_code(str(record.values["customer_number"]), seed=seed)
        found = totals["ok" if code == "0" else "ng"]
        found[0] += 1
        found[1] += int(record.values["amount"])
        records.append({**record.values, "result_code": code})
    trailer = {f"{name}_{what}": totals[name][i] for name in totals for i, what in enumerate(("count", "amount"))}
    return layout.write(records, header=parsed.header or {}, trailer=trailer)


def debit_result_code(customer_number: str, *, seed: int) -> str:
    """振替結果コード of one request: most go through, some accounts are empty, a few are closed."""
    lot = Random(f"debit/{seed}/{customer_number}").randrange(1000)
    if lot < 950:
        return "0"
    return "1" if lot < 985 else "2" if lot < 993 else "4"
