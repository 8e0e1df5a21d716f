"""Work at the desk: suspense, wrong matchings, money that never came, refunds and offsets, heirs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta
from random import Random

from collection.models import Overpayment, Receipt, RefundDecision, RefundFile, RefundPayment, Suspense
from collection.selectors.refunds import usual_ground
from collection.services.refund_payments import (
    BankAccount,
    Payee,
    payment_reserve,
    payment_void,
    refund_file_answer,
)
from collection.services.refunds import refund_propose
from collection.services.reversals import matching_reverse, receipt_reverse, suspense_resolve
from taxsys.platform.approvals.errors import ProposalVoid
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_decide
from taxsys.platform.jobs.services import job_release
from tests.simulation.model import Held, Over, Refused
from tests.simulation.refunds import Payout, Refund, decide, pay, plan
from tests.simulation.world import World

BANK = BankAccount("claim", "0001", "123", "1", "1234567", "ﾓｷﾞ ﾀﾛｳ")


def receipt_pk(key: tuple[str, str]) -> int:
    """The product's row of a receipt."""
    return int(Receipt.objects.values_list("pk", flat=True).get(channel=key[0], external_key=key[1]))


# --- suspense and reversals -------------------------------------------------------------------------------------------


def resolve(world: World, rng: Random) -> bool:
    """仮受 is put to a claim, whole or in part."""
    waiting = [one for one in world.books.helds if one.remaining and one.receipt_paid_by(world.books, world.today)]
    claims = [one for one in world.books.claims.values() if not one.is_pension]
    if not waiting or not claims:
        return False
    held = rng.choice(waiting)
    owing = [one for one in claims if sum(one.open.values())]
    claim = rng.choice(owing) if owing and rng.random() < 0.85 else rng.choice(claims)
    yen = held.remaining if rng.random() < 0.7 else rng.randint(1, held.remaining)
    row = suspense_row(held)
    world.both(
        lambda: suspense_resolve(
            row.pk, charge_id=world.charges[claim.key], yen=yen, occurred_on=world.today, actor="staff:5001"
        ),
        lambda: world.books.resolve(held, claim.key, yen, world.today), rng,
    )  # fmt: skip
    return True


def suspense_row(held: Held) -> Suspense:
    """The product's row of a suspense."""
    found = Suspense.objects.filter(
        receipt_id=receipt_pk(held.receipt), yen=held.yen, remaining_yen=held.remaining, reason=held.reason
    )
    return found.order_by("pk")[0]


def unmatch(world: World, rng: Random) -> bool:
    """消込取消."""
    posted = [one for one in world.books.receipts.values() if one.is_posted]
    if not posted:
        return False
    receipt = rng.choice(posted)
    world.both(
        lambda: matching_reverse(
            receipt_pk(receipt.key), occurred_on=world.today, actor="staff:5001", reason_ja="模擬"
        ),
        lambda: world.books.unmatch(receipt.key, world.today), rng,
    )  # fmt: skip
    return True


def reverse(world: World, rng: Random) -> bool:
    """収納取消."""
    posted = [one for one in world.books.receipts.values() if one.is_posted]
    if not posted:
        return False
    receipt = rng.choice(posted)
    world.both(
        lambda: receipt_reverse(
            receipt_pk(receipt.key), occurred_on=world.today, actor="staff:5001", reason_ja="模擬"
        ),
        lambda: world.books.reverse(receipt.key), rng,
    )  # fmt: skip
    return True


# --- refunds ----------------------------------------------------------------------------------------------------------


def die(world: World, rng: Random) -> bool:
    """A resident dies; what the city owes is paid to the heirs."""
    living = [name for name in world.parties if name[0] == "R" and name not in world.dead]
    if len(living) < 4:
        return False
    world.dead.add(rng.choice(living))
    return True


def propose(world: World, rng: Random) -> bool:
    """還付充当の案 over some or all free overpayments of a party, due or not."""
    free = [one for one in world.books.overs if one.remaining and not one.held]
    if not free:
        return False
    party = rng.choice(sorted({one.party for one in free}))
    mine = [one for one in free if one.party == party]
    chosen = mine if rng.random() < 0.7 else rng.sample(mine, rng.randint(1, len(mine)))
    rows = overpayment_rows(world, party, chosen)
    ordered = [over for over, _row in sorted(rows, key=lambda pair: pair[1].pk)]
    grounds = {row.pk: usual_ground(row) for _over, row in rows}

    def model() -> list:
        if any(max(one.arose_on, one.paid_on) > world.today for one in ordered):
            raise Refused("支出決定日が過誤納の発生日より前")
        return plan(world.books, party, ordered, world.today)

    made = world.both(
        lambda: refund_propose(world.parties[party], grounds, decided_on=world.today, actor=world.clerk), model, rng
    )
    if made is None:
        return True
    refund = Refund(made.refund_no, party, world.today, model())
    for over in ordered:
        over.held = refund.no
    world.refunds.append(refund)
    _same_plan(refund, made)
    return True


def overpayment_rows(world: World, party: str, overs: Iterable[Over]) -> list[tuple[Over, Overpayment]]:
    """Each overpayment of the model with a row of the product that says the same."""
    rows = list(
        Overpayment.objects.filter(party_id=world.parties[party], remaining_yen__gt=0, held_by__isnull=True)
        .select_related("charge", "receipt").order_by("pk")
    )  # fmt: skip
    out = []
    for over in overs:
        row = next(
            one
            for one in rows
            if (one.charge.business_key, one.receipt.channel, one.receipt.external_key, one.cause, one.paid_on)
            == (over.claim, *over.receipt, over.cause, over.paid_on)
            and (one.arose_on, one.yen, one.remaining_yen) == (over.arose_on, over.yen, over.remaining)
        )  # fmt: skip
        rows.remove(row)
        out.append((over, row))
    return out


