"""Reminders: whom they reach, whom they must not, and what follows from them (R-115, I7)."""

from collections.abc import Callable
from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, transaction

from addressbook.models import PartyLink
from collection.models import Charge, InterestRelief, Receipt, Slip, SlipState
from collection.selectors.account import charge_standing
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_reverse
from collection.services.receipts import ReceiptRecord, receipts_post
from delinquency import params
from delinquency.errors import ReminderRefused
from delinquency.models import Reminder, ReminderRun
from delinquency.services import extraction
from delinquency.services.reminders import reminder_returned, reminder_withdraw
from taxsys.platform import clock
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.models import JobRun, RunState, WorkItem
from taxsys.platform.jobs.selectors import run_counts
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import person
from tests.delinquency.conftest import DUE_UNTIL, EXTRACTED_ON, ISSUED_ON, at_desk, debtor, pay

pytestmark = pytest.mark.req("R-115")
Extract, Release, Runner = Callable[..., JobRun], Callable[[JobRun], JobRun], Callable[..., JobRun]


def states() -> dict[str, str]:
    return {row.charge.notice_no: row.state for row in Reminder.objects.select_related("charge")}


def held() -> dict[str, str]:
    rows = Reminder.objects.filter(state="held").select_related("charge")
    return {row.charge.notice_no: row.hold_ja for row in rows}


def test_who_has_not_paid_is_reminded_once_and_nobody_before_the_second_person(
    extract: Extract, release: Release
) -> None:
    _party, charges = debtor(1)
    _paid, paid = debtor(2)
    pay(paid[0], 7000, date(2026, 6, 30))
    run = extract()
    assert states() == {"2026-10-0000001": "candidate"}
    assert not AccessEvent.objects.filter(record_type="delinquency.reminder").exists()
    run = release(run)
    reminder = Reminder.objects.get()
    assert (reminder.charge_id, reminder.state, reminder.unpaid_yen, reminder.fee_yen) == (
        charges[0].pk, "issued", 7000, 0,
    )  # fmt: skip
    assert (reminder.reminder_no, reminder.law_ja) == ("2026-DN-0000001", "地方税法第329条第１項")
    assert (reminder.run.requested_by, reminder.run.released_by) == ("2001", "2002")
    event = AccessEvent.objects.get(record_type="delinquency.reminder")
    assert (event.subjects, event.record_id) == ([str(reminder.party_id)], "2026-DN-0000001")
    assert run_counts(run) == {
        "督促対象": 1, "督促対象の額": 7000, "保留": 0, "保留の額": 0, "発付": 1, "発付の額": 7000, "発付前に除外": 0,
        "新しい納付書": 0,
    }  # fmt: skip
    again = extract(date(2026, 8, 3), date(2026, 8, 5))
    assert run_counts(again)["督促対象"] == 0


@pytest.mark.req("F-DN-005")
def test_the_days_that_follow_are_written_down(extract: Extract, release: Release) -> None:
    debtor(1)
    release(extract())
    row = Reminder.objects.get()
    assert row.issued_on == date(2026, 7, 17)
    assert row.ten_days_passed_on == date(2026, 7, 27)
    assert row.seizure_from == date(2026, 7, 28)
    assert row.limitation_before_on == date(2031, 6, 30)
    assert row.limitation_renewed_on == date(2031, 7, 27)
    assert not row.is_late


def test_a_reminder_after_twenty_days_is_issued_and_marked(extract: Extract, release: Release) -> None:
    debtor(1)
    release(extract(date(2026, 7, 20), date(2026, 7, 21)))
    assert Reminder.objects.get().is_late
    assert params.reminder_days(date(2026, 7, 21)) == 20


def test_every_reason_not_to_remind_holds_back_and_says_so(extract: Extract, release: Release) -> None:
    debtor(1)
    _party, reported = debtor(2)
    slip = Slip.objects.get(lines__charge=reported[0])
    report = ReceiptRecord("cvs", "P1", "preliminary", "case", slip.case_no, 7000, date(2026, 7, 14), None)
    receipts_post([report], actor="job:test", as_of=EXTRACTED_ON)
    _party, wrong = debtor(3)
    short = Slip.objects.get(lines__charge=wrong[0])
    record = ReceiptRecord("cvs", "S1", "confirmed", "case", short.case_no, 6500, date(2026, 6, 25), date(2026, 7, 6))
    receipts_post([record], actor="job:test", as_of=EXTRACTED_ON)
    _party, deferred = debtor(4)
    InterestRelief.objects.create(
        charge=deferred[0], relief_from=date(2026, 7, 1), relief_until=date(2027, 6, 30), effect="half",
        legal_ground="地方税法15条1項", decision_no="1", actor="2001", recorded_at=clock.now(),
    )  # fmt: skip
    debtor(5, state="dead", died_on=date(2026, 7, 1))
    debtor(6, address_text="")
    release(extract())
    assert held() == {
        "2026-10-0000002": "速報あり",
        "2026-10-0000003": "仮受金あり",
        "2026-10-0000004": "猶予期間中",
        "2026-10-0000005": "死亡・相続人代表者なし",
        "2026-10-0000006": "送付先なし",
    }
    assert {row.charge.notice_no for row in Reminder.objects.filter(state="issued")} == {"2026-10-0000001"}
    assert sorted(WorkItem.objects.values_list("code", flat=True)) == ["死亡・相続人代表者なし", "送付先なし"]


