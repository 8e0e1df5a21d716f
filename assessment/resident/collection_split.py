"""徴収区分の判定と期割 (pure): how a year's tax is collected from one person.

Salary withholding by the payer of the main slip (地方税法321条の3・321条の4); pension withholding for people of 65 and
over on 1 April with 180,000 yen or more of pension (321条の7の2), in the first year half by bill and half from October
(321条の7の2第3項); everything else by bill in four instalments (319条・320条). The parts always add up to the whole.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from taxsys.kernel.calendar import next_business_day
from taxsys.kernel.rounding import split_remainder_first
from taxsys.params.model import ParameterSet

PENSION_MINIMUM_YEN = 180_000
PENSION_AGE = 65
ORDINARY, WAGE, PENSION = "ordinary", "wage", "pension"
WAGE_KEYS = ("06", "07", "08", "09", "10", "11", "12", "01", "02", "03", "04", "05")
PENSION_KEYS = ("10", "12", "02")
ORDINARY_MONTHS = (6, 8, 10, 1)


@dataclass(frozen=True, slots=True)
class TaxParts:
    """A sum of tax by who it belongs to (yen)."""

    city_yen: int
    prefecture_yen: int
    forest_yen: int = 0

    @property
    def total_yen(self) -> int:
        """All parts together."""
        return self.city_yen + self.prefecture_yen + self.forest_yen

    def less(self, other: "TaxParts") -> "TaxParts":
        """What is left when `other` is taken away part by part."""
        return TaxParts(
            self.city_yen - other.city_yen,
            self.prefecture_yen - other.prefecture_yen,
            self.forest_yen - other.forest_yen,
        )


@dataclass(frozen=True, slots=True)
class Share:
    """One way of collecting: its parts and the amount of each instalment under its key."""

    method: str
    parts: TaxParts
    keys: tuple[str, ...]
    instalments: tuple[int, ...]


def is_pension_age(birth_on: date | None, tax_year: int) -> bool:
    """65 or over on 1 April of the tax year (法321条の7の2第1項); the age is reached the day before the birthday."""
    return birth_on is not None and birth_on <= date(tax_year - PENSION_AGE, 4, 2)


def shares(
    annual: TaxParts, pension_part: TaxParts, per_capita_yen: int, law: ParameterSet, *, has_withholder: bool
) -> list[Share]:
    """Split a year's tax. `pension_part` is the tax on the pension (zero where it is not withheld from pensions);
    `per_capita_yen` is the amount up to which everything is collected at once (法320条・321条の5第1項)."""
    if annual.total_yen == 0:
        return []
    found = []
    rest = annual.less(pension_part)
    if pension_part.total_yen:
        billed, withheld = _halves(pension_part)
        found.append(_share(PENSION, withheld, PENSION_KEYS, law["resident.collection.pension_unit"].integer))
        if billed.total_yen and not (has_withholder and rest.total_yen):
            rest = TaxParts(
                rest.city_yen + billed.city_yen, rest.prefecture_yen + billed.prefecture_yen, rest.forest_yen
            )
        elif billed.total_yen:
            found.append(_ordinary(billed, per_capita_yen, law))
    if rest.total_yen:
        if has_withholder:
            keys = WAGE_KEYS
            if rest.total_yen <= per_capita_yen:
                found.append(Share(WAGE, rest, keys, (rest.total_yen, *([0] * 11))))
            else:
                found.append(_share(WAGE, rest, keys, law["resident.collection.wage_unit"].integer))
        else:
            found.append(_ordinary(rest, per_capita_yen, law))
    return found


def _halves(parts: TaxParts) -> tuple[TaxParts, TaxParts]:
    """First year of pension withholding: half by bill in June and August, the other half from October."""
    billed = TaxParts(parts.city_yen - parts.city_yen // 2, parts.prefecture_yen - parts.prefecture_yen // 2)
    return billed, parts.less(billed)


def _ordinary(parts: TaxParts, per_capita_yen: int, law: ParameterSet) -> Share:
    keys = ("1", "2", "3", "4")
    if parts.total_yen <= per_capita_yen:
        return Share(ORDINARY, parts, keys, (parts.total_yen, 0, 0, 0))
    return _share(ORDINARY, parts, keys, law["resident.collection.bill_unit"].integer)


def _share(method: str, parts: TaxParts, keys: tuple[str, ...], unit: int) -> Share:
    first, rest = split_remainder_first(parts.total_yen, len(keys), unit)
    return Share(method, parts, keys, (int(first), *([int(rest)] * (len(keys) - 1))))


def apportion(parts: TaxParts, instalments: Sequence[int]) -> list[TaxParts]:
    """The city's, the prefecture's and the forest tax's part of each instalment; every part adds up to its whole."""
    found = []
    total = parts.total_yen
    paid = before_prefecture = before_forest = 0
    for yen in instalments:
        paid += yen
        prefecture = parts.prefecture_yen * paid // total if total else 0
        forest = parts.forest_yen * paid // total if total else 0
        found.append(
            TaxParts(
                yen - (prefecture - before_prefecture) - (forest - before_forest),
                prefecture - before_prefecture,
                forest - before_forest,
            )
        )
        before_prefecture, before_forest = prefecture, forest
    return found


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
