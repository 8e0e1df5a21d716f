"""口座振替と収納データ: batches equal the ledger, result sets equal the requests, layouts become receipts."""

from datetime import date
from itertools import permutations

import pytest

from collection.errors import DuplicateReceiptFileError, LedgerMismatchError, ReceiptFileRefusedError
from collection.models import Charge, DebitBatch, DebitMandate, DebitRequest, Receipt, Slip
from collection.selectors.days import collection_totals, day_receipts
from collection.selectors.proofs import prove_ledger
from collection.services.debit import (
    debit_batch_build,
    debit_batch_records,
    debit_batch_release,
    receipts_import_zengin91,
)
from collection.services.imports import (
    PlainRecord,
    receipts_import_common,
    receipts_import_cvs,
    receipts_import_withheld,
)
from collection.services.levy import levy_post
from collection.services.receipts import ReceiptFileFacts, counter_payment_post
from collection.services.slips import SlipRequest, slip_issue_many
from tests.collection.books import balance, ordinary, party
from tests.collection.test_levy import wage_rows

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 10)
AS_OF = date(2026, 11, 20)
DEBIT_ON = date(2026, 6, 30)


def facts(number: int, channel: str = "debit", received_on: date = date(2026, 7, 6)) -> ReceiptFileFacts:
    return ReceiptFileFacts(channel, f"F{number}", f"{number:064d}", received_on, received_on, 1, 1)


@pytest.fixture
def batch() -> DebitBatch:
    for number in (1, 2, 3):
        rows = ordinary(party(number), f"N{number:09d}", [(7000, 0, 0), (5000, 0, 0)])
        levy_post(rows, dedupe_key=f"run-{number}", occurred_on=ON, actor="job:test")
        DebitMandate.objects.create(
            mandate_no=f"M{number}", party_id=party(number), tax_kind_id="10", bank_code="0001", branch_code="001",
            account_type="1", account_number=f"{number:07d}", holder_kana="ｼｹﾝ", valid_from=date(2025, 4, 1),
        )  # fmt: skip
    return debit_batch_build(originator_code="0000012345", debit_on=DEBIT_ON, due_on=DEBIT_ON)


HEADER = {"originator_code": "0000012345", "debit_mmdd": "0630"}


def results(batch: DebitBatch, codes: str = "010") -> list[PlainRecord]:
    return [
        PlainRecord(line, {**values, "result_code": code})
        for line, (values, code) in enumerate(zip(debit_batch_records(batch), codes, strict=True), start=2)
    ]


def take(header, records, number: int = 1):
    return receipts_import_zengin91(header, records, facts=facts(number), actor="job:test", as_of=AS_OF)


@pytest.mark.req("R-110")
def test_debited_requests_are_posted_and_the_others_stay_open(batch) -> None:
    debit_batch_release(batch.id)
    outcome = take(HEADER, results(batch))
    assert (outcome.posted, outcome.posted_yen) == (2, 14_000)
    assert sorted(DebitRequest.objects.values_list("state", flat=True)) == ["debited", "debited", "failed"]
    assert set(Receipt.objects.values_list("paid_on", flat=True)) == {DEBIT_ON}


def test_second_attempt_asks_only_for_what_failed(batch) -> None:
    debit_batch_release(batch.id)
    take(HEADER, results(batch))
    second = debit_batch_build(originator_code="0000012345", debit_on=date(2026, 7, 15), due_on=DEBIT_ON, attempt_no=2)
    failed = DebitRequest.objects.get(batch=batch, state="failed")
    again = second.requests.get()
    assert again.charge_id == failed.charge_id
    assert again.customer_number != failed.customer_number


def test_batch_with_a_charge_paid_meanwhile_is_not_released(batch) -> None:
    key = "10|2026|2026|ordinary|N000000002|1"
    counter_payment_post(till_key="T1", charge_key=key, amount_yen=7000, paid_on=date(2026, 6, 20), actor="staff:1")
    with pytest.raises(LedgerMismatchError, match="N000000002"):
        debit_batch_release(batch.id)
    batch.refresh_from_db()
    assert batch.state == "prepared"


@pytest.mark.parametrize("fault", ["missing", "strange", "amount", "twice", "other day", "other city"])
def test_result_that_is_not_exactly_the_request_is_refused_whole(batch, fault) -> None:
    debit_batch_release(batch.id)
    records, header = results(batch), dict(HEADER)
    if fault == "missing":
        records = records[1:]
    elif fault == "strange":
        records.append(PlainRecord(9, {**records[0].values, "customer_number": "9" * 20}))
    elif fault == "amount":
        records[0] = PlainRecord(2, {**records[0].values, "amount": 6999})
    elif fault == "twice":
        records.append(records[0])
    elif fault == "other day":
        header["debit_mmdd"] = "0731"
    else:
        header["originator_code"] = "0000099999"
    with pytest.raises(ReceiptFileRefusedError):
        take(header, records)
    assert balance("cash_in") == 0
    assert set(DebitRequest.objects.values_list("state", flat=True)) == {"requested"}


