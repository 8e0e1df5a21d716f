"""Old claims go with their receipts and transfers; the city's totals and every proof stand (R-190)."""

from datetime import date
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from addressbook.models import Party
from collection.models import (
    Allocation,
    Charge,
    ErasedTotal,
    JournalEntry,
    Receipt,
    RefundDecision,
    RefundPayment,
    Slip,
    SlipLine,
    Transfer,
)
from collection.selectors.proofs import prove_ledger
from collection.selectors.refunds import usual_ground
from collection.selectors.refunds import waiting as waiting_overpayments
from collection.services.levy import levy_post
from collection.services.receipts import ReceiptRecord, receipts_post
from collection.services.refund_payments import (
    BankAccount,
    Payee,
    payment_reserve,
    refund_file_answer,
    refund_file_build,
    refund_file_send,
)
from collection.services.refunds import refund_propose
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import using
from taxsys.platform.audit.models import AccessEvent
from taxsys.platform.retention import services, stops
from taxsys.platform.retention.errors import ErasureRefused
from taxsys.platform.retention.models import ErasureCertificate, ErasureItem, ErasureList, StopOrder
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import protect
from tests.collection.books import balance, ordinary, party
from tests.platform.actors import officer
from tests.retention.people import (
    SOMEBODY,
    approve,
    approved,
    as_role,
    candidates,
    carried_out,
    erased,
    first,
    proposer,
    second,
    waiting,
)

pytestmark = pytest.mark.django_db
OLD = (date(2014, 6, 30), date(2014, 9, 1))
YOUNG = (date(2026, 6, 30), date(2026, 8, 31))


def notice(number: int) -> str:
    return f"N{number:09d}"


def levy(number: int, due_ons: tuple[date, ...] = OLD) -> None:
    rows = ordinary(party(number), notice(number), [(3000, 2000, 1000), (5000, 0, 0)], due_ons=due_ons)
    levy_post(rows, dedupe_key=f"run-{number}", occurred_on=date(2014, 6, 10), actor="job:test")


def pay(
    number: int, instalment: int, yen: int, *, paid_on: date = date(2014, 7, 1), kind: str = "charge", again: str = ""
) -> None:
    match = f"10|2026|2026|ordinary|{notice(number)}|{instalment}" if kind == "charge" else f"none-{number}"
    record = ReceiptRecord(
        channel="counter", external_key=f"S{number}-{instalment}-{yen}{again}", kind="confirmed", key_kind=kind,
        match_key=match, amount_yen=yen, paid_on=paid_on, account_on=paid_on,
    )  # fmt: skip
    receipts_post([record], actor="job:test", as_of=date(2026, 11, 20))


def settled(number: int, due_ons: tuple[date, ...] = OLD) -> None:
    levy(number, due_ons)
    pay(number, 1, 6000)
    pay(number, 2, 5000)


def differences() -> list[str]:
    return [f"{check.title_ja} {check.difference_yen}" for check in prove_ledger().checks if not check.is_ok]


@pytest.mark.req("R-189")
def test_only_settled_claims_past_their_period_become_candidates() -> None:
    settled(1)
    settled(2, YOUNG)
    target = candidates("collection.charge")
    assert (target.planned, target.stopped) == (2, 0)
    assert list(target.items.values_list("start_on", "erase_on").distinct()) == [(date(2015, 4, 1), date(2022, 4, 1))]
    old = Charge.objects.filter(notice_no=notice(1)).order_by("pk")
    assert (target.first_key, target.last_key) == (str(old[0].pk), str(old[1].pk))


def test_a_claim_paid_late_is_kept_from_the_year_it_was_paid() -> None:
    levy(1)
    pay(1, 1, 6000, paid_on=date(2019, 5, 1))
    pay(1, 2, 5000)
    target = candidates("collection.charge")
    # 2019-05-01 → from 2020-04-01 seven years: not before 2027-04-01.
    assert [item.root_key for item in target.items.all()] == [
        str(Charge.objects.get(notice_no=notice(1), instalment_no=2).pk)
    ]


@pytest.mark.req("R-190")
@pytest.mark.req("R-191")
def test_a_dry_run_deletes_nothing_and_the_erasure_deletes_all_of_it() -> None:
    settled(1)
    settled(2, YOUNG)
    cash, revenue = balance("cash_in"), balance("revenue_city")
    target = candidates("collection.charge")
    assert Charge.objects.count() == 4
    carried_out(approved(target))
    assert set(Charge.objects.values_list("notice_no", flat=True)) == {notice(2)}
    assert Receipt.objects.count() == Allocation.objects.count() == 2
    assert not JournalEntry.objects.filter(dedupe_key__startswith="run-1|").exists()
    assert JournalEntry.objects.filter(dedupe_key__startswith="run-2|").count() == 1
    assert Transfer.objects.count() == 4 + 2  # of the young notice: what it owes by part, what was paid
    assert (balance("cash_in"), balance("revenue_city"), balance("receivable")) == (cash, revenue, 0)
    assert differences() == []
    assert ErasedTotal.objects.get(kind="part", key="revenue_city:10:2026:2026").credit_yen == 8000


