"""Databases that whole modules share: filled by the demonstration's steps, emptied when the module is done."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest
from django.conf import settings as live_settings
from django.core.management import call_command
from django.db import connection

from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.services import demo_accounts_create
from taxsys.web.demo import Demo
from tests.conftest import APPLICATION_ROLE


def small_demo(*, size: int, seed: int, say: Callable[[str], None] = lambda line: None) -> Demo:
    """The walker of the demonstration over a little city, without Celery."""
    demo_accounts_create({"*": "correct-horse-battery-26"}, from_on=date(2025, 4, 1))
    staff = {number: Staff.objects.get(staff_no=number) for number in ("1001", "1002", "2001", "2002")}
    return Demo(
        size=size, seed=seed, clerk=staff["1001"], chief=staff["1002"], cashier=staff["2001"],
        cashier_chief=staff["2002"], say=say, inline=True,
    )  # fmt: skip


def database_empty() -> None:
    """Every table as after the migrations; 宛名番号 are counted from the start, as in a new database."""
    call_command("flush", verbosity=0, interactive=False, reset_sequences=False, allow_cascade=False)
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("ALTER SEQUENCE addressbook_person_no_seq RESTART")
        cursor.execute(f"SET ROLE {APPLICATION_ROLE}")


@contextmanager
def data_in(folder: Path) -> Iterator[None]:
    """Keep received and issued files in this folder."""
    before = live_settings.TAXSYS_DATA_DIR
    live_settings.TAXSYS_DATA_DIR = folder
    try:
        yield
    finally:
        live_settings.TAXSYS_DATA_DIR = before


@pytest.fixture(scope="module")
def module_database(
    django_db_setup: None, django_db_blocker, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Path]:
    """The real database for a whole module, committed and seen by other processes; and a folder for its files."""
    folder = tmp_path_factory.mktemp("data")
    with django_db_blocker.unblock(), data_in(folder):
        database_empty()
        try:
            yield folder
        finally:
            database_empty()
