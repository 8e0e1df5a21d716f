"""特別徴収義務者の納入: one sum, many employees; short, over, twice, early, half years, old numbers, without number."""

from datetime import date
from typing import Any

import numpy as np
import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from collection.models import Allocation, Charge, JournalEntry, Overpayment, Receipt, Suspense
from collection.selectors.proofs import prove_ledger
from collection.services.levy import levy_post
from collection.withheld.errors import AgentPaymentError
from collection.withheld.letters import difference_letter
from collection.withheld.models import AgentPayment
from collection.withheld.rules import IN_ORDER, PRO_RATA, shares_paid
from collection.withheld.selectors import candidates, month_shares, number_history, number_now
from collection.withheld.services import AgentLine, agent_payments_post, number_change, payment_settle
from taxsys.platform.files import layouts
from taxsys.platform.jobs.models import RunState
from tests.assessment.desk.test_documents import clerk
from tests.collection.books import balance, party
from tests.collection.files_of import at_desk, run_job, take
from tests.collection.test_levy import wage_rows

pytestmark = pytest.mark.django_db
ON, DAY = date(2026, 6, 10), date(2026, 9, 11)
NUMBER = "1234567"
NEEDS_OFFICER = {"short", "over", "double", "unknown", "no_number", "retirement"}


def agent(
    number: str = NUMBER, *, no: int = 10, months: tuple[int, ...] = (1, 2, 3), due_on: date | None = None
) -> Any:
    """An agent with two employees who owes 2,000 yen a month."""
    owner = party(no)
    rows = [
        type(row)(**{**{name: getattr(row, name) for name in row.__slots__}, "notice_no": number,
                     "due_on": due_on or row.due_on, "source_ref": f"{number}-{row.source_ref}"})
        for row in wage_rows(owner, [(1, party(no + 1)), (2, party(no + 2))], months=months)
    ]  # fmt: skip
    levy_post(rows, dedupe_key=f"w-{number}", occurred_on=ON, actor="job:test")
    return owner


def line(key: str, yen: int, *, place: int = 1, number: str = NUMBER, **more: Any) -> AgentLine:
    values = {
        "payment_key": key, "line_no": 2, "written_no": number, "payer_name": "ｼｹﾝｼﾖｳｼﾞ", "tax_year": 2026,
        "place": place, "amount_yen": yen, "paid_on": date(2026, 7, 10), "account_on": DAY, **more,
    }  # fmt: skip
    return AgentLine(**values)


def post(*lines: AgentLine) -> list[AgentPayment]:
    agent_payments_post(lines, file=None, actor="job:test", as_of=DAY)
    assert prove_ledger().is_ok
    return [AgentPayment.objects.get(payment_key=one.payment_key) for one in lines]


def told(payment: AgentPayment) -> tuple[list[str], int, int]:
    return payment.findings, payment.short_yen, payment.over_yen


def open_yen(number: str = NUMBER) -> list[int]:
    """What each month of the agent still owes."""
    rows = Charge.objects.filter(notice_no=number, method="wage").order_by("instalment_no")
    paid = {one.pk: sum(row.yen for row in Allocation.objects.filter(charge=one)) for one in rows}
    return [one.amount_yen - paid[one.pk] for one in rows]


@pytest.mark.req("R-017")
def test_one_sum_of_an_agent_is_judged_short_over_and_twice() -> None:
    agent()
    exact, short, over, again = post(
        line("A", 2000),
        line("B", 1500, place=2),
        line("C", 2300, place=3, paid_on=date(2026, 9, 10)),
        line("D", 2000, paid_on=date(2026, 7, 11)),
    )
    assert told(exact) == ([], 0, 0)
    assert told(short) == (["short"], 500, 0)
    assert told(over) == (["over"], 0, 300)
    assert told(again) == (["double"], 0, 2000)
    assert [one.is_open for one in (exact, short, over, again)] == [False, True, True, True]
    assert open_yen() == [0, 500, 0]
    assert sorted(Overpayment.objects.values_list("yen", flat=True)) == [300, 2000]


@pytest.mark.req("R-017")
def test_the_rest_of_a_short_month_completes_it() -> None:
    agent()
    post(line("A", 1500))
    (rest,) = post(line("B", 500, paid_on=date(2026, 8, 1)))
    assert told(rest) == ([], 0, 0)
    assert open_yen()[0] == 0


@pytest.mark.req("R-017")
def test_a_half_year_is_paid_with_one_sum_and_short_only_with_its_last_month() -> None:
    agent(months=(1, 2, 3, 4, 5, 6), due_on=date(2026, 12, 10))
    (early,) = post(line("A", 2000, place=1))
    assert told(early) == ([], 0, 0)
    (last,) = post(line("B", 9500, place=6, paid_on=date(2026, 9, 1)))
    # What is left of the half is 10,000 yen; the oldest months are filled first.
    assert told(last) == (["early", "short"], 500, 0)
    assert open_yen() == [0, 0, 0, 0, 0, 500]
    (whole,) = post(line("C", 500, place=6))
    assert whole.short_yen == 0
    assert open_yen() == [0] * 6


