"""A street of debtors with charges of the resident tax, and the reminder jobs as the desk runs them."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from typing import Any

import pytest

from addressbook.models import Party
from collection.models import Charge
from collection.services.levy import levy_post
from collection.services.receipts import counter_payment_post
from collection.services.slips import SlipRequest, slip_issue_many
from delinquency.permissions import PERMISSIONS
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import job_release, job_request, job_run_inline
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import person
from tests.collection.books import ordinary
from tests.platform.actors import officer, staff_context

LEVIED_ON = date(2026, 6, 3)
EXTRACTED_ON = date(2026, 7, 15)
ISSUED_ON = date(2026, 7, 17)
DUE_UNTIL = date(2026, 6, 30)
BOOKS_CLOSE = date(2027, 5, 31)
RIGHTS = ("addressbook.view_party", *PERMISSIONS)


@contextmanager
def at_desk(day: date, staff_no: str = "2001") -> Iterator[None]:
    """Act as an officer of the collection desk on a day."""
    with clock.at(day), using(staff_context(Staff.objects.get(staff_no=staff_no))):
        yield


@pytest.fixture
def desk(db: None, settings: Any) -> Staff:
    """The clerk and the chief of 納税管理課."""
    settings.TAXSYS_CREATE_KEYS = True
    officer("2002", permissions=RIGHTS, unit_name="納税管理課")
    return officer("2001", permissions=RIGHTS, unit_name="納税管理課")


def debtor(no: int, *, yen: tuple[int, ...] = (7000, 5000), **fields: Any) -> tuple[Party, list[Charge]]:
    """A person with instalments due 6-30 and 8-31, each with its slip."""
    party = person(no, **fields)
    notice_no = f"2026-10-{no:07d}"
    levy_post(ordinary(party.id, notice_no, [(one, 0, 0) for one in yen]), dedupe_key=f"run-{no}",
              occurred_on=LEVIED_ON, actor="job:test")  # fmt: skip
    charges = list(Charge.objects.filter(notice_no=notice_no).order_by("instalment_no"))
    slip_issue_many([SlipRequest((charge.pk,), BOOKS_CLOSE) for charge in charges], issued_on=date(2026, 6, 8))
    return party, charges


def pay(charge: Charge, yen: int, on: date, key: str = "") -> None:
    """窓口収納 of a charge."""
    counter_payment_post(
        till_key=key or f"T{charge.pk}-{on}", amount_yen=yen, paid_on=on, actor="staff:2001",
        charge_key=f"10|2026|2026|ordinary|{charge.notice_no}|{charge.instalment_no}",
    )  # fmt: skip


Runner = Callable[..., JobRun]


@pytest.fixture
def job(desk: Staff) -> Runner:
    """Ask for a job as the clerk and work it to its end."""

    def run(job_id: str, params: dict[str, object], day: date) -> JobRun:
        asked = job_request(job_id, params, actor=desk, business_on=day)
        job_run_inline(asked.pk, actor=desk, raise_errors=True)
        return JobRun.objects.get(pk=asked.pk)

    return run


@pytest.fixture
def extract(job: Runner) -> Callable[..., JobRun]:
    """督促対象抽出 for the first instalment."""

    def run(day: date = EXTRACTED_ON, issued_on: date = ISSUED_ON, due_until: date = DUE_UNTIL) -> JobRun:
        return job("B-CL-13-S", {"issued_on": issued_on.isoformat(), "due_until": due_until.isoformat()}, day)

    return run


@pytest.fixture
def release(desk: Staff) -> Callable[[JobRun], JobRun]:
    """The chief lets a run go."""

    def let_go(run: JobRun) -> JobRun:
        job_release(run.pk, Staff.objects.get(staff_no="2002"), inline=True)
        return JobRun.objects.get(pk=run.pk)

    return let_go
