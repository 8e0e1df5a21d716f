"""Request, start, release, discard, calendar: who may, when, and what the refusal says (H011)."""

import re
from concurrent.futures import ThreadPoolExecutor
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction

from taxsys.platform.audit.context import current
from taxsys.platform.jobs import registry
from taxsys.platform.jobs.declaration import Job, Param, Release, Stage
from taxsys.platform.jobs.errors import JobForbidden, JobRefused, JobUnknown
from taxsys.platform.jobs.models import JobPlan, JobRun, RunState
from taxsys.platform.jobs.permissions import RELEASE
from taxsys.platform.jobs.schedule import calendar_parse, starts_between, tick
from taxsys.platform.jobs.selectors import server_now
from taxsys.platform.jobs.services import (
    SYSTEM,
    _start,
    job_approve,
    job_discard,
    job_release,
    job_request,
    job_resume,
    job_run_inline,
    job_start,
    job_stop,
)
from tests.jobs import toy
from tests.jobs.conftest import SATO, SUZUKI, toy_run

pytestmark = pytest.mark.django_db


def refusal(call, *args, **kwargs) -> tuple[str, str]:
    with pytest.raises(JobRefused) as caught:
        call(*args, **kwargs)
    return caught.value.code, caught.value.message_ja


def test_second_start_is_refused_with_who_and_when_and_how_far(everyone_may):
    run = job_request("B-TEST-1", {}, actor=SATO)
    _start(run.pk, SATO)
    code, text = refusal(job_request, "B-TEST-1", {}, actor=SUZUKI)
    assert code == "J-LIVE"
    assert re.fullmatch(r"\d\d:\d\dに佐藤が開始済み\(0%\)", text)
    assert refusal(job_start, run.pk, actor=SUZUKI) == ("J-LIVE", text)
    assert JobRun.objects.count() == 1


def test_a_request_not_yet_started_is_named_too(everyone_may):
    job_request("B-TEST-1", {}, actor=SATO)
    code, text = refusal(job_request, "B-TEST-1", {}, actor=SUZUKI)
    assert code == "J-LIVE"
    assert "佐藤が実行依頼済み(開始待ち、第" in text


def test_another_scope_runs_beside(everyone_may):
    toy_run(mode="trial")
    assert toy_run(mode="final").state == RunState.APPROVED


@pytest.mark.django_db(transaction=True)
def test_two_operators_at_once_make_one_run(everyone_may):
    def request(person):
        try:
            return job_request("B-TEST-1", {}, actor=person).pk
        except JobRefused as error:
            return error.code
        finally:
            connection.close()

    with ThreadPoolExecutor(2) as pool:
        answers = list(pool.map(request, [SATO, SUZUKI]))
    assert "J-LIVE" in answers
    assert JobRun.objects.count() == 1


@pytest.mark.parametrize(
    ("params", "text"),
    [
        ({"n": "12a"}, "「数」(n)は半角の整数で指定してください: 12a"),
        ({"mode": "real"}, "「区分」(mode)は trial・final から選んでください: real"),
        ({"x": "1"}, "知らない引数です: x(使えるもの: n・size・poison・sleep_ms・mode)"),
    ],
)
def test_bad_parameters_are_refused_in_words(params, text):
    assert refusal(job_request, "B-TEST-1", params, actor=SYSTEM) == ("J-PARAM", text)


def test_unknown_job_is_refused():
    with pytest.raises(JobUnknown):
        job_request("B-XX-99", {}, actor=SYSTEM)


def test_a_job_waits_for_the_one_before_with_the_same_parameter():
    assert refusal(job_request, "B-TEST-2", {"n": 3}, actor=SYSTEM) == (
        "J-REQUIRES",
        "先に B-TEST-1「試験用の計算」の終了が必要です(n=3)。",
    )
    job_run_inline(toy_run(n=3).pk)
    assert job_request("B-TEST-2", {"n": 3}, actor=SYSTEM).state == RunState.APPROVED
    assert refusal(job_request, "B-TEST-2", {"n": 4}, actor=SYSTEM)[0] == "J-REQUIRES"


def test_without_right_nothing_happens(monkeypatch):
    monkeypatch.setattr("taxsys.platform.jobs.services.has_permission", lambda staff, permission: False)
    with pytest.raises(JobForbidden) as caught:
        job_request("B-TEST-1", {}, actor=SATO)
    assert caught.value.message_ja == "この操作の権限がありません(必要: バッチの実行依頼・開始・停止・再開・破棄)。"
    assert JobRun.objects.count() == 0


def finished_by_sato(**params):
    return job_run_inline(job_request("B-TEST-1", params, actor=SATO).pk)


