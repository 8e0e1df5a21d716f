"""証明の定め (parameters of certificates): fee and first day of issue, each with its ground and mark."""

from __future__ import annotations

from datetime import date
from functools import cache
from pathlib import Path

from taxsys.params.errors import ParameterError
from taxsys.params.loader import read_parameter
from taxsys.params.model import Parameter

_FOLDER = Path(__file__).parent


@cache
def parameter(name: str) -> Parameter:
    """The parameter of `certificates/params/<name>.toml`."""
    return read_parameter(_FOLDER / f"{name}.toml")


def fee_per_copy_yen(on: date) -> int:
    """手数料 of one copy on the day (yen)."""
    value = parameter("fee").at(on).value
    if not isinstance(value, int):
        raise ParameterError("fee.toml: 手数料は整数の円でなければなりません。")
    return value


def fee_is_confirmed(on: date) -> bool:
    """Whether somebody has seen the ordinance for this fee; the screen says so where not."""
    return parameter("fee").at(on).mark != "K"


def first_issue_on(tax_year: int) -> date:
    """発行開始日 of a tax year's certificates."""
    value = parameter("issue_start").at(tax_year).value
    return date.fromisoformat(f"{tax_year}-{value}")
