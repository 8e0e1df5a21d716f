"""配当割額等の控除不足額 (writes): what the prefecture has withheld beyond the income levy is put to the year's claims.

The shortfall comes in like a payment over a channel of its own: first to the instalments of the year up to what the
law sets off (均等割への充当), the rest is an overpayment for the refund desk to offset or refund. A shortfall that
turns out lower is taken back; what has been refunded already is claimed back. 地方税法314条の9第3項・37条の4第3項,
施行令48条の9の3; F-PC-017, F-RF-012.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from collection.bulk.levy import LevyRow
from collection.bulk.slips import settle_slips
from collection.errors import SuspenseError
from collection.locks import charges_locked
from collection.models import (
    Account,
    AccountKind,
    Allocation,
    Balance,
    Channel,
    Charge,
    Component,
    EntryReason,
    Method,
    Overpayment,
    OverpaymentCause,
    Receipt,
    ReceiptState,
)
from collection.services.entries import EntryDraft, account_for, entry_write
from collection.services.levy import levy_post
from collection.services.reversals import receipt_reverse
from taxsys.kernel.calendar import fiscal_year
from taxsys.kernel.rounding import floor_1

# 返納金: what was refunded of a shortfall that later turned out lower, under a tax kind of its own.
CLAIM_BACK = "19"
_LEGAL_GROUND = "地方税法314条の9第3項・37条の4第3項"


@dataclass(frozen=True, slots=True)
class Shortfall:
    """控除不足額 of one decision in yen; `offset_yen` is put to the year's instalments, `due_on` for a claim back."""

    party_id: UUID
    tax_kind: str
    tax_year: int
    notice_no: str
    version: int
    yen: int
    offset_yen: int
    statutory_due_on: date
    due_on: date

    @property
    def key(self) -> str:
        """Business key of everything posted of it."""
        return f"{self.tax_kind}:{self.tax_year}:{self.notice_no}"


@dataclass(frozen=True, slots=True)
class Settled:
    """What one call has moved, in yen: put to instalments, handed to the refund desk, taken back, claimed back."""

    offset_yen: int = 0
    surplus_yen: int = 0
    taken_back_yen: int = 0
    claimed_yen: int = 0


@transaction.atomic
def shortfall_settle(shortfall: Shortfall, *, occurred_on: date, actor: str) -> Settled:
    """Bring the books to the shortfall as decided; idempotent, only the difference is posted."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"withheld:{shortfall.key}"])
    have = credited_yen(shortfall.key, tax_year=shortfall.tax_year, notice_no=shortfall.notice_no)
    if shortfall.yen == have:
        return Settled()
    if shortfall.yen > have:
        return _credit(shortfall, shortfall.yen - have, occurred_on=occurred_on, actor=actor)
    taken = _take_back(shortfall.key, occurred_on=occurred_on, actor=actor)
    left = have - taken
    if left > shortfall.yen:
        _claim_back(shortfall, left - shortfall.yen, occurred_on=occurred_on, actor=actor)
        return Settled(taken_back_yen=taken, claimed_yen=left - shortfall.yen)
    if left == shortfall.yen:
        return Settled(taken_back_yen=taken)
    again = _credit(shortfall, shortfall.yen - left, occurred_on=occurred_on, actor=actor)
    return Settled(again.offset_yen, again.surplus_yen, taken)


def credited_yen(key: str, *, tax_year: int, notice_no: str) -> int:
    """What of a notice's shortfall stands credited: receipts less what was claimed back (yen)."""
    credited = _receipts(key).aggregate(yen=Sum("amount_yen"))["yen"] or 0
    claimed = Charge.objects.filter(tax_kind_id=CLAIM_BACK, tax_year=tax_year, notice_no=notice_no)
    return int(credited) - int(claimed.aggregate(yen=Sum("amount_yen"))["yen"] or 0)


def _receipts(key: str) -> QuerySet[Receipt]:
    return Receipt.objects.filter(
        channel=Channel.WITHHELD, external_key__startswith=f"{key}:", state=ReceiptState.CONFIRMED
    )


def _credit(shortfall: Shortfall, yen: int, *, occurred_on: date, actor: str) -> Settled:
    first = _first_charge(shortfall)
    charges = _open_charges(shortfall)
    charges_locked(sorted({first.pk, *(charge.pk for charge, _, _ in charges)}))
    done = _allocated_yen(shortfall.key)
    room = min(yen, max(0, shortfall.offset_yen - done))
    parts: list[tuple[Charge, int, int]] = []
    for charge, account_id, open_yen in charges:
        part = min(room, open_yen)
        if part:
            parts.append((charge, account_id, part))
            room -= part
    offset = sum(part for _, _, part in parts)
    receipt = Receipt.objects.create(
        channel=Channel.WITHHELD,
        external_key=f"{shortfall.key}:{shortfall.version}:{_receipts_ever(shortfall.key) + 1}",
        paid_on=occurred_on,
        account_on=occurred_on,
        amount_yen=yen,
        key_kind="charge",
        match_key=first.business_key,
        is_confirmed=True,
        state=ReceiptState.CONFIRMED,
        actor=actor,
    )
    _post(shortfall, receipt, parts, yen - offset, first)
    return Settled(offset_yen=offset, surplus_yen=yen - offset)


def _receipts_ever(key: str) -> int:
    return Receipt.objects.filter(channel=Channel.WITHHELD, external_key__startswith=f"{key}:").count()


def _allocated_yen(key: str) -> int:
    rows = Allocation.objects.filter(receipt__in=_receipts(key), component=Component.PRINCIPAL)
    return int(rows.aggregate(yen=Sum("yen"))["yen"] or 0)


