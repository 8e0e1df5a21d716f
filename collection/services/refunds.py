"""還付・充当の起案と決定 (refund and offset): proposed by one, decided by another, posted as seen (R-023, R-112).

A proposal takes hold of its overpayments (`held_by`), so that a second one finds nothing; a decision posts exactly the
plan that its approver saw, or becomes void where the claims have moved meanwhile.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from collection.bulk.slips import settle_slips
from collection.closing.periods import closed_through
from collection.errors import RefundError
from collection.locks import charges_locked
from collection.models import (
    Account,
    AccountKind,
    Allocation,
    Balance,
    Component,
    EntryReason,
    Overpayment,
    OverpaymentCause,
    RefundDecision,
    RefundLine,
    RefundOffset,
    RefundState,
)
from collection.rules.interest_rates import RateMissingError
from collection.rules.refund_interest import RefundDateMissingError
from collection.rules.refund_plan import PlannedLine
from collection.selectors.account import charge_standing
from collection.selectors.refunds import Ground, RefundPlan, budget_of, grounds_of, refund_plan
from collection.services.components import component_raise
from collection.services.entries import EntryDraft, account_for, entry_write
from taxsys.kernel.calendar import fiscal_year
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ContentChanged
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.models import Staff

KIND = "collection.refund"


def refund_propose(party_id: UUID, grounds: Mapping[int, Ground], *, decided_on: date, actor: Staff) -> RefundDecision:
    """還付充当を起案する: the overpayments named by `grounds` are held and their plan waits for a second person.

    Raises RefundError where one is held already, has no remainder or belongs to somebody else, where a date or a rate
    is missing, or `decided_on` lies before an overpayment arose.
    """
    with transaction.atomic():
        overpayments = _free_overpayments(party_id, sorted(grounds), decided_on)
        plan = _planned(party_id, overpayments, grounds, decided_on)
        decision = RefundDecision.objects.create(
            refund_no=_next_no(decided_on.year),
            party_id=party_id,
            decided_on=decided_on,
            offset_yen=plan.offset_yen,
            refund_yen=plan.refund_yen,
            interest_yen=plan.interest_yen,
            proposed_by=f"staff:{actor.staff_no}",
            recorded_at=clock.now(),
        )
        _lines_write(decision, plan, {one.pk: one for one in overpayments}, grounds)
        Overpayment.objects.filter(pk__in=[one.pk for one in overpayments]).update(held_by=decision)
        approval = approval_propose(
            kind=KIND,
            subject_key=f"refund:{decision.refund_no}",
            title_ja=f"過誤納金の還付・充当 {decision.refund_no}",
            content=_content(decision, plan),
            actor=actor,
        )
        decision.approval_ref = str(approval.pk)
        decision.save(update_fields=["approval_ref"])
        _recorded(decision, "create")
        return decision


def _next_no(year: int) -> str:
    """還付番号: the next of the year; one at a time."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('collection.refund_no'))")
    last = RefundDecision.objects.filter(refund_no__startswith=f"{year}-").order_by("-refund_no").first()
    return f"{year}-{(int(last.refund_no[5:]) if last else 0) + 1:06d}"


def _free_overpayments(party_id: UUID, ids: list[int], decided_on: date) -> list[Overpayment]:
    found = list(
        Overpayment.objects.select_for_update(of=("self",))
        .filter(pk__in=ids, party_id=party_id)
        .select_related("charge", "receipt")
        .order_by("pk")
    )
    if not ids or len(found) != len(ids):
        raise RefundError("還付・充当する過誤納金を一覧から選び直してください。")
    for one in found:
        if one.held_by_id is not None or one.remaining_yen == 0:
            raise RefundError(
                "選んだ過誤納金には、還付・充当の案または決定がすでにあります。一覧を開き直してください。"
            )
        if one.receipt_id is None:
            raise RefundError("収納の記録がない過誤納金です。収納の記録を補ってから起案してください。")
        if max(one.arose_on, one.paid_on) > decided_on:
            raise RefundError("支出決定日が過誤納の発生日より前です。日付を直してください。")
    return found


def _planned(
    party_id: UUID, overpayments: list[Overpayment], grounds: Mapping[int, Ground], decided_on: date
) -> RefundPlan:
    try:
        return refund_plan(party_id, overpayments, grounds, decided_on=decided_on)
    except (RateMissingError, RefundDateMissingError) as error:
        raise RefundError(str(error)) from error


