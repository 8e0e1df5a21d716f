"""バッチ運用コンソール: tonight, runs, one run with live progress, and the acts. Counts only; no page names a person
of the register, so the contractor works it without opening anyone.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.jobs import outputs, registry, selectors, services
from taxsys.platform.jobs.errors import JobError, JobForbidden, JobRefused, JobUnknown
from taxsys.platform.jobs.forms import BUSINESS_ON, ReasonForm, RequestForm
from taxsys.platform.jobs.models import JobOutput, JobRun, RunState
from taxsys.platform.jobs.permissions import DOWNLOAD, OPERATE, RELEASE, VIEW
from taxsys.platform.jobs.queues import queue_rows
from taxsys.platform.jobs.schedule import calendar_parse
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires

PAGE_SIZE = 50
LOG_LINES = 100
REFRESH_SECONDS = 3
LEVELS = {
    RunState.REQUESTED: "caution",
    RunState.APPROVED: "info",
    RunState.RUNNING: "info",
    RunState.FINISHED: "done",
    RunState.STOPPED: "caution",
    RunState.FAILED: "danger",
    RunState.RELEASING: "info",
    RunState.RELEASED: "done",
    RunState.DISCARDED: "neutral",
}
PLAN_LEVELS = {"planned": "info", "requested": "done", "refused": "danger", "skipped": "caution"}


def _refused(error: JobError) -> Refused:
    """The house's refusal of a job refusal."""
    if isinstance(error, JobForbidden):
        return Refused("R403-OWN" if error.code == "J-SAME" else "R403", error.message_ja, reason=error.code)
    if isinstance(error, JobUnknown) or error.code == "J-RUN":
        return Refused("R404", reason=error.code)
    return Refused("R409", error.message_ja, reason=error.code)


def _row(run: JobRun) -> dict[str, Any]:
    try:
        name = registry.get(run.job_id).name_ja
    except JobUnknown:
        name = ""
    red = run.state == RunState.FINISHED and selectors.gates_red(run).exists()
    level = "danger" if red else LEVELS[RunState(run.state)]
    return {"run": run, "name_ja": name, "level": level, "is_red": red, "percent": selectors.run_percent(run)}


def _tonight() -> list[dict[str, Any]]:
    """Planned, waiting, running and done starts from 12 hours ago to 24 hours ahead, in order of time."""
    now = selectors.server_now()
    rows = []
    for plan in selectors.plans_between(now - timedelta(hours=12), now + timedelta(hours=24)):
        try:
            job = registry.get(plan.job_id)
        except JobUnknown:
            continue
        waits = "、".join(selectors.job_waits_for(job)) if plan.run is None else ""
        row = {"plan": plan, "job": job, "waits_ja": waits, "level": PLAN_LEVELS[plan.state]}
        rows.append({**row, **(_row(plan.run) if plan.run else {})})
    return rows


@requires(VIEW)
@never_cache
@require_safe
def console(request: HttpRequest) -> HttpResponse:
    """今夜の予定と実行の一覧."""
    before = request.GET.get("before", "")
    runs = selectors.runs_recent(before=int(before) if before.isdecimal() and len(before) < 18 else 0, limit=PAGE_SIZE)
    access_record(action="view", record_type="job_run", count=len(runs))
    values = {
        "tonight": _tonight(),
        "queues": queue_rows(),
        "rows": [_row(run) for run in runs],
        "older": runs[-1].pk if len(runs) == PAGE_SIZE else None,
        "may_operate": has_permission(request.user, OPERATE),
    }
    return render(request, "jobs/console.html", values)


@requires(VIEW)
@require_safe
def catalogue(request: HttpRequest) -> HttpResponse:
    """登録バッチの一覧."""
    rows = [
        {
            "job": job,
            "when_ja": calendar_parse(job.calendar).title_ja if job.calendar else "依頼による",
            "waits_ja": "、".join(selectors.job_waits_for(job)),
            "may_request": has_permission(request.user, OPERATE) and has_permission(request.user, job.permission),
        }
        for job in registry.all_jobs()
    ]
    access_record(action="view", record_type="job", count=len(rows))
    return render(request, "jobs/catalogue.html", {"rows": rows})


