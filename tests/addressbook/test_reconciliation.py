"""The whole resident register beside the address book (R-277), and changes that are seen within a minute (R-131)."""

import re
from collections import Counter
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from time_machine import travel

from addressbook.models import Address, FeedState, HouseholdMembership, Party, PartyVersion
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.numbers import number_change
from taxsys.city.deliveries import city_file
from taxsys.city.people import CityPeople
from taxsys.city.resident_feed import snapshot_records
from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.jobs.models import JobRun, RunState, WorkItem
from taxsys.platform.jobs.permissions import VIEW
from taxsys.platform.jobs.queues import queue_rows, queues_start
from taxsys.platform.jobs.services import SYSTEM, job_request, job_run_inline
from tests.addressbook.conftest import full_context
from tests.architecture.source import ROOT
from tests.eltax_bridge.test_imports import receive
from tests.platform.actors import officer, sign_in

DAY = date(2026, 2, 2)
pytestmark = pytest.mark.django_db


@pytest.fixture(scope="module")
def people() -> CityPeople:
    return CityPeople(size=60, seed=5)


@pytest.fixture
def records(data_folder: object, people: CityPeople) -> list[dict[str, Any]]:
    """The register as taken in; the extract tells the same."""
    rows = [dict(row) for row in snapshot_records(people)]
    with clock.at(DAY), using(full_context()):
        feed_apply_chunk(rows, source="juki")
    return rows


def extract(rows: list[dict[str, Any]]) -> ReceivedFile:
    with clock.at(DAY), using(AccessContext(actor_kind="job", actor_id="test", function_id="test")):
        return receive(city_file("juki_zenken", "local_juki_zenken", rows, "住民記録システム", DAY))


def compared(rows: list[dict[str, Any]]) -> tuple[JobRun, Counter[tuple[str, str]]]:
    run = job_request("B-AB-10", {"file": str(extract(rows).pk)}, actor=SYSTEM, business_on=DAY)
    job_run_inline(run.pk, raise_errors=True)
    items = WorkItem.objects.filter(run=run).values_list("code", "subject_key")
    return JobRun.objects.get(pk=run.pk), Counter(items)


@pytest.mark.req("R-277")
def test_registers_that_agree_have_no_difference(records: list[dict[str, Any]]) -> None:
    run, items = compared(records)
    assert (run.state, items) == (RunState.FINISHED, Counter())


@pytest.mark.req("R-277")
def test_every_difference_is_named_by_kind_and_person_and_nothing_is_changed(records: list[dict[str, Any]]) -> None:
    nos = [row["person_no"] for row in records]
    ids = dict(Party.objects.values_list("person_no", "pk"))
    PartyVersion.objects.filter(party_id=ids[nos[0]]).update(name="別　人")
    PartyVersion.objects.filter(party_id=ids[nos[1]]).update(birth_on=date(1900, 1, 1))
    PartyVersion.objects.filter(party_id=ids[nos[2]]).update(state="moved_out")
    Address.objects.filter(party_id=ids[nos[3]]).update(full_text="別の所")
    HouseholdMembership.objects.filter(party_id=ids[nos[4]]).update(household_no="S0")
    numbered = next(row for row in records[6:] if row["my_number"])
    with clock.at(DAY), using(full_context()):
        number_change(ids[numbered["person_no"]], "123456789018", source="x", verified_by="counter")
    missing = {**records[-1], "person_no": "R99999999999999", "my_number": ""}
    before = list(Party.objects.order_by("pk").values())
    run, items = compared([*records[:5], *records[6:], missing])
    assert items == {
        ("name", nos[0]): 1, ("birth", nos[1]): 1, ("state", nos[2]): 1, ("address", nos[3]): 1,
        ("household", nos[4]): 1, ("extra", nos[5]): 1, ("missing", "R99999999999999"): 1,
        ("number", numbered["person_no"]): 1,
    }  # fmt: skip
    assert run.state == RunState.FINISHED
    assert list(Party.objects.order_by("pk").values()) == before
    told = " ".join(WorkItem.objects.values_list("message_ja", flat=True))
    assert "123456789018" not in told
    assert numbered["my_number"] not in told


