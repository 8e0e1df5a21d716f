"""督促の抽出 (who is to be reminded): one set over all charges past due, with the reason of everyone held back.

Nobody who has paid is reminded, nor anybody whose payment is on its way, deferred or lying in suspense (I7). R-115.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction

from addressbook.delivery import PULL_DECEASED, PULL_ERASED, PULL_NO_ADDRESS, deliveries_for
from collection.models import Method
from collection.selectors.overdue import OverdueCharge, overdue_charges
from delinquency.errors import ReminderRefused
from delinquency.models import Reminder, ReminderRun, ReminderState
from delinquency.params import reminder_days, reminder_fee_yen, reminder_laws
from taxsys.platform import clock

NUMBER_PREFIX = "DN"
# A paper that cannot be served at the address is worked on by the desk first (地方税法20条).
_UNDELIVERABLE = {PULL_DECEASED, PULL_NO_ADDRESS, PULL_ERASED}


@dataclass(frozen=True, slots=True)
class Extracted:
    """What one extraction came to; `undeliverable` are (charge, reason) for the work list of the desk."""

    run: ReminderRun
    candidates: int
    candidates_yen: int
    held: int
    held_yen: int
    undeliverable: tuple[tuple[int, str], ...]


@transaction.atomic
def reminders_extract(*, job_run_id: int, issued_on: date, due_until: date, requested_by: str) -> Extracted:
    """Extract everything due until `due_until` and still open, for issue on `issued_on`; again for the same job run
    the rows are made anew. Raises ReminderRefused for days in the wrong order or a released run.
    """
    if not due_until < issued_on:
        raise ReminderRefused(
            "督促状は納期限の後でなければ発することができません。発付日と対象の納期限を確かめてください。"
        )
    run, _made = ReminderRun.objects.select_for_update().get_or_create(
        job_run_id=job_run_id,
        defaults={
            "issued_on": issued_on,
            "due_until": due_until,
            "extracted_on": clock.today(),
            "requested_by": requested_by,
            "recorded_at": clock.now(),
        },
    )
    if run.released_by:
        raise ReminderRefused("この回の督促は発付済みです。")
    run.reminders.all().delete()
    found = [
        one
        for one in overdue_charges(clock.today(), due_until=due_until).charges
        if one.method != Method.PENSION  # the pension payer pays it in; nobody is in arrears by it (321条の7の6)
    ]
    standing = _reminded({one.charge_id for one in found})
    # In the order of business keys, so that the same books always give the same reminder numbers.
    found = sorted((one for one in found if one.charge_id not in standing), key=_order)
    undelivered = _undeliverable(found, issued_on)
    rows = _rows(run, found, undelivered)
    Reminder.objects.bulk_create(rows, batch_size=2000)
    held = [row for row in rows if row.state == ReminderState.HELD]
    asked = [row for row in rows if row.state == ReminderState.CANDIDATE]
    return Extracted(
        run=run,
        candidates=len(asked),
        candidates_yen=sum(row.unpaid_yen for row in asked),
        held=len(held),
        held_yen=sum(row.unpaid_yen for row in held),
        undeliverable=tuple((one.charge_id, undelivered[one.party_id]) for one in found if one.party_id in undelivered),
    )


def _order(one: OverdueCharge) -> tuple[object, ...]:
    return one.tax_kind, one.tax_year, one.levy_year, one.method, one.notice_no, one.instalment_no


def _reminded(charge_ids: set[int]) -> set[int]:
    """Charges with a reminder in force: one is enough for ever."""
    rows = Reminder.objects.filter(state=ReminderState.ISSUED, charge_id__in=charge_ids)
    return set(rows.values_list("charge_id", flat=True))


def _undeliverable(found: Iterable[OverdueCharge], on: date) -> Mapping[UUID, str]:
    by_kind: dict[str, set[UUID]] = {}
    for one in found:
        by_kind.setdefault(one.tax_kind, set()).add(one.party_id)
    reasons: dict[UUID, str] = {}
    for tax_kind, parties in by_kind.items():
        for party_id, delivery in deliveries_for(sorted(parties), tax_kind=tax_kind, on=on).items():
            if delivery.pull_reason in _UNDELIVERABLE:
                reasons[party_id] = delivery.pull_reason
    return reasons


def _rows(run: ReminderRun, found: list[OverdueCharge], undelivered: Mapping[UUID, str]) -> list[Reminder]:
    laws, fee, last_day = reminder_laws(), reminder_fee_yen(run.issued_on), reminder_days(run.issued_on)
    year = run.issued_on.year - (run.issued_on.month < 4)
    number = _last_number(year)
    rows = []
    for one in found:
        law = laws.get(one.tax_kind)
        reasons = [*one.holds_ja]
        if one.party_id in undelivered:
            reasons.append(undelivered[one.party_id])
        if law is None:
            reasons.append("督促の根拠条文が未登録の税目")
        number += not reasons
        rows.append(
            Reminder(
                run=run,
                charge_id=one.charge_id,
                party_id=one.party_id,
                reminder_no="" if reasons else f"{year}-{NUMBER_PREFIX}-{number:07d}",
                state=ReminderState.HELD if reasons else ReminderState.CANDIDATE,
                due_on=one.due_on,
                statutory_due_on=one.statutory_due_on,
                unpaid_yen=one.open_yen,
                fee_yen=fee,
                law_ja=law.reminder if law else "",
                hold_ja="・".join(reasons),
                is_late=run.issued_on > one.due_on + timedelta(days=last_day),
            )
        )
    return rows


def _last_number(year: int) -> int:
    newest = (
        Reminder.objects.filter(reminder_no__startswith=f"{year}-{NUMBER_PREFIX}-").order_by("-reminder_no").first()
    )
    return int(newest.reminder_no.rpartition("-")[2]) if newest else 0
