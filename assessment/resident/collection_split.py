"""徴収区分の判定と期割 (pure, columns): how a year's tax is collected, for many people at once.

Salary withholding by the payer of the main slip (地方税法321条の3・321条の4); pension withholding for people of 65 and
over on 1 April with 180,000 yen or more of pension (321条の7の2), in the first year half by bill and half from October
(321条の7の2第3項); everything else by bill in four instalments (319条・320条). The parts always add up to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np

from taxsys.kernel.calendar import next_business_day
from taxsys.kernel.columns import Array
from taxsys.kernel.rounding import floor_1, split_remainder_first
from taxsys.kernel.yen import FlagColumn, IntColumn
from taxsys.params.model import ParameterSet

PENSION_MINIMUM_YEN = 180_000
PENSION_AGE = 65
ORDINARY, WAGE, PENSION = "ordinary", "wage", "pension"
ORDINARY_KEYS = ("1", "2", "3", "4")
WAGE_KEYS = ("06", "07", "08", "09", "10", "11", "12", "01", "02", "03", "04", "05")
PENSION_KEYS = ("10", "12", "02")
KEYS = {ORDINARY: ORDINARY_KEYS, WAGE: WAGE_KEYS, PENSION: PENSION_KEYS}
ORDINARY_MONTHS = (6, 8, 10, 1)
# Above this a product of two sums would leave int64; such rows are apportioned in Python's integers.
_SAFE_YEN = 3_000_000_000


@dataclass(frozen=True, slots=True)
class TaxParts:
    """Sums of tax by whom they belong to (yen columns of one length)."""

    city_yen: IntColumn
    prefecture_yen: IntColumn
    forest_yen: IntColumn

    @property
    def total_yen(self) -> IntColumn:
        """All parts together."""
        return self.city_yen + self.prefecture_yen + self.forest_yen

    def less(self, other: "TaxParts") -> "TaxParts":
        """What is left when `other` is taken away part by part."""
        return TaxParts(
            self.city_yen - other.city_yen,
            self.prefecture_yen - other.prefecture_yen,
            self.forest_yen - other.forest_yen,
        )

    def plus(self, other: "TaxParts") -> "TaxParts":
        """Both together, part by part."""
        return TaxParts(
            self.city_yen + other.city_yen,
            self.prefecture_yen + other.prefecture_yen,
            self.forest_yen + other.forest_yen,
        )

    def where(self, chosen: FlagColumn) -> "TaxParts":
        """The parts of the chosen rows, zero elsewhere."""
        return TaxParts(self.city_yen * chosen, self.prefecture_yen * chosen, self.forest_yen * chosen)

    def least(self, other: "TaxParts") -> "TaxParts":
        """Of each part the smaller one."""
        return TaxParts(
            np.minimum(self.city_yen, other.city_yen),
            np.minimum(self.prefecture_yen, other.prefecture_yen),
            np.minimum(self.forest_yen, other.forest_yen),
        )

    def take(self, rows: Array) -> "TaxParts":
        """Only these rows."""
        return TaxParts(self.city_yen[rows], self.prefecture_yen[rows], self.forest_yen[rows])


@dataclass(frozen=True, slots=True)
class Shares:
    """One way of collecting for the rows (positions in the input) that have it: parts and instalments (row × place)."""

    method: str
    rows: Array
    parts: TaxParts
    instalments: IntColumn

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the places."""
        return KEYS[self.method]


def is_pension_age(birth_on: date | None, tax_year: int) -> bool:
    """65 or over on 1 April of the tax year (法321条の7の2第1項); the age is reached the day before the birthday."""
    return birth_on is not None and birth_on <= date(tax_year - PENSION_AGE, 4, 2)


def shares(
    annual: TaxParts,
    pension_part: TaxParts,
    per_capita_yen: IntColumn,
    law: ParameterSet,
    *,
    has_withholder: FlagColumn,
    reduction: TaxParts | None = None,
    pension_billed: FlagColumn | None = None,
) -> list[Shares]:
    """Split a year's tax of every row; a row without tax has no share.

    `pension_part` is the tax on the pension (zero where it is not withheld from pensions); `per_capita_yen` is the
    amount up to which everything is collected at once (法320条・321条の5第1項). `reduction`: 定額減税 already taken off
    both, in a year that collects by its own pattern (附則5条の8 ff.): then the parts before it are divided, and it is
    taken from the first instalment on; from wages nothing is withheld in the first month. `pension_billed`: whose
    tax on the pension is billed as a whole, because nothing is withheld from the pension any more.
    """
    stopped = np.zeros(len(annual.city_yen), dtype=np.bool_) if pension_billed is None else pension_billed
    if reduction is not None and int(law["resident.collection.reduction_wage_start"].integer) > 1:
        return _reduced_shares(annual, _Pension(pension_part, stopped), per_capita_yen, law, has_withholder, reduction)
    billed, withheld = _Pension(pension_part, stopped).halves()
    rest = annual.less(pension_part)
    at_once = per_capita_yen
    return [
        _split(PENSION, withheld, np.zeros_like(at_once), law["resident.collection.pension_unit"].integer),
        _split(
            ORDINARY, billed.plus(rest.where(~has_withholder)), at_once, law["resident.collection.bill_unit"].integer
        ),
        _split(WAGE, rest.where(has_withholder), at_once, law["resident.collection.wage_unit"].integer),
    ]