def test_an_entry_shrinks_by_the_claims_that_went_and_keeps_the_rest() -> None:
    levy(1, (OLD[0], YOUNG[1]))
    pay(1, 1, 6000)
    erased("collection.charge")
    entry = JournalEntry.objects.get(dedupe_key__startswith="run-1|")
    assert (entry.transfer_count, entry.total_yen) == (1, 5000)
    assert differences() == []


@pytest.mark.req("R-190")
def refunded(number: int, *, is_paid: bool) -> None:
    """The overpayment of that party, decided in September 2014 and (or not) paid to the bank."""
    clerk = officer("6001", permissions=["collection.work_refund"])
    chief = officer("6002", permissions=["collection.approve_refund", "approvals.view_queue"])
    grounds = {one.pk: usual_ground(one) for one in waiting_overpayments(party(number))}
    on = date(2014, 9, 10)
    with using(SOMEBODY):
        decision = refund_propose(party(number), grounds, decided_on=on, actor=clerk)
        approval = Approval.objects.get(pk=decision.approval_ref)
        approval_decide(approval.pk, decision="approve", actor=chief, seen_hash=approval.content_hash)
        account = BankAccount("claim", "0001", "123", "1", "1234567", "ｼｹﾝ")
        payment_reserve(decision.pk, Payee(party(number), claimed_on=on), account, amount_yen=6000, actor=clerk)
        file = refund_file_build(transfer_on=date(2014, 9, 22))
        assert file is not None
        if is_paid:
            refund_file_send(file.pk)
            refund_file_answer(file.pk, {}, actor=clerk)


@pytest.mark.req("R-190")
def test_a_refund_goes_with_the_claims_it_was_made_of_and_what_was_paid_stays_a_total() -> None:
    settled(1)
    pay(1, 1, 6000, paid_on=date(2014, 7, 2), again="b")
    refunded(1, is_paid=True)
    erased("collection.charge")
    assert (Charge.objects.count(), RefundDecision.objects.count(), RefundPayment.objects.count()) == (0, 0, 0)
    assert ErasedTotal.objects.get(kind="refund").credit_yen == 6000
    assert (balance("cash_out"), balance("refund_payable")) == (-6000, 0)
    assert differences() == []


def test_a_claim_whose_refund_is_not_paid_yet_stays() -> None:
    settled(1)
    pay(1, 1, 6000, paid_on=date(2014, 7, 2), again="b")
    refunded(1, is_paid=False)
    target = candidates("collection.charge")
    assert [item.stop_code for item in target.items.filter(stop_code="open_refund")] == ["open_refund"]


def test_an_open_claim_an_overpayment_and_a_stop_order_stay() -> None:
    levy(1)
    pay(1, 1, 6000)  # the second instalment is open
    settled(2)
    pay(2, 1, 6000 + 1)  # paid twice: an overpayment nobody has given back
    settled(3)
    with using(SOMEBODY):
        stops.stop_place(party_id=party(3), reason="disclosure", reference="開示第1号", actor=proposer())
    protected = Party.objects.get(pk=party(4))
    settled(4)
    protect(protected)
    target = candidates("collection.charge")
    reasons = {
        (Charge.objects.get(pk=item.root_key).notice_no[-1], item.stop_code)
        for item in target.items.exclude(stop_code="")
    }
    assert reasons == {
        ("1", "open_claim"), ("2", "open_overpayment"), ("3", "stop_order"), ("4", "protection"),
    }  # fmt: skip
    assert target.planned == 2  # the paid instalment of 1, the instalment of 2 without the overpayment


def test_claims_paid_by_one_receipt_go_together_or_not_at_all() -> None:
    settled(1)
    levy(2)
    pay(2, 2, 5000)
    shared = Receipt.objects.get(external_key="S1-1-6000")
    # One payment for two claims of which one is still open.
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL ROLE NONE")
        cursor.execute(
            "INSERT INTO collection_allocation (receipt_id, charge_id, component, paid_on, yen, entry_id)"
            " SELECT receipt_id, %s, component, paid_on, 1, entry_id FROM collection_allocation WHERE receipt_id = %s",
            [Charge.objects.get(notice_no=notice(2), instalment_no=1).pk, shared.pk],
        )
        cursor.execute("SET LOCAL ROLE taxsys_app")
    target = candidates("collection.charge")
    stopped = dict(target.items.exclude(stop_code="").values_list("root_key", "stop_code"))
    assert stopped == {
        str(Charge.objects.get(notice_no=notice(2), instalment_no=1).pk): "open_claim",
        str(Charge.objects.get(notice_no=notice(1), instalment_no=1).pk): "linked",
    }


