"""The stages of a run: which rows stand for them, how they are planned into chunks, when they are done."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import islice

from django.db import transaction
from django.db.models import Max
from django.db.models.functions import Now

from taxsys.platform.jobs.context import JobContext, acting, context_for
from taxsys.platform.jobs.declaration import Counts, GateResult, Job, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.leases import Lease, lease_check, lease_renew, transaction_mark
from taxsys.platform.jobs.models import (
    ChunkState,
    JobChunk,
    JobGate,
    JobRun,
    JobStage,
    Phase,
    StageKind,
    StageState,
)

BATCH = 2000
ISOLATED_GATE = "J-ISOLATED"


def stages_create(run: JobRun, job: Job, *, phase: str) -> None:
    """Write the stage rows of a phase; harmless when they are there."""
    if phase == Phase.WORK:
        rows = [(StageKind.DECLARED, s.name_ja) for s in job.stages]
        if job.finish is not None:
            rows.append((StageKind.FINISH, StageKind.FINISH.label))
        rows.append((StageKind.GATES, StageKind.GATES.label))
    else:
        release = job.release
        rows = [(StageKind.DECLARED, s.name_ja) for s in release.stages] if release else []
        if release is not None and release.on_release is not None:
            rows.append((StageKind.ON_RELEASE, StageKind.ON_RELEASE.label))
    JobStage.objects.bulk_create(
        [JobStage(run=run, phase=phase, seq=i, kind=kind, name_ja=name) for i, (kind, name) in enumerate(rows)],
        ignore_conflicts=True,
    )


def stage_current(run: JobRun) -> JobStage | None:
    """The first stage of the run's phase that is not done; None when the phase is complete."""
    return run.stages.filter(phase=run.phase).exclude(state=StageState.DONE).order_by("seq").first()


def declared_stage(job: Job, row: JobStage) -> Stage:
    """The declared stage behind a stage row; finish, gates and the end of a release are stages of one chunk."""
    if row.kind == StageKind.DECLARED:
        stages = job.stages if row.phase == Phase.WORK else (job.release.stages if job.release else ())
        if row.seq >= len(stages):
            raise JobRefused("J-STAGE", f"バッチ {job.id} の工程の数が、この実行を始めたときと異なります。")
        return stages[row.seq]
    step = {StageKind.FINISH: _finish, StageKind.GATES: _gates, StageKind.ON_RELEASE: _on_release}[StageKind(row.kind)]
    return Stage(row.name_ja, plan=_single, step=step, must_succeed=True)


