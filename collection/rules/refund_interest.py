"""還付加算金 (refund interest): 地方税法17条の4, 附則3条の2第4項."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum

from collection.rules.day_counting import months_pass_after
from collection.rules.interest_rates import InterestRounding, RateTable
from collection.rules.late_interest import Excluded
from collection.rules.segments import DayRule, Segment, cut_segments, priced, raw_total


class RefundCause(StrEnum):
    """還付の原因 (17条の4第1項各号): decides the day after which interest runs."""

    LEVY_REDUCED = "17-4-1-1"
    CORRECTION_REQUEST = "17-4-1-2"
    INCOME_TAX_CORRECTION = "17-4-1-3"
    WRONG_PAYMENT = "17-4-1-4"
    INTERIM_PAYMENT = "interim"


@dataclass(frozen=True, slots=True)
class RefundDates:
    """Dates of a refund: what is needed depends on the cause; `due_on` = 法定納期限 where paid before it."""

    paid_on: date | None = None
    due_on: date | None = None
    request_on: date | None = None
    correction_on: date | None = None
    tax_office_notice_on: date | None = None


class RefundDateMissingError(ValueError):
    """A date that the cause needs is not given."""

    def __init__(self, cause: RefundCause, what_ja: str) -> None:
        super().__init__(f"還付加算金の起算日を決められません({cause.value}号): {what_ja}を入力してください。")


@dataclass(frozen=True, slots=True)
class RefundInterest:
    """還付加算金: counted from `count_from` to `count_until`, both counted."""

    count_from: date
    count_until: date
    segments: list[Segment] = field(default_factory=list)
    raw_yen: int = 0
    interest_yen: int = 0


def count_from(cause: RefundCause, dates: RefundDates) -> date:
    """First day that bears interest: the day after the day listed in 17条の4第1項. Raises RefundDateMissingError."""
    one = timedelta(days=1)
    if cause is RefundCause.CORRECTION_REQUEST:
        request = _needed(cause, dates.request_on, "更正の請求の日")
        ends = [months_pass_after(request, 3)]
        if dates.correction_on:
            ends.append(months_pass_after(dates.correction_on, 1))
        return min(ends) + one
    if cause is RefundCause.INCOME_TAX_CORRECTION:
        return months_pass_after(_needed(cause, dates.tax_office_notice_on, "所得税の更正通知の日"), 1) + one
    paid = _needed(cause, dates.paid_on, "納付日")
    if cause is RefundCause.WRONG_PAYMENT:
        return months_pass_after(paid, 1) + one
    return max(paid, dates.due_on or paid) + one


def _needed(cause: RefundCause, day: date | None, what_ja: str) -> date:
    if day is None:
        raise RefundDateMissingError(cause, what_ja)
    return day


@dataclass(frozen=True, slots=True)
class Leaving:
    """去った額: yen of an overpayment and the last day on which they bear interest (充当適状日, 支出決定日)."""

    until_on: date
    yen: int


def refund_interest(
    *,
    leavings: Sequence[Leaving],
    first_day: date,
    rates: RateTable,
    rounding: InterestRounding,
    excluded: Sequence[Excluded] = (),
) -> RefundInterest:
    """Interest in yen on one overpayment from `first_day` until its parts have left it, by offset or by refund.

    The base of a day is what is still held on it, cut once. Raises RateMissingError.
    """
    one = timedelta(days=1)
    last_day = max(leaving.until_on for leaving in leavings)
    marks = [day for span in excluded for day in (span.from_on, span.until_on + one)]
    marks += [leaving.until_on + one for leaving in leavings]
    segments = cut_segments(
        first_day=first_day,
        last_day=last_day,
        marks=marks,
        rule=DayRule(
            rate=lambda day: None if any(x.from_on <= day <= x.until_on for x in excluded) else rates.at(day),
            base=lambda day: rounding.base(sum(held.yen for held in leavings if held.until_on >= day)),
        ),
        split_years=rounding.segment_rounding == "per_year_segment",
    )
    segments = priced(segments, rounding)
    raw = raw_total(segments, rounding, rounding.segment_rounding)
    return RefundInterest(first_day, last_day, segments, raw, rounding.result(raw))
