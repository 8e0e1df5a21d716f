"""The worker's loop on one run: plan a stage, do its chunks, go on to the next, end the run.

Any number of processes may call `work_on` for the same run at once; each holds its own lease and takes open chunks.
"""

from __future__ import annotations

import logging
import time
from datetime import timedelta
from typing import Literal

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models.functions import Now

from taxsys.platform.jobs import registry
from taxsys.platform.jobs.context import acting, context_for
from taxsys.platform.jobs.declaration import Job, Stage
from taxsys.platform.jobs.errors import FenceLost, JobUnknown
from taxsys.platform.jobs.failures import code_of, describe, verdict
from taxsys.platform.jobs.leases import (
    Lease,
    heartbeat,
    lease_check,
    lease_give_back,
    lease_renew,
    lease_take,
    leases_revoke_stale,
    transaction_mark,
)
from taxsys.platform.jobs.models import (
    WORKING_STATES,
    ChunkState,
    JobChunk,
    JobLease,
    JobLog,
    JobRun,
    JobStage,
    Phase,
    RunState,
    StageState,
    WorkItem,
)
from taxsys.platform.jobs.stages import (
    chunk_claim,
    chunk_split,
    declared_stage,
    stage_close,
    stage_current,
    stage_plan,
)

logger = logging.getLogger(__name__)

Outcome = Literal["go_on", "wait", "leave"]
PAUSE_SECONDS = 60
POISON_KIND = "job.isolated"


def work_on(run_id: int, *, raise_errors: bool = False) -> JobRun:
    """Work on run N until nothing is left for this worker; answers the run as it then stands.

    With `raise_errors` the error of a failing chunk is raised after it has been recorded (tests).
    """
    leases_revoke_stale(run_id)
    lease = lease_take(run_id)
    if lease is not None:
        try:
            with heartbeat(lease):
                _loop(lease, raise_errors=raise_errors)
        except FenceLost:
            logger.warning("run %s: lease %s was taken over", run_id, lease.fence)
        finally:
            _leave(lease)
    return JobRun.objects.get(pk=run_id)


def _leave(lease: Lease) -> None:
    try:
        lease_give_back(lease)
        run_settle_stop(lease.run_id)
    except (DatabaseError, InterfaceError):
        logger.warning("run %s: lease not given back, it expires by itself", lease.run_id)
        if not connection.in_atomic_block:
            connection.close()


def _loop(lease: Lease, *, raise_errors: bool) -> None:
    tries = 0
    while True:
        try:
            outcome = _advance(lease, raise_errors=raise_errors)
            tries = 0
        except (DatabaseError, InterfaceError) as error:
            job = registry.get(JobRun.objects.get(pk=lease.run_id).job_id) if _reconnect() else None
            delays = job.retry if job is not None else (5.0,)
            if verdict(error) == "data" or tries >= len(delays):
                raise
            time.sleep(delays[tries])
            tries += 1
            continue
        if outcome == "leave":
            return


def _reconnect() -> bool:
    """Drop a broken connection; whether the database answers. Inside an outer transaction nothing can be mended."""
    if connection.in_atomic_block:
        return True
    connection.close()
    try:
        connection.ensure_connection()
    except (DatabaseError, InterfaceError):
        return False
    return True


def _advance(lease: Lease, *, raise_errors: bool) -> Outcome:
    run = JobRun.objects.get(pk=lease.run_id)
    if run.state not in WORKING_STATES or run.stop_requested_by or run.retry_at is not None:
        return "leave"
    try:
        job = registry.get(run.job_id)
    except JobUnknown as error:
        _fail(run, describe(error))
        return "leave"
    row = stage_current(run)
    if row is None:
        _phase_end(lease, run)
        return "leave"
    if row.state == StageState.WAITING:
        return _plan(lease, run, job, row=row, raise_errors=raise_errors)
    chunk = chunk_claim(lease, row)
    if chunk is None:
        return _stage_end(run, row)
    return _chunk(lease, run, job, chunk=chunk, stage=declared_stage(job, row), raise_errors=raise_errors)


def _plan(lease: Lease, run: JobRun, job: Job, *, row: JobStage, raise_errors: bool) -> Outcome:
    try:
        planned = stage_plan(lease, run, job, row=row)
    except FenceLost:
        raise
    except Exception as error:
        if verdict(error) == "transient":
            raise
        return _unplanned(run, row, error, raise_errors=raise_errors)
    if not planned:
        return "leave"
    _call_helpers(run, job, row)
    return "go_on"


def _unplanned(run: JobRun, row: JobStage, error: Exception, *, raise_errors: bool) -> Outcome:
    logger.debug("planning failed", exc_info=True)
    if verdict(error) == "pause":
        _pause(run, describe(error))
    else:
        _fail(run, f"工程「{row.name_ja}」の準備に失敗しました: {describe(error)}")
    if raise_errors:
        raise error
    return "leave"


def _call_helpers(run: JobRun, job: Job, row: JobStage) -> None:
    from taxsys.platform.jobs.tasks import helpers_call

    chunks = row.chunks.count()
    if chunks > 1:
        helpers_call(run.pk, min(job.workers, chunks) - 1)


