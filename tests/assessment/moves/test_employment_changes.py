"""Employment changes of a decided year: who owes what afterwards, posted as differences, told as the next version."""

from datetime import date
from itertools import permutations
from uuid import UUID

import pytest
from django.db import transaction

from assessment.decisions.recall import run_recall
from assessment.decisions.selectors import standing_decision_of
from assessment.models import CollectionShare, Decision, EmploymentChange, LevyChange, RunKind, Withholder
from assessment.resident.checks import run_checks
from assessment.resident.moves import runs as moves
from assessment.resident.moves.services import (
    ChangeDraft,
    ChangeRefused,
    change_accept,
    change_record,
    change_withdraw,
)
from collection.models import Charge, JournalEntry, Overpayment
from collection.selectors.proofs import prove_ledger
from collection.services.receipts import counter_payment_post
from taxsys.city.deliveries import CityDeliveries
from taxsys.platform.outbox.models import OutboxMessage
from tests.assessment.change.decided import correction_run, release_correction
from tests.assessment.change.test_corrections import person_withheld, raise_pay
from tests.assessment.moves.scene import (
    YEAR,
    books,
    employee,
    leave,
    move,
    moves_run,
    notify,
    other_employer,
    release_moves,
    total,
    transfer,
)
from tests.assessment.runs.test_initial_runs import CITY_CODE, on, release, run_through

SEPTEMBER = date(2026, 9, 7)


@pytest.mark.req("R-017")
def test_who_leaves_in_august_pays_the_rest_by_bill(year: CityDeliveries) -> None:
    party, employer = employee()
    before, annual = books(party)[("wage", employer.designation_no)], total(party)
    leave(party, employer, date(2026, 8, 20), 3, day=SEPTEMBER)
    run = move(SEPTEMBER)
    after = books(party)
    decision = standing_decision_of(party, tax_year=YEAR)
    assert decision is not None
    # June to August stay with the employer; the rest falls on the two bills still to come (31 October, 31 January).
    assert after[("wage", employer.designation_no)] == {no: before[no] for no in (1, 2, 3)}
    rest = annual - sum(before[no] for no in (1, 2, 3))
    each = rest // 2 // 1000 * 1000
    assert after[("ordinary", decision.notice_no)] == {3: rest - each, 4: each}
    assert (decision.version, decision.cause, decision.annual_yen) == (2, "moved", annual)
    assert decision.reason_ja == "退職(令和8年8月20日)により普通徴収へ変更"
    assert total(party) == annual
    changes = LevyChange.objects.filter(run=run)
    assert set(changes.values_list("method", "instalment_no")) == {
        *(("wage", no) for no in range(4, 13)), ("ordinary", 3), ("ordinary", 4),
    }  # fmt: skip
    assert OutboxMessage.objects.filter(dedupe_key=f"copy:{party}:{YEAR}:2").exists()
    assert prove_ledger().is_ok


@pytest.mark.req("R-017")
def test_a_lump_sum_is_one_month_of_the_employer(year: CityDeliveries) -> None:
    party, employer = employee()
    before, annual = books(party)[("wage", employer.designation_no)], total(party)
    leave(party, employer, date(2027, 2, 10), 9, day=date(2027, 2, 15), after="2", lump_reason="1", lump_place=9)
    move(date(2027, 2, 15))
    kept = {no: before[no] for no in range(1, 9)}
    assert books(party) == {("wage", employer.designation_no): {**kept, 9: annual - sum(kept.values())}}
    assert prove_ledger().is_ok


def test_from_january_to_april_the_lump_sum_is_a_duty(year: CityDeliveries) -> None:
    party, employer = employee()
    with pytest.raises(ChangeRefused, match="一括徴収が義務"):
        leave(party, employer, date(2027, 4, 30), 11, day=date(2027, 5, 1))
    # May is an ordinary month again; death and pay that does not suffice are excused.
    leave(party, employer, date(2027, 4, 30), 11, day=date(2027, 5, 1), reason="4")
    with pytest.raises(ChangeRefused, match="理由は「本人の申出」"):
        leave(party, employer, date(2026, 12, 31), 7, day=date(2027, 1, 4), after="2", lump_reason="1", lump_place=7)


