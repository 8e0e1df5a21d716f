"""待ち行列: files that are taken in as they arrive, by their order; their depth stands on the console (R-131).

A queue is one job that takes files of one format. `tick` starts the oldest that waits as long as no run of the job
lives; one that failed stays for the operator, and nothing behind it overtakes it.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction

from taxsys.platform import clock
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.jobs import registry
from taxsys.platform.jobs.errors import JobError
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import SYSTEM, job_request, job_start

_LIVE = (RunState.REQUESTED, RunState.APPROVED, RunState.RUNNING, RunState.STOPPED, RunState.FAILED)


@dataclass(frozen=True, slots=True)
class Queue:
    """一つの待ち行列: files of `format` go to `job_id`; one that waits longer than `limit` is told."""

    job_id: str
    format: str
    title_ja: str
    limit: timedelta


_queues: dict[str, Queue] = {}


def queue_register(queue: Queue) -> None:
    """Register a queue (from AppConfig.ready); again replaces."""
    _queues[queue.job_id] = queue


def _waiting(queue: Queue) -> Any:
    return ReceivedFile.objects.filter(format=queue.format, state=ReceivedFile.State.RECEIVED).order_by(
        "received_at", "name"
    )


def queue_rows() -> list[dict[str, Any]]:
    """Depth and oldest file of each queue, with level and words for the console."""
    rows = []
    for queue in _queues.values():
        arrivals: list[datetime] = list(_waiting(queue).values_list("received_at", flat=True))
        oldest_at = arrivals[0] if arrivals else None
        is_late = oldest_at is not None and clock.now() - oldest_at > queue.limit
        state_ja = f"{int(queue.limit.total_seconds())}秒を超えて待っています" if is_late else "待ちなし"
        rows.append(
            {
                "queue": queue,
                "depth": len(arrivals),
                "oldest_at": oldest_at,
                "level": "danger" if is_late else "info" if arrivals else "done",
                "state_ja": state_ja if is_late or not arrivals else "取込みを待っています",
            }
        )
    return rows


def queues_start() -> int:
    """Start a run for the oldest file of each queue that has no live run. Answers how many runs were started."""
    return sum(_queue_start(queue) for queue in _queues.values()) if settings.TAXSYS_QUEUES_START else 0


def _queue_start(queue: Queue) -> bool:
    if JobRun.objects.filter(job_id=queue.job_id, state__in=_LIVE).exists():
        return False
    received = _waiting(queue).first()
    if received is None:
        return False
    registry.get(queue.job_id)
    try:
        with transaction.atomic():
            run = job_request(queue.job_id, {"file": str(received.pk)}, actor=SYSTEM, business_on=clock.today())
        return run.state == RunState.APPROVED and job_start(run.pk) is not None
    except JobError:
        return False  # somebody else was quicker: the next tick looks again
