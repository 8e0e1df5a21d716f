"""収納データの取込 (import of receipt files): values of the file layouts turned into receipts, file by file.

The readers of taxsys.platform.files check form, counts and totals before; here a record is its values by the layout's
English names with its line number. Nothing of a refused file is posted, no yen of an accepted one is turned away.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Protocol

from django.conf import settings
from django.db import transaction

from collection.bulk.receipts import EventKind
from collection.errors import ReceiptFileRefusedError
from collection.rules.slip_codes import case_no_of_barcode, case_no_of_el_key
from collection.services.receipts import (
    ReceiptFileFacts,
    ReceiptOutcome,
    ReceiptRecord,
    receipt_file_register,
    receipts_post,
)


class FileRecord(Protocol):
    """One record of a read file."""

    @property
    def line_no(self) -> int:
        """Line in the file, from 1."""

    @property
    def values(self) -> Mapping[str, Any]:
        """Values by the layout's English names."""


@dataclass(frozen=True, slots=True)
class PlainRecord:
    """A record given by hand (screens, tests)."""

    line_no: int
    values: Mapping[str, Any]


def receipts_import_cvs(
    records: Iterable[FileRecord], *, facts: ReceiptFileFacts, actor: str, as_of: date
) -> ReceiptOutcome:
    """コンビニ・スマホ収納 (profiles A, B, C): 01 速報, 02 確報, 03 速報取消, 12 郵便振替, 22 訂正, 81 即時. R-111."""
    with transaction.atomic():
        file = receipt_file_register(facts)
        return receipts_post(cvs_records(records), actor=actor, as_of=as_of, file=file)


def receipts_import_common(
    records: Iterable[FileRecord], *, facts: ReceiptFileFacts, actor: str, as_of: date
) -> ReceiptOutcome:
    """地方税共通納税の納付情報: posts 02 only, by 領収日; 03 lifts a report, 04 replaces a payment. R-110."""
    with transaction.atomic():
        file = receipt_file_register(facts)
        return receipts_post(common_records(records), actor=actor, as_of=as_of, file=file)


def receipts_import_withheld(
    records: Iterable[FileRecord], *, facts: ReceiptFileFacts, actor: str, as_of: date
) -> ReceiptOutcome:
    """特別徴収の納入 (給与: one sum for the agent's month; 年金: one sum per payment month and person)."""
    with transaction.atomic():
        file = receipt_file_register(facts)
        return receipts_post(withheld_records(records, facts.channel), actor=actor, as_of=as_of, file=file)


_CVS_KINDS: dict[str, EventKind] = {
    "01": "preliminary",
    "02": "confirmed",
    "03": "lifted",
    "12": "confirmed",
    "81": "preliminary",
}


def cvs_records(records: Iterable[FileRecord]) -> Iterator[ReceiptRecord]:
    """Receipt records of a convenience-store file. Raises ReceiptFileRefusedError for an unknown kind."""
    for record in records:
        values = record.values
        kind = str(values["kind"])
        barcode = str(values["barcode"]).removeprefix("EAN")
        paid_on = _day(values["paid_date"], record)
        account_on = next(
            (_day(values[n], record) for n in ("account_date", "created", "data_date") if values.get(n)), None
        )
        amount = values.get("amount")
        yen = int(amount) if amount is not None else int(barcode[37:43])
        key = f"{barcode}:{paid_on:%Y%m%d}{values.get('paid_hhmm') or ''}:{values.get('store') or ''}"
        if kind in {"12", "22"}:
            key = f"12:{barcode}:{paid_on:%Y%m%d}"
        base = ReceiptRecord(
            channel="cvs",
            external_key=key,
            kind="confirmed",
            key_kind="case",
            match_key=case_no_of_barcode(barcode) or barcode,
            amount_yen=yen,
            paid_on=paid_on,
            account_on=account_on,
            line_no=record.line_no,
        )
        if kind == "22":
            yield replace(base, kind="corrected")
            yield replace(base, external_key=f"22{key[2:]}")
        elif kind in _CVS_KINDS:
            yield replace(base, kind=_CVS_KINDS[kind])
        else:
            raise ReceiptFileRefusedError(f"{record.line_no}行目: 種別{kind}は定義されていません。", code="L0106")


def common_records(records: Iterable[FileRecord]) -> Iterator[ReceiptRecord]:
    """Receipt records of a common-payment file. Raises ReceiptFileRefusedError for an unknown kind (L0106) or a record
    of another municipality (L0102): such a file has lost its way."""
    for record in records:
        values = record.values
        addressee = str(values.get("municipality_code") or settings.TAXSYS_MUNICIPALITY_CODE)
        if addressee != settings.TAXSYS_MUNICIPALITY_CODE:
            raise ReceiptFileRefusedError(
                f"{record.line_no}行目: 団体コード{addressee}は他の団体のものです。送付元に確認してください。",
                code="L0102",
            )
        kind, number = str(values["notice_kind"]), str(values["payment_no"])
        cancelled = str(values.get("cancels") or "")
        key = str(values["case_key"])
        base = ReceiptRecord(
            channel="common",
            external_key=number,
            kind="confirmed",
            key_kind="case",
            match_key=case_no_of_el_key(key) or key,
            amount_yen=int(values["amount"]),
            paid_on=_day(values["paid_on"], record),
            account_on=_day(values["remitted_on"], record) if values.get("remitted_on") else None,
            line_no=record.line_no,
        )
        if kind == "01":
            yield replace(base, kind="preliminary")
        elif kind == "02":
            yield base
        elif kind == "03":
            yield replace(base, kind="lifted", external_key=cancelled or number)
        elif kind == "04":
            if cancelled:
                yield replace(base, kind="corrected", external_key=cancelled)
            yield base
        else:
            raise ReceiptFileRefusedError(f"{record.line_no}行目: 送達区分{kind}は定義されていません。", code="L0106")


def withheld_records(records: Iterable[FileRecord], channel: str) -> Iterator[ReceiptRecord]:
    """Payments of withheld tax. Values: payment_no, tax_year, levy_year (optional), notice_no (designation number or
    notice number), instalment_no, amount, paid_on, account_on (optional)."""
    for record in records:
        values = record.values
        tax_year = int(values["tax_year"])
        levy_year = int(values.get("levy_year") or tax_year)
        paid_on = _day(values["paid_on"], record)
        yield ReceiptRecord(
            channel=channel,
            external_key=str(values["payment_no"]),
            kind="confirmed",
            key_kind="charge",
            match_key=f"10|{levy_year}|{tax_year}|{channel}|{values['notice_no']}|{int(values['instalment_no'])}",
            amount_yen=int(values["amount"]),
            paid_on=paid_on,
            account_on=_day(values["account_on"], record) if values.get("account_on") else paid_on,
            line_no=record.line_no,
        )


def _day(value: Any, record: FileRecord) -> date:
    if isinstance(value, date):
        return value
    try:
        return date.fromisoformat(str(value))
    except ValueError as error:
        raise ReceiptFileRefusedError(f"{record.line_no}行目: 日付「{value}」を読めません。", code="E0002") from error