@pytest.mark.req("R-017")
def test_a_transfer_moves_the_months_to_the_new_employer(year: CityDeliveries) -> None:
    party, old = employee()
    new = other_employer(old)
    before, annual = books(party)[("wage", old.designation_no)], total(party)
    transfer(party, old, new, date(2026, 9, 30), 4, day=date(2026, 10, 9))
    move(date(2026, 10, 9))
    after = books(party)
    assert after[("wage", old.designation_no)] == {no: before[no] for no in range(1, 5)}
    # The new employer has said that it withholds from October (place 5).
    assert sorted(after[("wage", new.designation_no)]) == list(range(5, 13))
    assert total(party) == annual
    charge = Charge.objects.get(notice_no=new.designation_no, instalment_no=5, method="wage", tax_year=YEAR)
    assert charge.shares.get(employee_id=party).amount_yen == after[("wage", new.designation_no)][5]
    assert prove_ledger().is_ok


@pytest.mark.req("R-017")
def test_withholding_may_begin_in_the_middle_of_the_year(year: CityDeliveries) -> None:
    party, employer = employee()
    annual = total(party)
    leave(party, employer, date(2026, 6, 30), 1, day=date(2026, 7, 3))
    move(date(2026, 7, 3))
    billed = books(party)
    number = next(number for method, number in billed if method == "ordinary")
    new = other_employer(employer)
    notify(
        party, day=SEPTEMBER, reason="S", after="1", event_on=SEPTEMBER, new_withholder_id=new.pk,
        new_employee_no="S-1", first_place=5,
    )  # fmt: skip
    move(SEPTEMBER)
    after = books(party)
    # The bill of August is past and stays; October and January are withheld instead.
    assert after[("ordinary", number)] == {2: billed[("ordinary", number)][2]}
    assert sorted(after[("wage", new.designation_no)]) == list(range(5, 13))
    assert total(party) == annual
    assert prove_ledger().is_ok


@pytest.mark.req("R-019")
def test_months_paid_after_the_employee_has_left_become_the_employers_overpayment(year: CityDeliveries) -> None:
    party, employer = employee()
    months = books(party)[("wage", employer.designation_no)]
    for place in (2, 3, 4):
        charge = Charge.objects.get(notice_no=employer.designation_no, instalment_no=place, tax_year=YEAR)
        counter_payment_post(
            till_key=f"till-{place}", charge_key=charge.business_key, amount_yen=charge.amount_yen,
            paid_on=date(2026, 10, 9), actor="S-2001",
        )  # fmt: skip
    leave(party, employer, date(2026, 7, 10), 2, day=date(2026, 10, 20))
    move(date(2026, 10, 20))
    over = Overpayment.objects.filter(party_id=employer.party_id, cause="levy_reduced")
    assert sum(one.remaining_yen for one in over) == months[3] + months[4]
    assert prove_ledger().is_ok


def test_a_correction_after_leaving_stays_with_the_taxpayer(year: CityDeliveries) -> None:
    """What the papers of spring say of the employer does not bring the employee back."""
    party = person_withheld()
    number = next(number for method, number in books(party) if method == "wage")
    employer = Withholder.objects.get(designation_no=number)
    leave(party, employer, date(2026, 7, 31), 2, day=date(2026, 8, 5))
    move(date(2026, 8, 5))
    months = books(party)[("wage", number)]
    raise_pay(party, 1_000_000)
    run = correction_run(date(2026, 8, 15), date(2026, 8, 17))
    release_correction(run, date(2026, 8, 17))
    after = standing_decision_of(party, tax_year=YEAR)
    assert after is not None
    assert after.version == 3
    assert books(party)[("wage", number)] == months
    assert total(party) == after.annual_yen
    assert prove_ledger().is_ok


