"""申告のお願い: whom the list of non-filers names is asked once, by a package that a second person lets go."""

from collections.abc import Iterator
from datetime import date

import pytest

from addressbook.models import Party
from assessment.items.models import DeskItem, ItemKind
from assessment.items.services import FoundItem, items_refresh, items_settle
from assessment.resident.notices.filing_requests import request_keys
from taxsys.platform.jobs.errors import JobError
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import job_release, job_request, job_run_inline
from taxsys.platform.printing.models import PrintPackage
from taxsys.platform.printing.services import item_pull
from tests.addressbook.people import person, protect
from tests.assessment.notices.conftest import at_desk
from tests.platform.actors import officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]
YEAR, DAY = 2026, date(2026, 7, 14)
PARAMS = {"tax_year": YEAR, "issued_on": "2026-07-15", "reply_by": "2026-08-17"}


@pytest.fixture(autouse=True)
def _at_the_desk() -> Iterator[None]:
    with at_desk(DAY):
        yield


def listed(*parties: Party) -> None:
    found = [FoundItem(ItemKind.NON_FILER, one.pk, "資料がありません。") for one in parties]
    items_refresh([ItemKind.NON_FILER], found, tax_year=YEAR, job_run_id=None)


def printed(**params: object) -> JobRun:
    clerk = officer("1001", permissions=["assessment.print_notices"])
    run = job_request("B-PI-24-P", {**PARAMS, **params}, actor=clerk, business_on=DAY)
    return job_run_inline(run.pk, actor=clerk, raise_errors=True)


def let_go(run: JobRun) -> JobRun:
    chief = officer("1002", permissions=["assessment.release_notices", "jobs.release"])
    job_release(run.pk, chief)
    return job_run_inline(run.pk, actor=chief, raise_errors=True)


def test_everybody_on_the_list_is_asked_once_with_the_day_on_record() -> None:
    people = [person(no) for no in (1, 2, 3)]
    listed(*people)
    items_settle([DeskItem.objects.get(party=people[2]).pk], note="市外で課税", actor=officer("1001"))
    run = printed()
    package = PrintPackage.objects.get(job_run_id=run.pk)
    assert (run.state, package.pieces, [gate.title_ja for gate in run.gates.filter(ok=False)]) == (
        RunState.FINISHED, 2, [],
    )  # fmt: skip
    assert set(package.items.values_list("item_key", flat=True)) == {one.person_no for one in people[:2]}
    assert DeskItem.objects.filter(asked_on__isnull=False).count() == 0
    let_go(run)
    assert dict(DeskItem.objects.values_list("party_id", "asked_on")) == {
        people[0].pk: date(2026, 7, 15), people[1].pk: date(2026, 7, 15), people[2].pk: None,
    }  # fmt: skip
    assert request_keys(YEAR) == []


def test_who_asks_does_not_let_go() -> None:
    listed(person(1))
    run = printed()
    clerk = officer("1001", permissions=["assessment.release_notices", "jobs.release"])
    with pytest.raises(JobError):
        job_release(run.pk, clerk)
    assert DeskItem.objects.get().asked_on is None


def test_a_protected_person_s_letter_stays_in_the_house_and_the_dead_get_none() -> None:
    hidden, plain, dead = person(1), person(2), person(3, state="dead", died_on=date(2026, 3, 3))
    protect(hidden)
    listed(hidden, plain, dead)
    run = printed()
    package = PrintPackage.objects.get(job_run_id=run.pk)
    assert set(package.items.values_list("item_key", "is_protected")) == {
        (hidden.person_no, True), (plain.person_no, False),
    }  # fmt: skip
    assert package.items.get(item_key=hidden.person_no).batch == "inhouse"
    assert run.gates.get(gate_id="protected_stay_inside").ok


def test_who_was_pulled_out_of_the_package_has_not_been_asked() -> None:
    one, other = person(1), person(2)
    listed(one, other)
    run = printed()
    package = PrintPackage.objects.get(job_run_id=run.pk)
    item_pull(package.pk, one.person_no, actor="1001", reason="申告書が届いた")
    let_go(run)
    assert request_keys(YEAR) == [one.person_no]
