"""発行者の定め (issuer, 教示 and standing texts of the city) as they hold on a day, from `<municipality code>.toml`."""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings

from taxsys.platform.printing.errors import PrintingError
from taxsys.platform.printing.parts import Appeal, Office


@dataclass(frozen=True, slots=True)
class StandingTexts:
    """定型文 (texts that stand on every notice of the city)."""

    debit_yes: str
    debit_no: str
    late_interest: str


@cache
def _master(municipality_code: str) -> dict[str, Any]:
    path = Path(__file__).parent / f"{municipality_code}.toml"
    if not path.is_file():
        raise PrintingError(
            f"団体コード{municipality_code}の発行者の定めがありません。{path.name} を用意してください。"
        )
    return tomllib.loads(path.read_text(encoding="utf-8"))


def _row(table: str, on: date, **wanted: str) -> dict[str, Any]:
    rows = [
        row
        for row in _master(settings.TAXSYS_MUNICIPALITY_CODE)[table]
        if row["from"] <= on and all(row[key] == value for key, value in wanted.items())
    ]
    if not rows:
        raise PrintingError(f"{on} に有効な発行者の定め（{table} {'・'.join(wanted.values())}）がありません。")
    newest: dict[str, Any] = max(rows, key=lambda row: row["from"])
    return newest


def office(section: str, on: date) -> Office:
    """発行者 (issuing office of a section, e.g. 市民税課, on the day of issue). Raises PrintingError."""
    row = _row("office", on, section=section)
    return Office(
        municipality_name=row["municipality_name"],
        mayor_title=row["mayor_title"],
        mayor_name=row["mayor_name"],
        section=row["department"],
        zip7=row["zip7"],
        address=row["address"],
        phone=row["phone"],
        document_prefix=row["document_prefix"],
    )


def payee_name(section: str, on: date) -> str:
    """払込先 (who receives the money of a slip)."""
    return str(_row("office", on, section=section)["payee_name"])


def appeal(on: date) -> Appeal:
    """教示 (statement of rights in force on the day of issue). Raises PrintingError."""
    row = _row("appeal", on)
    return Appeal(**{key: value for key, value in row.items() if key != "from"})


def texts(on: date) -> StandingTexts:
    """定型文 on the day of issue. Raises PrintingError."""
    row = _row("text", on)
    return StandingTexts(row["debit_yes"], row["debit_no"], row["late_interest"])
