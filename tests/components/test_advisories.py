"""部品の点検 (R-271): the list from the lock files, a planted advisory found, others not, the run kept."""

import io
import json
import socket
import zipfile
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from django.conf import settings as configured
from django.core.management import call_command
from django.core.management.base import CommandError

from taxsys.platform.components import inventory
from taxsys.platform.components.advisories import FeedUnreadable, compared, is_affected
from taxsys.platform.components.inventory import (
    PYPI,
    UNKNOWN_LICENCE,
    Component,
    LockUnreadable,
    database_server,
    licence_of,
    locked,
    machine_packages,
)
from taxsys.platform.components.versions import VersionUnreadable, version_key
from taxsys.platform.registers.attachments import attachment_bytes
from taxsys.platform.registers.models import RegisterRow
from taxsys.platform.registers.permissions import OPERATION
from tests.platform.actors import officer
from tests.registers.scene import clerk, stepped
from tests.registers.test_vendors import refused

PASSWORD = "Harunire-no-machi-2026"
LOCK = """\
# a comment
demo-core[speed]==2.5.1 \\
    --hash=sha256:aa11 \\
    --hash=sha256:bb22
    # via
    #   other.thing
    #   taxsys (pyproject.toml)
Other.Thing==1!0.9rc1 ; python_version >= "3.11" \\
    --hash=sha256:cc33
    # via taxsys (pyproject.toml)
"""


def advisory(name: str = "demo_core", *events: dict[str, str], number: str = "1", **fields: Any) -> dict[str, Any]:
    affected = {
        "package": {"ecosystem": "PyPI", "name": name},
        "ranges": [{"type": "ECOSYSTEM", "events": list(events)}],
    }
    return {"schema_version": "1.6.0", "id": f"TEST-2026-{number}", "modified": "2026-11-01T00:00:00Z",
            "affected": [affected], **fields}  # fmt: skip


def since(first: str, **end: str) -> list[dict[str, str]]:
    return [{"introduced": first}, *({key: value} for key, value in end.items())]


@pytest.fixture
def lock(tmp_path: Path) -> Path:
    path = tmp_path / "some.lock"
    path.write_text(LOCK, encoding="utf-8")
    return path


@pytest.fixture
def feed(tmp_path: Path) -> Any:
    """A file of these advisories."""

    def write(*found: Any, name: str = "feed.json") -> Path:
        path = tmp_path / name
        path.write_text(json.dumps(list(found)), encoding="utf-8")
        return path

    return write


def test_every_package_of_the_lock_is_listed_with_version_hashes_and_what_needs_it(lock: Path) -> None:
    assert locked(lock) == [
        Component(
            PYPI, "demo-core", "2.5.1", ("sha256:aa11", "sha256:bb22"), UNKNOWN_LICENCE, ("other.thing", "taxsys")
        ),
        Component(PYPI, "Other.Thing", "1!0.9rc1", ("sha256:cc33",), UNKNOWN_LICENCE, ("taxsys",)),
    ]


@pytest.mark.req("R-271")
@pytest.mark.parametrize("name", ["requirements.lock", "requirements-production.lock"])
def test_the_lock_files_of_the_house_are_read_whole(name: str) -> None:
    path = configured.BASE_DIR / name
    found = locked(path)
    assert len(found) == sum("==" in line for line in path.read_text(encoding="utf-8").splitlines())
    django = next(one for one in found if one.name == "django")
    assert django.licence == "BSD-3-Clause"
    assert "taxsys" in django.needed_by
    assert all(one.hashes for one in found)


@pytest.mark.parametrize("broken", ["demo-core>=2.5 \\\n    --hash=sha256:aa\n", "demo-core==2.5\n", "-e .\n"])
def test_a_line_that_pins_nothing_or_has_no_hash_is_told(tmp_path: Path, broken: str) -> None:
    path = tmp_path / "some.lock"
    path.write_text(broken, encoding="utf-8")
    with pytest.raises(LockUnreadable, match="make lock"):
        locked(path)


