"""賦課決定の期間制限 (pure): the last day on which a tax of a year may still be raised or lowered, and why not later.

地方税法17条の5 (3年・5年・7年, counted from the day after the 法定納期限), 17条の6 (exceptions). F-PC-022.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from collection.rules.day_counting import months_pass_after

MONTHS_A_YEAR = 12


@dataclass(frozen=True, slots=True)
class LimitRule:
    """One limit: `is_from_event` counts from the event of the case, else from the 法定納期限; `months` in all."""

    code: str
    title_ja: str
    law: str
    months: int
    is_from_event: bool = False


@dataclass(frozen=True, slots=True)
class LimitTerms:
    """期間制限の定め: for raising, for lowering, and the exceptions by code."""

    increase: LimitRule
    decrease: LimitRule
    exceptions: Mapping[str, LimitRule]


@dataclass(frozen=True, slots=True)
class LimitGround:
    """The exception a case rests on ("" = none) and the day of its event."""

    code: str = ""
    event_on: date | None = None


@dataclass(frozen=True, slots=True)
class Limit:
    """Last day (included) on which the tax may be changed in this direction, and the rule that says so."""

    last_on: date
    rule: LimitRule

    def allows(self, day: date) -> bool:
        """Whether a decision of the day is in time."""
        return day <= self.last_on


def limit_of(statutory_due_on: date, *, is_increase: bool, terms: LimitTerms, ground: LimitGround) -> Limit:
    """The later of the general limit and the exception the case rests on. Raises ValueError for an unknown one.

    The years pass at the end of the day that corresponds to the 法定納期限: that day is the last one.
    """
    general = terms.increase if is_increase else terms.decrease
    found = Limit(months_pass_after(statutory_due_on, general.months), general)
    if not ground.code:
        return found
    rule = terms.exceptions.get(ground.code)
    if rule is None:
        raise ValueError(ground.code)
    start = ground.event_on if rule.is_from_event else statutory_due_on
    if start is None:
        return found
    special = Limit(months_pass_after(start, rule.months), rule)
    return special if special.last_on > found.last_on else found