@requires(OPERATE)
def request_form(request: HttpRequest, job_id: str) -> HttpResponse:
    """実行依頼: parameters of the job, and the request itself."""
    try:
        job = registry.get(job_id)
    except JobUnknown as error:
        raise _refused(error) from error
    if not has_permission(request.user, job.permission):
        raise Refused("R403", reason="no_permission")
    form = RequestForm(job, request.POST if request.method == "POST" else None, initial={BUSINESS_ON: clock.today()})
    if request.method == "POST" and form.is_valid():
        staff: Any = request.user
        try:
            run = services.job_request(job.id, form.params(), actor=staff, business_on=form.cleaned_data[BUSINESS_ON])
        except JobForbidden as error:
            raise _refused(error) from error
        except JobRefused as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(action="create", record_type="job_run", record_id=str(run.pk))
            messages.success(request, f"第{run.pk}号として実行を依頼しました。")
            return redirect("jobs-run", run_id=run.pk)
    status = 422 if form.errors else 200
    return render(request, "jobs/request.html", {"form": form, "job": job}, status=status)


def _run(run_id: int) -> JobRun:
    return get_object_or_404(JobRun, pk=run_id)


def _live_values(request: HttpRequest, run: JobRun) -> dict[str, Any]:
    return {
        **_row(run),
        "progress": selectors.run_progress(run),
        "counts": selectors.run_counts_compared(run),
        "gates": list(run.gates.all()),
        "outputs": list(run.outputs.all()),
        "worklist": selectors.worklist_counts(run),
        "log_lines": list(run.log_lines.order_by("-id")[:LOG_LINES]),
        "is_live": run.state in (RunState.RUNNING, RunState.RELEASING),
        "refresh_seconds": REFRESH_SECONDS,
        "acts": _acts(request, run),
        "release_refusal_ja": _release_refusal(run),
        "may_download": _is_open(run) and has_permission(request.user, DOWNLOAD),
    }


def _release_refusal(run: JobRun) -> str:
    """Why the duty does not let a finished run go; empty for other states and for jobs that are gone."""
    try:
        return selectors.release_refusal_ja(run, registry.get(run.job_id)) if run.state == RunState.FINISHED else ""
    except JobUnknown:
        return ""


def _acts(request: HttpRequest, run: JobRun) -> dict[str, bool]:
    """Which buttons this officer sees: by state, by right, and never the second person's button to the first."""
    try:
        job = registry.get(run.job_id)
    except JobUnknown:
        return {}
    user: Any = request.user
    mine = has_permission(user, OPERATE) and has_permission(user, job.permission)
    second = has_permission(user, RELEASE) and user.staff_no != run.requested_by
    state = run.state
    failed = state == RunState.FINISHED and run.chunks.filter(state="failed").exists()
    red = selectors.gates_red(run).exists()
    discardable = state in (RunState.REQUESTED, RunState.APPROVED, RunState.STOPPED, RunState.FAILED, RunState.FINISHED)
    finished = state == RunState.FINISHED and job.release is not None and not run.is_trial
    return {
        "approve": state == RunState.REQUESTED and second and has_permission(user, job.approval or job.permission),
        "start": state == RunState.APPROVED and mine,
        "stop": state in (RunState.RUNNING, RunState.RELEASING) and mine and not run.stop_requested_by,
        "resume": (state in (RunState.STOPPED, RunState.FAILED) or failed) and mine,
        "rerun_failed": failed,
        "discard": discardable and run.phase == "work" and mine,
        "release": finished and not red and second and job.release is not None
        and has_permission(user, job.release.permission),
        "release_own": finished and user.staff_no == run.requested_by,
        "release_red": finished and red,
    }  # fmt: skip


