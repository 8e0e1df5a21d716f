"""期間制限・時効 (limits of time): 地方税法17条の5, 17条の6, 18条, 18条の2, 331条ほか, 民法150条."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from collection.rules.day_counting import months_pass_after
from taxsys.kernel.calendar import years_after

LIMITATION_YEARS = 5
SEIZURE_AFTER_DAYS = 10
DEMAND_MONTHS = 6
FIVE_YEAR_TAXES = frozenset({"固定資産税", "都市計画税"})


class Act(StrEnum):
    """処分の種類."""

    CORRECTION = "更正"
    DETERMINATION = "決定"
    LEVY = "賦課決定"
    LEVY_UP = "賦課決定(増額)"
    LEVY_DOWN = "賦課決定(減額)"


def assessment_years(act: Act, *, tax: str, is_fraud: bool = False) -> int:
    """Years within which an act is allowed, from the day after the 法定納期限 (地方税法17条の5)."""
    if is_fraud:
        return 7
    if act in {Act.CORRECTION, Act.DETERMINATION, Act.LEVY_DOWN}:
        return 5
    return 5 if tax in FIVE_YEAR_TAXES else 3


def assessment_last_day(statutory_due_on: date, years: int) -> date:
    """Last day on which the act is still allowed: the day on which the years are complete."""
    return months_pass_after(statutory_due_on, years * 12)


def limitation_last_day(statutory_due_on: date) -> date:
    """Last day of 消滅時効 of a claim without hold or renewal (地方税法18条1項)."""
    return months_pass_after(statutory_due_on, LIMITATION_YEARS * 12)


@dataclass(frozen=True, slots=True)
class ReminderClock:
    """督促の期間: the sending day counts as the first of the ten days (331条1項ほか, 18条の2)."""

    tenth_day: date
    ten_days_passed: date
    seizure_from: date
    renewed_last_day: date


def reminder_clock(sent_on: date) -> ReminderClock:
    """Days that follow from a reminder sent on `sent_on`: end of the ten days, earliest seizure, renewed limitation."""
    tenth = sent_on + timedelta(days=SEIZURE_AFTER_DAYS - 1)
    passed = tenth + timedelta(days=1)
    return ReminderClock(
        tenth_day=tenth,
        ten_days_passed=passed,
        seizure_from=passed + timedelta(days=1),
        renewed_last_day=months_pass_after(passed, LIMITATION_YEARS * 12),
    )


def postponed_by_demand(last_day: date, demand_on: date) -> date:
    """Day until which limitation is held by the first 催告; a second one changes nothing (民法150条)."""
    if demand_on > last_day:
        return last_day
    return max(last_day, months_pass_after(demand_on, DEMAND_MONTHS))


def refund_claim_last_day(arose_on: date, acknowledged_on: Iterable[date], *, years: int) -> date:
    """還付請求権の最後の日 (18条の3): years from the day it arose, run anew from each acknowledgement made in time.

    One that comes after the last day renews nothing: the claim is gone without anybody pleading it (18条2項の準用).
    """
    last = years_after(arose_on, years)
    for day in sorted(acknowledged_on):
        if day <= last:
            last = max(last, years_after(day, years))
    return last