def test_the_dead_with_a_representative_of_the_heirs_are_reminded_through_him(
    extract: Extract, release: Release
) -> None:
    party, _charges = debtor(1, state="dead", died_on=date(2026, 7, 1))
    heir = person(9, name="相続　一郎")
    PartyLink.objects.create(
        party=party, agent=heir, kind="heir_representative", tax_kind="", valid_from=date(2026, 7, 2),
        recorded_at=clock.now(),
    )  # fmt: skip
    release(extract())
    assert states() == {"2026-10-0000001": "issued"}


def test_pensions_are_not_in_arrears_by_their_payer(extract: Extract) -> None:
    debtor(1)
    Charge.objects.update(method="pension")
    assert run_counts(extract())["督促対象"] == 0


def test_a_tax_without_an_article_is_held(extract: Extract, monkeypatch: pytest.MonkeyPatch) -> None:
    debtor(1)
    monkeypatch.setattr(extraction, "reminder_laws", dict)
    extract()
    assert held() == {"2026-10-0000001": "督促の根拠条文が未登録の税目"}


@pytest.mark.req("I7")
def test_a_file_of_receipts_that_nobody_posted_stops_the_release(extract: Extract, release: Release) -> None:
    debtor(1)
    with at_desk(date(2026, 7, 14)):
        file_receive(name="cvs.csv", content=b"01", format="cvs_csv/v1", sender="agent", channel="line")
    run = extract()
    with pytest.raises(JobRefused):
        release(run)
    assert states() == {"2026-10-0000001": "candidate"}
    assert not ReminderRun.objects.get().released_by


@pytest.mark.req("I7")
def test_money_that_was_received_but_not_posted_stops_the_release(
    extract: Extract, release: Release, database_role: Any
) -> None:
    _party, charges = debtor(1)
    _other, other = debtor(2)
    pay(other[0], 7000, date(2026, 7, 1))
    receipt = Receipt.objects.get()
    # The fault of the incident: the correction is known as a receipt, but its posting never reached the claims.
    Receipt.objects.create(
        channel="cvs", external_key="LOST", paid_on=date(2026, 7, 1), account_on=date(2026, 7, 2), amount_yen=7000,
        key_kind="charge", match_key="x", is_confirmed=True, state="confirmed", actor="job:test", entry=None,
        file=receipt.file,
    )  # fmt: skip
    run = extract()
    with pytest.raises(JobRefused):
        release(run)
    assert Reminder.objects.get(charge=charges[0]).state == "candidate"


@pytest.mark.req("I7")
def test_who_pays_between_extraction_and_release_is_left_out(extract: Extract, release: Release) -> None:
    _one, first = debtor(1)
    debtor(2)
    run = extract()
    pay(first[0], 7000, date(2026, 7, 16))
    run = release(run)
    assert states() == {"2026-10-0000001": "dropped", "2026-10-0000002": "issued"}
    assert run_counts(run)["発付前に除外"] == 1


def test_the_clerk_cannot_release_her_own_run(extract: Extract, desk: Staff) -> None:
    from taxsys.platform.jobs.services import job_release

    debtor(1)
    run = extract()
    with pytest.raises(JobRefused):
        job_release(run.pk, desk, inline=True)
    assert states() == {"2026-10-0000001": "candidate"}


def test_a_reminder_cannot_be_issued_before_the_due_date_has_passed(desk: Staff, job: Runner) -> None:
    debtor(1)
    with pytest.raises(ReminderRefused):
        job("B-CL-13-S", {"issued_on": "2026-06-30", "due_until": "2026-06-30"}, date(2026, 6, 29))
    assert not Reminder.objects.exists()


