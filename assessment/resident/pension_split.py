"""年金特別徴収の割り方 (pure, columns): how the tax on a pension is withheld over the six months of a year.

First year: half by bill in June and August, half from the pension in October, December, February (地方税法321条の7の2
第3項). From the second year on: 仮徴収 in April, June, August of half of last year's tax on the pension (321条の7の8),
本徴収 of the rest from October. A tax below the 仮徴収 cuts it from the latest month; what was withheld too much is
refunded. After a stop only what was withheld before it stays, the rest is billed (321条の7の7・321条の7の9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Self

import numpy as np

from assessment.resident.tax_parts import TaxParts, apportion
from taxsys.kernel.columns import Array
from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import floor_1, split_remainder_first
from taxsys.kernel.yen import FlagColumn, IntColumn
from taxsys.params.model import ParameterSet

PROVISIONAL_KEYS = ("04", "06", "08")
REGULAR_KEYS = ("10", "12", "02")
PENSION_KEYS = (*PROVISIONAL_KEYS, *REGULAR_KEYS)
PROVISIONAL, REGULAR = len(PROVISIONAL_KEYS), len(REGULAR_KEYS)
FIRST_REGULAR = PROVISIONAL + 1
LAST_PLACE = len(PENSION_KEYS)
# A "first place that is not withheld" behind the last: nothing is stopped.
NOT_STOPPED = LAST_PLACE + 1


@dataclass(frozen=True, slots=True)
class PensionKnown:
    """What is known of one person's withholding from the pension, as `PensionColumns` has it of many."""

    provisional: tuple[int, ...] = (0,) * PROVISIONAL
    stopped_from: int = NOT_STOPPED
    partial_yen: int = 0

    @property
    def is_stopped(self) -> bool:
        """Whether nothing is withheld any more from some month on."""
        return self.stopped_from < NOT_STOPPED


@dataclass(frozen=True, slots=True)
class PensionColumns:
    """What is known of people's withholding from pensions, one row each.

    `provisional`: 仮徴収 levied for the year (row × 3 yen); `stopped_from`: the first place that is not withheld
    (`NOT_STOPPED`: none); `partial_yen`: what was withheld of that place all the same.
    """

    provisional: IntColumn
    stopped_from: IntColumn
    partial_yen: IntColumn

    @classmethod
    def of(cls, people: Sequence[PensionKnown]) -> Self:
        """The columns of these people, in order."""
        return cls(
            np.array([one.provisional for one in people], dtype=np.int64).reshape(-1, PROVISIONAL),
            np.array([one.stopped_from for one in people], dtype=np.int64),
            np.array([one.partial_yen for one in people], dtype=np.int64),
        )

    def take(self, rows: Array) -> Self:
        """Only these rows."""
        return type(self)(self.provisional[rows], self.stopped_from[rows], self.partial_yen[rows])

    def withheld(self, months: IntColumn, first_place: int) -> IntColumn:
        """Of months from `first_place` on (row × month) what is really withheld, stops looked at."""
        places = np.arange(first_place, first_place + months.shape[1])[None, :]
        stop = self.stopped_from[:, None]
        at_stop = np.minimum(months, self.partial_yen[:, None])
        return np.where(places < stop, months, np.where(places == stop, at_stop, 0))


@dataclass(frozen=True, slots=True)
class PensionSplit:
    """The tax on pensions divided: what is withheld, over the six months (row × place), what the first year bills in
    its first terms, and what is billed like any other tax because nothing is withheld any more."""

    withheld: TaxParts
    instalments: IntColumn
    first_year_bill: TaxParts
    billed: TaxParts


def is_pension_age(birth_on: date | None, law: ParameterSet) -> bool:
    """65 or over on 1 April of the tax year (法321条の7の2第1項); the age is reached the day before the birthday."""
    years = law["resident.collection.pension_age"].integer
    return birth_on is not None and birth_on <= date(int(str(law.when)) - years, 4, 2)


def pension_split(part: TaxParts, known: PensionColumns, law: ParameterSet) -> PensionSplit:
    """Divide the tax on the pension (`part`) of every row; withheld + both bills is the whole, part by part."""
    unit = law["resident.collection.pension_unit"].integer
    total = part.total_yen
    has_provisional: FlagColumn = known.provisional.sum(axis=1) > 0
    is_stopped = known.stopped_from <= LAST_PLACE
    half = TaxParts(floor_1(part.city_yen, 2), floor_1(part.prefecture_yen, 2), floor_1(part.forest_yen, 2))
    half = half.where(~has_provisional & ~is_stopped)
    kept = _cut(known.withheld(known.provisional, 1), total)
    left = np.where(has_provisional, np.maximum(total - known.provisional.sum(axis=1), 0), half.total_yen)
    first, each = split_remainder_first(left, REGULAR, unit)
    regular = known.withheld(np.stack([first, *[each] * (REGULAR - 1)], axis=1), FIRST_REGULAR)
    instalments = np.concatenate([kept, regular], axis=1)
    sums = instalments.sum(axis=1)
    of_continuing = apportion(part, np.stack([sums, total - sums], axis=1))
    first_column = TaxParts(
        of_continuing.city_yen[:, 0], of_continuing.prefecture_yen[:, 0], of_continuing.forest_yen[:, 0]
    )
    withheld = first_column.where(has_provisional).plus(half)
    rest = part.less(withheld)
    is_first_year = half.total_yen > 0
    return PensionSplit(withheld, instalments, rest.where(is_first_year), rest.where(~is_first_year))


def _cut(months: IntColumn, total: IntColumn) -> IntColumn:
    """Months that together do not exceed `total`: the latest are cut."""
    before = np.minimum(np.cumsum(months, axis=1), total[:, None])
    return np.diff(before, axis=1, prepend=np.zeros((len(months), 1), dtype=np.int64))


def provisional_months(base_yen: IntColumn, law: ParameterSet) -> IntColumn:
    """仮徴収税額 (row × 3 yen) from last year's tax on the pension: its half over April, June, August (321条の7の8)."""
    share = law["resident.collection.pension_provisional_share"].value
    assert isinstance(share, Rate)
    half = floor_1(base_yen * share.num, share.den)
    first, each = split_remainder_first(half, PROVISIONAL, law["resident.collection.pension_unit"].integer)
    return np.stack([first, *[each] * (PROVISIONAL - 1)], axis=1)
