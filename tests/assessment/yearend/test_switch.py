"""年度切替: tried, let go by a second person, once; the new year's decision follows what was carried."""

from datetime import date

import pytest

from assessment.models import CollectionShare, EmploymentChange
from assessment.pensions.models import PensionStop
from assessment.yearend.carrying import CHANGES, STOPS
from assessment.yearend.models import CarriedLine, YearSwitch
from assessment.yearend.services import switch_refusal_ja
from assessment.yearend.working import switched_year, working_year
from collection.selectors.proofs import prove_ledger
from taxsys.platform import clock
from taxsys.platform.jobs.errors import JobError
from taxsys.platform.jobs.models import JobGate
from taxsys.platform.staff.catalogue import catalogue
from taxsys.platform.staff.models import Staff
from tests.assessment.yearend.scene import (
    MARCH,
    NEW,
    OLD,
    decide,
    employee,
    employer,
    leave,
    let_go,
    transfer,
    try_switch,
)
from tests.platform.actors import officer

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("data_folder")]


@pytest.fixture
def chief() -> Staff:
    return officer("1002", permissions=list(catalogue()))


def gate(run_id: int, code: str) -> tuple[bool, int]:
    found = JobGate.objects.get(run=run_id, gate_id=code)
    return found.ok, found.count


def carried() -> list[tuple[str, str, str, bool]]:
    rows = CarriedLine.objects.order_by("pk").values_list("item", "party__person_no", "fate", "is_made")
    return [(item, number[-2:], fate, made) for item, number, fate, made in rows]


def payer(no: int) -> str:
    """By whom the person of this number is withheld in the new year ("": billed)."""
    shares = CollectionShare.objects.filter(party__person_no=f"R{no:014d}", run__tax_year=NEW)
    numbers = set(shares.filter(method="wage").values_list("withholder__designation_no", flat=True))
    return str(*numbers)


@pytest.mark.req("R-017")
def test_leavers_are_billed_and_transfers_follow_their_employer_in_the_new_year(chief: Staff) -> None:
    first, second = employer(901), employer(902)
    found = {no: employee(no, first, then=first) for no in (1, 2, 3)} | {4: employee(4, None, then=first)}
    decide(OLD, date(2026, 6, 3))
    leave(found[2], first)
    transfer(found[3], first, second)
    leave(found[4], first)
    run = try_switch()
    # Nothing has changed by the trial.
    assert EmploymentChange.objects.filter(tax_year=NEW).count() == 0
    assert carried() == [
        (CHANGES, "02", "carry", False), (CHANGES, "03", "carry", False), (CHANGES, "04", "needless", False),
    ]  # fmt: skip
    with clock.at(MARCH):
        assert (switched_year(), working_year()) == (None, OLD)
    with clock.at(MARCH):
        let_go(run, chief)
        assert (switched_year(), working_year()) == (NEW, NEW)
    assert carried()[0] == (CHANGES, "02", "carry", True)
    decide(NEW, date(2027, 6, 3))
    assert {no: payer(no) for no in (1, 2, 3, 4)} == {1: "000000901", 2: "", 3: "000000902", 4: ""}
    assert EmploymentChange.objects.filter(tax_year=NEW, is_pending=True).count() == 0
    assert prove_ledger().is_ok


def test_a_second_run_carries_only_what_came_in_since(chief: Staff) -> None:
    first = employer(901)
    one, two = employee(1, first, then=first), employee(2, first, then=first)
    decide(OLD, date(2026, 6, 3))
    leave(one, first)
    with clock.at(MARCH):
        let_go(try_switch(), chief)
    leave(two, first, day=date(2027, 3, 28))
    later = date(2027, 4, 2)
    with clock.at(later):
        again = let_go(try_switch(later), chief)
    assert [(line.party.person_no[-2:], line.fate) for line in again.lines.order_by("key")] == [
        ("01", "already"), ("02", "carry"),
    ]  # fmt: skip
    rows = EmploymentChange.objects.filter(tax_year=NEW).order_by("party__person_no")
    assert list(rows.values_list("party__person_no", "reason", "after", "last_place", "channel")) == [
        ("R00000000000001", "1", "3", 0, "act"), ("R00000000000002", "1", "3", 0, "act"),
    ]  # fmt: skip


def test_stops_that_last_hold_for_the_new_year_and_others_end(chief: Staff) -> None:
    first = employer(901)
    for no, reason in ((1, "died"), (2, "small"), (3, "lost")):
        party = employee(no, first, then=first)
        PensionStop.objects.create(
            party=party, tax_year=OLD, reason=reason, event_on=date(2026, 11, 1), first_place=2, request_state="sent",
            recorded_by="1001", recorded_at=clock.now(),
        )  # fmt: skip
    decide(OLD, date(2026, 6, 3))
    with clock.at(MARCH):
        let_go(try_switch(), chief)
    rows = PensionStop.objects.filter(tax_year=NEW).order_by("party__person_no")
    assert list(rows.values_list("party__person_no", "reason", "first_place", "request_state")) == [
        ("R00000000000001", "died", 1, "none"), ("R00000000000003", "lost", 1, "none"),
    ]  # fmt: skip
    assert [line[1] for line in carried() if line[0] == STOPS] == ["01", "03"]


def test_what_blocks_is_told_and_nothing_is_carried(chief: Staff) -> None:
    first = employer(901)
    party = employee(1, first, then=first)
    decide(OLD, date(2026, 6, 3))
    leave(party, first)
    # Somebody's paper of the old year has no decision.
    late = employee(2, first, then=first)
    run = try_switch(date(2026, 12, 20))
    assert gate(run.pk, "day") == (False, 0)
    assert gate(run.pk, "decided") == (False, 1)
    assert gate(run.pk, "law") == (True, 0)
    assert gate(run.pk, "due_dates") == (True, 0)
    with clock.at(MARCH), pytest.raises(JobError, match="賦課期日が来ている"):
        let_go(run, chief)
    assert EmploymentChange.objects.filter(tax_year=NEW).count() == 0
    assert working_year() == OLD
    assert late.person_no.endswith("02")


def test_a_held_notice_of_the_old_year_holds_the_switch_back(chief: Staff) -> None:
    first = employer(901)
    party = employee(1, first, then=first)
    decide(OLD, date(2026, 6, 3))
    change = leave(party, first)
    EmploymentChange.objects.filter(pk=change.pk).update(state="held", hold_reason_ja="額が違う")
    run = try_switch()
    assert gate(run.pk, "open_held_changes") == (False, 1)
    assert carried() == [(CHANGES, "01", "check", False)]


def test_what_changed_after_the_trial_sends_it_back(chief: Staff) -> None:
    first = employer(901)
    party = employee(1, first, then=first)
    decide(OLD, date(2026, 6, 3))
    run = try_switch()
    leave(party, first, day=date(2027, 3, 26))
    switch = YearSwitch.objects.get(job_run_id=run.pk)
    with clock.at(date(2027, 3, 29)):
        assert "試した後に" in switch_refusal_ja(switch)
        with pytest.raises(JobError, match="試した後に"):
            let_go(run, chief)


def test_only_the_year_after_the_working_year_may_be_switched_to() -> None:
    with pytest.raises(JobError, match="令和8年度です。令和9年度への切替だけ"):
        try_switch(tax_year=2029)
