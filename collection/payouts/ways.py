"""支払の方法ごとの登録 (one entrance for every way of paying): what the desk has entered becomes one payment."""

from __future__ import annotations

from datetime import date
from typing import Any, Protocol
from uuid import UUID

from collection.errors import RefundError
from collection.models import AccountSource, DebitMandate, RefundDecision, RefundPayment
from collection.payouts.counter import counter_payout_propose
from collection.payouts.designations import Wish, public_account_designate
from collection.services.refund_payments import BankAccount, Payee, payment_reserve, payment_reserve_remote
from taxsys.platform import clock
from taxsys.platform.staff.models import Staff


class Entered(Protocol):
    """What the form of the desk answers."""

    cleaned_data: dict[str, Any]

    def payee(self, party_id: UUID) -> Payee:
        """受取人."""

    def account(self) -> BankAccount:
        """請求書の口座."""


def pay_by(entered: Entered, decision: RefundDecision, *, actor: Staff) -> RefundPayment:
    """支払を登録する by the way entered. Raises RefundError of that way."""
    given = entered.cleaned_data
    payee, yen = entered.payee(decision.party_id), int(given["amount"])
    if given["way"] == "public":
        wish = Wish(given["claimed_on"], given["wish_way"], given["document"])
        return public_account_designate(decision.pk, wish, amount_yen=yen, actor=actor)
    if given["way"] == "remote":
        return payment_reserve_remote(decision.pk, payee, amount_yen=yen, actor=actor)
    if given["way"] == "counter":
        return counter_payout_propose(decision.pk, payee, amount_yen=yen, actor=actor)
    account = drawn_account(payee.party_id, on=clock.today()) if given["way"] == "mandate" else entered.account()
    return payment_reserve(decision.pk, payee, account, amount_yen=yen, actor=actor)


def drawn_account(party_id: UUID, *, on: date) -> BankAccount:
    """口座振替の口座 of a party: the newest that is drawn from on the day. Raises RefundError where there is none."""
    mandate = DebitMandate.objects.in_force(on).filter(party_id=party_id).order_by("pk").last()
    if mandate is None:
        raise RefundError("この方が使っている口座振替の口座はありません。ほかの方法を選んでください。")
    return BankAccount(
        AccountSource.MANDATE, mandate.bank_code, mandate.branch_code, mandate.account_type, mandate.account_number,
        mandate.holder_kana,
    )  # fmt: skip