def _single(ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _finish(ctx: JobContext, payload: Payload) -> Counts | None:
    if ctx.job.finish is not None:
        ctx.job.finish(ctx)
    return None


def _on_release(ctx: JobContext, payload: Payload) -> Counts | None:
    if ctx.job.release is not None and ctx.job.release.on_release is not None:
        ctx.job.release.on_release(ctx)
    return None


def _gates(ctx: JobContext, payload: Payload) -> Counts | None:
    isolated = JobChunk.objects.filter(run=ctx.run, state=ChunkState.FAILED).count()
    results = [
        GateResult(
            id=ISOLATED_GATE,
            title_ja="処理できずに隔離した単位がない",
            ok=isolated <= ctx.job.isolated_limit,
            count=isolated,
            detail_ja=f"許される数: {ctx.job.isolated_limit}",
            guards="I-J1",
        )
    ]
    for gate in ctx.job.gates:
        results.extend(gate(ctx))
    JobGate.objects.filter(run=ctx.run).delete()
    JobGate.objects.bulk_create(
        JobGate(
            run=ctx.run,
            gate_id=r.id,
            title_ja=r.title_ja,
            ok=r.ok,
            count=r.count,
            detail_ja=r.detail_ja[:1000],
            guards=r.guards,
        )
        for r in results
    )
    red = sum(not r.ok for r in results)
    ctx.log(f"検査 {len(results)}件: 合格 {len(results) - red}件、不合格 {red}件", is_error=red > 0)
    return None


def stage_plan(lease: Lease, run: JobRun, job: Job, *, row: JobStage) -> bool:
    """Cut a waiting stage into chunks, all in one transaction; False when another worker is at it."""
    stage = declared_stage(job, row)
    with transaction.atomic():
        lease_renew(lease)
        transaction_mark(lease)
        locked = JobStage.objects.select_for_update(skip_locked=True).filter(pk=row.pk).first()
        if locked is None:
            return False
        if locked.state != StageState.WAITING:
            return True
        with acting(run, job):
            ctx = context_for(run, job)
            count = _chunks_create(locked, stage.plan(ctx))
        if locked.kind == StageKind.DECLARED:
            ctx.log(f"工程「{locked.name_ja}」を{count:,}単位に分けました。")
        locked.state = StageState.PLANNED
        locked.planned_at = Now()
        locked.save(update_fields=["state", "planned_at"])
        lease_check(lease)
    return True


def _chunks_create(row: JobStage, payloads: Iterable[Payload]) -> int:
    source = enumerate(payloads)
    count = 0
    while batch := list(islice(source, BATCH)):
        JobChunk.objects.bulk_create(
            JobChunk(run_id=row.run_id, stage=row, seq=seq, payload=payload) for seq, payload in batch
        )
        count += len(batch)
    return count


def stage_close(row: JobStage) -> None:
    """Mark a stage done, once every chunk is."""
    JobStage.objects.filter(pk=row.pk, state=StageState.PLANNED).update(state=StageState.DONE, done_at=Now())


def chunk_claim(lease: Lease, row: JobStage) -> JobChunk | None:
    """Take the next open chunk of a stage for this lease; None when none is open."""
    with transaction.atomic():
        lease_renew(lease)
        chunk = (
            JobChunk.objects.select_for_update(skip_locked=True)
            .filter(stage=row, state=ChunkState.OPEN)
            .order_by("seq")
            .first()
        )
        if chunk is None:
            return None
        chunk.state, chunk.fence, chunk.attempts = ChunkState.RUNNING, lease.fence, chunk.attempts + 1
        JobChunk.objects.filter(pk=chunk.pk).update(
            state=chunk.state, fence=chunk.fence, attempts=chunk.attempts, started_at=Now()
        )
    return chunk


def chunk_split(chunk: JobChunk, stage: Stage, *, error: str) -> bool:
    """Cut a failing chunk into smaller ones (bisecting); False when it cannot be cut. Caller's transaction."""
    parts = list(stage.split(chunk.payload)) if stage.split is not None else []
    if len(parts) < 2:
        return False
    JobStage.objects.select_for_update().get(pk=chunk.stage_id)
    last = JobChunk.objects.filter(stage_id=chunk.stage_id).aggregate(last=Max("seq"))["last"]
    JobChunk.objects.bulk_create(
        JobChunk(run_id=chunk.run_id, stage_id=chunk.stage_id, seq=last + 1 + i, payload=part)
        for i, part in enumerate(parts)
    )
    JobChunk.objects.filter(pk=chunk.pk).update(state=ChunkState.SPLIT, error=error, fence=None)
    return True


def failed_reopen(run: JobRun) -> int:
    """Open the isolated chunks of the run's phase again. The stages behind them are planned anew: steps are
    idempotent by business key, and finish and gates must see the mended whole.
    """
    failed = JobChunk.objects.filter(run=run, stage__phase=run.phase, state=ChunkState.FAILED)
    first = failed.order_by("stage__seq").values_list("stage__seq", flat=True).first()
    if first is None:
        return 0
    count = failed.update(state=ChunkState.OPEN, error="", fence=None)
    run.stages.filter(phase=run.phase, seq=first, state=StageState.DONE).update(state=StageState.PLANNED, done_at=None)
    later = run.stages.filter(phase=run.phase, seq__gt=first).exclude(state=StageState.WAITING)
    JobChunk.objects.filter(stage__in=later).delete()
    later.update(state=StageState.WAITING, planned_at=None, done_at=None)
    return count
