"""印刷データ (print data file): the rows of formats §12.4 from the same pieces that the PDF shows."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from datetime import date
from typing import Any

from taxsys.platform.files import layouts
from taxsys.platform.printing import codes
from taxsys.platform.printing.errors import PackageRefused
from taxsys.platform.printing.pieces import Drawer, PrintPiece, lines_json, split_address

LINES_LIMIT = 8000
_AMOUNTS = ("t01", "t02", "t03", "t04")
_DATES = ("d01", "d02", "d03", "d04")


def vendor_record(piece: PrintPiece, *, drawer: Drawer, batch_no: str, seq: int, first_page: int) -> dict[str, Any]:
    """印刷データの一行 (one record of `local_print_vendor`). Raises PackageRefused where a value has no place.

    Lines longer than the column (long employee lists) are replaced by the place in the PDF of the same part.
    """
    to = piece.addressee
    address = [*split_address(to.address_lines), "", "", ""]
    lines = lines_json(piece)
    pages = drawer.page_count(piece.paper)
    if len(lines) > LINES_LIMIT:
        lines = json.dumps({"pdf": {"first_page": first_page, "pages": pages}}, separators=(",", ":"))
    if pages > 99:
        raise PackageRefused(f"通知書番号{piece.notice_no}は{pages}頁あり、印刷データの頁数欄（99頁）を超えます。")
    record: dict[str, Any] = {
        "batch_no": batch_no,
        "seq": seq,
        "form_id": drawer.form_id,
        "insert_code": piece.insert_code,
        "person_no": to.person_no,
        "zip": to.zip7,
        "barcode": codes.customer_symbols(to.zip7, to.address_code),
        "addr1": address[0],
        "addr2": address[1],
        "addr3": address[2],
        "name": to.name,
        "honorific": to.honorific,
        "mail_kind": to.mail_kind,
        "protected": "1" if to.is_protected else "0",
        "notice_no": piece.notice_no,
        "tax_year": piece.tax_year,
        "ocr1": piece.ocr_lines[0] if piece.ocr_lines else "",
        "ocr2": piece.ocr_lines[1] if len(piece.ocr_lines) > 1 else "",
        "cvs1": piece.cvs44,
        "el1": piece.el_number,
        "qr1": piece.qr_payload,
        "lines_json": lines,
        "koza": "1" if piece.is_debit else "0",
        "pages": pages,
    }
    for column, due, instalment in zip(_AMOUNTS, _DATES, piece.instalments, strict=False):
        record[column] = instalment.yen
        record[due] = instalment.due_on
    return {key: value for key, value in record.items() if value != ""}


def write_data(layout_name: str, records: Sequence[dict[str, Any]]) -> bytes:
    """印刷データの内容 (bytes of the data file in the current edition of its layout)."""
    return layouts.get(layout_name).write(records)


def manifest(*, name: str, layout_name: str, content: bytes, records: Sequence[dict[str, Any]], on: date) -> bytes:
    """送り状 (manifest of formats §0.1: counts, sums, hash)."""
    layout = layouts.get(layout_name)
    sums = {column: sum(record.get(column) or 0 for record in records) for column in _AMOUNTS}
    body = {
        "profile": "local-v1",
        "format": layout.name,
        "layout_version": layout.edition,
        "file": name,
        "created_on": on.isoformat(),
        "record_count": len(records),
        "amount_sums": sums,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    return (json.dumps(body, ensure_ascii=False, sort_keys=True, indent=1) + "\n").encode()
