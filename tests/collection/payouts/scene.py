"""A decided refund of 50,000 yen, and the two officers who pay it."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date

from addressbook.models import Party
from collection.models import Charge, RefundDecision, RefundPayment
from collection.selectors.refunds import usual_ground, waiting
from collection.services.levy import levy_post
from collection.services.receipts import counter_payment_post
from collection.services.refunds import refund_propose
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.audit.context import AccessContext, using
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import job_release, job_request, job_run_inline
from taxsys.platform.staff.models import Staff
from tests.addressbook.people import person
from tests.collection.books import ordinary
from tests.platform.actors import officer

DAY = date(2026, 11, 20)
CLERK_RIGHTS = (
    "collection.work_refund", "intermediary.inquire_account", "approvals.view_queue", "collection.take_payment",
)  # fmt: skip
CHIEF_RIGHTS = (
    *CLERK_RIGHTS, "collection.approve_refund", "collection.release_refund", "intermediary.release_account_inquiry",
    "approvals.decide",
)  # fmt: skip


@contextmanager
def at_refund_desk(day: date = DAY) -> Iterator[None]:
    """Act as the refund desk on a day."""
    context = AccessContext(
        actor_kind="staff", actor_id="2001", function_id="F-RF-006", legal_base="地方税法17条", purpose="還付",
        request_id="test",
    )  # fmt: skip
    with clock.at(day), using(context):
        yield


def clerk() -> Staff:
    """Who prepares."""
    return officer("2001", permissions=list(CLERK_RIGHTS), unit_name="納税管理課")


def chief() -> Staff:
    """Who lets go."""
    return officer("2002", permissions=list(CHIEF_RIGHTS), unit_name="納税管理課")


def overpaid(no: int, *, owing: int = 0, **fields: object) -> Party:
    """`person(no)` with 50,000 yen of an instalment paid twice on 20 June, and another instalment not paid."""
    payer: Party = person(no, **fields)
    notice = f"{no:010d}"
    parts = [(50_000, 0, 0)] + ([(owing, 0, 0)] if owing else [])
    levy_post(ordinary(payer.pk, notice, parts), dedupe_key=f"run-{no}", occurred_on=date(2026, 5, 10),
              actor="job:test")  # fmt: skip
    charge = Charge.objects.get(notice_no=notice, instalment_no=1)
    for key in ("a", "b"):
        counter_payment_post(
            till_key=f"{no}{key}", charge_key=charge.business_key, amount_yen=50_000, paid_on=date(2026, 6, 20),
            actor="staff:1",
        )  # fmt: skip
    return payer


def refund_of(no: int, proposer: Staff, decider: Staff, **fields: object) -> RefundDecision:
    """The refund of an `overpaid` person, decided on the day of the clock: 50,000 yen to pay back."""
    payer = overpaid(no, **fields)
    grounds = {one.pk: usual_ground(one) for one in waiting(payer.pk)}
    decision = refund_propose(payer.pk, grounds, decided_on=clock.today(), actor=proposer)
    approval = Approval.objects.get(pk=decision.approval_ref)
    approval_decide(approval.pk, decision="approve", actor=decider, seen_hash=approval.content_hash)
    decision.refresh_from_db()
    assert (decision.state, decision.to_pay_yen) == ("decided", 50_000)
    return decision


def run(job_id: str, params: dict[str, object], actor: Staff) -> JobRun:
    """Ask for a run and work on it here."""
    asked = job_request(job_id, params, actor=actor, business_on=clock.today())
    return job_run_inline(asked.pk, actor=actor, raise_errors=True)


def release(made: JobRun, actor: Staff) -> None:
    """A second person lets it go."""
    job_release(made.pk, actor, inline=True)


def payment_of(decision: RefundDecision) -> RefundPayment:
    """Its newest payment."""
    return RefundPayment.objects.filter(decision=decision).order_by("instruction_no").last()  # type: ignore[return-value]