def _same_plan(refund: Refund, made: RefundDecision) -> None:
    given = [
        (
            line.yen, line.refund_yen, line.interest_yen,
            [(o.charge.business_key, o.component, o.settled_on, o.yen)
             for o in line.offsets.select_related("charge").order_by("pk")],
        )
        for line in made.lines.order_by("pk")
    ]  # fmt: skip
    wanted = [
        (
            line.refund + sum(o.yen for o in line.offsets), line.refund, line.interest,
            [(o.claim, o.component, o.on, o.yen) for o in line.offsets],
        )
        for line in refund.lines
    ]  # fmt: skip
    if given != wanted:
        raise AssertionError(f"{refund.no}: the product plans {given}, the law says {wanted}")


def approve(world: World, rng: Random) -> bool:
    """決裁 by a second person: approved as seen, or sent back; void where the books have moved meanwhile."""
    open_ones = [one for one in world.refunds if one.state == "proposed"]
    if not open_ones:
        return False
    refund = rng.choice(open_ones)
    approval = Approval.objects.get(pk=RefundDecision.objects.get(refund_no=refund.no).approval_ref)
    how = "approve" if rng.random() < 0.85 else "send_back"

    def act() -> str:
        try:
            approval_decide(
                approval.pk, decision=how, actor=world.chief, reason="模擬", seen_hash=approval.content_hash
            )
        except ProposalVoid:
            return "void"
        return how

    answer = world.surviving(act, rng)
    overs = [line.over for line in refund.lines]
    if answer == "approve":
        now = plan(world.books, refund.party, overs, refund.decided_on)
        if not _says_the_same(refund.lines, now):
            raise AssertionError(f"{refund.no} is decided although the books have moved: {refund.lines} {now}")
        decide(world.books, refund)
        return True
    if answer == "void" and _says_the_same(refund.lines, plan(world.books, refund.party, overs, refund.decided_on)):
        raise AssertionError(f"{refund.no} is void although nothing has moved")
    refund.state = "discarded"
    for over in overs:
        over.held = ""
    return True


def _says_the_same(one: Sequence, other: Sequence) -> bool:
    def said(lines: Sequence) -> list:
        return [(line.refund, line.interest, [(o.claim, o.component, o.on, o.yen) for o in line.offsets])
                for line in lines]  # fmt: skip

    return said(one) == said(other)


def reserve(world: World, rng: Random) -> bool:
    """支払の準備: to the party, or to its heirs by shares; sometimes more than is owed, or taken back again."""
    decided = [one for one in world.refunds if one.state == "decided" and one.to_pay]
    if not decided:
        return False
    refund = rng.choice(decided)
    row = RefundDecision.objects.get(refund_no=refund.no)
    live = [one for one in refund.payouts if one.state == "reserved"]
    free = [one for one in live if RefundPayment.objects.get(instruction_no=one.no).file_id is None]
    if free and rng.random() < 0.3:
        payout = rng.choice(free)
        pk = RefundPayment.objects.get(instruction_no=payout.no).pk
        world.both(lambda: payment_void(pk, actor=world.clerk), lambda: None, rng)
        payout.state = "voided"
        return True
    heirs = sorted(name for name in world.parties if name[0] == "R" and name not in world.dead)[:2]
    payees = heirs if refund.party in world.dead else [refund.party]
    payee = rng.choice(payees)
    part = refund.unpaid if len(payees) == 1 else (refund.unpaid + 1) // 2
    yen = part if rng.random() < 0.9 else refund.unpaid + 1
    kind = "heir" if refund.party in world.dead else "self"

    def model() -> None:
        if not 0 < yen <= refund.unpaid:
            raise Refused("支払える額")
        if kind == "heir" and payee == refund.party:
            raise Refused("本人")
        if any(one.payee == payee and one.state in ("reserved", "sent", "paid") for one in refund.payouts):
            raise Refused("支払は準備済み")

    made = world.both(
        lambda: payment_reserve(
            row.pk, Payee(world.parties[payee], kind, "戸籍謄本" if kind == "heir" else ""), BANK, amount_yen=yen,
            actor=world.clerk,
        ),
        model, rng,
    )  # fmt: skip
    if made is not None:
        refund.payouts.append(Payout(made.instruction_no, payee, yen))
    return True


def refund_file(world: World, rng: Random) -> bool:
    """The transfer file goes out through its job and a second person; the bank's answer is entered some days later."""
    waiting = [p for one in world.refunds for p in one.payouts if p.state == "reserved"]
    if not waiting:
        return False
    on = world.today + timedelta(days=7)
    run = world.job("B-CL-15", {"transfer_on": on.isoformat()}, rng)
    with world.desk():
        job_release(run.pk, world.chief, inline=True)
    for payout in waiting:
        payout.state = "sent"
    world.counts["transfers"] = world.counts.get("transfers", 0) + 1
    return True


def refund_answer(world: World, rng: Random) -> bool:
    """支払結果: all paid, or some failed."""
    files = list(RefundFile.objects.filter(state="sent", transfer_on__lte=world.today).order_by("pk"))
    if not files:
        return False
    file = rng.choice(files)
    payments = list(file.payments.select_related("decision").order_by("instruction_no"))
    failed = {one.pk: "口座なし" for one in payments if rng.random() < 0.15}
    by_no = {payout.no: (refund, payout) for refund in world.refunds for payout in refund.payouts}

    def model() -> None:
        for one in payments:
            refund, payout = by_no[one.instruction_no]
            if one.pk in failed:
                payout.state = "failed"
            else:
                pay(world.books, refund, payout, file.transfer_on)

    world.both(lambda: refund_file_answer(file.pk, failed, actor=world.clerk), model, rng)
    return True
