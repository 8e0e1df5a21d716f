"""納入の照会: old numbers, months due together, what stands open, employees behind a month, the work list."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

import numpy as np
from django.db.models import Q, QuerySet

from collection.models import Charge, Method, WithheldShare
from collection.params import parameter_file
from collection.selectors.account import charge_standing
from collection.withheld.models import AgentNumber, AgentPayment
from collection.withheld.rules import shares_paid

TAX_KIND = "10"
PLACES = 12


def number_now(number: str, *, on: date | None = None) -> str:
    """The designation number that stands for this one (on a day, else today); itself where it has not changed."""
    return numbers_now([number], on=on)[number]


def numbers_now(numbers: Collection[str], *, on: date | None = None) -> dict[str, str]:
    """The same for many: chains of changes are followed to their end."""
    rows = AgentNumber.objects.filter(withdrawn_at__isnull=True)
    if on is not None:
        rows = rows.filter(effective_on__lte=on)
    changes = dict(rows.values_list("old_no", "new_no"))
    found = {}
    for number in numbers:
        now, seen = number, {number}
        while now in changes and changes[now] not in seen:
            now = changes[now]
            seen.add(now)
        found[number] = now
    return found


def number_history(number: str) -> list[AgentNumber]:
    """Every change that led to, or away from, a number, oldest first."""
    names, rows = {number}, list(AgentNumber.objects.filter(withdrawn_at__isnull=True))
    grown = True
    while grown:
        more = {one for row in rows if {row.old_no, row.new_no} & names for one in (row.old_no, row.new_no)}
        grown = not more <= names
        names |= more
    return [row for row in rows if row.old_no in names]


def number_forms(text: str) -> set[str]:
    """How a number may be written: as it stands, without the zeros before it, and filled with zeros to seven."""
    plain = text.strip().upper()
    bare = plain.lstrip("0")
    return {plain, bare, bare.zfill(7)} - {"", "0" * 7} if bare else set()


def month_text(place: int) -> str:
    """A place of the year's twelve as the desk says it: 1 is 6月分."""
    return f"{(place + 4) % PLACES + 1}月分"


def agent_charges(numbers: Collection[str], *, tax_year: int) -> list[Charge]:
    """Months of these numbers in a year, June first."""
    rows = Charge.objects.filter(
        notice_no__in=numbers, method=Method.WAGE, tax_kind_id=TAX_KIND, tax_year=tax_year, amount_yen__gt=0
    )
    return list(rows.order_by("notice_no", "instalment_no"))


@dataclass(frozen=True, slots=True)
class SharePaid:
    """One employee of a month: the share and what of it is covered, yen."""

    employee_id: UUID
    person_no: str
    name: str
    share_yen: int
    paid_yen: int

    @property
    def open_yen(self) -> int:
        """What is left of the share."""
        return self.share_yen - self.paid_yen


def month_shares(charge: Charge, *, as_of: date) -> list[SharePaid]:
    """受給者別の内訳 of a month as of a day, by 宛名番号."""
    rows = WithheldShare.objects.filter(charge=charge, amount_yen__gt=0).select_related("employee")
    found = list(rows.order_by("employee__person_no"))
    paid = charge_standing(charge.pk, as_of=as_of).paid_yen
    yen = np.array([one.amount_yen for one in found], dtype=np.int64)
    covered = shares_paid(yen, paid, order=parameter_file("withheld")["shares"])
    return [
        SharePaid(one.employee_id, one.employee.person_no, one.employee.name, one.amount_yen, int(part))
        for one, part in zip(found, covered, strict=True)
    ]


def payments_list(*, only_open: bool) -> QuerySet[AgentPayment]:
    """納入の一覧, newest first; those to look at alone where asked."""
    rows = AgentPayment.objects.filter(is_open=True) if only_open else AgentPayment.objects.all()
    return rows.order_by("-paid_on", "-pk")


def payments_of(numbers: Collection[str]) -> list[AgentPayment]:
    """Every payment that named one of the numbers or was put to one, newest first."""
    rows = AgentPayment.objects.filter(Q(agent_no__in=numbers) | Q(written_no__in=numbers))
    return list(rows.order_by("-paid_on", "-pk"))


def open_count() -> int:
    """How many payments wait for an officer."""
    return AgentPayment.objects.filter(is_open=True).count()


def candidates(payment: AgentPayment, *, limit: int = 10) -> Sequence[Charge]:
    """Agents whose month is exactly the sum of a payment that named none."""
    rows = Charge.objects.filter(
        method=Method.WAGE, tax_kind_id=TAX_KIND, tax_year=payment.tax_year, instalment_no=payment.place,
        amount_yen=payment.amount_yen,
    )  # fmt: skip
    return list(rows.order_by("notice_no")[:limit])
