"""Cases of the convenience-store bar code and files, postal lines and the common payment portal."""

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from taxsys.kernel import checkdigits
from taxsys.platform.files import layouts
from taxsys.platform.files.codec.fixed import read_record
from taxsys.platform.files.errors import FilesError
from taxsys.platform.files.payloads import collection_files, common_payment, customer_barcode, gs1_128, postal_ocr

Given = Mapping[str, Any]


def check_digit(body: str) -> dict[str, Any]:
    """Check digit of 43 digits."""
    if len(body) != 43 or not body.isdigit():
        return {"error": "format"}
    digit = checkdigits.gs1_mod10(body)
    return {"check_digit": digit, "full": f"{body}{digit}"}


def decode(digits: str) -> dict[str, Any]:
    """Parts of 44 digits."""
    try:
        found = gs1_128.parse(digits)
    except gs1_128.BarcodeProblem as problem:
        return {"error": problem.code}
    return {
        "ai": gs1_128.AI,
        "issuer_code": found.issuer_code,
        "free_field": found.free_field,
        "reissue": str(found.reissue),
        "due_yymmdd": found.due_yymmdd,
        "stamp_flag": found.stamp_flag,
        "amount": found.amount_yen,
        "check_digit": int(digits[43]),
        "check_digit_ok": True,
    }


def print_text(digits: str) -> dict[str, Any]:
    """The two printed lines; a wrong check digit is not printed."""
    try:
        return {"lines": list(gs1_128.print_lines(digits))}
    except gs1_128.BarcodeProblem as problem:
        return {"error": problem.code}


def encode(given: Given) -> dict[str, Any]:
    """44 digits from parts."""
    due = given.get("due")
    try:
        found = gs1_128.build(
            issuer_code=given["issuer_code"],
            free_field=given["free_field"],
            reissue=int(given.get("reissue", 0)),
            due_on=date.fromisoformat(due) if due and due != gs1_128.NO_LIMIT_DATE else None,
            amount_yen=given["amount"],
            is_tax=bool(given.get("tax", True)),
        )
    except gs1_128.BarcodeProblem as problem:
        return {"error": problem.code, "print": problem.message_ja}
    return {"full": found.digits, "stamp_flag": found.stamp_flag, "check_digit": int(found.digits[-1])}


def symbol_width(given: Given) -> dict[str, Any]:
    """Widest module and the width at 0.1905 mm."""
    shape = {"modules": given["modules_without_quiet"], "quiet_each_side": given["quiet_each_side_modules"]}
    widest = gs1_128.symbol_width(**shape, window_mm=Decimal(str(given["max_mm"])))
    at = gs1_128.width_at(**shape, module_mm=Decimal("0.1905"))
    return {"max_module_mm": float(widest), "at_0_1905mm": float(at)}


def _iso(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def csv_decode(line: str) -> dict[str, Any]:
    """One line of profile C."""
    try:
        found, parsed = collection_files.read(line.encode("cp932") + b"\r\n", profile="c")
    except FilesError as error:
        return {"error": "format", "why": error.message_ja}
    if parsed.errors or not found:
        return {"error": "format", "why": parsed.errors[0].message_ja if parsed.errors else ""}
    one, raw = found[0], parsed.records[0].values
    slices_agree = raw["user1"] == one.barcode[13:19] and raw["user2"] == one.barcode[19:30]
    return {
        "kind": one.kind,
        "meaning": collection_files.MEANINGS.get(one.kind, ""),
        "paid_on": _iso(one.paid_on),
        "paid_at": f"{one.paid_hhmm[:2]}:{one.paid_hhmm[2:]}",
        "barcode": one.barcode,
        "user1": raw["user1"],
        "user2": raw["user2"],
        "amount": one.amount_yen,
        "cvs": one.cvs,
        "store": one.store,
        "stamp_flag": raw["stamp_flag"],
        "transfer_on": _iso(one.transfer_on),
        "created_on": _iso(one.created_on),
        "posts_to_ledger": one.posts_to_ledger,
        "consistent_with_barcode": one.barcode_agrees and slices_agree,
    }


def state(lines: list[Given]) -> dict[str, Any]:
    """State of each bar code after all lines."""
    found = collection_files.states((one["kind"], one["barcode"]) for one in lines)
    return dict(found)


def _fixed(name: str, line: str) -> dict[str, Any]:
    raw = line.rstrip("\r\n").encode("cp932")
    if len(raw) > 120:
        return {"error": "record_length"}
    try:
        found = read_record(layouts.get(name, "v1"), "data", raw.ljust(120))
    except FilesError as error:
        return {"error": "format", "why": error.message_ja}
    return {key: f"{value:%Y%m%d}" if isinstance(value, date) else value for key, value in found.items()}


def fixed_a(line: str) -> dict[str, Any]:
    """A data record of profile A."""
    return _fixed("cvs_120_a", line)


def fixed_b(line: str) -> dict[str, Any]:
    """A data record of profile B."""
    return _fixed("cvs_120_b", line)


def customer(given: Given) -> dict[str, Any]:
    """Symbols of the customer bar code, the check symbol last."""
    try:
        codes = customer_barcode.symbols(given["zip"], given["address_part"])
    except customer_barcode.AddressProblem:
        return {"error": "format"}
    return {"characters": codes, "check": codes[-1]}


def ocr_upper(body: str) -> dict[str, Any]:
    """The two check digits of an upper line."""
    try:
        line = postal_ocr.line_of(body)
    except postal_ocr.OcrProblem:
        return {"error": "format"}
    return {"cd1": int(line[0]), "cd2": int(line[1]), "line": line}


def payments(lines: list[Given]) -> dict[str, Any]:
    """Yen posted from portal lines."""
    found = common_payment.apply(lines)
    return {"posted": found.posted_yen, "duplicates_ignored": found.duplicates_ignored}


OPS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("cvs.gs1_128_44", "check_digit"): check_digit,
    ("cvs.gs1_128_44", "decode"): decode,
    ("cvs.gs1_128_44", "print_text"): print_text,
    ("cvs.gs1_128_44", "encode"): encode,
    ("cvs.gs1_128_44", "symbol_width"): symbol_width,
    ("cvs.csv", "decode"): csv_decode,
    ("cvs.csv", "state"): state,
    ("cvs.fixed120_a", "decode"): fixed_a,
    ("cvs.fixed120_b", "decode"): fixed_b,
    ("post.customer_barcode", "encode"): customer,
    ("yucho.ocr_upper39", "check_digits"): ocr_upper,
    ("yucho.ocr_lower44", "check_digits"): ocr_upper,
    ("kyotsu_nofu.result", "apply"): payments,
}
