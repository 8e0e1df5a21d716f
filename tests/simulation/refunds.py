"""The model of refund and offset: 地方税法17条・17条の2・17条の4, 施行令6条の14. Plain Python beside `model`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date

from tests.simulation.interest import ONE, month_passes, refund_interest
from tests.simulation.model import FEE, INTEREST, PRINCIPAL, Books, Claim, Over


@dataclass
class Offset:
    claim: str
    component: str
    on: date
    yen: int


@dataclass
class Line:
    """One overpayment disposed of."""

    over: Over
    offsets: list[Offset]
    refund: int
    interest: int


@dataclass
class Payout:
    """One instruction to the bank."""

    no: str
    payee: str
    yen: int
    state: str = "reserved"


@dataclass
class Refund:
    """還付充当の案・決定."""

    no: str
    party: str
    decided_on: date
    lines: list[Line]
    state: str = "proposed"
    payouts: list[Payout] = field(default_factory=list)

    @property
    def to_pay(self) -> int:
        return sum(line.refund + line.interest for line in self.lines)

    @property
    def unpaid(self) -> int:
        return self.to_pay - sum(one.yen for one in self.payouts if one.state in ("reserved", "sent", "paid"))


def is_reported(books: Books, claim: Claim) -> bool:
    """A payment of one of its slips is reported and not confirmed: it may have been met already."""
    slips = {no for no, slip in books.slips.items() if any(line[0] == claim.key for line in slip.lines)}
    return any(one.state == "preliminary" and books.reported.get(one.key) in slips for one in books.receipts.values())


def plan(books: Books, party: str, overs: Sequence[Over], on: date) -> list[Line]:
    """What is due is met first, oldest overpayment and oldest due date first; the rest goes back with interest.

    Overpayments of one day are taken in the order in which they are given.
    """
    claims = [
        one
        for one in sorted(books.claims.values(), key=lambda one: (one.due, one.order))
        if one.party == party and one.due <= on and not one.is_pension and not is_reported(books, one)
    ]
    left = {one.key: dict(one.open) for one in claims}
    raised = {one.key: one.raised[INTEREST] for one in claims}
    met: dict[str, list[tuple[date, int]]] = {one.key: [] for one in claims}

    def arises(over: Over) -> date:
        return over.arose_on if over.cause == "levy_reduced" else over.paid_on

    lines = []
    for over in sorted(overs, key=arises):
        yen, offsets = over.remaining, []
        for claim in claims:
            owed, when = left[claim.key], max(arises(over), claim.due)
            for component in (PRINCIPAL, FEE, INTEREST):
                part = min(yen, owed[component])
                if part:
                    owed[component] -= part
                    yen -= part
                    # Late interest is settled when the tax has been paid in full, not before.
                    day = max(when, claim.full_on(met[claim.key])) if component == INTEREST else when
                    offsets.append(Offset(claim.key, component, day, part))
                    if component == PRINCIPAL:
                        met[claim.key].append((when, part))
                if component == PRINCIPAL and owed[PRINCIPAL] == 0:
                    borne = claim.interest(on, met[claim.key])
                    owed[INTEREST] += max(0, borne - raised[claim.key])
                    raised[claim.key] = max(raised[claim.key], borne)
        due = books.claims[over.claim].due
        first = (max(over.paid_on, due) if over.cause == "levy_reduced" else month_passes(over.paid_on)) + ONE
        leavings = [(offset.on, offset.yen) for offset in offsets] + ([(on, yen)] if yen else [])
        lines.append(Line(over, offsets, yen, refund_interest(first, leavings)))
    return lines


def decide(books: Books, refund: Refund) -> None:
    """決定: what was offset lies on its claims, the rest is owed to the party."""
    for line in refund.lines:
        over = line.over
        for offset in line.offsets:
            claim = books.claims[offset.claim]
            if offset.component == INTEREST and offset.yen > claim.open[INTEREST]:
                claim.raise_to(INTEREST, claim.raised[INTEREST] + offset.yen - claim.open[INTEREST])
            claim.open[offset.component] -= offset.yen
            assert claim.open[offset.component] >= 0, offset
            claim.moves.append((over.receipt, offset.component, offset.on, offset.yen))
            if over.cause == "levy_reduced":
                books.claims[over.claim].moves.append((over.receipt, PRINCIPAL, over.paid_on, -offset.yen))
            over.yen -= offset.yen
            over.remaining -= offset.yen
        over.remaining -= line.refund
    books.payable[refund.party] += refund.to_pay
    books.interest_cost[fiscal_year(refund.decided_on)] += sum(line.interest for line in refund.lines)
    books.settle({offset.claim for line in refund.lines for offset in line.offsets})
    refund.state = "decided"


def pay(books: Books, refund: Refund, payout: Payout, on: date) -> None:
    """支払."""
    payout.state = "paid"
    books.payable[refund.party] -= payout.yen
    books.paid_out[on] += payout.yen


def fiscal_year(on: date) -> int:
    """年度, from April."""
    return on.year if on.month >= 4 else on.year - 1
