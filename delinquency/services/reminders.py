"""督促の発付・取消・返戻 (issue, withdrawal, return of reminders). 地方税法18条の2, 329条ほか, 331条ほか."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from django.db import transaction

from collection.models import Component
from collection.rules.limitation import limitation_last_day, reminder_clock
from collection.services.components import component_cancel, component_raise
from collection.services.slips import SlipRequest, slip_issue_many
from delinquency.errors import ReminderRefused
from delinquency.models import Reminder, ReminderRun, ReminderRunState, ReminderState
from delinquency.selectors.claims import open_now, paid_before_issue, reminded_without_claim, slip_amounts
from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.services import AccessRow, access_record, access_record_many

PAID_MEANWHILE = "抽出後に納付・減額があった"


@dataclass(frozen=True, slots=True)
class IssuedPart:
    """What one part of an issue came to."""

    issued: int
    issued_yen: int
    dropped: int
    new_slips: int


@transaction.atomic
def reminders_issue(run: ReminderRun, reminder_ids: Sequence[int], *, slips_until: date) -> IssuedPart:
    """Issue these candidates: what was paid or reduced since the extraction is dropped, the fee levied, a slip of the
    very amount made where none is in circulation, the days that follow written down. Rows already issued are skipped.
    """
    rows = list(
        Reminder.objects.select_for_update()
        .filter(run=run, pk__in=reminder_ids, state=ReminderState.CANDIDATE)
        .order_by("pk")
    )
    standing = open_now([row.charge_id for row in rows])
    asked = []
    for row in rows:
        if standing.get(row.charge_id) == row.unpaid_yen:
            asked.append(row)
            continue
        row.state, row.hold_ja = ReminderState.DROPPED, PAID_MEANWHILE
    for row in asked:
        _issue(row, run.issued_on)
    Reminder.objects.bulk_update(
        rows,
        [
            "state", "hold_ja", "issued_on", "ten_days_passed_on", "seizure_from", "limitation_before_on",
            "limitation_renewed_on",
        ],
        batch_size=1000,
    )  # fmt: skip
    new_slips = _slips(asked, run.issued_on, slips_until)
    access_record_many(
        AccessRow(
            action="create",
            subjects=(str(row.party_id),),
            record_type="delinquency.reminder",
            record_id=row.reminder_no,
            reason="issued",
        )
        for row in asked
    )
    return IssuedPart(len(asked), sum(row.total_yen for row in asked), len(rows) - len(asked), new_slips)


def _issue(row: Reminder, issued_on: date) -> None:
    days = reminder_clock(issued_on)
    row.state, row.issued_on = ReminderState.ISSUED, issued_on
    row.ten_days_passed_on, row.seizure_from = days.ten_days_passed, days.seizure_from
    row.limitation_before_on = limitation_last_day(row.statutory_due_on)
    row.limitation_renewed_on = days.renewed_last_day
    if row.fee_yen:
        component_raise(
            row.charge_id,
            Component.REMINDER_FEE,
            to_yen=row.fee_yen,
            occurred_on=issued_on,
            actor=context.current().actor_id,
        )


def _slips(asked: Sequence[Reminder], issued_on: date, until: date) -> int:
    """Slips for those whose slip in circulation asks for another amount, or who have none."""
    held: Mapping[int, int] = slip_amounts([row.charge_id for row in asked])
    wanted = [
        SlipRequest((row.charge_id,), until, reminder_fee_yen=row.fee_yen)
        for row in asked
        if held.get(row.charge_id) != row.total_yen
    ]
    return len(slip_issue_many(wanted, issued_on=issued_on))


@transaction.atomic
def reminder_run_issued(run: ReminderRun, *, released_by: str) -> None:
    """The whole run has been let go. Raises ReminderRefused where the same person asked for it."""
    if run.requested_by == released_by:
        raise ReminderRefused("起案者本人は決裁できません。別の職員が決裁してください。")
    run.state, run.released_by, run.released_at = ReminderRunState.ISSUED, released_by, clock.now()
    run.save(update_fields=["state", "released_by", "released_at"])


@transaction.atomic
def reminder_withdraw(reminder_id: int, *, reason_ja: str) -> Reminder:
    """督促の取消: the reminder never took effect; its fee is taken back. Raises ReminderRefused."""
    if not reason_ja.strip():
        raise ReminderRefused("取消の理由を入力してください。")
    row = Reminder.objects.select_for_update().get(pk=reminder_id)
    if row.state != ReminderState.ISSUED:
        raise ReminderRefused(f"この督促は「{row.get_state_display()}」のため取り消せません。")
    actor = context.current().actor_id
    row.state, row.withdrawn_on = ReminderState.WITHDRAWN, clock.today()
    row.withdrawn_by, row.withdrawn_reason = actor, reason_ja.strip()
    row.save(update_fields=["state", "withdrawn_on", "withdrawn_by", "withdrawn_reason"])
    if row.fee_yen:
        component_cancel(row.charge_id, Component.REMINDER_FEE, occurred_on=clock.today(), actor=actor)
    _record(row, "withdrawn")
    return row


def reminders_withdraw_groundless() -> list[Reminder]:
    """Withdraw what turns out to have had no ground: paid before it was issued (the payment was posted later, I7), or
    its levy recalled since."""
    reasons = {reminder_id: f"発付前の{paid_on}に納付されていた" for reminder_id, paid_on in paid_before_issue()}
    reasons |= dict.fromkeys(reminded_without_claim(), "賦課決定が撤回された")
    return [reminder_withdraw(reminder_id, reason_ja=reason) for reminder_id, reason in sorted(reasons.items())]


@transaction.atomic
def reminder_returned(reminder_id: int, *, returned_on: date, reason_ja: str) -> Reminder:
    """返戻 of a posted reminder: it was not served (20条); the whereabouts are to be found. Raises ReminderRefused."""
    row = Reminder.objects.select_for_update().get(pk=reminder_id)
    if row.state != ReminderState.ISSUED or row.issued_on is None or returned_on < row.issued_on:
        raise ReminderRefused("発付した督促状だけ返戻を記録できます。返戻日を確かめてください。")
    row.returned_on, row.returned_reason = returned_on, reason_ja.strip()
    row.save(update_fields=["returned_on", "returned_reason"])
    _record(row, "returned")
    return row


def _record(row: Reminder, reason: str) -> None:
    access_record(
        action="update",
        subjects=[str(row.party_id)],
        record_type="delinquency.reminder",
        record_id=row.reminder_no,
        reason=reason,
    )