@pytest.mark.req("R-277")
def test_a_change_not_yet_received_is_told_as_such_and_a_later_one_is_passed_over(
    records: list[dict[str, Any]],
) -> None:
    last = int(records[-1]["seq"])
    ahead = {**records[0], "seq": str(last + 1), "name": "新　しい"}
    with clock.at(DAY), using(full_context()):
        moved = {**records[1], "seq": str(last + 1), "op": "2", "addr_number": "九条通九丁目9番9号",
                 "address_since": "2026-02-01", "event_on": "2026-02-01", "reported_on": "2026-02-01"}  # fmt: skip
        older = FeedState.objects.get().last_seq
        feed_apply_chunk([moved], source="juki")
        assert older == last
    _, items = compared([{**ahead, "seq": str(last + 2)}, *records[1:]])
    assert items == {("behind", records[0]["person_no"]): 1}


# ---- changes as they arrive


def change_file(seq: int, records: list[dict[str, Any]], name: str = "変更　後") -> Any:
    row = {**records[2], "seq": str(seq), "op": "2", "name": name, "my_number": "", "event_on": "2026-02-02",
           "reported_on": "2026-02-02"}  # fmt: skip
    return city_file(f"juki_ido_{seq}", "local_juki_ido", [row], "住民記録システム", DAY)


def arrives(one: Any, at: datetime) -> ReceivedFile:
    with travel(at, tick=False), using(AccessContext(actor_kind="job", actor_id="test", function_id="test")):
        return receive(one)


NOON = datetime.fromisoformat("2026-02-02T12:00:00+09:00")


@pytest.mark.req("R-131")
def test_a_change_is_seen_within_a_minute_of_its_arrival(records: list[dict[str, Any]], settings: Any) -> None:
    settings.TAXSYS_QUEUES_START = True
    production = (ROOT / "taxsys" / "settings" / "production.py").read_text(encoding="utf-8")
    pulse = float(re.search(r'"tick": .*"schedule": ([0-9.]+)', production)[1])  # type: ignore[index]
    last = int(records[-1]["seq"])
    arrives(change_file(last + 1, records), NOON)
    with travel(NOON + timedelta(seconds=pulse), tick=False):
        assert queues_start() == 1
        run = JobRun.objects.get(job_id="B-AB-01")
        if run.state != RunState.FINISHED:
            job_run_inline(run.pk, raise_errors=True)
    assert Party.objects.get(person_no=records[2]["person_no"]).name == "変更　後"
    seen_at = FeedState.objects.get(source="juki").applied_at
    assert seen_at is not None
    assert seen_at - NOON <= timedelta(minutes=1)


@pytest.mark.req("R-131")
def test_changes_are_taken_in_their_order_and_nothing_overtakes_one_that_failed(
    records: list[dict[str, Any]], settings: Any
) -> None:
    settings.TAXSYS_QUEUES_START = True
    last = int(records[-1]["seq"])
    arrives(change_file(last + 2, records, "二番　目"), NOON)  # number last + 1 is missing
    arrives(change_file(last + 3, records, "三番　目"), NOON + timedelta(seconds=1))
    with travel(NOON + timedelta(seconds=10), tick=False):
        queues_start()
        run = JobRun.objects.get(job_id="B-AB-01")
        if run.state in (RunState.RUNNING, RunState.APPROVED):
            job_run_inline(run.pk)
        assert JobRun.objects.get(job_id="B-AB-01").state == RunState.FAILED
        assert queues_start() == 0
    assert Party.objects.get(person_no=records[2]["person_no"]).name == records[2]["name"]


@pytest.mark.req("R-131")
def test_the_console_shows_how_many_changes_wait_and_since_when(records: list[dict[str, Any]], settings: Any) -> None:
    settings.TAXSYS_BUSINESS_DATE = DAY.isoformat()
    client = sign_in(Client(), officer("9001", permissions=[VIEW], unit_name="市民税課"))
    assert queue_rows()[0]["state_ja"] == "待ちなし"
    last = int(records[-1]["seq"])
    arrives(change_file(last + 1, records), NOON)
    arrives(change_file(last + 2, records, "二　件"), NOON + timedelta(seconds=5))
    with travel(NOON + timedelta(seconds=30), tick=False):
        row = queue_rows()[0]
        assert (row["depth"], row["level"], row["oldest_at"]) == (2, "info", NOON)
    with travel(NOON + timedelta(seconds=61), tick=False):
        assert queue_rows()[0]["level"] == "danger"
        page = client.get("/jobs/").content.decode()
    assert "住民異動" in page
    assert "60秒を超えて待っています" in page


def test_without_the_setting_files_wait_for_somebody_to_ask(records: list[dict[str, Any]]) -> None:
    arrives(change_file(int(records[-1]["seq"]) + 1, records), NOON)
    assert queues_start() == 0
    assert not JobRun.objects.filter(job_id="B-AB-01").exists()