def test_release_by_a_second_person_runs_its_stages(everyone_may):
    run = job_release(finished_by_sato(n=3).pk, SUZUKI, inline=True)
    assert (run.state, run.released_by, run.released_by_name) == (RunState.RELEASED, "S0002", "鈴木")
    assert toy.numbers_of(run.pk, "released") == ["000000", "000001", "000002"]
    assert run.log_lines.filter(text_ja="すべて解放しました。").count() == 1
    assert refusal(job_release, run.pk, SUZUKI)[0] == "J-STATE"


def test_the_requester_may_not_release_and_the_database_says_so_too(everyone_may):
    run = finished_by_sato(n=2)
    assert refusal(job_release, run.pk, SATO) == (
        "J-SAME",
        "出力解放は、実行を依頼した人とは別の人が行ってください。",
    )
    with pytest.raises(IntegrityError), transaction.atomic():
        JobRun.objects.filter(pk=run.pk).update(released_by="S0001")
    assert refusal(job_release, run.pk, SYSTEM)[0] == "J-PERSON"


def test_a_red_gate_holds_the_output(everyone_may):
    run = finished_by_sato(n=4, size=2, poison=1)
    assert refusal(job_release, run.pk, SUZUKI) == (
        "J-GATE",
        "不合格の検査があるため解放できません: 処理できずに隔離した単位がない、全件ある",
    )


def test_a_trial_is_never_released(everyone_may):
    run = finished_by_sato(n=2, mode="trial")
    assert run.is_trial
    assert refusal(job_release, run.pk, SUZUKI) == ("J-TRIAL", "試算の出力は解放できません。")


def test_an_older_run_of_the_same_is_not_released(everyone_may):
    old, new = finished_by_sato(n=2), finished_by_sato(n=2)
    assert refusal(job_release, old.pk, SUZUKI) == (
        "J-NEWER",
        f"同じ内容の新しい実行(第{new.pk}号)があるため解放できません。",
    )


def test_a_changed_output_file_is_not_released(everyone_may):
    run = finished_by_sato(n=2)
    (settings.TAXSYS_DATA_DIR / run.outputs.get().path).write_bytes(b"other")
    assert refusal(job_release, run.pk, SUZUKI) == ("J-OUTPUT", "成果物が記録と一致しません: 数.txt")


