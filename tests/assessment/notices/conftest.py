"""A small city whose first tax year has been decided, levied and furnished with slips, through the declared jobs."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.db import transaction
from django.test import override_settings

from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.printing import store
from taxsys.platform.printing.models import PrintPackage
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.services import demo_accounts_create
from taxsys.web.demo import Demo
from taxsys.web.demo.steps import assessment, collection, papers_in

TAX_YEAR = 2026
NOTICE_ON = date(2026, 6, 11)


@contextmanager
def at_desk(day: date) -> Iterator[None]:
    context = AccessContext(
        actor_kind="staff", actor_id="1001", function_id="F-DC-001", legal_base="地方税法", purpose="試験",
        request_id="test",
    )  # fmt: skip
    with clock.at(day), using(context):
        yield


@pytest.fixture(autouse=True)
def _fonts(settings: Any) -> None:
    settings.TAXSYS_FONT_CACHE_DIR = Path(django_settings.BASE_DIR) / "var" / "fonts"


def new_demo() -> Demo:
    return Demo(
        size=150,
        seed=3,
        clerk=Staff.objects.get(staff_no="1001"),
        chief=Staff.objects.get(staff_no="1002"),
        cashier=Staff.objects.get(staff_no="2001"),
        cashier_chief=Staff.objects.get(staff_no="2002"),
        say=lambda _line: None,
        inline=True,
    )


@pytest.fixture(scope="module")
def decided_city(
    django_db_setup: None, django_db_blocker: Any, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Demo]:
    """Both cuts released, slips issued on 8 June: made once a module, each test works on it in a savepoint."""
    folder = tmp_path_factory.mktemp("city")
    with django_db_blocker.unblock(), override_settings(TAXSYS_DATA_DIR=folder), transaction.atomic():
        demo_accounts_create({"*": "correct-horse-battery-26"}, from_on=date(2025, 4, 1))
        demo = new_demo()
        papers_in.spring(demo)
        assessment.population(demo)
        assessment.wage_cut(demo)
        papers_in.late(demo)
        assessment.ordinary_cut(demo)
        collection.mandates(demo)
        collection.slips(demo)
        yield demo
        transaction.set_rollback(True)


@pytest.fixture
def decided(decided_city: Demo, db: None) -> Demo:
    return decided_city


@pytest.fixture
def print_notices(decided: Demo) -> Callable[..., JobRun]:
    """Ask for the print job and work it to its end (finished, not yet released)."""

    def run(job_id: str = "B-PI-16", *, notice_on: date = NOTICE_ON, day: date = date(2026, 6, 9)) -> JobRun:
        return decided.job(job_id, {"tax_year": TAX_YEAR, "notice_on": notice_on.isoformat()}, day)

    return run


def files_of(package: PrintPackage) -> dict[str, bytes]:
    """Every file of a package by name."""
    folder = store.root() / store.folder_name(package)
    return {path.name: path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()}
