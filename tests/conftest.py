"""Fixtures of the whole suite: database roles as in production, a real browser, a server on loopback.

The login of the test run may be a superuser (it creates the test database), but nothing under test runs as one: tables
are made by `taxsys_owner`, and every connection of the test session works as `taxsys_app`.
"""

import os
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.conf import settings
from hypothesis import HealthCheck
from hypothesis import settings as hypothesis_settings

from tests.browsers import NotRunError, browser_executable, open_page, policy_reports
from tests.tokens import NoTokenError, token_library_path, token_store

# How long an example takes on a busy machine says nothing about the house.
hypothesis_settings.register_profile("house", deadline=None, suppress_health_check=[HealthCheck.too_slow])
hypothesis_settings.load_profile("house")
ROLE_FILES = Path(__file__).resolve().parent.parent / "taxsys" / "embedded"
APPLICATION_ROLE = "taxsys_app"
OWNER_ROLE = "taxsys_owner"


def _with_role(options: dict[str, Any], role: str) -> dict[str, Any]:
    """Connection options that make every new session of this database work as `role`."""
    kept = [part for part in str(options.get("options", "")).split(" -c ") if part and "role=" not in part]
    return {**options, "options": " -c ".join([*kept, f"role={role}"]) if kept else f"-c role={role}"}


