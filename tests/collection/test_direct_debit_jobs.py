"""口座振替のバッチ: mandates from a list, requests from the ledger, answers from the bank; no slip beside a mandate."""

from datetime import date

import pytest

from collection.models import Charge, DebitBatch, DebitMandate, DebitRequest, Receipt, Slip
from collection.permissions import RELEASE_DEBIT
from collection.selectors.debit import debit_instalments
from collection.selectors.proofs import prove_ledger
from collection.services.debit import debit_batch_build, debit_batch_withdraw
from collection.services.levy import levy_post
from collection.services.receipts import counter_payment_post
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import job_release
from tests.collection.books import ordinary, party
from tests.collection.files_of import at_desk, run_job, take
from tests.platform.actors import officer

pytestmark = pytest.mark.django_db
DUE = date(2026, 6, 30)
ASKED_ON, ANSWERED_ON, AGAIN_ON = date(2026, 6, 20), date(2026, 7, 3), date(2026, 7, 14)
MANDATES = layouts.get("local_koza_irai")
ZENGIN = layouts.get("zengin_91")


def line(number: int, **changes: object) -> dict[str, object]:
    values: dict[str, object] = {
        "act": "1", "mandate_no": f"K{number}", "person_no": f"P{number:014d}", "tax_kind": "10",
        "bank_code": "0990", "branch_code": "001", "account_type": "1", "account_number": f"{number:07d}",
        "holder_kana": "ｼｹﾝ", "applies_on": "2025-04-01", "accepted_on": "2025-03-01",
    }  # fmt: skip
    return {**values, **changes}


def register(*lines: dict[str, object], name: str = "koza.csv") -> ReceivedFile:
    return take("B-CL-25", "local_koza_irai", MANDATES.write(lines), date(2026, 4, 10), name=name)


@pytest.fixture
def people() -> list[Charge]:
    """Four taxpayers with one instalment of 7,000 and one of 5,000; the first three have a mandate."""
    for number in (1, 2, 3, 4):
        rows = ordinary(party(number), f"N{number:09d}", [(7000, 0, 0), (5000, 0, 0)])
        levy_post(rows, dedupe_key=f"run-{number}", occurred_on=date(2026, 6, 3), actor="job:test")
    register(*(line(number) for number in (1, 2, 3)))
    return list(Charge.objects.order_by("notice_no", "instalment_no"))


def ask(attempt_no: int = 1, day: date = ASKED_ON) -> JobRun:
    return run_job("B-CL-01", {"due_on": DUE, "attempt_no": attempt_no}, day)


def release(run: JobRun) -> JobRun:
    """A second person lets the file go; the run as it then stands."""
    chief = officer("2002", permissions=[RELEASE_DEBIT], unit_name="納税管理課")
    with at_desk(run.business_on):
        job_release(run.pk, chief, inline=True)
    run.refresh_from_db()
    return run


def send(run: JobRun) -> OutgoingFile:
    release(run)
    return OutgoingFile.objects.filter(kind="zengin_91").latest("name")


def answer(issued: OutgoingFile, codes: str, **trailer: int) -> bytes:
    """The bank's file for a request file: result codes in customer-number order, totals as they should be."""
    parsed = ZENGIN.parse(issued.open_bytes())
    records = [{**record.values, "result_code": code} for record, code in zip(parsed.records, codes, strict=True)]
    ok = [int(one["amount"]) for one in records if one["result_code"] == "0"]
    ng = [int(one["amount"]) for one in records if one["result_code"] != "0"]
    totals = {"ok_count": len(ok), "ok_amount": sum(ok), "ng_count": len(ng), "ng_amount": sum(ng)}
    return ZENGIN.write(records, header=parsed.header or {}, trailer={**totals, **trailer})


def test_list_of_applications_is_registered_once_and_changes_end_what_stood_before(people) -> None:
    changed = register(
        line(1), line(1, mandate_no="K1-2", bank_code="0991", applies_on="2026-04-01"),
        line(2, act="3", applies_on="2026-04-01"), name="second.csv",
    )  # fmt: skip
    assert changed.state == ReceivedFile.State.APPLIED
    assert {(m.mandate_no, m.bank_code, m.valid_to) for m in DebitMandate.objects.all()} == {
        ("K1", "0990", date(2026, 4, 1)), ("K1-2", "0991", None), ("K2", "0990", date(2026, 4, 1)),
        ("K3", "0990", None),
    }  # fmt: skip
    again = register(line(3), line(2, act="3", applies_on="2026-04-01"), name="third.csv")
    assert again.state == ReceivedFile.State.APPLIED
    assert DebitMandate.objects.count() == 4


