"""Reads for console and CLI: progress, sums, timeline. Counts only, never persons."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db import connection
from django.db.models import Count, QuerySet
from django.utils import timezone

from taxsys.platform.jobs import registry
from taxsys.platform.jobs.declaration import Done, Job, ParamValue
from taxsys.platform.jobs.models import LIVE_STATES, ChunkState, JobGate, JobPlan, JobRun, RunState, StageState

ENDED_WORK = (RunState.FINISHED, RunState.RELEASING, RunState.RELEASED)


@dataclass(frozen=True, slots=True)
class StageProgress:
    """One stage: chunks done of total, isolated ones, and its state."""

    name_ja: str
    phase: str
    state_ja: str
    done: int
    total: int
    failed: int


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a run is. `percent` is over the stages of its phase; `expected_end` None while unknown."""

    stages: tuple[StageProgress, ...]
    done: int
    total: int
    failed: int
    percent: int
    per_minute: int | None
    expected_end: datetime | None


def run_get(run_id: int) -> JobRun | None:
    """The run of this number, or None."""
    return JobRun.objects.filter(pk=run_id).first()


def run_progress(run: JobRun) -> Progress:
    """Progress of a run by stage and as a whole."""
    chunks: dict[int, Counter[str]] = {}
    for stage_id, state, n in run.chunks.values_list("stage_id", "state").annotate(n=Count("id")):
        chunks.setdefault(stage_id, Counter())[state] = n
    rows, parts = [], []
    for stage in run.stages.all():
        states = chunks.get(stage.pk, Counter())
        total = states.total() - states[ChunkState.SPLIT]
        done = states[ChunkState.DONE] + states[ChunkState.FAILED]
        rows.append(
            StageProgress(stage.name_ja, stage.phase, stage.get_state_display(), done, total, states[ChunkState.FAILED])
        )
        if stage.phase == run.phase:
            parts.append(100 if stage.state == StageState.DONE else (done * 100 // total if total else 0))
    done_all, total_all = sum(r.done for r in rows), sum(r.total for r in rows)
    if run.state in (RunState.FINISHED, RunState.RELEASED):
        percent = 100
    else:
        percent = sum(parts) // len(parts) if parts else 0
    per_minute, end = _speed(run, done_all, percent)
    return Progress(tuple(rows), done_all, total_all, sum(r.failed for r in rows), percent, per_minute, end)


def run_percent(run: JobRun) -> int:
    """How far the run is, in percent; costs nothing for a run that has ended well."""
    return 100 if run.state in (RunState.FINISHED, RunState.RELEASED) else run_progress(run).percent


def _speed(run: JobRun, done: int, percent: int) -> tuple[int | None, datetime | None]:
    began = run.release_started_at if run.state == RunState.RELEASING else run.started_at
    if run.state not in (RunState.RUNNING, RunState.RELEASING) or began is None:
        return None, None
    now = server_now()
    seconds = max(1, int((now - began).total_seconds()))
    end = began + timedelta(seconds=seconds * 100 // percent) if percent else None
    return done * 60 // seconds, end


def server_now() -> datetime:
    """The database server's clock, by which every run is timed."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def run_counts(run: JobRun) -> dict[str, int]:
    """Named counts of a run, summed over all done chunks, in order of name."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT e.key, sum(e.value::bigint)::bigint FROM jobs_jobchunk c, jsonb_each_text(c.counts) e"
            " WHERE c.run_id = %s AND c.state = 'done' GROUP BY e.key ORDER BY e.key COLLATE \"C\"",
            [run.pk],
        )
        return dict(cursor.fetchall())


def run_counts_compared(run: JobRun) -> list[tuple[str, int, int | None, str]]:
    """Counts beside those of the last ended run of the same job: (name, now, before, change in %)."""
    before_run = JobRun.objects.filter(job_id=run.job_id, pk__lt=run.pk, state__in=ENDED_WORK).first()
    before = run_counts(before_run) if before_run else {}
    rows: list[tuple[str, int, int | None, str]] = []
    for name, n in run_counts(run).items():
        old = before.get(name)
        change = ""
        if old:
            tenths = (n - old) * 1000 // old if n >= old else -((old - n) * 1000 // old)
            change = f"{'△' if tenths < 0 else ''}{abs(tenths) // 10}.{abs(tenths) % 10}%"
        rows.append((name, n, old, change))
    return rows


def gates_red(run: JobRun) -> QuerySet[JobGate]:
    """The failed checks of a run."""
    return run.gates.filter(ok=False)


def worklist_counts(run: JobRun) -> list[tuple[str, str, int, int]]:
    """Work list of a run as (kind, code, open, done)."""
    sums: dict[tuple[str, str], Counter[str]] = {}
    for kind, code, state, n in run.work_items.values_list("kind", "code", "state").annotate(n=Count("id")).order_by():
        sums.setdefault((kind, code), Counter())[state] = n
    return [(kind, code, c["open"], c["done"]) for (kind, code), c in sorted(sums.items())]


def run_live_in(scope: str) -> JobRun | None:
    """The run that holds this scope."""
    return JobRun.objects.filter(scope=scope, state__in=LIVE_STATES).first()


def already_started_ja(run: JobRun) -> str:
    """Why a second start is refused: 「14:03に佐藤が開始済み(62%)」."""
    if run.started_at is None:
        at = timezone.localtime(run.requested_at)
        return f"{at:%H:%M}に{run.requested_by_name}が実行依頼済み({run.get_state_display()}、第{run.pk}号)"
    at = timezone.localtime(run.started_at)
    note = "" if run.state in (RunState.RUNNING, RunState.RELEASING) else f"、{run.get_state_display()}、第{run.pk}号"
    return f"{at:%H:%M}に{run.started_by_name}が開始済み({run_progress(run).percent}%{note})"


def release_refusal_ja(run: JobRun, job: Job) -> str:
    """Why the duty itself does not let the outputs of a finished run go yet; "" when nothing is in the way."""
    return job.release.refuse(run) if job.release is not None and job.release.refuse is not None else ""


def requirement_missing_ja(done: Done, params: dict[str, ParamValue]) -> str:
    """Why the requirement is not met; "" when it is."""
    states = (RunState.RELEASED,) if done.released else ENDED_WORK
    wanted = {f"params__{name}": _stored(params[name]) for name in done.names}
    if JobRun.objects.filter(job_id=done.job_id, state__in=states, **wanted).exists():
        return ""
    job = registry.get(done.job_id)
    same = "、".join(f"{name}={params[name]}" for name in done.names)
    what = "出力解放" if done.released else "終了"
    return f"先に {job.id}「{job.name_ja}」の{what}が必要です{f'({same})' if same else ''}。"


def _stored(value: ParamValue) -> object:
    return value.isoformat() if isinstance(value, date) else value


def runs_recent(*, job_id: str = "", states: tuple[str, ...] = (), before: int = 0, limit: int = 50) -> list[JobRun]:
    """Runs, newest first, paged by number."""
    rows = JobRun.objects.all()
    if job_id:
        rows = rows.filter(job_id=job_id)
    if states:
        rows = rows.filter(state__in=states)
    if before:
        rows = rows.filter(pk__lt=before)
    return list(rows[:limit])


def plans_between(start: datetime, end: datetime) -> list[JobPlan]:
    """Planned starts in a span of time, with their runs."""
    return list(JobPlan.objects.select_related("run").filter(planned_at__gte=start, planned_at__lt=end))


def job_waits_for(job: Job) -> list[str]:
    """What a job waits for, in words."""
    return [f"{d.job_id}の{'出力解放' if d.released else '終了'}" for d in job.requires]


def standing_count() -> int:
    """Runs that stopped or failed and wait for the operator."""
    return JobRun.objects.filter(state__in=(RunState.STOPPED, RunState.FAILED)).count()


def release_waiting_count(staff: Any) -> int:
    """Runs that wait for a second person and were not requested by this officer: to be approved, or to be released
    with every check green.
    """
    releasable = [job.id for job in registry.all_jobs() if job.release is not None]
    own = {"requested_by": getattr(staff, "staff_no", "")}
    waiting = JobRun.objects.filter(state=RunState.REQUESTED).exclude(**own).count()
    finished = JobRun.objects.filter(state=RunState.FINISHED, job_id__in=releasable, is_trial=False).exclude(**own)
    return waiting + finished.exclude(gates__ok=False).count()
