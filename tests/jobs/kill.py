"""Kill harness: real worker processes on the test database that die by SIGKILL at a chosen commit boundary.

A `Workshop` is one child process with Django set up; each worker is forked from it, so a kill costs milliseconds.
Boundaries are counted on the worker's own connection: before and after each COMMIT, and before and after each
statement outside a transaction (which is a commit by itself).

    with Workshop(modules=("tests.jobs.toy",)) as workshop:
        for point in points(workshop, start):              # every boundary in turn
            ...
or, all in one, `survives_every_kill(workshop, start=…, result=…, reset=…)`.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import TracebackType
from typing import Any

ROOT = Path(__file__).resolve().parent.parent.parent
CONNECTION_KEYS = ("NAME", "USER", "PASSWORD", "HOST", "PORT", "OPTIONS")


class Workshop:
    """The parent of killable workers. Needs a test with `django_db(transaction=True)`."""

    def __init__(self, *, modules: tuple[str, ...] = (), lease_seconds: float = 30.0, discover: bool = True) -> None:
        from django.conf import settings
        from django.db import connection

        setup = {
            "database": {key: connection.settings_dict[key] for key in CONNECTION_KEYS},
            "data_dir": str(settings.TAXSYS_DATA_DIR),
            "modules": modules,
            "lease_seconds": lease_seconds,
            "discover": discover,  # read every app's declared jobs once, before the first fork
        }
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.jobs.kill", json.dumps(setup)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        if self._answer() != {"ready": True}:
            raise RuntimeError("the workshop did not start")

    def __enter__(self) -> Workshop:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, tb: TracebackType | None) -> None:
        assert self._process.stdin is not None
        self._process.stdin.close()
        self._process.wait(timeout=10)

    def _answer(self) -> dict[str, Any]:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the workshop has ended")
        answer: dict[str, Any] = json.loads(line)
        return answer

    def start(self, run_id: int, *, kill_at: int | None = None) -> int:
        """Fork a worker on the run and answer its process id at once."""
        assert self._process.stdin is not None
        print(json.dumps({"run": run_id, "kill_at": kill_at}), file=self._process.stdin, flush=True)
        return int(self._answer()["pid"])

    def wait(self, pid: int) -> int:
        """Wait for a worker: 0, its exit status, or minus the signal that ended it."""
        assert self._process.stdin is not None
        print(json.dumps({"wait": pid}), file=self._process.stdin, flush=True)
        return int(self._answer()["status"])

    def work(self, run_id: int, *, kill_at: int | None = None) -> int:
        """Start a worker, dying at boundary `kill_at` if it comes that far, and wait for it."""
        return self.wait(self.start(run_id, kill_at=kill_at))


def leases_expire() -> None:
    """Let the lease time of every worker be over, instead of waiting for it."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("UPDATE jobs_joblease SET expires_at = clock_timestamp() - interval '1 second'")


def survives_every_kill(
    workshop: Workshop,
    *,
    start: Callable[[], int],
    result: Callable[[int], Any],
    reset: Callable[[], None] = lambda: None,
    points: range = range(10_000),
) -> int:
    """Kill a fresh run at each boundary of `points` in turn, resume it, and compare with the undisturbed run.

    `start` brings a run into a working state and answers its number, `result` tells what it did (canonical, without
    surrogate ids and times), `reset` removes its effects. Answers the number of kills; ends by itself when a run
    finishes before its kill.
    """
    run_id = start()
    assert workshop.work(run_id) == 0
    expected = result(run_id)
    reset()
    kills = 0
    for point in points:
        run_id = start()
        status = workshop.work(run_id, kill_at=point)
        if status == 0:
            assert result(run_id) == expected
            reset()
            break
        assert status == -signal.SIGKILL, f"worker ended with {status} at boundary {point}"
        kills += 1
        leases_expire()
        assert workshop.work(run_id) == 0
        _same(result(run_id), expected, f"killed at boundary {point}")
        reset()
    return kills


def _same(found: Any, expected: Any, when: str) -> None:
    """Equal, or the first places where they differ are told: a whole day's figures in one line help nobody."""
    if found == expected:
        return
    pairs = zip(found, expected, strict=False) if isinstance(found, tuple) else [(found, expected)]
    told = [f"{place}: {_first_difference(one, other)}" for place, (one, other) in enumerate(pairs) if one != other]
    raise AssertionError(f"{when}: {'; '.join(told)}")


def _first_difference(found: Any, expected: Any) -> str:
    if isinstance(found, dict) and isinstance(expected, dict):
        keys = [key for key in {**found, **expected} if found.get(key) != expected.get(key)]
        return ", ".join(f"{key}: {found.get(key)!r:.200} ≠ {expected.get(key)!r:.200}" for key in keys[:3])
    if isinstance(found, list) and isinstance(expected, list):
        rows = [(one, other) for one, other in zip(found, expected, strict=False) if one != other]
        return f"{len(found)} and {len(expected)} rows, first {rows[:1]!r:.400}"
    return f"{found!r:.200} ≠ {expected!r:.200}"


# ---- the child's side


class _Boundaries:
    """Counts commit boundaries of the main connection and dies at the chosen one."""

    def __init__(self, kill_at: int | None) -> None:
        self.kill_at, self.seen = kill_at, 0

    def pass_one(self) -> None:
        if self.seen == self.kill_at:
            os.kill(os.getpid(), signal.SIGKILL)
        self.seen += 1

    def install(self) -> None:
        from django.db import connection

        commit = connection.commit

        def counted_commit() -> None:
            self.pass_one()
            commit()
            self.pass_one()

        def counted_statement(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
            alone = not connection.in_atomic_block and not str(sql).lstrip().upper().startswith("SELECT")
            if alone:
                self.pass_one()
            answer = execute(sql, params, many, context)
            if alone:
                self.pass_one()
            return answer

        connection.commit = counted_commit  # type: ignore[method-assign]
        connection.execute_wrappers.append(counted_statement)


def _worker(run_id: int, kill_at: int | None) -> None:
    from taxsys.platform.jobs.runner import work_on

    try:
        _Boundaries(kill_at).install()
        work_on(run_id)
    except BaseException:
        import traceback

        traceback.print_exc()
        os._exit(1)
    os._exit(0)


def main() -> None:
    """Read orders from standard input until it closes: fork a worker, or wait for one."""
    import django
    from django.conf import settings

    setup = json.loads(sys.argv[1])
    settings.DATABASES["default"].update(setup["database"])
    settings.TAXSYS_DATA_DIR = Path(setup["data_dir"])
    settings.TAXSYS_JOB_LEASE_SECONDS = setup["lease_seconds"]
    settings.CELERY_TASK_ALWAYS_EAGER = True
    django.setup()
    for module in setup["modules"]:
        importlib.import_module(module)
    from taxsys.platform.jobs import registry, runner, tasks  # noqa: F401 - imported once, not in each worker

    if setup["discover"]:
        registry.all_jobs()
    print(json.dumps({"ready": True}), flush=True)
    for line in sys.stdin:
        order = json.loads(line)
        if "wait" in order:
            _, status = os.waitpid(order["wait"], 0)
            print(json.dumps({"status": os.waitstatus_to_exitcode(status)}), flush=True)
            continue
        pid = os.fork()
        if pid == 0:
            _worker(order["run"], order["kill_at"])
        print(json.dumps({"pid": pid}), flush=True)


if __name__ == "__main__":
    main()
