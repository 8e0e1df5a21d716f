"""個人番号の確認待ち: numbers that were not stored, worked off one by one with a reason (N-009, N-010, N-011).

Settling changes no number: that is the entry's own way, by two people (`number_entry`).
"""

from django.db import transaction

from addressbook.access import access_shown
from addressbook.errors import NumberTaskClosed
from addressbook.models import NumberTask
from addressbook.number_codes import NumberTaskOutcome
from taxsys.platform import clock
from taxsys.platform.staff.models import Staff


@transaction.atomic
def task_settle(task_id: int, *, outcome: NumberTaskOutcome, reason: str, staff: Staff) -> NumberTask:
    """処理済みにする: what came of it and why, by whom; the event names both persons.

    Raises NumberTaskClosed when it was settled meanwhile.
    """
    task = NumberTask.objects.select_for_update().get(pk=task_id)
    if task.closed_at is not None:
        raise NumberTaskClosed
    task.outcome, task.reason = outcome, reason
    task.closed_by, task.closed_at = staff.staff_no, clock.now()
    task.save(update_fields=("outcome", "reason", "closed_by", "closed_at"))
    access_shown(
        [party_id for party_id in (task.party_id, task.other_party_id) if party_id],
        action="update",
        record_type="number_task",
    )
    return task
