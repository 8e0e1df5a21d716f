"""納付書情報 (list of slips in circulation): goes to the portal before the slips are mailed (formats §8.3)."""

from __future__ import annotations

from django.db.models import QuerySet

from collection.models import Slip, SlipLine, SlipState
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import file_issue

SLIP_LIST = "local_kyotsu_nofu_slip"


def slip_list_issue(lines: QuerySet[SlipLine], *, business_key: str, name: str) -> OutgoingFile | None:
    """Issue the list of the active slips among these lines, once for the business key; None where there are none."""
    rows = lines.filter(slip__state=SlipState.ACTIVE).select_related("slip", "charge").order_by("slip__el_case_key")
    records = [_slip_record(line) for line in rows]
    if not records:
        return None
    return file_issue(
        kind=SLIP_LIST,
        business_key=business_key,
        name=name,
        content=layouts.get(SLIP_LIST).write(records),
        record_count=len(records),
        amount_sums={"amount": sum(int(record["amount"]) for record in records)},
        layout=f"{SLIP_LIST}/v1",
    )


def _slip_record(line: SlipLine) -> dict[str, str]:
    slip: Slip = line.slip
    return {
        "municipality_code": slip.el_municipality_code,
        "item_code": slip.el_item_code,
        "case_key": slip.el_case_key,
        "confirm_no": slip.el_confirm_no,
        "slip_version": str(slip.version),
        "notice_no": slip.notice_no,
        "tax_year": str(line.charge.tax_year),
        "levy_year": str(line.charge.levy_year),
        "term": str(line.charge.instalment_no),
        "principal": str(line.principal_yen),
        "reminder_fee": str(line.reminder_fee_yen),
        "delinquency": str(line.late_interest_yen),
        "amount": str(slip.amount_yen),
        "due_on": line.charge.due_on.isoformat(),
        "valid_until": slip.valid_until.isoformat(),
        "cvs_barcode": slip.cvs_barcode,
        "state": "1",
    }
