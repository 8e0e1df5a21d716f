"""Rules about files that are not code: links in documents, lock files, migrations, legal parameters."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from tests.architecture.source import PACKAGES, ROOT

LINK = re.compile(r"(?<!!)\[[^\]\n]*\]\(([^)\s]+)\)|!\[[^\]\n]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
ADDRESS = re.compile(r"https?://|file:|--(?:extra-)?index-url|--find-links|--trusted-host|^-[if]\b| @ ", re.MULTILINE)


def headings(text: str) -> set[str]:
    """Anchors of a Markdown text, as forges make them."""
    anchors = set()
    for line in FENCE.sub("", text).splitlines():
        match = re.match(r"#{1,6}\s+(.*?)\s*#*$", line)
        if match:
            word = re.sub(r"[^\w\- ]", "", match.group(1).lower())
            anchors.add(word.replace(" ", "-"))
    return anchors


def broken_links(text: str, folder: Path) -> list[str]:
    """Relative links of a Markdown text whose file or heading does not exist."""
    found = []
    for match in LINK.finditer(FENCE.sub("", text)):
        target = match.group(1) or match.group(2)
        if re.match(r"[a-z]+:", target):
            continue
        name, _, anchor = target.partition("#")
        path = (folder / name).resolve() if name else None
        if path and not path.exists():
            found.append(f"{target}: no such file")
        elif anchor:
            words = path.read_text(encoding="utf-8") if path and path.is_file() else text
            if anchor not in headings(words):
                found.append(f"{target}: no such heading")
    return found


def lock_addresses(text: str) -> list[str]:
    """Addresses of package indexes in a lock file, and packages without a hash."""
    found = [f"names an address: {match.group().strip()}" for match in ADDRESS.finditer(text)]
    for block in re.split(r"\n(?=[A-Za-z0-9])", "\n".join(re.sub(r"#.*", "", line) for line in text.splitlines())):
        name = re.match(r"([A-Za-z0-9][\w.\-]*)(?:\[[\w,\-]+\])?==", block.strip())
        if block.strip() and not name:
            found.append(f"not pinned: {block.split()[0]}")
        elif name and "--hash=sha256:" not in block:
            found.append(f"no hash: {name.group(1)}")
    return found


def unproved_values(document: Mapping[str, Any]) -> list[str]:
    """Values of a parameter file without law, source or a known mark."""
    found = [] if document.get("law") else ["no law"]
    values = document.get("value", [])
    rows: Iterable[Any] = values if isinstance(values, list) else []
    for number, value in enumerate(rows, start=1):
        if not value.get("source"):
            found.append(f"value {number}: no source")
        if value.get("mark") not in {"V", "V2", "K"}:
            found.append(f"value {number}: mark {value.get('mark')!r}")
        if value.get("status") not in {"enacted", "bill", "outline"}:
            found.append(f"value {number}: status {value.get('status')!r}")
    return found


def parameter_files() -> list[Path]:
    """Every legal parameter file of the duties; `masters` are the city's own choices and codes, not law."""
    folders = [ROOT / package for package in PACKAGES if package != "taxsys"]
    found = [path for folder in folders for path in folder.glob("**/params/**/*.toml")]
    return sorted(path for path in found if "masters" not in path.parts)


def read_toml(path: Path) -> dict[str, Any]:
    """One TOML file."""
    return tomllib.loads(path.read_text(encoding="utf-8"))


def branches(edges: Mapping[str, Iterable[str]]) -> list[str]:
    """Where one app's migrations (name → names it depends on in the same app) are not a single line."""
    heads = set(edges) - {parent for parents in edges.values() for parent in parents}
    found = [f"{len(heads)} heads: {', '.join(sorted(heads))}"] if len(heads) > 1 else []
    children: dict[str, list[str]] = {}
    for name, parents in edges.items():
        for parent in parents:
            children.setdefault(parent, []).append(name)
    return found + [f"{parent} has {len(names)} followers" for parent, names in children.items() if len(names) > 1]


def package_name(requirement: str) -> str:
    """Name of a package in a requirement (`psycopg[binary]==3` → `psycopg`)."""
    match = re.match(r"[A-Za-z0-9][\w.\-]*", requirement)
    return match.group() if match else requirement
