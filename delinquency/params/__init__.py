"""滞納の定め (parameters of delinquency): days, fee and articles of the reminder, each with ground and mark."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from taxsys.params.errors import ParameterError
from taxsys.params.loader import read_parameter
from taxsys.params.model import Parameter

_FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ReminderLaw:
    """督促の根拠: the article of the reminder and of the seizure that it announces."""

    reminder: str
    seizure: str


@cache
def parameter(name: str) -> Parameter:
    """The parameter of `delinquency/params/<name>.toml`."""
    return read_parameter(_FOLDER / f"{name}.toml")


def _integer(name: str, on: date) -> int:
    value = parameter(name).at(on).value
    if not isinstance(value, int):
        raise ParameterError(f"{name}.toml: 値は整数でなければなりません。")
    return value


def reminder_days(on: date) -> int:
    """Days after the due date within which the reminder goes out (329条ほか)."""
    return _integer("reminder_days", on)


def reminder_fee_yen(issued_on: date) -> int:
    """督促手数料 of a reminder issued on the day (yen; 0 = none)."""
    return _integer("reminder_fee", issued_on)


@cache
def reminder_laws() -> dict[str, ReminderLaw]:
    """Articles by tax kind."""
    rows = tomllib.loads((_FOLDER / "masters" / "reminder_laws.toml").read_text(encoding="utf-8"))["law"]
    return {row["tax_kind"]: ReminderLaw(row["reminder"], row["seizure"]) for row in rows}
