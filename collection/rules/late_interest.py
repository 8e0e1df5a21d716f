"""延滞金 (late interest): 地方税法326条・369条ほか, 327条, 15条の9, 20条の9の5, 附則3条の2, 20条の4の2."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Literal

from collection.rules.day_counting import last_day_of_months
from collection.rules.interest_rates import InterestRounding, RateRow, RateTable, SegmentRounding
from collection.rules.segments import ZERO_RATE, DayRule, Segment, cut_segments, priced, raw_total


@dataclass(frozen=True, slots=True)
class Payment:
    """Payment of principal: the legal payment date and yen."""

    paid_on: date
    yen: int


@dataclass(frozen=True, slots=True)
class Relief:
    """減免・猶予の期間 (both ends counted): `zero` = exempt, `half` = charged at the deferment rate only (15条の9)."""

    from_on: date
    until_on: date
    effect: Literal["zero", "half"]


@dataclass(frozen=True, slots=True)
class Excluded:
    """Days left out of the count altogether (326条2項・3項の期間), both ends counted."""

    from_on: date
    until_on: date


@dataclass(frozen=True, slots=True)
class InterestClaim:
    """What late interest is asked for.

    `due_on`: 納期限 after rollover or disaster extension. `extended_due_on`: 延納・申告期限の延長 (327条), charged at
    the deferment rate up to it. `low_rate_until`: last low-rate day of a tax paid by return, where later.
    """

    principal_yen: int
    due_on: date
    payments: Sequence[Payment] = ()
    reliefs: Sequence[Relief] = ()
    excluded: Sequence[Excluded] = ()
    extended_due_on: date | None = None
    low_rate_until: date | None = None


@dataclass(frozen=True, slots=True)
class InterestLaw:
    """Rates and rounding in force."""

    low: RateTable
    high: RateTable
    deferment: RateTable
    rounding: InterestRounding


@dataclass(frozen=True, slots=True)
class InterestResult:
    """延滞金 with its segments; `balance_yen` is the principal still open on the last day counted."""

    segments: list[Segment] = field(default_factory=list)
    raw_yen: int = 0
    interest_yen: int = 0
    balance_yen: int = 0

    @property
    def is_final(self) -> bool:
        """Whether the principal is paid in full, so that the figure is 確定延滞金."""
        return self.balance_yen == 0


def late_interest(
    claim: InterestClaim, law: InterestLaw, *, as_of: date | None = None, policy: SegmentRounding | None = None
) -> InterestResult:
    """Late interest in yen from the day after the due date to full payment, or to `as_of` while something is open.

    Without `as_of` the last payment ends the count. A payment day still bears interest on the old balance. The total
    is cut once over the whole claim. Raises RateMissingError where a needed rate is not announced (never guessed).
    """
    policy = policy or law.rounding.segment_rounding
    payments = sorted(claim.payments, key=lambda p: p.paid_on)
    if as_of is not None:
        payments = [p for p in payments if p.paid_on <= as_of]
    last_day, balance = _last_day(claim.principal_yen, payments, as_of)
    if last_day is None:
        return InterestResult(balance_yen=balance)
    first_day = claim.due_on + timedelta(days=1)
    segments = cut_segments(
        first_day=first_day,
        last_day=last_day,
        marks=_marks(claim, payments),
        rule=DayRule(rate=lambda day: _rate(claim, law, day), base=lambda day: _base(claim, law, payments, day)),
        split_years=policy == "per_year_segment",
    )
    segments = priced(segments, law.rounding)
    raw = raw_total(segments, law.rounding, policy)
    return InterestResult(segments, raw, law.rounding.result(raw), balance)


def _last_day(principal: int, payments: Sequence[Payment], as_of: date | None) -> tuple[date | None, int]:
    balance = principal
    for payment in payments:
        balance = max(0, balance - payment.yen)
        if balance == 0:
            return payment.paid_on, 0
    if as_of is not None:
        return as_of, balance
    return (payments[-1].paid_on if payments else None), balance


def _low_end(claim: InterestClaim) -> date:
    """Last low-rate day: one month from the (extended) due date, or later for a tax paid by return."""
    start = (claim.extended_due_on or claim.due_on) + timedelta(days=1)
    end = last_day_of_months(start, 1)
    return max(end, claim.low_rate_until) if claim.low_rate_until else end


def _marks(claim: InterestClaim, payments: Sequence[Payment]) -> list[date]:
    one = timedelta(days=1)
    marks = [_low_end(claim) + one, *(p.paid_on + one for p in payments)]
    if claim.extended_due_on:
        marks.append(claim.extended_due_on + one)
    for relief in claim.reliefs:
        marks += [relief.from_on, relief.until_on + one]
    for left_out in claim.excluded:
        marks += [left_out.from_on, left_out.until_on + one]
    return marks


def _rate(claim: InterestClaim, law: InterestLaw, day: date) -> RateRow | None:
    if any(span.from_on <= day <= span.until_on for span in claim.excluded):
        return None
    effects = {relief.effect for relief in claim.reliefs if relief.from_on <= day <= relief.until_on}
    if "zero" in effects:
        return ZERO_RATE
    if claim.extended_due_on and day <= claim.extended_due_on:
        return law.deferment.at(day)
    row = law.low.at(day) if day <= _low_end(claim) else law.high.at(day)
    if "half" in effects:
        deferred = law.deferment.at(day)
        return deferred if deferred.num * row.den < row.num * deferred.den else row
    return row


def _base(claim: InterestClaim, law: InterestLaw, payments: Sequence[Payment], day: date) -> int:
    paid = sum(p.yen for p in payments if p.paid_on < day)
    return law.rounding.base(max(0, claim.principal_yen - paid))
