"""Cases of numbers, dates, characters, CSV, manifests, REST and XML."""

import csv
import io
from collections.abc import Callable, Mapping
from typing import Any

from taxsys.kernel import checkdigits, text, wareki
from taxsys.platform.files import layouts, municipalities
from taxsys.platform.files.codec.xmltree import parse_xml, read_date
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.manifest import manifest_check
from taxsys.platform.files.payloads import el_number, rest_profile, spreadsheet

Given = Mapping[str, Any]


def my_number(number: str) -> dict[str, Any]:
    """Validity and right check digit."""
    found: dict[str, Any] = {"valid": checkdigits.my_number_valid(number)}
    if len(number) == 12 and number.isdigit():
        found["check_digit"] = checkdigits.my_number_check(number[:11])
    return found


def corporate(number: str) -> dict[str, Any]:
    """Validity and right check digit."""
    found: dict[str, Any] = {"valid": checkdigits.corporate_no_valid(number)}
    if len(number) == 13 and number.isdigit():
        found["check_digit"] = checkdigits.corporate_no_check(number[1:])
    return found


def municipality(code: str) -> dict[str, Any]:
    """Validity, right check digit and name of a municipality code."""
    found: dict[str, Any] = {"valid": checkdigits.municipality_code_valid(code)}
    if len(code) == 6 and code.isdigit():
        found["check_digit"] = checkdigits.municipality_check(code[:5])
    if found["valid"] and (name := municipalities.name_of(code)):
        found["name"] = name
    return found


def wareki_encode(day: str) -> dict[str, Any]:
    """Era, year and both seven-digit forms."""
    try:
        value = wareki.from_open_iso(day)
        if value is None:
            return {"error": "invalid"}
        era, year = wareki.era_year(value)
    except wareki.WarekiError as error:
        return {"error": "invalid", "why": error.message_ja}
    return {
        "era": era.name,
        "year": year,
        "chronological_1to5": wareki.to_wareki7(value),
        "hotei_birth": wareki.to_report7(value),
    }


def wareki_decode(seven: str) -> dict[str, Any]:
    """Day of a seven-digit wareki."""
    try:
        day = wareki.from_wareki7(seven)
    except wareki.WarekiError as error:
        return {"error": "invalid", "why": error.message_ja}
    era, year = wareki.era_year(day)
    return {"date": day.isoformat(), "era": era.name, "year": year}


def two_digit_year(given: Given) -> dict[str, Any]:
    """Western year of a two-digit year of an era."""
    try:
        return {"year": wareki.western_year(given["yy"], era=given["era"])}
    except wareki.WarekiError as error:
        return {"error": "invalid", "why": error.message_ja}


def open_range(ends: list[str]) -> dict[str, Any]:
    """Each end as a date or unbounded."""
    found = []
    for end in ends:
        try:
            day = wareki.from_open_iso(end)
        except wareki.WarekiError:
            return {"error": "invalid"}
        found.append("unbounded" if day is None else day.isoformat())
    return dict(zip(("from", "to"), found, strict=True))


def encodable(value: str) -> dict[str, Any]:
    """Which character sets carry the text."""
    return {
        "jis_x0208_shift_jis": text.fits_jis_x0208(value),
        "cp932": text.fits_cp932(value),
        "jis_x0213": text.fits_jis_x0213(value),
        "codepoint": " ".join(text.codepoint_names(value)),
    }


def iso2022jp(value: str) -> dict[str, Any]:
    """Bytes with their shift codes."""
    try:
        raw = text.encode_2022(value)
    except text.UnencodableText as error:
        return {"error": "not_allowed_character", "why": error.message_ja}
    return {"hex": raw.hex(), "bytes": len(raw), "shift_in": raw[:3].hex(), "shift_out": raw[-3:].hex()}


