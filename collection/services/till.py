"""窓口収納と締め (counter payments and the end of the day at a till)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from django.db import IntegrityError, transaction
from django.db.models import Count, Sum

from collection.closing.errors import PeriodClosedError
from collection.closing.periods import period_refuse_closed
from collection.errors import CollectionError
from collection.locks import charge_locked
from collection.models import BankTotal, Channel, ChargeState, Component, Receipt, TillClosing
from collection.payouts.models import CounterPayout
from collection.selectors.account import ChargeStanding, charge_standing
from collection.services.components import component_raise
from collection.services.imports import FileRecord
from collection.services.receipts import counter_payment_post
from taxsys.platform import clock


class TillError(CollectionError):
    """窓口収納 or the closing of a till cannot be done as asked."""

    code = "C0601"


@dataclass(frozen=True, slots=True)
class CounterPayment:
    """What is taken at a till: `token` comes from the form and makes a second press of the button one payment."""

    staff_no: str
    token: str
    charge_id: int
    amount_yen: int
    paid_on: date
    takes_excess: bool = False


def till_key(staff_no: str, token: str) -> str:
    """The payment's key in the channel 窓口."""
    return f"till:{staff_no}:{token}"


def counter_payment_take(payment: CounterPayment) -> Receipt:
    """窓口収納: posts the payment once, with the late interest of the payment day raised where the tax is paid in full.

    More than is due is refused with TillError unless `takes_excess` says that it is meant; so are a closed instalment,
    a date in the future and a till that has been closed for that day. The same token again gives the first receipt.
    F-CL-004, F-CL-012.
    """
    key = till_key(payment.staff_no, payment.token)
    with transaction.atomic():
        charge = charge_locked(payment.charge_id)
        if known := Receipt.objects.filter(channel=Channel.COUNTER, external_key=key).first():
            return known
        if payment.paid_on > clock.today():
            raise TillError("領収日が未来です。領収した日を入力してください。")
        if charge.state != ChargeState.ACTIVE:
            raise TillError("取消済みの期別です。いまの賦課の期別を選んでください。")
        if TillClosing.objects.filter(staff_no=payment.staff_no, closed_for=payment.paid_on).exists():
            raise TillError(f"{payment.paid_on:%Y-%m-%d}の窓口は締め済みです。翌日の領収として処理してください。")
        try:
            period_refuse_closed(payment.paid_on)
        except PeriodClosedError as error:
            raise TillError(error.message_ja, code=error.code) from error
        due = charge_due(payment.charge_id, on=payment.paid_on)
        if payment.amount_yen > due.total_yen and not payment.takes_excess:
            raise TillError(
                f"納付すべき額({due.total_yen:,}円)を超えています。過大でも受け取るときは確認してください。"
            )
        actor = f"staff:{payment.staff_no}"
        if payment.amount_yen >= due.principal_yen and due.interest_yen:
            component_raise(
                payment.charge_id, Component.LATE_INTEREST, to_yen=due.interest_yen, occurred_on=payment.paid_on,
                actor=actor,
            )  # fmt: skip
        counter_payment_post(
            till_key=key,
            charge_key=charge.business_key,
            amount_yen=payment.amount_yen,
            paid_on=payment.paid_on,
            actor=actor,
        )
        return Receipt.objects.get(channel=Channel.COUNTER, external_key=key)


@dataclass(frozen=True, slots=True)
class ChargeDue:
    """What has to be paid on an instalment on a day, in yen; `interest_note_ja` says why interest is not known.

    `fee_yen` are reminder fees open, `other_yen` interest and penalties levied before and open, `interest_yen` the
    whole late interest of that day. `is_reported`: a payment is known and not confirmed yet (速報).
    """

    principal_yen: int
    fee_yen: int
    other_yen: int
    interest_yen: int
    interest_levied_yen: int
    interest_note_ja: str = ""
    is_reported: bool = False

    @property
    def interest_due_yen(self) -> int:
        """Interest to be paid: what was levied and is open, and what has come to it since."""
        return self.other_yen + max(0, self.interest_yen - self.interest_levied_yen)

    @property
    def total_yen(self) -> int:
        """Tax, fees and interest up to the day."""
        return self.principal_yen + self.fee_yen + self.interest_due_yen


