"""Jobs of the debit desk killed between their commits end as the undisturbed run (H001)."""

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest

from collection.models import BankBranch, DebitRequest
from collection.services.levy import levy_post
from taxsys.platform.files import layouts
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import SYSTEM, _start, job_request
from taxsys.platform.printing.models import PrintPackage
from tests.addressbook.people import person
from tests.collection.books import ordinary
from tests.collection.files_of import at_desk, take
from tests.collection.test_debit_desk import branch
from tests.collection.test_direct_debit_jobs import ANSWERED_ON, answer, ask, line, register, send
from tests.flows.conftest import data_in, module_database
from tests.jobs.kill import Workshop, survives_every_kill
from tests.jobs.snapshot import Snapshot

__all__ = ["module_database"]
LETTERS = {
    "B-CL-25-N": {"registered_on": "2026-04-10"},
    "B-CL-02-N": {"due_on": "2026-06-30", "attempt_no": 1, "notice_on": "2026-07-03"},
    "B-CL-02-Y": {"year": 2026, "notice_on": "2027-01-15"},
}


@pytest.fixture(autouse=True)
def same_folder(module_database: Path, django_db_blocker, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr("taxsys.platform.jobs.services.look_send", lambda run_id: None)
    with django_db_blocker.unblock(), data_in(module_database):
        yield


@pytest.fixture(scope="module")
def shop(module_database: Path) -> Iterator[Workshop]:
    """Three mandates and the bank's answer: one drawn, one without money, one without an account."""
    for number in (1, 2, 3):
        rows = ordinary(person(number).pk, f"N{number:09d}", [(7000, 0, 0)])
        levy_post(rows, dedupe_key=f"run-{number}", occurred_on=date(2026, 6, 3), actor="job:test")
    register(*(line(number, person_no=f"R{number:014d}") for number in (1, 2, 3)))
    take("B-CL-02", "zengin_91", answer(send(ask()), "012"), ANSWERED_ON)
    assert DebitRequest.objects.filter(state="failed").count() == 2
    with Workshop() as workshop:
        yield workshop


def _survives(shop: Workshop, name: str, start: Callable[[], int], result: Callable[[int], object], step: int) -> int:
    snapshot = Snapshot(name)
    try:
        return survives_every_kill(shop, start=start, result=result, reset=snapshot.restore, points=range(3, 200, step))
    finally:
        snapshot.drop()


@pytest.mark.parametrize("job_id", sorted(LETTERS))
def test_a_killed_package_of_letters_is_the_same_package(shop: Workshop, job_id: str) -> None:
    def start() -> int:
        with at_desk(ANSWERED_ON):
            run = job_request(job_id, LETTERS[job_id], actor=SYSTEM, business_on=ANSWERED_ON)
            _start(run.pk, SYSTEM)
        return run.pk

    def result(run_id: int) -> object:
        package = PrintPackage.objects.get()
        return JobRun.objects.get(pk=run_id).state, package.state, package.pieces, package.pages, package.content_hash

    assert _survives(shop, job_id.replace("-", "_").lower(), start, result, 5) >= 3


def test_a_killed_list_of_branches_is_taken_once(shop: Workshop) -> None:
    layout = layouts.get("local_ginko")
    with at_desk(ANSWERED_ON):
        received = file_receive(
            name="ginko.csv", content=layout.write([branch("0999", "001"), branch("0999", "002")]),
            format="local_ginko", sender="送付元", channel="line",
        )  # fmt: skip

    def start() -> int:
        with at_desk(ANSWERED_ON):
            run = job_request("B-CL-25-B", {"file": str(received.pk)}, actor=SYSTEM, business_on=ANSWERED_ON)
            _start(run.pk, SYSTEM)
        return run.pk

    def result(run_id: int) -> object:
        branches = list(BankBranch.objects.order_by("branch_code").values_list("branch_code", "valid_from", "valid_to"))
        return JobRun.objects.get(pk=run_id).state, ReceivedFile.objects.get(pk=received.pk).state, branches

    assert _survives(shop, "banks", start, result, 3) >= 3