def character_count(given: Given) -> dict[str, Any]:
    """Lengths of a text in every unit, and whether it fits."""
    value = given["text"]
    count = text.character_count(value)
    found = {
        "characters": count,
        "codepoints": len(value),
        "utf16_units": text.utf16_units(value),
        "utf8_bytes": len(value.encode("utf-8")),
    }
    return {**found, "fits": count <= given["max_chars"]} if "max_chars" in given else found


def csv_row(line: str) -> dict[str, Any]:
    """Fields of the first row."""
    try:
        return {"fields": next(csv.reader(io.StringIO(line, newline=""), strict=True), [])}
    except csv.Error:
        return {"error": "format"}


def export_cells(cells: list[str]) -> dict[str, Any]:
    """Cells for a spreadsheet and for an interface."""
    return {"screen_export": [spreadsheet.guarded(cell) for cell in cells], "interface_file": list(cells)}


def manifest_verify(given: Given) -> dict[str, Any]:
    """Whether a file agrees with its manifest."""
    try:
        manifest_check(given["csv"].encode("utf-8"), given["manifest"])
    except FileRefused as refusal:
        return {"accept": False, "error": refusal.field, "code": refusal.code}
    return {"accept": True}


def el_round_trip(given: Given) -> dict[str, Any]:
    """An eL number written and read again."""
    try:
        number = el_number.ElNumber(
            given["municipality_code"], given["item_code"], given["case_key"], given["confirm_no"]
        )
        again = el_number.parse(number.text)
    except el_number.NumberProblem as problem:
        return {"error": problem.code}
    return {"text": number.text, "length": len(number.text)} if again == number else {"error": "format"}


def user_id(value: str) -> dict[str, Any]:
    """Pay-easy number of a portal user id."""
    try:
        return {"number": el_number.payeasy_number(value)}
    except el_number.NumberProblem as problem:
        return {"error": problem.code}


def scope(value: str) -> dict[str, Any]:
    """Parts of a scope."""
    try:
        found = rest_profile.parse_scope(value)
    except rest_profile.ScopeProblem:
        return {"error": "format"}
    return {"business_id": found.business_id, "resource": found.resource, "operation": found.operation}


def responses(answers: list[Given]) -> list[str]:
    """Class of each answer."""
    return [rest_profile.classify(int(one["status"]), str(one.get("code", ""))) for one in answers]


def etax_date(fragment: str) -> dict[str, Any]:
    """Day of an XML date."""
    try:
        return {"date": read_date(parse_xml(fragment.encode("utf-8"))).isoformat()}
    except (wareki.WarekiError, FileRefused, KeyError):
        return {"error": "invalid"}


def koa020(given: Given) -> dict[str, Any]:
    """Name of a tag and size of the tree."""
    layout = layouts.get("koa020", "v23")
    found: dict[str, Any] = {"rows_in_tree": len(layout.data_fields)}
    try:
        found["name"] = layout.field_named(given["tag"]).name_ja
    except KeyError:
        found["error"] = "unknown_tag"
    return found


OPS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("number.my_number", "validate"): my_number,
    ("number.corporate", "validate"): corporate,
    ("number.municipality", "validate"): municipality,
    ("date.wareki7", "encode"): wareki_encode,
    ("date.wareki7", "decode"): wareki_decode,
    ("date.two_digit_year_wareki", "decode"): two_digit_year,
    ("date.open_range", "meaning"): open_range,
    ("text.encoding", "encodable"): encodable,
    ("text.iso2022jp", "encode"): iso2022jp,
    ("da.char_count", "length_check"): character_count,
    ("csv.rfc4180", "decode_row"): csv_row,
    ("csv.formula_guard", "export_cell"): export_cells,
    ("local.manifest", "verify"): manifest_verify,
    ("el.number", "round_trip"): el_round_trip,
    ("eltax.user_id", "to_payeasy_number"): user_id,
    ("rest.scope", "parse"): scope,
    ("rest.response", "classify"): responses,
    ("etax.date", "decode"): etax_date,
    ("etax.koa020", "structure"): koa020,
}