def charge_due(charge_id: int, *, on: date) -> ChargeDue:
    """納付すべき額 of an instalment on a day. Raises LookupError."""
    return due_of(charge_standing(charge_id, as_of=on))


def due_of(standing: ChargeStanding) -> ChargeDue:
    """納付すべき額 of an instalment as it stands (with its interest) on the day of the standing."""
    return ChargeDue(
        principal_yen=standing.open_yen,
        fee_yen=standing.fee_open_yen,
        other_yen=standing.other_open_yen - standing.fee_open_yen,
        interest_yen=standing.interest_yen or 0,
        interest_levied_yen=standing.interest_levied_yen,
        interest_note_ja=standing.interest_note_ja,
        is_reported=standing.is_reported,
    )


@dataclass(frozen=True, slots=True)
class TillDay:
    """窓口の一日: what an officer has taken, reversed payments left out, and paid out; `posted_yen` is what stays."""

    receipt_count: int
    posted_yen: int
    payout_count: int = 0
    payout_yen: int = 0


def till_day(staff_no: str, on: date) -> TillDay:
    """Payments taken by an officer at the till with this receipt date, less the refunds paid out of it (窓口払)."""
    taken = Receipt.objects.filter(
        channel=Channel.COUNTER, external_key__startswith=till_key(staff_no, ""), paid_on=on, state="confirmed"
    )
    paid = CounterPayout.objects.filter(paid_by=staff_no, payment__state="paid", payment__paid_on=on)
    out = paid.aggregate(count=Count("pk"), yen=Sum("payment__amount_yen"))
    got = taken.aggregate(count=Count("pk"), yen=Sum("amount_yen"))
    return TillDay(got["count"], (got["yen"] or 0) - (out["yen"] or 0), out["count"], out["yen"] or 0)


def till_close(*, staff_no: str, closed_for: date, counted_yen: int, note: str = "") -> TillClosing:
    """窓口の締め: cash counted against what was posted; a difference needs its reason. Raises TillError."""
    day = till_day(staff_no, closed_for)
    if counted_yen != day.posted_yen and not note.strip():
        difference = abs(counted_yen - day.posted_yen)
        raise TillError(
            f"現金残高({counted_yen:,}円)と計上額({day.posted_yen:,}円)に{difference:,}円の差異があります。"
            "数え直すか、理由を入力してください。"
        )
    try:
        with transaction.atomic():
            return TillClosing.objects.create(
                staff_no=staff_no,
                closed_for=closed_for,
                receipt_count=day.receipt_count,
                posted_yen=day.posted_yen,
                counted_yen=counted_yen,
                note=note.strip()[:200],
                closed_at=clock.now(),
            )
    except IntegrityError as error:
        raise TillError(f"{closed_for:%Y-%m-%d}の窓口は締め済みです。") from error


def bank_total_note(*, channel: str, account_on: date, yen: int, reference: str, actor: str) -> BankTotal:
    """入金額の記録 of a channel and day as the bank states it; an earlier statement stays on record."""
    return BankTotal.objects.create(
        channel=channel, account_on=account_on, yen=yen, reference=reference, actor=actor, recorded_at=clock.now()
    )


def bank_totals_import(records: Iterable[FileRecord], *, actor: str) -> list[date]:
    """収納日計の取込: the bank's totals by day and channel; one noted with the same yen is left. Their days."""
    days = []
    with transaction.atomic():
        for record in records:
            values = record.values
            on, channel, yen = values["account_on"], str(values["channel"]), int(values["amount_yen"])
            known = BankTotal.objects.filter(account_on=on, channel=channel).order_by("-pk").first()
            if known is None or known.yen != yen:
                bank_total_note(
                    channel=channel, account_on=on, yen=yen, reference=str(values["reference"])[:60], actor=actor
                )
            days.append(on)
    return days