def _lines_write(
    decision: RefundDecision, plan: RefundPlan, overpayments: Mapping[int, Overpayment], grounds: Mapping[int, Ground]
) -> None:
    for planned in plan.lines:
        overpayment = overpayments[planned.surplus.key]
        ground = grounds[overpayment.pk]
        line = RefundLine.objects.create(
            decision=decision,
            overpayment=overpayment,
            ground=ground.code,
            request_on=ground.request_on,
            correction_on=ground.correction_on,
            tax_office_notice_on=ground.tax_office_notice_on,
            budget=budget_of(overpayment, decision.decided_on),
            yen=planned.surplus.yen,
            refund_yen=planned.refund_yen,
            count_from=planned.interest.count_from,
            count_until=planned.interest.count_until,
            segments=_segments(planned),
            interest_yen=planned.interest.interest_yen,
        )
        RefundOffset.objects.bulk_create(
            RefundOffset(
                line=line,
                charge_id=offset.claim,
                component=offset.component,
                settled_on=offset.settled_on,
                yen=offset.yen,
            )
            for offset in planned.offsets
        )


def _segments(planned: PlannedLine) -> list[dict[str, Any]]:
    return [
        {
            "from": segment.from_on.isoformat(),
            "until": segment.until_on.isoformat(),
            "rate": segment.rate_percent,
            "base": segment.base_yen,
            "days": segment.days,
            "yen": segment.yen,
        }
        for segment in planned.interest.segments
    ]


def _content(decision: RefundDecision, plan: RefundPlan) -> dict[str, Any]:
    """What the approver sees and the hash covers: every line to the yen."""
    return {
        "decision_id": decision.pk,
        "party_id": str(decision.party_id),
        "before": {"surplus_yen": sum(line.surplus.yen for line in plan.lines)},
        "after": {
            "offset_yen": plan.offset_yen,
            "refund_yen": plan.refund_yen,
            "interest_yen": plan.interest_yen,
            "decided_on": decision.decided_on.isoformat(),
        },
        "lines": _fingerprint(plan),
    }


def _fingerprint(plan: RefundPlan) -> list[list[Any]]:
    return [
        [
            line.surplus.key,
            line.surplus.yen,
            line.refund_yen,
            line.interest.interest_yen,
            [[o.claim, o.component, o.settled_on.isoformat(), o.yen] for o in line.offsets],
        ]
        for line in plan.lines
    ]


def refund_stale(approval: Approval) -> str:
    """Why a proposal no longer stands: the claims or the overpayments are other than its plan says."""
    decision = RefundDecision.objects.filter(pk=approval.content["decision_id"], state=RefundState.PROPOSED).first()
    if decision is None:
        return "還付充当の案が取り下げられています。"
    return "" if _fingerprint(_plan_now(decision)) == approval.content["lines"] else _MOVED


_MOVED = "起案の後に、未納または過誤納の状況が変わりました。"


def _plan_now(decision: RefundDecision) -> RefundPlan:
    held = Overpayment.objects.filter(held_by=decision).select_related("charge", "receipt").order_by("pk")
    return refund_plan(decision.party_id, list(held), grounds_of(decision), decided_on=decision.decided_on)


def refund_approved(approval: Approval) -> None:
    """決定: the second person has approved; offsets and the debt to the party are posted. Raises ContentChanged."""
    decision = RefundDecision.objects.select_for_update().get(pk=approval.content["decision_id"])
    offsets = list(
        RefundOffset.objects.filter(line__decision=decision).select_related("line__overpayment__charge").order_by("pk")
    )
    charges_locked(sorted({one.charge_id for one in offsets} | {one.line.overpayment.charge_id for one in offsets}))
    list(Overpayment.objects.select_for_update().filter(held_by=decision).order_by("pk"))
    if decision.state != RefundState.PROPOSED or _fingerprint(_plan_now(decision)) != approval.content["lines"]:
        raise ContentChanged
    if (closed := closed_through()) is not None and decision.decided_on <= closed:
        raise ContentChanged  # its day was closed meanwhile: it is proposed anew with another one
    actor = f"staff:{approval.decided_by.staff_no}" if approval.decided_by else ""
    for number, offset in enumerate(offsets, start=1):
        _offset_post(decision, offset, number, actor)
    _refund_post(decision, actor)
    decision.state = RefundState.DECIDED
    decision.save(update_fields=["state", "entry"])
    if offsets:
        with connection.cursor() as cursor:
            settle_slips(cursor, sorted({one.charge_id for one in offsets}))
    _recorded(decision, "update")


