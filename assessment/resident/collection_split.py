"""徴収区分の判定と期割 (pure, columns): how a year's tax is collected, for many people at once.

Salary withholding by the payer of the main slip (地方税法321条の3・321条の4); pension withholding for people of 65 and
over on 1 April with 180,000 yen or more of pension (321条の7の2), in the first year half by bill and half from October
(321条の7の2第3項), later over all six months of the year (`pension_split`); everything else by bill in four instalments
(319条・320条). The parts always add up to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import numpy as np

from assessment.resident.pension_split import PENSION_KEYS, PensionColumns, PensionSplit, pension_split
from assessment.resident.tax_parts import TaxParts
from taxsys.kernel.calendar import next_business_day
from taxsys.kernel.columns import Array
from taxsys.kernel.rounding import split_remainder_first
from taxsys.kernel.yen import FlagColumn, IntColumn
from taxsys.params.model import ParameterSet

ORDINARY, WAGE, PENSION = "ordinary", "wage", "pension"
ORDINARY_KEYS = ("1", "2", "3", "4")
WAGE_KEYS = ("06", "07", "08", "09", "10", "11", "12", "01", "02", "03", "04", "05")
KEYS = {ORDINARY: ORDINARY_KEYS, WAGE: WAGE_KEYS, PENSION: PENSION_KEYS}
ORDINARY_MONTHS = (6, 8, 10, 1)


@dataclass(frozen=True, slots=True)
class Shares:
    """One way of collecting for the rows (positions in the input) that have it: parts and instalments (row × place)."""

    method: str
    rows: Array
    parts: TaxParts
    instalments: IntColumn
    # 年金所得に係る税額 of the year (yen): next year's 仮徴収 rests on it.
    pension_tax_yen: IntColumn | None = None

    @property
    def keys(self) -> tuple[str, ...]:
        """The names of the places."""
        return KEYS[self.method]


@dataclass(frozen=True, slots=True)
class Pensions:
    """The tax on pensions (zero where it is not withheld from them), and what is known of the withholding."""

    part: TaxParts
    known: PensionColumns


def shares(
    annual: TaxParts,
    pensions: Pensions,
    per_capita_yen: IntColumn,
    law: ParameterSet,
    *,
    has_withholder: FlagColumn,
    reduction: TaxParts | None = None,
) -> list[Shares]:
    """Split a year's tax of every row; a row without tax has no share.

    `per_capita_yen` is the amount up to which all is collected at once (法320条・321条の5第1項). `reduction`: 定額減税
    already taken off the annual tax, in a year that collects by its own pattern (附則5条の8 ff.): then the parts before
    it are divided (`pensions` is before it), and it is taken from the first instalment on; from wages nothing is
    withheld in the first month.
    """
    if reduction is not None and int(law["resident.collection.reduction_wage_start"].integer) > 1:
        return _reduced_shares(annual, pensions, per_capita_yen, law, has_withholder, reduction)
    pension = pension_split(pensions.part, pensions.known, law)
    rest = annual.less(pensions.part)
    bills = pension.billed.plus(rest.where(~has_withholder))
    return [
        _pension_shares(pension, pensions.part.total_yen),
        _bills(bills, pension.first_year_bill, per_capita_yen, law),
        _split(WAGE, rest.where(has_withholder), per_capita_yen, law["resident.collection.wage_unit"].integer),
    ]


def _reduced_shares(
    annual: TaxParts,
    pensions: Pensions,
    per_capita_yen: IntColumn,
    law: ParameterSet,
    has_withholder: FlagColumn,
    reduction: TaxParts,
) -> list[Shares]:  # fmt: skip
    """令和6年度: `annual` is reduced, `pensions` is not; bills take the reduction first, then wages, pension."""
    pension = pension_split(pensions.part, pensions.known, law)
    rest = annual.plus(reduction).less(pensions.part)
    bills = pension.billed.plus(rest.where(~has_withholder))
    wages = rest.where(has_withholder)
    wage_unit = law["resident.collection.wage_unit"].integer
    from_bills = bills.plus(pension.first_year_bill).least(reduction)
    from_wages = wages.least(reduction.less(from_bills))
    from_pension = reduction.less(from_bills).less(from_wages)
    is_unreduced = law["resident.collection.pension_base_unreduced"].integer
    base = pensions.part.total_yen - (0 if is_unreduced else from_pension.total_yen)
    start = law["resident.collection.reduction_wage_start"].integer - 1
    late = _split(WAGE, wages.less(from_wages), per_capita_yen, wage_unit, skip=start)
    usual = _split(WAGE, wages, per_capita_yen, wage_unit)
    is_late = (reduction.total_yen > 0)[late.rows]
    months = np.zeros((len(annual.city_yen), len(WAGE_KEYS)), dtype=np.int64)
    months[usual.rows] = usual.instalments
    return [
        # 本徴収 is lowered from October on; what is left of the reduction then takes back the latest 仮徴収.
        _deducted(_pension_shares(pension, base), from_pension, order=(3, 4, 5, 2, 1, 0)),
        _deducted(_bills(bills, pension.first_year_bill, per_capita_yen, law), from_bills),
        Shares(WAGE, late.rows, late.parts, np.where(is_late[:, None], late.instalments, months[late.rows])),
    ]


def _deducted(shares: Shares, reduction: TaxParts, *, order: Sequence[int] = ()) -> Shares:
    """The reduction taken from the first instalment on (or in `order`); who owes nothing any more has no share."""
    taken = reduction.take(shares.rows)
    places = list(order) or list(range(shares.instalments.shape[1]))
    before = np.cumsum(shares.instalments[:, places], axis=1)
    after = np.diff(np.maximum(before - taken.total_yen[:, None], 0), axis=1, prepend=np.zeros((len(before), 1)))
    months = np.zeros_like(shares.instalments)
    months[:, places] = after.astype(np.int64)
    kept = np.flatnonzero(shares.parts.less(taken).total_yen)
    base = None if shares.pension_tax_yen is None else shares.pension_tax_yen[kept]
    return Shares(shares.method, shares.rows[kept], shares.parts.less(taken).take(kept), months[kept], base)


def _pension_shares(pension: PensionSplit, pension_tax_yen: IntColumn) -> Shares:
    rows = np.flatnonzero(pension.withheld.total_yen)
    return Shares(PENSION, rows, pension.withheld.take(rows), pension.instalments[rows], pension_tax_yen[rows])


def _bills(bills: TaxParts, first_year: TaxParts, at_once_yen: IntColumn, law: ParameterSet) -> Shares:
    """Bills over all terms, and what the first year of pension withholding bills over its first ones (June, August)."""
    unit = law["resident.collection.bill_unit"].integer
    whole = _split(ORDINARY, bills.plus(first_year), at_once_yen, unit)
    rows = np.flatnonzero((first_year.total_yen > 0)[whole.rows] & (whole.parts.total_yen > at_once_yen[whole.rows]))
    people = whole.rows[rows]
    instalments = whole.instalments.copy()
    for parts, terms in (
        (bills, len(ORDINARY_KEYS)),
        (first_year, law["resident.collection.pension_bill_terms"].integer),
    ):
        first, each = split_remainder_first(parts.total_yen[people], terms, unit)
        months = np.zeros((len(people), len(ORDINARY_KEYS)), dtype=np.int64)
        months[:, :terms] = each[:, None]
        months[:, 0] = first
        instalments[rows] = months if parts is bills else instalments[rows] + months
    return replace(whole, instalments=instalments)


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
