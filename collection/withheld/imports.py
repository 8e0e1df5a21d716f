"""地方税納付代行データ (全銀 99) → 義務者の納入. Another city's file, or sums that do not agree: refused whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any

from django.conf import settings
from django.db import transaction

from collection.errors import ReceiptFileRefusedError
from collection.services.imports import FileRecord
from collection.services.receipts import ReceiptFileFacts, ReceiptOutcome, receipt_file_register
from collection.withheld.services import FIRST_MONTH, AgentLine, agent_payments_post
from taxsys.kernel.wareki import WarekiError, day_in_era, era_of


def receipts_import_agents(
    header: Mapping[str, Any], records: Iterable[FileRecord], *, facts: ReceiptFileFacts, actor: str, as_of: date
) -> ReceiptOutcome:
    """給与特別徴収の納入 of one file. Raises ReceiptFileRefusedError, DuplicateReceiptFileError."""
    lines = list(agent_lines(header, records, facts=facts))
    with transaction.atomic():
        file = receipt_file_register(facts)
        return agent_payments_post(lines, file=file, actor=actor, as_of=as_of)


def agent_lines(
    header: Mapping[str, Any], records: Iterable[FileRecord], *, facts: ReceiptFileFacts
) -> Iterator[AgentLine]:
    """Payments of a file: for each agent the tax on wages, and apart from it the tax on retirement pay."""
    paid_on = min(_due_on(str(header["due_wareki"]), facts.received_on), facts.received_on)
    tax_year, place = _month(str(header["month_wareki"]), facts.received_on)
    for record in records:
        values = record.values
        addressee = str(values["municipality6"])
        if addressee != settings.TAXSYS_MUNICIPALITY_CODE:
            raise ReceiptFileRefusedError(
                f"{record.line_no}行目: 団体コード{addressee}は他の団体のものです。送付元に確認してください。",
                code="L0102",
            )
        wage, retirement = int(values.get("salary_amount") or 0), int(values.get("retire_amount") or 0)
        if wage + retirement != int(values.get("total_amount") or 0):
            raise ReceiptFileRefusedError(
                f"{record.line_no}行目: 給与分と退職分の計が合計金額と合いません。送付元に確認してください。",
                code="L0103",
            )
        for yen, is_retirement in ((wage, False), (retirement, True)):
            if yen:
                yield AgentLine(
                    payment_key=f"{facts.file_key}:{record.line_no}{'R' if is_retirement else ''}"[-120:],
                    line_no=record.line_no, written_no=str(values.get("designation_no") or "").strip(),
                    payer_name=str(header.get("payer_name") or "").strip()[:60], tax_year=tax_year, place=place,
                    amount_yen=yen, paid_on=paid_on, account_on=facts.received_on, is_retirement=is_retirement,
                )  # fmt: skip


def _month(text: str, received_on: date) -> tuple[int, int]:
    """納付月分 (era year and month) → tax year and place."""
    day = _day(int(text[:2]), int(text[2:]), 1, received_on, "納付月分")
    months = day.year * 12 + day.month - FIRST_MONTH
    tax_year, before = divmod(months, 12)
    return tax_year, before + 1


def _due_on(text: str, received_on: date) -> date:
    return _day(int(text[:2]), int(text[2:4]), int(text[4:]), received_on, "納付期限")


def _day(year: int, month: int, day: int, received_on: date, name_ja: str) -> date:
    try:
        return day_in_era(era_of(received_on), year, month, day)
    except WarekiError as error:
        raise ReceiptFileRefusedError(
            f"見出しの{name_ja}を日付として読めません。送付元に確認してください。", code="E0002"
        ) from error
