"""窓口・仮受・日計の照会 (what the screens of the collection desk show); raw SQL where a set has to be summed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection
from django.db.models import Count, Sum

from collection.models import (
    Allocation,
    BankTotal,
    Channel,
    Charge,
    Component,
    DebitRequest,
    Overpayment,
    Receipt,
    Slip,
    SlipLine,
    Suspense,
)
from collection.selectors.days import ChannelDay, day_receipts


@dataclass(frozen=True, slots=True)
class ReceiptPart:
    """Where the money of a receipt lies now: a component of an instalment, in yen (net of reversals)."""

    receipt: Receipt
    charge: Charge
    component_ja: str
    yen: int


def receipt_parts(receipt_ids: Sequence[int]) -> list[ReceiptPart]:
    """消込の内訳 of receipts, net: what was taken back does not stand here."""
    rows = (
        Allocation.objects.filter(receipt_id__in=receipt_ids)
        .values("receipt_id", "charge_id", "component")
        .annotate(net=Sum("yen"))
        .filter(net__gt=0)
        .order_by("receipt_id", "charge_id", "component")
    )
    found = list(rows)
    receipts = Receipt.objects.in_bulk([row["receipt_id"] for row in found])
    charges = Charge.objects.select_related("tax_kind").in_bulk([row["charge_id"] for row in found])
    order = list(Component.values)
    return [
        ReceiptPart(
            receipts[row["receipt_id"]], charges[row["charge_id"]], str(Component(row["component"]).label), row["net"]
        )
        for row in sorted(found, key=lambda r: (r["receipt_id"], r["charge_id"], order.index(r["component"])))
    ]


def charge_receipts(charge_id: int) -> list[Receipt]:
    """Receipts that have ever touched an instalment, by their slip or by allocation, newest payment first."""
    ids = set(Allocation.objects.filter(charge_id=charge_id).values_list("receipt_id", flat=True))
    cases = SlipLine.objects.filter(charge_id=charge_id).values("slip__case_no")
    found = Receipt.objects.filter(key_kind="case", match_key__in=cases).values_list("id", flat=True)
    return list(Receipt.objects.filter(pk__in=ids | set(found)).order_by("-paid_on", "-pk"))


def charge_slips(charge_id: int) -> list[Slip]:
    """納付書 of an instalment, newest version first."""
    return list(Slip.objects.filter(lines__charge_id=charge_id).order_by("-version", "-pk"))


def charge_debits(charge_id: int) -> list[DebitRequest]:
    """口座振替の依頼 of an instalment, newest first."""
    rows = DebitRequest.objects.filter(charge_id=charge_id).select_related("batch", "mandate")
    return list(rows.order_by("-batch__debit_on", "-pk"))


def charge_overpayments(charge_id: int) -> list[Overpayment]:
    """過誤納 that came of an instalment."""
    return list(Overpayment.objects.filter(charge_id=charge_id, yen__gt=0).order_by("arose_on", "pk"))


def party_overpayments(party_id: UUID) -> list[Overpayment]:
    """過誤納 of a party with something left to give back, oldest first."""
    rows = Overpayment.objects.filter(party_id=party_id, remaining_yen__gt=0).select_related("charge__tax_kind")
    return list(rows.order_by("arose_on", "pk"))


@dataclass(frozen=True, slots=True)
class SuspenseRow:
    """仮受一件 with its age in days and the charge its receipt names, if any."""

    suspense: Suspense
    age_days: int
    charge: Charge | None


AGE_STEPS = ((7, "7日以内"), (30, "30日以内"), (90, "90日以内"), (10**6, "90日超"))


def suspense_open(on: date) -> list[SuspenseRow]:
    """仮受の一覧: what is open, oldest first. Two queries."""
    rows = list(
        Suspense.objects.filter(remaining_yen__gt=0).select_related("receipt__slip").order_by("opened_on", "pk")
    )
    slips = [row.receipt.slip_id for row in rows if row.receipt.slip_id]
    lines = SlipLine.objects.filter(slip_id__in=slips).select_related("charge__tax_kind").order_by("slip_id", "pk")
    named: dict[int, Charge] = {}
    for line in lines:
        named.setdefault(line.slip_id, line.charge)
    return [SuspenseRow(row, (on - row.opened_on).days, named.get(row.receipt.slip_id or 0)) for row in rows]


def suspense_ages(rows: Sequence[SuspenseRow]) -> list[tuple[str, int, int]]:
    """Ageing: (step, count, yen) of the open suspense."""
    out = []
    lower = -1
    for upper, title in AGE_STEPS:
        inside = [row for row in rows if lower < row.age_days <= upper]
        out.append((title, len(inside), sum(row.suspense.remaining_yen for row in inside)))
        lower = upper
    return out


@dataclass(frozen=True, slots=True)
class DayRow:
    """日計 of a channel beside the bank's total; `bank_yen` None = the bank's total has not been noted."""

    channel: str
    channel_ja: str
    day: ChannelDay | None
    bank_yen: int | None
    reference: str

    @property
    def received_yen(self) -> int:
        """What the books received."""
        return self.day.received_yen if self.day else 0

    @property
    def bank_difference_yen(self) -> int | None:
        """Bank less books; must be 0."""
        return None if self.bank_yen is None else self.bank_yen - self.received_yen


def day_against_bank(account_on: date) -> list[DayRow]:
    """日計と入金額 of an account day, by channel: every channel that has received or been credited."""
    days = {day.channel: day for day in day_receipts(account_on)}
    bank: dict[str, BankTotal] = {}
    for total in BankTotal.objects.filter(account_on=account_on).order_by("pk"):
        bank[total.channel] = total
    return [
        DayRow(
            channel.value,
            str(channel.label),
            days.get(channel.value),
            bank[channel.value].yen if channel.value in bank else None,
            bank[channel.value].reference if channel.value in bank else "",
        )
        for channel in Channel
        if channel.value in days or channel.value in bank
    ]


def account_days(until: date, *, limit: int = 10) -> list[tuple[date, int, int]]:
    """The last account days with money: (day, receipts, yen), newest first."""
    with connection.cursor() as cursor:
        cursor.execute(
            """SELECT account_on, count(*), sum(amount_yen)::bigint FROM collection_receipt
                WHERE state = 'confirmed' AND account_on <= %s GROUP BY account_on ORDER BY account_on DESC LIMIT %s""",
            [until, limit],
        )
        return [(row[0], row[1], row[2]) for row in cursor.fetchall()]


@dataclass(frozen=True, slots=True)
class WithheldYear:
    """特別徴収分 of an employee: one year with one agent; the agent owes it, the employee is its reason."""

    tax_year: int
    agent_id: UUID
    designation_no: str
    months: int
    yen: int


def withheld_years(party_id: UUID) -> list[WithheldYear]:
    """給与特別徴収 of an employee by year and agent, newest first."""
    rows = (
        Charge.objects.filter(shares__employee_id=party_id, shares__amount_yen__gt=0)
        .values("tax_year", "party_id", "notice_no")
        .annotate(months=Count("shares"), yen=Sum("shares__amount_yen"))
        .order_by("-tax_year", "notice_no")
    )
    return [WithheldYear(r["tax_year"], r["party_id"], r["notice_no"], r["months"], r["yen"]) for r in rows]
