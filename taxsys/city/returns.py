"""所得税確定申告書 (form KOA020, version 23.0) of the synthetic city as e-Tax XML.

Only the boxes that the person fills in are written; every tag is looked up in the layout table by its number.
"""

from collections.abc import Iterator
from datetime import date
from xml.etree.ElementTree import Element, SubElement, register_namespace, tostring

from defusedxml.ElementTree import fromstring

from taxsys.city.economy import Means
from taxsys.city.people import Person
from taxsys.kernel.wareki import era_year
from taxsys.platform.files import layouts

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
        "ABB00780": means.claim.spouse_income_yen,
    }
    return boxes | {tag: yen for tag, yen in figures.items() if yen}


def social_insurance(means: Means) -> int:
    """社会保険料 paid in the year: from wages, from the pension, and by the person's own hand (yen)."""
    return sum(pay.social_yen for pay in means.wages) + means.pension_social_yen + means.national_health_yen


def return_xml(means: Means) -> bytes:
    """One return as the tax agency delivers it: form boxes by the layout, relatives as repeated branches."""
    root = fromstring(layouts.get("koa020", "v23").write([national_return(means)]))
    form = root if root.tag.endswith("KOA020") else root[0]
    second = next((node for node in form if node.tag.endswith("KOA020-2")), None)
    if second is None:
        second = SubElement(form, _tag("KOA020-2"))
    family = SubElement(second, _tag("ABY00000"))
    for person, kind, income_yen in relatives(means):
        _relative(family, person, kind, income_yen)
    if means.is_single_parent:
        SubElement(SubElement(_branch(second, "ABH00000"), _tag("ABH00320")), _tag("ABH00365"))
    resident_block = SubElement(second, _tag("ABI00000"))
    if means.hometown_donation_yen:
        details = SubElement(SubElement(resident_block, _tag("ABI00080")), _tag("ABI00230"))
        SubElement(details, _tag("ABI00240")).text = str(means.hometown_donation_yen)
    register_namespace("", NAMESPACE)
    register_namespace("gen", GENERAL)
    return tostring(root, encoding="utf-8", xml_declaration=True)


def relatives(means: Means) -> Iterator[tuple[Person, str, int]]:
    """(person, 'spouse' | 'relative' | 'specified', income in yen) as the second table of the return lists them."""
    claim = means.claim
    if claim.spouse:
        yield claim.spouse, "spouse", claim.spouse_income_yen
    for person in [*claim.dependants, *claim.under16]:
        yield person, "relative", 0
    for person, income_yen in claim.specific_relatives:
        yield person, "specified", income_yen


def _relative(family: Element, person: Person, kind: str, income_yen: int) -> None:
    is_spouse = kind == "spouse"
    branch = SubElement(family, _tag("ABY00010" if is_spouse else "ABY00150"))
    SubElement(branch, _tag("ABY00020" if is_spouse else "ABY00160")).text = person.name
    SubElement(branch, _tag("ABY00030" if is_spouse else "ABY00170")).text = person.number
    if not is_spouse:
        SubElement(branch, _tag("ABY00180")).text = "子" if person.relation == "20" else "親"
    _date(SubElement(branch, _tag("ABY00040" if is_spouse else "ABY00190")), person.birth_on)
    if person.is_disabled:
        box = SubElement(branch, _tag("ABY00050" if is_spouse else "ABY00200"))
        SubElement(box, _tag("ABY00060" if is_spouse else "ABY00210"))
    if kind == "specified":
        SubElement(branch, _tag("ABY00253")).text = str(income_yen)


def _branch(parent: Element, name: str) -> Element:
    found = next((node for node in parent if node.tag == _tag(name)), None)
    return SubElement(parent, _tag(name)) if found is None else found


def _tag(name: str) -> str:
    return f"{{{NAMESPACE}}}{name}"


def _date(parent: Element, day: date) -> None:
    """The general date type: chronological era digit, year, month, day as children."""
    era, year = era_year(day)
    for name, value in (("era", era.code), ("yy", year), ("mm", day.month), ("dd", day.day)):
        SubElement(parent, f"{{{GENERAL}}}{name}").text = str(value)
