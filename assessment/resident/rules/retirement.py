"""退職所得の分離課税 (retirement income, taxed when it is paid): 法50条の2–50条の10, 328条–328条の16."""

from __future__ import annotations

import numpy as np

from taxsys.kernel.columns import Column, ColumnSet
from taxsys.kernel.periods import Years
from taxsys.kernel.pipeline import Pipeline
from taxsys.kernel.rates import Rate
from taxsys.kernel.rounding import ceil_years, floor_1, floor_100, floor_1000
from taxsys.kernel.rules import rule
from taxsys.kernel.yen import FlagColumn, IntColumn

ALL = Years(2018)
GENERAL, OFFICER, SHORT_SERVICE = 0, 1, 2

RETIREMENT_FACTS = ColumnSet(
    "retirement_facts",
    (
        Column("retirement_pay_yen", "yen", "退職手当等の金額"),
        Column("service_years", "count", "勤続年数(年)", maximum=99),
        Column("service_months", "count", "勤続年数(月)", maximum=1200),
        Column("is_disability_retirement", "flag", "障害退職", maximum=1),
        Column(
            "retirement_code",
            "code",
            "退職手当等の区分",
            maximum=2,
            codes=((GENERAL, "一般"), (OFFICER, "特定役員"), (SHORT_SERVICE, "短期")),
        ),
    ),
)


@rule(
    law="所得税法30条・所得税法施行令69条",
    title="勤続年数",
    years=ALL,
    rounding="1年未満切上げ(所得税法施行令69条2項)",
    formula="{service_years}、{service_months}",
)
def counted_years(*, service_years: IntColumn, service_months: IntColumn) -> IntColumn:
    """Years of service, a started year counted whole."""
    return ceil_years(service_years, service_months)


@rule(
    law="所得税法30条・地方税法50条の3",
    title="退職所得控除額",
    years=ALL,
    formula="{counted_years} × {per_year}(下限 {minimum})、{long_years}年を超える年は {per_year_over}、"
    "障害退職({is_disability_retirement})は {disability}を加算",
    uses={
        "per_year": "resident.retirement.per_year",
        "minimum": "resident.retirement.minimum",
        "long_years": "resident.retirement.long_years",
        "per_year_over": "resident.retirement.per_year_over",
        "disability": "resident.retirement.disability_add",
    },
)
def retirement_deduction_yen(
    *,
    counted_years: IntColumn,
    is_disability_retirement: FlagColumn,
    per_year: int,
    minimum: int,
    long_years: int,
    per_year_over: int,
    disability: int,
) -> IntColumn:
    """400,000 a year to 20 years (at least 800,000), 700,000 beyond, 1,000,000 more by disability."""
    first = np.maximum(np.minimum(counted_years, long_years) * per_year, minimum)
    beyond = np.maximum(counted_years - long_years, 0) * per_year_over
    return first + beyond + np.where(is_disability_retirement, disability, 0)


@rule(
    law="所得税法30条2項・地方税法50条の3",
    title="退職所得の金額",
    years=ALL,
    rounding="1,000円未満切捨て(地方税法20条の4の2第1項)",
    formula="{retirement_pay_yen} − {retirement_deduction_yen} を{retirement_code}の区分により2分の1",
    uses={"half_limit": "resident.retirement.short_half_limit"},
)
def retirement_income_yen(
    *, retirement_pay_yen: IntColumn, retirement_deduction_yen: IntColumn, retirement_code: IntColumn, half_limit: int
) -> IntColumn:
    """Half of the excess; officers of short service whole; short service half only up to 3,000,000 yen."""
    excess = np.maximum(retirement_pay_yen - retirement_deduction_yen, 0)
    half = floor_1(excess, 2)
    short = floor_1(np.minimum(excess, half_limit), 2) + np.maximum(excess - half_limit, 0)
    taxed = np.where(retirement_code == OFFICER, excess, np.where(retirement_code == SHORT_SERVICE, short, half))
    return floor_1000(taxed)


@rule(
    law="地方税法328条の3・地方税法50条の4・地方税法20条の4の2第3項",
    title="退職所得に係る所得割額",
    years=ALL,
    rounding="市民税・道府県民税それぞれ100円未満切捨て",
    formula="{retirement_income_yen} × {city}、× {prefecture}",
    uses={"city": "resident.retirement.rate_city", "prefecture": "resident.retirement.rate_prefecture"},
    outputs={"retirement_levy_city_yen": "市民税額", "retirement_levy_prefecture_yen": "道府県民税額"},
)
def retirement_levy(*, retirement_income_yen: IntColumn, city: Rate, prefecture: Rate) -> tuple[IntColumn, IntColumn]:
    """6 % and 4 %, each side cut to 100 yen."""
    return (
        floor_100(floor_1(retirement_income_yen * city.num, city.den)),
        floor_100(floor_1(retirement_income_yen * prefecture.num, prefecture.den)),
    )


RETIREMENT_RULES = (counted_years, retirement_deduction_yen, retirement_income_yen, retirement_levy)
RETIREMENT_RESULT = ColumnSet(
    "retirement_result",
    (
        Column("counted_years", "count", "勤続年数"),
        Column("retirement_deduction_yen", "yen", "退職所得控除額"),
        Column("retirement_income_yen", "yen", "退職所得の金額"),
        Column("retirement_levy_city_yen", "yen", "市民税額"),
        Column("retirement_levy_prefecture_yen", "yen", "道府県民税額"),
    ),
)
RETIREMENT_PIPELINE = Pipeline.build(
    "retirement", rules=RETIREMENT_RULES, source=RETIREMENT_FACTS, result=RETIREMENT_RESULT
)
