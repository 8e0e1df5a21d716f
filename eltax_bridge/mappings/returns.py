"""所得税確定申告書 (KOA020): tags of the form → content of a tax return in our words.

The leaf 特親 (ABY00253) is read as the relative's total income in yen; the official meaning of its code is not public
[P], so a city that learns it changes this one table.
"""

from collections.abc import Mapping
from datetime import date
from typing import Any

from eltax_bridge.mappings.reports import MappedReport

RETURN_YEN = {
    "ABB00080": "wage_yen",
    "ABB00100": "pension_yen",
    "ABB00300": "business_income_yen",
    "ABB00320": "farm_income_yen",
    "ABB00340": "real_estate_income_yen",
    "ABB00350": "interest_income_yen",
    "ABB00360": "dividend_income_yen",
    "ABB01090": "misc_business_income_yen",
    "ABB01120": "misc_other_income_yen",
    "ABB00410": "total_income_yen",
    "ABB00440": "medical_deduction_yen",
    "ABB00450": "social_insurance_yen",
    "ABB00460": "small_mutual_yen",
    "ABH00215": "life_general_new_yen",
    "ABH00220": "life_general_old_yen",
    "ABH00235": "life_care_yen",
    "ABH00225": "life_annuity_new_yen",
    "ABH00230": "life_annuity_old_yen",
    "ABH00250": "earthquake_yen",
    "ABH00260": "old_long_insurance_yen",
    "ABI00240": "hometown_donation_yen",
    "ABI00270": "prefecture_donation_yen",
    "ABI00280": "city_donation_yen",
    "ABB00780": "spouse_income_yen",
}
_DIVIDEND_TAXES = ("ABI00104", "ABI00106")
_SPOUSE = {"name": "ABY00020", "number": "ABY00030", "birth": "ABY00040"}
_RELATIVE = {"name": "ABY00160", "number": "ABY00170", "relation": "ABY00180", "birth": "ABY00190"}


def national_return(values: Mapping[str, Any], index: Mapping[str, Any]) -> MappedReport:
    """One parsed form with the index line that came with it (layout `local_kokuzei_index`)."""
    content: dict[str, Any] = {}
    for tag, ours in RETURN_YEN.items():
        yen = _yen(values.get(tag))
        if yen:
            content[ours] = yen
    dividend_tax = sum(_yen(values.get(tag)) for tag in _DIVIDEND_TAXES)
    if dividend_tax:
        content["withheld_dividend_tax_yen"] = dividend_tax
    for tag, ours in (("ABH00365", "is_single_parent"), ("ABH00340", "is_widow"), ("ABH00370", "is_working_student")):
        if values.get(tag) is not None:
            content[ours] = 1
    if values.get("ABI00010") == "2":
        content["is_ordinary_collection"] = 1
    relatives, numbers = _relatives(values)
    birth = values.get("ABA00200") or index.get("birth")
    return MappedReport(
        content=content,
        name=str(values.get("ABA00140") or index.get("name") or ""),
        name_kana=str(values.get("ABA00130") or index.get("kana") or ""),
        birth_on=birth if isinstance(birth, date) else None,
        address=str(values.get("ABA00120") or index.get("address_jan1") or ""),
        business_key=f"KOA020:{index.get('income_year')}:{index.get('payload')}"[:120],
        filing_kind="0",
        number=values.get("ABA00125") or index.get("my_number") or None,
        tax_year=int(index["income_year"]) + 1,
        relatives=relatives,
        relative_numbers=numbers,
    )


def _yen(value: Any) -> int:
    """Sum of a box that may repeat; empty is 0."""
    if value is None or value == "":
        return 0
    if isinstance(value, list):
        return sum(_yen(one) for one in value)
    return int(str(value).replace(",", ""))


def _listed(value: Any) -> list[Any]:
    if value is None:
        return []
    return value if isinstance(value, list) else [value]


def _iso(value: Any) -> str:
    return value.isoformat() if isinstance(value, date) else ""


def _relatives(values: Mapping[str, Any]) -> tuple[list[dict[str, Any]], list[str | None]]:
    """Spouse first, then the listed relatives in the order of the form; incomes of 特親 belong to the last of them."""
    found: list[dict[str, Any]] = []
    numbers: list[str | None] = []
    for name in _listed(values.get(_SPOUSE["name"]))[:1]:
        found.append({"role": "spouse", "name": str(name), "birth_on": _iso(values.get(_SPOUSE["birth"]))})
        numbers.append(values.get(_SPOUSE["number"]) or None)
    names = _listed(values.get(_RELATIVE["name"]))
    births = _listed(values.get(_RELATIVE["birth"]))
    listed_numbers = _listed(values.get(_RELATIVE["number"]))
    relations = _listed(values.get(_RELATIVE["relation"]))
    incomes = [_yen(one) for one in _listed(values.get("ABY00253"))]
    for position, name in enumerate(names):
        relative = {
            "role": "dependant",
            "name": str(name),
            "birth_on": _iso(births[position]) if position < len(births) else "",
            "relation": str(relations[position]) if position < len(relations) else "",
        }
        if position >= len(names) - len(incomes):
            relative["role"] = "specific_relative"
            relative["income_yen"] = incomes[position - (len(names) - len(incomes))]  # type: ignore[assignment]
        found.append(relative)
        numbers.append(listed_numbers[position] if position < len(listed_numbers) else None)
    return found, numbers
