"""Where one installation keeps its servers' data, sockets, secrets and logs."""

import fcntl
import hashlib
import os
import secrets
import shutil
import stat
import tempfile
from dataclasses import dataclass
from pathlib import Path

from taxsys.embedded.messages import LauncherError
from taxsys.embedded.processes import Identity

# sockaddr_un holds 108 bytes with the closing zero; the longest name we put into the folder is PostgreSQL's.
SOCKET_PATH_LIMIT = 107
LONGEST_SOCKET_NAME = "/.s.PGSQL.5432.lock"
SECRET_NAMES = ("admin", "owner", "app", "valkey", "secret_key")


@dataclass(frozen=True)
class Folder:
    """One data folder; everything in it is closed to other identities."""

    root: Path
    sockets: Path
    is_short: bool

    @property
    def postgres(self) -> Path:
        """PostgreSQL's cluster."""
        return self.root / "postgres"

    @property
    def valkey(self) -> Path:
        """Valkey's append-only file and configuration."""
        return self.root / "valkey"

    @property
    def data(self) -> Path:
        """TAXSYS_DATA_DIR: received and issued files."""
        return self.root / "data"

    @property
    def logs(self) -> Path:
        """The servers' own words."""
        return self.root / "log"

    @property
    def keys(self) -> Path:
        """TAXSYS_KEY_DIR: keys of the vault and of stored files."""
        return self.root / "secrets" / "keys"

    def secret(self, name: str) -> Path:
        """File of one generated secret."""
        return self.root / "secrets" / name

    def secret_text(self, name: str) -> str:
        """One generated secret."""
        return self.secret(name).read_text(encoding="ascii").strip()

    def remove_sockets(self) -> None:
        """Take away the short folder in /tmp, if one was needed."""
        if self.is_short:
            shutil.rmtree(self.sockets, ignore_errors=True)


def make_private(path: Path, identity: Identity | None) -> None:
    """Create a folder 0700 for the servers' identity. Never touches its parents' rights."""
    path.mkdir(mode=0o700, exist_ok=True)
    facts = path.lstat()
    wanted = identity.uid if identity else os.geteuid()
    if not stat.S_ISDIR(facts.st_mode):
        raise LauncherError(f"{path} はフォルダではありません。", f"{path} is not a folder.")
    if identity and facts.st_uid == os.geteuid() and not os.listdir(path):
        os.chown(path, identity.uid, identity.gid, follow_symlinks=False)
    elif facts.st_uid != wanted:
        raise LauncherError(
            f"{path} は別の利用者のものです。別の CITY・SEED を指定するか、フォルダを移してください。",
            f"{path} belongs to another identity; move it away or choose another CITY or SEED.",
        )
    path.chmod(0o700)


def open_folder(root: Path, identity: Identity | None) -> Folder:
    """The folder with all its parts and secrets, created where missing."""
    make_private(root, None)
    make_private(root / "log", None)
    if identity:
        # Passed through by the servers' identity, which cannot put a link where the launcher writes as root.
        root.chmod(0o711)
    sockets, is_short = root / "run", False
    if len(os.fsencode(str(sockets) + LONGEST_SOCKET_NAME)) > SOCKET_PATH_LIMIT:
        sockets, is_short = Path(tempfile.mkdtemp(prefix="taxsys-", dir="/tmp")), True
    folder = Folder(root, sockets, is_short)
    for part in (folder.postgres, folder.valkey, folder.data, root / "secrets", folder.keys, sockets):
        make_private(part, identity)
    for name in SECRET_NAMES:
        _make_secret(folder.secret(name), identity)
    return folder


def _make_secret(path: Path, identity: Identity | None) -> None:
    """256 random bits as hexadecimal digits in a file 0600, once."""
    if path.exists():
        return
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
        if identity:
            os.fchown(handle, identity.uid, identity.gid)


def hold(root: Path) -> int:
    """Lock the folder for this launcher; the lock ends with the process. Raises LauncherError when it is in use."""
    handle = os.open(root / "launcher.lock", os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        os.close(handle)
        raise LauncherError(
            f"この都市のデータ({root.name})は、起動中です。そちらを止めるか、別の CITY・SEED を指定してください。",
            f"the data of {root.name} is in use by another run; stop it or choose another CITY or SEED.",
        ) from error
    return handle


def short_name(path: Path) -> str:
    """A stable short name for a path, for folders that stand outside of it."""
    return hashlib.sha256(os.fsencode(path)).hexdigest()[:12]
