"""Console and command line: what is shown, what is offered, what is refused, and the exit statuses."""

import io
from pathlib import Path

import pytest
from django.core.management import call_command
from django.test import Client

from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.jobs import registry
from taxsys.platform.jobs.manual import BEGIN, END, manual_section, manual_write
from taxsys.platform.jobs.models import JobRun, RunState, WorkItem
from taxsys.platform.jobs.permissions import DOWNLOAD, OPERATE, RELEASE, VIEW
from taxsys.platform.jobs.services import _start, job_release, job_request, job_run_inline
from tests.jobs import toy
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db


@pytest.fixture
def operator():
    return officer("5001", permissions=(VIEW, OPERATE))


@pytest.fixture
def chief():
    return officer("5002", permissions=(VIEW, OPERATE, RELEASE, DOWNLOAD))


def page(client: Client, path: str) -> str:
    answer = client.get(path)
    assert answer.status_code == 200
    return answer.content.decode()


@pytest.mark.req("R-102")
def test_the_operator_requests_watches_and_sees_counts_but_no_subject(client, operator):
    sign_in(client, operator)
    assert "試験用の計算" in page(client, "/jobs/catalogue")
    answer = client.post("/jobs/catalogue/B-TEST-1", {"n": "4", "size": "2", "mode": "final", "poison": "1"})
    run = JobRun.objects.get()
    assert answer.headers["Location"] == f"/jobs/runs/{run.pk}"
    assert (run.requested_by, run.params["n"], run.state) == ("5001", 4, RunState.APPROVED)
    client.post(f"/jobs/runs/{run.pk}/start")
    job_run_inline(run.pk) if JobRun.objects.get(pk=run.pk).state == RunState.RUNNING else None
    text = page(client, f"/jobs/runs/{run.pk}")
    assert "不合格の検査があるため、出力は解放できません。" in text
    assert "再実行（隔離した単位）" in text
    for subject in WorkItem.objects.filter(kind="toy").values_list("subject_key", flat=True):
        assert subject not in text
    listed = page(client, "/jobs/")
    assert f"第{run.pk}号" in listed
    assert "検査不合格" in listed


def test_a_running_page_renews_itself_in_the_background_and_stops_at_the_end(client, operator):
    sign_in(client, operator)
    run = job_request("B-TEST-1", {"n": 2}, actor=operator)
    _start(run.pk, operator)
    live = page(client, f"/jobs/runs/{run.pk}/live")
    assert f'hx-get="/jobs/runs/{run.pk}/live" hx-trigger="every 3s"' in live
    assert '"X-Taxsys-Background": "1"' in live
    assert "停止" in live
    job_run_inline(run.pk)
    live = page(client, f"/jobs/runs/{run.pk}/live")
    assert "hx-trigger" not in live
    assert 'value="100"' in live


def test_bad_parameters_come_back_with_the_form(client, operator):
    sign_in(client, operator)
    answer = client.post("/jobs/catalogue/B-TEST-1", {"n": "abc", "mode": "final"})
    assert answer.status_code == 422
    assert "入力内容に問題があります" in answer.content.decode()
    answer = client.post("/jobs/catalogue/B-TEST-2", {"n": "4", "mode": "final"})
    assert answer.status_code == 422
    assert "先に B-TEST-1「試験用の計算」の終了が必要です(n=4)。" in answer.content.decode()
    assert JobRun.objects.count() == 0


def test_second_start_answers_409_with_who_and_when(client, operator):
    sign_in(client, operator)
    run = job_request("B-TEST-1", {"n": 2}, actor=operator)
    _start(run.pk, operator)
    answer = client.post(f"/jobs/runs/{run.pk}/start")
    assert answer.status_code == 409
    assert "に職員5001が開始済み(0%)" in answer.content.decode()


def test_only_a_second_person_is_offered_the_release(client, operator, chief):
    run = job_run_inline(job_request("B-TEST-1", {"n": 2}, actor=chief).pk)
    sign_in(client, chief)
    assert "自分が依頼した実行のため解放できません。" in page(client, f"/jobs/runs/{run.pk}")
    assert client.post(f"/jobs/runs/{run.pk}/release").status_code == 403
    other = officer("5003", permissions=(VIEW, RELEASE))
    sign_in(client, other)
    assert f'action="/jobs/runs/{run.pk}/release"' in page(client, f"/jobs/runs/{run.pk}")
    assert client.post(f"/jobs/runs/{run.pk}/release").status_code == 302
    job_run_inline(run.pk) if JobRun.objects.get(pk=run.pk).state == RunState.RELEASING else None
    run.refresh_from_db()
    assert (run.state, run.released_by) == (RunState.RELEASED, "5003")


@pytest.mark.parametrize("act", ["start", "stop", "resume", "discard", "approve", "release"])
def test_who_may_only_look_changes_nothing(client, operator, act):
    run = job_request("B-TEST-1", {"n": 2}, actor=operator)
    before = JobRun.objects.filter(pk=run.pk).values().get()
    for staff_no, permissions, status in (("5010", (VIEW,), 403), ("5011", (), 403)):
        sign_in(client, officer(staff_no, permissions=permissions))
        assert client.post(f"/jobs/runs/{run.pk}/{act}", {"reason": "x"}).status_code == status
    assert client.get(f"/jobs/runs/{run.pk}/{act}").status_code in (403, 405)
    assert JobRun.objects.filter(pk=run.pk).values().get() == before


