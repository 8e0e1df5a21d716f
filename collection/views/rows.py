"""Words of the rows that several screens of collection show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any
from uuid import UUID

from addressbook.disclosure import names_for
from collection.models import Charge, Method
from collection.search import instalment_text
from collection.selectors.account import ChargeStanding

OUTPUT = "collection.list"


def instalment_ja(charge: Charge | ChargeStanding) -> str:
    """期別 as staff say it."""
    return instalment_text(charge)


def method_ja(charge: Charge | ChargeStanding) -> str:
    """徴収方法."""
    return str(Method(charge.method).label)


def state_of(standing: ChargeStanding, on: date, *, is_debit: bool) -> tuple[str, str]:
    """(level, words) of an instalment on a day; the words say what the colour says."""
    if standing.state != "active":
        return "neutral", "取消"
    if standing.levied_yen == 0:
        return "neutral", "調定なし"
    if standing.is_paid:
        return "done", "納付済"
    if standing.is_reported:
        return "info", "速報"
    if standing.due_on < on:
        return "danger", f"期限超過{(on - standing.due_on).days}日"
    return ("info", "口座振替") if is_debit else ("neutral", "納期前")


def names(party_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names for a list on a screen of collection."""
    return dict(names_for(sorted(set(party_ids), key=str), output=OUTPUT))


def account_totals(standings: Iterable[ChargeStanding]) -> dict[str, int]:
    """Sums of an account: levied, paid, open, interest known, fees and interest levied and open."""
    rows = list(standings)
    return {
        "levied": sum(row.levied_yen for row in rows),
        "paid": sum(row.paid_yen for row in rows),
        "open": sum(row.open_yen for row in rows),
        "interest": sum(interest_left(row) for row in rows),
        "other": sum(row.other_open_yen for row in rows),
    }


def interest_left(standing: ChargeStanding) -> int:
    """Late interest of the day that has not been levied yet; what has been levied stands in the open fees."""
    return max(0, (standing.interest_yen or 0) - standing.interest_levied_yen)


def pay_total(values: dict[str, Any]) -> int:
    """いくら払えばよいか: tax, fees and interest of the day."""
    return int(values["open"] + values["other"] + values["interest"])