def test_slips_go_with_their_last_line() -> None:
    settled(1)
    settled(2, YOUNG)
    kept = _slip("1" * 16, Charge.objects.get(notice_no=notice(2), instalment_no=1))
    SlipLine.objects.create(slip=kept, charge=Charge.objects.get(notice_no=notice(1), instalment_no=1))
    _slip("2" * 16, Charge.objects.get(notice_no=notice(1), instalment_no=2))
    erased("collection.charge")
    assert list(Slip.objects.values_list("pk", flat=True)) == [kept.pk]
    assert SlipLine.objects.count() == 1


def _slip(case_no: str, charge: Charge) -> Slip:
    slip = Slip.objects.create(
        case_no=case_no, tax_kind_code="10", notice_no=charge.notice_no, amount_yen=1, valid_until=date(2014, 12, 1),
        issued_on=date(2014, 6, 1), el_municipality_code="012041", el_item_code="001", el_case_key=case_no,
        el_confirm_no="123456",
    )  # fmt: skip
    SlipLine.objects.create(slip=slip, charge=charge)
    return slip


# ---- two approvals


@pytest.mark.req("R-190")
def test_three_different_people_stand_behind_an_erasure() -> None:
    settled(1)
    target = candidates("collection.charge")
    with using(SOMEBODY):
        services.list_propose(target.pk, actor=proposer())
        with pytest.raises(Exception, match="自分の起案は決裁できません"):
            approve(waiting(target), proposer())
        approve(waiting(target), first())
        with pytest.raises(Exception, match="自分の起案は決裁できません"):
            approve(waiting(target), first())
        with pytest.raises(Exception, match="自分の起案は決裁できません"):
            approve(waiting(target), proposer())
        with pytest.raises(ErasureRefused, match="二人の決裁を受けていません"):
            services.erasure_begin(target.pk)
        approve(waiting(target), second())
        assert services.erasure_begin(target.pk) == 2


def test_a_list_sent_back_needs_both_approvals_anew() -> None:
    settled(1)
    target = candidates("collection.charge")
    with using(SOMEBODY):
        services.list_propose(target.pk, actor=proposer())
        approve(waiting(target), first())
        approval_decide(waiting(target).pk, decision="send_back", actor=second(), reason="件数を確認してください")
    target.refresh_from_db()
    assert (target.state, target.first_approval_id) == ("open", None)
    assert approved(target).state == "approved"


def test_what_is_stopped_after_the_approvals_is_not_erased() -> None:
    settled(1)
    settled(2)
    target = approved(candidates("collection.charge"))
    with using(SOMEBODY):
        stops.stop_place(party_id=party(2), reason="dispute", reference="審第2号", actor=proposer())
    carried_out(target)
    assert set(Charge.objects.values_list("notice_no", flat=True)) == {notice(2)}
    assert ErasureCertificate.objects.get().facts["erased"] == 2
    assert differences() == []


# ---- nobody else, and nothing that is not due


@pytest.mark.req("R-190")
@pytest.mark.parametrize("role", ["taxsys_app", "taxsys_owner"])
@pytest.mark.parametrize("table", ["collection_transfer", "collection_allocation", "collection_journalentry",
                                   "assessment_decision", "audit_accessevent", "retention_erasurelist"])  # fmt: skip
def test_nobody_else_deletes(role: str, table: str) -> None:
    settled(1)
    candidates("collection.charge")
    if table == "assessment_decision":
        statement = "DELETE FROM assessment_decision"
    else:
        statement = f"DELETE FROM {table}"
    with pytest.raises(DatabaseError):
        as_role(role, statement)
    assert Transfer.objects.exists()


def test_neither_application_nor_anybody_by_inheritance_has_the_rights_of_the_erasures() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_has_role('taxsys_app', 'taxsys_erasure', 'MEMBER'), rolcanlogin"
            " FROM pg_roles WHERE rolname = 'taxsys_erasure'"
        )
        assert cursor.fetchone() == (False, False)


