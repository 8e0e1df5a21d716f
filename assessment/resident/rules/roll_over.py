"""翌年度試算の事実 (pure): this year's decided facts moved on by a year — ages and statuses of the person himself.

Incomes, premiums and donations stay as they are: what differs in the trial is then the law and the calendar alone.
Relatives are moved on beside this, one by one, where their birth dates are known.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from taxsys.kernel.columns import Array, Batch

ADULT_AGE, ELDERLY_AGE = 18, 65


def rolled_over(facts: Mapping[str, Array], birth_on: Array, tax_year: int) -> Batch:
    """Facts of `tax_year` from those of the year before; `birth_on` is datetime64[D], NaT leaves the ages alone.

    未成年者 on 1 January (地方税法295条1項2号), 65 on 31 December of the income year; one of 1 January is a year older.
    """
    known = ~np.isnat(birth_on)
    minor_from = np.datetime64(f"{tax_year - ADULT_AGE}-01-03")
    elderly_until = np.datetime64(f"{tax_year - ELDERLY_AGE}-01-01")
    moved = dict(facts)
    moved["is_minor"] = np.where(known, birth_on >= minor_from, facts["is_minor"]).astype(np.bool_)
    moved["is_age_65"] = np.where(known, birth_on <= elderly_until, facts["is_age_65"]).astype(np.bool_)
    return moved
