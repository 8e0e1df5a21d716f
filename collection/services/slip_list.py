"""納付書情報 (list of slips in circulation): goes to the portal before the slips are mailed, and every change of one.

The portal takes a payment by what it was told last (formats §8.3), so each slip keeps the state that was listed of it.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import transaction
from django.db.models import F, Q, QuerySet

from collection.models import Slip, SlipLine, SlipState
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import file_issue

SLIP_LIST = "local_kyotsu_nofu_slip"
COMBINED_TERM = "99"
_PART = 10_000
STATE_CODES = {SlipState.ACTIVE: "1", SlipState.REPLACED: "2", SlipState.WITHDRAWN: "3", SlipState.PAID: "4"}


def slips_unlisted() -> QuerySet[Slip]:
    """Slips of which the portal was told nothing or another state; what came and went between two lists is left out."""
    return Slip.objects.filter(
        Q(state=SlipState.ACTIVE, listed_state="") | ~Q(listed_state="") & ~Q(state=F("listed_state"))
    )


@transaction.atomic
def slip_list_issue(slips: QuerySet[Slip], *, business_key: str, name: str) -> OutgoingFile | None:
    """List those of these slips that the portal does not know as they are; None where there are none.

    A second list of the same key has a number behind it. `name` is without the ending.
    """
    chosen = slips_unlisted().filter(pk__in=slips.values("pk"))
    locked = list(chosen.order_by("pk").select_for_update(no_key=True).values_list("pk", flat=True))
    lines = SlipLine.objects.filter(slip__in=chosen).select_related("slip", "charge")
    by_slip: dict[int, list[SlipLine]] = {}
    known = set(locked)
    for line in lines.order_by("slip__el_case_key", "charge__due_on", "charge__instalment_no", "pk"):
        if line.slip_id not in known:  # issued while the list was read: it is in the next one
            continue
        by_slip.setdefault(line.slip_id, []).append(line)
    if not by_slip:
        return None
    records = [_slip_record(group) for group in by_slip.values()]
    before = OutgoingFile.objects.filter(kind=SLIP_LIST, business_key=business_key).exists()
    number = OutgoingFile.objects.filter(kind=SLIP_LIST, business_key__startswith=f"{business_key}#").count() + 2
    issued = file_issue(
        kind=SLIP_LIST,
        business_key=f"{business_key}#{number}" if before else business_key,
        name=f"{name}_{number}.csv" if before else f"{name}.csv",
        content=layouts.get(SLIP_LIST).write(records),
        record_count=len(records),
        amount_sums={"amount": sum(int(record["amount"]) for record in records)},
        layout=f"{SLIP_LIST}/v1",
    )
    for start in range(0, len(locked), _PART):
        Slip.objects.filter(pk__in=locked[start : start + _PART]).update(listed_state=F("state"))
    return issued


def _slip_record(lines: Sequence[SlipLine]) -> dict[str, str]:
    """One slip; of several instalments it carries the sums, the earliest due date and the term of combined slips."""
    slip: Slip = lines[0].slip
    charge = lines[0].charge
    return {
        "municipality_code": slip.el_municipality_code,
        "item_code": slip.el_item_code,
        "case_key": slip.el_case_key,
        "confirm_no": slip.el_confirm_no,
        "slip_version": str(slip.version),
        "notice_no": slip.notice_no,
        "tax_year": str(charge.tax_year),
        "levy_year": str(charge.levy_year),
        "term": str(charge.instalment_no) if len(lines) == 1 else COMBINED_TERM,
        "principal": str(sum(line.principal_yen for line in lines)),
        "reminder_fee": str(sum(line.reminder_fee_yen for line in lines)),
        "delinquency": str(sum(line.late_interest_yen for line in lines)),
        "amount": str(slip.amount_yen),
        "due_on": charge.due_on.isoformat(),
        "valid_until": slip.valid_until.isoformat(),
        "cvs_barcode": slip.cvs_barcode,
        "state": STATE_CODES[SlipState(slip.state)],
    }
