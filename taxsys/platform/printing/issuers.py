"""発行者・問合せ先・教示 of this city, from `issuers.toml` beside this file: one place for every paper."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from taxsys.platform.printing.parts import Appeal, Office

FILE = Path(__file__).with_name("issuers.toml")


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@cache
def office(desk: str) -> Office:
    """The issuing office as the desk (duty) that answers shows it. Raises KeyError for an unknown desk."""
    city = {key: value for key, value in _texts()["city"].items() if key != "payee_name"}
    return Office(**city, **_texts()["desk"][desk])


@cache
def appeal() -> Appeal:
    """教示: to whom and within what time."""
    return Appeal(**_texts()["appeal"])


@cache
def payee_name() -> str:
    """加入者・受取人 on payment slips."""
    return str(_texts()["city"]["payee_name"])


@cache
def text(name: str) -> str:
    """定型文 of the notices (debit_yes, debit_part, debit_no, late_interest). Raises KeyError for an unknown one."""
    return str(_texts()["text"][name])