@pytest.mark.req("R-017")
def test_a_payment_under_an_old_number_finds_the_agent_and_needs_nobody() -> None:
    agent()
    number_change("0000077", "0000088", change="merged", effective_on=ON, reason="合併", actor_id="2001")
    number_change("0000088", NUMBER, change="relocated", effective_on=ON, reason="移転", actor_id="2001")
    (payment,) = post(line("A", 2000, number="77"))
    assert (payment.agent_no, payment.findings, payment.is_open) == (NUMBER, ["old_number"], False)
    assert open_yen()[0] == 0
    assert number_now("0000077") == NUMBER
    assert [(one.old_no, one.new_no) for one in number_history(NUMBER)] == [
        ("0000077", "0000088"), ("0000088", NUMBER),
    ]  # fmt: skip


def test_a_month_that_still_stands_under_the_old_number_is_paid_there() -> None:
    agent("0000077", no=20, months=(1,))
    agent(months=(2, 3))
    number_change("0000077", NUMBER, change="merged", effective_on=date(2026, 7, 1), reason="合併", actor_id="2001")
    june, july = post(line("A", 2000, number="0000077"), line("B", 2000, place=2, number="0000077"))
    assert (june.agent_no, june.findings) == ("0000077", [])
    assert (july.agent_no, july.findings) == (NUMBER, ["old_number"])
    assert (open_yen("0000077"), open_yen()) == ([0], [0, 2000])


def test_numbers_do_not_lead_in_circles() -> None:
    number_change("A1", "A2", change="merged", effective_on=ON, reason="", actor_id="2001")
    assert number_change("A1", "A2", change="merged", effective_on=ON, reason="", actor_id="2001").old_no == "A1"
    with pytest.raises(AgentPaymentError, match="旧番号"):
        number_change("A2", "A1", change="merged", effective_on=ON, reason="", actor_id="2001")
    with pytest.raises(AgentPaymentError, match="変わっています"):
        number_change("A1", "A3", change="merged", effective_on=ON, reason="", actor_id="2001")


@pytest.mark.req("R-110")
def test_without_a_number_or_month_the_money_waits_with_candidates() -> None:
    agent()
    agent("7654321", no=20)
    nameless, unknown, late = post(
        line("A", 2000, number=""), line("B", 900, number="9999999"), line("C", 2000, place=9)
    )
    assert [one.findings for one in (nameless, unknown, late)] == [["no_number"], ["unknown"], ["unknown"]]
    assert sorted(Suspense.objects.values_list("yen", flat=True)) == [900, 2000, 2000]
    assert [one.notice_no for one in candidates(nameless)] == [NUMBER, "7654321"]
    assert candidates(unknown) == []
    assert balance("receivable") == 12_000


def test_the_letter_tells_what_is_due_and_short_and_what_was_too_much() -> None:
    agent()
    post(line("A", 2300), line("B", 1900, place=2))
    assert difference_letter(NUMBER, tax_year=2026, on=date(2026, 7, 10)).over_yen == 300  # type: ignore[union-attr]
    paper = difference_letter(NUMBER, tax_year=2026, on=date(2026, 8, 11))
    assert paper is not None
    assert ([(one.month_ja, one.short_yen) for one in paper.months], paper.over_yen) == ([("7月分", 100)], 300)
    assert difference_letter("5555555", tax_year=2026, on=DAY) is None
    post(line("C", 100, place=2), line("D", 2000, place=3))
    assert difference_letter(NUMBER, tax_year=2026, on=DAY).months == ()  # type: ignore[union-attr]


def test_the_same_payments_again_change_nothing() -> None:
    agent()
    lines = [line("A", 1500), line("B", 2300, place=2)]
    post(*lines)
    before = (JournalEntry.objects.count(), balance("cash_in"), [told(one) for one in AgentPayment.objects.all()])
    post(*lines)
    assert before == (
        JournalEntry.objects.count(), balance("cash_in"), [told(one) for one in AgentPayment.objects.all()]
    )  # fmt: skip


@given(
    shares=st.lists(st.integers(0, 10**7), min_size=1, max_size=40),
    part=st.integers(0, 1000),
    order=st.sampled_from([PRO_RATA, IN_ORDER]),
)
def test_employees_parts_add_up_to_what_was_paid_and_none_is_beyond_its_share(
    shares: list[int], part: int, order: str
) -> None:
    paid = sum(shares) * part // 1000
    covered = shares_paid(np.array(shares, dtype=np.int64), paid, order=order)
    assert int(covered.sum()) == paid
    assert all(0 <= yen <= share for yen, share in zip(covered.tolist(), shares, strict=True))