@requires(VIEW)
@never_cache
@require_safe
def run_page(request: HttpRequest, run_id: int) -> HttpResponse:
    """一件の実行: progress, counts, checks, outputs, log, and the acts allowed now."""
    run = _run(run_id)
    access_record(action="view", record_type="job_run", record_id=str(run.pk))
    return render(request, "jobs/run.html", _live_values(request, run))


@requires(VIEW)
@never_cache
@require_safe
def run_live(request: HttpRequest, run_id: int) -> HttpResponse:
    """The part of the run page that renews itself; asked for by htmx every few seconds while the run goes on."""
    return render(request, "jobs/run_live.html", _live_values(request, _run(run_id)))


def _act(request: HttpRequest, run_id: int, *, act: Callable[[], JobRun], done_ja: str) -> HttpResponse:
    run = _run(run_id)
    try:
        act()
    except JobError as error:
        raise _refused(error) from error
    access_record(action="update", record_type="job_run", record_id=str(run.pk))
    messages.success(request, f"第{run.pk}号{done_ja}")
    return redirect(reverse("jobs-run", args=[run.pk]))


@requires(OPERATE)
@require_POST
def start(request: HttpRequest, run_id: int) -> HttpResponse:
    """開始."""
    act = partial(services.job_start, run_id, actor=request.user)  # type: ignore[arg-type]
    return _act(request, run_id, act=act, done_ja="を開始しました。")


@requires(OPERATE)
@require_POST
def stop(request: HttpRequest, run_id: int) -> HttpResponse:
    """停止: after the chunks at work."""
    act = partial(services.job_stop, run_id, actor=request.user)  # type: ignore[arg-type]
    return _act(request, run_id, act=act, done_ja="に停止を指示しました。処理中の単位が終わると止まります。")


@requires(OPERATE)
@require_POST
def resume(request: HttpRequest, run_id: int) -> HttpResponse:
    """再開・再実行(失敗分)."""
    act = partial(services.job_resume, run_id, actor=request.user)  # type: ignore[arg-type]
    return _act(request, run_id, act=act, done_ja="を再開しました。")


@requires(OPERATE)
@require_POST
def discard(request: HttpRequest, run_id: int) -> HttpResponse:
    """破棄: with a reason."""
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    act = partial(services.job_discard, run_id, actor=request.user, reason=reason)  # type: ignore[arg-type]
    return _act(request, run_id, act=act, done_ja="を破棄しました。")


@requires(RELEASE)
@require_POST
def approve(request: HttpRequest, run_id: int) -> HttpResponse:
    """承認: by a second person."""
    act = partial(services.job_approve, run_id, actor=request.user)  # type: ignore[arg-type]
    return _act(request, run_id, act=act, done_ja="を承認しました。")


@requires(RELEASE)
@require_POST
def release(request: HttpRequest, run_id: int) -> HttpResponse:
    """出力解放: by a second person, checks green."""
    act = partial(services.job_release, run_id, request.user)  # type: ignore[arg-type]
    return _act(request, run_id, act=act, done_ja="の出力解放を始めました。")


def _is_open(run: JobRun) -> bool:
    """Whether the outputs of a run may leave: released, or finished where the job declares no release."""
    if run.state == RunState.RELEASED:
        return True
    try:
        return run.state == RunState.FINISHED and registry.get(run.job_id).release is None
    except JobUnknown:
        return False


@requires(DOWNLOAD)
@require_safe
def output(request: HttpRequest, output_id: int) -> HttpResponseBase:
    """成果物の取出し: only after release, and only the bytes whose hash was recorded."""
    row = get_object_or_404(JobOutput.objects.select_related("run"), pk=output_id)
    if not _is_open(row.run):
        raise Refused("R409", "出力は解放されていません。", reason="not_released")
    if not outputs.verify(row.path, row.sha256):
        raise Refused("R409", "成果物が記録と一致しません。システム担当に連絡してください。", reason="hash_differs")
    access_record(action="export", record_type="job_output", record_id=str(row.pk), count=row.count)
    file = (Path(settings.TAXSYS_DATA_DIR) / row.path).open("rb")
    return FileResponse(file, as_attachment=True, filename=row.name, content_type="application/octet-stream")
