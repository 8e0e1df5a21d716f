"""The restore drill as a whole: base backup and WAL to a moment, a dump on a second cluster, every proof (R-273)."""

import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import ROOT
from tests.embedded.test_launcher import _environment


@pytest.mark.req("R-273")
@pytest.mark.req("R-229")
def test_an_installation_comes_back_to_a_moment_and_on_a_second_cluster_where_the_seals_go_on(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "taxsys.embedded", "drill", "--city", "0", "--folder", str(tmp_path / "drill")]
    done = subprocess.run(
        command, cwd=ROOT, env=_environment(), capture_output=True, text=True, check=False, timeout=600
    )  # fmt: skip
    assert done.returncode == 0, done.stdout[-2000:] + done.stderr[-2000:]
    # Twice the same: 20 events before the backup and 20 after it came back, the 20 after the moment did not.
    assert done.stdout.count("差0円　アクセス記録：封印2個 40件に異常なし") == 2
    assert "封印：第2世代で続き" in done.stdout
    assert "復旧時間（RTO）" in (tmp_path / "drill" / "report.txt").read_text(encoding="utf-8")
