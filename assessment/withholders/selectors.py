"""特別徴収義務者の照会: who pays twice a year, what waits, and who no longer meets the condition."""

from __future__ import annotations

import tomllib
from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

from django.db.models import Count, QuerySet

from assessment.models import Withholder
from assessment.withholders.models import PaymentPrivilege, PrivilegeState
from assessment.withholders.rules import Span, due_places
from collection.models import Method, WithheldShare
from collection.withheld.selectors import number_forms, numbers_now

STANDING = (PrivilegeState.APPROVED, PrivilegeState.REVOKED, PrivilegeState.GIVEN_UP)
TERMS_FILE = Path(__file__).with_name("terms.toml")


@cache
def privilege_terms() -> Mapping[str, int]:
    """納期の特例の条件: months at once, employees, earliest start (assessment/withholders/terms.toml)."""
    return dict(tomllib.loads(TERMS_FILE.read_text(encoding="utf-8"))["privilege"])


def privilege_spans(withholder_ids: Collection[int] | None = None) -> dict[int, list[Span]]:
    """Months with the privilege by agent, those that have ended too; all agents where none are named."""
    rows = PaymentPrivilege.objects.filter(state__in=STANDING)
    if withholder_ids is not None:
        rows = rows.filter(withholder_id__in=withholder_ids)
    found: dict[int, list[Span]] = defaultdict(list)
    for agent, first, ended in rows.order_by("pk").values_list("withholder_id", "first_month", "ended_on"):
        found[agent].append(Span(first, ended))
    return dict(found)


def agent_due_places(tax_year: int, withholder_ids: Collection[int] | None = None) -> dict[int, tuple[int, ...]]:
    """Agents with another due date than the ordinary one: for each month the place whose due date it is paid by."""
    half = privilege_terms()["half_months"]
    spans = privilege_spans(withholder_ids)
    places = {agent: due_places(tax_year, own, half_months=half) for agent, own in spans.items()}
    ordinary = tuple(range(1, 13))
    return {agent: own for agent, own in places.items() if own != ordinary}


def number_due_places(tax_year: int, numbers: Collection[str]) -> dict[str, tuple[int, ...]]:
    """The same by designation number."""
    agents = dict(Withholder.objects.filter(designation_no__in=numbers).values_list("pk", "designation_no"))
    return {agents[one]: own for one, own in agent_due_places(tax_year, list(agents)).items()}


def withholder_by_number(text: str, *, on: date | None = None) -> Withholder | None:
    """The agent meant by a number as it is typed or comes in: an old number finds who stands for it on the day.

    Zeros before the number may be missing. None where no number of any time is meant.
    """
    forms = number_forms(text)
    now = numbers_now(forms, on=on)
    found = {one.designation_no: one for one in Withholder.objects.filter(designation_no__in=forms | set(now.values()))}
    for number in sorted(forms, key=len, reverse=True):
        if now[number] in found:
            return found[now[number]]
    return None


def privileges_of(withholder: Withholder) -> list[PaymentPrivilege]:
    """納期の特例の履歴 of an agent, newest first."""
    return list(withholder.privileges.prefetch_related("moves"))


def privileges_list(state: str) -> QuerySet[PaymentPrivilege]:
    """Applications and approvals of a state ("": all), oldest first."""
    rows = PaymentPrivilege.objects.select_related("withholder")
    return (rows.filter(state=state) if state else rows).order_by("received_on", "pk")


def waiting_count() -> int:
    """How many applications wait for an officer."""
    return PaymentPrivilege.objects.filter(state=PrivilegeState.APPLIED).count()


@dataclass(frozen=True, slots=True)
class Outgrown:
    """An agent with the privilege whose employees are no longer fewer than the limit by the books."""

    withholder: Withholder
    employees: int


def employees_now(withholders: Collection[Withholder], *, tax_year: int) -> dict[str, int]:
    """Employees with a withheld month in the year, by designation number."""
    numbers = [one.designation_no for one in withholders]
    rows = WithheldShare.objects.filter(
        charge__notice_no__in=numbers, charge__method=Method.WAGE, charge__tax_year=tax_year, amount_yen__gt=0
    )
    return dict(
        rows.values("charge__notice_no").annotate(people=Count("employee_id", distinct=True)).values_list(
            "charge__notice_no", "people"
        )
    )  # fmt: skip


def outgrown(tax_year: int) -> list[Outgrown]:
    """要件(常時10人未満)を欠く疑い: approved agents with as many employees as the limit, or more."""
    rows = PaymentPrivilege.objects.filter(state=PrivilegeState.APPROVED).select_related("withholder")
    agents = [one.withholder for one in rows.order_by("withholder__designation_no")]
    people = employees_now(agents, tax_year=tax_year)
    limit = privilege_terms()["employees_below"]
    return [Outgrown(one, people[one.designation_no]) for one in agents if people.get(one.designation_no, 0) >= limit]