def test_an_output_leaves_only_after_release_unchanged_and_with_trace(client, operator, chief, data_folder: Path):
    run = job_run_inline(job_request("B-TEST-1", {"n": 2}, actor=operator).pk)
    row = run.outputs.get()
    sign_in(client, chief)
    assert client.get(f"/jobs/outputs/{row.pk}").status_code == 409
    job_release(run.pk, chief, inline=True)
    answer = client.get(f"/jobs/outputs/{row.pk}")
    assert b"".join(answer.streaming_content) == b"000000\n000001"
    event = AccessEvent.objects.filter(action="export").get()
    assert (event.actor_id, event.record_type, event.record_id, event.count) == ("5002", "job_output", str(row.pk), 2)
    (data_folder / row.path).write_bytes(b"changed")
    assert client.get(f"/jobs/outputs/{row.pk}").status_code == 409


def test_unknown_runs_and_jobs_are_404(client, operator):
    sign_in(client, operator)
    for path in ("/jobs/runs/999999", "/jobs/runs/999999/live", "/jobs/catalogue/B-XX-1"):
        assert client.get(path).status_code == 404


# ---- command line


def command(*words: str, stdin: str = "", monkeypatch=None) -> tuple[int, str, str]:
    out, err = io.StringIO(), io.StringIO()
    if monkeypatch is not None:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
    try:
        call_command("job", *words, stdout=out, stderr=err)
    except SystemExit as stop:
        return int(stop.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


@pytest.fixture
def plain_job(monkeypatch):
    """The toy job without a release, which the command line may run without an officer."""
    from dataclasses import replace

    job = replace(toy.TOY, id="B-TEST-9", scope="plain.{n}", release=None)
    monkeypatch.setitem(registry._extra, job.id, job)
    return job


def test_command_runs_to_the_end_and_reports(plain_job):
    status, out, _ = command("run", "B-TEST-9", "n=3", "size=2", "--inline")
    assert status == 0
    assert "B-TEST-9 終了 100%" in out
    assert "  件数: 3\n" in out
    assert "  検査 T-1 全件ある: 合格 3件" in out
    assert "成果物 数.txt(一覧) 3件 3円" in out


def test_command_status_is_one_when_a_check_is_red(plain_job):
    status, out, _ = command("run", "B-TEST-9", "n=3", "size=1", "poison=1", "--inline")
    assert status == 1
    assert "  要処理 job.isolated ValueError: 未処理1 処理済0" in out


def test_command_refusals_have_their_statuses(plain_job, operator, chief, monkeypatch):
    assert command("run", "B-TEST-9", "n=x")[0] == 3
    assert command("run", "B-NONE")[0] == 5
    assert command("status", "999999")[0] == 5
    status, _, err = command("run", "B-TEST-1")
    assert (status, err) == (
        4,
        "J-PERSON 出力解放のあるバッチは、--as 職員番号 で依頼する人を示してください。\n",
    )
    run = job_run_inline(job_request("B-TEST-1", {"n": 2}, actor=operator).pk)
    chief.set_password("correct horse battery")
    chief.save()
    words = ("release", str(run.pk), "--inline", "--as", "5002", "--password-stdin")
    assert command(*words, stdin="wrong\n", monkeypatch=monkeypatch)[0] == 4
    assert JobRun.objects.get(pk=run.pk).state == RunState.FINISHED
    status, _, _ = command(*words, stdin="correct horse battery\n", monkeypatch=monkeypatch)
    assert (status, JobRun.objects.get(pk=run.pk).state) == (0, RunState.RELEASED)
    assert command("release", str(run.pk))[0] == 4


def test_command_list_and_status_show_everything(plain_job, operator):
    job_request("B-TEST-1", {"n": 2}, actor=operator)
    assert "B-TEST-9  試験用の計算  [依頼による]\n    n=整数  数(省略可)" in command("list")[1]
    out = command("status")[1]
    assert "B-TEST-1 開始待ち 0%" in out
    assert "(職員5001 " in out
    assert command("tick")[0] == 0


def test_the_manual_is_made_from_the_declarations(tmp_path: Path):
    text = manual_section((toy.TOY, toy.UNSPLIT))
    assert "#### B-TEST-1 試験用の計算" in text
    assert "- 出力解放: `jobs.release`(依頼者と別の人、検査がすべて合格のとき)" in text
    assert "- 先に必要なもの: B-TEST-1の終了" in text
    manual = tmp_path / "operations.md"
    manual.write_text(f"# 前\n{BEGIN}\nold\n{END}\n後\n", encoding="utf-8")
    assert manual_write(manual) is True
    assert manual_write(manual) is False
    assert manual.read_text(encoding="utf-8").startswith("# 前\n")
    assert manual.read_text(encoding="utf-8").endswith(f"{END}\n後\n")
