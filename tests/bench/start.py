"""Cold and warm start of the embedded servers against bare `initdb` + `pg_ctl start` of the same binaries.

    python -m taxsys.embedded servers -- python -m tests.bench.start [pairs]

Ours includes what the bare start lacks: data checksums, Valkey, roles, database, rights and extensions. Both take
turns, so that they meet the same disk; fsync is on in both.
"""

import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from taxsys.embedded.commands import PROJECT, House
from taxsys.embedded.identities import Program, settle
from taxsys.embedded.postgres import binaries


def bare(program: Program, root: Path) -> float:
    """Seconds of initdb and pg_ctl start -w, nothing else."""
    folder = binaries(program.packages)
    sockets = root / "s"
    sockets.mkdir(mode=0o700)
    began = time.perf_counter()
    subprocess.run(
        [folder / "initdb", "-D", root / "data", "-U", "bare", "--encoding=UTF8", "--locale=C.UTF-8"],
        check=True,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    options = f"-c listen_addresses='' -c unix_socket_directories={sockets}"
    command = [folder / "pg_ctl", "-D", root / "data", "-l", root / "log", "-w", "-o", options]
    subprocess.run([*command, "start"], check=True, stdout=subprocess.DEVNULL)
    seconds = time.perf_counter() - began
    subprocess.run([*command, "-m", "fast", "stop"], check=True, stdout=subprocess.DEVNULL)
    return seconds


def ours(program: Program, root: Path) -> float:
    """Seconds until both embedded servers are ready for migrate."""
    house = House(program, root, is_durable=True)
    began = time.perf_counter()
    house.open()
    seconds = time.perf_counter() - began
    house.close()
    return seconds


@contextmanager
def _without_servers() -> Iterator[None]:
    """Forget, for the block, the throw-away servers that `make bench` runs beside."""
    names = ("DATABASE_URL", "MIGRATION_DATABASE_URL", "REDIS_URL")
    held = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(held)


def main() -> None:
    """Print medians, spread and ratios of the pairs."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    program = settle(PROJECT)
    cold, warm, plain = [], [], []
    with _without_servers():
        for _ in range(pairs):
            with tempfile.TemporaryDirectory(prefix="taxsys-start-") as name:
                root = Path(name)
                (root / "bare").mkdir()
                plain.append(bare(program, root / "bare"))
                cold.append(ours(program, root / "house"))
                warm.append(ours(program, root / "house"))
                shutil.rmtree(root / "bare")
    ratios = [mine / floor for mine, floor in zip(cold, plain, strict=True)]
    sys.stdout.write(
        f"embedded start, {pairs} pairs: bare initdb + pg_ctl start {statistics.median(plain):.2f} s; "
        f"ours cold {statistics.median(cold):.2f} s, warm {statistics.median(warm):.2f} s; "
        f"ratio cold/bare {statistics.median(ratios):.2f} (min {min(ratios):.2f}, max {max(ratios):.2f}; target 1.30)\n"
    )


if __name__ == "__main__":
    main()
