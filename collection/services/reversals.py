"""収納取消・消込取消・仮受の解消 (reversals): always new entries, never a change of old ones."""

from __future__ import annotations

from datetime import date

from django.db import connection, transaction
from django.db.models import Sum

from collection.bulk.slips import settle_slips
from collection.errors import SuspenseError
from collection.locks import charges_locked
from collection.models import (
    Account,
    AccountKind,
    Allocation,
    ChargeState,
    Component,
    EntryReason,
    JournalEntry,
    Overpayment,
    OverpaymentCause,
    Receipt,
    Suspense,
    SuspenseReason,
)
from collection.services.entries import EntryDraft, account_for, entry_write


def receipt_reverse(receipt_id: int, *, occurred_on: date, actor: str, reason_ja: str) -> JournalEntry:
    """収納取消: the money of a receipt did not arrive after all; everything it funded is taken back.

    Claims open again, its suspense and overpayments fall to zero. Refused with SuspenseError where an overpayment has
    been refunded or offset already. A receipt is reversed once.
    """
    with transaction.atomic():
        receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
        if receipt.entry_id is None or JournalEntry.objects.filter(reverses_id=receipt.entry_id).exists():
            raise SuspenseError("この収納は計上されていないか、すでに取り消されています。")
        cash = account_for(AccountKind.CASH_IN, receipt.channel, receipt.account_on)
        draft = EntryDraft(
            reason=EntryReason.RECEIPT_REVERSAL,
            dedupe_key=f"reversal:receipt:{receipt_id}",
            occurred_on=occurred_on,
            value_date=receipt.paid_on,
            actor=actor,
            source_document=reason_ja[:120],
            reverses_id=receipt.entry_id,
        )
        entry = _take_back(receipt, draft, cash)
        if not receipt.is_corrected:
            receipt.is_corrected = True
            receipt.state = "withdrawn"
            receipt.save(update_fields=["is_corrected", "state"])
        return entry


def matching_reverse(receipt_id: int, *, occurred_on: date, actor: str, reason_ja: str) -> Suspense:
    """消込取消: the money stays, its claim was wrong; all of it goes to suspense and waits for the right one."""
    with transaction.atomic():
        receipt = Receipt.objects.select_for_update().get(pk=receipt_id)
        if receipt.entry_id is None or receipt.is_corrected:
            raise SuspenseError("この収納は計上されていないか、すでに取り消されています。")
        number = JournalEntry.objects.filter(dedupe_key__startswith=f"unmatch:receipt:{receipt_id}:").count() + 1
        draft = EntryDraft(
            reason=EntryReason.MATCHING_REVERSAL,
            dedupe_key=f"unmatch:receipt:{receipt_id}:{number}",
            occurred_on=occurred_on,
            value_date=receipt.paid_on,
            actor=actor,
            source_document=reason_ja[:120],
        )
        entry = _take_back(receipt, draft, account_for(AccountKind.SUSPENSE, receipt.channel), keep_suspense=True)
        return Suspense.objects.create(
            receipt=receipt,
            yen=entry.total_yen,
            remaining_yen=entry.total_yen,
            reason=SuspenseReason.MATCHING_REVERSED,
            opened_on=occurred_on,
            entry=entry,
        )


