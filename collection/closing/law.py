"""締めの定め (parameters of closing) from `collection/params/masters/closing.toml`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache

from collection.closing.rules import AttributionLaw
from collection.params import parameter_file

FILE = "closing"


@cache
def attribution_law() -> AttributionLaw:
    """会計年度所属区分の定め (地方自治法施行令142条)."""
    data = parameter_file(FILE)
    ends = data["settlement"]
    return AttributionLaw(ends["month"], ends["day"], dict(data["attribution"]))


@dataclass(frozen=True, slots=True)
class CheckLimits:
    """点検の限度: days after which suspense has to be explained, months whose seals are counted anew."""

    suspense_days: int
    seal_months: int


@cache
def check_limits() -> CheckLimits:
    """点検の限度 (city)."""
    data = parameter_file(FILE)["checks"]
    return CheckLimits(data["suspense_days"], data["seal_months"])
