"""Peers of the benches: each in a virtual environment of its own, made here, never imported by product or tests."""

import os
import subprocess
import sys
import tempfile
import venv
from contextlib import suppress
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent.parent.parent
INSTALL_SECONDS = 600


class PeerMissing(Exception):
    """The peer's environment cannot be made here; the message says why."""


def peer_python(name: str, *requirements: str) -> Path:
    """The interpreter of the peer's environment, which is made with `requirements` (pinned) when it is not there.

    Raises PeerMissing where the environment cannot be made or the package not be installed.
    """
    folder = _place() / name
    python, stamp = folder / "bin" / "python", folder / f"{requirements[0].replace('==', '-')}.installed"
    if stamp.exists():
        return python
    try:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run(
            [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", *requirements],
            env=_without_our_packages(), check=True, capture_output=True, text=True, timeout=INSTALL_SECONDS,
        )  # fmt: skip
    except subprocess.CalledProcessError as error:
        text = (error.stderr or error.stdout or "").strip().splitlines()
        raise PeerMissing(f"{requirements[0]}: {text[-1] if text else error}") from error
    except (OSError, subprocess.TimeoutExpired) as error:
        raise PeerMissing(f"{requirements[0]}: {error}") from error
    stamp.touch()
    return python


def _without_our_packages() -> dict[str, str]:
    """The environment less PYTHONPATH: with it pip would take the packages of this house for the peer's own."""
    return {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}


def _place() -> Path:
    """`var/bench-peers` of the project, or a folder of the account's own where that cannot be written."""
    wanted = ROOT / "var" / "bench-peers"
    with suppress(OSError):
        wanted.mkdir(parents=True, exist_ok=True)
    if os.access(wanted, os.W_OK):
        return wanted
    other = Path(tempfile.gettempdir()) / f"taxsys-bench-peers-{os.getuid()}"
    other.mkdir(mode=0o700, exist_ok=True)
    return other


def run_peer(python: Path, script: str, *arguments: str) -> str:
    """Standard output of a script of this folder under the peer's interpreter. Raises PeerMissing when it fails."""
    command = [str(python), "-I", str(Path(__file__).resolve().parent / script), *arguments]
    answer = subprocess.run(command, capture_output=True, text=True, check=False, env={"LANG": "C.UTF-8"})
    if answer.returncode != 0:
        raise PeerMissing(f"{script}: {answer.stderr.strip().splitlines()[-1:] or answer.returncode}")
    sys.stderr.write(answer.stderr)
    return answer.stdout