@pytest.mark.req("R-019")
def test_a_withdrawn_notification_puts_the_months_back(year: CityDeliveries) -> None:
    party, employer = employee()
    before = books(party)
    change = leave(party, employer, date(2026, 6, 30), 1, day=date(2026, 7, 3))
    move(date(2026, 7, 3))
    with on(date(2026, 7, 6)):
        change_withdraw(change.pk, actor_id="1001", reason="退職が取り消された")
    move(date(2026, 7, 6))
    after = books(party)
    # July has begun without a notice; August to May carry what it would have.
    assert set(after) == {("wage", employer.designation_no)}
    assert sorted(after[("wage", employer.designation_no)]) == [1, *range(3, 13)]
    assert total(party) == sum(before[("wage", employer.designation_no)].values())
    assert prove_ledger().is_ok


def test_a_run_of_changes_done_again_changes_nothing(year: CityDeliveries) -> None:
    party, employer = employee()
    leave(party, employer, date(2026, 8, 20), 3, day=SEPTEMBER)
    run = moves_run(SEPTEMBER)
    release_moves(run, SEPTEMBER)
    state = (books(party), Decision.objects.count(), JournalEntry.objects.count(), LevyChange.objects.count())
    with on(SEPTEMBER):
        counts = moves.moves_release_chunk(run, [party], released_by="S-CHIEF", city_code=CITY_CODE)
    assert counts == {"変更": 0, "増額": 0, "減額": 0}
    again = moves_run(SEPTEMBER)
    assert moves.moves_population(again) == []
    assert release_moves(again, SEPTEMBER) == {"変更": 0, "増額": 0, "減額": 0}
    assert state == (books(party), Decision.objects.count(), JournalEntry.objects.count(), LevyChange.objects.count())
    assert EmploymentChange.objects.get().run_id == run.pk


def test_the_same_notification_twice_and_sums_unlike_the_books_are_refused(year: CityDeliveries) -> None:
    party, employer = employee()
    months = books(party)[("wage", employer.designation_no)]
    annual, two = sum(months.values()), months[1] + months[2]
    stated = {"annual_yen": annual, "collected_yen": two + 100, "uncollected_yen": annual - two - 100}
    with pytest.raises(ChangeRefused, match=f"徴収済額は届出{two + 100:,}円、台帳{two:,}円"):
        leave(party, employer, date(2026, 7, 20), 2, day=SEPTEMBER, **stated)
    with pytest.raises(ChangeRefused, match="未徴収税額と合いません"):
        leave(party, employer, date(2026, 7, 20), 2, day=SEPTEMBER, **{**stated, "uncollected_yen": 1})
    leave(party, employer, date(2026, 7, 20), 2, day=SEPTEMBER, **stated, difference_reason="端数の書き誤り")
    with pytest.raises(ChangeRefused, match="記録済み"):
        leave(party, employer, date(2026, 7, 20), 2, day=SEPTEMBER, **stated, difference_reason="端数の書き誤り")
    with pytest.raises(ChangeRefused, match="特別徴収していません"):
        leave(party, other_employer(employer), date(2026, 9, 1), 3, day=SEPTEMBER)


@pytest.mark.req("R-017")
def test_changes_before_june_are_in_the_first_cut_and_raise_no_alarm(city: CityDeliveries) -> None:
    """Notifications of spring: one person has left, another has a new employer; both are decided so from the start."""
    wage = run_through(RunKind.INITIAL_WAGE, date(2026, 5, 8), date(2026, 5, 10))
    people = list(
        CollectionShare.objects.filter(run=wage, total_yen__gt=50_000)
        .exclude(party_id__in=CollectionShare.objects.filter(run=wage).exclude(method="wage").values("party_id"))
        .order_by("party__person_no")
        .values_list("party_id", "withholder_id")[:2]
    )
    (gone, old), (moved, before) = people
    new = Withholder.objects.exclude(pk__in=[old, before]).order_by("designation_no")[0]
    with on(date(2026, 4, 20)):
        for party, payer, more in (
            (gone, old, {"reason": "1", "after": "3"}),
            (moved, before, {"reason": "2", "after": "1", "new_withholder_id": new.pk, "new_employee_no": "N-9",
                             "first_place": 1}),
        ):  # fmt: skip
            draft = ChangeDraft(
                tax_year=YEAR, party_id=party, event_on=date(2026, 3, 31), received_on=date(2026, 4, 20),
                withholder_id=payer, **more,
            )  # fmt: skip
            change_record(draft, actor_id="1001")
    wage = run_through(RunKind.INITIAL_WAGE, date(2026, 5, 8), date(2026, 5, 10))
    alarms = {gate.id for gate in run_checks(wage) if not gate.ok}
    release(wage, date(2026, 5, 12))
    ordinary = run_through(RunKind.INITIAL_ORDINARY, date(2026, 6, 1), date(2026, 6, 3))
    alarms |= {gate.id for gate in run_checks(ordinary) if not gate.ok}
    release(ordinary, date(2026, 6, 5))
    assert not alarms & {"withholder_named_on_paper", "withholder_kept", "employee_no_on_paper", "wage_cut_only_wage"}
    assert {method for method, _ in books(gone)} == {"ordinary"}
    assert set(books(moved)) == {("wage", new.designation_no)}
    assert not EmploymentChange.objects.filter(is_pending=True).exists()
    assert prove_ledger().is_ok


