"""Jobs of corrections and remissions, killed between their commits, end as the undisturbed ones."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest

from assessment.amendments import shortfalls
from assessment.amendments.models import Relief
from assessment.amendments.reliefs import ReliefDraft, relief_receive, relief_refuse
from assessment.amendments.replaced_law import replaced_list, replaced_totals
from assessment.models import AssessmentRun
from collection.models import Overpayment, Receipt
from collection.selectors.proofs import prove_ledger
from taxsys.platform import clock
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import SYSTEM, _start, job_request
from taxsys.platform.printing.models import PrintItem, PrintPackage, PrintSubject
from tests.assessment.amendments.scene import decide, resident_of_years, tax_return
from tests.assessment.amendments.test_replaced_law import faulty, mended
from tests.jobs.kill import Workshop, survives_every_kill
from tests.jobs.snapshot import Snapshot

__all__ = ["faulty"]
pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("quick_hashes")]
DAY = date(2026, 11, 20)


@pytest.fixture
def workshop(transactional_db: None, data_folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Workshop]:
    """Work is done by the killable workers only."""
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with Workshop() as shop:
        yield shop


def started(job_id: str, values: dict[str, object]) -> int:
    run = job_request(job_id, values, actor=SYSTEM, business_on=DAY)
    _start(run.pk, SYSTEM)
    return run.pk


def refused_reliefs(count: int) -> None:
    """So many people whose application was refused."""
    people = [resident_of_years(no, (2026,)) for no in range(1, count + 1)]
    for party in people:
        tax_return(party, 2026, business_income_yen=3_000_000)
    decide(2026)
    with clock.at(DAY):
        for party in people:
            relief = relief_receive(ReliefDraft(party.pk, 2026, "other:half", DAY, "申立書"), actor_id="1001")
            Relief.objects.filter(pk=relief.pk).update(act_reason_ja="基準を超えるため")
            relief_refuse(relief.pk, decided_by="1002")


def printed(run_id: int) -> tuple[object, ...]:
    assert JobRun.objects.get(pk=run_id).state == "finished"
    items = list(PrintItem.objects.order_by("item_key").values_list("item_key", "amount_yen"))
    told = sorted(PrintSubject.objects.values_list("reference", flat=True))
    return PrintPackage.objects.count(), items, told


@pytest.mark.req("R-114")
def test_killed_notices_of_remissions_are_one_package(workshop: Workshop) -> None:
    refused_reliefs(3)
    snapshot = Snapshot("relief_notices")
    kills = survives_every_kill(
        workshop,
        start=lambda: started("B-PI-19-G", {"tax_year": 2026, "issued_on": DAY}),
        result=printed,
        reset=snapshot.restore,
        points=range(1, 80, 9),
    )
    snapshot.drop()
    assert kills >= 3


def credited(run_id: int) -> tuple[object, ...]:
    assert JobRun.objects.get(pk=run_id).state == "finished"
    assert prove_ledger().is_ok
    receipts = Receipt.objects.filter(channel="withheld").order_by("external_key")
    over = Overpayment.objects.filter(cause="withheld").order_by("charge__notice_no")
    return (
        list(receipts.values_list("external_key", "amount_yen", "state")),
        list(over.values_list("charge__notice_no", "remaining_yen")),
    )


def test_a_killed_settlement_of_shortfalls_credits_everybody_once(
    workshop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shortfalls, "CHUNK_PERSONS", 1)
    for no in range(1, 4):
        tax_return(resident_of_years(no, (2026,)), 2026, business_income_yen=600_000, withheld_dividend_tax_yen=40_000)
    decide(2026)
    snapshot = Snapshot("shortfalls")
    kills = survives_every_kill(
        workshop,
        start=lambda: started("B-PI-19-H", {"tax_year": 2026}),
        result=credited,
        reset=snapshot.restore,
        points=range(1, 60, 5),
    )
    snapshot.drop()
    assert kills >= 2


def put_right(run_id: int) -> object:
    run = JobRun.objects.get(pk=run_id)
    found = AssessmentRun.objects.get(kind="replaced_law")
    told = replaced_totals(found)
    assert told.lowered == 3
    return run.state, told, replaced_list(found)


def test_a_killed_correction_of_legal_values_computes_and_releases_everybody_once(
    workshop: Workshop, faulty: pytest.MonkeyPatch
) -> None:
    for no in range(1, 4):
        tax_return(resident_of_years(no, (2026,)), 2026, business_income_yen=3_000_000 + no * 100_000)
    decide(2026)
    mended(faulty)
    snapshot = Snapshot("replaced_law")
    kills = survives_every_kill(
        workshop,
        start=lambda: started("B-PI-19-L", {"tax_year": 2026, "reason": "基礎控除の額の訂正"}),
        result=put_right,
        reset=snapshot.restore,
        points=range(1, 90, 8),
    )
    snapshot.drop()
    assert kills >= 2
