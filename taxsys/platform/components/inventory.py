"""部品の一覧: Python packages from the lock file, the interpreter, the database server, the packages of the machine.

Nothing is asked of a network: licences are those that the installed packages declare of themselves.
"""

import platform
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from email.parser import HeaderParser
from importlib import metadata
from pathlib import Path

UNKNOWN_LICENCE = "不明"
PYPI, GENERIC = "PyPI", "Bitnami"  # ecosystems as the Open Source Vulnerability format names them
_PIN = re.compile(r"^([A-Za-z0-9][A-Za-z0-9._-]*)(?:\[[^\]]*\])?==([^\s;\\]+)")
_HASH = re.compile(r"--hash=([a-z0-9]+:[0-9a-f]+)")
_NEEDED_BY = re.compile(r"^\s+#\s+(?:via\s+)?([A-Za-z0-9][A-Za-z0-9._-]*)")
_LICENCE_CLASS = "License :: "


@dataclass(frozen=True, slots=True)
class Component:
    """部品: where it comes from (ecosystem), name, version, hashes of the lock, licence, what needs it."""

    ecosystem: str
    name: str
    version: str
    hashes: tuple[str, ...] = ()
    licence: str = UNKNOWN_LICENCE
    needed_by: tuple[str, ...] = ()

    @property
    def key(self) -> tuple[str, str]:
        """Ecosystem and normalised name: what an advisory is compared by."""
        return self.ecosystem, name_normal(self.ecosystem, self.name)


class LockUnreadable(ValueError):
    """A lock file holds a line that pins nothing, or a pin without a hash."""


def name_normal(ecosystem: str, name: str) -> str:
    """The name as the ecosystem compares it: PyPI makes `-`, `_`, `.` and case one (PEP 503)."""
    return re.sub(r"[-_.]+", "-", name).lower() if ecosystem == PYPI else name.lower()


def locked(path: Path) -> list[Component]:
    """Every pinned package of a lock file made by pip-compile, in its order; raises LockUnreadable, OSError."""
    found: list[Component] = []
    for block in _blocks(path.read_text(encoding="utf-8").splitlines()):
        pin = _PIN.match(block[0])
        hashes = tuple(_HASH.findall("\n".join(block)))
        if pin is None or not hashes:
            raise LockUnreadable(
                f"{path.name}: 読めない行があります（{block[0].strip()[:60]}）。make lock で作り直してください。"
            )
        needed = tuple(one[1] for one in map(_NEEDED_BY.match, block[1:]) if one is not None and one[1] != "via")
        name, version = pin[1], pin[2]
        found.append(Component(PYPI, name, version, hashes, licence_of(name, version), needed))
    return found


def _blocks(lines: Iterable[str]) -> Iterator[list[str]]:
    """One list of lines a package: the pin and what is indented below it."""
    block: list[str] = []
    for line in lines:
        if not line.strip() or line.startswith("#"):
            continue
        if block and not line[0].isspace():
            yield block
            block = []
        block.append(line)
    if block:
        yield block


def licence_of(name: str, version: str) -> str:
    """What the installed package of exactly this version declares; UNKNOWN_LICENCE where it is not installed here."""
    try:
        found = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return UNKNOWN_LICENCE
    if found["Version"] != version:
        return UNKNOWN_LICENCE
    classes = [one.rpartition(" :: ")[2] for one in found.get_all("Classifier") or () if one.startswith(_LICENCE_CLASS)]
    words = _header(found, "License")
    short = words if len(words) <= 60 and "\n" not in words else ""
    return _header(found, "License-Expression") or short or "、".join(classes) or UNKNOWN_LICENCE


def _header(found: metadata.PackageMetadata, name: str) -> str:
    return found[name].strip() if name in found else ""


def interpreter() -> Component:
    """The Python that runs this."""
    return Component(GENERIC, "python", platform.python_version(), licence="PSF-2.0", needed_by=("taxsys",))


def database_server(version: str) -> Component:
    """PostgreSQL by the version its server states (17.10 of "17.10 (Debian …)")."""
    return Component(GENERIC, "postgresql", version.split()[0], licence="PostgreSQL", needed_by=("taxsys",))


def machine_packages(status: Path, release: Path) -> list[Component]:
    """Source packages of a Debian machine with their versions; empty where its package list is not there."""
    if not status.is_file() or not release.is_file():
        return []
    lines = [line.partition("=") for line in release.read_text(encoding="utf-8").splitlines()]
    about = {name: value.strip('"') for name, _, value in lines}
    if about.get("ID") != "debian" or not about.get("VERSION_ID"):
        return []
    ecosystem = f"Debian:{about['VERSION_ID']}"
    found: dict[tuple[str, str], list[str]] = {}
    for paragraph in status.read_text(encoding="utf-8", errors="replace").split("\n\n"):
        fields = HeaderParser().parsestr(paragraph)
        if not (fields.get("Status") or "").endswith(" installed"):
            continue
        source = re.fullmatch(r"(\S+)(?: \((\S+)\))?", fields.get("Source") or fields["Package"])
        if source is not None:
            found.setdefault((source[1], source[2] or fields["Version"]), []).append(fields["Package"])
    return [Component(ecosystem, name, version, needed_by=tuple(sorted(binaries)))
            for (name, version), binaries in sorted(found.items())]  # fmt: skip
