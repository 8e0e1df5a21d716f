"""収納: matching, suspense, overpayments, order of reports, reversals."""

from datetime import date
from itertools import permutations

import pytest

from collection.errors import DuplicateReceiptFileError, SuspenseError
from collection.models import Allocation, Charge, InterestRelief, Overpayment, Receipt, Slip, Suspense
from collection.services.levy import levy_adjust, levy_post, levy_reverse
from collection.services.receipts import (
    ReceiptFileFacts,
    ReceiptRecord,
    counter_payment_post,
    receipt_file_register,
    receipts_post,
)
from collection.services.reversals import matching_reverse, receipt_reverse, suspense_resolve
from collection.services.slips import SlipError, SlipRequest, slip_issue_many
from taxsys.platform import clock
from tests.collection.books import balance, ordinary, party

pytestmark = pytest.mark.django_db
ON = date(2026, 6, 10)
AS_OF = date(2026, 11, 20)
PARTS = [(3600, 2400, 1000), (3000, 2000, 0), (3000, 2000, 0), (3000, 2000, 0)]


@pytest.fixture
def slips() -> list[Slip]:
    levy_post(ordinary(party(1), "N000000001", PARTS), dedupe_key="run", occurred_on=ON, actor="job:test")
    charges = Charge.objects.order_by("instalment_no")
    issued = slip_issue_many([SlipRequest((c.id,), c.due_on) for c in charges], issued_on=ON)
    return [Slip.objects.get(pk=one.slip_id) for one in issued]


def paid(slip: Slip, **changes) -> ReceiptRecord:
    values = {
        "channel": "cvs",
        "external_key": f"{slip.cvs_barcode}:1",
        "kind": "confirmed",
        "key_kind": "case",
        "match_key": slip.case_no,
        "amount_yen": slip.amount_yen,
        "paid_on": date(2026, 6, 25),
        "account_on": date(2026, 7, 6),
    }
    return ReceiptRecord(**{**values, **changes})


def post(*records: ReceiptRecord, as_of: date = AS_OF):
    return receipts_post(records, actor="job:test", as_of=as_of)


@pytest.mark.req("R-111")
def test_exact_payment_closes_the_instalment(slips) -> None:
    outcome = post(paid(slips[0]))
    assert (outcome.posted, outcome.posted_yen, outcome.allocated_yen) == (1, 7000, 7000)
    assert balance("receivable") == 15_000
    assert balance("cash_in") == 7000
    assert Allocation.objects.get().paid_on == date(2026, 6, 25)


def test_same_record_again_is_a_listed_repeat_without_effect(slips) -> None:
    post(paid(slips[0]))
    outcome = post(paid(slips[0]))
    assert outcome.posted == 0
    assert outcome.repeats == ((0, paid(slips[0]).external_key, False),)
    assert balance("cash_in") == 7000


def test_second_payment_of_a_paid_slip_is_a_double_payment(slips) -> None:
    post(paid(slips[0]), paid(slips[0], channel="common", external_key="K1"))
    overpayment = Overpayment.objects.get()
    assert (overpayment.cause, overpayment.yen, overpayment.remaining_yen) == ("double", 7000, 7000)
    assert balance("receivable") == 15_000
    assert balance("overpayment") == -7000


def test_unknown_key_goes_to_suspense(slips) -> None:
    outcome = post(paid(slips[0], match_key="9999999999999999"))
    assert outcome.suspense_yen == 7000
    assert Suspense.objects.get().reason == "unknown_key"
    assert balance("suspense") == -7000


def test_other_amount_than_the_convenience_slip_goes_to_suspense(slips) -> None:
    post(paid(slips[0], amount_yen=6999))
    assert Suspense.objects.get().reason == "amount_differs"


def test_future_date_goes_to_suspense(slips) -> None:
    post(paid(slips[0], paid_on=date(2026, 11, 21)))
    assert Suspense.objects.get().reason == "future_date"


def test_closed_instalment_goes_to_suspense(slips) -> None:
    levy_reverse(["D-N000000001-1"], dedupe_key="recall", occurred_on=ON, actor="job:test")
    post(paid(slips[0]))
    assert Suspense.objects.get().reason == "charge_closed"
    assert set(Slip.objects.values_list("state", flat=True)) == {"withdrawn"}


