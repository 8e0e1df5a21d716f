"""税額の内訳 (pure, columns): a sum of tax by whom it belongs to, and how instalments share it."""

from dataclasses import dataclass

import numpy as np

from taxsys.kernel.columns import Array
from taxsys.kernel.rounding import floor_1
from taxsys.kernel.yen import FlagColumn, IntColumn

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