def _reduced_shares(
    annual: TaxParts,
    pension: "_Pension",
    per_capita_yen: IntColumn,
    law: ParameterSet,
    has_withholder: FlagColumn,
    reduction: TaxParts,
) -> list[Shares]:  # fmt: skip
    """令和6年度: `annual` is reduced, `pension` is not; bills take the reduction first, then wages, pension."""
    billed, withheld = pension.halves()
    rest = annual.plus(reduction).less(pension.part)
    bills = billed.plus(rest.where(~has_withholder))
    wages = rest.where(has_withholder)
    units = {name: law[f"resident.collection.{name}_unit"].integer for name in ("bill", "wage", "pension")}
    from_bills = bills.least(reduction)
    from_wages = wages.least(reduction.less(from_bills))
    from_pension = reduction.less(from_bills).less(from_wages)
    start = law["resident.collection.reduction_wage_start"].integer - 1
    late = _split(WAGE, wages.less(from_wages), per_capita_yen, units["wage"], skip=start)
    usual = _split(WAGE, wages, per_capita_yen, units["wage"])
    is_late = (reduction.total_yen > 0)[late.rows]
    months = np.zeros((len(annual.city_yen), len(WAGE_KEYS)), dtype=np.int64)
    months[usual.rows] = usual.instalments
    return [
        _deducted(_split(PENSION, withheld, np.zeros_like(per_capita_yen), units["pension"]), from_pension),
        _deducted(_split(ORDINARY, bills, per_capita_yen, units["bill"]), from_bills),
        Shares(WAGE, late.rows, late.parts, np.where(is_late[:, None], late.instalments, months[late.rows])),
    ]


def _deducted(shares: Shares, reduction: TaxParts) -> Shares:
    """The reduction taken from the first instalment on; who owes nothing any more has no share."""
    taken = reduction.take(shares.rows)
    before = np.cumsum(shares.instalments, axis=1)
    after = np.diff(np.maximum(before - taken.total_yen[:, None], 0), axis=1, prepend=np.zeros((len(before), 1)))
    kept = np.flatnonzero(shares.parts.less(taken).total_yen)
    parts = shares.parts.less(taken).take(kept)
    return Shares(shares.method, shares.rows[kept], parts, after.astype(np.int64)[kept])


@dataclass(frozen=True, slots=True)
class _Pension:
    """The tax on pensions, and whose is billed as a whole."""

    part: TaxParts
    is_billed: FlagColumn

    def halves(self) -> tuple[TaxParts, TaxParts]:
        """First year of pension withholding: half by bill in June and August, the other half from October."""
        parts = self.part
        half = TaxParts(floor_1(parts.city_yen, 2), floor_1(parts.prefecture_yen, 2), floor_1(parts.forest_yen, 2))
        withheld = half.where(~self.is_billed)
        return parts.less(withheld), withheld


def _split(method: str, parts: TaxParts, at_once_yen: IntColumn, unit: int, *, skip: int = 0) -> Shares:
    """Divide over the places of the method but the first `skip`; the first place used takes the rest."""
    rows = np.flatnonzero(parts.total_yen)
    kept = parts.take(rows)
    total = kept.total_yen
    first, each = split_remainder_first(total, len(KEYS[method]) - skip, unit)
    instalments = np.repeat(each[:, None], len(KEYS[method]), axis=1)
    instalments[:, :skip] = 0
    instalments[:, skip] = first
    is_at_once = total <= at_once_yen[rows]
    instalments[is_at_once] = 0
    instalments[is_at_once, skip] = total[is_at_once]
    return Shares(method, rows, kept, instalments)


def apportion(parts: TaxParts, instalments: IntColumn) -> TaxParts:
    """The city's, the prefecture's and the forest tax's part of each instalment (row × place).

    Every part adds up to its whole over the places, the parts of an instalment to the instalment; none is negative.
    """
    paid = np.cumsum(instalments, axis=1)
    total = np.maximum(parts.total_yen, 1)[:, None]
    beside_city = (parts.prefecture_yen + parts.forest_yen)[:, None]
    forest = parts.forest_yen[:, None]
    if total.size and int(total.max()) > _SAFE_YEN:
        paid, total, beside_city, forest = (one.astype(object) for one in (paid, total, beside_city, forest))
    beside = floor_1(beside_city * paid, total)
    of_forest = _steps(floor_1(forest * beside, np.maximum(beside_city, 1)))
    others = _steps(beside)
    return TaxParts(instalments - others, others - of_forest, of_forest)


def _steps(cumulated: IntColumn) -> IntColumn:
    whole = cumulated.astype(np.int64)
    return np.diff(whole, axis=1, prepend=np.zeros((len(whole), 1), dtype=np.int64))


def due_dates(method: str, tax_year: int) -> Sequence[date]:
    """納期限 of every place of a method, in order."""
    return [due_on(method, key, tax_year) for key in KEYS[method]]


def due_on(method: str, key: str, tax_year: int) -> date:
    """納期限 of an instalment, rolled to the next open day (法20条の5第2項): bills at the end of June, August, October
    and January, withheld tax on the 10th of the following month."""
    if method == ORDINARY:
        month = ORDINARY_MONTHS[int(key) - 1]
        year = tax_year + (month < 4)
        last = {6: 30, 8: 31, 10: 31, 1: 31}[month]
        return next_business_day(date(year, month, last))
    month = int(key)
    year = tax_year + (month < 4 or (method == WAGE and month < 6))
    following = (year + (month == 12), month % 12 + 1)
    return next_business_day(date(*following, 10))