def test_short_payment_is_allocated_in_part(slips) -> None:
    post(paid(slips[0], channel="common", external_key="K1", amount_yen=6000))
    assert balance("receivable") == 16_000
    assert Suspense.objects.count() == 0


def test_payment_above_the_claim_leaves_the_excess_to_the_payer(slips) -> None:
    post(paid(slips[0], channel="common", external_key="K1", amount_yen=7300))
    overpayment = Overpayment.objects.get()
    assert (overpayment.cause, overpayment.yen) == ("excess", 300)


@pytest.mark.req("R-111")
@pytest.mark.parametrize("order", list(permutations(("preliminary", "confirmed", "lifted"))))
@pytest.mark.parametrize("is_one_file", [True, False])
def test_all_orders_of_reports_end_the_same(slips, order, is_one_file) -> None:
    records = [paid(slips[0], kind=kind, line_no=line) for line, kind in enumerate(order, start=1)]
    if is_one_file:
        post(*records)
    else:
        for record in records:
            post(record)
    receipt = Receipt.objects.get()
    assert (receipt.state, receipt.amount_yen, balance("cash_in")) == ("confirmed", 7000, 7000)
    assert balance("receivable") == 15_000


@pytest.mark.parametrize("order", list(permutations(("preliminary", "lifted"))))
def test_lifted_report_without_confirmation_leaves_no_money(slips, order) -> None:
    for kind in order:
        post(paid(slips[0], kind=kind))
    assert Receipt.objects.get().state == "withdrawn"
    assert balance("cash_in") == 0
    assert balance("receivable") == 22_000


@pytest.mark.parametrize("order", list(permutations(("confirmed", "corrected"))))
def test_corrected_payment_holds_no_money_in_either_order(slips, order) -> None:
    for kind in order:
        post(paid(slips[0], kind=kind))
    assert Receipt.objects.get().state == "withdrawn"
    assert (balance("cash_in"), balance("receivable")) == (0, 22_000)


def test_combined_slip_pays_the_instalments_in_their_order(slips) -> None:
    charges = tuple(Charge.objects.order_by("instalment_no").values_list("id", flat=True))
    issued = slip_issue_many([SlipRequest(charges, date(2027, 2, 1))], issued_on=ON)[0]
    assert (issued.amount_yen, issued.version) == (22_000, 2)
    assert set(Slip.objects.filter(version=1).values_list("state", flat=True)) == {"replaced"}
    post(paid(Slip.objects.get(pk=issued.slip_id), channel="common", external_key="K1", amount_yen=13_000))
    allocated = list(Allocation.objects.order_by("charge_id").values_list("charge_id", "yen"))
    assert allocated == [(charges[0], 7000), (charges[1], 5000), (charges[2], 1000)]


def late_slip(interest_yen: int) -> Slip:
    """A slip of 301,000 yen due on 30 June with interest printed; to 30 September the claim has borne 5,200 yen."""
    levy_post(ordinary(party(2), "N000000002", [(301_000, 0, 0)]), dedupe_key="l", occurred_on=ON, actor="job:test")
    charge = Charge.objects.get(notice_no="N000000002")
    request = SlipRequest((charge.id,), date(2026, 9, 30), late_interest_yen=interest_yen)
    return Slip.objects.get(pk=slip_issue_many([request], issued_on=ON)[0].slip_id)


def pay_late(slip: Slip, yen: int, *, on: date = date(2026, 9, 30), key: str = "K1") -> None:
    post(paid(slip, channel="common", external_key=key, amount_yen=yen, paid_on=on))


def test_interest_on_the_slip_is_levied_and_paid_after_the_tax() -> None:
    pay_late(late_slip(5200), 304_000)
    parts = list(Allocation.objects.order_by("-yen").values_list("component", "yen"))
    assert parts == [("principal", 301_000), ("late_interest", 3000)]
    assert (balance("interest"), balance("receivable")) == (-5200, 2200)


