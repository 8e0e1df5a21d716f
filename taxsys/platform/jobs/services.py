"""Acts on runs: request, approve, start, stop, resume, release, discard. One transaction each."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING

from django.core.serializers.json import DjangoJSONEncoder
from django.db import IntegrityError, transaction
from django.db.models.functions import Now

from taxsys.platform import clock
from taxsys.platform.jobs import outputs, registry
from taxsys.platform.jobs.declaration import Job, ParamValue
from taxsys.platform.jobs.errors import JobForbidden, JobRefused
from taxsys.platform.jobs.models import WORKING_STATES, JobLease, JobLog, JobRun, Phase, RunState, StageKind, StageState
from taxsys.platform.jobs.runner import run_settle_stop, work_on
from taxsys.platform.jobs.selectors import (
    already_started_ja,
    gates_red,
    release_refusal_ja,
    requirement_missing_ja,
    run_live_in,
)
from taxsys.platform.jobs.stages import failed_reopen, stages_create
from taxsys.platform.jobs.tasks import look_send
from taxsys.platform.staff.access import has_permission, is_same_person
from taxsys.platform.staff.catalogue import Permission, permission_get

if TYPE_CHECKING:
    from taxsys.platform.staff.models import Staff


@dataclass(frozen=True, slots=True)
class SystemActor:
    """The system itself (the calendar, a command of the installation): starts runs, never approves or releases."""

    staff_no: str = "system"
    name: str = "自動運転"


SYSTEM = SystemActor()


def _check(actor: Staff | SystemActor, permission: Permission | str) -> None:
    if isinstance(actor, SystemActor):
        return
    if not has_permission(actor, permission):
        title = permission_get(str(permission)).title_ja
        raise JobForbidden("J-RIGHT", f"この操作の権限がありません(必要: {title})。")


def params_hash(job_id: str, params: Mapping[str, ParamValue], *, business_on: date) -> str:
    """Hash of what a run is asked to do; two runs with the same hash are asked for the same."""
    content = {"job": job_id, "params": dict(params), "business_on": business_on}
    text = json.dumps(content, cls=DjangoJSONEncoder, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def job_request(
    job_id: str,
    params: Mapping[str, object],
    *,
    actor: Staff | SystemActor,
    business_on: date | None = None,
) -> JobRun:
    """実行依頼: a run of the job with these parameters, on the business date (default: today's).

    A job without an approval step is ready to start. Raises JobUnknown; JobForbidden; JobRefused J-PARAM for
    parameters, J-REQUIRES for a job that must run before, J-LIVE when a run of the same scope lives.
    """
    job = registry.get(job_id)
    _check(actor, job.permission)
    typed = job.parse(params)
    for done in job.requires:
        if missing := requirement_missing_ja(done, typed):
            raise JobRefused("J-REQUIRES", missing)
    on = business_on or clock.today()
    run = JobRun(
        job_id=job.id,
        params=typed,
        params_hash=params_hash(job.id, typed, business_on=on),
        scope=job.scope_of(typed),
        business_on=on,
        is_trial=job.is_trial(typed),
        state=RunState.REQUESTED if job.approval else RunState.APPROVED,
        requested_by=actor.staff_no,
        requested_by_name=actor.name,
    )
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            JobLog.objects.create(run=run, text_ja=f"{actor.name}が実行を依頼しました。")
    except IntegrityError as error:
        live = run_live_in(run.scope)
        if live is None:
            raise
        raise JobRefused("J-LIVE", already_started_ja(live)) from error
    run.refresh_from_db()  # parameters as they are stored, times of the server
    return run


def job_approve(run_id: int, *, actor: Staff) -> JobRun:
    """承認: a second person lets the run start, where the job asks for it. Raises JobForbidden, JobRefused."""
    with transaction.atomic():
        run, job = _locked(run_id)
        if job.approval is None or run.state != RunState.REQUESTED:
            raise _wrong_state(run, "承認")
        _check_second(actor, run, job.approval, "承認")
        run.state, run.approved_by, run.approved_by_name = RunState.APPROVED, actor.staff_no, actor.name
        run.approved_at = Now()
        run.save(update_fields=["state", "approved_by", "approved_by_name", "approved_at"])
        JobLog.objects.create(run=run, text_ja=f"{actor.name}が承認しました。")
    return JobRun.objects.get(pk=run_id)


def job_start(run_id: int, *, actor: Staff | SystemActor = SYSTEM) -> JobRun:
    """開始: call the workers. Raises JobRefused J-LIVE 「14:03に佐藤が開始済み(62%)」 when it runs already."""
    _start(run_id, actor)
    look_send(run_id)
    return JobRun.objects.get(pk=run_id)


def job_run_inline(run_id: int, *, actor: Staff | SystemActor = SYSTEM, raise_errors: bool = False) -> JobRun:
    """Start (or go on with) the run and work on it in this process, without Celery. Answers the run as it then stands;
    with `raise_errors` the error of a failing chunk is raised after it was recorded.
    """
    if JobRun.objects.get(pk=run_id).state not in WORKING_STATES:
        _start(run_id, actor)
    return work_on(run_id, raise_errors=raise_errors)


def _start(run_id: int, actor: Staff | SystemActor) -> None:
    with transaction.atomic():
        run, job = _locked(run_id)
        _check(actor, job.permission)
        if run.state in WORKING_STATES:
            raise JobRefused("J-LIVE", already_started_ja(run))
        if run.state != RunState.APPROVED:
            raise _wrong_state(run, "開始")
        stages_create(run, job, phase=Phase.WORK)
        run.state, run.started_by_name = RunState.RUNNING, actor.name
        run.started_at = Now()
        run.save(update_fields=["state", "started_by_name", "started_at"])
        JobLog.objects.create(run=run, text_ja=f"{actor.name}が開始しました(業務日 {run.business_on})。")


def job_stop(run_id: int, *, actor: Staff | SystemActor) -> JobRun:
    """停止: no further chunk is begun; chunks at work are finished first. Raises JobForbidden, JobRefused."""
    with transaction.atomic():
        run, job = _locked(run_id)
        _check(actor, job.permission)
        if run.state not in WORKING_STATES:
            raise _wrong_state(run, "停止")
        run.stop_requested_by = actor.name
        run.save(update_fields=["stop_requested_by"])
        JobLog.objects.create(run=run, text_ja=f"{actor.name}が停止を指示しました。")
    run_settle_stop(run_id)
    return JobRun.objects.get(pk=run_id)


def job_resume(run_id: int, *, actor: Staff | SystemActor = SYSTEM, inline: bool = False) -> JobRun:
    """再開・再実行(失敗分): go on with open chunks of a stopped or failed run, or with the isolated chunks of a
    finished one, whose later stages, finish and gates then run anew. Raises JobForbidden, JobRefused.
    """
    with transaction.atomic():
        run, job = _locked(run_id)
        _check(actor, job.permission)
        reopened = failed_reopen(run) if run.state in (RunState.STOPPED, RunState.FAILED, RunState.FINISHED) else 0
        if run.state in (RunState.STOPPED, RunState.FAILED) or reopened:
            releasing = run.phase == Phase.RELEASE
            run.state, run.message = (RunState.RELEASING if releasing else RunState.RUNNING), ""
            run.stop_requested_by, run.retry_at, run.finished_at = "", None, run.finished_at if releasing else None
            run.save(update_fields=["state", "message", "stop_requested_by", "retry_at", "finished_at"])
            JobLog.objects.create(run=run, text_ja=f"{actor.name}が再開しました(再実行 {reopened}単位)。")
        elif run.state in WORKING_STATES:
            JobRun.objects.filter(pk=run_id).update(retry_at=None, stop_requested_by="")
        else:
            raise _wrong_state(run, "再開")
    if inline:
        return work_on(run_id)
    look_send(run_id)
    return JobRun.objects.get(pk=run_id)


def job_release(run_id: int, actor: Staff, *, inline: bool = False) -> JobRun:
    """出力解放: a second person lets the outputs of a finished run go; every check must be green.

    Release stages and `on_release` run as chunked work in state `releasing`. Raises JobForbidden (right, same person),
    JobRefused J-TRIAL, J-GATE, J-STATE, J-OPEN (the duty has work left on it), J-NEWER (a later run was
    asked for the same), J-OUTPUT (a file changed).
    """
    with transaction.atomic():
        run, job = _locked(run_id)
        if job.release is None:
            raise JobRefused("J-STATE", "このバッチには解放する出力がありません。")
        if run.state != RunState.FINISHED:
            raise _wrong_state(run, "出力解放")
        _check_second(actor, run, job.release.permission, "出力解放")
        _check_releasable(run, job)
        stages_create(run, job, phase=Phase.RELEASE)
        run.state, run.phase = RunState.RELEASING, Phase.RELEASE
        run.released_by, run.released_by_name = actor.staff_no, actor.name
        run.release_started_at = Now()
        run.save(update_fields=["state", "phase", "released_by", "released_by_name", "release_started_at"])
        JobLog.objects.create(run=run, text_ja=f"{actor.name}が出力の解放を指示しました。")
    if inline:
        return work_on(run_id)
    look_send(run_id)
    return JobRun.objects.get(pk=run_id)


def _check_releasable(run: JobRun, job: Job) -> None:
    if run.is_trial:
        raise JobRefused("J-TRIAL", "試算の出力は解放できません。")
    gates_done = run.stages.filter(phase=Phase.WORK, kind=StageKind.GATES, state=StageState.DONE).exists()
    red = [g.title_ja for g in gates_red(run)]
    if red or not gates_done:
        raise JobRefused("J-GATE", f"不合格の検査があるため解放できません: {'、'.join(red) or '検査が済んでいません'}")
    if refusal := release_refusal_ja(run, job):
        raise JobRefused("J-OPEN", refusal)
    newer = JobRun.objects.filter(
        job_id=run.job_id, params_hash=run.params_hash, pk__gt=run.pk, state=RunState.FINISHED
    ).first()
    if newer is not None:
        raise JobRefused("J-NEWER", f"同じ内容の新しい実行(第{newer.pk}号)があるため解放できません。")
    changed = [o.name for o in run.outputs.all() if not outputs.verify(o.path, o.sha256)]
    if changed:
        raise JobRefused("J-OUTPUT", f"成果物が記録と一致しません: {'、'.join(changed)}")


def job_discard(run_id: int, *, actor: Staff | SystemActor, reason: str) -> JobRun:
    """破棄: give a run up before its release, with the reason; its files go. Raises JobForbidden, JobRefused."""
    if not reason.strip():
        raise JobRefused("J-REASON", "破棄の理由を入力してください。")
    with transaction.atomic():
        run, job = _locked(run_id)
        _check(actor, job.permission)
        ended = (RunState.RELEASED, RunState.DISCARDED, *WORKING_STATES)
        if run.state in ended or run.phase == Phase.RELEASE or JobLease.objects.filter(run=run).exists():
            raise _wrong_state(run, "破棄")
        run.state, run.discarded_by_name, run.message = RunState.DISCARDED, actor.name, f"破棄: {reason}"[:500]
        run.discarded_at = Now()
        run.save(update_fields=["state", "discarded_by_name", "discarded_at", "message"])
        JobLog.objects.create(run=run, text_ja=f"{actor.name}が破棄しました: {reason}"[:500])
        run.outputs.all().delete()
        transaction.on_commit(lambda: outputs.remove_all(run_id))
    return JobRun.objects.get(pk=run_id)


def _locked(run_id: int) -> tuple[JobRun, Job]:
    run = JobRun.objects.select_for_update().filter(pk=run_id).first()
    if run is None:
        raise JobRefused("J-RUN", f"実行 第{run_id}号はありません。")
    return run, registry.get(run.job_id)


def _check_second(actor: Staff, run: JobRun, permission: Permission | str, act: str) -> None:
    if isinstance(actor, SystemActor):
        raise JobForbidden("J-PERSON", f"{act}は職員が行ってください。")
    if is_same_person(actor.staff_no, run.requested_by):
        raise JobForbidden("J-SAME", f"{act}は、実行を依頼した人とは別の人が行ってください。")
    _check(actor, permission)


def _wrong_state(run: JobRun, act: str) -> JobRefused:
    return JobRefused("J-STATE", f"{act}できません。第{run.pk}号は「{run.get_state_display()}」です。")
