"""A worker's lease on a run: fencing number, heartbeat, takeover.

A lease that is not renewed in time may be taken over by anyone. Takeover first ends the database session of the old
owner (a stopped process would otherwise keep its row locks), then deletes the lease row: whatever that worker still
tries to commit finds no lease and is refused.
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models.functions import Now

from taxsys.platform.jobs.errors import FenceLost
from taxsys.platform.jobs.models import WORKING_STATES, ChunkState, JobChunk, JobLease, JobLog, JobRun

logger = logging.getLogger(__name__)
LEASE_SECONDS = 30.0
LOCK_SECONDS = 30
IDLE_SECONDS = 300
ADVISORY_CLASS = 0x4A4F42  # "JOB": first half of the advisory lock key


def lease_seconds() -> float:
    """How long a lease lives without a heartbeat (setting TAXSYS_JOB_LEASE_SECONDS, 30 s); heartbeat is a sixth."""
    return float(getattr(settings, "TAXSYS_JOB_LEASE_SECONDS", LEASE_SECONDS))


@dataclass(frozen=True, slots=True)
class Lease:
    """A lease held by this process."""

    id: int
    run_id: int
    fence: int
    owner: str


def owner_name() -> str:
    """Name of this worker: host, process, and a random part against reuse of both."""
    return f"{socket.gethostname()}:{os.getpid()}:{uuid4().hex[:8]}"


def lease_take(run_id: int) -> Lease | None:
    """Join the work on a run; None when the run is in no working state. The fencing number only grows."""
    with transaction.atomic():
        run = JobRun.objects.select_for_update().filter(pk=run_id, state__in=WORKING_STATES).first()
        if run is None:
            return None
        fence = run.fence + 1
        JobRun.objects.filter(pk=run_id).update(fence=fence, retry_at=None)
        owner = owner_name()
        row = JobLease.objects.create(
            run_id=run_id, owner=owner, fence=fence, expires_at=Now() + timedelta(seconds=lease_seconds())
        )
    return Lease(row.pk, run_id, fence, owner)


def lease_renew(lease: Lease) -> None:
    """Push the expiry out. Raises FenceLost when the lease was taken over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE jobs_joblease SET heartbeat_at = clock_timestamp(),"
            " expires_at = clock_timestamp() + make_interval(secs => %s) WHERE id = %s AND fence = %s",
            [lease_seconds(), lease.id, lease.fence],
        )
        if cursor.rowcount != 1:
            raise FenceLost


def transaction_mark(lease: Lease) -> None:
    """Mark this transaction as the lease's (by an advisory lock), so that a takeover can end its session; bound its
    waits: for a lock, so that a stuck neighbour makes a retry, and idle, so that the server itself ends the
    transaction of a worker that no longer answers.
    """
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock_shared(%s, %s), set_config('lock_timeout', %s, true),"
            " set_config('idle_in_transaction_session_timeout', %s, true)",
            [ADVISORY_CLASS, lease.id % 2**31, f"{LOCK_SECONDS}s", f"{IDLE_SECONDS}s"],
        )


def lease_check(lease: Lease) -> None:
    """Hold the lease row until this transaction commits. Raises FenceLost when it was taken over."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM jobs_joblease WHERE id = %s AND fence = %s FOR KEY SHARE", [lease.id, lease.fence]
        )
        if cursor.fetchone() is None:
            raise FenceLost


def lease_give_back(lease: Lease) -> None:
    """End the lease; a chunk it still holds is open again. Harmless when the lease is gone already."""
    with transaction.atomic():
        if JobLease.objects.filter(pk=lease.id, fence=lease.fence).delete()[0]:
            _reopen(lease.run_id, lease.fence)


def leases_revoke_stale(run_id: int) -> int:
    """Take over from every worker of the run whose lease has expired; answers how many."""
    revoked = 0
    for row in JobLease.objects.filter(run_id=run_id, expires_at__lt=Now()):
        _end_session(row)
        with transaction.atomic():
            if JobLease.objects.filter(pk=row.pk, expires_at__lt=Now()).delete()[0]:
                _reopen(run_id, row.fence)
                text = f"処理装置 {row.owner.rsplit(':', 1)[0]} の応答がないため、処理を引き継ぎました。"
                JobLog.objects.create(run_id=run_id, text_ja=text, is_error=True)
                revoked += 1
    return revoked


def _end_session(row: JobLease) -> None:
    """End the transaction the old owner has open. Sessions belong to the login, not to the role it works as; where
    even the login may not end it, the idle limit of `transaction_mark` does, only later.
    """
    with connection.cursor() as cursor, suppress(DatabaseError), transaction.atomic():
        cursor.execute("SELECT current_setting('role')")
        role = cursor.fetchone()[0]
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(
            "SELECT pg_terminate_backend(pid, 5000) FROM pg_locks WHERE locktype = 'advisory' AND granted"
            " AND classid = %s AND objid = %s AND pid <> pg_backend_pid()"
            " AND database = (SELECT oid FROM pg_database WHERE datname = current_database())",
            [ADVISORY_CLASS, row.pk % 2**31],
        )
        cursor.execute("SELECT set_config('role', %s, true)", [role])


def _reopen(run_id: int, fence: int) -> None:
    JobChunk.objects.filter(run_id=run_id, state=ChunkState.RUNNING, fence=fence).update(
        state=ChunkState.OPEN, fence=None
    )


@contextmanager
def heartbeat(lease: Lease) -> Iterator[None]:
    """Renew the lease from a thread with its own connection. Inside an outer transaction (a test) the row is not
    visible to others, so nobody can take it over and no thread is started.
    """
    if connection.in_atomic_block:
        yield
        return
    ended = threading.Event()
    thread = threading.Thread(target=_beat, args=(lease, ended), name=f"lease-{lease.run_id}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        ended.set()
        thread.join()


def _beat(lease: Lease, ended: threading.Event) -> None:
    try:
        while not ended.wait(lease_seconds() / 6):
            try:
                lease_renew(lease)
            except FenceLost:
                return
            except (DatabaseError, InterfaceError):
                logger.warning("run %s: heartbeat failed, trying again", lease.run_id)
                connection.close()
    finally:
        connection.close()
