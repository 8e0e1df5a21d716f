"""B-PI-17, B-PI-17-K and B-PI-18 killed between their commits end as the undisturbed runs, nothing twice (H001)."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from addressbook.models import Party
from assessment.pensions.models import PensionResult, PensionStop, PensionTarget, PensionTold, ProvisionalLevy
from assessment.pensions.services import StopDraft, pension_stop_record
from collection.models import Receipt
from collection.selectors.proofs import prove_ledger
from taxsys.city.deliveries import city_file
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import _start, job_release, job_request
from taxsys.web.demo import Demo
from taxsys.web.demo.steps import assessment, papers_in
from tests.assessment.pensions.scene import event, months, pensioner
from tests.flows import canonical
from tests.flows.conftest import data_in, module_database, small_demo
from tests.jobs.kill import Workshop, survives_every_kill
from tests.jobs.snapshot import Snapshot

__all__ = ["module_database"]
DAY = date(2026, 11, 10)


@pytest.fixture(scope="module")
def demo(module_database: Path) -> Demo:
    """A decided city with pensioners."""
    demo = small_demo(size=80, seed=5)
    papers_in.spring(demo)
    assessment.population(demo)
    assessment.wage_cut(demo)
    assessment.ordinary_cut(demo)
    return demo


@pytest.fixture(autouse=True)
def same_folder(module_database: Path, django_db_blocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with django_db_blocker.unblock(), data_in(module_database):
        yield


def people() -> list[Party]:
    return [pensioner(nth) for nth in range(3)]


def _survives(name: str, start, result) -> int:
    snapshot = Snapshot(name)
    try:
        with Workshop() as shop:
            return survives_every_kill(shop, start=start, result=result, reset=snapshot.restore, points=range(3, 60, 3))
    finally:
        snapshot.drop()


def test_killed_while_taking_in_what_payers_withheld(demo: Demo) -> None:
    lines = []
    for nth, party in enumerate(people()):
        own = {"basic_pension_no": f"{nth + 1:010d}"}
        lines.append(event(party, "00", **own))
        lines.append(event(party, "22", month="202610", collected=months(party.pk)[4] - 100 * nth, **own))
    file_id = demo.receive(city_file("nenkin", "local_nenkin_tokucho_events", lines, "機構", DAY, channel="line"))

    def start() -> int:
        run = job_request("B-PI-17", {"file": file_id}, actor=demo.clerk, business_on=DAY)
        _start(run.pk, demo.clerk)
        return run.pk

    def result(run_id: int) -> object:
        assert prove_ledger().is_ok
        assert PensionTarget.objects.count() == 3
        assert Receipt.objects.filter(channel="pension").count() == 3
        told = list(PensionResult.objects.order_by("line_no").values_list("line_no", "collected_yen", "is_open"))
        return JobRun.objects.get(pk=run_id).state, told, canonical.digest(canonical.ledger())

    assert _survives("pension_lines", start, result) >= 3


def test_killed_while_telling_payers_of_stops(demo: Demo) -> None:
    lines = [event(party, "00", basic_pension_no=f"{nth + 7:010d}") for nth, party in enumerate(people())]
    taken = demo.receive(city_file("taisho", "local_nenkin_tokucho_events", lines, "機構", DAY, channel="line"))
    demo.job("B-PI-17", {"file": taken}, DAY)
    with demo.desk(DAY):
        for party in people():
            draft = StopDraft(party_id=party.pk, tax_year=2026, reason="moved", event_on=DAY, first_place=5)
            pension_stop_record(draft, actor_id="1001")

    def start() -> int:
        run = job_request("B-PI-18", {"tax_year": 2026}, actor=demo.clerk, business_on=DAY)
        _start(run.pk, demo.clerk)
        return run.pk

    def result(run_id: int) -> object:
        files = OutgoingFile.objects.filter(kind="local_nenkin_tokucho_events")
        assert [one.record_count for one in files] == [3]
        states = sorted(PensionStop.objects.values_list("request_state", flat=True))
        return JobRun.objects.get(pk=run_id).state, states, [one.sha256 for one in files]

    assert _survives("pension_stops", start, result) >= 3


def test_killed_while_levying_next_years_spring(demo: Demo) -> None:
    day = date(2027, 4, 1)

    def start() -> int:
        run = job_request("B-PI-17-K", {"tax_year": 2027}, actor=demo.clerk, business_on=day)
        _start(run.pk, demo.clerk)
        return run.pk

    def result(run_id: int) -> object:
        levies = ProvisionalLevy.objects.filter(tax_year=2027).order_by("party__person_no")
        return (
            JobRun.objects.get(pk=run_id).state,
            list(levies.values_list("party__person_no", "base_yen", "instalments", "notice_no")),
        )

    assert _survives("pension_spring", start, result) >= 3
    run_id = demo.job("B-PI-17-K", {"tax_year": 2027}, day).pk
    asked = {one.party_id: sum(one.instalments) for one in ProvisionalLevy.objects.all()}
    assert asked

    def release() -> int:
        job_release(run_id, demo.chief, inline=False)
        return run_id

    def levied(run_id: int) -> object:
        assert prove_ledger().is_ok
        numbers = list(ProvisionalLevy.objects.order_by("notice_no").values_list("notice_no", flat=True))
        assert numbers == [f"2027-10-{no:07d}" for no in range(1, len(asked) + 1)]
        return JobRun.objects.get(pk=run_id).state, canonical.digest(canonical.ledger())

    assert _survives("pension_spring_levied", release, levied) >= 3


def test_killed_while_telling_payers_the_amounts(demo: Demo) -> None:
    lines = [event(party, "00", basic_pension_no=f"{nth + 21:010d}") for nth, party in enumerate(people())]
    taken = demo.receive(city_file("taisho7", "local_nenkin_tokucho_events", lines, "機構", DAY, channel="line"))
    demo.job("B-PI-17", {"file": taken}, DAY)
    looked = demo.job("B-PI-17-N", {"tax_year": 2026}, DAY)

    def release() -> int:
        job_release(looked.pk, demo.chief)
        return looked.pk

    def told(run_id: int) -> object:
        rows = PensionTold.objects.order_by("party__person_no", "tax_year")
        files = OutgoingFile.objects.filter(business_key=f"amount:2026:{run_id}")
        return (
            JobRun.objects.get(pk=run_id).state,
            list(rows.values_list("party__person_no", "tax_year", "months")),
            [(one.record_count, one.sha256) for one in files],
        )

    assert _survives("pension_amounts", release, told) >= 2
