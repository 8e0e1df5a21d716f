"""収納の法定値 (legal parameters of collection) as dated files, with the reader that turns them into rule inputs."""

from __future__ import annotations

import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from collection.rules.interest_rates import InterestRounding, RateRow, RateTable
from collection.rules.late_interest import InterestLaw
from taxsys.kernel.rates import Rate
from taxsys.params.errors import ParameterError
from taxsys.params.loader import read_parameter

_FOLDER = Path(__file__).parent


@cache
def parameter_file(name: str) -> dict[str, Any]:
    """The parsed master `collection/params/masters/<name>.toml`."""
    return tomllib.loads((_FOLDER / "masters" / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def rate_table(name: str) -> RateTable:
    """Rates by day from `late_interest_low`, `late_interest_high`, `deferment` or `refund_interest` (附則3条の2).

    Only enacted values with a stated end are used: a year whose rate is not announced has no row.
    """
    parameter = read_parameter(_FOLDER / "rates" / f"{name}.toml")
    rows = []
    for dated in parameter.values:
        rate, first, last = dated.value, dated.valid_from, dated.until
        if not (isinstance(rate, Rate) and isinstance(first, date) and isinstance(last, date)):
            raise ParameterError(f"{name}.toml: 割合には始期と終期の日付が要ります。")
        if dated.status == "enacted":
            rows.append(RateRow(valid_from=first, valid_until=last, num=rate.num, den=rate.den))
    return RateTable(title=parameter.title, rows=tuple(rows))


@cache
def interest_rounding() -> InterestRounding:
    """端数計算の定め (地方税法20条の4の2) with the city's choice of segment rounding."""
    data = parameter_file("interest_rounding")
    return InterestRounding(
        base_unit_yen=data["base_unit_yen"],
        base_minimum_yen=data["base_minimum_yen"],
        result_unit_yen=data["result_unit_yen"],
        result_minimum_yen=data["result_minimum_yen"],
        day_divisor=data["day_divisor"],
        segment_rounding=data["segment_rounding"],
    )


@cache
def interest_law() -> InterestLaw:
    """延滞金の割合と端数の定め in force, from the parameter files (附則3条の2, 20条の4の2)."""
    return InterestLaw(
        low=rate_table("late_interest_low"),
        high=rate_table("late_interest_high"),
        deferment=rate_table("deferment"),
        rounding=interest_rounding(),
    )


@cache
def silent_after_days() -> dict[str, int]:
    """Days after which a channel without a file counts as silent, by channel code."""
    return {row["code"]: row["silent_after_days"] for row in parameter_file("channels")["channel"]}


@dataclass(frozen=True, slots=True)
class DebitPlan:
    """口座振替の定め (city): the header of its request files, its rule of the second attempt, days of acceptance."""

    header: Mapping[str, str]
    max_attempts: int
    retry_codes: tuple[str, ...]
    retry_days_after: int
    lead_days: int
    post_bank_code: str
    most_closed_percent: int
    tax_kinds: tuple[str, ...]

    @property
    def originator_code(self) -> str:
        """委託者コード of 10 digits."""
        return self.header["originator_code"]


@cache
def debit_plan() -> DebitPlan:
    """口座振替の定め from `params/masters/debit.toml`."""
    data = parameter_file("debit")
    header = {name: value for name, value in data.items() if isinstance(value, str) and name != "post_bank_code"}
    return DebitPlan(
        header, data["max_attempts"], tuple(data["retry_codes"]), data["retry_days_after"], data["lead_days"],
        data["post_bank_code"], data["most_closed_percent"], tuple(data["tax_kinds"]),
    )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RefundPlanRules:
    """還付・充当の定め (city, law): when an overpayment arises, its usual ground, limits of time, the paying account.

    `arises` gives the date of the overpayment that counts (`paid_on` or `arose_on`) and `ground` the number of
    17条の4第1項, both by cause of the overpayment.
    """

    arises: Mapping[str, str]
    ground: Mapping[str, str]
    claim_years: int
    notice_renews: bool
    claim_form_renews: bool
    remote_years: int
    header: Mapping[str, str]


@cache
def refund_rules() -> RefundPlanRules:
    """還付・充当の定め from `params/masters/refunds.toml`."""
    data = parameter_file("refunds")
    limits = data["limits"]
    return RefundPlanRules(
        data["arises"], data["ground"], limits["claim_years"], limits["notice_renews"], limits["claim_form_renews"],
        limits["remote_years"], data["transfer"],
    )  # fmt: skip
