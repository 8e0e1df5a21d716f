"""口座振替の手紙: who gets one, what stands on it, and that a second run of the day makes the same."""

from datetime import date

import pytest

from collection.models import BankBranch, Charge, DebitBatch, DebitMandate, DebitRequest, Receipt
from collection.selectors.proofs import prove_ledger
from collection.services.debit_desk import mandate_end
from collection.services.debit_letters import (
    failed_keys,
    failed_pieces,
    paid_keys,
    paid_pieces,
    registered_keys,
    registered_pieces,
)
from collection.services.levy import levy_post
from collection.services.reversals import receipt_reverse
from taxsys.platform.files import layouts
from taxsys.platform.printing.models import PrintPackage
from tests.addressbook.people import person
from tests.collection.books import ordinary
from tests.collection.files_of import at_desk, run_job, take
from tests.collection.test_direct_debit_jobs import ANSWERED_ON, ask, line, register, send
from tests.collection.test_direct_debit_jobs import answer as bank_answer

pytestmark = pytest.mark.django_db
MANDATES = layouts.get("local_koza_irai")


@pytest.fixture
def people() -> list[Charge]:
    """Three taxpayers with a mandate, each with one instalment of 7,000 yen due on 30 June."""
    for number in (1, 2, 3):
        rows = ordinary(person(number).pk, f"N{number:09d}", [(7000, 0, 0)])
        levy_post(rows, dedupe_key=f"run-{number}", occurred_on=date(2026, 6, 3), actor="job:test")
    register(*(_line(number) for number in (1, 2, 3)))
    return list(Charge.objects.order_by("notice_no"))


def _line(number: int, **changes: object) -> dict[str, object]:
    return line(number, person_no=f"R{number:014d}", **changes)


def _answered(codes: str) -> DebitBatch:
    """The bank's answer, a code for each of the three."""
    issued = send(ask())
    requests = DebitRequest.objects.order_by("customer_number").values_list("charge__notice_no", flat=True)
    codes = "".join(codes[int(notice_no[-1]) - 1] for notice_no in requests)
    take("B-CL-02", "zengin_91", bank_answer(issued, codes), ANSWERED_ON)
    return DebitBatch.objects.get()


def test_a_day_tells_start_change_and_end_once_a_person(people: list[Charge]) -> None:
    BankBranch.objects.create(
        bank_code="0991", branch_code="001", bank_name="合成銀行", bank_kana="ｺﾞｳｾｲ", branch_name="本店",
        branch_kana="ﾎﾝﾃﾝ", valid_from=date(2026, 1, 1),
    )  # fmt: skip
    day = date(2026, 7, 1)
    changed = _line(1, mandate_no="K1-2", bank_code="0991", applies_on="2026-08-01")
    with at_desk(day):
        mandate_end(DebitMandate.objects.get(mandate_no="K2").pk, on=date(2026, 8, 1), reason="party", actor="staff:1")
        take("B-CL-25", "local_koza_irai", MANDATES.write([changed]), day, name="second.csv")
    assert registered_keys(day) == ["R00000000000001", "R00000000000002"]
    first, second = registered_pieces(day, registered_keys(day))
    assert first.paper.rows == (
        ("変更", "市民税・道民税・森林環境税", "合成銀行 本店　＊＊＊＊001", "R8.8.1以後の納期限"),
    )
    assert [row[0] for row in second.paper.rows] == ["廃止"]
    assert first.paper.slips == ()
    assert registered_keys(date(2026, 7, 2)) == []


def test_who_was_not_drawn_is_told_why_and_gets_the_slip_where_nothing_is_tried_again(people: list[Charge]) -> None:
    batch = _answered("012")
    run_job("B-CL-14", {"tax_year": 2026, "method": "ordinary"}, ANSWERED_ON)
    assert failed_keys(batch) == ["R00000000000002", "R00000000000003"]
    again, given_up = failed_pieces(batch, failed_keys(batch), on=ANSWERED_ON)
    assert again.paper.rows[0][2:] == ("資金不足", "R8.7.14に再振替", "7,000")
    assert again.paper.slips == ()
    assert given_up.paper.rows[0][2:] == ("預金取引なし", "納付書で納付", "7,000")
    assert [slip.tax_yen for slip in given_up.paper.slips] == [7000]


def test_the_yearly_notice_leaves_out_what_was_taken_back(people: list[Charge]) -> None:
    _answered("000")
    taken_back = Receipt.objects.get(allocations__charge__notice_no="N000000001")
    with at_desk(date(2026, 7, 6)):
        receipt_reverse(taken_back.pk, occurred_on=date(2026, 7, 6), actor="staff:2002", reason_ja="組戻し")
    assert paid_keys(2026) == ["R00000000000002", "R00000000000003"]
    assert paid_keys(2025) == []
    (piece, _other) = paid_pieces(2026, paid_keys(2026), on=date(2027, 1, 15))
    assert (piece.paper.total_yen, piece.amount_yen) == (7000, 7000)
    assert piece.paper.rows == (("市民税・道民税・森林環境税", "令和8年度 第1期", "R8.6.30", "R8.6.30", "7,000"),)
    assert prove_ledger().is_ok


@pytest.mark.parametrize(
    ("job_id", "params", "pieces"),
    [
        ("B-CL-25-N", {"registered_on": date(2026, 4, 10)}, 3),
        ("B-CL-02-N", {"due_on": date(2026, 6, 30), "attempt_no": 1, "notice_on": ANSWERED_ON}, 2),
        ("B-CL-02-Y", {"year": 2026, "notice_on": date(2027, 1, 15)}, 1),
    ],
)
def test_each_letter_is_a_package_made_once(
    people: list[Charge], job_id: str, params: dict[str, object], pieces: int
) -> None:
    _answered("012")
    run_job(job_id, params, ANSWERED_ON)
    package = PrintPackage.objects.get()
    assert (package.state, package.pieces) == ("built", pieces)
    run_job(job_id, params, ANSWERED_ON)
    assert PrintPackage.objects.exclude(state="recalled").count() == 1


def test_no_letter_before_the_bank_has_answered(people: list[Charge]) -> None:
    send(ask())
    params = {"due_on": date(2026, 6, 30), "attempt_no": 1, "notice_on": ANSWERED_ON}
    run = run_job("B-CL-02-N", params, ANSWERED_ON)
    assert run.state == "failed"
    assert "まだ取り込まれていません" in "".join(run.log_lines.values_list("text_ja", flat=True))
