"""期割・月割 (splitting the year's tax): ordinary bills, wage withholding, pension withholding."""

from __future__ import annotations

import numpy as np

from taxsys.kernel.periods import Years
from taxsys.kernel.rounding import floor_1, split_remainder_first
from taxsys.kernel.rules import rule
from taxsys.kernel.yen import IntColumn

ALL = Years(2018)
PENSION_HALF = 3


@rule(
    law="地方税法20条の4の2第6項・地方税法320条",
    title="普通徴収の期割",
    years=ALL,
    rounding="2期以後は1,000円未満切捨て、端数は1期(地方税法20条の4の2第6項)",
    formula="{ordinary_tax_yen} ÷ {terms}({at_once_yen}以下は1期に全額)",
    uses={"unit": "resident.collection.bill_unit", "terms": "resident.collection.bill_terms"},
    outputs={"bill_first_yen": "1期", "bill_rest_yen": "2期以後"},
)
def bills(*, ordinary_tax_yen: IntColumn, at_once_yen: IntColumn, unit: int, terms: int) -> tuple[IntColumn, IntColumn]:
    """First and further bills; a tax not above the per-capita amount (`at_once_yen`) is one bill in June."""
    first, rest = split_remainder_first(ordinary_tax_yen, terms, unit)
    at_once = ordinary_tax_yen <= at_once_yen
    return np.where(at_once, ordinary_tax_yen, first), np.where(at_once, 0, rest)


@rule(
    law="地方税法20条の4の2第8項・地方税法321条の5第1項",
    title="給与特別徴収の月割",
    years=ALL,
    rounding="7月以後は100円未満切捨て、端数は6月(地方税法20条の4の2第8項)",
    formula="{wage_tax_yen} ÷ {months}({at_once_yen}以下は6月に全額)",
    uses={"unit": "resident.collection.wage_unit", "months": "resident.collection.wage_months"},
    outputs={"wage_first_yen": "6月分", "wage_rest_yen": "7月以後"},
)
def wage_months(
    *, wage_tax_yen: IntColumn, at_once_yen: IntColumn, unit: int, months: int
) -> tuple[IntColumn, IntColumn]:
    """June and later months; a tax not above the per-capita amount (`at_once_yen`) is withheld in June alone."""
    first, rest = split_remainder_first(wage_tax_yen, months, unit)
    at_once = wage_tax_yen <= at_once_yen
    return np.where(at_once, wage_tax_yen, first), np.where(at_once, 0, rest)


@rule(
    law="地方税法321条の7の2・地方税法321条の7の8",
    title="年金特別徴収の仮徴収と本徴収",
    years=ALL,
    rounding="100円未満切捨て、端数は各半期の初回",
    formula="仮徴収 {previous_pension_tax_yen} ÷ 2 ÷ 3、本徴収 ({pension_tax_yen} − 仮徴収) ÷ 3",
    uses={"unit": "resident.collection.pension_unit"},
    outputs={
        "provisional_first_yen": "仮徴収(4月)",
        "provisional_rest_yen": "仮徴収(6月・8月)",
        "regular_first_yen": "本徴収(10月)",
        "regular_rest_yen": "本徴収(12月・2月)",
    },
)
def pension_withholding(
    *, previous_pension_tax_yen: IntColumn, pension_tax_yen: IntColumn, unit: int
) -> tuple[IntColumn, IntColumn, IntColumn, IntColumn]:
    """Half of last year's share in spring, the rest of this year's in autumn; below it nothing more is withheld."""
    half = floor_1(previous_pension_tax_yen, 2)
    left = np.maximum(pension_tax_yen - half, 0)
    first, rest = split_remainder_first(half, PENSION_HALF, unit)
    regular_first, regular_rest = split_remainder_first(left, PENSION_HALF, unit)
    return first, rest, regular_first, regular_rest


INSTALMENT_RULES = (bills, wage_months, pension_withholding)
