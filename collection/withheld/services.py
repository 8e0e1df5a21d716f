"""義務者の納入の消込 (writes): one sum of an agent to its months, judged, and kept for an officer where it differs.

The whole of a sound file is posted: a sum for a number that is not used any more goes to the one that stands for it,
a sum without a month of its own to suspense. Agents with 納期の特例 pay the months of a half year with one sum.
F-CL-009, F-CL-035, R-017, R-110.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date

from django.db import transaction
from django.db.models import Sum

from collection.bulk.receipts import ReceiptRecord
from collection.locks import charges_locked
from collection.models import AccountKind, Allocation, Balance, Channel, Charge, Overpayment, OverpaymentCause, Receipt
from collection.models.receipts import ReceiptFile
from collection.services.receipts import ReceiptOutcome, receipts_post
from collection.withheld.errors import AgentPaymentError
from collection.withheld.models import AgentNumber, AgentPayment, PaymentFinding
from collection.withheld.selectors import TAX_KIND, agent_charges, number_forms, numbers_now
from taxsys.platform import clock

_Month = tuple[str, int, int]
FIRST_MONTH = 6
# What alone needs no officer.
_HARMLESS = {PaymentFinding.OLD_NUMBER, PaymentFinding.EARLY}


@dataclass(frozen=True, slots=True)
class AgentLine:
    """One payment as a file states it. `place`: month of the year's twelve, June = 1; yen."""

    payment_key: str
    line_no: int
    written_no: str
    payer_name: str
    tax_year: int
    place: int
    amount_yen: int
    paid_on: date
    account_on: date
    is_retirement: bool = False

    @property
    def order(self) -> tuple[date, str]:
        """In which order payments of one month are put to it."""
        return self.paid_on, self.payment_key


@dataclass(slots=True)
class _Months:
    """Months of the agents that the lines speak of: charges by (number, year, place), and what stands open."""

    charges: dict[_Month, Charge] = field(default_factory=dict)
    open_yen: dict[int, int] = field(default_factory=dict)

    def due_together(self, month: _Month) -> list[Charge]:
        """The months of the agent that fall due with this one."""
        named = self.charges[month]
        return [
            one for (no, year, _), one in self.charges.items()
            if (no, year) == month[:2] and one.due_on == named.due_on
        ]  # fmt: skip


@transaction.atomic
def agent_payments_post(
    lines: Sequence[AgentLine], *, file: ReceiptFile | None, actor: str, as_of: date
) -> ReceiptOutcome:
    """納入を消し込む and keep what came of each. Idempotent by payment key; the money posted is the lines' sum."""
    months = _months_of(lines)
    known = set(AgentPayment.objects.filter(payment_key__in=[one.payment_key for one in lines]).values_list(
        "payment_key", flat=True
    ))  # fmt: skip
    fresh = sorted((one for one in lines if one.payment_key not in known), key=lambda one: one.order)
    targets = {one.payment_key: _target(one, months) for one in fresh}
    outcome = receipts_post(
        (_record(one, targets.get(one.payment_key, one.written_no)) for one in lines), actor=actor, as_of=as_of,
        file=file,
    )  # fmt: skip
    posted = _posted([one.payment_key for one in fresh])
    AgentPayment.objects.bulk_create(
        [_judged(one, targets[one.payment_key], months, posted.get(one.payment_key, {})) for one in fresh]
    )
    return outcome


def _months_of(lines: Iterable[AgentLine]) -> _Months:
    """Charges of every number that may be meant, locked, with their open principal."""
    written: dict[int, set[str]] = defaultdict(set)
    for one in lines:
        written[one.tax_year] |= number_forms(one.written_no)
    found = _Months()
    for year, numbers in written.items():
        names = numbers | set(numbers_now(numbers).values())
        for charge in agent_charges(names, tax_year=year):
            found.charges[(charge.notice_no, year, charge.instalment_no)] = charge
    ids = [one.pk for one in charges_locked([one.pk for one in found.charges.values()])]
    balances = Balance.objects.filter(
        account__charge_id__in=ids, account__kind=AccountKind.RECEIVABLE, account__component="principal"
    )
    found.open_yen = {
        charge: debit - credit
        for charge, debit, credit in balances.values_list("account__charge_id", "debit_yen", "credit_yen")
    }
    return found


def _target(line: AgentLine, months: _Months) -> str:
    """The number whose month the sum is for: the written one, the one that stands for it, "" for none."""
    if line.is_retirement:
        return ""
    forms = sorted(number_forms(line.written_no))
    for number in (*forms, *(numbers_now(forms)[one] for one in forms)):
        if (number, line.tax_year, line.place) in months.charges:
            return number
    return ""


def _record(line: AgentLine, number: str) -> ReceiptRecord:
    key = f"{TAX_KIND}|{line.tax_year}|{line.tax_year}|wage|{number or line.written_no or '-'}|{line.place}"
    return ReceiptRecord(
        channel=Channel.WAGE, external_key=line.payment_key, kind="confirmed", key_kind="agent",
        match_key=f"{key}|退職" if line.is_retirement else key, amount_yen=line.amount_yen, paid_on=line.paid_on,
        account_on=line.account_on, line_no=line.line_no,
    )  # fmt: skip


