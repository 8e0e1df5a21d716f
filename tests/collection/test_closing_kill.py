"""Killed jobs of closing (B-CL-17, B-PI-25) are finished by the next worker with the same figures and files."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from collection.closing.apportioning import remittance_count, remittance_faults
from collection.closing.books import seals_check
from collection.closing.carry_over import carried_claims
from collection.closing.models import CarryOver, Remittance
from collection.closing.services import period_close
from collection.models import Charge
from collection.services.levy import levy_post
from collection.services.receipts import ReceiptRecord, receipts_post
from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.jobs.models import JobOutput, JobRun
from taxsys.platform.jobs.services import SYSTEM, _start, job_approve, job_request
from tests.collection.books import ordinary, party
from tests.collection.files_of import DESK, run_job
from tests.jobs.kill import Workshop, survives_every_kill
from tests.platform.actors import officer, sign_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_hashes")]
DAY = date(2026, 6, 1)


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Work is done by the killable workers only; 令和7 with 40,000 yen open of 100,000 is closed up to May."""
    rows = ordinary(party(1), "N1", [(60_000, 39_000, 1_000)], due_ons=(date(2025, 6, 30),))
    levy_post(rows, dedupe_key="L", occurred_on=date(2025, 6, 10), actor="job:test")
    on = date(2026, 5, 20)
    record = ReceiptRecord("bank", "b", "confirmed", "charge", Charge.objects.get().business_key, 60_000, on, on)
    receipts_post([record], actor="job:test", as_of=on)
    run_job("B-CL-29", {}, DAY)
    with clock.at(DAY):
        period_close(span="month", last_on=date(2026, 5, 31), note="試験", actor="staff:2001")
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with Workshop() as shop:
        yield shop


def started(job_id: str, params: dict[str, object]) -> int:
    with clock.at(DAY), using(DESK):
        run = job_request(job_id, params, actor=SYSTEM, business_on=DAY)
        if run.state != "approved":
            chief = officer("2002", permissions=["collection.close_year"], unit_name="納税管理課")
            job_approve(run.pk, actor=chief)
        _start(run.pk, SYSTEM)
    return run.pk


def left_behind(run_id: int) -> dict[str, Any]:
    assert JobRun.objects.get(pk=run_id).state == "finished"
    return {
        "files": dict(JobOutput.objects.filter(run=run_id).values_list("name", "sha256")),
        "carried": list(CarryOver.objects.order_by("section").values_list("section", "claims", "yen")),
        "remitted": list(Remittance.objects.values_list("month_on", "prefecture_yen", "forest_yen")),
    }


def test_a_year_end_killed_at_any_of_its_commits_is_carried_over_once(workshop: Workshop) -> None:
    kills = survives_every_kill(
        workshop, start=lambda: started("B-CL-17", {"fiscal_year": 2025}), result=left_behind, points=range(1, 60, 4)
    )
    assert kills >= 3
    assert list(CarryOver.objects.order_by("section").values_list("section", "yen")) == [
        ("carried", 0), ("current", 40_000),
    ]  # fmt: skip


def test_a_count_of_the_shares_killed_at_any_of_its_commits_ends_the_same(workshop: Workshop) -> None:
    kills = survives_every_kill(
        workshop, start=lambda: started("B-PI-25", {"month_on": "2026-05-01"}), result=left_behind,
        points=range(1, 60, 4),
    )  # fmt: skip
    assert kills >= 3
    assert list(Remittance.objects.values_list("receipts_yen", "prefecture_yen", "forest_yen")) == [
        (60_000, 23_400, 600)
    ]


def test_pages_and_proofs_work_outside_of_a_transaction_too(workshop: Workshop, client: Client) -> None:
    """A request is no transaction of its own: what needs a temporary table opens one."""
    with clock.at(DAY):
        row = remittance_count(date(2026, 5, 1))
        desk = sign_in(client, officer("2001", permissions=["collection.remit"], unit_name="納税管理課"))
        assert "1円まで一致" in desk.get(f"/collection/remittances/{row.pk}/").content.decode()
    assert remittance_faults(row) == []
    assert seals_check().is_ok
    assert [claim.principal_yen for claim in carried_claims(2025, "current")] == [40_000]
