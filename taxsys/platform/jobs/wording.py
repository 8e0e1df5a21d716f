"""What the command line says about jobs and runs, in Japanese; one function per answer, no printing here."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from taxsys.platform.jobs.declaration import Job
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.schedule import calendar_parse
from taxsys.platform.jobs.selectors import run_counts, run_progress, worklist_counts

NEXT_STEPS = {
    RunState.REQUESTED: "承認: manage.py job approve {n} --as 職員番号(依頼者と別の人)",
    RunState.APPROVED: "開始: manage.py job start {n}",
    RunState.STOPPED: "再開: manage.py job resume {n} / 破棄: manage.py job discard {n} --reason 理由",
    RunState.FAILED: "原因を除いて再開: manage.py job resume {n} / 破棄: manage.py job discard {n} --reason 理由",
}


def clock_time(moment: datetime | None) -> str:
    """「11/20 14:03」 in Japanese time; empty for None."""
    return f"{timezone.localtime(moment):%m/%d %H:%M}" if moment else ""


def job_lines(job: Job) -> list[str]:
    """A declared job: title line, then its parameters."""
    when = calendar_parse(job.calendar).title_ja if job.calendar else "依頼による"
    lines = [f"{job.id}  {job.name_ja}  [{when}{f'、{job.deadline}まで' if job.deadline else ''}]"]
    for p in job.params:
        options = "|".join(value for value, _ in p.options())
        need = "" if p.required and p.default is None else "(省略可)"
        lines.append(
            f"    {p.name}={options or {'int': '整数', 'date': 'YYYY-MM-DD'}.get(p.kind, '文字')}  {p.title_ja}{need}"
        )
    return lines


def run_line(run: JobRun) -> str:
    """One run in one line: number, job, state, percent, business date, parameters, requester."""
    params = " ".join(f"{k}={v}" for k, v in run.params.items() if v is not None)
    trial = "【試算】" if run.is_trial else ""
    percent = run_progress(run).percent
    return (
        f"第{run.pk}号 {run.job_id} {run.get_state_display()} {percent}% 業務日{run.business_on} {trial}{params}"
        f" ({run.requested_by_name} {clock_time(run.requested_at)})"
    )


def run_report(run: JobRun, *, log_lines: int = 10) -> list[str]:
    """Everything the operator needs of a run: stages, counts, checks, outputs, work list, last log lines, next step."""
    progress = run_progress(run)
    lines = [run_line(run)]
    if run.message:
        lines.append(f"  状況: {run.message}")
    if progress.expected_end is not None:
        lines.append(f"  毎分{progress.per_minute}単位、終了見込み {clock_time(progress.expected_end)}")
    for stage in progress.stages:
        isolated = f" 隔離{stage.failed}" if stage.failed else ""
        lines.append(f"  工程 {stage.name_ja}: {stage.state_ja} {stage.done:,}/{stage.total:,}{isolated}")
    lines += [f"  {name}: {n:,}" for name, n in run_counts(run).items()]
    for gate in run.gates.all():
        mark = "合格" if gate.ok else "不合格"
        lines.append(f"  検査 {gate.gate_id} {gate.title_ja}: {mark} {gate.count:,}件 {gate.detail_ja}".rstrip())
    for output in run.outputs.all():
        count = f" {output.count:,}件" if output.count is not None else ""
        amount = f" {output.amount_yen:,}円" if output.amount_yen is not None else ""
        lines.append(f"  成果物 {output.name}({output.kind}){count}{amount} sha256={output.sha256[:16]}…")
    lines += [f"  要処理 {kind} {code}: 未処理{n:,} 処理済{done:,}" for kind, code, n, done in worklist_counts(run)]
    for entry in reversed(list(run.log_lines.order_by("-id")[:log_lines])):
        mark = "!" if entry.is_error else " "
        lines.append(f"  {clock_time(entry.recorded_at)}{mark} {entry.text_ja}")
    if run.state in NEXT_STEPS:
        lines.append("  次の操作 " + NEXT_STEPS[RunState(run.state)].format(n=run.pk))
    return lines