def _post(
    shortfall: Shortfall, receipt: Receipt, parts: list[tuple[Charge, int, int]], rest: int, first: Charge
) -> None:
    cash = account_for(AccountKind.CASH_IN, Channel.WITHHELD, receipt.account_on)
    transfers = [(cash.id, account_id, part) for _, account_id, part in parts]
    if rest:
        surplus = account_for(AccountKind.OVERPAYMENT, shortfall.tax_kind, shortfall.party_id)
        transfers.append((cash.id, surplus.id, rest))
    entry = entry_write(
        EntryDraft(
            reason=EntryReason.RECEIPT,
            dedupe_key=f"receipt:{Channel.WITHHELD}:{receipt.external_key}",
            occurred_on=receipt.paid_on,
            value_date=receipt.paid_on,
            actor=receipt.actor,
            source_document=f"通知書番号{shortfall.notice_no} 第{shortfall.version}版",
            legal_ground=_LEGAL_GROUND,
        ),
        transfers,
    )
    receipt.entry = entry
    receipt.save(update_fields=["entry"])
    Allocation.objects.bulk_create(
        Allocation(
            receipt=receipt,
            charge=charge,
            component=Component.PRINCIPAL,
            paid_on=receipt.paid_on,
            yen=part,
            entry=entry,
        )
        for charge, _, part in parts
    )
    if rest:
        Overpayment.objects.create(
            party_id=shortfall.party_id, charge=first, receipt=receipt, cause=OverpaymentCause.WITHHELD,
            paid_on=receipt.paid_on, arose_on=receipt.paid_on, yen=rest, remaining_yen=rest, entry=entry,
        )  # fmt: skip
    if parts:
        with connection.cursor() as cursor:
            settle_slips(cursor, sorted(charge.pk for charge, _, _ in parts))


def _open_charges(shortfall: Shortfall) -> list[tuple[Charge, int, int]]:
    """The year's bills of the notice with open tax, by due date: (charge, receivable account, open yen)."""
    charges = Charge.objects.filter(
        tax_kind_id=shortfall.tax_kind, tax_year=shortfall.tax_year, notice_no=shortfall.notice_no,
        method=Method.ORDINARY, amount_yen__gt=0,
    ).order_by("due_on", "instalment_no")  # fmt: skip
    balances = {
        row.account.charge_id: row
        for row in Balance.objects.filter(
            account__charge__in=charges, account__component=Component.PRINCIPAL, kind=AccountKind.RECEIVABLE
        ).select_related("account")
    }
    found = []
    for charge in charges:
        balance = balances.get(charge.pk)
        if balance is not None and balance.debit_yen > balance.credit_yen:
            found.append((charge, balance.account_id, balance.debit_yen - balance.credit_yen))
    return found


def _first_charge(shortfall: Shortfall) -> Charge:
    """The instalment that an overpayment is written on: the notice's first bill, made at 0 yen for who owes nothing."""
    charge, is_new = Charge.objects.get_or_create(
        tax_kind_id=shortfall.tax_kind,
        levy_year=shortfall.tax_year,
        tax_year=shortfall.tax_year,
        method=Method.ORDINARY,
        notice_no=shortfall.notice_no,
        instalment_no=1,
        defaults={
            "party_id": shortfall.party_id,
            "due_on": shortfall.statutory_due_on,
            "statutory_due_on": shortfall.statutory_due_on,
            "amount_yen": 0,
            "source_ref": f"decision:{shortfall.party_id}:{shortfall.tax_year}",
        },
    )
    if is_new:
        Account.objects.create(kind=AccountKind.RECEIVABLE, charge=charge, component=Component.PRINCIPAL)
    return charge


def _take_back(key: str, *, occurred_on: date, actor: str) -> int:
    """Reverse every receipt of the shortfall of which nothing was refunded or offset yet. Answers the yen."""
    taken = 0
    for receipt in _receipts(key).order_by("pk"):
        if Overpayment.objects.filter(receipt=receipt, held_by__isnull=False).exists():
            continue
        try:
            with transaction.atomic():
                receipt_reverse(receipt.pk, occurred_on=occurred_on, actor=actor, reason_ja="控除不足額の変更")
        except SuspenseError:
            continue
        taken += receipt.amount_yen
    return taken


def _claim_back(shortfall: Shortfall, yen: int, *, occurred_on: date, actor: str) -> None:
    """返納金: what was refunded too much is owed again, two fifths of it the prefecture's."""
    number = Charge.objects.filter(
        tax_kind_id=CLAIM_BACK, tax_year=shortfall.tax_year, notice_no=shortfall.notice_no
    ).count()
    prefecture = int(floor_1(yen * 2, 5))
    row = LevyRow(
        source_ref=f"shortfall:{shortfall.key}",
        party_id=shortfall.party_id,
        tax_kind=CLAIM_BACK,
        levy_year=fiscal_year(occurred_on),
        tax_year=shortfall.tax_year,
        method=Method.ORDINARY,
        notice_no=shortfall.notice_no,
        instalment_no=number + 1,
        due_on=shortfall.due_on,
        statutory_due_on=shortfall.due_on,
        city_yen=yen - prefecture,
        prefecture_yen=prefecture,
    )
    levy_post(
        [row],
        dedupe_key=f"shortfall:{shortfall.key}:{shortfall.version}:{number + 1}",
        occurred_on=occurred_on,
        actor=actor,
        legal_ground=_LEGAL_GROUND,
    )
