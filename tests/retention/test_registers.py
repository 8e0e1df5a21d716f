"""Rows of the registers go with every version, limit and paper when their own period has passed (R-189, R-190)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from taxsys.platform import clock
from taxsys.platform.audit.context import using
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.registers.models import RegisterRow, RowAttachment, RowTask, RowVersion
from taxsys.platform.registers.services import Draft, row_open, row_step
from taxsys.platform.retention.models import ErasureCertificate, StopOrder
from taxsys.platform.retention.services import list_make
from tests.addressbook.people import person
from tests.jobs.kill import Workshop, leases_expire
from tests.registers.scene import attached, clerk, opened, stepped
from tests.retention.people import SOMEBODY, approved, candidates, erased, started

LONG_AGO = date(2020, 5, 1)
PASSED = date(2024, 3, 31)


@pytest.fixture(autouse=True)
def _keys(settings: Any, data_folder: Path) -> None:
    settings.TAXSYS_CREATE_KEYS, settings.TAXSYS_KEY_DIR = True, ""


def change(day: date, name: str) -> RegisterRow:
    """A change request answered nowhere, with a paper: open."""
    row = opened("change_request", clerk(), day, title=name, content="c", reason="r", planned_on=day.isoformat())
    attached(row, clerk(), "test")
    return row


def finished(day: date, name: str = "古い点検") -> RegisterRow:
    """A row closed on the day, of two versions, with a limit and a paper; its years are over if that is LONG_AGO."""
    values = {"title": name, "finding_count": 1, "findings": name}
    row = opened("component_check", clerk(), day, **values)
    attached(row, clerk(), "report")
    row = stepped(row, "close", clerk(), day, settled_on=day.isoformat(), handling="更新")
    return aged(row) if day == LONG_AGO else row


def aged(row: RegisterRow) -> RegisterRow:
    """The row as it stands when its years are over."""
    RegisterRow.objects.filter(pk=row.pk).update(keep_until_on=PASSED)
    row.refresh_from_db()
    return row


@pytest.mark.django_db
@pytest.mark.req("R-189")
@pytest.mark.req("R-190")
def test_a_finished_row_past_its_time_goes_whole_and_nothing_else_does(data_folder: Path) -> None:
    finished(LONG_AGO)
    young = finished(date(2026, 5, 1), "新しい点検")
    waiting = change(LONG_AGO, "終わっていない変更")
    assert young.keep_until_on == date(2034, 3, 31)  # seven years after the fiscal year of closing
    erased("registers.row")
    assert {row.pk for row in RegisterRow.objects.all()} == {young.pk, waiting.pk}
    assert {one.row_id for one in RowVersion.objects.all()} == {young.pk, waiting.pk}
    assert {one.row_id for one in RowTask.objects.all()} == {young.pk, waiting.pk}
    left = {f"{one.pk}.bin" for one in RowAttachment.objects.all()}
    assert {one.row_id for one in RowAttachment.objects.all()} == {young.pk, waiting.pk}
    assert {path.name for path in data_folder.rglob("*.bin")} == left
    facts = ErasureCertificate.objects.get().facts
    assert (facts["erased"], facts["files"]) == (1, 1)


@pytest.mark.django_db
def test_what_another_row_names_and_what_speaks_of_a_stopped_party_stays() -> None:
    actor = clerk()
    with clock.at(LONG_AGO):
        vendor = row_open(
            Draft(kind="vendor", values={"name": "架空印刷", "note": "済"}, unit=actor.unit_on()), actor=actor
        )
        row_step(vendor.pk, "close", {}, actor=actor)
    aged(vendor)
    contract = opened("contract", actor, title="委託", vendor=str(vendor.pk), from_on="2026-04-01", to_on="2027-03-31")
    about, party = finished(LONG_AGO), person(1)
    RegisterRow.objects.filter(pk=about.pk).update(subjects=[str(party.pk)])
    StopOrder.objects.create(party_id=party.pk, reason="dispute", reference="訴1", from_on=LONG_AGO, placed_by="1")
    target = candidates("registers.row")
    assert dict(target.items.values_list("root_key", "stop_code")) == {
        str(vendor.pk): "named", str(about.pk): "stopped_party",
    }  # fmt: skip
    assert contract.state == "open"


@pytest.mark.django_db
def test_neither_the_application_nor_an_unapproved_list_takes_a_version_away() -> None:
    row = finished(LONG_AGO)
    candidates("registers.row")
    for table in ("registers_rowversion", "registers_registerrow", "registers_rowattachment"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(f"DELETE FROM {table}")
    assert row.versions.count() == 2


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("quick_hashes")
@pytest.mark.req("R-190")
def test_an_erasure_of_rows_killed_again_and_again_ends_as_an_undisturbed_one(
    data_folder: Path, workshop: Workshop
) -> None:
    for number in range(3):
        finished(LONG_AGO, f"点検{number}")
    young = finished(date(2026, 5, 1))
    target = approved(candidates("registers.row"))
    run_id = started("B-RT-02", list=target.pk)
    kills = 0
    for boundary in range(1, 200, 2):
        if workshop.work(run_id, kill_at=boundary) == 0:
            break
        kills += 1
        leases_expire()
    assert kills >= 3
    assert JobRun.objects.get(pk=run_id).state == "finished"
    assert {one.row_id for one in RowVersion.objects.all()} == {young.pk}
    assert [path.name for path in data_folder.rglob("*.bin")] == [f"{young.attachments.get().pk}.bin"]
    facts = ErasureCertificate.objects.get().facts
    assert (facts["erased"], facts["files"]) == (3, 3)
    with using(SOMEBODY):
        assert list_make("registers.row", run_key="again") is None


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Work is done by the killable workers only."""
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with Workshop(modules=("tests.retention.small_chunks",)) as shop:
        yield shop
