"""Started as root: find an ordinary identity for everything, without loosening any folder's rights.

1. The project belongs to an ordinary user: become that user.
2. It belongs to root: map an ordinary user id onto root in a user namespace. The kernel still sees root at the files
   (a folder that only root can enter stays usable); the processes are ordinary and hold no capability.
3. Where user namespaces are forbidden: run the children as `nobody`, from copies that it can read.
"""

import ctypes
import os
import pwd
import shutil
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from taxsys.embedded.folders import short_name
from taxsys.embedded.messages import LauncherError
from taxsys.embedded.processes import Identity

CLONE_NEWUSER = 0x10000000
MARK = "TAXSYS_EMBEDDED_ENTERED"
STATE = Path("/var/lib/taxsys-embedded")
_libc = ctypes.CDLL(None, use_errno=True)


@dataclass(frozen=True)
class Program:
    """What the children execute: interpreter, project folder, folders of packages and of data."""

    python: str
    project: Path
    packages: Path
    state: Path
    identity: Identity | None


def _ordinary_name() -> pwd.struct_passwd:
    """An existing ordinary account (initdb looks its own name up), `nobody` when there is no other."""
    accounts = [entry for entry in pwd.getpwall() if 1000 <= entry.pw_uid < 60000]
    return accounts[0] if accounts else pwd.getpwnam("nobody")


def _enter_namespace() -> None:
    """Put this process into a user namespace in which it has an ordinary id. Raises OSError where forbidden."""
    account = _ordinary_name()
    uid, gid = os.geteuid(), os.getegid()
    if _libc.unshare(CLONE_NEWUSER) != 0:
        raise OSError(ctypes.get_errno(), "unshare")
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{account.pw_uid} {uid} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{account.pw_gid} {gid} 1", encoding="ascii")


def _works(attempt: Callable[[], None]) -> bool:
    """Whether `attempt` succeeds, tried in a process of its own."""
    child = os.fork()
    if child == 0:
        try:
            attempt()
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def _become(uid: int, gid: int) -> None:
    os.setgroups([])
    os.setgid(gid)
    os.setuid(uid)


def readable_by(identity: Identity, *paths: Path) -> bool:
    """Whether that identity can enter and read all these places."""

    def attempt() -> None:
        _become(identity.uid, identity.gid)
        for path in paths:
            if path.is_dir():
                os.listdir(path)
            elif not os.access(path, os.R_OK):
                raise PermissionError(path)

    return _works(attempt)


def _again() -> None:
    os.environ[MARK] = "1"
    os.execv(sys.executable, [sys.executable, "-m", "taxsys.embedded", *sys.argv[1:]])  # noqa: S606


def settle(project: Path) -> Program:
    """Decide who the children are; started as root this may execute the launcher anew under another identity.

    TAXSYS_EMBEDDED_ROOT=copy forces the third way (it is tested so). Raises LauncherError when none is possible.
    """
    packages = _site_packages()
    named = os.environ.get("TAXSYS_STATE_DIR", "")
    ordinary = Program(sys.executable, project, packages, Path(named) if named else project / "var", None)
    if os.geteuid() != 0:
        if named or os.environ.get(MARK) or os.access(project, os.W_OK):
            return ordinary
        return Program(sys.executable, project, packages, Path.home() / ".local" / "share" / "taxsys", None)
    if os.environ.get(MARK):
        raise LauncherError("rootのままでは起動できません。", "still root after dropping rights; refusing to start.")
    if os.environ.get("TAXSYS_EMBEDDED_ROOT") != "copy":
        owner = project.stat()
        if owner.st_uid != 0:
            someone = Identity(owner.st_uid, owner.st_gid, project)
            if readable_by(someone, project, packages):
                (project / "var").mkdir(exist_ok=True)
                os.chown(project / "var", owner.st_uid, owner.st_gid)
                _become(owner.st_uid, owner.st_gid)
                _again()
        elif _works(_enter_namespace):
            _enter_namespace()
            _again()
    return _copied(project, packages)


def _site_packages() -> Path:
    return Path(sys.prefix) / "lib" / f"python{sys.version_info.major}.{sys.version_info.minor}" / "site-packages"


def _copied(project: Path, packages: Path) -> Program:
    """The third way: `nobody`, working from places it can read."""
    account = pwd.getpwnam("nobody")
    python = str(Path(sys.base_prefix) / "bin" / f"python{sys.version_info.major}.{sys.version_info.minor}")
    place = STATE / short_name(project)
    for folder in (STATE, place):
        folder.mkdir(exist_ok=True)
        if folder.lstat().st_uid != 0 or folder.is_symlink():
            raise LauncherError(f"{folder} がrootのものではありません。", f"{folder} does not belong to root.")
        folder.chmod(0o711)
    identity = Identity(account.pw_uid, account.pw_gid, place)
    if not readable_by(identity, Path(python)):
        raise LauncherError(
            f"一般の利用者が実行できるPythonがありません({python})。一般の利用者で make run を実行してください。",
            f"no Python that an ordinary identity can execute ({python}); run make as an ordinary user.",
        )
    if not readable_by(identity, project / "manage.py", project / "taxsys", packages):
        project, packages = _copy_program(project, packages, place / "program")
    return Program(python, project, packages, place, identity)


def _copy_program(project: Path, packages: Path, target: Path) -> tuple[Path, Path]:
    """Copy source and packages to where others may read (not write). Packages are copied again only when changed."""
    target.mkdir(exist_ok=True)
    target.chmod(0o755)
    lock = short_name(project / "requirements.lock") + str((project / "requirements.lock").stat().st_mtime_ns)
    stamp = target / "packages.stamp"
    if not stamp.exists() or stamp.read_text(encoding="ascii") != lock:
        shutil.rmtree(target / "packages", ignore_errors=True)
        shutil.copytree(packages, target / "packages", symlinks=True)
        _open_for_reading(target / "packages")
        stamp.write_text(lock, encoding="ascii")
    skip = shutil.ignore_patterns(".git", ".venv", "var", "__pycache__", ".*_cache")
    shutil.rmtree(target / "project", ignore_errors=True)
    shutil.copytree(project, target / "project", symlinks=True, ignore=skip)
    _open_for_reading(target / "project")
    return target / "project", target / "packages"


def _open_for_reading(root: Path) -> None:
    """Our own copies, and only these, become readable (and executable where they were)."""
    for folder, _names, files in os.walk(root):
        Path(folder).chmod(0o755)
        for name in files:
            path = Path(folder) / name
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)
