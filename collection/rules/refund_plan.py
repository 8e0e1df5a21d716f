"""充当と還付の分け方 (what becomes of overpayments): 地方税法17条・17条の2・17条の4, 施行令6条の14.

Where an unpaid claim is due, offsetting comes before refunding and is no choice. Oldest overpayment first, oldest due
date first, and inside a claim the tax before fees and interest (14条の5). Pure; yen and days only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import date

from collection.rules.interest_rates import InterestRounding, RateTable
from collection.rules.late_interest import Payment
from collection.rules.refund_interest import Leaving, RefundInterest, refund_interest

PRINCIPAL, LATE_INTEREST = "principal", "late_interest"
# What late interest a claim has borne by a day if the given payments are made besides those on the books: yen, and the
# last day that bore any (the day on which the tax was paid in full); None where no day bears interest.
Accrued = Callable[[Sequence[Payment], date], tuple[int, date | None]]


@dataclass(frozen=True, slots=True)
class Surplus:
    """過誤納金 to be disposed of: `arises_on` bounds the 充当適状日, `first_day` is the first that bears interest."""

    key: int
    yen: int
    arises_on: date
    first_day: date


@dataclass(frozen=True, slots=True)
class Claim:
    """未納の期別: open yen by component in the order of allocation, and what interest it has borne by a day."""

    key: int
    due_on: date
    open_yen: Sequence[tuple[str, int]]
    levied_interest_yen: int
    accrued: Accrued


@dataclass(frozen=True, slots=True)
class Offset:
    """充当: yen of one overpayment to one component of a claim, with the 充当適状日."""

    surplus: int
    claim: int
    component: str
    settled_on: date
    yen: int


@dataclass(frozen=True, slots=True)
class PlannedLine:
    """One overpayment disposed of: its offsets, the yen refunded, and its 還付加算金."""

    surplus: Surplus
    offsets: tuple[Offset, ...]
    refund_yen: int
    interest: RefundInterest


@dataclass(slots=True)
class _OpenClaim:
    claim: Claim
    left: dict[str, int]
    decided_on: date
    payments: list[Payment] = field(default_factory=list)
    raised_yen: int = 0
    full_on: date | None = None

    def take(self, surplus: int, yen: int, on: date) -> list[Offset]:
        """Use up to `yen` of an overpayment; interest not levied yet is met once the tax is paid in full.

        What late interest comes to is settled on the day of full payment (20条の4の2第5項 cuts it once): it and the
        overpayment can meet from that day, and all of it is due by the decision, whichever payment came last.
        """
        out: list[Offset] = []
        for component in self.left:
            part = min(yen, self.left[component])
            if part:
                self.left[component] -= part
                yen -= part
                settled_on = max(on, self.full_on or on) if component == LATE_INTEREST else on
                out.append(Offset(surplus, self.claim.key, component, settled_on, part))
            if component == PRINCIPAL:
                if part:
                    self.payments.append(Payment(on, part))
                if self.left[PRINCIPAL] == 0:
                    self._raise_interest()
        return out

    def _raise_interest(self) -> None:
        accrued, self.full_on = self.claim.accrued(self.payments, self.decided_on)
        more = max(0, accrued - self.claim.levied_interest_yen - self.raised_yen)
        self.raised_yen += more
        self.left[LATE_INTEREST] += more


def plan_refund(
    surpluses: Sequence[Surplus],
    claims: Sequence[Claim],
    *,
    decided_on: date,
    rates: RateTable,
    rounding: InterestRounding,
) -> list[PlannedLine]:
    """Offsets, refunds and interest of overpayments decided on a day. Raises RateMissingError.

    A claim that becomes due after `decided_on` is left alone: 17条の2 speaks of what is due.
    """
    order = [
        _OpenClaim(claim, {PRINCIPAL: 0, **dict(claim.open_yen)} | _with_interest(claim), decided_on)
        for claim in sorted(claims, key=lambda one: (one.due_on, one.key))
        if claim.due_on <= decided_on
    ]
    lines = []
    for surplus in sorted(surpluses, key=lambda one: (one.arises_on, one.key)):
        left, offsets = surplus.yen, []
        for one in order:
            found = one.take(surplus.key, left, max(surplus.arises_on, one.claim.due_on))
            left -= sum(offset.yen for offset in found)
            offsets += found
        leavings = [Leaving(offset.settled_on, offset.yen) for offset in offsets]
        if left:
            leavings.append(Leaving(decided_on, left))
        interest = refund_interest(leavings=leavings, first_day=surplus.first_day, rates=rates, rounding=rounding)
        lines.append(PlannedLine(surplus, tuple(offsets), left, interest))
    return lines


def _with_interest(claim: Claim) -> dict[str, int]:
    """Late interest has a place of its own even where none is levied yet."""
    return {} if LATE_INTEREST in dict(claim.open_yen) else {LATE_INTEREST: 0}
