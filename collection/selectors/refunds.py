"""還付・充当の照会: overpayments that wait, what would become of them on a day, and where decisions stand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import F, Min, Sum

from collection.models import (
    Account,
    AccountKind,
    Balance,
    Component,
    Overpayment,
    RefundBudget,
    RefundDecision,
    RefundLine,
    RefundPayment,
    RefundState,
)
from collection.params import interest_rounding, rate_table, refund_rules
from collection.rules.interest_rates import RateMissingError
from collection.rules.late_interest import Payment
from collection.rules.limitation import refund_claim_last_day
from collection.rules.refund_interest import (
    Leaving,
    RefundCause,
    RefundDateMissingError,
    RefundDates,
    count_from,
    refund_interest,
)
from collection.rules.refund_plan import Accrued, Claim, PlannedLine, Surplus, plan_refund
from collection.selectors.account import ChargeStanding, interest_with, party_account
from taxsys.kernel.calendar import fiscal_year
from taxsys.platform import clock
from taxsys.platform.printing.models import PrintItem

ENDING_DAYS = 180  # a claim to a refund that ends within so many days is marked on the list


@dataclass(frozen=True, slots=True)
class Ground:
    """起算の号 of one overpayment with the dates that number needs (17条の4第1項)."""

    code: str
    request_on: date | None = None
    correction_on: date | None = None
    tax_office_notice_on: date | None = None


@dataclass(frozen=True, slots=True)
class RefundPlan:
    """充当・還付の案: a line for each overpayment, in yen; `standings` are the claims by id."""

    lines: tuple[PlannedLine, ...]
    standings: Mapping[int, ChargeStanding]

    @property
    def offset_yen(self) -> int:
        """What is put to claims."""
        return sum(offset.yen for line in self.lines for offset in line.offsets)

    @property
    def refund_yen(self) -> int:
        """What is refunded, interest not counted."""
        return sum(line.refund_yen for line in self.lines)

    @property
    def interest_yen(self) -> int:
        """還付加算金."""
        return sum(line.interest.interest_yen for line in self.lines)


def usual_ground(overpayment: Overpayment) -> Ground:
    """The number of 17条の4第1項 that the act behind it has given, else the one that the cause points to."""
    one = overpayment
    if one.ground:
        return Ground(one.ground, one.request_on, one.correction_on, one.tax_office_notice_on)
    return Ground(refund_rules().ground[overpayment.cause])


def waiting(party_id: UUID | None = None) -> list[Overpayment]:
    """過誤納金 with a remainder that no decision holds, oldest first; of all parties, or of one."""
    found = Overpayment.objects.filter(remaining_yen__gt=0, held_by__isnull=True)
    if party_id is not None:
        found = found.filter(party_id=party_id)
    return list(found.select_related("charge__tax_kind", "receipt").order_by("arose_on", "pk"))


def open_yen_by_party(party_ids: Iterable[UUID], *, due_by: date) -> dict[UUID, int]:
    """充当先候補: what each of the parties owes on claims due by the day, in yen, late interest not levied left out."""
    rows = (
        Balance.objects.filter(
            kind=AccountKind.RECEIVABLE, debit_yen__gt=F("credit_yen"), account__charge__party__in=list(party_ids),
            account__charge__due_on__lte=due_by,
        )
        .values("account__charge__party_id")
        .annotate(yen=Sum(F("debit_yen") - F("credit_yen")))
    )  # fmt: skip
    return {row["account__charge__party_id"]: int(row["yen"]) for row in rows}


def interest_today(overpayment: Overpayment) -> int | None:
    """還付加算金 if the whole were refunded today by its usual ground; None where a rate or a date is missing."""
    today = clock.today()
    try:
        surplus = _surplus(overpayment, usual_ground(overpayment))
        result = refund_interest(
            leavings=[Leaving(today, surplus.yen)], first_day=surplus.first_day, rates=rate_table("refund_interest"),
            rounding=interest_rounding(),
        )  # fmt: skip
    except (RateMissingError, RefundDateMissingError):
        return None
    return result.interest_yen


def claim_ends_on(overpayment: Overpayment) -> date:
    """時効: the last day on which the refund can be claimed (18条の3), counted from the day it arose."""
    return refund_claim_last_day(overpayment.arose_on, (), years=refund_rules().claim_years)


def decision_claim_ends(decisions: Iterable[RefundDecision]) -> dict[int, date]:
    """時効 of decided refunds by decision: renewed by the mailed notice and by the claim form (city's setting)."""
    rules, listed = refund_rules(), list(decisions)
    arose = {
        row["decision_id"]: row["first"]
        for row in RefundLine.objects.filter(decision__in=listed)
        .values("decision_id")
        .annotate(first=Min("overpayment__arose_on"))
    }
    known: dict[int, list[date]] = {one.pk: [] for one in listed}
    if rules.notice_renews:
        by_no = {one.refund_no: one.pk for one in listed}
        mailed = PrintItem.objects.filter(
            package__kind="refund_notice", package__posted_on__isnull=False, item_key__in=by_no, pulled_by=""
        )
        for refund_no, posted_on in mailed.values_list("item_key", "package__posted_on"):
            known[by_no[refund_no]] += [posted_on] if posted_on else []
    if rules.claim_form_renews:
        claimed = RefundPayment.objects.filter(decision__in=listed, claimed_on__isnull=False)
        for decision_id, claimed_on in claimed.values_list("decision_id", "claimed_on"):
            known[decision_id] += [claimed_on] if claimed_on else []
    return {
        one.pk: refund_claim_last_day(arose[one.pk], known[one.pk], years=rules.claim_years)
        for one in listed
        if one.pk in arose
    }


def refund_plan(
    party_id: UUID, overpayments: Sequence[Overpayment], grounds: Mapping[int, Ground], *, decided_on: date
) -> RefundPlan:
    """案: what becomes of these overpayments of a party on a day. Raises RateMissingError, RefundDateMissingError.

    The claims are those that stand now: one raised since `decided_on` and due by then is met too (17条の2).
    """
    known_on = max(decided_on, clock.today())
    standings = {one.charge_id: one for one in party_account(party_id, as_of=known_on) if _can_be_met(one)}
    lines = plan_refund(
        [_surplus(one, grounds[one.pk]) for one in overpayments],
        _claims(standings),
        decided_on=decided_on,
        rates=rate_table("refund_interest"),
        rounding=interest_rounding(),
    )
    return RefundPlan(tuple(lines), standings)


def _can_be_met(standing: ChargeStanding) -> bool:
    """Open claims only, late interest that has run without being levied among them (it is owed by law).

    A payment reported but not confirmed may have met it already; pensions are remitted by their payer.
    """
    is_open = standing.open_yen + standing.other_open_yen + standing.interest_left_yen > 0
    return is_open and not standing.is_reported and not standing.is_paid_by_agent


def _surplus(overpayment: Overpayment, ground: Ground) -> Surplus:
    arises_on: date = getattr(overpayment, refund_rules().arises[overpayment.cause])
    dates = RefundDates(
        paid_on=overpayment.paid_on,
        due_on=overpayment.charge.due_on,
        request_on=ground.request_on,
        correction_on=ground.correction_on,
        tax_office_notice_on=ground.tax_office_notice_on,
    )
    return Surplus(overpayment.pk, overpayment.remaining_yen, arises_on, count_from(RefundCause(ground.code), dates))


def _claims(standings: Mapping[int, ChargeStanding]) -> list[Claim]:
    accounts = Account.objects.filter(
        charge_id__in=standings, kind=AccountKind.RECEIVABLE, balance__isnull=False
    ).select_related("balance")
    open_yen: dict[int, dict[str, int]] = {charge_id: {} for charge_id in standings}
    for account in accounts:
        left = account.balance.debit_yen - account.balance.credit_yen
        open_yen[account.charge_id or 0][account.component] = left
    order = list(Component.values)
    return [
        Claim(
            key=charge_id,
            due_on=standing.due_on,
            open_yen=sorted(open_yen[charge_id].items(), key=lambda part: order.index(part[0])),
            levied_interest_yen=standing.interest_levied_yen,
            accrued=_accrued(standing),
        )
        for charge_id, standing in standings.items()
    ]


def _accrued(standing: ChargeStanding) -> Accrued:
    def accrued(payments: Sequence[Payment], on: date) -> tuple[int, date | None]:
        result = interest_with(standing, payments, as_of=on)
        return result.interest_yen, result.segments[-1].until_on if result.segments else None

    return accrued


def budget_of(overpayment: Overpayment, decided_on: date) -> RefundBudget:
    """年度区分: 戻出 where the money came in in the fiscal year of the decision, 償還金 where before (F-RF-015)."""
    received_on = overpayment.receipt.account_on if overpayment.receipt else None
    same = received_on is None or fiscal_year(received_on) == fiscal_year(decided_on)
    return RefundBudget.REVENUE if same else RefundBudget.EXPENDITURE


def grounds_of(decision: RefundDecision) -> dict[int, Ground]:
    """The numbers and dates that a decision was made with, by overpayment."""
    return {
        line.overpayment_id: Ground(line.ground, line.request_on, line.correction_on, line.tax_office_notice_on)
        for line in decision.lines.all()
    }


def decisions_by_state() -> dict[str, list[RefundDecision]]:
    """還付充当決定 that still need work, by where they stand: waiting for approval, for an account, for payment."""
    live = RefundDecision.objects.exclude(state=RefundState.DISCARDED).select_related("party").order_by("pk")
    proposed = [one for one in live if one.state == RefundState.PROPOSED]
    decided = [one for one in live if one.state == RefundState.DECIDED and one.unpaid_yen > 0]
    return {"proposed": proposed, "without_account": decided}
