"""督促の候補: who is past due, and every reason not to remind somebody who may have paid."""

from datetime import date

import pytest

from collection.models import Charge, DebitBatch, DebitMandate, InterestRelief, Slip
from collection.selectors.overdue import overdue_charges, receipt_cut_off, silent_channels
from collection.services.debit import debit_batch_build, debit_batch_release
from collection.services.imports import PlainRecord, receipts_import_cvs
from collection.services.levy import levy_post
from collection.services.receipts import ReceiptFileFacts, ReceiptRecord, counter_payment_post, receipts_post
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform import clock
from taxsys.platform.files.services import file_receive
from tests.collection.books import ordinary, party

pytestmark = [pytest.mark.django_db, pytest.mark.req("R-115")]
ON = date(2026, 6, 10)
AS_OF = date(2026, 9, 20)


@pytest.fixture
def charges() -> list[Charge]:
    """Three taxpayers, two instalments each, due 6-30 and 8-31."""
    for number in (1, 2, 3):
        rows = ordinary(party(number), f"N{number:09d}", [(7000, 0, 0), (5000, 0, 0)])
        levy_post(rows, dedupe_key=f"run-{number}", occurred_on=ON, actor="job:test")
    return list(Charge.objects.order_by("notice_no", "instalment_no"))


def slip_of(charge: Charge) -> Slip:
    return Slip.objects.get(pk=slip_issue_many([SlipRequest((charge.id,), date(2027, 5, 31))], issued_on=ON)[0].slip_id)


def holds(on: date = AS_OF) -> dict[tuple[str, int], tuple[str, ...]]:
    return {(c.notice_no, c.instalment_no): c.holds_ja for c in overdue_charges(on).charges if c.holds_ja}


def test_charge_is_overdue_from_the_day_after_its_due_date_until_it_is_paid(charges) -> None:
    assert overdue_charges(date(2026, 6, 30)).charges == []
    assert {c.notice_no for c in overdue_charges(date(2026, 7, 1)).charges} == {
        "N000000001",
        "N000000002",
        "N000000003",
    }
    key = "10|2026|2026|ordinary|N000000001|1"
    counter_payment_post(till_key="T1", charge_key=key, amount_yen=6000, paid_on=date(2026, 7, 1), actor="staff:1")
    assert next((c.notice_no, c.open_yen) for c in overdue_charges(date(2026, 7, 2)).charges) == ("N000000001", 1000)
    counter_payment_post(till_key="T2", charge_key=key, amount_yen=1000, paid_on=date(2026, 7, 2), actor="staff:1")
    assert {c.notice_no for c in overdue_charges(date(2026, 7, 3)).charges} == {"N000000002", "N000000003"}


def test_due_dates_and_tax_kind_narrow_the_list(charges) -> None:
    found = overdue_charges(AS_OF, tax_kind="10", due_from=date(2026, 8, 1), due_until=date(2026, 8, 31))
    assert {(c.instalment_no, c.open_yen) for c in found.charges} == {(2, 5000)}
    assert overdue_charges(AS_OF, tax_kind="20").charges == []


def test_report_of_a_convenience_store_holds_the_reminder_back(charges) -> None:
    slip = slip_of(charges[1])
    record = PlainRecord(
        1, {"kind": "01", "paid_date": date(2026, 8, 31), "paid_hhmm": "1205", "barcode": f"EAN{slip.cvs_barcode}",
            "amount": slip.amount_yen, "store": "001234", "created": date(2026, 9, 1)},
    )  # fmt: skip
    facts = ReceiptFileFacts("cvs", "F1", "1" * 64, AS_OF, date(2026, 9, 18), 1, 1)
    receipts_import_cvs([record], facts=facts, actor="job:test", as_of=AS_OF)
    found = overdue_charges(AS_OF)
    assert holds() == {("N000000001", 2): ("速報あり",)}
    assert (len(found.charges), len(found.remindable)) == (6, 5)
    assert [c.channel for c in found.silent_channels] == ["common"]
    assert "届いていません" in silent_channels(date(2026, 9, 30))[0].warning_ja


def test_running_debit_request_holds_the_reminder_back(charges) -> None:
    DebitMandate.objects.create(
        mandate_no="M1", party_id=party(2), tax_kind_id="10", bank_code="0001", branch_code="001", account_type="1",
        account_number="0000001", holder_kana="ｼｹﾝ", valid_from=date(2025, 4, 1),
    )  # fmt: skip
    batch: DebitBatch = debit_batch_build(
        originator_code="0000012345", debit_on=date(2026, 8, 31), due_on=date(2026, 8, 31)
    )
    debit_batch_release(batch.id)
    assert holds() == {("N000000002", 2): ("口座振替の結果待ち",)}


def test_deferment_holds_back_on_its_days_only(charges) -> None:
    InterestRelief.objects.create(
        charge=charges[4], relief_from=date(2026, 7, 1), relief_until=AS_OF, effect="half",
        legal_ground="地方税法15条1項", decision_no="1", actor="staff:1", recorded_at=clock.now(),
    )  # fmt: skip
    assert holds() == {("N000000003", 1): ("猶予期間中",)}
    assert holds(date(2026, 9, 21)) == {}


def test_money_in_suspense_that_names_the_charge_holds_back(charges) -> None:
    slip = slip_of(charges[0])
    record = ReceiptRecord("cvs", "S1", "confirmed", "case", slip.case_no, 6500, date(2026, 6, 25), date(2026, 7, 6))
    receipts_post([record], actor="job:test", as_of=AS_OF)
    assert holds() == {("N000000001", 1): ("仮受金あり",)}
    cut_off = receipt_cut_off(AS_OF)
    assert (cut_off.received_yen, cut_off.suspense_yen, cut_off.difference_yen) == (6500, 6500, 0)
    assert cut_off.is_clean


def test_file_that_nobody_has_posted_stands_on_the_list(charges) -> None:
    from taxsys.platform.audit.context import AccessContext, using

    with using(AccessContext(actor_kind="system", actor_id="test")), clock.at(date(2026, 9, 19)):
        file_receive(name="cvs.csv", content=b"01", format="cvs_csv/v1", sender="agent", channel="line")
    found = overdue_charges(AS_OF)
    assert found.cut_off.unposted_files == (("cvs_csv", "cvs.csv"),)
    assert not found.cut_off.is_clean


def test_list_takes_a_fixed_number_of_queries(charges, django_assert_num_queries) -> None:
    with django_assert_num_queries(5):
        assert len(overdue_charges(AS_OF).charges) == 6
