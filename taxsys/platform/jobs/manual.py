"""The generated part of docs/operations.md: timetable and job sheets out of the declarations."""

from __future__ import annotations

from pathlib import Path

from taxsys.platform.jobs.declaration import Job
from taxsys.platform.jobs.registry import declared_jobs
from taxsys.platform.jobs.schedule import calendar_parse

BEGIN = "<!-- jobs:begin (manage.py job manual で作り直します。手で直さないでください) -->"
END = "<!-- jobs:end -->"
DEFAULT_RECOVERY = "原因を除いて `resume`。終わった単位はやり直されません。"


def manual_section(jobs: tuple[Job, ...] | None = None) -> str:
    """Markdown of all declared jobs: a timetable, then one sheet per job."""
    rows = declared_jobs() if jobs is None else jobs
    lines = ["", "### 時刻表", "", "| 開始 | 締切 | 番号 | 名称 | 先に必要なもの |", "|---|---|---|---|---|"]
    lines += [_timetable_row(job) for job in sorted(rows, key=_timetable_key) if job.calendar]
    if not any(job.calendar for job in rows):
        lines.append("| — | — | — | 自動で始まるバッチはありません | — |")
    lines += ["", "### 一覧", ""]
    for job in rows:
        lines += _sheet(job)
    return "\n".join(lines) + "\n"


def _timetable_key(job: Job) -> tuple[str, str]:
    return (job.calendar.rsplit(" ", 1)[-1], job.id)


def _timetable_row(job: Job) -> str:
    needs = "、".join(done.job_id for done in job.requires) or "なし"
    when = calendar_parse(job.calendar).title_ja
    return f"| {when} | {job.deadline or '—'} | {job.id} | {job.name_ja} | {needs} |"


def _sheet(job: Job) -> list[str]:
    params = "、".join(f"`{p.name}`({p.title_ja})" for p in job.params) or "なし"
    needs = "、".join(f"{d.job_id}の{'出力解放' if d.released else '終了'}" for d in job.requires) or "なし"
    lines = [f"#### {job.id} {job.name_ja}", ""]
    if job.description_ja:
        lines += [job.description_ja, ""]
    lines += [
        f"- 引数: {params}",
        f"- 工程: {' → '.join(stage.name_ja for stage in job.stages)}",
        f"- 同時に一つだけ: `{job.scope}`",
        f"- 先に必要なもの: {needs}",
        f"- 実行の権限: `{job.permission}`",
    ]
    if job.approval is not None:
        lines.append(f"- 開始前の承認: `{job.approval}`(別の人)")
    if job.release is not None:
        lines.append(f"- 出力解放: `{job.release.permission}`(依頼者と別の人、検査がすべて合格のとき)")
    lines += [f"- 止まったとき: {job.recovery_ja or DEFAULT_RECOVERY}", ""]
    return lines


def manual_write(path: Path) -> bool:
    """Replace the generated part of the manual at `path`; whether anything changed. Raises ValueError without marks."""
    text = path.read_text(encoding="utf-8")
    head, begin, rest = text.partition(BEGIN)
    _, end, tail = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"{path}: marks of the generated part are missing")
    new = f"{head}{BEGIN}\n{manual_section()}\n{END}{tail}"
    if new != text:
        path.write_text(new, encoding="utf-8")
    return new != text