@pytest.mark.req("R-190")
def test_what_is_not_due_is_refused_by_the_database_itself() -> None:
    settled(1)
    settled(2, YOUNG)
    target = approved(candidates("collection.charge"))
    with using(SOMEBODY):
        services.erasure_begin(target.pk)
    young = Charge.objects.filter(notice_no=notice(2)).first()
    assert young is not None
    # Even a list that was forged with the rights of the erasures' own role is not believed.
    as_role(
        "taxsys_erasure",
        "INSERT INTO retention_erasureitem (list_id, no, root_key, group_no, start_on, erase_on, stop_code)"
        " VALUES (%s, 99, %s, 99, '2000-04-01', '2007-04-01', '')",
        target.pk,
        str(young.pk),
    )
    with using(SOMEBODY), pytest.raises(ErasureRefused, match="保管期間が過ぎていないか、停止されています"):
        services.erasure_chunk(target.pk, from_no=99, to_no=99)
    assert Charge.objects.filter(notice_no=notice(2)).count() == 2


def test_a_list_that_was_changed_after_the_approvals_is_refused() -> None:
    settled(1)
    settled(2)
    target = approved(candidates("collection.charge"))
    as_role("taxsys_erasure", "DELETE FROM retention_erasureitem WHERE list_id = %s AND no = 1", target.pk)
    with using(SOMEBODY), pytest.raises(ErasureRefused, match="決裁の時と違います"):
        services.erasure_begin(target.pk)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE retention_erasurelist SET planned = 99",
        "UPDATE retention_erasurelist SET state = 'running'",
        "UPDATE retention_erasurelist SET state = 'approved'",
        "INSERT INTO retention_erasureitem (list_id, root_key, start_on, erase_on, stop_code)"
        " SELECT id, '1', '2000-01-01', '2007-01-01', '' FROM retention_erasurelist",
        "DELETE FROM retention_erasureitem",
        "UPDATE collection_erasedtotal SET credit_yen = 0",
    ],
)
def test_the_application_cannot_touch_what_a_list_says(statement: str) -> None:
    settled(1)
    candidates("collection.charge")
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# ---- the certificate


@pytest.mark.req("R-190")
@pytest.mark.req("R-191")
def test_the_certificate_tells_figures_range_and_hash_and_no_person() -> None:
    settled(1)
    target = candidates("collection.charge")
    keys_hash = target.keys_hash
    carried_out(approved(target))
    made = ErasureCertificate.objects.get()
    facts: dict[str, Any] = made.facts
    assert (facts["erased"], facts["keys_hash"], facts["first"][:4], facts["second"][:4]) == (
        2,
        keys_hash,
        "6002",
        "6003",
    )
    assert dict(facts["tables"])["期別債権"] == 2
    assert made.certificate_no.startswith("E2026-")
    target.refresh_from_db()
    assert target.ended_at is not None
    assert made.backups_gone_on is not None
    assert (made.backups_gone_on - target.ended_at.date()).days in {35, 36}
    text = str(facts)
    assert [word for word in (notice(1), str(party(1)), "試験") if word in text] == []
    assert ErasureItem.objects.count() == 0  # the keys are forgotten
    with pytest.raises(DatabaseError), transaction.atomic():
        ErasureCertificate.objects.update(facts={})


def test_each_step_of_an_erasure_stands_in_the_access_log() -> None:
    settled(1)
    target = erased("collection.charge")
    reasons = AccessEvent.objects.filter(record_type="erasure_list", record_id=str(target.pk)).order_by("id")
    assert list(reasons.values_list("action", "reason", "count")) == [
        ("create", "", 2), ("update", "proposed", None), ("delete", "begun", 2), ("delete", "erased", 2),
    ]  # fmt: skip


def test_a_list_that_nobody_proposed_is_replaced_by_the_next_run() -> None:
    settled(1)
    old = candidates("collection.charge", "run#1")
    settled(2)
    new = candidates("collection.charge", "run#2")
    old.refresh_from_db()
    assert (old.state, new.planned) == ("dropped", 4)
    assert ErasureList.objects.exclude(state="dropped").count() == 1


def test_lifting_a_stop_takes_a_second_person() -> None:
    settled(1)
    chief: Staff = first()
    with using(SOMEBODY):
        stop = stops.stop_place(party_id=party(1), reason="dispute", reference="審第1号", actor=proposer())
        approval = stops.lift_propose(stop.pk, why="裁決が確定", actor=proposer())
        from taxsys.platform.retention.permissions import LIFT_STOP
        from tests.platform.actors import officer

        officer(chief.staff_no, permissions=[LIFT_STOP])
        approve(approval, chief)
    assert StopOrder.objects.get().lift_approval_id == approval.pk
    assert candidates("collection.charge").planned == 2
