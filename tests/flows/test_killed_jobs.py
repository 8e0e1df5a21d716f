"""A worker killed in the middle of the year's great jobs: the resumed run does what an undisturbed one does.

SIGKILL before and after commits of the calculation, of its release into decisions and ledger, of the slips, of printing
and of the payments (H001). The kill points are every few boundaries, so that all chunks and both sides of a commit are
met.
"""

import shutil
from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from assessment.models import AssessmentRun, Decision
from collection.models import Receipt, Slip
from collection.selectors.proofs import prove_ledger
from taxsys.city.deliveries import city_file
from taxsys.city.payments import convenience_records, portal_records
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import _start, job_release, job_request
from taxsys.platform.printing.models import PrintPackage
from taxsys.platform.printing.store import root as print_root
from taxsys.platform.staff.models import Staff
from taxsys.web.demo import Demo
from taxsys.web.demo.steps import assessment, collection, papers_in
from taxsys.web.demo.walk import MUNICIPALITY
from tests.flows import canonical
from tests.flows.conftest import data_in, small_demo
from tests.flows.test_same_bytes import printed
from tests.jobs.kill import Workshop, survives_every_kill
from tests.jobs.snapshot import Snapshot

WAGE_CUT = {"tax_year": 2026, "mode": "initial_wage", "documents_until": "2026-05-08"}


@pytest.fixture(scope="module")
def demo(module_database: Path) -> Demo:
    """A city whose spring papers are in."""
    demo = small_demo(size=120, seed=5)
    papers_in.spring(demo)
    assessment.population(demo)
    return demo


@pytest.fixture(scope="module")
def shop(demo: Demo) -> Iterator[Workshop]:
    with Workshop(modules=("tests.flows.small_chunks",)) as workshop:
        yield workshop


@pytest.fixture(autouse=True)
def same_folder(module_database: Path, django_db_blocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Files stay where the module's city keeps them; work is done by the killable workers only."""
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with django_db_blocker.unblock(), data_in(module_database):
        yield


def survives(
    shop: Workshop,
    name: str,
    *,
    start: Callable[[], int],
    result: Callable[[int], object],
    points: range,
    also: Callable[[], None] = lambda: None,
) -> int:
    """Kill at each point of a run that starts from the database as it is now, and put the database back each time;
    `also` puts back what is outside of it."""
    snapshot = Snapshot(name)

    def reset() -> None:
        snapshot.restore()
        also()

    try:
        return survives_every_kill(shop, start=start, result=result, reset=reset, points=points)
    finally:
        snapshot.drop()


def started(job_id: str, params: dict[str, object], *, by: Staff, on: date) -> int:
    run = job_request(job_id, params, actor=by, business_on=on)
    _start(run.pk, by)
    return run.pk


def outcome(run_id: int) -> tuple[object, ...]:
    run = JobRun.objects.get(pk=run_id)
    return run.state, [(gate.gate_id, gate.ok, gate.count) for gate in run.gates.order_by("gate_id")]


def test_killed_in_the_calculation(demo: Demo, shop: Workshop) -> None:
    def result(run_id: int) -> object:
        run = AssessmentRun.objects.get(job_run_id=run_id)
        told = canonical.computed(run.pk)
        assert len(told["facts"]) == len(told["results"]) > 30
        return outcome(run_id), run.state, canonical.digest(told)

    kills = survives(
        shop,
        "calculation",
        start=lambda: started("B-PI-13", WAGE_CUT, by=demo.clerk, on=date(2026, 5, 10)),
        result=result,
        points=range(9, 200, 8),
    )
    assert kills >= 5


def test_killed_in_the_release_of_decisions_and_levies(demo: Demo, shop: Workshop) -> None:
    run = demo.job("B-PI-13", WAGE_CUT, date(2026, 5, 10))

    def start() -> int:
        job_release(run.pk, demo.chief)
        return run.pk

    def result(run_id: int) -> object:
        assert prove_ledger().is_ok
        assert Decision.objects.filter(run__job_run_id=run_id).count() > 30
        told = {"decisions": canonical.decisions(), "outbox": canonical.told_upward(), **canonical.ledger()}
        return outcome(run_id), canonical.digest(told)

    kills = survives(shop, "release", start=start, result=result, points=range(6, 200, 5))
    assert kills >= 5
    demo.release(run)
    assert JobRun.objects.get(pk=run.pk).state == RunState.RELEASED


def test_killed_in_the_issue_of_slips(demo: Demo, shop: Workshop) -> None:
    papers_in.late(demo)
    assessment.ordinary_cut(demo)

    def result(run_id: int) -> object:
        assert Slip.objects.count() > 50
        files = {name: canonical.digest(content.hex()) for name, content in canonical.outgoing().items()}
        return outcome(run_id), canonical.digest(canonical.slips()), files

    kills = survives(
        shop,
        "slips",
        start=lambda: started(
            "B-CL-14", {"tax_year": 2026, "method": "ordinary"}, by=demo.cashier, on=date(2026, 6, 8)
        ),
        result=result,
        points=range(5, 200, 6),
    )
    assert kills >= 5
    collection.slips(demo)


def test_killed_in_the_printing_of_notices(demo: Demo, shop: Workshop) -> None:
    def result(run_id: int) -> object:
        package = PrintPackage.objects.get(job_run_id=run_id)
        assert package.pieces > 20
        items = list(package.items.order_by("batch", "seq").values_list("seq", "notice_no", "pages", "content_hash"))
        files = {name: canonical.digest(repr(content)) for name, content in printed().items()}
        return outcome(run_id), package.content_hash, items, files

    kills = survives(
        shop,
        "printing",
        start=lambda: started(
            "B-PI-16", {"tax_year": 2026, "notice_on": "2026-06-11"}, by=demo.clerk, on=date(2026, 6, 9)
        ),
        result=result,
        points=range(7, 300, 9),
        also=lambda: shutil.rmtree(print_root(), ignore_errors=True),
    )
    assert kills >= 5


@pytest.mark.parametrize(("job_id", "layout"), [("B-CL-10", "cvs_csv"), ("B-CL-11", "local_kyotsu_nofu_result")])
def test_killed_in_the_posting_of_payments(demo: Demo, shop: Workshop, job_id: str, layout: str) -> None:
    acts = demo.notes["payments"]
    assert isinstance(acts, list)
    since, until = date(2026, 6, 9), date(2026, 9, 15)
    records = (
        list(convenience_records(acts, since=since, until=until))
        if layout == "cvs_csv"
        else list(portal_records(acts, municipality_code=MUNICIPALITY, since=since, until=until))
    )
    received = demo.receive(city_file(f"{layout}_kill", layout, records, "収納", until, channel="line"))

    def result(run_id: int) -> object:
        assert prove_ledger().is_ok
        assert Receipt.objects.count() > 10
        files = {name: state for name, (state, _content) in canonical.incoming().items()}
        return outcome(run_id), canonical.digest(canonical.ledger()), files

    kills = survives(
        shop,
        "payments",
        start=lambda: started(job_id, {"file": received}, by=demo.cashier, on=until),
        result=result,
        points=range(5, 200, 5),
    )
    assert kills >= 4
