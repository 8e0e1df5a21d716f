"""済通のファイル → 束の案: records of the OCR and punch layouts as a draft with its control slip."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from collection.errors import ReceiptFileRefusedError
from collection.models import Charge, Slip
from collection.paid_slips.models import BatchKind
from collection.paid_slips.rules import OcrIssuer, Reading, fingerprint, ocr_reading, punch_reading
from collection.params import parameter_file
from collection.services.imports import FileRecord


@dataclass(frozen=True, slots=True)
class SlipLine:
    """済通一枚 of a draft: as it was read, and what could be made of it."""

    seq_no: int
    line_no: int
    branch_code: str
    paid_on_text: str
    upper: str
    lower: str
    amount_text: str
    reading: Reading

    @property
    def mark(self) -> tuple[str, ...]:
        """What makes this slip itself, whatever its number in the batch."""
        return (self.branch_code, self.paid_on_text, self.upper, self.lower, self.amount_text)


@dataclass(frozen=True, slots=True)
class BatchDraft:
    """束の案: who sent it, its day, the control slip and the slips."""

    kind: BatchKind
    bank_code: str
    batch_no: str
    account_on: date
    control_count: int
    control_yen: int
    lines: tuple[SlipLine, ...]
    received_ref: str = ""

    @property
    def content_mark(self) -> str:
        """Mark of the slips; a batch to be keyed has none yet but its own number."""
        if self.kind == BatchKind.KEYED:
            return fingerprint([(self.bank_code, f"{self.account_on:%Y%m%d}", self.batch_no)])
        return fingerprint(line.mark for line in self.lines)


def ocr_issuer() -> OcrIssuer:
    """収納先の番号 from `params/masters/slip_issuer.toml`."""
    data = parameter_file("slip_issuer")["ocr"]
    return OcrIssuer(data["account"], data["client"], data["maker"], data["control"])


def draft_of(
    kind: BatchKind, header: Mapping[str, Any], records: Iterable[FileRecord], trailer: Mapping[str, Any], *, ref: str
) -> BatchDraft:
    """The draft of a file. Raises ReceiptFileRefusedError for a file of another city (L0102)."""
    addressee = str(header["municipality_code"])
    if addressee != settings.TAXSYS_MUNICIPALITY_CODE:
        raise ReceiptFileRefusedError(
            f"団体コード{addressee}は他の団体のものです。何も取り込みませんでした。送付元に確認してください。",
            code="L0102",
        )
    account_on: date = header["account_on"]
    read = _ocr_line if kind == BatchKind.OCR else _punch_line
    lines = tuple(read(record, account_on) for record in records)
    if kind == BatchKind.PUNCH:
        lines = _with_unknown_keys(lines)
    return BatchDraft(
        kind, str(header["bank_code"]), str(header["batch_no"]), account_on, int(trailer["count"]),
        int(trailer["amount"]), lines, ref,
    )  # fmt: skip


def _text(values: Mapping[str, Any], name: str) -> str:
    return str(values.get(name) or "").strip()


def _ocr_line(record: FileRecord, account_on: date) -> SlipLine:
    values = record.values
    upper, lower, paid_on = (_text(values, name) for name in ("upper", "lower", "paid_on_text"))
    reading = ocr_reading(upper=upper, lower=lower, paid_on_text=paid_on, issuer=ocr_issuer(), account_on=account_on)
    return SlipLine(
        int(values["seq_no"]), record.line_no, _text(values, "branch_code"), paid_on, upper, lower, "", reading
    )


_KEYS = ("case_no", "tax_kind", "levy_year", "tax_year", "method", "notice_no", "instalment_no")


def _punch_line(record: FileRecord, account_on: date) -> SlipLine:
    values = {name: _text(record.values, name) for name in (*_KEYS, "paid_on_text", "amount_text", "branch_code")}
    reading = punch_reading(values, account_on=account_on)
    keyed = values["case_no"] or "|".join(values[name] for name in _KEYS[1:])
    return SlipLine(
        int(record.values["seq_no"]), record.line_no, values["branch_code"], values["paid_on_text"], "", keyed,
        values["amount_text"], reading,
    )  # fmt: skip


def _with_unknown_keys(lines: tuple[SlipLine, ...]) -> tuple[SlipLine, ...]:
    """A punched key has no check digit: where it names nothing it was most likely keyed wrong, and is looked at."""
    known = keys_known((line.reading.key_kind, line.reading.match_key) for line in lines)
    return tuple(
        line
        if not line.reading.match_key or (line.reading.key_kind, line.reading.match_key) in known
        else _faulty(line, "key_unknown")
        for line in lines
    )


def _faulty(line: SlipLine, fault: str) -> SlipLine:
    one = line.reading
    reading = Reading(one.paid_on, one.key_kind, one.match_key, one.amount_yen, (*one.faults, fault))
    return SlipLine(
        line.seq_no, line.line_no, line.branch_code, line.paid_on_text, line.upper, line.lower, line.amount_text,
        reading,
    )  # fmt: skip


def keys_known(keys: Iterable[tuple[str, str]]) -> set[tuple[str, str]]:
    """Those of (kind, key) that name a slip or a claim. Two queries."""
    asked = {pair for pair in keys if pair[1]}
    cases = [key for kind, key in asked if kind == "case"]
    notices = {key.split("|")[4] for kind, key in asked if kind == "charge"}
    found = {("case", case) for case in Slip.objects.filter(case_no__in=cases).values_list("case_no", flat=True)}
    for charge in Charge.objects.filter(notice_no__in=notices):
        found.add(("charge", charge.business_key))
    return found & asked