def _stage_end(run: JobRun, row: JobStage) -> Outcome:
    """No chunk is open: the stage is done, or others are still at work (the last of them goes on)."""
    states = set(row.chunks.values_list("state", flat=True).distinct())
    if ChunkState.RUNNING in states:
        if leases_revoke_stale(run.pk):
            return "go_on"
        return "leave"
    if ChunkState.OPEN in states:
        return "go_on"
    if ChunkState.FAILED in states and ChunkState.DONE not in states:
        _fail(run, f"工程「{row.name_ja}」のすべての単位が失敗しました。")
        return "leave"
    stage_close(row)
    return "go_on"


def _phase_end(lease: Lease, run: JobRun) -> None:
    with transaction.atomic():
        lease_check(lease)
        if run.phase == Phase.WORK:
            ended = JobRun.objects.filter(pk=run.pk, state=RunState.RUNNING).update(
                state=RunState.FINISHED, finished_at=Now(), message=""
            )
            text = "処理が終わりました。"
        else:
            ended = JobRun.objects.filter(pk=run.pk, state=RunState.RELEASING).update(
                state=RunState.RELEASED, released_at=Now(), message=""
            )
            text = "出力を解放しました。"
        if ended:
            JobLog.objects.create(run=run, text_ja=text)


def _chunk(lease: Lease, run: JobRun, job: Job, *, chunk: JobChunk, stage: Stage, raise_errors: bool) -> Outcome:
    """Do one claimed chunk, with retries for what passes by itself."""
    for delay in (*job.retry, None):
        try:
            _chunk_do(lease, run, job, chunk=chunk, stage=stage)
            return "go_on"
        except FenceLost:
            raise
        except Exception as error:
            logger.debug("chunk %s failed", chunk.pk, exc_info=True)
            kind = verdict(error)
            if kind == "transient" and delay is not None:
                _await_retry(run, error, delay)
                continue
            if kind == "data":
                _isolate(lease, run, chunk=chunk, stage=stage, error=error)
            else:
                _pause(run, describe(error))
            if raise_errors:
                raise
            return "go_on" if kind == "data" else "leave"
    raise AssertionError("unreachable")


def _await_retry(run: JobRun, error: Exception, delay: float) -> None:
    time.sleep(delay)
    if _reconnect():
        JobLog.objects.create(run=run, text_ja=f"一時的な障害のため再試行します: {describe(error)}"[:500])


def _chunk_do(lease: Lease, run: JobRun, job: Job, *, chunk: JobChunk, stage: Stage) -> None:
    """Effect, counts, mark and fence check of one chunk: one transaction."""
    with transaction.atomic(), acting(run, job):
        transaction_mark(lease)
        ctx = context_for(run, job, chunk=chunk)
        for name, n in (stage.step(ctx, chunk.payload) or {}).items():
            ctx.count(name, int(n))
        lease_check(lease)
        marked = JobChunk.objects.filter(pk=chunk.pk, fence=lease.fence, state=ChunkState.RUNNING).update(
            state=ChunkState.DONE, counts=dict(sorted(ctx.counts.items())), done_at=Now(), error=""
        )
        if marked != 1:
            raise FenceLost


def _isolate(lease: Lease, run: JobRun, *, chunk: JobChunk, stage: Stage, error: Exception) -> None:
    """A chunk that fails by its data: bisect it, or set it aside on the work list; the run goes on."""
    reason = describe(error)
    with transaction.atomic():
        lease_renew(lease)
        lease_check(lease)
        if chunk_split(chunk, stage, error=reason):
            return
        JobChunk.objects.filter(pk=chunk.pk, fence=lease.fence).update(
            state=ChunkState.FAILED, error=reason, fence=None, done_at=Now()
        )
        key = f"{run.job_id}#{run.pk}/{stage.name_ja}/{chunk.seq}"
        JobLog.objects.create(run=run, text_ja=f"処理単位 {chunk.seq} を隔離しました: {reason}"[:500], is_error=True)
        WorkItem.objects.bulk_create(
            [WorkItem(run=run, kind=POISON_KIND, subject_key=key[:120], code=code_of(error), message_ja=reason)],
            ignore_conflicts=True,
        )
    if stage.must_succeed:
        _fail(run, f"工程「{stage.name_ja}」に失敗しました: {reason}")


def _fail(run: JobRun, reason: str) -> None:
    if JobRun.objects.filter(pk=run.pk, state__in=WORKING_STATES).update(state=RunState.FAILED, message=reason[:500]):
        JobLog.objects.create(run=run, text_ja=reason[:500], is_error=True)


def _pause(run: JobRun, reason: str) -> None:
    """The surroundings fail: leave the run standing; the sweep takes it up again after a minute."""
    _reconnect()
    text = f"一時停止中(自動で再開します): {reason}"[:500]
    JobRun.objects.filter(pk=run.pk, state__in=WORKING_STATES).update(
        retry_at=Now() + timedelta(seconds=PAUSE_SECONDS), message=text
    )
    JobLog.objects.create(run=run, text_ja=text, is_error=True)


def run_settle_stop(run_id: int) -> bool:
    """A run told to stop is stopped once its last worker has left. Answers whether it was now."""
    run = JobRun.objects.get(pk=run_id)
    if not run.stop_requested_by or JobLease.objects.filter(run_id=run_id, expires_at__gte=Now()).exists():
        return False
    name = run.stop_requested_by
    stopped = JobRun.objects.filter(pk=run_id, state__in=WORKING_STATES).update(
        state=RunState.STOPPED, stop_requested_by="", message=f"{name}が停止しました。"
    )
    if stopped:
        JobLog.objects.create(run_id=run_id, text_ja=f"停止しました(指示: {name})。")
    return bool(stopped)
