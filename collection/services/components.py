"""延滞金・督促手数料の調定 (levy of late interest and reminder fees) on a charge."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.db.models import Sum

from collection.errors import CollectionError
from collection.locks import charge_locked
from collection.models import Account, AccountKind, Balance, Component, EntryReason, Transfer
from collection.rules.interest_rates import RateMissingError
from collection.selectors.account import charge_interest
from collection.services.entries import EntryDraft, account_for, entry_write

_REVENUE = {
    Component.REMINDER_FEE: AccountKind.REMINDER_FEE,
    Component.LATE_INTEREST: AccountKind.INTEREST,
    Component.PENALTY: AccountKind.INTEREST,
}


def component_raise(
    charge_id: int, component: Component, *, to_yen: int, occurred_on: date, actor: str, value_on: date | None = None
) -> int:
    """Raise what is levied of a component on a charge to `to_yen`; posts only the difference. Returns yen posted.

    `value_on`: the day from which it counts, where that is not the day of the posting.

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
                value_date=value_on or occurred_on,
                actor=actor,
                source_document=charge.source_ref,
                legal_ground="地方税法326条ほか" if component == Component.LATE_INTEREST else "",
            ),
            [(account.id, revenue.id, to_yen - levied)],
        )
        return to_yen - levied


def printed_interest_raise(charge_id: int, printed_yen: int, *, paid_on: date, account_on: date, actor: str) -> int:
    """延滞金 printed on a slip is levied when the slip is paid: at most what the claim has borne by that day.

    A slip asks for what comes to the interest levied before, up to its last day; who pays sooner, twice, or after the
    tax was reduced owes less, and the rest is the payer's (地方税法17条). It counts from the day of payment and is
    accounted for on `account_on` (会計日). Returns yen posted. Where the rate of the day is not announced the printed
    figure stands.
    """
    with transaction.atomic():
        charge = charge_locked(charge_id)
        account = Account.objects.filter(
            charge=charge, component=Component.LATE_INTEREST, kind=AccountKind.RECEIVABLE
        ).first()
        to_yen = printed_yen + (_levied_yen(account, AccountKind.INTEREST) if account else 0)
        try:
            to_yen = min(to_yen, charge_interest(charge_id, as_of=paid_on).interest_yen)
        except RateMissingError:
            to_yen = printed_yen
        return component_raise(
            charge_id, Component.LATE_INTEREST, to_yen=to_yen, occurred_on=account_on, value_on=paid_on, actor=actor
        )


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
