"""The import contracts: every package stands in them, and each of them breaks on the import it forbids."""

import configparser
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.architecture.source import PACKAGES, ROOT

PLATFORM = sorted(path.parent.name for path in (ROOT / "taxsys" / "platform").glob("*/__init__.py"))
HOUSE = [
    *PACKAGES, "taxsys/kernel", "taxsys/params", "taxsys/platform", "taxsys/city", "taxsys/web", "taxsys/settings",
    "taxsys/embedded", *(f"taxsys/platform/{name}" for name in PLATFORM), "assessment/resident", "assessment/sources",
    "assessment/decisions", "assessment/entry", "assessment/extraction", "assessment/items", "assessment/scans",
    "assessment/withholders", "assessment/withholders/papers",
    "assessment/amendments", "assessment/amendments/papers",
    "assessment/pensions", "assessment/premises", "assessment/yearend",
    "collection/withheld", "collection/payouts", "collection/deferments",
    "intermediary/inquiries", "collection/paid_slips", "collection/remitting",
    "addressbook/vault", "addressbook/services", "collection/rules", "collection/papers", "certificates/papers",
    "collection/closing", "collection/takeover", "delinquency/papers", "assessment/resident/papers",
]  # fmt: skip
_NO_TAX = {
    "amendments",
    "extraction",
    "sources",
    "scans",
    "decisions",
    "entry",
    "items",
    "views",
    "withholders",
    "pensions",
    "premises",
    "yearend",
    "migrations",
    "management",
}
DATA_BUILDERS = sorted(
    str(path.relative_to(ROOT)) for package in PACKAGES for path in (ROOT / package).glob("**/papers/*_data.py")
)
VIOLATIONS = [
    ("addressbook/upward.py", "import collection", "Floors"),
    ("taxsys/platform/upward.py", "import addressbook", "Floors"),
    ("taxsys/kernel/upward.py", "import taxsys.params", "Floors"),
    ("eltax_bridge/sideways.py", "import intermediary", "Floors"),
    ("collection/models.py", "import collection.services", "Shelves"),
    ("taxsys/kernel/impure.py", "import django", "Kernel and parameters"),
    ("collection/rules/impure.py", "import psycopg", "Rules are pure"),
    ("collection/rules/stored.py", "import taxsys.platform.files", "Rules are pure"),
    ("collection/papers/payment_slip_data.py", "import reportlab", "Data builders of papers"),
    ("collection/peek.py", "import addressbook.vault", "The vault of My Numbers"),
    ("collection/queue.py", "import celery", "Celery and Redis"),
    ("taxsys/platform/staff/queue.py", "import redis", "Celery and Redis"),
    ("taxsys/city/peek.py", "import taxsys.platform.audit", "The synthetic city"),
    ("taxsys/embedded/heavy.py", "import django", "The launcher"),
]


def _lint(house: Path) -> "subprocess.CompletedProcess[str]":
    program = Path(sys.executable).with_name("lint-imports")
    return subprocess.run(
        [str(program), "--no-cache"],
        cwd=house,
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(house)},
    )


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """An empty house of the same rooms under the same contracts."""
    shutil.copy(ROOT / ".importlinter", tmp_path)
    for folder in HOUSE:
        (tmp_path / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / folder / "__init__.py").touch()
    (tmp_path / "collection" / "services.py").touch()
    for file in DATA_BUILDERS:
        (tmp_path / file).touch()
    return tmp_path


def test_the_empty_house_keeps_every_contract(house: Path) -> None:
    answer = _lint(house)
    assert answer.returncode == 0, answer.stdout
    assert "0 broken" in answer.stdout


@pytest.mark.parametrize(("file", "line", "contract"), VIOLATIONS)
def test_each_contract_breaks_on_the_import_it_forbids(house: Path, file: str, line: str, contract: str) -> None:
    (house / file).write_text(line + "\n", encoding="utf-8")
    answer = _lint(house)
    assert answer.returncode == 1, answer.stdout
    broken = [text for text in answer.stdout.splitlines() if text.endswith("BROKEN")]
    assert any(text.startswith(contract) for text in broken), answer.stdout


def test_the_services_may_open_the_vault(house: Path) -> None:
    (house / "addressbook" / "services" / "numbers.py").write_text("import addressbook.vault\n", encoding="utf-8")
    assert _lint(house).returncode == 0


def _contracts() -> dict[str, str]:
    parser = configparser.ConfigParser()
    parser.read(ROOT / ".importlinter", encoding="utf-8")
    return {name: "\n".join(parser[name].values()) for name in parser.sections()}


def _names(text: str) -> set[str]:
    return set(text.replace("(", " ").replace(")", " ").replace("|", " ").replace(":", " ").split())


def test_every_package_is_named_in_a_contract() -> None:
    texts = _contracts()
    named = _names("\n".join(texts.values()))
    packages = {name for name in PACKAGES if name != "taxsys"}
    packages |= {f"taxsys.{path.parent.name}" for path in (ROOT / "taxsys").glob("*/__init__.py")}
    assert packages - named == set()


def test_every_tax_is_named_as_independent() -> None:
    named = _names(_contracts()["importlinter:contract:taxes"])
    taxes = {
        f"assessment.{path.parent.name}"
        for path in (ROOT / "assessment").glob("*/__init__.py")
        if path.parent.name not in _NO_TAX
    }
    assert taxes - named == set()


def test_every_platform_package_is_closed_to_the_city_or_named_as_its_door() -> None:
    closed = _names(_contracts()["importlinter:contract:city"])
    packages = {f"taxsys.platform.{path.parent.name}" for path in (ROOT / "taxsys/platform").glob("*/__init__.py")}
    assert packages - closed <= {"taxsys.platform.files"}


def test_every_data_builder_of_a_paper_is_named_as_pure() -> None:
    named = _names(_contracts()["importlinter:contract:pure-papers"])
    assert {file.removesuffix(".py").replace("/", ".") for file in DATA_BUILDERS} - named == set()
