"""Builders of batches of paid slips: two claims with slips, files as the bank sends them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from collection.models import Charge, Slip
from collection.papers.slip_rows import ocr_lines
from collection.services.levy import levy_post
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform.files import layouts
from tests.collection.books import ordinary, party

LEVIED, PAID, DAY = date(2026, 6, 10), date(2026, 6, 29), date(2026, 7, 1)
OCR, PUNCH = "local_sumitsu_ocr", "local_sumitsu_punch"
HEADER = {"municipality_code": "012041", "bank_code": "0158", "batch_no": "00000001", "account_on": DAY}


def slips() -> list[Slip]:
    """Slips of 30,000, 20,000 and 10,000 yen of one notice, in the order of the instalments."""
    levy_post(
        ordinary(party(1), "4000123", [(30_000, 0, 0), (20_000, 0, 0), (10_000, 0, 0)]), dedupe_key="run",
        occurred_on=LEVIED, actor="job:test",
    )  # fmt: skip
    charges = Charge.objects.order_by("instalment_no").values_list("pk", flat=True)
    issued = slip_issue_many([SlipRequest((pk,), date(2027, 3, 31)) for pk in charges], issued_on=LEVIED)
    return [Slip.objects.get(pk=one.slip_id) for one in issued]


def ocr_record(slip: Slip, number: int, *, paid_on: str = "20260629") -> dict[str, Any]:
    """A paid slip as the reader reads its two printed lines."""
    upper, lower = ocr_lines(slip)
    return {"seq_no": number, "branch_code": "001", "paid_on_text": paid_on, "upper": upper, "lower": lower}


def ocr_file(records: Sequence[dict[str, Any]], yen: int, **header: Any) -> bytes:
    """A batch of the reader with its control slip's sum."""
    return layouts.get(OCR).write(list(records), header={**HEADER, **header}, trailer={"amount": yen})


def punch_record(charge: Charge, number: int, yen: int | str) -> dict[str, Any]:
    """A paid slip as it was punched by the parts of its claim."""
    return {
        "seq_no": number, "branch_code": "001", "paid_on_text": "20260629", "tax_kind": charge.tax_kind_id,
        "levy_year": str(charge.levy_year), "tax_year": str(charge.tax_year), "method": "1",
        "notice_no": charge.notice_no, "instalment_no": str(charge.instalment_no), "amount_text": str(yen),
    }  # fmt: skip


def punch_file(records: Sequence[dict[str, Any]], yen: int, **header: Any) -> bytes:
    """A punched batch with its control slip's sum."""
    return layouts.get(PUNCH).write(list(records), header={**HEADER, **header}, trailer={"amount": yen})