def test_a_short_month_is_spread_over_the_employees() -> None:
    agent()
    post(line("A", 1501))
    charge = Charge.objects.get(notice_no=NUMBER, instalment_no=1)
    assert [(one.share_yen, one.paid_yen) for one in month_shares(charge, as_of=DAY)] == [(1000, 750), (1000, 751)]


def content(records: list[dict[str, Any]], *, month: str = "0806") -> bytes:
    header = {
        "type_code": "99", "code_kubun": "0", "originator_code": "0000000001", "branch_code": "001",
        "due_wareki": "080710", "month_wareki": month, "payer_name": "ｼｹﾝｼﾖｳｼﾞ", "payer_address": "ｱｻﾋｶﾜｼ",
    }  # fmt: skip
    data = [
        {
            "municipality6": "012041", "designation_no": NUMBER, "salary_count": 2, "salary_amount": 2000,
            "retire_count": 0, "retire_amount": 0, "total_count": 2, "total_amount": 2000, **record,
        }
        for record in records
    ]  # fmt: skip
    return bytes(layouts.get("zengin_99").write(data, header=header))


@pytest.mark.req("R-017")
@pytest.mark.req("R-110")
def test_the_file_of_the_bank_is_posted_whole_with_retirement_tax_apart() -> None:
    agent()
    other = {"designation_no": "9999999", "retire_amount": 600, "retire_count": 1, "total_amount": 2600}
    received = take("B-CL-09", "zengin_99", content([{}, other]), DAY)
    assert received.state == "applied"
    assert balance("cash_in") == 4600
    assert open_yen()[0] == 0
    assert sorted(tuple(one.findings) for one in AgentPayment.objects.all()) == [(), ("retirement",), ("unknown",)]
    assert sorted(Suspense.objects.values_list("yen", flat=True)) == [600, 2000]
    assert {one.paid_on for one in Receipt.objects.all()} == {date(2026, 7, 10)}


@pytest.mark.parametrize(
    ("record", "month", "word"),
    [
        ({"municipality6": "011002"}, "0806", "他の団体"),
        ({"total_amount": 2100}, "0806", "合計金額と合いません"),
        ({}, "0813", "納付月分"),
    ],
)
def test_a_file_that_cannot_be_right_is_refused_whole(record: dict[str, Any], month: str, word: str) -> None:
    agent()
    received = take("B-CL-09", "zengin_99", content([{}, record], month=month), DAY)
    assert received.state == "quarantined"
    assert word in received.refusal_message
    assert (balance("cash_in"), AgentPayment.objects.count()) == (0, 0)


def test_the_job_does_not_take_a_file_twice() -> None:
    agent()
    received = take("B-CL-09", "zengin_99", content([{}]), DAY)
    run = run_job("B-CL-09", {"file": str(received.pk)}, DAY)
    assert run.state == RunState.FAILED
    assert balance("cash_in") == 2000


def test_a_payment_is_worked_off_once_with_a_note(client: Client) -> None:
    agent()
    (short,) = post(line("A", 1500))
    with at_desk(DAY):
        desk = clerk(client)
        html = desk.get("/collection/agents/payments").content.decode()
        assert "不足" in html
        assert NUMBER in html
        url = f"/collection/agents/payments/{short.pk}"
        html = desk.get(url).content.decode()
        token = html.split('name="subject_token" value="')[1].split('"')[0]
        assert desk.post(url, {"subject_token": token, "note": " "}).status_code == 422
        assert desk.post(url, {"subject_token": token, "note": "電話で確認。7月末に納入予定"}).status_code == 302
        assert desk.post(url, {"subject_token": token, "note": "もう一度"}).status_code == 409
        answer = desk.get(f"{url}/letter.pdf")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
        paper = difference_letter(NUMBER, tax_year=2026, on=DAY)
        assert paper is not None
        assert [(one.month_ja, one.short_yen) for one in paper.months] == [
            ("6月分", 500),
            ("7月分", 2000),
            ("8月分", 2000),
        ]
        charge = Charge.objects.get(notice_no=NUMBER, instalment_no=1)
        assert "750" in desk.get(f"/collection/agents/months/{charge.pk}").content.decode()
        assert "確認の要る納入はありません" in desk.get("/collection/agents/payments").content.decode()
    short.refresh_from_db()
    assert (short.is_open, short.note_ja) == (False, "電話で確認。7月末に納入予定")
    with pytest.raises(AgentPaymentError, match="処理済み"):
        payment_settle(short.pk, note="x", actor_id="2001")
