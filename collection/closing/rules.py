"""会計年度所属区分 (to which fiscal year and section a claim and a movement belong): pure, days in, years out.

地方自治法208条, 235条の5, 同法施行令142条; 滞納繰越 as the city's rules of finance say it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta

from taxsys.kernel.calendar import fiscal_year, is_business_day
from taxsys.kernel.rounding import floor_1

CURRENT, CARRIED = "current", "carried"
SECTIONS_JA = {CURRENT: "現年課税分", CARRIED: "滞納繰越分"}
_ONE_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class AttributionLaw:
    """所属区分の定め: month and day on which a year's accounts end in the year after, and the basis by method."""

    ends_month: int
    ends_day: int
    basis: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a movement stands in the accounts: fiscal year, and current or carried over."""

    fiscal_year: int
    section: str


def unrolled(due_on: date) -> date:
    """納期の末日 before its roll over closed days, as far as it matters: 31 March where the roll passed it.

    令142条1項1号 leaves the roll out of account. A due date in April behind a chain of closed days that reaches back to
    31 March was due in March.
    """
    day = due_on - _ONE_DAY
    while not is_business_day(day):
        if (day.month, day.day) == (3, 31):
            return day
        day -= _ONE_DAY
    return due_on


def origin_year(due_on: date, method: str, law: AttributionLaw) -> int:
    """The fiscal year to which a claim belongs (令142条1項1号)."""
    if law.basis[method] == "withheld_month":
        return fiscal_year(due_on.replace(day=1) - _ONE_DAY)
    return fiscal_year(unrolled(due_on))


def accounts_end(year: int, law: AttributionLaw) -> date:
    """出納閉鎖 of a fiscal year: the last day on which its money can come in (地方自治法235条の5)."""
    return date(year + 1, law.ends_month, law.ends_day)


def place(origin: int, occurred_on: date, law: AttributionLaw) -> Place:
    """Fiscal year and section of a movement on a claim of `origin`.

    Up to 出納閉鎖 it is the claim's own year, current; afterwards the claim is carried over and belongs to the fiscal
    year of the day.
    """
    if occurred_on <= accounts_end(origin, law):
        return Place(origin, CURRENT)
    return Place(fiscal_year(occurred_on), CARRIED)


def carried_from(origin: int, year: int, law: AttributionLaw) -> date | None:
    """The day on which a claim of `origin` enters the carried section of fiscal year `year`; None where it is current.

    The first time the day after 出納閉鎖, from then on 1 April.
    """
    if origin >= year:
        return None
    first = accounts_end(origin, law) + _ONE_DAY
    return max(first, date(year, 4, 1))


@dataclass(frozen=True, slots=True)
class Parts:
    """City, prefecture and forest tax, in yen."""

    city_yen: int
    prefecture_yen: int
    forest_yen: int

    @property
    def total_yen(self) -> int:
        """Their sum."""
        return self.city_yen + self.prefecture_yen + self.forest_yen


def apportion(received_yen: int, levied: Parts) -> Parts:
    """按分: received money divided by what is levied; prefecture and forest tax cut to the yen, the rest is the city's.

    Where nothing is levied the money is the city's until it is sorted out. 地方税法42条.
    """
    if levied.total_yen <= 0:
        return Parts(received_yen, 0, 0)
    prefecture = floor_1(received_yen * levied.prefecture_yen, levied.total_yen)
    forest = floor_1(received_yen * levied.forest_yen, levied.total_yen)
    return Parts(received_yen - prefecture - forest, prefecture, forest)