def test_the_fee_of_an_ordinance_is_levied_on_the_slip_and_taken_back_on_withdrawal(
    extract: Extract, release: Release, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(extraction, "reminder_fee_yen", lambda _on: 100)
    _party, charges = debtor(1)
    release(extract())
    row = Reminder.objects.get()
    assert (row.fee_yen, row.total_yen) == (100, 7100)
    slip = Slip.objects.get(lines__charge=charges[0], state=SlipState.ACTIVE)
    assert (slip.amount_yen, slip.lines.get().reminder_fee_yen) == (7100, 100)
    assert charge_standing(charges[0].pk, as_of=ISSUED_ON).other_open_yen == 100
    listed = OutgoingFile.objects.get(name="nofu_tokusoku_20260717.csv")
    assert (listed.record_count, listed.amount_sums) == (1, {"amount": 7100})
    with at_desk(date(2026, 7, 21), "2002"):
        reminder_withdraw(row.pk, reason_ja="発付前に納付されていた")
        with pytest.raises(ReminderRefused):
            reminder_withdraw(row.pk, reason_ja="もう一度")
    assert charge_standing(charges[0].pk, as_of=date(2026, 7, 21)).other_open_yen == 0
    assert prove_ledger().is_ok
    release(extract(date(2026, 8, 3), date(2026, 8, 5)))
    assert Reminder.objects.get(state="issued").fee_yen == 100
    assert charge_standing(charges[0].pk, as_of=date(2026, 8, 5)).other_open_yen == 100
    assert prove_ledger().is_ok


def test_without_a_fee_the_slip_in_the_taxpayers_hand_stays_good(extract: Extract, release: Release) -> None:
    _party, charges = debtor(1)
    before = Slip.objects.get(lines__charge=charges[0])
    release(extract())
    assert list(Slip.objects.filter(lines__charge=charges[0]).values_list("pk", "state")) == [(before.pk, "active")]
    assert not OutgoingFile.objects.exists()


def test_after_a_part_payment_the_reminder_asks_for_the_rest_by_a_new_slip(extract: Extract, release: Release) -> None:
    _party, charges = debtor(1)
    pay(charges[0], 3000, date(2026, 7, 1))
    release(extract())
    assert Reminder.objects.get().unpaid_yen == 4000
    assert Slip.objects.get(lines__charge=charges[0], state=SlipState.ACTIVE).amount_yen == 4000


@pytest.mark.req("I7")
def test_a_payment_before_the_day_of_issue_that_is_posted_later_withdraws_the_reminder(
    extract: Extract, release: Release, job: Runner
) -> None:
    _one, first = debtor(1)
    _two, second = debtor(2)
    release(extract())
    pay(first[0], 7000, date(2026, 7, 16))
    pay(second[0], 7000, date(2026, 7, 17))
    run = job("B-CL-13-W", {}, date(2026, 7, 21))
    assert run_counts(run) == {"取消": 1, "取消の額": 7000}
    row = Reminder.objects.get(charge=first[0])
    assert (row.state, row.withdrawn_on, row.withdrawn_reason) == (
        "withdrawn", date(2026, 7, 21), "発付前の2026-07-16に納付されていた",
    )  # fmt: skip
    assert Reminder.objects.get(charge=second[0]).state == "issued"
    assert run_counts(job("B-CL-13-W", {}, date(2026, 7, 22))) == {"取消": 0, "取消の額": 0}


def test_a_recalled_levy_takes_its_reminder_with_it(extract: Extract, release: Release, job: Runner) -> None:
    debtor(1)
    debtor(2)
    release(extract())
    levy_reverse(["D-2026-10-0000001-1"], dedupe_key="recall", occurred_on=date(2026, 7, 20), actor="job:test")
    assert run_counts(job("B-CL-13-W", {}, date(2026, 7, 21))) == {"取消": 1, "取消の額": 7000}
    row = Reminder.objects.get(state="withdrawn")
    assert (row.charge.notice_no, row.withdrawn_reason) == ("2026-10-0000001", "賦課決定が撤回された")
    assert prove_ledger().is_ok


def test_a_returned_card_is_recorded_only_for_what_was_sent(extract: Extract, release: Release) -> None:
    debtor(1)
    run = extract()
    row = Reminder.objects.get()
    with at_desk(date(2026, 7, 24), "2002"):
        with pytest.raises(ReminderRefused):
            reminder_returned(row.pk, returned_on=date(2026, 7, 24), reason_ja="あて所に尋ねあたりません")
        release(run)
        reminder_returned(row.pk, returned_on=date(2026, 7, 24), reason_ja="あて所に尋ねあたりません")
    row.refresh_from_db()
    assert (row.returned_on, row.state) == (date(2026, 7, 24), "issued")


def test_what_an_issued_reminder_said_cannot_be_changed(extract: Extract, release: Release, database_role: Any) -> None:
    debtor(1)
    release(extract())
    rows = Reminder.objects.all()
    for act in (lambda: rows.update(unpaid_yen=1), lambda: rows.update(issued_on=DUE_UNTIL), rows.delete):
        with pytest.raises(DatabaseError), transaction.atomic(), database_role("taxsys_owner"):
            act()
    assert Reminder.objects.get().unpaid_yen == 7000


def test_an_extraction_made_again_gives_the_same_rows(extract: Extract, job: Runner) -> None:
    for no in (3, 1, 2):
        debtor(no)
    run = extract()
    first = list(Reminder.objects.order_by("reminder_no").values_list("reminder_no", "charge_id", "unpaid_yen"))
    with at_desk(EXTRACTED_ON):
        extraction.reminders_extract(job_run_id=run.pk, issued_on=ISSUED_ON, due_until=DUE_UNTIL, requested_by="2001")
    assert list(Reminder.objects.order_by("reminder_no").values_list("reminder_no", "charge_id", "unpaid_yen")) == first
    assert run.state == RunState.FINISHED
    assert [no for no, _charge, _yen in first] == ["2026-DN-0000001", "2026-DN-0000002", "2026-DN-0000003"]
