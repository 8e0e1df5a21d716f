"""所得税確定申告書 (form KOA020, version 23.0) of the synthetic city as e-Tax XML.

Only the boxes that the person fills in are written; every tag is looked up in the layout table by its number.
"""

from collections.abc import Iterator
from datetime import date
from xml.etree import ElementTree as ET

from taxsys.city.economy import Means
from taxsys.city.people import Person

NAMESPACE = "http://xml.e-tax.nta.go.jp/XSD/shotoku"
GENERAL = "http://xml.e-tax.nta.go.jp/XSD/general"


def national_return(means: Means) -> dict[str, str | date | int]:
    """Boxes of the return by tag number: what the person declares for the income year (yen)."""
    person = means.person
    boxes: dict[str, str | date | int] = {
        "ABA00010": "7",
        "ABA00120": person.address,
        "ABA00125": person.number,
        "ABA00130": person.kana,
        "ABA00140": person.name,
        "ABA00200": person.birth_on,
    }
    figures = {
        "ABB00030": means.business_revenue_yen,
        "ABB00050": means.real_estate_revenue_yen,
        "ABB00070": means.dividend_yen,
        "ABB00080": means.wage_yen,
        "ABB00100": means.pension_yen,
        "ABB00110": means.misc_revenue_yen,
        "ABB00300": means.business_income_yen,
        "ABB00340": means.real_estate_income_yen,
        "ABB00360": means.dividend_yen,
        "ABB00370": means.wage_income_yen,
        "ABB01060": means.pension_income_yen,
        "ABB01120": means.misc_income_yen,
        "ABB00410": means.total_income_yen,
        "ABB00440": max(0, means.medical_yen - min(100_000, means.total_income_yen * 5 // 100)),
        "ABB00450": social_insurance(means),
        "ABB00460": means.small_mutual_yen,
        "ABH00215": means.new_life_yen,
        "ABH00220": means.old_life_yen,
        "ABH00235": means.care_medical_yen,
        "ABH00250": means.quake_yen,
        "ABH00300": means.hometown_donation_yen,
    }
    return boxes | {tag: yen for tag, yen in figures.items() if yen}


def social_insurance(means: Means) -> int:
    """社会保険料 paid in the year: from wages, from the pension, and by the person's own hand (yen)."""
    return sum(pay.social_yen for pay in means.wages) + means.pension_social_yen + means.national_health_yen


def relatives(means: Means) -> Iterator[tuple[Person, str, int]]:
    """(person, 'spouse' | 'relative', income in yen) as the second table of the return lists them."""
    claim = means.claim
    if claim.spouse:
        yield claim.spouse, "spouse", claim.spouse_income_yen
    for person in [*claim.dependants, *claim.under16]:
        yield person, "relative", 0
    for person, income_yen in claim.specific_relatives:
        yield person, "relative", income_yen


def chronological_era(day: date) -> tuple[str, int]:
    """Era digit (明1 大2 昭3 平4 令5) and year, as `gen:era` and `gen:yy` carry them."""
    for code, offset, start in (
        ("5", 2018, date(2019, 5, 1)),
        ("4", 1988, date(1989, 1, 8)),
        ("3", 1925, date(1926, 12, 25)),
        ("2", 1911, date(1912, 7, 30)),
    ):
        if day >= start:
            return code, day.year - offset
    return "1", day.year - 1867


def date_element(parent: ET.Element, day: date) -> None:
    """The general date type: era, year, month, day as children."""
    era, year = chronological_era(day)
    for name, value in (("era", era), ("yy", str(year)), ("mm", str(day.month)), ("dd", str(day.day))):
        ET.SubElement(parent, f"{{{GENERAL}}}{name}").text = value
