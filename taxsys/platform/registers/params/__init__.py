"""台帳の定め (parameters of the registers): days of reports and requests, reminders, years of keeping, fees, each with
its ground."""

from datetime import date
from functools import cache
from pathlib import Path

from taxsys.params.errors import ParameterError
from taxsys.params.loader import read_parameter
from taxsys.params.model import Parameter

_FOLDER = Path(__file__).parent


@cache
def parameter(name: str) -> Parameter:
    """The parameter of `params/<name>.toml`; raises ParameterError."""
    return read_parameter(_FOLDER / f"{name}.toml")


def integer_at(name: str, on: date) -> int:
    """Its whole number on the day; a day before its first value (one typed wrong) takes the first."""
    found = parameter(name)
    first = found.values[0].valid_from
    value = found.at(max(on, first) if isinstance(first, date) else on).value
    if not isinstance(value, int):
        raise ParameterError(f"{name}.toml: 整数でなければなりません。")
    return value