def test_result_before_the_request_was_sent_and_a_second_result_are_refused(batch) -> None:
    with pytest.raises(ReceiptFileRefusedError, match="送付されていません"):
        take(HEADER, results(batch))
    debit_batch_release(batch.id)
    records = results(batch)
    take(HEADER, records)
    with pytest.raises(DuplicateReceiptFileError):
        take(HEADER, records, number=2)


def test_unknown_result_code_counts_as_not_debited(batch) -> None:
    debit_batch_release(batch.id)
    assert take(HEADER, results(batch, "E0N")).posted == 1


def issued() -> Slip:
    levy_post(ordinary(party(1), "N000000001", [(7000, 0, 0)]), dedupe_key="run", occurred_on=ON, actor="job:test")
    slip = slip_issue_many([SlipRequest((Charge.objects.get().id,), DEBIT_ON)], issued_on=ON)[0]
    return Slip.objects.get(pk=slip.slip_id)


def cvs(slip: Slip, kind: str, line: int = 1, **changes) -> PlainRecord:
    values = {
        "kind": kind, "paid_date": date(2026, 6, 25), "paid_hhmm": "1205", "barcode": f"EAN{slip.cvs_barcode}",
        "amount": slip.amount_yen, "store": "001234", "created": date(2026, 7, 6),
    }  # fmt: skip
    return PlainRecord(line, {**values, **changes})


@pytest.mark.parametrize("order", list(permutations(("01", "02", "03"))))
def test_convenience_files_in_any_order_post_once(order) -> None:
    slip = issued()
    for number, kind in enumerate(order):
        receipts_import_cvs([cvs(slip, kind)], facts=facts(number, "cvs"), actor="job:test", as_of=AS_OF)
    assert (balance("receivable"), balance("cash_in")) == (0, 7000)
    assert prove_ledger().is_ok


def test_postal_correction_replaces_the_earlier_transfer() -> None:
    slip = issued()
    for number, record in enumerate((cvs(slip, "12", amount=700), cvs(slip, "22"))):
        receipts_import_cvs([record], facts=facts(number, "cvs"), actor="job:test", as_of=AS_OF)
    assert (balance("receivable"), balance("cash_in"), balance("suspense")) == (0, 7000, 0)
    assert prove_ledger().is_ok


def test_unknown_kind_refuses_the_whole_file() -> None:
    slip = issued()
    with pytest.raises(ReceiptFileRefusedError, match="2行目"):
        receipts_import_cvs([cvs(slip, "02"), cvs(slip, "77", 2)], facts=facts(1, "cvs"), actor="job:test", as_of=AS_OF)
    assert Receipt.objects.count() == 0


def test_common_payment_posted_twice_in_a_file_is_one_payment() -> None:
    slip = issued()
    values = {
        "notice_kind": "02", "payment_no": "P1", "case_key": slip.el_case_key, "amount": 7000,
        "paid_on": "2026-06-25", "remitted_on": "2026-07-03",
    }  # fmt: skip
    records = [PlainRecord(1, {**values, "notice_kind": "01"}), PlainRecord(2, values), PlainRecord(3, values)]
    outcome = receipts_import_common(records, facts=facts(1, "common"), actor="job:test", as_of=AS_OF)
    assert (outcome.posted_yen, len(outcome.repeats)) == (7000, 1)
    assert Receipt.objects.get().account_on == date(2026, 7, 3)


def test_agent_pays_one_sum_for_a_month_short_and_over() -> None:
    agent = party(10)
    levy_post(wage_rows(agent, [(1, party(11)), (2, party(12))]), dedupe_key="w", occurred_on=ON, actor="job:test")
    base = {"tax_year": 2026, "notice_no": "1234567", "paid_on": date(2026, 7, 10)}
    records = [
        PlainRecord(1, {**base, "payment_no": "W1", "instalment_no": 1, "amount": 1500}),
        PlainRecord(2, {**base, "payment_no": "W2", "instalment_no": 2, "amount": 2300}),
    ]
    outcome = receipts_import_withheld(records, facts=facts(1, "wage"), actor="job:test", as_of=AS_OF)
    assert (outcome.allocated_yen, outcome.overpaid_yen) == (3500, 300)
    assert balance("receivable") == 500


def test_day_and_totals_say_where_every_yen_went() -> None:
    slip = issued()
    receipts_import_cvs(
        [
            cvs(slip, "02"),
            cvs(slip, "02", 2, store="009999"),
            cvs(slip, "02", 3, barcode=f"EAN91{'0' * 42}", store="7"),
        ],
        facts=facts(1, "cvs"),
        actor="job:test",
        as_of=AS_OF,
    )
    day = day_receipts(date(2026, 7, 6))[0]
    assert (day.count, day.received_yen, day.allocated_yen, day.suspense_yen, day.overpaid_yen) == (
        3, 21_000, 7000, 7000, 7000,
    )  # fmt: skip
    assert day.difference_yen == 0
    totals = collection_totals()
    assert (totals.levied_yen, totals.open_yen, totals.suspense_yen) == (7000, 0, 7000)
