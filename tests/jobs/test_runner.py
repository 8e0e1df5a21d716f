"""A run in one process: chunks, counts, outputs, gates, isolation, retries, pauses, stopping."""

import errno
import hashlib
from datetime import date

import pytest
from django.conf import settings
from django.db import OperationalError

from taxsys.platform import clock
from taxsys.platform.jobs import outputs
from taxsys.platform.jobs.models import JobChunk, JobLog, JobRun, RunState, WorkItem
from taxsys.platform.jobs.selectors import run_counts, run_progress, worklist_counts
from taxsys.platform.jobs.services import SYSTEM, job_request, job_resume, job_run_inline, job_stop
from tests.jobs import toy
from tests.jobs.conftest import toy_run

pytestmark = pytest.mark.django_db


def test_a_run_does_every_chunk_once_and_sums_its_counts():
    run = job_run_inline(toy_run(n=10, size=4).pk)
    assert run.state == RunState.FINISHED
    assert toy.numbers_of(run.pk) == [f"{i:06d}" for i in range(10)]
    assert run_counts(run) == {"件数": 10, "合計": 45}
    progress = run_progress(run)
    assert (progress.percent, progress.done, progress.total, progress.failed) == (100, 5, 5, 0)
    assert [(s.name_ja, s.done, s.total) for s in progress.stages] == [
        ("計算", 3, 3),
        ("結果の取りまとめ", 1, 1),
        ("検査", 1, 1),
    ]


def test_an_output_is_on_the_disk_with_its_hash():
    run = job_run_inline(toy_run(n=3, size=4).pk)
    row = run.outputs.get()
    content = b"000000\n000001\n000002"
    assert (settings.TAXSYS_DATA_DIR / row.path).read_bytes() == content
    assert (row.sha256, row.size, row.count, row.amount_yen) == (hashlib.sha256(content).hexdigest(), 20, 3, 3)
    assert not list((settings.TAXSYS_DATA_DIR / "runs").rglob(".part-*"))


def test_business_date_of_the_run_is_the_date_inside(monkeypatch):
    seen = []
    monkeypatch.setattr(toy, "numbers_of", lambda run_id, kind="toy": seen.append(clock.today()) or [])
    run = job_request("B-TEST-1", {"n": 1}, actor=SYSTEM, business_on=date(2026, 5, 31))
    job_run_inline(run.pk)
    assert set(seen) == {date(2026, 5, 31)}


def test_one_poison_row_is_found_by_bisecting_and_the_rest_is_done():
    run = job_run_inline(toy_run(n=12, size=6, poison=7).pk)
    assert run.state == RunState.FINISHED
    assert toy.numbers_of(run.pk) == [f"{i:06d}" for i in range(12) if i != 7]
    failed = JobChunk.objects.get(run=run, state="failed")
    assert failed.payload == {"from": 7, "to": 8}
    assert worklist_counts(run) == [("job.isolated", "ValueError", 1, 0), ("toy", "x", 11, 0)]
    assert [(g.gate_id, g.ok, g.count) for g in run.gates.all()] == [("J-ISOLATED", False, 1), ("T-1", False, 11)]


def test_no_message_of_a_foreign_error_reaches_the_operator():
    run = job_run_inline(toy_run(n=4, size=2, poison=0).pk)
    texts = [*run.log_lines.values_list("text_ja", flat=True), *run.work_items.values_list("message_ja", flat=True)]
    texts += run.chunks.values_list("error", flat=True)
    assert not any("田中" in text for text in texts)
    assert any("ValueError" in text and "tests/jobs/toy.py" in text for text in texts)


def test_the_run_fails_when_every_chunk_of_a_stage_fails_and_resumes_after_mending(monkeypatch):
    run = job_run_inline(toy_run(n=1, size=1, poison=0).pk)
    assert (run.state, run.message) == (RunState.FAILED, "工程「計算」のすべての単位が失敗しました。")
    monkeypatch.setattr(toy.PARAMS[2].__class__, "parse", lambda self, raw: -1 if self.name == "poison" else raw)
    run = job_resume(run.pk, inline=True)
    assert run.state == RunState.FINISHED
    assert toy.numbers_of(run.pk) == ["000000"]


def test_isolated_chunks_of_a_finished_run_are_run_again_and_the_gates_with_them(monkeypatch):
    run = job_run_inline(toy_run(n=4, size=2, poison=1).pk)
    assert not run.gates.get(gate_id="T-1").ok
    monkeypatch.setattr(toy.PARAMS[2].__class__, "parse", lambda self, raw: -1 if self.name == "poison" else raw)
    run = job_resume(run.pk, inline=True)
    assert run.state == RunState.FINISHED
    assert [g.ok for g in run.gates.all()] == [True, True]
    assert run.outputs.get().count == 4


def test_a_passing_error_is_tried_again(monkeypatch):
    fails = [OperationalError("deadlock"), OperationalError("deadlock")]
    real = WorkItem.objects.create

    def create(**values):
        if fails:
            raise fails.pop()
        return real(**values)

    monkeypatch.setattr(toy.WorkItem.objects, "create", create)
    run = job_run_inline(toy_run(n=4, size=4).pk)
    assert run.state == RunState.FINISHED
    assert len(toy.numbers_of(run.pk)) == 4
    assert JobLog.objects.filter(run=run, text_ja__startswith="一時的な障害のため再試行します").count() == 2


def test_a_full_disk_pauses_the_run_without_a_file_and_it_goes_on_by_itself(monkeypatch):
    def full(*args):
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(outputs.os, "fsync", full)
        run = job_run_inline(toy_run(n=4).pk)
    assert run.state == RunState.RUNNING
    assert run.retry_at is not None
    assert "保存先の空き容量" in run.message
    assert not run.outputs.exists()
    assert [p for p in (settings.TAXSYS_DATA_DIR / "runs").rglob("*") if p.is_file()] == []
    run = job_run_inline(run.pk)
    assert run.state == RunState.FINISHED
    assert run.outputs.get().count == 4


def test_a_rename_that_fails_leaves_no_reference(monkeypatch):
    def refuse(*args):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(outputs.os, "replace", refuse)
    run = job_run_inline(toy_run(n=4).pk)
    assert not run.outputs.exists()
    assert run.retry_at is not None


def test_stop_takes_effect_between_chunks_and_resume_goes_on(monkeypatch):
    run = toy_run(n=12, size=4)
    real = toy.WorkItem.objects.create

    def create(**values):
        if values["subject_key"] == "000005":
            job_stop(run.pk, actor=SYSTEM)
        return real(**values)

    with monkeypatch.context() as patch:
        patch.setattr(toy.WorkItem.objects, "create", create)
        stopped = job_run_inline(run.pk)
    assert (stopped.state, stopped.message) == (RunState.STOPPED, "自動運転が停止しました。")
    assert len(toy.numbers_of(run.pk)) == 8
    resumed = job_resume(run.pk, inline=True)
    assert resumed.state == RunState.FINISHED
    assert len(toy.numbers_of(run.pk)) == 12


def test_planning_that_fails_fails_the_run_with_its_reason():
    run = job_run_inline(toy_run(n=4, size=0).pk)
    assert run.state == RunState.FAILED
    assert run.message.startswith("工程「計算」の準備に失敗しました: ValueError")
    assert JobRun.objects.get(pk=run.pk).chunks.count() == 0