def test_a_licence_is_that_of_the_very_version_installed() -> None:
    version = inventory.metadata.version("reportlab")
    assert licence_of("reportlab", version) != UNKNOWN_LICENCE
    assert licence_of("reportlab", "0.0.1") == UNKNOWN_LICENCE
    assert licence_of("no-such-package", "1") == UNKNOWN_LICENCE


@pytest.mark.parametrize(
    ("version", "events", "expected"),
    [
        ("2.5.1", since("0"), True),
        ("2.5.1", since("0", fixed="2.5.2"), True),
        ("2.5.1", since("0", fixed="2.5.1"), False),
        ("2.5.1", since("2.5.1", last_affected="2.5.1"), True),
        ("2.5.1", since("0", last_affected="2.5.0"), False),
        ("2.5.1", since("2.6"), False),
        ("2.5.1rc1", since("0", fixed="2.5.1"), True),
        ("2.10", since("2.9", fixed="2.11"), True),  # by number, not by letter
        ("1!0.1", since("0", fixed="99"), False),  # an epoch outranks every number
        ("2.5.1", [*since("2", fixed="2.2"), *since("2.5", fixed="2.6")], True),
        ("2.3", [*since("2", fixed="2.2"), *since("2.5", fixed="2.6")], False),
        ("2.3", [*reversed([*since("2", fixed="2.2"), *since("2.5", fixed="2.6")])], False),
    ],
)
def test_a_version_is_affected_as_the_range_says(version: str, events: list[dict[str, str]], expected: bool) -> None:
    affected = advisory("demo", *events)["affected"][0]
    assert is_affected(Component(PYPI, "demo", version), affected) is expected


