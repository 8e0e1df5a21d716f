"""収納の法定値 (legal parameters of collection) as dated files, with the reader that turns them into rule inputs."""

from __future__ import annotations

import tomllib
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from collection.rules.interest_rates import InterestRounding, RateRow, RateTable
from taxsys.kernel.rates import Rate

_FOLDER = Path(__file__).parent


@cache
def parameter_file(name: str) -> dict[str, Any]:
    """The parsed parameter file `collection/params/<name>.toml`."""
    return tomllib.loads((_FOLDER / f"{name}.toml").read_text(encoding="utf-8"))


@cache
def rate_table(name: str) -> RateTable:
    """Rates by day from `late_interest_low`, `late_interest_high`, `deferment` or `refund_interest` (附則3条の2)."""
    data = parameter_file(name)
    rows = []
    for value in data["value"]:
        if value["status"] != "enacted":
            continue
        rate = Rate.parse(value["value"])
        rows.append(RateRow(valid_from=_day(value["from"]), valid_until=_day(value["to"]), num=rate.num, den=rate.den))
    return RateTable(title=data["title"], rows=tuple(rows))


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
def silent_after_days() -> dict[str, int]:
    """Days after which a channel without a file counts as silent, by channel code."""
    return {row["code"]: row["silent_after_days"] for row in parameter_file("channels")["channel"]}


def _day(value: object) -> date:
    if not isinstance(value, date):
        raise TypeError(f"日付ではありません: {value!r}")
    return value
