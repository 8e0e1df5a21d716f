"""No component speaks to any address but loopback: servers, web, workers, the whole demonstration (R-269)."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from tests import alone
from tests.architecture.source import ROOT

TALKS = """
import socket
server = socket.create_server(("127.0.0.1", 8000))
socket.create_connection(("127.0.0.1", 8000)).close()
out = socket.socket()
out.settimeout(0.2)
try:
    out.connect(("203.0.113.7", 443))
except OSError:
    pass
try:
    socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b"x", ("198.51.100.53", 53))
except OSError:
    pass
"""


@pytest.fixture(scope="module", autouse=True)
def _permitted() -> None:
    """Where the machine gives no network namespace the proof is reported as NOT RUN, and under CI the run fails."""
    if not alone.is_permitted():
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail("NOT RUN: network namespaces are not permitted on this machine", pytrace=False)
        pytest.skip("NOT RUN: network namespaces are not permitted on this machine")


def run_alone(report: Path, *command: str) -> tuple["subprocess.CompletedProcess[str]", dict[str, Any]]:
    done = subprocess.run(
        [sys.executable, "-m", "tests.alone", str(report), "--", *command],
        cwd=ROOT, capture_output=True, text=True, check=False, timeout=1800,
    )  # fmt: skip
    return done, json.loads(report.read_text(encoding="utf-8"))


def test_the_watch_sees_who_speaks_to_the_outside(tmp_path: Path) -> None:
    done, report = run_alone(tmp_path / "report.json", sys.executable, "-c", TALKS)
    assert done.returncode == 0, done.stderr
    if report["is_watched"]:  # else the addresses were out of reach, which TALKS bears
        assert set(report["sent"]) == {"tcp 203.0.113.7:443", "udp 198.51.100.53:53"}


@pytest.mark.slow
@pytest.mark.req("R-269")
@pytest.mark.req("R-214")
@pytest.mark.req("R-172")
def test_a_whole_city_lives_on_loopback_alone_and_leaves_no_number_behind(tmp_path: Path) -> None:
    state = tmp_path / "state"
    state.mkdir()
    done, report = run_alone(
        tmp_path / "report.json", sys.executable, "-m", "tests.embedded.lonely_city", str(state), "8731"
    )
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    assert report["sent"] == []
    told = json.loads(done.stdout.strip().splitlines()[-1])
    assert told["pages"] == {
        "/": 200, "/search/": 200, "/jobs/": 200, "/files/": 200, "/printing/": 200, "/approvals/": 200,
        "/no-such-page": 404, "/static/no-such-file": 404,
    }  # fmt: skip
    assert told["logs"] == ["initdb.log", "postgres.log", "valkey.log", "web.log", "worker.log"]
    assert told["scan"] == 0, told["told"]