@pytest.mark.req("R-019")
def test_a_recalled_run_of_changes_puts_the_months_back_and_the_changes_wait_again(year: CityDeliveries) -> None:
    party, employer = employee()
    before = books(party)
    leave(party, employer, date(2026, 8, 20), 3, day=SEPTEMBER)
    run = move(SEPTEMBER)
    with on(SEPTEMBER):
        run_recall(run.pk, reason_ja="別人の届出", new_due_dates={}, proposed_by="S-CLERK", approved_by="S-CHIEF")
    assert books(party) == before
    change = EmploymentChange.objects.get()
    assert (change.is_pending, change.run_id) == (True, None)
    with on(SEPTEMBER):
        change_withdraw(change.pk, actor_id="1001", reason="別人の届出")
    move(date(2026, 9, 8))
    assert books(party) == before
    assert prove_ledger().is_ok


@pytest.mark.req("R-019")
def test_the_order_of_arrival_does_not_matter(year: CityDeliveries) -> None:
    """The same three notifications, noted in every order and brought in together, end in the same books."""
    party, first = employee()
    second, third = list(Withholder.objects.exclude(pk=first.pk).order_by("designation_no")[:2])
    notes = (
        lambda: transfer(party, first, second, date(2026, 7, 31), 2, day=SEPTEMBER),
        lambda: transfer(party, second, third, date(2026, 8, 31), 3, day=SEPTEMBER),
        lambda: leave(party, third, date(2026, 9, 4), 4, day=SEPTEMBER),
    )
    ends = []
    for order in permutations(range(3)):
        with transaction.atomic():
            for number in order:
                try:
                    notes[number]()
                except ChangeRefused:  # the screen wants the earlier one first; a file is held until it has come
                    _note_held(party, (first, second, third)[number], number, second if number == 0 else third)
            move(SEPTEMBER)
            ends.append(books(party))
            assert prove_ledger().is_ok
            transaction.set_rollback(True)
    assert all(end == ends[0] for end in ends)
    assert sorted(ends[0][("wage", first.designation_no)]) == [1, 2]


def _note_held(party: UUID, employer: Withholder, number: int, new: Withholder) -> None:
    """The line of a file: held at first, accepted by an officer."""
    is_last = number == 2
    draft = ChangeDraft(
        tax_year=YEAR, party_id=party, received_on=SEPTEMBER, reason="1" if is_last else "2",
        after="3" if is_last else "1", withholder_id=employer.pk, last_place=number + 2,
        event_on=(date(2026, 7, 31), date(2026, 8, 31), date(2026, 9, 4))[number],
        new_withholder_id=None if is_last else new.pk, new_employee_no="" if is_last else "N-77",
        first_place=None if is_last else number + 3, channel="eltax",
    )  # fmt: skip
    with on(SEPTEMBER):
        held = change_record(draft, actor_id="eltax", may_hold=True)
        assert held.state == "held"
        change_accept(held.pk, actor_id="1001", reason="前の勤め先の届出を確認")