def test_who_pays_a_slip_with_interest_sooner_owes_what_has_run_and_gets_the_rest_back() -> None:
    # To 31 August: 715 yen in the first month, 2,326 yen after it, together 3,000.
    pay_late(late_slip(5200), 306_200, on=date(2026, 8, 31))
    assert (balance("interest"), balance("receivable"), balance("overpayment")) == (-3000, 0, -2200)


def test_a_slip_for_the_rest_of_the_interest_levies_what_comes_to_the_interest_paid_before() -> None:
    pay_late(late_slip(5200), 306_200)
    more = ordinary(party(2), "N000000002", [(601_000, 0, 0)])
    levy_adjust(more, dedupe_key="up", occurred_on=date(2026, 10, 1), actor="staff:1")
    charge = Charge.objects.get(notice_no="N000000002")
    # 5,200 was paid. 601,000 to 30 September and 300,000 to 31 October bear 12,800: the slip asks for the other 7,600.
    request = SlipRequest((charge.id,), date(2026, 10, 31), late_interest_yen=7600)
    slip = Slip.objects.get(pk=slip_issue_many([request], issued_on=date(2026, 10, 2))[0].slip_id)
    for key in ("K2", "K3"):
        pay_late(slip, 307_600, on=date(2026, 10, 31), key=key)
    assert (balance("interest"), balance("receivable"), balance("overpayment")) == (-12_800, 0, -307_600)


def test_interest_printed_before_the_tax_was_reduced_is_not_owed() -> None:
    slip = late_slip(5200)
    less = ordinary(party(2), "N000000002", [(1000, 0, 0)])
    levy_adjust(less, dedupe_key="down", occurred_on=date(2026, 8, 1), actor="staff:1")
    pay_late(slip, 306_200)
    assert (balance("interest"), balance("receivable"), balance("overpayment")) == (0, 0, -305_200)


def test_a_slip_whose_interest_was_remitted_is_settled_when_it_is_paid_all_the_same() -> None:
    pay_late(late_slip(0), 301_000, on=date(2026, 9, 29))
    charge = Charge.objects.get(notice_no="N000000002")
    request = SlipRequest((charge.id,), date(2026, 10, 31), late_interest_yen=5100)
    rest = Slip.objects.get(pk=slip_issue_many([request], issued_on=date(2026, 10, 2))[0].slip_id)
    InterestRelief.objects.create(
        charge=charge, relief_from=date(2026, 7, 1), relief_until=date(2026, 12, 31), effect="zero", actor="staff:1",
        legal_ground="地方税法326条3項", decision_no="1", recorded_at=clock.now(),
    )  # fmt: skip
    pay_late(rest, 5100, on=date(2026, 10, 20), key="K2")
    rest.refresh_from_db()
    assert (rest.state, balance("receivable"), balance("interest"), balance("overpayment")) == ("paid", 0, 0, -5100)


def test_a_combined_slip_paid_in_part_meets_the_older_due_date_first() -> None:
    for number, due_ons in ((2, (date(2026, 9, 30),)), (3, (date(2026, 7, 31),))):
        rows = ordinary(party(2), f"N00000000{number}", [(5000, 0, 0)], due_ons=due_ons)
        levy_post(rows, dedupe_key=f"c{number}", occurred_on=ON, actor="job:test")
    charges = tuple(Charge.objects.filter(party_id=party(2)).order_by("pk").values_list("pk", flat=True))
    slip = slip_issue_many([SlipRequest(charges, date(2026, 10, 31))], issued_on=ON)[0]
    pay_late(Slip.objects.get(pk=slip.slip_id), 6000)
    allocated = dict(Allocation.objects.values_list("charge__notice_no", "yen"))
    assert allocated == {"N000000003": 5000, "N000000002": 1000}


def test_slip_above_the_convenience_limit_has_no_bar_code_but_an_el_number() -> None:
    levy_post(
        ordinary(party(1), "N000000001", [(300_000, 0, 0), (300_001, 0, 0)]),
        dedupe_key="run",
        occurred_on=ON,
        actor="job:test",
    )
    requests = [SlipRequest((c.id,), c.due_on) for c in Charge.objects.order_by("instalment_no")]
    with_code, without = slip_issue_many(requests, issued_on=ON)
    assert len(with_code.cvs_barcode) == 44
    assert without.cvs_barcode == ""
    assert [len(part) for part in without.el_number] == [6, 3, 20, 6]


