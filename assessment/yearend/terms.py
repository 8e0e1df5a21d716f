"""年度切替の定め (terms.toml)."""

import tomllib
from collections.abc import Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

_FILE = Path(__file__).with_name("terms.toml")


@cache
def _raw() -> Mapping[str, Any]:
    return tomllib.loads(_FILE.read_text(encoding="utf-8"))


def earliest_on(tax_year: int) -> date:
    """The first day on which the year may be switched to."""
    return date.fromisoformat(f"{tax_year}-{_raw()['earliest']}")


def lasting_stops() -> list[str]:
    """事由 of stops of pension withholding that outlast their year."""
    return list(_raw()["lasting_stops"])


def work_blocks(code: str) -> bool:
    """Whether a list of open work has to be empty before the switch."""
    return bool(_raw()["open_work"][code]["blocks"])