def test_a_release_that_fails_resumes_as_release(everyone_may, monkeypatch):
    run = finished_by_sato(n=1)

    def broken(ctx):
        raise RuntimeError

    with monkeypatch.context() as patch:
        patch.setattr(toy, "numbers_of", lambda run_id, kind="toy": 1 // 0)
        run = job_release(run.pk, SUZUKI, inline=True)
    assert (run.state, run.phase) == (RunState.FAILED, "release")
    assert refusal(job_discard, run.pk, actor=SATO, reason="x")[0] == "J-STATE"
    run = job_resume(run.pk, inline=True)
    assert run.state == RunState.RELEASED
    assert toy.numbers_of(run.pk, "released") == ["000000"]


def test_discard_needs_a_reason_removes_files_and_frees_the_scope(everyone_may, django_capture_on_commit_callbacks):
    run = finished_by_sato(n=2)
    path = settings.TAXSYS_DATA_DIR / run.outputs.get().path
    assert refusal(job_discard, run.pk, actor=SATO, reason=" ")[0] == "J-REASON"
    with django_capture_on_commit_callbacks(execute=True):
        run = job_discard(run.pk, actor=SATO, reason="引数の誤り")
    assert (run.state, run.message) == (RunState.DISCARDED, "破棄: 引数の誤り")
    assert not path.exists()
    assert refusal(job_resume, run.pk)[0] == "J-STATE"


def test_an_ended_run_and_its_request_cannot_be_rewritten(everyone_may):
    run = job_release(finished_by_sato(n=1).pk, SUZUKI, inline=True)
    for change in ({"state": "finished"}, {"params": {"n": 9}}, {"requested_by": "S0009"}, {"fence": 0}):
        with pytest.raises(IntegrityError), transaction.atomic():
            JobRun.objects.filter(pk=run.pk).update(**change)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("DELETE FROM jobs_jobrun WHERE id = %s", [run.pk])


def test_a_job_with_approval_starts_only_after_a_second_person(everyone_may, declared):
    declared(id="B-TEST-4", approval="jobs.release")
    run = job_request("B-TEST-4", {}, actor=SATO)
    assert run.state == RunState.REQUESTED
    assert refusal(job_start, run.pk, actor=SATO)[0] == "J-STATE"
    assert refusal(job_approve, run.pk, actor=SATO)[0] == "J-SAME"
    job_approve(run.pk, actor=SUZUKI)
    assert job_run_inline(run.pk).state == RunState.FINISHED


def test_a_run_acts_as_job_under_the_access_log(declared):
    seen = []
    declared(id="B-TEST-5", stages=(Stage("一", lambda ctx: [{}], lambda ctx, p: seen.append(current()) or {}),))
    run = job_run_inline(job_request("B-TEST-5", {}, actor=SYSTEM).pk)
    (access,) = seen
    assert (access.actor_kind, access.actor_id, access.function_id) == ("job", f"B-TEST-5#{run.pk}", "B-TEST-5")


def test_stopping_what_does_not_run_is_refused():
    run = toy_run()
    assert refusal(job_stop, run.pk, actor=SYSTEM) == (
        "J-STATE",
        f"停止できません。第{run.pk}号は「開始待ち」です。",
    )


@pytest.fixture
def declared(monkeypatch):
    """Declare a job for one test: `declared(id=…, calendar=…)`."""

    def declare(**values) -> Job:
        base = {
            "name_ja": "試験",
            "app": "jobs",
            "scope": values["id"],
            "permission": "jobs.operate",
            "stages": (Stage("一", lambda ctx: [{}], lambda ctx, payload: {}),),
        }
        job = Job(**{**base, **values})
        monkeypatch.setitem(registry._extra, job.id, job)
        return job

    return declare


TOKYO = ZoneInfo("Asia/Tokyo")


@pytest.mark.parametrize(
    ("words", "title", "days"),
    [
        ("daily 22:00", "毎日 22:00", [date(2026, 4, d) for d in range(28, 31)]),
        ("business 18:30", "開庁日 18:30", [date(2026, 4, 28), date(2026, 4, 30)]),  # 29 April: 昭和の日
        ("weekly 4 06:00", "毎週木曜日 06:00", [date(2026, 4, 30)]),
        ("monthly 31 01:00", "毎月31日 01:00", [date(2026, 4, 30)]),
        ("yearly 04-29 01:00", "毎年4月29日 01:00", [date(2026, 4, 29)]),
    ],
)
def test_calendar_words(declared, words, title, days):
    job = declared(id="B-TEST-6", calendar=words)
    assert calendar_parse(words).title_ja == title
    start = datetime(2026, 4, 28, tzinfo=TOKYO)
    assert [at.date() for at in starts_between(job, start, datetime(2026, 5, 1, tzinfo=TOKYO))] == days


@pytest.mark.parametrize("words", ["nightly", "daily 24:00", "weekly 8 10:00", "monthly 1 10:00", ""])
def test_calendar_words_that_are_none(words):
    with pytest.raises(ValueError):
        calendar_parse(words)


def test_tick_plans_ahead_once_and_starts_what_is_due_once(declared):
    declared(
        id="B-TEST-7",
        calendar="daily 22:00",
        params=(Param("on", "date"),),
        scheduled_params=lambda day: {"on": day},
    )
    tick()
    tick()
    plans = JobPlan.objects.filter(job_id="B-TEST-7")
    assert plans.count() in (1, 2)
    first = plans.first()
    plans.filter(pk=first.pk).update(planned_at=server_now() - timedelta(hours=13))
    assert tick() == 0
    first.refresh_from_db()
    assert (first.state, first.run) == (JobPlan.State.SKIPPED, None)
    plans.filter(pk=first.pk).update(planned_at=server_now() - timedelta(minutes=1), state="planned")
    assert tick() == 1
    assert tick() == 0
    first.refresh_from_db()
    run = JobRun.objects.get(job_id="B-TEST-7")
    assert (first.state, first.run, run.requested_by) == (JobPlan.State.REQUESTED, run, "system")
    assert run.params == {"on": first.business_on.isoformat()}


def test_a_plan_that_is_refused_says_why(declared):
    declared(id="B-TEST-8", calendar="daily 22:00", params=(Param("tax_year", "int", name_ja="課税年度"),))
    tick()
    plan = JobPlan.objects.filter(job_id="B-TEST-8").first()
    JobPlan.objects.filter(pk=plan.pk).update(planned_at=server_now() - timedelta(minutes=1))
    assert tick() == 0
    plan.refresh_from_db()
    assert plan.state == JobPlan.State.REFUSED
    assert plan.message == "「課税年度」(tax_year)を指定してください。"


def test_what_the_duty_has_left_to_do_holds_the_release(everyone_may, declared):
    waiting = ["要確認が1件残っています。"]
    release = Release(RELEASE, refuse=lambda run: waiting[0] if waiting else "")
    declared(id="B-TEST-OPEN", release=release)
    run = job_run_inline(job_request("B-TEST-OPEN", {}, actor=SATO).pk, actor=SATO)
    assert refusal(job_release, run.pk, SUZUKI, inline=True) == ("J-OPEN", "要確認が1件残っています。")
    waiting.clear()
    assert job_release(run.pk, SUZUKI, inline=True).state == RunState.RELEASED
