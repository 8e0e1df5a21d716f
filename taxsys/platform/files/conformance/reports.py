"""Cases of the statutory reports, the withholding notice and the pension exchange."""

import csv
from collections.abc import Callable, Mapping
from typing import Any

from taxsys.kernel import checkdigits
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import FileRefused, FilesError
from taxsys.platform.files.payloads import pension_exchange, relations, statutory

Given = Mapping[str, Any]


def _structure(name: str, given: Given) -> dict[str, Any]:
    try:
        layout = layouts.get(name, str(given["edition"]))
    except FilesError:
        return {"error": "edition_unknown"}
    places = {one.name: one.seq for one in layout.data_fields}
    return {"items": len(layout.data_fields), "item1": layout.options["fixed_first"], "positions": places}


def structure_315(given: Given) -> dict[str, Any]:
    """Items and places of an edition of report 315."""
    return _structure("kyuho_315", given)


def structure_331(given: Given) -> dict[str, Any]:
    """Items and places of an edition of report 331."""
    return _structure("nenpo_331", given)


def decode_report(line: str) -> dict[str, Any]:
    """One line of a report; its edition follows from its number of items."""
    raw = line.rstrip("\r\n")
    cells = next(csv.reader([raw]), [])
    try:
        layout = statutory.edition_of(raw.encode("cp932"))
        if layout.options.get("last_item_required") and not cells[-1].strip():
            return {"accept": False, "error": "last_item_empty"}
        parsed = layout.parse(raw.encode("cp932") + b"\r\n")
    except (FilesError, UnicodeEncodeError) as error:
        return {"accept": False, "error": "format", "why": str(error)}
    if parsed.errors:
        return {"accept": False, "error": parsed.errors[0].code, "why": parsed.errors[0].message_ja}
    record = parsed.records[0]
    wrong = statutory.number_warnings(parsed, record)
    found: dict[str, Any] = {
        key: value.isoformat() if hasattr(value, "isoformat") else value for key, value in record.values.items()
    }
    found["accept"] = True
    found["birth"] = found.pop("birth_on", None)
    found |= _number_checks(found, wrong)
    prefixes = parsed.info.get("transport_prefixes", {})
    if record.line_no in prefixes:
        found["transport_prefix"] = prefixes[record.line_no]
    return found


def _number_checks(values: Given, wrong: set[str]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "payee_my_number" in wrong or values.get("payee_my_number"):
        found["payee_my_number_valid"] = "payee_my_number" not in wrong
    if "payer_number" in wrong or values.get("payer_number"):
        found["payer_number_valid"] = "payer_number" not in wrong
    if any(name.endswith("my_number") for name in wrong):
        found["warning"] = "my_number_check_digit"
    elif "payer_number" in wrong:
        found["warning"] = "payer_number_check_digit"
    elif "municipality_code" in wrong:
        found["warning"] = "municipality_code_check_digit"
    return found


def filing_kinds(lines: list[Given]) -> list[str]:
    """Meaning of each filing kind by its channel."""
    found = []
    for one in lines:
        try:
            found.append(statutory.filing_kind(str(one["value"]), channel=one["channel"]))
        except statutory.UnknownFilingKind:
            found.append("error:unknown_code")
    return found


def apply(lines: list[Given]) -> dict[str, Any]:
    """What a row of filings of one person came to."""
    try:
        found = statutory.apply(lines)
    except statutory.UnknownFilingKind:
        return {"error": "unknown_code"}
    return {
        "steps": found.steps,
        "history_rows": len(found.history),
        "live_rows": 0 if found.live is None else 1,
    }


def document_codes(codes: list[str]) -> dict[str, Any]:
    """Words of each document code."""
    return {code: statutory.document_class(code) or "error:unknown_code" for code in codes}


def summary_totals(given: Given) -> dict[str, Any]:
    """Whether a summary sheet adds up and agrees with its detail lines."""
    problem = relations.first_of(relations.wage_report_summary(given, details=given.get("details")))
    return {"accept": True} if problem is None else {"accept": False, "error": problem}


def notice_totals(given: Given) -> dict[str, Any]:
    """Whether twelve months make the year."""
    problem = relations.first_of(relations.withholding_notice(given))
    return {"accept": True} if problem is None else {"accept": False, "error": problem}


def pension_structure(given: Given) -> dict[str, Any]:
    """Length and place of 各種区分 of a record."""
    try:
        found = pension_exchange.structure(given["record"])
    except KeyError:
        return {"error": "format"}
    return {
        "bytes": found.record_bytes,
        "kubun_byte_offset0": found.kubun_byte_offset,
        "kubun_char_offset0_after_decode": found.kubun_char_offset,
        "chars_after_decode": found.chars_after_decode,
    }


def pension_file(given: Given) -> dict[str, Any]:
    """A pension exchange file, accepted or refused as a whole."""
    try:
        parsed = pension_exchange.read(b"".join(bytes.fromhex(one) for one in given["records_hex"]))
    except FileRefused as refusal:
        return {"accept": False, "error": f"trailer_{refusal.field}" if refusal.field else "format"}
    head = parsed.header or {}
    found: dict[str, Any] = {
        "accept": True,
        "municipality5": head["municipality5"],
        "notice": head["notice"],
        "count": len(parsed.records),
        "names": [one.values["kanji_name"] for one in parsed.records],
    }
    return found | {f"amount{n}": parsed.total(f"amount{n}") for n in (1, 2, 3)}


def expand(five: str) -> dict[str, Any]:
    """Six-digit municipality code."""
    try:
        return {"six": checkdigits.municipality_code6(five)}
    except ValueError:
        return {"error": "format"}


OPS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("kyuho.315", "structure"): structure_315,
    ("nenpo.331", "structure"): structure_331,
    ("kyuho.315", "decode"): decode_report,
    ("nenpo.331", "decode"): decode_report,
    ("kyuho.315", "filing_kind"): filing_kinds,
    ("nenpo.331", "filing_kind"): filing_kinds,
    ("kyuho.315", "apply"): apply,
    ("nenpo.331", "apply"): apply,
    ("hotei.document_code", "classify"): document_codes,
    ("kyuho.summary17", "totals"): summary_totals,
    ("tokucho.notice", "totals"): notice_totals,
    ("nenkin.500", "structure"): pension_structure,
    ("nenkin.500", "decode_file"): pension_file,
    ("nenkin.municipality5", "expand"): expand,
}