@pytest.mark.parametrize(
    ("fault", "code"),
    [
        ({"person_no": "9" * 15, "mandate_no": "K9"}, "L0108"),
        ({"tax_kind": "99", "mandate_no": "K9"}, "L0106"),
        ({"account_number": "", "mandate_no": "K9"}, "E0001"),
        ({"bank_code": "0991"}, "E0004"),
        ({"mandate_no": "K9", "act": "3"}, "L0108"),
        ({"mandate_no": "K9", "applies_on": "2024-04-01"}, "E0004"),
    ],
)
def test_faulty_line_is_set_aside_and_the_others_stand(people, fault, code) -> None:
    received = register(line(1, **fault), line(4), name="faulty.csv")
    assert received.state == ReceivedFile.State.PARTLY_APPLIED
    assert [(e.line_no, e.code) for e in received.line_errors.all()] == [(2, code)]
    assert DebitMandate.objects.filter(mandate_no="K4").exists()
    assert DebitMandate.objects.get(mandate_no="K1").bank_code == "0990"


def test_instalments_paid_by_the_bank_get_no_slip(people) -> None:
    run_job("B-CL-14", {"tax_year": 2026, "method": "ordinary"}, date(2026, 6, 8))
    assert set(Slip.objects.values_list("notice_no", flat=True)) == {"N000000004"}
    assert debit_instalments([c.id for c in people]) == {c.id for c in people if c.notice_no != "N000000004"}


@pytest.mark.req("R-110")
def test_year_of_a_due_date_request_answer_second_attempt_then_a_slip_for_who_was_not_drawn(people) -> None:
    issued = send(ask())
    assert (issued.name, issued.record_count, issued.amount_sums) == ("irai_91_20260630_1.txt", 3, {"amount": 21_000})
    first = take("B-CL-02", "zengin_91", answer(issued, "012"), ANSWERED_ON)
    assert first.state == ReceivedFile.State.APPLIED
    again = send(ask(2, date(2026, 7, 4)))
    assert again.record_count == 1  # only the one without money; the closed account is not tried again
    assert DebitBatch.objects.get(attempt_no=2).debit_on == AGAIN_ON
    take("B-CL-02", "zengin_91", answer(again, "1"), date(2026, 7, 17))
    run_job("B-CL-14", {"tax_year": 2026, "method": "ordinary"}, date(2026, 7, 17))
    failed = set(DebitRequest.objects.filter(state="failed").values_list("charge__notice_no", flat=True))
    slips = {(line.charge.notice_no, line.charge.instalment_no) for s in Slip.objects.all() for line in s.lines.all()}
    assert {notice for notice, number in slips if number == 1} == failed | {"N000000004"}
    assert Receipt.objects.filter(channel="debit").count() == 1
    assert prove_ledger().is_ok


@pytest.mark.parametrize("paid_yen", [7000, 3000])
def test_batch_follows_the_ledger_until_it_is_sent(people, paid_yen) -> None:
    run = ask()
    counter_payment_post(
        till_key="T1",
        charge_key=people[0].business_key,
        amount_yen=paid_yen,
        paid_on=date(2026, 6, 21),
        actor="staff:1",
    )
    release(run)
    said = run.log_lines.get(is_error=True)
    assert "送付しませんでした" in said.text_ja
    assert "1件が元帳の未納額と一致しません" in said.text_ja
    assert not OutgoingFile.objects.exists()
    batch = debit_batch_build(originator_code="0000120410", debit_on=DUE, due_on=DUE)
    left = 7000 - paid_yen
    assert (batch.request_count, batch.request_yen) == (3 if left else 2, 14_000 + left)
    issued = send(ask(day=date(2026, 6, 22)))
    assert issued.amount_sums == {"amount": 14_000 + left}


def test_withdrawn_batch_can_be_built_again(people) -> None:
    ask()
    batch = DebitBatch.objects.get()
    debit_batch_withdraw(batch.id)
    assert set(DebitRequest.objects.values_list("state", flat=True)) == {"cancelled"}
    issued = send(ask(day=date(2026, 6, 22)))
    assert issued.record_count == 3


def test_due_date_without_anything_open_makes_no_file(people) -> None:
    for charge in people:
        counter_payment_post(
            till_key=f"T{charge.id}", charge_key=charge.business_key, amount_yen=charge.amount_yen,
            paid_on=date(2026, 6, 10), actor="staff:1",
        )  # fmt: skip
    run = ask()
    assert (run.state, DebitBatch.objects.count()) == ("finished", 0)
    assert all(gate.ok for gate in run.gates.all())


@pytest.mark.parametrize(
    ("trailer", "code"), [({"ok_count": 3, "ng_count": 0}, "L0103"), ({"ok_amount": 21_000, "ng_amount": 0}, "L0104")]
)
def test_totals_of_what_went_through_must_hold(people, trailer, code) -> None:
    issued = send(ask())
    received = take("B-CL-02", "zengin_91", answer(issued, "010", **trailer), ANSWERED_ON)
    assert (received.state, received.refusal_code) == (ReceivedFile.State.QUARANTINED, code)
    assert not Receipt.objects.exists()
    assert set(DebitRequest.objects.values_list("state", flat=True)) == {"requested"}
