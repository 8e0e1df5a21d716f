"""Child processes that never outlive their supervisor, and are stopped by their own process id only."""

import ctypes
import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from taxsys.embedded.messages import LauncherError

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Identity:
    """Who the children run as; None keeps the launcher's own identity."""

    uid: int
    gid: int
    home: Path


@dataclass
class Child:
    """One running server: how it is asked to stop and how long it may take."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path
    stop_signal: signal.Signals
    grace_seconds: float

    @property
    def is_running(self) -> bool:
        """Whether the process still lives (a dead one is reaped)."""
        return self.process.poll() is None

    def stop(self) -> None:
        """Ask, wait, and at the end of the grace kill what is left of this child's own session."""
        if self.is_running:
            self.process.send_signal(self.stop_signal)
            try:
                self.process.wait(self.grace_seconds)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def last_words(self, lines: int = 15) -> str:
        """The end of the log, for an error message."""
        if not self.log.exists():
            return ""
        return "\n".join(self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])


def _ends_with_parent(parent: int, death_signal: int) -> Callable[[], None]:
    """Function for the new process: the kernel signals it when the launcher ends, however that ends."""

    def prepare() -> None:
        _libc.prctl(PR_SET_PDEATHSIG, death_signal, 0, 0, 0)
        if os.getppid() != parent:  # The parent ended between fork and prctl.
            os._exit(1)

    return prepare


@dataclass
class Spawner:
    """Starts processes with one environment and identity, and remembers them in order of their start."""

    identity: Identity | None = None
    children: list[Child] = field(default_factory=list)

    def _options(self) -> dict[str, object]:
        if self.identity is None:
            return {}
        return {"user": self.identity.uid, "group": self.identity.gid, "extra_groups": []}

    def server(
        self,
        name: str,
        arguments: Sequence[str],
        *,
        environment: Mapping[str, str],
        log: Path,
        stop_signal: signal.Signals = signal.SIGTERM,
        grace_seconds: float = 15,
    ) -> Child:
        """Start a server in a session of its own (Ctrl-C reaches only the launcher), its output in `log`."""
        with log.open("ab") as output:
            process = subprocess.Popen(  # noqa: S603
                list(arguments),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=dict(environment),
                cwd=environment.get("TAXSYS_PROJECT") or "/",
                start_new_session=True,
                umask=0o077,
                preexec_fn=_ends_with_parent(os.getpid(), stop_signal),
                **self._options(),  # type: ignore[call-overload]
            )
        child = Child(name, process, log, stop_signal, grace_seconds)
        self.children.append(child)
        return child

    def command(
        self, arguments: Sequence[str], *, environment: Mapping[str, str], text: str = "", tee: Path | None = None
    ) -> int:
        """Run a command to its end; with `tee` its output is shown and kept. Returns the exit status.

        Ctrl-C reaches the command too (same session), so a long one ends with the launcher.
        """
        return self.finish(self.begin(arguments, environment=environment, is_kept=tee is not None), text=text, tee=tee)

    def begin(
        self, arguments: Sequence[str], *, environment: Mapping[str, str], is_kept: bool = False
    ) -> "subprocess.Popen[bytes]":
        """Start a command whose input is given, and whose end is awaited, by `finish`."""
        return subprocess.Popen(  # noqa: S603
            list(arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE if is_kept else None,
            env=dict(environment),
            cwd=environment.get("TAXSYS_PROJECT") or "/",
            umask=0o077,
            preexec_fn=_ends_with_parent(os.getpid(), signal.SIGTERM),
            **self._options(),  # type: ignore[call-overload]
        )

    def finish(self, process: "subprocess.Popen[bytes]", *, text: str = "", tee: Path | None = None) -> int:
        """Hand a command its input and wait for its end. Returns the exit status; it is ended if we are stopped."""
        try:
            if process.stdin:
                with suppress(BrokenPipeError):  # it ended before it read; its status says why
                    process.stdin.write(text.encode())
                    process.stdin.close()
            if tee and process.stdout:
                _show_and_keep(process, tee)
            return process.wait()
        except BaseException:
            process.terminate()
            process.wait()
            raise

    def stop_all(self) -> None:
        """Stop every child, the last started first."""
        while self.children:
            self.children.pop().stop()


def _show_and_keep(process: "subprocess.Popen[bytes]", tee: Path) -> None:
    """Copy a command's output to the console and to a file that only we can read."""
    if process.stdout is None:
        return
    with os.fdopen(os.open(tee, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as kept:
        for line in process.stdout:
            os.write(1, line)
            kept.write(line)


def wait_until(ready: Callable[[], bool], child: Child, *, seconds: float) -> None:
    """Wait for a server to answer. Raises LauncherError when it ended or the time is over."""
    end = time.monotonic() + seconds
    while not ready():
        if not child.is_running or time.monotonic() > end:
            raise LauncherError(
                f"{child.name} が起動しませんでした。記録: {child.log}",
                f"{child.name} did not start. Its log: {child.log}\n{child.last_words()}",
            )
        time.sleep(0.01)
