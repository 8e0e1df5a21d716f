"""`run`: the demonstration. `test`: the suite on throw-away servers. `servers`: any command beside such servers."""

import argparse
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import FrameType

from taxsys.embedded.codes import CodeFollower
from taxsys.embedded.folders import Folder, hold, open_folder
from taxsys.embedded.identities import Program, settle
from taxsys.embedded.messages import LauncherError, say
from taxsys.embedded.postgres import Postgres
from taxsys.embedded.processes import Child, Spawner
from taxsys.embedded.valkey import Valkey

PROJECT = Path(__file__).resolve().parent.parent.parent
BUSINESS_DATE = "2026-11-20"
SMALLEST_CITY, LARGEST_CITY = 100, 330_000
KEPT_VARIABLES = ("PATH", "LANG", "LC_ALL", "TZ", "TERM", "CI", "COLUMNS", "PYTHONWARNINGS")


class Stop(BaseException):
    """The person at the console, or the system, wants an end."""


def _on_signal(_number: int, _frame: FrameType | None) -> None:
    raise Stop


@dataclass
class House:
    """The servers of one folder and the environment of everything that works with them."""

    program: Program
    root: Path
    is_durable: bool
    postgres_settings: dict[str, str] = field(default_factory=dict)
    spawner: Spawner = field(init=False)
    folder: Folder = field(init=False)
    environment: dict[str, str] = field(init=False)

    def open(self) -> "House":
        """Start both servers (or take the given real ones) and set the environment."""
        self.spawner = Spawner(self.program.identity)
        self.folder = open_folder(self.root, self.program.identity)
        self._lock = hold(self.root)
        self.environment = self._plain_environment()
        valkey = Valkey(self.program, self.folder, self.spawner, self.is_durable)
        broker = None if os.environ.get("REDIS_URL") else valkey.start(self.environment)
        postgres = Postgres(self.program, self.folder, self.spawner, self.is_durable, self.postgres_settings)
        if not os.environ.get("DATABASE_URL"):
            postgres.start(self.environment)
        if broker:
            valkey.wait(broker)
        given = os.environ.get("DATABASE_URL", "")
        self.environment |= {
            "DATABASE_URL": given or postgres.url("app"),
            "MIGRATION_DATABASE_URL": os.environ.get("MIGRATION_DATABASE_URL") or given or postgres.url("owner"),
            "TAXSYS_ADMIN_DATABASE_URL": given or postgres.url("admin"),
            "REDIS_URL": os.environ.get("REDIS_URL") or valkey.url(),
        }
        return self

    def close(self) -> None:
        """Stop what was started, the newest first."""
        if hasattr(self, "spawner"):
            self.spawner.stop_all()
        if hasattr(self, "folder"):
            self.folder.remove_sockets()
        if hasattr(self, "_lock"):
            os.close(self._lock)
            del self._lock

    def _plain_environment(self) -> dict[str, str]:
        kept = {name: os.environ[name] for name in KEPT_VARIABLES if name in os.environ}
        kept |= {name: value for name, value in os.environ.items() if name.startswith(("TAXSYS_", "PLAYWRIGHT_"))}
        home = str(self.folder.root) if self.program.identity else os.environ.get("HOME", str(self.folder.root))
        return kept | {
            "HOME": home,
            "LANG": kept.get("LANG", "C.UTF-8"),
            "PYTHONPATH": os.pathsep.join([str(self.program.project), str(self.program.packages)]),
            "PYTHONUNBUFFERED": "1",
            "DJANGO_SETTINGS_MODULE": "taxsys.settings.embedded",
            "TAXSYS_PROJECT": str(self.program.project),
            "TAXSYS_DATA_DIR": str(self.folder.data),
            "TAXSYS_SECRET_KEY_FILE": str(self.folder.secret("secret_key")),
            "TAXSYS_KEY_PROVIDER": "file",
            "TAXSYS_KEY_DIR": str(self.folder.keys),
        }

    def manage(self, *arguments: str, tee: Path | None = None) -> int:
        """Run `manage.py …` with this environment."""
        return self.spawner.command(
            [self.program.python, "manage.py", *arguments], environment=self.environment, tee=tee
        )


