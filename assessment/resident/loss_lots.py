"""繰越損失の台帳の計算: what arose and was used by year becomes lots with a balance (pure; no database).

A loss may be set off in the years after the one it arose in, the oldest first, and lapses after its last year (3 years,
5 in a named disaster). There is no 繰戻し in resident tax: a loss carried back for the national tax stays whole here.
法313条8項・9項, 附則4条・4条の2・35条の2の6・35条の4の2; F-PC-007.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class LossYear:
    """One kind of loss in one tax year, as decided: what arose, what was used (yen), for how many years it carries."""

    tax_year: int
    arising_yen: int
    used_yen: int
    carry_years: int


@dataclass(slots=True)
class Lot:
    """The loss of one year of origin: by which year it was used, what is left, its last year."""

    origin: int
    arising_yen: int
    last_year: int
    used_by_year: dict[int, int] = field(default_factory=dict)

    @property
    def remaining_yen(self) -> int:
        """What arose and was not used, lapsed or not."""
        return self.arising_yen - sum(self.used_by_year.values())

    def open_yen(self, tax_year: int) -> int:
        """What may be set off in the tax year (yen)."""
        return self.remaining_yen if self.origin < tax_year <= self.last_year else 0


@dataclass(frozen=True, slots=True)
class LossLedger:
    """Lots of one kind, oldest first; `beyond_yen` = set off by year without a loss in the ledger (from papers)."""

    lots: tuple[Lot, ...]
    beyond_yen: dict[int, int]

    def open_yen(self, tax_year: int) -> int:
        """What is there to set off in the tax year (yen)."""
        return sum(lot.open_yen(tax_year) for lot in self.lots)

    def lapsing_yen(self, tax_year: int) -> int:
        """What of it may be set off in the tax year for the last time (yen)."""
        return sum(lot.open_yen(tax_year) for lot in self.lots if lot.last_year == tax_year)


def loss_ledger(years: Sequence[LossYear]) -> LossLedger:
    """The ledger of one kind from its years, in any order; at most one row a year."""
    ordered = sorted(years, key=lambda one: one.tax_year)
    lots = [
        Lot(one.tax_year, one.arising_yen, one.tax_year + one.carry_years) for one in ordered if one.arising_yen > 0
    ]
    beyond: dict[int, int] = {}
    for one in ordered:
        rest = one.used_yen
        for lot in lots:
            taken = min(rest, lot.open_yen(one.tax_year))
            if taken > 0:
                lot.used_by_year[one.tax_year] = taken
                rest -= taken
        if rest > 0:
            beyond[one.tax_year] = rest
    return LossLedger(tuple(lots), beyond)
