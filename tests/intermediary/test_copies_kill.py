"""The copies job killed at every third commit: resumed, it makes the same file as an undisturbed run."""

from typing import Any

import pytest
from django.db import connection

from intermediary.models import CopyBatch, CopyRecord
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.selectors import run_counts
from taxsys.platform.jobs.services import SYSTEM, _start, job_discard, job_request
from taxsys.platform.outbox.models import OutboxDelivery
from tests.intermediary.people import JUNE, person, protect, run_of
from tests.jobs.kill import Workshop, survives_every_kill

pytestmark = pytest.mark.django_db(transaction=True)
EFFECTS = ("intermediary_copyrecord", "intermediary_copybatch", "files_outgoingfile", "outbox_outboxdelivery")


def started() -> int:
    run = job_request("B-PI-21", {}, actor=SYSTEM, business_on=JUNE)
    _start(run.pk, SYSTEM)
    return run.pk


def outcome(run_id: int) -> Any:
    run = JobRun.objects.get(pk=run_id)
    issued = CopyBatch.objects.get(job_run_id=run_id).file
    assert issued is not None
    issued.open_bytes()
    told = CopyRecord.objects.order_by("tax_year", "party__person_no").values_list(
        "tax_year", "party__person_no", "version", "revision", "is_reply_held"
    )
    return (
        run.state, run_counts(run), list(told), issued.name, issued.sha256, issued.record_count,
        OutboxDelivery.objects.count(), sorted(run.gates.values_list("gate_id", "ok")),
    )  # fmt: skip


def forget() -> None:
    """Take back what the last run did; only the owner of the server may, the tables are append-only."""
    last = JobRun.objects.order_by("-pk").first()
    assert last is not None
    with connection.cursor() as cursor:
        cursor.execute("SET ROLE NONE")
        cursor.execute("SET session_replication_role = replica")
        for table in EFFECTS:
            cursor.execute(f"DELETE FROM {table}")
        cursor.execute("SET session_replication_role = origin")
        cursor.execute("SET ROLE taxsys_app")
    job_discard(last.pk, actor=SYSTEM, reason="試験")


def test_a_killed_copies_job_resumes_with_nobody_lost_or_told_twice() -> None:
    people = [person(number) for number in range(1, 7)]
    protect(people[3])
    for tax_year in (2025, 2026):
        run_of({party: {"salary_receipts_yen": 4_000_000} for party in people}, tax_year=tax_year)
    with Workshop() as workshop:
        kills = survives_every_kill(workshop, start=started, result=outcome, reset=forget, points=range(1, 10_000, 3))
    assert kills > 8