def _check_port(port: int) -> None:
    with socket.socket(socket.AF_INET) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError as error:
            raise LauncherError(
                f"ポート {port} は使用中か、使えません。例: make run PORT={port + 1 if port < 65535 else 8000}",
                f"port {port} on 127.0.0.1 cannot be used ({error.strerror}); choose another with PORT=.",
            ) from error


def _start_worker(house: House) -> Child:
    processes = str(min(4, os.cpu_count() or 1))
    return house.spawner.server(
        "Celery",
        [
            *(house.program.python, "-m", "celery", "-A", "taxsys.web.celery", "worker"),
            *("--beat", "--scheduler", "celery.beat:Scheduler", "--concurrency", processes),
            *("--loglevel", "WARNING", "--without-gossip", "--without-mingle"),
        ],
        environment=house.environment,
        log=house.folder.logs / "worker.log",
        stop_signal=signal.SIGQUIT,
        grace_seconds=15,
    )


def _start_web(house: House, port: int) -> Child:
    return house.spawner.server(
        "Gunicorn",
        [
            *(house.program.python, "-m", "gunicorn", "taxsys.web.wsgi:application", "--bind", f"127.0.0.1:{port}"),
            *("--worker-class", "sync", "--workers", str(min(4, (os.cpu_count() or 1) + 1)), "--timeout", "60"),
            *("--log-level", "warning", "--preload", "--no-control-socket"),
        ],
        environment=house.environment,
        log=house.folder.logs / "web.log",
    )


def _wait_for_page(child: Child, port: int) -> None:
    """Wait for /readyz, which needs web, database, Redis and migrations."""
    end = time.monotonic() + 60
    last = ""
    while time.monotonic() < end and child.is_running:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}/readyz", timeout=5):
                return
        except urllib.error.HTTPError as error:
            last = error.read().decode(errors="replace")
        except OSError as error:
            last = str(error)
        time.sleep(0.1)
    raise LauncherError(
        f"画面が応答しません。記録: {child.log}", f"no answer from the web server: {last}\n{child.last_words()}"
    )


def _watch(house: House) -> None:
    """Wait until somebody stops us or a server ends by itself; meanwhile show one-time codes."""
    codes = CodeFollower(house.folder.data / "console" / "one-time-codes.log")
    while True:
        for line in codes.news():
            staff_no, _, code = line.partition(" ")
            say(f"[確認コード] 職員番号 {staff_no}  {code.rpartition(' ')[2]}", "one-time code, good for 5 minutes")
        for child in house.spawner.children:
            if not child.is_running:
                raise LauncherError(
                    f"{child.name} が終了しました。記録: {child.log}",
                    f"{child.name} ended by itself (status {child.process.returncode}).\n{child.last_words()}",
                )
        time.sleep(0.5)


class _Demonstration:
    """The cycle of the demonstration, once per folder; afterwards its closing table is shown again, with this port.

    It loads and writes the city's files beside the migrations (`prepare`) and walks once told to (`walk`).
    """

    def __init__(self, house: House, options: argparse.Namespace) -> None:
        self._house, self._port = house, options.port
        self._summary = house.folder.root / "demonstration.txt"
        self._done = house.folder.root / "demonstration.done"
        self._words = [house.program.python, "manage.py", "demo", "--when-told"]
        for name in ("city", "seed", "port"):
            self._words += [f"--{name}", str(getattr(options, name))]
        self._process: subprocess.Popen[bytes] | None = None

    def prepare(self) -> None:
        """Start it unless it was walked before."""
        if not self._done.exists():
            self._process = self._house.spawner.begin(self._words, environment=self._house.environment, is_kept=True)

    def walk(self) -> None:
        """The year, or the table of the year that was walked. Raises LauncherError."""
        if self._process is None:
            text = self._summary.read_text(encoding="utf-8")
            sys.stdout.write(re.sub(r"http://127\.0\.0\.1:\d+/", f"http://127.0.0.1:{self._port}/", text))
            return
        if self._house.spawner.finish(self._process, text="go\n", tee=self._summary) != 0:
            raise LauncherError(
                f"実演が途中で止まりました。記録: {self._house.folder.logs}", "the demonstration cycle failed."
            )
        self._done.touch(mode=0o600)

    def close(self) -> None:
        """End it where it still waits."""
        if self._process is not None and self._process.poll() is None:
            self._process.terminate()
            self._process.wait()