def _run_sql(connection_settings: dict[str, Any], *files: str) -> None:
    """Run the house's SQL files in one database as the login itself."""
    with psycopg.connect(
        dbname=connection_settings["NAME"],
        user=connection_settings["USER"],
        password=connection_settings["PASSWORD"],
        host=connection_settings["HOST"],
        port=connection_settings["PORT"] or None,
        autocommit=True,
    ) as session:
        for name in files:
            session.execute((ROLE_FILES / name).read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def django_db_setup(
    request: pytest.FixtureRequest,
    django_test_environment: None,
    django_db_blocker: Any,
    django_db_use_migrations: bool,
    django_db_keepdb: bool,
    django_db_createdb: bool,
    django_db_modify_db_settings: None,
) -> Iterator[None]:
    """The test database: created by the login, migrated by the owner, used by the application."""
    from django.db import connection
    from django.test.utils import setup_databases, teardown_databases

    creation = connection.creation
    plain_options = dict(connection.settings_dict["OPTIONS"])
    create = creation._create_test_db

    def create_with_roles(verbosity: int, autoclobber: bool, keepdb: bool = False) -> str:
        name = create(verbosity, autoclobber, keepdb)
        _run_sql({**connection.settings_dict, "NAME": name}, "roles.sql", "database.sql")
        connection.settings_dict["OPTIONS"] = _with_role(plain_options, OWNER_ROLE)
        return name

    creation._create_test_db = create_with_roles
    with django_db_blocker.unblock():
        kept = setup_databases(
            verbosity=0,
            interactive=False,
            keepdb=django_db_keepdb and not django_db_createdb,
            aliases=["default"],
            serialized_aliases=(),
        )
        connection.close()
    connection.settings_dict["OPTIONS"] = _with_role(plain_options, APPLICATION_ROLE)
    _flush_as_login(connection.ops)
    yield
    if not django_db_keepdb:
        connection.settings_dict["OPTIONS"] = plain_options
        with django_db_blocker.unblock():
            connection.close()
            teardown_databases(kept, verbosity=0)


def _flush_as_login(ops: Any) -> None:
    """Let the flush after a transactional test empty append-only tables, which the application must never do."""
    flush = ops.execute_sql_flush

    def execute(sql_list: list[str]) -> None:
        with ops.connection.cursor() as cursor:
            cursor.execute("SET ROLE NONE")
            cursor.execute("SET session_replication_role = replica")
            try:
                flush(sql_list)
                # The vault's tables are no models: Django does not know of them.
                cursor.execute("TRUNCATE vault.number, vault.held_number, vault.data_key, vault.index_key")
                cursor.execute("INSERT INTO vault.index_key (index_version, state) VALUES (1, 'current')")
                # As after migrate: the log's epoch has begun, so no test's first event waits for another's.
                cursor.execute("SELECT audit_epoch_now()")
            finally:
                cursor.execute("SET session_replication_role = origin")
                cursor.execute(f"SET ROLE {APPLICATION_ROLE}")

    ops.execute_sql_flush = execute


@pytest.fixture
def database_role(db: None) -> Callable[[str], AbstractContextManager[None]]:
    """`with database_role("taxsys_owner"): …` — work as another role for some statements, then as the application."""
    from django.db import connection

    @contextmanager
    def become(role: str) -> Iterator[None]:
        with connection.cursor() as cursor:
            cursor.execute(f"SET ROLE {connection.ops.quote_name(role)}")
        try:
            yield
        finally:
            if not connection.needs_rollback:
                with connection.cursor() as cursor:
                    cursor.execute(f"SET ROLE {APPLICATION_ROLE}")

    return become


@pytest.fixture(autouse=True)
def data_folder(tmp_path: Path, settings: Any) -> Path:
    """Each test keeps received and issued files in a folder of its own."""
    settings.TAXSYS_DATA_DIR = tmp_path / "data"
    settings.TAXSYS_DATA_DIR.mkdir()
    # Cutting the fonts takes seconds; they are the same for every test.
    settings.TAXSYS_FONT_CACHE_DIR = settings.BASE_DIR / "var" / "fonts"
    return Path(settings.TAXSYS_DATA_DIR)


@pytest.fixture
def quick_hashes(settings: Any) -> None:
    """Passwords hashed quickly, for tests that set many of them."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture(scope="session")
def browser_program() -> str:
    """The browser's executable; where there is none the test is reported as NOT RUN, and under CI the run fails."""
    try:
        return browser_executable()
    except NotRunError as reason:
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(f"browser tests NOT RUN: {reason}", pytrace=False)
        pytest.skip(f"NOT RUN: {reason}")


@pytest.fixture
def browser_page(browser_program: str, live_server: Any, tmp_path: Path) -> Iterator[Any]:
    """A Playwright page at 1366×768 in a fresh profile; `page.goto("/")` is relative to the live server.

    No page of any walk may ask for what its policy refuses."""
    os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")  # Playwright's sync API keeps an event loop running.
    with open_page(browser_program, base_url=live_server.url, profile=tmp_path / "profile") as page:
        yield page
        assert policy_reports(page) == []


@pytest.fixture(scope="session")
def token_library(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """softhsm2's library with a store of its own; without it as with the browser: NOT RUN, and under CI a failure."""
    try:
        library = token_library_path()
    except NoTokenError as reason:
        if os.environ.get("CI", "").lower() in {"1", "true", "yes"}:
            pytest.fail(f"token tests NOT RUN: {reason}", pytrace=False)
        pytest.skip(f"NOT RUN: {reason}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(token_store(tmp_path_factory.mktemp("token"))))
        yield library


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say loudly which tests did not run for want of a browser or a token."""
    reports = terminalreporter.stats.get("skipped", [])
    skipped = [report for report in reports if "NOT RUN" in str(getattr(report, "longrepr", ""))]
    tokens = [report for report in skipped if "softhsm2" in str(report.longrepr)]
    if tokens:
        terminalreporter.section("TOKEN TESTS NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(f"{len(tokens)} test(s) of the key token did NOT run: no softhsm2 on this machine.")
        terminalreporter.line("Install it (Debian: apt-get install softhsm2) and run again.")
    skipped = [report for report in skipped if report not in tokens]
    if skipped:
        terminalreporter.section("BROWSER TESTS NOT RUN", sep="!", red=True, bold=True)
        terminalreporter.line(
            f"{len(skipped)} browser test(s) did NOT run: no Chromium found, none could be installed."
        )
        terminalreporter.line("Install it (Debian: apt-get install chromium) or set TAXSYS_BROWSER, and run again.")


def pytest_configure(config: pytest.Config) -> None:
    """Keep Celery inside the test's own process and transaction."""
    settings.CELERY_TASK_ALWAYS_EAGER = True
