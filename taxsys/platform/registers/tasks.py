"""期限の計算: the time limits of a row follow from its values, whenever they change."""

from datetime import timedelta

from taxsys.platform.jobs.models import WorkItem, WorkItemState
from taxsys.platform.registers.declaration import Kind
from taxsys.platform.registers.models import RegisterRow, RowTask
from taxsys.platform.registers.params import integer_at

WORK_KIND = "register.deadline"


def work_key(task: RowTask) -> str:
    """The key of a time limit in the work list: row, limit, day."""
    return f"{task.row_id}:{task.code}:{task.due_on.isoformat()}"


def tasks_refresh(row: RegisterRow, kind: Kind) -> None:
    """Compute the row's time limits anew; what is kept is marked done, what no longer exists goes."""
    standing = {task.code: task for task in row.tasks.all()}
    wanted: set[str] = set()
    for deadline in kind.deadlines:
        due_on = deadline.due(row.values, row.opened_on)
        if due_on is None:
            continue
        wanted.add(deadline.code)
        task = standing.get(deadline.code) or RowTask(row=row, code=deadline.code)
        if task.due_on != due_on:
            task.reminded_on = None
        task.title_ja, task.law = deadline.title_ja, deadline.law
        task.due_on, task.remind_on = due_on, due_on - timedelta(days=integer_at(deadline.remind_days, row.opened_on))
        task.done_on = deadline.done(row.values) or row.closed_on
        task.save()
        standing[deadline.code] = task
    row.tasks.exclude(code__in=wanted).delete()
    live = {work_key(task) for task in standing.values() if task.code in wanted and task.done_on is None}
    items = WorkItem.objects.filter(kind=WORK_KIND, state=WorkItemState.OPEN, subject_key__startswith=f"{row.pk}:")
    items.exclude(subject_key__in=live).update(state=WorkItemState.DONE)