def run(options: argparse.Namespace) -> int:
    """Everything of `make run`; returns when stopped."""
    began = time.monotonic()
    if not SMALLEST_CITY <= options.city <= LARGEST_CITY:
        raise LauncherError(
            f"CITY は{SMALLEST_CITY}から{LARGEST_CITY}までです。", f"CITY must be {SMALLEST_CITY} to {LARGEST_CITY}."
        )
    program = settle(PROJECT)
    _check_port(options.port)
    if not program.state.exists():
        program.state.mkdir(parents=True, mode=0o755)
    house = House(program, program.state / f"city-{options.city}-seed-{options.seed}", is_durable=True)
    demonstration = None
    try:
        house.open()
        house.environment.setdefault("TAXSYS_BUSINESS_DATE", BUSINESS_DATE)
        say(f"データベースを起動しました({time.monotonic() - began:.1f}秒)", f"servers started; data in {house.root}")
        web = _start_web(house, options.port)  # it loads beside the migrations and is announced when all is ready
        demonstration = _Demonstration(house, options)
        demonstration.prepare()
        if house.manage("migrate", "--noinput", "--verbosity", "0") != 0:
            raise LauncherError("データベースの更新に失敗しました。", "migrate failed (see above).")
        _start_worker(house)
        demonstration.walk()
        _wait_for_page(web, options.port)
        say(f"画面: http://127.0.0.1:{options.port}/ ({time.monotonic() - began:.1f}秒)", "Ctrl-C stops everything")
        _watch(house)
    finally:
        if demonstration is not None:
            demonstration.close()
        _quietly_close(house)
    return 0


def _quietly_close(house: House) -> None:
    """Stop everything; further signals wait until that is done."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    house.close()


def throw_away(arguments: Sequence[str]) -> int:
    """Run a command with servers that live in a folder of their own just as long as it; returns its status.

    The word `python` in front means the interpreter of this environment.
    """
    program = settle(PROJECT)
    root = Path(tempfile.mkdtemp(prefix="taxsys-", dir="/tmp"))
    if program.identity:
        root.chmod(0o711)
    house = House(program, root / "servers", is_durable=False)
    try:
        house.open()
        house.environment["DATABASE_URL"] = house.environment["TAXSYS_ADMIN_DATABASE_URL"]
        for name in ("TAXSYS_DATA_DIR", "TAXSYS_KEY_DIR", "TAXSYS_SECRET_KEY_FILE", "MIGRATION_DATABASE_URL"):
            house.environment.pop(name, None)
        words = [program.python if word == "python" and place == 0 else word for place, word in enumerate(arguments)]
        return house.spawner.command(words, environment=house.environment)
    finally:
        _quietly_close(house)
        shutil.rmtree(root, ignore_errors=True)


def main(arguments: Sequence[str]) -> int:
    """Entry of `python -m taxsys.embedded`; returns the exit status."""
    parser = argparse.ArgumentParser(prog="python -m taxsys.embedded", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    running = commands.add_parser("run", help="the demonstration")
    running.add_argument("--city", type=int, default=3000)
    running.add_argument("--seed", type=int, default=1)
    running.add_argument("--port", type=int, default=8000)
    drilling = commands.add_parser("drill", help="the restore drill (復旧訓練)")
    drilling.add_argument("--city", type=int, default=300, help="people of the city; 0 for an empty installation")
    drilling.add_argument("--folder", default="", help="where to work (emptied first)")
    for name in ("test", "servers"):
        other = commands.add_parser(name)
        other.add_argument("rest", nargs=argparse.REMAINDER)
    options = parser.parse_args(arguments)
    os.umask(0o077)
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, _on_signal)
    try:
        if options.command == "run":
            return run(options)
        if options.command == "drill":
            from taxsys.embedded.drill import drill

            return drill(settle(PROJECT), options)
        rest = [word for word in options.rest if word != "--"] if options.rest[:1] == ["--"] else options.rest
        if options.command == "test":
            rest = ["python", "-m", "pytest", *rest]
        return throw_away(rest)
    except Stop:
        say("停止しました。", "stopped.")
        return 130 if options.command != "run" else 0
    except LauncherError as error:
        sys.stderr.write(f"{error}\n")
        return 1