def test_named_versions_count_and_what_cannot_be_ordered_is_left_to_people() -> None:
    here = Component(PYPI, "demo", "2.5.1")
    assert is_affected(here, {"versions": ["2.5.0", "2.5.1"]}) is True
    assert is_affected(here, {"versions": ["2.5.0"]}) is False
    assert is_affected(here, {"ranges": [{"type": "GIT", "events": [{"introduced": "0"}]}]}) is None
    assert is_affected(here, {"ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "??"}]}]}) is None


@pytest.mark.parametrize(
    ("smaller", "greater"),
    [
        ("1.0~rc1-1", "1.0-1"), ("1.0-1", "1.0-1+deb12u1"), ("1.0-9", "1.0-10"), ("9.0", "1:0.1"), ("1.0a", "1.0+"),
        ("1.0-1~bpo1", "1.0-1"), ("2.36-9+deb12u9", "2.36-9+deb12u10"), ("1.0", "1.0-1"),
    ],
)  # fmt: skip
def test_versions_of_the_machine_are_ordered_as_debian_orders_them(smaller: str, greater: str) -> None:
    lower, upper = version_key("Debian:12", smaller), version_key("Debian:12", greater)
    assert lower < upper
    assert not upper < lower
    assert lower == version_key("Debian:12", smaller)


@pytest.mark.parametrize("text", ["", "x:1", "1 2", "1/2"])
def test_a_version_that_debian_does_not_know_is_not_ordered(text: str) -> None:
    with pytest.raises(VersionUnreadable):
        version_key("Debian:12", text)


def test_packages_of_the_machine_stand_under_their_source_and_are_compared(tmp_path: Path, feed: Any) -> None:
    status, release = tmp_path / "status", tmp_path / "os-release"
    release.write_text('ID=debian\nVERSION_ID="12"\n')
    status.write_text(
        "Package: libssl3\nStatus: install ok installed\nSource: openssl\nVersion: 3.0.17-1~deb12u2\n\n"
        "Package: openssl\nStatus: install ok installed\nVersion: 3.0.17-1~deb12u2\n\n"
        "Package: gone\nStatus: deinstall ok config-files\nVersion: 1\n"
    )
    found = machine_packages(status, release)
    assert found == [Component("Debian:12", "openssl", "3.0.17-1~deb12u2", needed_by=("libssl3", "openssl"))]
    affected = {"package": {"ecosystem": "Debian:12", "name": "openssl"},
                "ranges": [{"type": "ECOSYSTEM", "events": since("0", fixed="3.0.17-1~deb12u3")}]}  # fmt: skip
    comparison = compared(found, feed({"id": "DSA-1", "affected": [affected]}))
    assert [one.fixed for one in comparison.findings] == [("3.0.17-1~deb12u3",)]
    release.write_text("ID=other\nVERSION_ID=1\n")
    assert machine_packages(status, release) == []


@pytest.mark.req("R-271")
def test_a_planted_advisory_is_found_and_what_does_not_concern_us_is_not(lock: Path, feed: Any, tmp_path: Path) -> None:
    found = [
        advisory("Demo_Core", *since("0", fixed="2.6"), aliases=["CVE-2026-0001"], summary="読み過ぎ",
                 database_specific={"severity": "HIGH"}),
        advisory("demo-core", *since("0", fixed="2.5.1"), number="2"),
        advisory("demo-core", *since("0"), number="3", withdrawn="2026-10-01T00:00:00Z"),
        advisory("quite-other", *since("0"), number="4"),
        {**advisory("demo-core", *since("0"), number="5"),
         "affected": [{"package": {"ecosystem": "npm", "name": "demo-core"}, "versions": ["2.5.1"]}]},
    ]  # fmt: skip
    plain = compared(locked(lock), feed(*found))
    assert (plain.read, plain.withdrawn) == (5, 1)
    assert [(one.component.name, one.advisory, one.aliases, one.severity, one.fixed, one.certain)
            for one in plain.findings] == [
        ("demo-core", "TEST-2026-1", ("CVE-2026-0001",), "HIGH", ("2.6",), True)
    ]  # fmt: skip
    packed = tmp_path / "all.zip"
    with zipfile.ZipFile(packed, "w") as archive:
        for one in found:
            archive.writestr(f"{one['id']}.json", json.dumps(one))
    assert compared(locked(lock), packed) == plain


@pytest.mark.parametrize(
    "content", [b"", b"{", b"[]", b"[1]", b'{"id": 5}', b'{"id": "A", "affected": [1]}', b"\xff\xfe"]
)
def test_a_file_that_holds_no_advisories_is_refused(tmp_path: Path, lock: Path, content: bytes) -> None:
    path = tmp_path / "feed.json"
    path.write_bytes(content)
    with pytest.raises(FeedUnreadable):
        compared(locked(lock), path)


def test_a_broken_or_swollen_archive_is_refused(tmp_path: Path, lock: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "feed.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("A.json", json.dumps(advisory(summary="x" * 5000)))
    monkeypatch.setattr("taxsys.platform.components.advisories.MOST_BYTES_AN_ADVISORY", 4000)
    with pytest.raises(FeedUnreadable, match=r"A\.json で、展開すると大きすぎます"):
        compared(locked(lock), path)


def test_the_database_server_is_a_component() -> None:
    assert database_server("17.10 (Debian 17.10-1)").version == "17.10"


@pytest.fixture
def operator(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """The operator at the console; data of the test in a folder of its own."""
    settings.TAXSYS_DATA_DIR, settings.TAXSYS_CREATE_KEYS, settings.TAXSYS_KEY_DIR = tmp_path, True, ""
    settings.TAXSYS_BUSINESS_DATE = "2026-11-20"
    staff = officer("9001", permissions=[OPERATION.view, OPERATION.enter])
    staff.set_password(PASSWORD)
    staff.save()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    return staff


def run(feed: Path, lock: Path, *words: str) -> tuple[int, str]:
    """Exit status and what was printed."""
    out = io.StringIO()
    try:
        call_command(
            "advisories",
            str(feed),
            f"--lock={lock}",
            "--no-machine",
            "--password-stdin",
            *words,
            stdout=out,
            stderr=out,
        )
    except SystemExit as ended:
        return int(str(ended.code)), out.getvalue()
    except CommandError as error:
        return error.returncode, str(error)
    return 0, out.getvalue()


@pytest.mark.django_db
@pytest.mark.req("R-271")
def test_a_run_is_kept_with_who_when_against_what_and_what_it_found(operator: Any, lock: Path, feed: Any) -> None:
    status, told = run(feed(advisory("demo-core", *since("0", fixed="2.6"))), lock, "--as=9001")
    assert status == 1
    assert "該当,PyPI,demo-core,2.5.1,TEST-2026-1,,不明,2.6," in told
    row = RegisterRow.objects.get(kind="component_check")
    assert f"{row.row_no} として残しました" in told
    assert row.versions.get().changed_by == operator
    counts = ("checked_on", "advisory_count", "component_count", "finding_count")
    assert {name: row.values[name] for name in counts} == {
        "checked_on": "2026-11-20", "advisory_count": 1, "component_count": 4, "finding_count": 1,
    }  # fmt: skip
    assert row.values["findings"] == "demo-core 2.5.1：TEST-2026-1（不明）直った版 2.6"
    assert len(row.values["feed_sha256"].replace(":", "")) == 64
    assert row.tasks.get().due_on.isoformat() == "2026-12-21"  # 20 December is a Sunday
    book = openpyxl.load_workbook(io.BytesIO(attachment_bytes(row.attachments.get())))
    assert book.sheetnames == ["結果", "該当", "部品"]
    assert book["部品"]["F2"].value == "sha256:aa11 sha256:bb22"
    chief = clerk("9002")
    assert refused(row, "close", chief, settled_on="2026-11-20") == (
        "「対応（更新した版、影響しない理由）」を入力してください。",
    )
    assert stepped(row, "close", chief, settled_on="2026-11-20", handling="2.6に更新").is_closed


@pytest.mark.django_db
@pytest.mark.req("R-271")
def test_a_run_without_findings_ends_well_and_is_kept_too(operator: Any, lock: Path, feed: Any) -> None:
    status, told = run(feed(advisory("demo-core", *since("0", fixed="2.5.1"))), lock, "--as=9001")
    assert (status, "該当・要確認 0件" in told) == (0, True)
    row = RegisterRow.objects.get(kind="component_check")
    assert (row.values["findings"], row.tasks.count()) == ("該当なし", 0)
    assert stepped(row, "close", clerk("9002"), settled_on="2026-11-20").is_closed


@pytest.mark.django_db
def test_nobody_without_password_or_right_is_kept_and_nothing_stands_afterwards(
    operator: Any, lock: Path, feed: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = feed(advisory("demo-core", *since("0")))
    assert run(file, lock) == (2, "--as 職員番号 で点検する人を示してください（印字だけなら --print-only）。")
    assert run(file, lock, "--as=9003")[0] == 4
    stranger = officer("9004")
    stranger.set_password(PASSWORD)
    stranger.save()
    monkeypatch.setattr("sys.stdin", io.StringIO(f"{PASSWORD}\n"))
    assert run(file, lock, "--as=9004") == (4, "この台帳に登録する権限がありません。")
    assert not RegisterRow.objects.exists()


@pytest.mark.django_db
@pytest.mark.req("R-271")
def test_the_check_opens_no_connection(lock: Path, feed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any) -> None:
        raise AssertionError(f"a connection was opened: {args}")

    monkeypatch.setattr(socket.socket, "connect", refuse)
    assert run(feed(advisory("demo-core", *since("0"))), lock, "--print-only")[0] == 1
    assert not RegisterRow.objects.exists()
