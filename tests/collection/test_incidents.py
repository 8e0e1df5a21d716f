"""What went wrong elsewhere (I7 to I10): the same mistake is made here, and stops with words a clerk understands."""

from datetime import date, timedelta

import pytest
from django.test import Client

from collection.models import Charge, Overpayment, Receipt, RefundDecision, Slip
from collection.selectors.overdue import overdue_charges
from collection.selectors.proofs import prove_ledger
from collection.selectors.refunds import waiting
from collection.services.levy import levy_post
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform import clock
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import DuplicateFile
from taxsys.platform.files.models import OutgoingFile, ReceivedFile, RefusedAttempt
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.selectors import run_counts
from tests.collection.books import balance, ordinary, party
from tests.collection.files_of import run_job, take
from tests.collection.test_direct_debit_jobs import answer, line, register, release, send
from tests.platform.actors import officer, sign_in

pytestmark = pytest.mark.django_db
PORTAL = "local_kyotsu_nofu_result"
LEVIED, PAID, TODAY = date(2026, 6, 3), date(2026, 6, 25), date(2026, 7, 6)


@pytest.fixture
def slips() -> list[Slip]:
    for number in (1, 2):
        rows = ordinary(party(number), f"N{number:09d}", [(7000, 0, 0)])
        levy_post(rows, dedupe_key=f"run-{number}", occurred_on=LEVIED, actor="job:test")
    charges = Charge.objects.order_by("notice_no")
    issued = slip_issue_many([SlipRequest((one.pk,), one.due_on) for one in charges], issued_on=LEVIED)
    return [Slip.objects.get(pk=one.slip_id) for one in issued]


def portal(*payments: tuple[Slip, str, str]) -> bytes:
    """A portal file of (slip, payment number, 送達区分)."""
    records = [
        {
            "notice_kind": kind, "payment_no": number, "municipality_code": "012041", "case_key": slip.el_case_key,
            "channel": "04", "paid_on": PAID, "amount": slip.amount_yen, "remitted_on": TODAY,
        }
        for slip, number, kind in payments
    ]  # fmt: skip
    return layouts.get(PORTAL).write(records)


@pytest.mark.req("I7")
def test_who_has_paid_is_not_overdue_even_while_the_money_is_only_reported_or_lies_in_suspense(slips) -> None:
    """吉岡町 2025: the payment was known, its posting had not reached the claims."""
    take("B-CL-11", PORTAL, portal((slips[0], "P1", "01")), TODAY, name="reported.csv")
    charges = {one.notice_no: one for one in overdue_charges(date(2026, 7, 20)).charges}
    assert charges["N000000001"].has_report
    assert not charges["N000000002"].has_report
    take("B-CL-11", PORTAL, portal((slips[0], "P1", "02")), TODAY, name="confirmed.csv")
    assert [one.notice_no for one in overdue_charges(date(2026, 7, 20)).charges] == ["N000000002"]


@pytest.mark.req("I8")
@pytest.mark.req("R-110")
def test_a_portal_file_that_comes_again_in_any_coat_pays_once_and_makes_no_refund(slips) -> None:
    """つくば市 2023: 66 payments posted twice, refund notices for payments made once."""
    once = portal((slips[0], "P1", "02"), (slips[1], "P2", "02"))
    take("B-CL-11", PORTAL, once, TODAY, name="first.csv")
    for name, content in (("first.csv", once), ("other.csv", once), ("lf.csv", once.replace(b"\r\n", b"\n"))):
        with pytest.raises(DuplicateFile) as refused:
            take("B-CL-11", PORTAL, content, TODAY, name=name)
        assert "として受領済です。二重に取り込まないよう受け付けませんでした。" in refused.value.message_ja
        assert "送付元に確認してください" in refused.value.message_ja
    assert RefusedAttempt.objects.count() == 3
    # Another file that holds the same payments among others: what is known is listed, the new one alone is posted.
    more = portal((slips[1], "P2", "02"), (slips[0], "P3", "02"), (slips[0], "P1", "02"))
    received = take("B-CL-11", PORTAL, more, TODAY + timedelta(days=1), name="more.csv")
    run = JobRun.objects.get(params__file=str(received.pk))
    assert run_counts(run)["重複"] == 2
    assert (Receipt.objects.count(), balance("cash_in"), balance("receivable")) == (3, 21_000, 0)
    assert [(one.cause, one.yen) for one in waiting()] == [("double", 7000)]
    assert prove_ledger().is_ok


@pytest.mark.req("I9")
def test_a_second_payment_while_the_first_was_only_reported_is_found_the_day_it_comes(slips, client: Client) -> None:
    """F-REGI 2023: the card payment was slow to be confirmed, people paid again; 636 of them."""
    take("B-CL-11", PORTAL, portal((slips[0], "CARD1", "01")), TODAY, name="reported.csv")
    rights = ["addressbook.view_party", "collection.work_refund", "collection.take_payment"]
    sign_in(client, officer("2001", permissions=rights, unit_name="納税管理課"))
    charge = Charge.objects.get(notice_no="N000000001")
    with clock.at(TODAY):
        html = client.get(f"/collection/counter/{charge.pk}/").content.decode()
    assert "速報があります。すでに納付されている可能性があります。" in html
    both = portal((slips[0], "CARD1", "02"), (slips[0], "CARD2", "02"))
    take("B-CL-11", PORTAL, both, TODAY + timedelta(days=1), name="confirmed.csv")
    surplus = Overpayment.objects.get()
    assert (surplus.cause, surplus.yen, surplus.remaining_yen, surplus.party_id) == ("double", 7000, 7000, party(1))
    with clock.at(TODAY + timedelta(days=1)):
        listed = client.get("/collection/refunds/").content.decode()
    assert "二重納付" in listed
    assert "7,000" in listed
    assert RefundDecision.objects.count() == 0


@pytest.fixture
def debited(slips) -> list[Slip]:
    register(line(1), line(2))
    return slips


@pytest.mark.req("I10")
def test_a_request_for_a_day_that_has_passed_is_not_released(debited) -> None:
    """三笠市 2021: last year's request file went out; a file has no year, so the bank would have drawn it again."""
    due = date(2026, 6, 30)
    late = run_job("B-CL-01", {"due_on": due, "attempt_no": 1}, date(2027, 6, 20))
    red = late.gates.get(gate_id="CL-DEBIT-DAY")
    assert not red.ok
    assert "過ぎた納期限の依頼は送れません。納期限を確かめて、作り直してください。" in red.detail_ja
    with pytest.raises(JobRefused, match="J-GATE"):
        release(late)
    assert not OutgoingFile.objects.exists()


@pytest.mark.req("I10")
def test_last_years_answer_is_refused_whole_and_this_years_is_taken(debited) -> None:
    due = date(2026, 6, 30)
    issued = send(run_job("B-CL-01", {"due_on": due, "attempt_no": 1}, date(2026, 6, 20)))
    content = answer(issued, "00")
    year_before = content.replace(b"0630", b"0730", 1)
    wrong = take("B-CL-02", "zengin_91", year_before, date(2026, 7, 3), name="last.txt")
    assert wrong.state == ReceivedFile.State.QUARANTINED
    assert "振替依頼がありません" in wrong.refusal_message
    assert Receipt.objects.count() == 0
    right = take("B-CL-02", "zengin_91", content, date(2026, 7, 3), name="this.txt")
    assert right.state == ReceivedFile.State.APPLIED
    assert (Receipt.objects.count(), balance("cash_in")) == (2, 14_000)