def test_paid_instalment_gets_no_slip(slips) -> None:
    post(paid(slips[0]))
    with pytest.raises(SlipError, match="未納額がありません"):
        slip_issue_many([SlipRequest((Charge.objects.get(instalment_no=1).id,), AS_OF)], issued_on=AS_OF)


def test_reduction_below_what_is_paid_gives_back_from_the_latest_payment(slips) -> None:
    post(
        paid(slips[0], channel="common", external_key="K1", amount_yen=4000, paid_on=date(2026, 6, 20)),
        paid(slips[0], channel="common", external_key="K2", amount_yen=3000, paid_on=date(2026, 6, 29)),
    )
    rows = ordinary(party(1), "N000000001", [(2000, 0, 0), *PARTS[1:]], source_ref="D-N000000001-2")
    levy_adjust(rows, dedupe_key="adj", occurred_on=date(2026, 9, 1), actor="staff:1")
    given = list(Overpayment.objects.order_by("pk").values_list("cause", "paid_on", "yen"))
    assert sorted(given) == [
        ("levy_reduced", date(2026, 6, 20), 2000),
        ("levy_reduced", date(2026, 6, 29), 3000),
    ]
    assert balance("overpayment") == -5000
    assert balance("receivable") == 15_000


def test_wrong_matching_is_taken_back_to_suspense_and_put_where_it_belongs(slips) -> None:
    post(paid(slips[0]))
    receipt = Receipt.objects.get()
    suspense = matching_reverse(receipt.id, occurred_on=AS_OF, actor="staff:1", reason_ja="他人の納付書で納付")
    assert (balance("receivable"), balance("suspense")) == (22_000, -7000)
    other = Charge.objects.get(instalment_no=2)
    suspense_resolve(suspense.id, charge_id=other.id, yen=7000, occurred_on=AS_OF, actor="staff:1")
    assert (balance("receivable"), balance("suspense"), balance("overpayment")) == (17_000, 0, -2000)
    with pytest.raises(SuspenseError):
        suspense_resolve(suspense.id, charge_id=other.id, yen=1, occurred_on=AS_OF, actor="staff:1")


def test_reversed_receipt_opens_the_claim_again_and_only_once(slips) -> None:
    post(paid(slips[0]), paid(slips[0], channel="common", external_key="K1"))
    for receipt in Receipt.objects.order_by("pk"):
        receipt_reverse(receipt.id, occurred_on=AS_OF, actor="staff:1", reason_ja="組戻し")
    assert (balance("receivable"), balance("cash_in"), balance("overpayment")) == (22_000, 0, 0)
    with pytest.raises(SuspenseError, match="取り消されて"):
        receipt_reverse(Receipt.objects.first().id, occurred_on=AS_OF, actor="staff:1", reason_ja="再")


def test_counter_payment_by_the_instalments_own_key_twice_is_once(slips) -> None:
    for _click in range(2):
        counter_payment_post(
            till_key="TILL1-0001",
            charge_key="10|2026|2026|ordinary|N000000001|2",
            amount_yen=5000,
            paid_on=date(2026, 8, 3),
            actor="staff:1",
        )
    assert (balance("receivable"), balance("cash_in")) == (17_000, 5000)


def test_same_file_in_another_coat_is_refused() -> None:
    facts = ReceiptFileFacts("cvs", "AGENT:02:2026-07-06:1", "a" * 64, ON, ON, 1, 7000)
    receipt_file_register(facts)
    with pytest.raises(DuplicateReceiptFileError, match="L0105"):
        receipt_file_register(ReceiptFileFacts("cvs", facts.file_key, "b" * 64, ON, ON, 1, 7000))
    with pytest.raises(DuplicateReceiptFileError):
        receipt_file_register(ReceiptFileFacts("cvs", "OTHER", "a" * 64, ON, ON, 1, 7000))