def _offset_post(decision: RefundDecision, offset: RefundOffset, number: int, actor: str) -> None:
    """充当 of one part: the money of the receipt now lies on another claim (and no longer on the reduced one)."""
    overpayment = Overpayment.objects.select_related("charge").get(pk=offset.line.overpayment_id)
    if offset.component == Component.LATE_INTEREST:
        _interest_levy(offset, decision.decided_on, actor)
    receivable = Account.objects.get(
        charge_id=offset.charge_id, component=offset.component, kind=AccountKind.RECEIVABLE
    )
    surplus = account_for(AccountKind.OVERPAYMENT, overpayment.charge.tax_kind_id, overpayment.party_id)
    offset.entry = entry_write(
        EntryDraft(
            reason=EntryReason.OFFSET,
            dedupe_key=f"refund:{decision.refund_no}:offset:{number}",
            occurred_on=decision.decided_on,
            value_date=offset.settled_on,
            actor=actor,
            source_document=f"還付番号{decision.refund_no}",
            legal_ground="地方税法17条の2",
            approval_ref=decision.approval_ref,
        ),
        [(surplus.id, receivable.id, offset.yen)],
    )
    offset.save(update_fields=["entry"])
    moved = [(offset.charge_id, offset.component, offset.settled_on, offset.yen)]
    if overpayment.cause == OverpaymentCause.LEVY_REDUCED:
        moved.append((overpayment.charge_id, overpayment.component, overpayment.paid_on, -offset.yen))
    Allocation.objects.bulk_create(
        Allocation(
            receipt_id=overpayment.receipt_id or 0, charge_id=charge_id, component=component, paid_on=paid_on, yen=yen,
            entry=offset.entry,
        )
        for charge_id, component, paid_on, yen in moved
    )  # fmt: skip
    overpayment.yen -= offset.yen
    overpayment.remaining_yen -= offset.yen
    overpayment.save(update_fields=["yen", "remaining_yen"])


def _interest_levy(offset: RefundOffset, on: date, actor: str) -> None:
    """What the claim has borne beyond the levied interest is levied before it is met."""
    balance = Balance.objects.filter(
        account__charge_id=offset.charge_id, account__component=Component.LATE_INTEREST, kind=AccountKind.RECEIVABLE
    ).first()
    open_yen = balance.debit_yen - balance.credit_yen if balance else 0
    if offset.yen > open_yen:
        levied = charge_standing(offset.charge_id, as_of=on).interest_levied_yen
        component_raise(
            offset.charge_id,
            Component.LATE_INTEREST,
            to_yen=levied + offset.yen - open_yen,
            occurred_on=on,
            actor=actor,
        )


def _refund_post(decision: RefundDecision, actor: str) -> None:
    """還付: what is left of the overpayments, with interest, is owed to the party from now on."""
    if decision.to_pay_yen == 0:
        return
    payable = account_for(AccountKind.REFUND_PAYABLE, decision.party_id)
    transfers = []
    for line in decision.lines.select_related("overpayment__charge").order_by("pk"):
        overpayment = Overpayment.objects.get(pk=line.overpayment_id)
        if line.refund_yen:
            surplus = account_for(
                AccountKind.OVERPAYMENT, line.overpayment.charge.tax_kind_id, line.overpayment.party_id
            )
            transfers.append((surplus.id, payable.id, line.refund_yen))
            overpayment.remaining_yen -= line.refund_yen
            overpayment.save(update_fields=["remaining_yen"])
    if decision.interest_yen:
        cost = account_for(AccountKind.REFUND_INTEREST, fiscal_year(decision.decided_on))
        transfers.append((cost.id, payable.id, decision.interest_yen))
    decision.entry = entry_write(
        EntryDraft(
            reason=EntryReason.REFUND,
            dedupe_key=f"refund:{decision.refund_no}",
            occurred_on=decision.decided_on,
            value_date=decision.decided_on,
            actor=actor,
            source_document=f"還付番号{decision.refund_no}",
            legal_ground="地方税法17条・17条の4",
            approval_ref=decision.approval_ref,
        ),
        transfers,
    )


def refund_discard(approval: Approval) -> None:
    """取下げ・差戻し・失効: the overpayments are free for another proposal."""
    decision = RefundDecision.objects.select_for_update().get(pk=approval.content["decision_id"])
    if decision.state != RefundState.PROPOSED:
        return
    Overpayment.objects.filter(held_by=decision).update(held_by=None)
    decision.state = RefundState.DISCARDED
    decision.save(update_fields=["state"])


def refund_subjects(approval: Approval) -> list[str]:
    """Whose overpayments the proposal is about."""
    return [approval.content["party_id"]]


def _recorded(decision: RefundDecision, action: str) -> None:
    access_record(
        action=action, subjects=[str(decision.party_id)], record_type="refund_decision", record_id=decision.refund_no
    )
