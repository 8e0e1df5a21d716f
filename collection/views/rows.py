"""Words of the rows that several screens of collection show."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from addressbook.disclosure import names_for
from collection.models import Charge, Component, Method
from collection.search import instalment_text
from collection.selectors.account import ChargeStanding

OUTPUT = "collection.list"


def instalment_ja(charge: Charge | ChargeStanding) -> str:
    """期別 as staff say it."""
    return instalment_text(charge)


def component_ja(component: str) -> str:
    """区分 of a claim."""
    return str(Component(component).label)


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
    if standing.is_paid_by_agent:
        return ("caution", "納入待ち") if standing.due_on < on else ("neutral", "年金から徴収")
    if standing.due_on < on:
        return "danger", f"期限超過{(on - standing.due_on).days}日"
    return ("info", "口座振替") if is_debit else ("neutral", "納期前")


_CASE_DIGITS = 16


def evidence_ja(source_document: str) -> str:
    """証拠 of an entry as staff read it: the decision, the slip, the debit request or the claim it names."""
    if source_document.startswith("decision:"):
        return f"賦課決定 {source_document.rsplit(':', 1)[-1]}年度"
    if source_document.count("|") == 5:
        return "期別を指定した納付"
    if source_document.isdigit():
        return f"{'納付書' if len(source_document) == _CASE_DIGITS else '口座振替'} {source_document}"
    return source_document


def actor_ja(actor: str) -> str:
    """処理者: the officer's number, or the job."""
    return actor.removeprefix("staff:")


def names(party_ids: Iterable[UUID]) -> dict[UUID, str]:
    """Names for a list on a screen of collection."""
    return dict(names_for(sorted(set(party_ids), key=str), output=OUTPUT))


def account_totals(standings: Iterable[ChargeStanding]) -> dict[str, int]:
    """Sums of an account; `to_pay` answers いくら払えばよいか and leaves out what the pension payer remits."""
    rows = list(standings)
    own = [row for row in rows if not row.is_paid_by_agent]
    return {
        "levied": sum(row.levied_yen for row in rows),
        "paid": sum(row.paid_yen for row in rows),
        "open": sum(row.open_yen for row in rows),
        "interest": sum(row.interest_left_yen for row in rows),
        "other": sum(row.other_open_yen for row in rows),
        "to_pay": sum(row.open_yen + row.other_open_yen + row.interest_left_yen for row in own),
    }
