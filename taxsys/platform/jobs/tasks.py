"""Celery: a message only says "look at run N". Losing, repeating or reordering messages changes nothing."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import connection, transaction
from kombu.exceptions import OperationalError as BrokerError
from redis.exceptions import RedisError

logger = logging.getLogger(__name__)


@shared_task(name="jobs.look", ignore_result=True, acks_late=True)
def look(run_id: int) -> None:
    """Work on run N as far as this worker can."""
    from taxsys.platform.jobs.runner import work_on

    work_on(run_id)


@shared_task(name="jobs.sweep", ignore_result=True)
def sweep() -> int:
    """Call workers for every run that should be going and is not."""
    from taxsys.platform.jobs.schedule import sweep as sweep_runs

    return sweep_runs()


def look_send(run_id: int, *, copies: int = 1) -> None:
    """Ask workers to look at the run once this transaction has committed. A broker that is away only delays: the
    sweep asks again.
    """

    def send() -> None:
        try:
            for _ in range(copies):
                look.apply_async((run_id,), retry=False)
        except (BrokerError, RedisError, OSError):
            logger.warning("run %s: broker is away, the sweep will ask again", run_id)

    transaction.on_commit(send)


def helpers_call(run_id: int, copies: int) -> None:
    """Ask `copies` more workers to share the run's chunks; not where tasks run inside the caller (tests)."""
    if copies > 0 and not look.app.conf.task_always_eager and not connection.in_atomic_block:
        look_send(run_id, copies=copies)