def _take_back(
    receipt: Receipt, draft: EntryDraft, to_account: Account, *, keep_suspense: bool = False
) -> JournalEntry:
    """Draw everything the receipt funded into `to_account`; allocations get their negative rows."""
    nets = list(
        Allocation.objects.filter(receipt=receipt)
        .values("charge_id", "component")
        .annotate(net=Sum("yen"))
        .filter(net__gt=0)
        .order_by("charge_id", "component")
    )
    charges_locked([net["charge_id"] for net in nets])
    overpayments = list(Overpayment.objects.select_for_update().filter(receipt=receipt, yen__gt=0).order_by("pk"))
    suspenses = list(Suspense.objects.select_for_update().filter(receipt=receipt, remaining_yen__gt=0).order_by("pk"))
    transfers = []
    for net in nets:
        lifted = sum(
            o.yen
            for o in overpayments
            if o.cause == OverpaymentCause.LEVY_REDUCED
            and (o.charge_id, o.component) == (net["charge_id"], net["component"])
        )
        if net["net"] > lifted:
            account = Account.objects.get(charge_id=net["charge_id"], component=net["component"], kind="receivable")
            transfers.append((account.id, to_account.id, net["net"] - lifted))
    for overpayment in overpayments:
        if overpayment.held_by_id is not None:
            raise SuspenseError(
                "この収納から生じた過誤納金には還付・充当の案または決定があります。先にその案を取り下げてください。"
            )
        charge = overpayment.charge
        account = account_for(AccountKind.OVERPAYMENT, charge.tax_kind_id, overpayment.party_id)
        transfers.append((account.id, to_account.id, overpayment.yen))
    if not keep_suspense:
        suspense_account = account_for(AccountKind.SUSPENSE, receipt.channel)
        transfers += [(suspense_account.id, to_account.id, suspense.remaining_yen) for suspense in suspenses]
    if not transfers:
        raise SuspenseError("この収納には消し込まれた金額がありません。")
    entry = entry_write(draft, transfers)
    Allocation.objects.bulk_create(
        Allocation(
            receipt=receipt,
            charge_id=net["charge_id"],
            component=net["component"],
            paid_on=receipt.paid_on,
            yen=-net["net"],
            entry=entry,
        )
        for net in nets
    )
    with connection.cursor() as cursor:
        settle_slips(cursor, sorted({net["charge_id"] for net in nets}))
    Overpayment.objects.filter(pk__in=[o.pk for o in overpayments]).update(yen=0, remaining_yen=0)
    if not keep_suspense:
        Suspense.objects.filter(pk__in=[s.pk for s in suspenses]).update(remaining_yen=0)
    return entry


def suspense_resolve(suspense_id: int, *, charge_id: int, yen: int, occurred_on: date, actor: str) -> JournalEntry:
    """仮受の解消: put part or all of a suspense to a charge, 本税 first; what exceeds the claim is an overpayment.

    The legal payment date of the receipt counts for interest. Raises SuspenseError.
    """
    with transaction.atomic():
        charge = charges_locked([charge_id])[0]
        suspense = Suspense.objects.select_for_update().select_related("receipt").get(pk=suspense_id)
        if charge.state != ChargeState.ACTIVE:
            raise SuspenseError("取消済みの期別には消し込めません。")
        if not 0 < yen <= suspense.remaining_yen:
            raise SuspenseError(f"消し込める額は1円から{suspense.remaining_yen:,}円までです。")
        receipt, source = suspense.receipt, account_for(AccountKind.SUSPENSE, suspense.receipt.channel)
        parts, rest = _fit(charge_id, yen)
        transfers = [(source.id, account_id, part) for _component, account_id, part in parts]
        if rest:
            target = account_for(AccountKind.OVERPAYMENT, charge.tax_kind_id, charge.party_id)
            transfers.append((source.id, target.id, rest))
        entry = entry_write(
            EntryDraft(
                reason=EntryReason.SUSPENSE_RESOLVED,
                dedupe_key=f"suspense:{suspense_id}:{suspense.yen - suspense.remaining_yen}",
                occurred_on=occurred_on,
                value_date=receipt.paid_on,
                actor=actor,
                source_document=receipt.match_key,
            ),
            transfers,
        )
        Allocation.objects.bulk_create(
            Allocation(
                receipt=receipt, charge_id=charge_id, component=name, paid_on=receipt.paid_on, yen=part, entry=entry
            )
            for name, _account_id, part in parts
        )
        if rest:
            Overpayment.objects.create(
                party_id=charge.party_id,
                charge=charge,
                receipt=receipt,
                cause=OverpaymentCause.EXCESS if parts else OverpaymentCause.DOUBLE,
                paid_on=receipt.paid_on,
                arose_on=occurred_on,
                yen=rest,
                remaining_yen=rest,
                entry=entry,
            )
        suspense.remaining_yen -= yen
        suspense.save(update_fields=["remaining_yen"])
        with connection.cursor() as cursor:
            settle_slips(cursor, [charge_id])
        return entry


def _fit(charge_id: int, yen: int) -> tuple[list[tuple[str, int, int]], int]:
    """Split yen over the open components of a charge in the order of allocation; returns the parts and the rest."""
    order = list(Component.values)
    accounts = sorted(
        Account.objects.filter(charge_id=charge_id, kind=AccountKind.RECEIVABLE, balance__isnull=False).select_related(
            "balance"
        ),
        key=lambda account: order.index(account.component),
    )
    parts, rest = [], yen
    for account in accounts:
        part = min(rest, account.balance.debit_yen - account.balance.credit_yen)
        if part > 0:
            parts.append((account.component, account.id, part))
            rest -= part
    return parts, rest
