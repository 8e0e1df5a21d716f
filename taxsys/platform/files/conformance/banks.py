"""Cases of the bank files and of bank characters."""

from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from taxsys.kernel import kana, text
from taxsys.platform.files import layouts
from taxsys.platform.files.codec.fixed import read_record
from taxsys.platform.files.errors import L_AMOUNT, L_COUNT, L_RECORD_LENGTH, FileRefused, FilesError
from taxsys.platform.files.payloads import zengin

Given = Mapping[str, Any]
_WORDS = {L_COUNT: "trailer_count", L_AMOUNT: "trailer_amount", L_RECORD_LENGTH: "record_length"}


def normalise(name: str) -> dict[str, Any]:
    """A party name in bank characters and its bytes."""
    try:
        found = kana.zengin(name)
    except kana.NotAllowedCharacter as error:
        return {"error": "not_allowed_character", "why": error.message_ja}
    return {"text": found, "bytes_cp932": text.width_cp932(found)}


def truncate(given: Given) -> dict[str, Any]:
    """A name cut to a number of bytes."""
    found = text.truncate_cp932(given["text"], given["bytes"])
    return {"text": found, "bytes_cp932": text.width_cp932(found)}


def byte_length(value: str) -> dict[str, Any]:
    """Bytes in both encodings."""
    return {"cp932": text.width_cp932(value), "utf8": len(value.encode("utf-8"))}


def _record(kind: str, line: str) -> dict[str, Any]:
    raw = line.rstrip("\r\n").encode("cp932")
    if len(raw) > 120:
        raise FileRefused(L_RECORD_LENGTH, "120バイトを超えています。")
    return read_record(layouts.get("zengin_21", "jba"), kind, raw.ljust(120))


def header_21(line: str) -> dict[str, Any]:
    """A header record of type 21."""
    try:
        return _record("header", line)
    except FilesError as error:
        return {"error": _WORDS.get(error.code, "format")}


def data_21(line: str) -> dict[str, Any]:
    """A data record of type 21; both customer codes also as one text."""
    try:
        found = _record("data", line)
    except FilesError as error:
        return {"error": _WORDS.get(error.code, "format")}
    raw = line.rstrip("\r\n").encode("cp932").ljust(120)
    return {**found, "customer_codes_raw": raw[91:111].decode("cp932")}


def trailer_21(line: str) -> dict[str, Any]:
    """A trailer record of type 21. Alone it has no data to disagree with."""
    try:
        return {**_record("trailer", line), "matches_data": True}
    except FilesError as error:
        return {"error": _WORDS.get(error.code, "format")}


def encode_request(given: Given) -> dict[str, Any]:
    """A debit request file as its records."""
    origin = zengin.Originator(
        code=given["originator_code"],
        name=given["originator_name"],
        bank_code=given["bank"],
        branch_code=given["branch"],
        account_type=given["account_type"],
        account_number=given["account_number"],
        bank_name=given.get("bank_name", ""),
        branch_name=given.get("branch_name", ""),
    )
    items = [
        {
            "bank_code": one["bank"],
            "branch_code": one["branch"],
            "account_type": one["account_type"],
            "account_number": one["account_number"],
            "payer_name": one["name"],
            "amount": one["amount"],
            "new_code": one["new_code"],
            "customer_number": one["customer_number"],
        }
        for one in given["items"]
    ]
    try:
        content = zengin.debit_request(origin, debit_on=date.fromisoformat(given["debit_on"]), items=items)
    except kana.NotAllowedCharacter as error:
        return {"error": "not_allowed_character", "why": error.message_ja}
    except FilesError as error:
        return {"error": _WORDS.get(error.code, "format"), "why": error.message_ja}
    records = zengin.records_of(content)
    sizes = {len(one.encode("cp932")) for one in records}
    return {
        "records": records,
        "record_length": sizes.pop() if len(sizes) == 1 else 0,
        "file_bytes_without_eol": 120 * len(records),
    }


def decode_result(records: list[str]) -> dict[str, Any]:
    """A debit result file, accepted or refused as a whole."""
    try:
        found = zengin.debit_results(zengin.padded(records))
    except FileRefused as refusal:
        return {"accept": False, "error": _WORDS.get(refusal.code, "format"), "why": refusal.message_ja}
    good, bad = found.count_and_amount(is_debited=True), found.count_and_amount(is_debited=False)
    return {
        "accept": True,
        "record_length_seen": found.parsed.info["record_length_seen"],
        "ok": {"count": good[0], "amount": good[1]},
        "ng": {"count": bad[0], "amount": bad[1]},
        "items": [
            {
                "customer_number": one.customer_number,
                "result": one.code,
                "meaning": one.meaning,
                "amount": one.amount_yen,
            }
            for one in found.items
        ],
    }


OPS: dict[tuple[str, str], Callable[[Any], Any]] = {
    ("zengin.kana", "normalise_party_name"): normalise,
    ("zengin.kana", "truncate"): truncate,
    ("zengin.kana", "byte_length"): byte_length,
    ("zengin.21", "decode_header"): header_21,
    ("zengin.21", "decode_data"): data_21,
    ("zengin.21", "decode_trailer"): trailer_21,
    ("zengin.91", "encode_request"): encode_request,
    ("zengin.91", "decode_result"): decode_result,
}
