"""番号の漏えい点検 over a whole installation: tables, broker, folders (R-172, R-214, N-001, N-002)."""

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import redis

from addressbook.access import number_use
from addressbook.number_scan.digests import DigestTable
from addressbook.number_scan.scanner import Look, Place, look_over
from addressbook.permissions import SCAN_NUMBERS
from addressbook.selectors.every_table import column_places, table_places
from addressbook.services.number_scan import VaultKnows, digests_made, numbers_count
from taxsys.platform.audit.services import access_record

_WHOLE = 64 << 20
_AT_ONCE = 1000


@dataclass(frozen=True, kw_only=True, slots=True)
class Scope:
    """点検の範囲. `vault_folders` may hold sealed numbers and index values (the database's own files): only numbers in
    clear are looked for there. `opens_numbers`: whether hashes and index values are looked for too.
    """

    folders: tuple[Path, ...] = ()
    vault_folders: tuple[Path, ...] = ()
    redis_url: str = ""
    has_tables: bool = True
    opens_numbers: bool = False


@dataclass
class Report:
    """点検の結果: what was looked at, what was found, what could not be read."""

    look: Look = field(default_factory=Look)
    unread: list[str] = field(default_factory=list)
    known: int = 0

    @property
    def is_clean(self) -> bool:
        """Whether everything could be read and nothing was found."""
        return not self.look.findings and not self.unread


def numbers_scan(scope: Scope) -> Report:
    """Look everywhere in the scope. Needs an access context; leaves events of the questions and of the result."""
    report = Report()
    with number_use(SCAN_NUMBERS, purpose="個人番号の漏えいの点検"):
        report.known = numbers_count()
        digests = digests_made() if scope.opens_numbers else None
        _look(report, _places(scope, report), digests)
        _look(report, folder_places(scope.vault_folders, report.unread), None)
        access_record(action="search", record_type="number_scan", count=len(report.look.findings),
                      reason="clean" if report.is_clean else "found_or_unread")  # fmt: skip
    return report


def _places(scope: Scope, report: Report) -> Iterator[Place]:
    if scope.has_tables:
        yield from table_places()
    if scope.redis_url:
        yield from broker_places(scope.redis_url)
    yield from folder_places(scope.folders, report.unread)


def _look(report: Report, places: Iterable[Place], digests: DigestTable | None) -> None:
    """Place by place, so that one that cannot be read does not end the look; a table with a finding by its columns."""
    for place in places:
        try:
            found = look_over([place], VaultKnows(), digests)
            if found.findings and place.kind == "表":
                by_column = look_over(column_places(place.name), VaultKnows(), digests)
                found.findings = by_column.findings or found.findings
        except (OSError, redis.RedisError) as error:
            report.unread.append(f"{place.kind} {place.name}: {getattr(error, 'strerror', None) or error}")
            continue
        report.look.add(found)


def folder_places(folders: Iterable[Path], unread: list[str]) -> Iterator[Place]:
    """Every file below the folders, and their names; links are not followed, what cannot be listed is told."""
    for folder in folders:
        paths = [
            Path(root) / name
            for root, _folders, names in os.walk(folder, onerror=lambda error: unread.append(str(error)))
            for name in sorted(names)
        ]
        files = [path for path in paths if path.is_file() and not path.is_symlink()]
        yield Place("ファイル名", folder.name, _joined(os.fsencode(path.relative_to(folder)) for path in paths))
        for path in files:
            yield Place("ファイル", str(path.relative_to(folder.parent)), _file_pieces(path))


def _file_pieces(path: Path) -> Iterator[bytes]:
    """A file up to _WHOLE bytes as one piece, so that archives and PDFs open."""
    with path.open("rb") as file:
        while block := file.read(_WHOLE):
            yield block


def broker_places(url: str) -> Iterator[Place]:
    """Every key of the broker (queue, results, whatever else is there) and what it holds."""
    client = redis.Redis.from_url(url)
    for key in client.scan_iter(count=_AT_ONCE):
        yield Place("Valkey", "鍵", [key])
        yield Place("Valkey", repr(key[:60]) if key.isascii() else "鍵", _key_pieces(client, key))


def _key_pieces(client: Any, key: bytes) -> Iterator[bytes]:
    kind = client.type(key)
    if kind == b"string":
        yield client.get(key) or b""
    elif kind == b"list":
        yield from _joined(client.lrange(key, 0, -1))
    elif kind == b"hash":
        yield from _joined(part for pair in client.hgetall(key).items() for part in pair)
    elif kind == b"set":
        yield from _joined(client.smembers(key))
    elif kind == b"zset":
        yield from _joined(member for member, _score in client.zrange(key, 0, -1, withscores=True))
    else:
        yield client.dump(key) or b""


def _joined(parts: Iterable[bytes]) -> Iterator[bytes]:
    """Each part apart from its neighbours, so that two do not make up a number together."""
    for part in parts:
        yield part + b"\xff\xff\xff\xff"
