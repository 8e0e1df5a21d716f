"""還付・充当: a few of the year's overpayments go through proposal, decision, notice and the bank; the others wait."""

from datetime import date
from uuid import UUID

from django.db.models import Sum

from collection.models import DebitMandate, Overpayment, RefundDecision, RefundFile, RefundPayment
from collection.selectors.refunds import usual_ground, waiting
from collection.services.refund_payments import BankAccount, Payee, payment_reserve, refund_file_answer
from collection.services.refunds import refund_propose
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.printing.models import Batch, PrintPackage
from taxsys.platform.printing.services import package_hand_over, package_mail
from taxsys.web.demo.steps.notices import CONTRACTOR
from taxsys.web.demo.walk import TAX_YEAR, Demo

STAGE = "還付・充当"
DECIDED_ON, TRANSFER_ON = date(TAX_YEAR, 10, 20), date(TAX_YEAR, 10, 30)
PARTIES, WITH_ACCOUNT = 6, 4


def refunds(demo: Demo) -> None:
    """October: decided by two, posted, printed, paid; the last two have sent no account yet."""
    with demo.timed(STAGE):
        decisions = [_decided(demo, party_id) for party_id in _parties()]
        _notices(demo)
        payable = [one for one in decisions if one.to_pay_yen]
        with demo.desk(DECIDED_ON, who=demo.cashier, function_id="F-RF-006"):
            for number, one in enumerate(payable[:WITH_ACCOUNT]):
                account = _account(one, number)
                payee = Payee(one.party_id, claimed_on=DECIDED_ON)
                payment_reserve(one.pk, payee, account, amount_yen=one.to_pay_yen, actor=demo.cashier)
        run = demo.job("B-CL-15", {"transfer_on": TRANSFER_ON.isoformat()}, DECIDED_ON, who=demo.cashier)
        demo.release(run, who=demo.cashier_chief)
        with demo.desk(TRANSFER_ON, who=demo.cashier, function_id="F-RF-008"):
            for file in RefundFile.objects.filter(transfer_on=TRANSFER_ON, state="sent"):
                refund_file_answer(file.pk, {}, actor=demo.cashier)
    demo.handled(STAGE, len(decisions))


def _parties() -> list[UUID]:
    found = Overpayment.objects.filter(arose_on__lt=DECIDED_ON, paid_on__lt=DECIDED_ON, remaining_yen__gt=0)
    rows = found.order_by("arose_on", "party__person_no", "pk").values_list("party_id", flat=True)
    return list(dict.fromkeys(rows))[:PARTIES]


def _decided(demo: Demo, party_id: UUID) -> RefundDecision:
    with demo.desk(DECIDED_ON, who=demo.cashier, function_id="F-RF-002"):
        grounds = {
            one.pk: usual_ground(one) for one in waiting(party_id) if max(one.arose_on, one.paid_on) < DECIDED_ON
        }
        decision = refund_propose(party_id, grounds, decided_on=DECIDED_ON, actor=demo.cashier)
    with demo.desk(DECIDED_ON, who=demo.cashier_chief, function_id="F-RF-002"):
        approval = Approval.objects.get(pk=decision.approval_ref)
        approval_decide(approval.pk, decision="approve", actor=demo.cashier_chief, seen_hash=approval.content_hash)
    decision.refresh_from_db()
    return decision


def _account(decision: RefundDecision, number: int) -> BankAccount:
    """The account of the direct debit, else the one on the claim form that came back."""
    mandate = DebitMandate.objects.in_force(DECIDED_ON).filter(party_id=decision.party_id).first()
    if mandate is not None:
        return BankAccount(
            "mandate", mandate.bank_code, mandate.branch_code, mandate.account_type, mandate.account_number,
            mandate.holder_kana,
        )  # fmt: skip
    return BankAccount("claim", "0999", "001", "1", f"{7_000_001 + number}", "ｺﾞｳｾｲ ﾒｲｷﾞ")


def _notices(demo: Demo) -> None:
    run = demo.job("B-CL-15-N", {"decided_on": DECIDED_ON.isoformat()}, DECIDED_ON, who=demo.cashier)
    demo.release(run, who=demo.cashier_chief)
    package = PrintPackage.objects.filter(job_run_id=run.pk).first()
    if package is None:
        return
    with demo.desk(DECIDED_ON, who=demo.cashier, function_id="B-CL-15-N"):
        bulk = package.items.filter(batch=Batch.BULK, pulled_by="").count()
        package_hand_over(package.pk, to=CONTRACTOR, bulk_pieces=bulk)
        package_mail(package.pk, posted_on=DECIDED_ON, mailed_pieces=package.pieces - package.pulled_pieces)


def rows() -> list[tuple[str, str]]:
    """Decisions with their yen, what has been paid, what waits."""
    sums = RefundDecision.objects.filter(state="decided").aggregate(
        offset=Sum("offset_yen"), refund=Sum("refund_yen"), interest=Sum("interest_yen")
    )
    paid = RefundPayment.objects.filter(state="paid").aggregate(yen=Sum("amount_yen"))["yen"] or 0
    count = RefundDecision.objects.filter(state="decided").count()
    told = f"充当{sums['offset'] or 0:,}円 還付{sums['refund'] or 0:,}円 加算金{sums['interest'] or 0:,}円"
    return [("還付・充当", f"{count}件 {told}（支払済{paid:,}円、案のないもの{len(waiting())}件）")]
