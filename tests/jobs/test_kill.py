"""Real processes on the real database: killed, stopped, doubled, overtaken (H001, H002, H006, H008, H010)."""

import os
import signal
import time
from pathlib import Path

import psycopg
import pytest
import redis
from django.conf import settings
from django.db import connection, transaction

from taxsys.platform.jobs.errors import FenceLost
from taxsys.platform.jobs.leases import lease_check, lease_take, leases_revoke_stale
from taxsys.platform.jobs.models import JobChunk, JobLease, JobRun, Phase, RunState, StageKind
from taxsys.platform.jobs.runner import work_on
from taxsys.platform.jobs.schedule import sweep
from taxsys.platform.jobs.selectors import run_counts
from taxsys.platform.jobs.services import SYSTEM, _start, job_release
from tests.jobs import toy
from tests.jobs.conftest import SUZUKI, toy_run
from tests.jobs.kill import CONNECTION_KEYS, Workshop, leases_expire, survives_every_kill

pytestmark = pytest.mark.django_db(transaction=True)


def started(job_id: str = "B-TEST-1", **params: object) -> int:
    """A run that waits for workers."""
    run = toy_run(job_id, **params)
    _start(run.pk, SYSTEM)
    return run.pk


def outcome(run_id: int) -> object:
    """What a run did, without surrogate ids and times."""
    run = JobRun.objects.get(pk=run_id)
    return (
        run.state,
        toy.numbers_of(run_id),
        run_counts(run),
        [(o.name, o.sha256, o.count, o.amount_yen) for o in run.outputs.all()],
        [(g.gate_id, g.ok, g.count) for g in run.gates.all()],
        sorted(run.chunks.values_list("stage__seq", "seq", "state")),
        run.work_items.filter(kind="job.isolated").count(),
        JobLease.objects.filter(run=run).count(),
    )


@pytest.fixture
def own_session():
    """A second session of the test's own login, as another operator would have."""
    given = {key: connection.settings_dict[key] for key in CONNECTION_KEYS}
    session = psycopg.connect(
        dbname=given["NAME"], user=given["USER"], password=given["PASSWORD"], host=given["HOST"], port=given["PORT"]
    )
    yield session
    session.close()


