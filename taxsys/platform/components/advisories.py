"""脆弱性情報との照合: advisories in the Open Source Vulnerability format (1.x), read from a file the operator brings.

A file is one advisory, a list of them, `{"vulns": [...]}`, or a ZIP of such files as osv.dev exports per ecosystem.
What cannot be decided by version (only commits named, a version that cannot be ordered) is a finding to be looked at.
"""

import json
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from taxsys.platform.components.inventory import Component, name_normal
from taxsys.platform.components.versions import VersionUnreadable, version_key

MOST_BYTES_AN_ADVISORY = 16 << 20
MOST_BYTES = 512 << 20
_BY_VERSION = ("ECOSYSTEM", "SEMVER")


class FeedUnreadable(ValueError):
    """The file is not what it should be; the message says what and where, in Japanese."""


@dataclass(frozen=True, slots=True)
class Finding:
    """該当: the component, the advisory, its other names, the mended versions; `certain` False: look at it."""

    component: Component
    advisory: str
    aliases: tuple[str, ...]
    severity: str
    fixed: tuple[str, ...]
    summary: str
    certain: bool = True


@dataclass(frozen=True, slots=True)
class Comparison:
    """照合の結果: how many advisories were read, how many are withdrawn, and the findings in order."""

    read: int
    withdrawn: int
    findings: tuple[Finding, ...]


def compared(components: Sequence[Component], feed: Path) -> Comparison:
    """Every component against every advisory of the file; raises FeedUnreadable."""
    ours: dict[tuple[str, str], list[Component]] = {}
    for component in components:
        ours.setdefault(component.key, []).append(component)
    read = withdrawn = 0
    findings: dict[tuple[str, str, str, str], Finding] = {}
    for advisory in advisories(feed):
        read += 1
        if advisory.get("withdrawn"):
            withdrawn += 1
            continue
        for finding in _findings(advisory, ours):
            component = finding.component
            key = (component.ecosystem, component.name, component.version, finding.advisory)
            if key not in findings or finding.certain:
                findings[key] = finding
    if not read:
        raise FeedUnreadable("脆弱性情報が1件もありません。ファイルを確かめてください。")
    return Comparison(read, withdrawn, tuple(findings[key] for key in sorted(findings)))


def advisories(feed: Path) -> Iterator[Mapping[str, Any]]:
    """The advisories of the file one by one; raises FeedUnreadable."""
    if zipfile.is_zipfile(feed):
        yield from _zipped(feed)
        return
    if feed.stat().st_size > MOST_BYTES:
        raise FeedUnreadable(
            f"{feed.name} は {MOST_BYTES >> 20}MB を超えています。環境（PyPIなど）ごとに分けてください。"
        )
    yield from _parsed(feed.read_bytes(), feed.name)


def _zipped(feed: Path) -> Iterator[Mapping[str, Any]]:
    total = 0
    try:
        with zipfile.ZipFile(feed) as archive:
            for entry in archive.infolist():
                if entry.is_dir() or not entry.filename.endswith(".json"):
                    continue
                total += entry.file_size
                if entry.file_size > MOST_BYTES_AN_ADVISORY or total > 4 * MOST_BYTES:
                    raise FeedUnreadable(f"{feed.name} の {entry.filename} で、展開すると大きすぎます。")
                yield from _parsed(archive.read(entry), f"{feed.name} の {entry.filename}")
    except zipfile.BadZipFile as error:
        raise FeedUnreadable(f"{feed.name} は壊れたZIPです。取り直してください。") from error


def _parsed(content: bytes, where: str) -> Iterator[Mapping[str, Any]]:
    try:
        found = json.loads(content)
    except ValueError as error:
        raise FeedUnreadable(f"{where} はJSONとして読めません。取り直してください。") from error
    if isinstance(found, dict) and isinstance(found.get("vulns"), list):
        found = found["vulns"]
    for position, one in enumerate(found if isinstance(found, list) else [found], start=1):
        if not isinstance(one, dict) or not isinstance(one.get("id"), str) or not _affected_sound(one):
            raise FeedUnreadable(f"{where} の{position}件目は OSV 形式の脆弱性情報ではありません（id と affected）。")
        yield one


def _affected_sound(advisory: Mapping[str, Any]) -> bool:
    affected = advisory.get("affected", [])
    return isinstance(affected, list) and all(isinstance(one, dict) for one in affected)


def _findings(advisory: Mapping[str, Any], ours: Mapping[tuple[str, str], Sequence[Component]]) -> Iterator[Finding]:
    for affected in advisory.get("affected", []):
        package = affected.get("package") or {}
        ecosystem, name = str(package.get("ecosystem", "")), str(package.get("name", ""))
        for component in ours.get((ecosystem, name_normal(ecosystem, name)), ()):
            verdict = is_affected(component, affected)
            if verdict is not False:
                yield _finding(component, advisory, affected, certain=verdict is True)


def is_affected(component: Component, affected: Mapping[str, Any]) -> bool | None:
    """Whether this version is among the affected ones; None where the advisory or the version cannot tell."""
    if component.version in affected.get("versions", ()):
        return True
    ranges = [one for one in affected.get("ranges", ()) if one.get("type") in _BY_VERSION]
    if not ranges:
        return False if affected.get("versions") else None
    try:
        here = version_key(component.ecosystem, component.version)
        return any(_inside(here, component.ecosystem, one.get("events", ())) for one in ranges)
    except VersionUnreadable:
        return None


def _inside(here: Any, ecosystem: str, events: Iterable[Mapping[str, str]]) -> bool:
    """The evaluation of the format: the last event at or before this version decides; introduced "0" is before all."""
    affected = False
    marks: list[tuple[Any, str]] = []
    for event in events:
        for kind, text in event.items():
            if kind == "introduced" and text == "0":
                affected = True
            elif kind in ("introduced", "fixed", "last_affected"):
                marks.append((version_key(ecosystem, text), kind))
    for key, kind in sorted(marks, key=lambda mark: mark[0]):
        if kind == "introduced" and key <= here:
            affected = True
        elif (kind == "fixed" and key <= here) or (kind == "last_affected" and key < here):
            affected = False
    return affected


def _finding(
    component: Component, advisory: Mapping[str, Any], affected: Mapping[str, Any], *, certain: bool
) -> Finding:
    events = [event for one in affected.get("ranges", ()) for event in one.get("events", ())]
    return Finding(
        component=component,
        advisory=advisory["id"],
        aliases=tuple(str(one) for one in advisory.get("aliases", ())),
        severity=_severity(advisory),
        fixed=tuple(dict.fromkeys(str(event["fixed"]) for event in events if "fixed" in event)),
        summary=" ".join(str(advisory.get("summary") or advisory.get("details") or "").split())[:200],
        certain=certain,
    )


def _severity(advisory: Mapping[str, Any]) -> str:
    """The word of the database (HIGH …), else the vector given, else "不明"."""
    word = (advisory.get("database_specific") or {}).get("severity")
    vectors = [str(one.get("score", "")) for one in advisory.get("severity") or () if isinstance(one, dict)]
    return str(word) if isinstance(word, str) and word else next((one for one in vectors if one), "不明")
