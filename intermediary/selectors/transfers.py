"""Reads of the requests: work lists of the tax office, and what a division sees of its own."""

from typing import Any

from django.db.models import Count, Q, QuerySet

from intermediary.models import TransferExecution, TransferRequest
from taxsys.platform.files.models import OutgoingFile

State = TransferRequest.State
_SIGNED = ("media", "flash", "paper")
_OPEN_TO_READ = (
    OutgoingFile.State.RELEASED,
    OutgoingFile.State.SENDING,
    OutgoingFile.State.ACKNOWLEDGED,
)
UNSIGNED = Q(executions__result="done", executions__method__in=_SIGNED, executions__handed_over_at__isnull=True)
WORK_LISTS = {
    "submitted": ("法的確認待ち", Q(state=State.SUBMITTED)),
    "checked": ("決裁待ち", Q(state=State.CHECKED)),
    "approved": ("実行できる依頼", Q(state=State.APPROVED)),
    "unsigned": ("受領の署名待ち", UNSIGNED),
    "ended": ("終わった依頼", Q(state__in=(State.REFUSED, State.WITHDRAWN, State.CLOSED))),
}


def transfer_requests(work: str = "") -> QuerySet[TransferRequest]:
    """Requests of one work list (all without), newest first, with the number of executions."""
    found = TransferRequest.objects.select_related("row").annotate(
        done=Count("executions", Q(executions__result="done"), distinct=True)
    )
    wanted = found.filter(WORK_LISTS[work][1]).distinct() if work in WORK_LISTS else found
    return wanted.order_by("-pk")


def transfer_counts() -> list[tuple[str, str, int]]:
    """(key, title, number) of every work list."""
    return [
        (key, title, TransferRequest.objects.filter(q).distinct().count()) for key, (title, q) in WORK_LISTS.items()
    ]


def own_requests(unit_code: str) -> QuerySet[TransferRequest]:
    """The requests of one division."""
    return transfer_requests().filter(unit_code=unit_code)


def executions_of(request: TransferRequest) -> QuerySet[TransferExecution]:
    """Every execution and refused attempt, newest first."""
    return request.executions.select_related("file", "provision").order_by("-seq")


def is_readable(execution: TransferExecution) -> bool:
    """Whether the asking division may read the result on its screen: given as 庁内連携, let go by a second person."""
    return execution.method == "file" and execution.file is not None and execution.file.state in _OPEN_TO_READ


def to_check_count(_staff: Any) -> int:
    """Requests that wait for their legal check."""
    return TransferRequest.objects.filter(state=State.SUBMITTED).count()