def until(condition, seconds: float = 10.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "did not happen in time"
        time.sleep(0.02)


def test_killed_at_every_commit_boundary_the_resumed_run_equals_the_undisturbed(workshop: Workshop):
    kills = survives_every_kill(workshop, start=lambda: started(n=2, size=1), result=outcome)
    assert kills > 30  # every commit and every single statement of the run, before and after


def test_killed_while_poison_is_being_isolated_the_list_is_the_same(workshop: Workshop):
    kills = survives_every_kill(
        workshop, start=lambda: started(n=2, size=2, poison=1), result=outcome, points=range(8, 30)
    )
    assert kills == 22


def test_killed_at_every_boundary_of_the_release_each_number_is_released_once(
    workshop: Workshop, everyone_may: None, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)

    def start() -> int:
        run_id = started(n=2, size=2)
        assert workshop.work(run_id) == 0
        job_release(run_id, SUZUKI)
        return run_id

    def released(run_id: int) -> object:
        return JobRun.objects.get(pk=run_id).state, toy.numbers_of(run_id, "released")

    kills = survives_every_kill(workshop, start=start, result=released)
    assert kills > 15
    last = JobRun.objects.order_by("-pk").first()
    assert last is not None
    assert (last.state, toy.numbers_of(last.pk, "released")) == ("released", ["000000", "000001"])


def test_two_workers_share_a_run_and_each_number_is_done_once(workshop: Workshop, own_session):
    own_session.execute("SELECT pg_advisory_lock(424242)")
    run_id = started("B-TEST-3", n=40, size=2)
    # A worker that comes while another is planning leaves again (it is called back once there are chunks): the second
    # starts when the first stands in a chunk, and both stand in one of their own before either may finish.
    pids = []
    for standing in (1, 2):
        pids.append(workshop.start(run_id))
        until(lambda wanted=standing: _waiting_for_advisory_lock() == wanted, seconds=30.0)
    own_session.execute("SELECT pg_advisory_unlock(424242)")
    own_session.commit()
    assert [workshop.wait(pid) for pid in pids] == [0, 0]
    run = JobRun.objects.get(pk=run_id)
    assert run.state == RunState.FINISHED
    assert toy.numbers_of(run_id) == [f"{i:06d}" for i in range(40)]
    fences = set(run.chunks.filter(stage__kind=StageKind.DECLARED).values_list("fence", flat=True))
    assert len(fences) == 2, "both workers took chunks"


def test_five_equal_messages_make_one_run(workshop: Workshop):
    run_id = started(n=12, size=2)
    pids = [workshop.start(run_id) for _ in range(5)]
    assert {workshop.wait(pid) for pid in pids} == {0}
    leases_expire()
    assert workshop.work(run_id) == 0
    assert outcome(run_id)[:3] == (
        RunState.FINISHED,
        [f"{i:06d}" for i in range(12)],
        {"件数": 12, "合計": 66},
    )


def test_a_stopped_worker_wakes_after_its_lease_was_taken_and_its_commit_is_refused(workshop: Workshop, own_session):
    own_session.execute("SELECT pg_advisory_lock(424242)")
    run_id = started("B-TEST-3")
    sleeper = workshop.start(run_id)
    until(_waits_for_advisory_lock)
    os.kill(sleeper, signal.SIGSTOP)
    leases_expire()
    own_session.execute("SELECT pg_advisory_unlock(424242)")
    own_session.commit()
    run = work_on(run_id)  # takes the lease over; the sleeper's session is ended by it
    assert run.state == RunState.FINISHED
    assert len(toy.numbers_of(run_id)) == 12
    fence_of_taker = set(run.chunks.values_list("fence", flat=True))
    os.kill(sleeper, signal.SIGCONT)
    assert workshop.wait(sleeper) == 0
    run.refresh_from_db()
    assert len(toy.numbers_of(run_id)) == 12
    assert set(run.chunks.values_list("fence", flat=True)) == fence_of_taker
    assert JobLease.objects.filter(run=run).count() == 0


def _waiting_for_advisory_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_locks JOIN pg_database d ON d.oid = database"
            " WHERE locktype = 'advisory' AND NOT granted AND objid = 424242 AND datname = current_database()"
        )
        return int(cursor.fetchone()[0])


def _waits_for_advisory_lock() -> bool:
    return _waiting_for_advisory_lock() > 0


def test_a_stale_fence_cannot_mark_a_chunk(workshop: Workshop):
    run_id = started(n=4, size=4)
    lease = lease_take(run_id)
    assert lease is not None
    leases_expire()
    assert leases_revoke_stale(run_id) == 1
    with pytest.raises(FenceLost), transaction.atomic():
        lease_check(lease)
    assert lease_take(run_id).fence == lease.fence + 1


def test_flushing_the_broker_only_delays(workshop: Workshop, settings_eager_off):
    broker = redis.Redis.from_url(settings.REDIS_URL)
    run_ids = [started(n=2, size=2, mode=mode) for mode in ("trial", "final")]
    broker.flushdb()
    assert not JobRun.objects.filter(pk__in=run_ids).exclude(state=RunState.RUNNING).exists()
    assert sweep() == 2
    assert broker.llen("celery") == 2  # two new messages "look at run N"
    broker.flushdb()
    assert [workshop.work(run_id) for run_id in run_ids] == [0, 0]
    assert [len(toy.numbers_of(run_id)) for run_id in run_ids] == [2, 2]
    assert sweep() == 0


@pytest.fixture
def settings_eager_off():
    """Send real messages to the broker."""
    from taxsys.web.celery import app

    eager = app.conf.task_always_eager
    app.conf.task_always_eager = False
    yield
    app.conf.task_always_eager = eager


def test_a_file_cut_off_by_a_kill_is_never_named(workshop: Workshop, data_folder: Path):
    survives_every_kill(workshop, start=lambda: started(n=2, size=2), result=outcome, points=range(24, 32))
    for output in JobRun.objects.order_by("-pk")[0].outputs.all():
        assert (data_folder / output.path).stat().st_size == output.size
    assert JobChunk.objects.filter(stage__phase=Phase.WORK, state="running").count() == 0