def _posted(keys: Sequence[str]) -> dict[str, dict[str, int]]:
    """Per payment what was allocated, and what was too much by cause."""
    receipts = dict(
        Receipt.objects.filter(channel=Channel.WAGE, external_key__in=keys).values_list("pk", "external_key")
    )
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    rows = Allocation.objects.filter(receipt_id__in=receipts).values("receipt_id").annotate(yen=Sum("yen"))
    for receipt, yen in rows.values_list("receipt_id", "yen"):
        found[receipts[receipt]]["allocated"] += yen
    for receipt, cause, yen in Overpayment.objects.filter(receipt_id__in=receipts).values_list(
        "receipt_id", "cause", "yen"
    ):
        found[receipts[receipt]][cause] += yen
    return found


def _judged(line: AgentLine, number: str, months: _Months, posted: dict[str, int]) -> AgentPayment:
    """What an officer has to know of the payment; takes it off what stands open for the next one."""
    findings: list[str] = []
    asked = short = 0
    if line.is_retirement:
        findings.append(PaymentFinding.RETIREMENT)
    elif not number:
        findings.append(PaymentFinding.NO_NUMBER if not number_forms(line.written_no) else PaymentFinding.UNKNOWN)
    else:
        month = (number, line.tax_year, line.place)
        together = months.due_together(month)
        asked = sum(months.open_yen.get(one.pk, 0) for one in together)
        _take(months, together, line.amount_yen)
        # Who may pay six months at once and pays one of them is short only with the last.
        is_last = line.place == max(one.instalment_no for one in together)
        short = max(0, asked - line.amount_yen) if is_last else 0
        if number not in number_forms(line.written_no):
            findings.append(PaymentFinding.OLD_NUMBER)
        if line.paid_on < _month_begins(line.tax_year, line.place):
            findings.append(PaymentFinding.EARLY)
    over = posted.get(OverpaymentCause.EXCESS, 0) + posted.get(OverpaymentCause.DOUBLE, 0)
    if short:
        findings.append(PaymentFinding.SHORT)
    if posted.get(OverpaymentCause.DOUBLE) and not asked:
        findings.append(PaymentFinding.DOUBLE)
    elif over:
        findings.append(PaymentFinding.OVER)
    return AgentPayment(
        payment_key=line.payment_key, line_no=line.line_no, written_no=line.written_no, agent_no=number,
        payer_name=line.payer_name, tax_year=line.tax_year, place=line.place, paid_on=line.paid_on,
        amount_yen=line.amount_yen, asked_yen=asked, over_yen=over, short_yen=short, findings=findings,
        is_open=bool(set(findings) - _HARMLESS),
    )  # fmt: skip


def _take(months: _Months, together: Sequence[Charge], yen: int) -> None:
    """The payment taken off the months due together, oldest first."""
    rest = yen
    for one in sorted(together, key=lambda charge: charge.instalment_no):
        taken = min(rest, months.open_yen.get(one.pk, 0))
        months.open_yen[one.pk] = months.open_yen.get(one.pk, 0) - taken
        rest -= taken


def _month_begins(tax_year: int, place: int) -> date:
    year, month = divmod(tax_year * 12 + FIRST_MONTH + place - 2, 12)
    return date(year, month + 1, 1)


@transaction.atomic
def payment_settle(payment_id: int, *, note: str, actor_id: str) -> AgentPayment:
    """確認済にする with what was done. Raises AgentPaymentError without a note, or for one that is worked off."""
    payment = AgentPayment.objects.select_for_update().get(pk=payment_id)
    if not note.strip():
        raise AgentPaymentError("処理の内容を入力してください。")
    if not payment.is_open:
        raise AgentPaymentError("この納入は処理済みです。一覧を開き直してください。")
    payment.is_open, payment.note_ja = False, note.strip()[:200]
    payment.settled_by, payment.settled_at = actor_id, clock.now()
    payment.save(update_fields=["is_open", "note_ja", "settled_by", "settled_at"])
    return payment


@transaction.atomic
def number_change(
    old_no: str, new_no: str, *, change: str, effective_on: date, reason: str, actor_id: str
) -> AgentNumber:
    """旧番号を残す: from now on the old number stands for the new one wherever it is typed or comes in.

    Idempotent for the same pair. Raises AgentPaymentError where the old number stands for another already, or where
    the new one leads back to it.
    """
    standing = AgentNumber.objects.filter(old_no=old_no, withdrawn_at__isnull=True).first()
    if standing is not None and standing.new_no == new_no:
        return standing
    if standing is not None:
        raise AgentPaymentError(f"指定番号{old_no}は{standing.new_no}に変わっています。履歴を確かめてください。")
    if numbers_now([new_no])[new_no] == old_no or old_no == new_no:
        raise AgentPaymentError(f"指定番号{new_no}は指定番号{old_no}の旧番号です。向きを確かめてください。")
    return AgentNumber.objects.create(
        old_no=old_no, new_no=new_no, change=change, effective_on=effective_on, reason_ja=reason.strip()[:200],
        recorded_by=actor_id, recorded_at=clock.now(),
    )  # fmt: skip
