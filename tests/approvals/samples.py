"""One real proposal of every registered kind, who decides it, and what happens meanwhile to void it.

A kind without a sample fails tests/approvals/test_kinds.py: add it here together with the kind.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.test import Client

from addressbook.models import ContactNote, NumberEntry, NumberFile, Party, Protection
from addressbook.permissions import (
    APPROVE_NUMBER,
    APPROVE_NUMBER_FILE,
    CHECK_NUMBER_FILE,
    MANAGE_PROTECTION,
    REGISTER_NUMBER,
    VIEW_NUMBER_STATE,
    VIEW_PARTY,
)
from addressbook.services.number_files import file_propose
from addressbook.services.protection_measures import measure_propose
from addressbook.services.protection_terms import protection_extend_propose
from assessment.amendments.cases import CaseDraft, case_calculate, case_open
from assessment.amendments.models import AmendmentCase, Relief
from assessment.amendments.proposals import case_propose
from assessment.amendments.relief_proposals import relief_propose
from assessment.amendments.reliefs import ReliefDraft, relief_receive
from assessment.decisions.recall import recall_propose
from assessment.models import AssessmentRun, SourceDocument
from assessment.permissions import (
    AMEND,
    APPROVE_MATCH,
    DECIDE_PRIVILEGE,
    MATCH_SOURCES,
    PROPOSE_RECALL,
    RECORD_CHANGES,
    RECORD_WITHHOLDERS,
    RELEASE_ASSESSMENT,
)
from assessment.resident.moves.succession import SuccessionDraft, succession_propose
from assessment.withholders.models import PaymentPrivilege
from assessment.withholders.services import Application, privilege_apply, privilege_propose
from collection.deferments.models import Deferment
from collection.deferments.services import DefermentDraft, deferment_end_propose, deferment_propose
from collection.models import Charge, Overpayment, RefundDecision, RefundPayment
from collection.payouts.counter import counter_payout_propose
from collection.permissions import APPROVE_REFUND, DECIDE_DEFERMENT, KEEP_DEFERMENT, WORK_REFUND
from collection.selectors.refunds import usual_ground
from collection.services.levy import levy_post
from collection.services.receipts import counter_payment_post
from collection.services.refund_payments import Payee
from collection.services.refunds import refund_propose
from collection.withheld.services import number_change
from intermediary.models import RegisterRow
from intermediary.permissions import (
    APPROVE_TRANSFER,
    CHECK_TRANSFER,
    DECIDE_REGISTER,
    PROPOSE_REGISTER,
    REQUEST_TRANSFER,
)
from intermediary.services.register import row_propose
from intermediary.services.register_table import table_propose
from intermediary.services.transfers import Judgement, Wanted, transfer_check, transfer_submit
from taxsys.platform import clock
from taxsys.platform.approvals.deputies import deputy_propose
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import APPROVE_DEPUTY, DECIDE, NAME_DEPUTY, VIEW_QUEUE
from taxsys.platform.approvals.services import approval_decide, approval_propose, approval_withdraw
from taxsys.platform.audit.models import WatchedParty
from taxsys.platform.audit.permissions import DECIDE_WATCH, KEEP_WATCH
from taxsys.platform.audit.review.watching import watch_end_propose, watch_propose
from taxsys.platform.files.services import file_receive
from taxsys.platform.registers.kinds.vendors import clauses
from taxsys.platform.registers.models import RegisterRow as ListRow
from taxsys.platform.registers.permissions import CONTRACT
from taxsys.platform.registers.services import row_step
from taxsys.platform.retention import permissions as retention
from taxsys.platform.retention.models import ErasureList, StopOrder
from taxsys.platform.retention.services import list_make, list_propose
from taxsys.platform.retention.stops import lift_propose, stop_place
from taxsys.platform.rights import keys, people
from taxsys.platform.rights import permissions as rights
from taxsys.platform.rights.appointments import appointment_give, appointment_propose
from taxsys.platform.rights.terminals import TerminalWanted, terminal_propose
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.permissions import HOME, SELF
from taxsys.platform.staff.services import terminal_register
from tests.addressbook.people import TODAY, measure, person, protect
from tests.addressbook.test_number_entry import confirm, enter
from tests.assessment.amendments.scene import decide, resident_of_years, tax_return
from tests.assessment.desk.scene import wage_paper, withholder
from tests.collection.books import ordinary
from tests.intermediary.people import run_of
from tests.intermediary.register_rows import csv_table, line
from tests.intermediary.register_rows import opened as row_opened
from tests.platform.actors import FROM_ON, officer, sign_in
from tests.registers.scene import RIGHTS, all_yes, attached, opened
from tests.registers.test_rows import VENDOR

READERS = [HOME, VIEW_PARTY, VIEW_QUEUE, DECIDE]


@dataclass(frozen=True)
class Sample:
    """`make(proposer)` proposes it, `spoil(approval)` changes the matter; rights of the proposer and the approver."""

    make: Callable[[Staff], Approval]
    spoil: Callable[[Approval], Any]
    proposes: tuple[Any, ...]
    decides: tuple[Any, ...]
    prepare: Callable[[Approval, Staff], Any] = lambda _approval, _approver: None

    def proposer(self) -> Staff:
        """Who proposes it."""
        return officer("5001", permissions=[*READERS, *self.proposes])

    def approver(self, number: str = "5002") -> Staff:
        """Who decides it."""
        return officer(number, permissions=[*READERS, *self.decides])


def _number(proposer: Staff) -> Approval:
    enter(sign_in(Client(), proposer), person(1))
    return Approval.objects.get(kind="addressbook.number")


def _number_confirmed(approval: Approval, approver: Staff) -> None:
    entry = NumberEntry.objects.get(pk=approval.subject_key)
    confirm(sign_in(Client(), approver), entry.party)


def _number_file(proposer: Staff) -> Approval:
    """A file in which one number came; its sample was drawn by a third person."""
    content = "試験".encode()
    received = file_receive(
        name="番号.csv", content=content, format="kyuho_315/local2025", sender="eLTAX", channel="line"
    )
    NumberFile.objects.create(
        file=received, state="unapproved", sha256=received.sha256, drawn_by="5006", drawn_at=clock.now(), seed="0" * 32,
        sample=[[1, "agrees", str(person(1).pk)]], opened_at=clock.now(),
    )  # fmt: skip
    return file_propose(received.pk, staff=proposer)


def _erasure(proposer: Staff) -> Approval:
    """One contact note of long ago is due."""
    ContactNote.objects.create(
        party=person(1), contacted_on=date(2014, 5, 1), channel="counter", text="試験", staff_no="1", staff_name="試験",
        unit_name="試験", form_key=uuid4(), recorded_at=clock.now(),
    )  # fmt: skip
    made = list_make("addressbook.contact", run_key="sample")
    assert made is not None
    list_propose(made.pk, actor=proposer)
    return Approval.objects.get(kind="retention.erase_first")


def _erasure_again(proposer: Staff) -> Approval:
    """The first approval is given by who then stands as proposer of the second."""
    first = _erasure(officer("5009", permissions=[retention.PROPOSE]))
    approval_decide(first.pk, decision="approve", actor=proposer, seen_hash=first.content_hash)
    return Approval.objects.get(kind="retention.erase_second")


def _stop(proposer: Staff) -> Approval:
    stop = stop_place(party_id=person(1).pk, reason="dispute", reference="審第1号", actor=proposer)
    return lift_propose(stop.pk, why="裁決が確定", actor=proposer)


def _term(proposer: Staff) -> Approval:
    measure = protect(person(1), valid_to=date(2026, 12, 10))
    return protection_extend_propose(measure.pk, until=date(2027, 12, 10), actor=proposer)


def _measure(proposer: Staff) -> Approval:
    return measure_propose(measure(person(1)), actor=proposer)


def _deputy(proposer: Staff) -> Approval:
    officer("5008", permissions=[DECIDE])
    return deputy_propose(
        deputy_no="5008", from_on=TODAY, to_on=TODAY + timedelta(days=5), reason="出張", actor=proposer
    )


def _match(proposer: Staff) -> Approval:
    paper = wage_paper(None)
    content = {"document": paper.pk, "party": str(person(1).pk), "reason": "番号の誤記", "found": "number_mismatch"}
    return approval_propose(
        kind="assessment.match", subject_key=f"document:{paper.pk}", title_ja="番号の合わない資料の突合",
        content=content, actor=proposer,
    )  # fmt: skip


def _privilege(proposer: Staff) -> Approval:
    agent = withholder(901)
    application = Application(
        received_on=TODAY, channel="paper", employee_count=3, first_month=TODAY + timedelta(days=40)
    )
    privilege = privilege_apply(agent, application, actor=proposer)
    return privilege_propose(privilege, "approve", reason="", on=TODAY, actor=proposer)


def _succession(proposer: Staff) -> Approval:
    agent, successor = withholder(902), withholder(903)
    draft = SuccessionDraft(successor=successor, tax_year=2026, event_on=TODAY, last_place=4)
    return succession_propose(agent, draft, actor=proposer)


def _number_gone(_approval: Approval) -> None:
    number_change(f"{903:09d}", f"{904:09d}", change="unified", effective_on=TODAY, reason="二重登録", actor_id="1001")


def _recall(proposer: Staff) -> Approval:
    return recall_propose(run_of({}), actor=proposer, reason_ja="税率の設定誤り", new_due_dates={})


def _amendment(proposer: Staff) -> Approval:
    party = resident_of_years(1, (2026,))
    tax_return(party, 2026, business_income_yen=3_000_000)
    decide(2026)
    tax_return(party, 2026, arrived_on=TODAY, business_income_yen=4_000_000)
    draft = CaseDraft(party.pk, 2026, "inquiry", "帳簿の調査により事業所得を改める")
    case = case_open(draft, actor_id=proposer.staff_no)
    case_calculate(case.pk)
    return case_propose(case.pk, actor=proposer)


def _relief(proposer: Staff) -> Approval:
    party = resident_of_years(1, (2026,))
    tax_return(party, 2026, business_income_yen=3_000_000)
    decide(2026)
    draft = ReliefDraft(party.pk, 2026, "public_aid:all", TODAY, "生活保護決定通知書")
    relief = relief_receive(draft, actor_id=proposer.staff_no)
    return relief_propose(relief.pk, act="grant", reason_ja="", actor=proposer)


def _refund(proposer: Staff) -> Approval:
    """An instalment of 5,000 yen paid twice."""
    payer = person(1)
    levy_post(ordinary(payer.pk, "N000000001", [(5000, 0, 0)]), dedupe_key="run", occurred_on=TODAY, actor="job:test")
    charge = Charge.objects.get()
    for key in ("a", "b"):
        counter_payment_post(
            till_key=key, charge_key=charge.business_key, amount_yen=5000, paid_on=TODAY, actor="staff:1"
        )
    surplus = Overpayment.objects.get()
    decision = refund_propose(payer.pk, {surplus.pk: usual_ground(surplus)}, decided_on=TODAY, actor=proposer)
    return Approval.objects.get(pk=decision.approval_ref)


def _deferred(proposer: Staff) -> Deferment:
    """An instalment of 5,000 yen due on 1 June, deferred for a disaster."""
    payer = person(1)
    rows = ordinary(payer.pk, "N000000001", [(5000, 0, 0)], due_ons=(TODAY - timedelta(days=90),))
    levy_post(rows, dedupe_key="run", occurred_on=TODAY - timedelta(days=120), actor="job:test")
    wanted = DefermentDraft(
        payer.pk, "deferment_disaster", (Charge.objects.get().pk,), TODAY, "水害", "り災証明書",
        from_on=TODAY - timedelta(days=60),
    )  # fmt: skip
    return deferment_propose(wanted, actor=proposer)


def _deferment(proposer: Staff) -> Approval:
    return Approval.objects.get(subject_key=f"deferment:{_deferred(proposer).number}")


def _deferment_end(proposer: Staff) -> Approval:
    row = _deferred(proposer)
    approval_withdraw(Approval.objects.get(subject_key=f"deferment:{row.number}").pk, actor=proposer)
    Deferment.objects.update(state="granted", decided_on=TODAY)
    return deferment_end_propose(row, on=TODAY, reason="不履行", actor=proposer)


def _counter_payout(proposer: Staff) -> Approval:
    """The refund of an instalment paid twice, to be handed over at the counter."""
    decided = _refund(proposer)
    chief = officer("5006", permissions=["collection.approve_refund"])
    approval_decide(decided.pk, decision="approve", actor=chief, seen_hash=decided.content_hash)
    decision = RefundDecision.objects.get()
    payee = Payee(decision.party_id, claimed_on=TODAY)
    payment = counter_payout_propose(decision.pk, payee, amount_yen=decision.unpaid_yen, actor=proposer)
    return Approval.objects.get(pk=payment.counter.approval_ref)


def _watch(proposer: Staff) -> Approval:
    officer("5005")
    return watch_propose(kind="staff", person_no=person(1).person_no, staff_no="5005", from_on=TODAY, actor=proposer)


def _watch_twice(approval: Approval) -> None:
    after = approval.content["after"]
    WatchedParty.objects.create(
        kind=after["kind"], party_key=after["party_key"], staff_no="5005", from_on=TODAY, approval_id=approval.pk
    )


def _watch_end(proposer: Staff) -> Approval:
    begun = _watch(proposer)
    other = officer("5006", permissions=[DECIDE_WATCH])
    approval_decide(begun.pk, decision="approve", actor=other, seen_hash=begun.content_hash)
    return watch_end_propose(WatchedParty.objects.get().pk, to_on=TODAY, actor=proposer)


def _register(proposer: Staff) -> Approval:
    row = {
        "row_no": "T-1", "kind": "transfer", "recipient": "国民健康保険課", "client_system": "kokuho",
        "legal_base": "番号法9条2項", "ordinance": "個人番号利用条例3条1項", "affair": "国民健康保険料の賦課",
        "items": ["status"], "method": "api", "protected_rule": "held", "valid_from": "2026-04-01", "valid_to": "",
    }  # fmt: skip
    return row_propose(row, actor=proposer)


def _table(proposer: Staff) -> Approval:
    received = file_receive(
        name="登録簿.csv", content=csv_table(line({"登録番号": "T-1"})), format="register_table", sender="市民税課",
        channel="internal",
    )  # fmt: skip
    return table_propose(received, actor=proposer)


def _transfer(proposer: Staff) -> Approval:
    row_opened()
    asking = officer("8001", permissions=[REQUEST_TRANSFER], unit_name="介護保険課")
    wanted = Wanted(
        row_no="T-041", form="use", purpose_ja="保険料の段階", tax_year=2026, items=("status",), method="file",
        person_nos=(person(1).person_no,),
    )  # fmt: skip
    one = transfer_submit(wanted, actor=asking)
    return transfer_check(one.pk, Judgement("条例3条1項", ("status",), date(2027, 3, 31), True), actor=proposer)


def _contract(proposer: Staff) -> Approval:
    vendor = opened("vendor", proposer, **VENDOR)
    values = {"title": "納税通知書の印刷", "vendor": str(vendor.pk), "duties": "印刷", "from_on": "2026-04-01",
              "to_on": "2027-03-31", "is_personal": True, "has_numbers": False}  # fmt: skip
    row = opened("contract", proposer, clauses=all_yes(clauses), **values)
    attached(row, proposer, "contract")
    made = row_step(row.pk, "activate", {}, actor=proposer)
    assert isinstance(made, Approval)
    return made


def _row_appears(approval: Approval) -> None:
    RegisterRow.objects.create(row_no="T-1", kind="transfer", recipient="別の課", recorded_at=clock.now())


def _appointment(proposer: Staff) -> Approval:
    return appointment_propose(
        officer("5008"), duty="unit_head", scope="102", from_on=TODAY, to_on=None, deputises=None, actor=proposer
    )


def _left(number: str) -> Callable[[Approval], Any]:
    return lambda _approval: Staff.objects.filter(staff_no=number).update(valid_to=TODAY)


def _headed(proposer: Staff, **fields: Any) -> Staff:
    appointment_give(proposer, duty="unit_head", scope=proposer.unit.code, from_on=FROM_ON)
    return officer("5008", **fields)


def _key(proposer: Staff) -> Approval:
    return keys.key_propose(_headed(proposer), purpose="additional", actor=proposer)


def _reenable(proposer: Staff) -> Approval:
    return people.reenable_propose(_headed(proposer, is_active=False), actor=proposer)


def _terminal(proposer: Staff) -> Approval:
    wanted = TerminalWanted(
        code="T-NEW", name="窓口1", unit_code="102", address="10.0.0.9", rooms=["office"], is_number_use=False
    )
    return terminal_propose(wanted, actor=proposer)


SAMPLES: dict[str, Sample] = {
    "addressbook.number": Sample(
        _number,
        lambda approval: NumberEntry.objects.filter(pk=approval.subject_key).update(acquired_on=date(2026, 11, 1)),
        (REGISTER_NUMBER, APPROVE_NUMBER, VIEW_NUMBER_STATE),
        (APPROVE_NUMBER, VIEW_NUMBER_STATE),
        prepare=_number_confirmed,
    ),
    "addressbook.protection_term": Sample(
        _term,
        lambda _approval: Protection.objects.update(valid_to=date(2027, 1, 31)),
        (MANAGE_PROTECTION,),
        (MANAGE_PROTECTION,),
    ),
    "addressbook.number_file": Sample(
        _number_file,
        lambda approval: NumberFile.objects.filter(pk=approval.subject_key).update(sample=[]),
        (CHECK_NUMBER_FILE, APPROVE_NUMBER_FILE),
        (APPROVE_NUMBER_FILE,),
        prepare=lambda approval, approver: NumberFile.objects.filter(pk=approval.subject_key).update(
            checked_by=approver.staff_no
        ),
    ),
    "addressbook.protection_measure": Sample(
        _measure,
        lambda _approval: protect(Party.objects.get(), accepted_on=TODAY),
        (MANAGE_PROTECTION,),
        (MANAGE_PROTECTION,),
    ),
    "approvals.deputy": Sample(_deputy, _left("5008"), (NAME_DEPUTY, RELEASE_ASSESSMENT), (APPROVE_DEPUTY,)),
    "assessment.amendment": Sample(
        _amendment,
        lambda _approval: AmendmentCase.objects.update(state="closed"),
        (AMEND, RELEASE_ASSESSMENT),
        (RELEASE_ASSESSMENT,),
    ),
    "assessment.relief": Sample(
        _relief,
        lambda _approval: Relief.objects.update(state="withdrawn"),
        (AMEND, RELEASE_ASSESSMENT),
        (RELEASE_ASSESSMENT,),
    ),
    "assessment.match": Sample(
        _match,
        lambda _approval: SourceDocument.objects.update(state="forwarded"),
        (MATCH_SOURCES, APPROVE_MATCH),
        (APPROVE_MATCH,),
    ),
    "assessment.payment_privilege": Sample(
        _privilege,
        lambda _approval: PaymentPrivilege.objects.update(state="withdrawn"),
        (RECORD_WITHHOLDERS, DECIDE_PRIVILEGE),
        (DECIDE_PRIVILEGE,),
    ),
    "assessment.succession": Sample(_succession, _number_gone, (RECORD_CHANGES, DECIDE_PRIVILEGE), (DECIDE_PRIVILEGE,)),
    "assessment.run_recall": Sample(
        _recall,
        lambda _approval: AssessmentRun.objects.update(state="recalled"),
        (PROPOSE_RECALL, RELEASE_ASSESSMENT),
        (RELEASE_ASSESSMENT,),
    ),
    "audit.watch_begin": Sample(_watch, _watch_twice, (KEEP_WATCH, DECIDE_WATCH), (DECIDE_WATCH,)),
    "audit.watch_end": Sample(
        _watch_end, lambda _approval: WatchedParty.objects.update(to_on=TODAY), (KEEP_WATCH,), (DECIDE_WATCH,)
    ),
    "collection.deferment": Sample(
        _deferment,
        lambda _approval: Charge.objects.update(due_on=TODAY),
        (KEEP_DEFERMENT, DECIDE_DEFERMENT),
        (DECIDE_DEFERMENT,),
    ),
    "collection.deferment_end": Sample(
        _deferment_end,
        lambda _approval: Deferment.objects.update(state="ended", ended_on=TODAY),
        (KEEP_DEFERMENT, DECIDE_DEFERMENT),
        (DECIDE_DEFERMENT,),
    ),
    "collection.counter_payout": Sample(
        _counter_payout,
        lambda _approval: RefundPayment.objects.update(amount_yen=1),
        (WORK_REFUND, APPROVE_REFUND),
        (APPROVE_REFUND,),
    ),
    "collection.refund": Sample(
        _refund,
        lambda _approval: Overpayment.objects.update(remaining_yen=4000),
        (WORK_REFUND, APPROVE_REFUND),
        (APPROVE_REFUND,),
    ),
    "intermediary.register_row": Sample(_register, _row_appears, (PROPOSE_REGISTER,), (DECIDE_REGISTER,)),
    "intermediary.register_table": Sample(_table, _row_appears, (PROPOSE_REGISTER,), (DECIDE_REGISTER,)),
    "intermediary.transfer_request": Sample(
        _transfer,
        lambda _approval: RegisterRow.objects.filter(row_no="T-041").update(valid_to=TODAY),
        (CHECK_TRANSFER, REQUEST_TRANSFER),
        (APPROVE_TRANSFER,),
    ),
    "registers.contract": Sample(
        _contract,
        lambda approval: ListRow.objects.filter(pk=approval.subject_key).update(version=99),
        tuple(RIGHTS),
        (CONTRACT.approve, CONTRACT.view),
    ),
    "retention.erase_first": Sample(
        _erasure,
        lambda _approval: ErasureList.objects.update(state="open"),
        (retention.PROPOSE,),
        (retention.APPROVE_FIRST,),
    ),
    "retention.erase_second": Sample(
        _erasure_again,
        lambda _approval: ErasureList.objects.update(state="open"),
        (retention.APPROVE_FIRST,),
        (retention.APPROVE_SECOND,),
    ),
    "retention.lift_stop": Sample(
        _stop,
        lambda _approval: StopOrder.objects.update(lifted_on=TODAY, lift_approval_id=uuid4()),
        (retention.STOP,),
        (retention.LIFT_STOP,),
    ),
    "rights.appointment": Sample(
        _appointment, _left("5008"), (rights.APPOINT, rights.APPROVE_APPOINTMENT), (rights.APPROVE_APPOINTMENT,)
    ),
    "staff.key": Sample(
        _key,
        lambda _approval: Staff.objects.filter(staff_no="5008").update(is_active=False),
        (rights.PEOPLE, SELF),
        (rights.APPROVE_KEY,),
    ),
    "staff.reenable": Sample(
        _reenable,
        lambda _approval: Staff.objects.filter(staff_no="5008").update(is_active=True),
        (rights.PEOPLE, SELF),
        (rights.APPROVE_REENABLE,),
    ),
    "staff.terminal": Sample(
        _terminal,
        lambda _approval: terminal_register(code="T-NEW", name="別", unit_name="市民税課", address="10.0.0.8"),
        (rights.TERMINALS, SELF),
        (rights.APPROVE_TERMINAL,),
    ),
}
