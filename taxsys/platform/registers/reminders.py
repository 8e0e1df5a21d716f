"""知らせと定期の行: what the nightly and the yearly job do to the registers."""

from collections.abc import Sequence
from datetime import date

from django.db import transaction

from taxsys.kernel import wareki
from taxsys.platform.registers.models import RegisterRow, RowTask
from taxsys.platform.registers.registry import all_kinds
from taxsys.platform.registers.selectors import tasks_due
from taxsys.platform.registers.services import Draft, row_open
from taxsys.platform.staff.models import Unit

YEARLY_UNIT = "税制課"


def tasks_remind(task_ids: Sequence[int], *, on: date) -> list[RowTask]:
    """The limits that are told now: those whose reminder has come, noted with the day; passed ones every time."""
    tasks = list(tasks_due(on).filter(pk__in=list(task_ids)))
    for task in tasks:
        task.reminded_on = task.reminded_on or on
    RowTask.objects.bulk_update(tasks, ("reminded_on",))
    return tasks


@transaction.atomic
def yearly_open(year: int) -> int:
    """年1回の行: one per kind that wants one each fiscal year, owned by 税制課. Returns how many are new."""
    unit, made = Unit.objects.get(name=YEARLY_UNIT), 0
    for kind in all_kinds():
        key = f"{kind.code}:{year}"
        if kind.yearly and not RegisterRow.objects.filter(origin_key=key).exists():
            values = {kind.title_field: f"{wareki.format_year(year)}年度　{kind.title_ja}"}
            row_open(Draft(kind=kind.code, values=values, unit=unit, origin_key=key), actor=None)
            made += 1
    return made
