"""The launcher as a whole process: closed doors, clean ends, clear words."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.source import ROOT

LAUNCHER = [sys.executable, "-m", "taxsys.embedded"]
REPORT = """
import json, os, sys
names = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL", "TAXSYS_PROJECT")
json.dump({"uid": os.geteuid(), **{name: os.environ.get(name, "") for name in names}}, open(sys.argv[1], "w"))
os.rename(sys.argv[1], sys.argv[2])
import time; time.sleep(120)
"""


def _environment(**more: str) -> dict[str, str]:
    dropped = {"DATABASE_URL", "REDIS_URL", "MIGRATION_DATABASE_URL", "TAXSYS_EMBEDDED_ROOT", "TAXSYS_PROJECT"}
    return {name: value for name, value in os.environ.items() if name not in dropped} | more


def _processes_naming(text: str) -> list[str]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                line = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            if text in line:
                found.append(line)
    return found


def _gone(text: str, seconds: float = 15) -> bool:
    end = time.monotonic() + seconds
    while _processes_naming(text):
        if time.monotonic() > end:
            return False
        time.sleep(0.05)
    return True


class Running:
    """A launcher with a command that reports its environment and then waits."""

    def __init__(self, folder: Path) -> None:
        target = folder / "report.json"
        arguments = [sys.executable, "-c", REPORT, str(folder / "draft.json"), str(target)]
        self.process = subprocess.Popen(
            [*LAUNCHER, "servers", "--", *arguments], cwd=ROOT, env=_environment(), stdout=subprocess.DEVNULL
        )
        end = time.monotonic() + 60
        while not target.exists():
            assert self.process.poll() is None, "the launcher ended early"
            assert time.monotonic() < end
            time.sleep(0.02)
        self.report = json.loads(target.read_text(encoding="utf-8"))
        self.sockets = Path(re.sub(r"%2F", "/", self.report["DATABASE_URL"].rpartition("@")[2]).rpartition("/")[0])
        self.root = self.sockets.parent


def _launched(folder: Path) -> Iterator[Running]:
    launched = Running(folder)
    yield launched
    if launched.process.poll() is None:
        launched.process.send_signal(signal.SIGTERM)
        launched.process.wait(30)


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    """One launcher for all tests that only look."""
    yield from _launched(tmp_path_factory.mktemp("standing"))


@pytest.fixture
def running(tmp_path: Path) -> Iterator[Running]:
    """A launcher that the test may end."""
    yield from _launched(tmp_path)


def test_nothing_of_it_runs_as_root(standing: Running) -> None:
    assert standing.report["uid"] != 0
    pid = int((standing.root / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0])
    capabilities = re.search(r"CapEff:\s*(\w+)", Path(f"/proc/{pid}/status").read_text(encoding="ascii"))
    assert capabilities
    assert int(capabilities.group(1), 16) == 0


def test_folders_are_closed_to_others_and_no_server_listens_on_tcp(standing: Running) -> None:
    closed = [
        standing.root,
        *(standing.root / name for name in ("postgres", "run", "secrets", "data", "log", "valkey")),
    ]
    assert {path.name: oct(path.stat().st_mode & 0o777) for path in closed} == {path.name: "0o700" for path in closed}
    assert {oct(path.stat().st_mode & 0o777) for path in (standing.root / "secrets").iterdir() if path.is_file()} == {
        "0o600"
    }
    server = int((standing.root / "postgres" / "postmaster.pid").read_text(encoding="ascii").split()[0])
    sockets = {os.readlink(link) for link in Path(f"/proc/{server}/fd").iterdir() if link.is_symlink()}
    listening = {
        f"socket:[{line.split()[9]}]"
        for table in ("/proc/net/tcp", "/proc/net/tcp6")
        for line in Path(table).read_text(encoding="ascii").splitlines()[1:]
    }
    assert sockets & listening == set()


def test_no_line_of_the_sign_in_rules_trusts_anybody(standing: Running) -> None:
    rules = (standing.root / "postgres" / "pg_hba.conf").read_text(encoding="utf-8")
    methods = {line.split()[-1] for line in rules.splitlines() if line.strip() and not line.startswith("#")}
    assert methods == {"scram-sha-256"}


def test_a_wrong_password_opens_nothing(standing: Running) -> None:
    import psycopg
    import redis

    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(host=str(standing.sockets), user="taxsys_app", password="guess", dbname="taxsys")
    with pytest.raises(redis.AuthenticationError):
        redis.Redis(unix_socket_path=str(standing.sockets / "valkey.sock")).ping()


def test_the_database_s_log_names_a_refused_row_by_its_constraint_and_quotes_no_value_of_it(standing: Running) -> None:
    import psycopg

    index = "5ea1ed" * 10
    with psycopg.connect(standing.report["DATABASE_URL"], autocommit=True) as session:
        session.execute("CREATE TEMP TABLE probe (blind_index bytea CONSTRAINT probe_once UNIQUE, day date)")
        session.execute("ALTER TABLE probe ADD CONSTRAINT probe_day CHECK (day > '2015-10-04')")
        add = "INSERT INTO probe VALUES (decode(%s, 'hex'), %s)"
        session.execute(add, (index, "2026-01-05"))
        with pytest.raises(psycopg.errors.UniqueViolation) as twice:
            session.execute(add, (index, "2026-01-05"))
        with pytest.raises(psycopg.errors.CheckViolation) as early:
            session.execute(add, ("c0" + index, "2015-10-04"))
    # The server does send the values back to its client: what the log leaves out was there to be quoted.
    assert index in str(twice.value)
    assert index in str(early.value)
    log = (standing.root / "log" / "postgres.log").read_text(encoding="utf-8")
    assert 'violates unique constraint "probe_once"' in log
    assert 'violates check constraint "probe_day"' in log
    assert index not in log
    assert "DETAIL" not in log
    assert "INSERT INTO probe" not in log


def test_no_password_stands_in_the_arguments_of_a_process(standing: Running) -> None:
    for secret in (standing.root / "secrets").iterdir():
        if secret.is_file():
            assert _processes_naming(secret.read_text(encoding="ascii").strip()) == []


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_a_stop_ends_everything_that_was_started(running: Running, how: signal.Signals) -> None:
    running.process.send_signal(how)
    assert running.process.wait(30) == 130
    assert _gone(str(running.root), 1)
    assert not running.root.parent.exists()


def test_a_killed_launcher_leaves_no_server_behind(running: Running, tmp_path: Path) -> None:
    running.process.kill()
    running.process.wait(5)
    assert _gone(str(running.root))
    assert _gone(str(tmp_path))


def test_the_exit_status_is_the_command_s_own() -> None:
    answer = subprocess.run(
        [*LAUNCHER, "servers", "--", sys.executable, "-c", "raise SystemExit(7)"],
        cwd=ROOT,
        env=_environment(),
        check=False,
        timeout=60,
    )
    assert answer.returncode == 7


def _run(state: Path, *arguments: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [*LAUNCHER, "run", *arguments],
        cwd=ROOT,
        env=_environment(TAXSYS_STATE_DIR=str(state)),
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )


def test_a_port_in_use_is_named_in_japanese_and_english(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        answer = _run(tmp_path, "--port", str(port))
    assert answer.returncode == 1
    assert f"ポート {port} は使用中か、使えません。" in answer.stderr
    assert f"port {port} on 127.0.0.1 cannot be used" in answer.stderr
    assert not (tmp_path / "city-3000-seed-1").exists()


@pytest.mark.parametrize("city", ["99", "330001"])
def test_a_city_of_impossible_size_is_refused(tmp_path: Path, city: str) -> None:
    answer = _run(tmp_path, "--city", city)
    assert answer.returncode == 1
    assert "CITY は100から330000までです。" in answer.stderr
