"""延滞金・督促手数料の調定 (levy of late interest and reminder fees) on a charge."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Sum

from collection.errors import CollectionError
from collection.locks import charge_locked
from collection.models import Account, AccountKind, Balance, Component, EntryReason, Transfer
from collection.services.entries import EntryDraft, account_for, entry_write

_REVENUE = {
    Component.REMINDER_FEE: AccountKind.REMINDER_FEE,
    Component.LATE_INTEREST: AccountKind.INTEREST,
    Component.PENALTY: AccountKind.INTEREST,
}


def component_raise(charge_id: int, component: Component, *, to_yen: int, occurred_on: date, actor: str) -> int:
    """Raise what is levied of a component on a charge to `to_yen`; posts only the difference. Returns yen posted.

    Never lowers it: the same figure again, or a smaller one, posts nothing.
    """
    with transaction.atomic():
        charge = charge_locked(charge_id)
        account = Account.objects.filter(charge=charge, component=component, kind=AccountKind.RECEIVABLE).first()
        levied = _levied_yen(account, _REVENUE[component]) if account else 0
        if to_yen <= levied:
            return 0
        account = account or Account.objects.create(charge=charge, component=component, kind=AccountKind.RECEIVABLE)
        kind = _REVENUE[component]
        revenue = account_for(kind, charge.tax_kind_id, charge.levy_year, charge.tax_year)
        # What was taken back may be levied again (a reminder withdrawn and issued anew): that is another event.
        lowered = Transfer.objects.filter(credit=account, debit=revenue).count()
        entry_write(
            EntryDraft(
                reason=EntryReason.COMPONENT,
                dedupe_key=f"component:{charge_id}:{component}:{to_yen}" + (f":{lowered}" if lowered else ""),
                occurred_on=occurred_on,
                value_date=occurred_on,
                actor=actor,
                source_document=charge.source_ref,
                legal_ground="地方税法326条ほか" if component == Component.LATE_INTEREST else "",
            ),
            [(account.id, revenue.id, to_yen - levied)],
        )
        return to_yen - levied


def _levied_yen(account: Account, revenue_kind: AccountKind) -> int:
    """What has been levied on a component so far: transfers from its revenue less those back to it."""
    raised = Transfer.objects.filter(debit=account, credit__kind=revenue_kind).aggregate(yen=Sum("yen"))["yen"] or 0
    lowered = Transfer.objects.filter(credit=account, debit__kind=revenue_kind).aggregate(yen=Sum("yen"))["yen"] or 0
    return int(raised - lowered)


def component_cancel(charge_id: int, component: Component, *, occurred_on: date, actor: str) -> int:
    """Take back what is levied of a component on a charge (督促の取消, say); again nothing. Returns yen.

    Raises CollectionError where part of it has been paid: that money is to be treated as an overpayment first.
    """
    with transaction.atomic():
        charge = charge_locked(charge_id)
        account = Account.objects.filter(charge=charge, component=component, kind=AccountKind.RECEIVABLE).first()
        levied = _levied_yen(account, _REVENUE[component]) if account else 0
        if account is None or levied == 0:
            return 0
        balance = Balance.objects.get(account=account)
        if balance.debit_yen - balance.credit_yen < levied:
            raise CollectionError(
                "納付済みの額があるため取り消せません。収納を消込取消し、過誤納として処理してください。"
            )
        revenue = account_for(_REVENUE[component], charge.tax_kind_id, charge.levy_year, charge.tax_year)
        times = Transfer.objects.filter(credit=account, debit=revenue).count()
        entry_write(
            EntryDraft(
                reason=EntryReason.COMPONENT,
                dedupe_key=f"component-cancel:{charge_id}:{component}:{times + 1}",
                occurred_on=occurred_on,
                value_date=occurred_on,
                actor=actor,
                source_document=charge.source_ref,
            ),
            [(revenue.id, account.id, levied)],
        )
        return levied
