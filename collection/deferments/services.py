"""猶予・免除・期限の延長 (writes): entered and proposed by one officer, in force with the second one's approval."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from collection.deferments.errors import DefermentRefused
from collection.deferments.grounds import Ground, grounds, terms
from collection.deferments.models import Deferment, DefermentClaim, DefermentState
from collection.deferments.selectors import claims_open, deferred_days, overlapping
from collection.locks import charges_locked
from collection.models import ChargeState, InterestRelief
from collection.rules.day_counting import days_inclusive, last_day_of_months, months_pass_after
from collection.selectors.account import ChargeStanding
from collection.services.due_dates import due_dates_move
from taxsys.kernel import wareki
from taxsys.kernel.calendar import fiscal_year, is_business_day
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.channels import ReceiptChannel
from taxsys.platform.staff.models import Staff

KIND, END_KIND = "collection.deferment", "collection.deferment_end"
RECORD_TYPE = "collection.deferment"
LABELS = {
    "ground": "根拠", "claims": "対象の期別", "open": "未納額", "period": "期間", "due": "納期限", "security": "担保",
    "reason": "理由", "evidence": "確認した資料", "state": "状態", "ended_on": "取消の日",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class DefermentDraft:
    """What the officer enters; of an extension `until_on` is the new due date and `from_on` does not count."""

    party_id: UUID
    ground: str
    charge_ids: tuple[int, ...]
    until_on: date
    reason_ja: str
    evidence_ja: str
    from_on: date | None = None
    received_on: date | None = None
    channel: str = ""
    security_ja: str = ""


@transaction.atomic
def deferment_propose(draft: DefermentDraft, *, actor: Staff) -> Deferment:
    """猶予・免除・延長を起案する. Raises DefermentRefused with the field, AlreadyProposed, NotEntitled."""
    ground = grounds().get(draft.ground)
    if ground is None:
        raise DefermentRefused("根拠を選んでください。", field="ground")
    charges_locked(draft.charge_ids)
    today = clock.today()
    known = {one.charge_id: one for one in claims_open(draft.party_id, as_of=today)}
    if not draft.charge_ids or not set(draft.charge_ids) <= set(known):
        raise DefermentRefused("対象の期別を、未納のものから選んでください。", field="charges")
    claims = [known[one] for one in dict.fromkeys(draft.charge_ids)]
    from_on = _first_day(draft, ground, claims)
    _check(draft, ground, claims, from_on)
    row = Deferment.objects.create(
        number=_next_number(today), party_id=draft.party_id, ground=ground.code, from_on=from_on,
        until_on=draft.until_on, received_on=draft.received_on, channel=_channel(draft), reason_ja=draft.reason_ja,
        evidence_ja=draft.evidence_ja, security_ja=draft.security_ja, recorded_by=actor.staff_no,
        recorded_at=clock.now(),
    )  # fmt: skip
    DefermentClaim.objects.bulk_create(
        DefermentClaim(
            deferment=row, charge_id=one.charge_id, open_yen=one.open_yen, due_before=one.due_on,
            due_after=draft.until_on if ground.effect == "due" else None,
        )
        for one in sorted(claims, key=lambda one: (one.due_on, one.charge_id))
    )  # fmt: skip
    approval_propose(
        kind=KIND, subject_key=f"deferment:{row.number}", title_ja=f"{ground.title}（{row.number}）",
        content={"deferment": row.pk, "before": {}, "after": _shown(row, ground, claims)}, actor=actor,
    )  # fmt: skip
    _recorded(row, "create")
    return row


def _channel(draft: DefermentDraft) -> str:
    """By which way the application came, paper where nothing else is said; none of an act without one."""
    return (draft.channel or ReceiptChannel.PAPER) if draft.received_on is not None else ""


def _first_day(draft: DefermentDraft, ground: Ground, claims: Sequence[ChargeStanding]) -> date:
    """The first day of the period; of an extension the day after the earliest due date, up to the new one."""
    if ground.effect == "due":
        return min(min(one.due_on for one in claims) + timedelta(days=1), draft.until_on)
    if draft.from_on is None:
        raise DefermentRefused("始期を入力してください。", field="from_on")
    return draft.from_on


def _check(draft: DefermentDraft, ground: Ground, claims: Sequence[ChargeStanding], from_on: date) -> None:
    """What the law asks of the period, the application and the security. Raises DefermentRefused."""
    if draft.until_on < from_on:
        raise DefermentRefused("終期が始期より前です。", field="until_on")
    if draft.received_on is not None and draft.received_on > clock.today():
        raise DefermentRefused("申請日が業務日より後です。", field="received_on")
    if ground.effect == "due":
        latest = max(one.due_on for one in claims)
        if draft.until_on <= latest:
            raise DefermentRefused(
                f"新しい納期限は、いまの納期限（{wareki.format_long(latest)}）より後の日にしてください。",
                field="until_on",
            )
        if not is_business_day(draft.until_on):
            raise DefermentRefused("新しい納期限が休日です。翌開庁日を入力してください。", field="until_on")
    elif from_on <= (earliest := min(one.due_on for one in claims)) and not ground.is_deferment:
        raise DefermentRefused(
            f"延滞金の付かない日が含まれます。始期は納期限（{wareki.format_long(earliest)}）の翌日以後にしてください。",
            field="from_on",
        )
    _application_check(draft, ground, claims)
    if ground.is_deferment:
        _deferment_check(draft, claims, from_on)
    taken = overlapping([one.charge_id for one in claims], from_on, draft.until_on).first()
    if taken is not None:
        raise DefermentRefused(
            f"期間が{taken.deferment.number}（{taken.deferment.get_state_display()}）と重なる期別があります。",
            field="from_on",
        )


def _application_check(draft: DefermentDraft, ground: Ground, claims: Sequence[ChargeStanding]) -> None:
    if not ground.applied_by_due_date and not ground.applied_within_months:
        return
    if draft.received_on is None:
        raise DefermentRefused("この猶予には申請が要ります。申請日を入力してください。", field="received_on")
    for one in claims:
        last = (
            months_pass_after(one.due_on, ground.applied_within_months) if ground.applied_within_months else one.due_on
        )
        if draft.received_on > last:
            raise DefermentRefused(
                f"{one.tax_year}年度第{one.instalment_no}期の申請の期限（{wareki.format_long(last)}）を過ぎています。",
                field="received_on",
            )


def _deferment_check(draft: DefermentDraft, claims: Sequence[ChargeStanding], from_on: date) -> None:
    law = terms()
    if draft.until_on > last_day_of_months(from_on, law.longest_months):
        raise DefermentRefused(f"猶予の期間は{law.longest_months}か月以内です。", field="until_on")
    whole = days_inclusive(from_on, last_day_of_months(from_on, law.together_months))
    for one in claims:
        if deferred_days(one.charge_id) + days_inclusive(from_on, draft.until_on) > whole:
            raise DefermentRefused(f"猶予の期間は、延長を合わせて{law.together_months}か月以内です。", field="until_on")
    is_long = draft.until_on > last_day_of_months(from_on, law.security_above_months)
    if is_long and sum(one.open_yen for one in claims) > law.security_above_yen and not draft.security_ja:
        raise DefermentRefused(
            f"{law.security_above_yen:,}円を超え{law.security_above_months}か月を超える猶予です。"
            "担保、または担保を徴しない理由を入力してください。",
            field="security_ja",
        )


def _next_number(on: date) -> str:
    """決定番号: fiscal year and a count in it, under a lock so that two officers never take the same."""
    year = fiscal_year(on)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtext('collection.deferment.number'))")
    last = Deferment.objects.filter(number__startswith=f"{year}-").order_by("-number").values_list("number", flat=True)
    return f"{year}-{int(last[0].split('-')[1]) + 1 if last else 1:05d}"


def _shown(row: Deferment, ground: Ground, claims: Sequence[ChargeStanding]) -> dict[str, str]:
    """What the second person sees."""
    first, last = wareki.format_long(row.from_on), wareki.format_long(row.until_on)
    return {
        "ground": f"{ground.title}（{ground.law}）",
        "claims": "、".join(f"{one.tax_title} {one.tax_year}年度第{one.instalment_no}期" for one in claims),
        "open": f"{sum(one.open_yen for one in claims):,}円",
        **({"due": f"{last}へ延長"} if ground.effect == "due" else {"period": f"{first}から{last}まで"}),
        "security": row.security_ja,
        "reason": row.reason_ja,
        "evidence": row.evidence_ja,
    }


@transaction.atomic
def deferment_decided(approval: Approval) -> None:
    """The second person agreed: intervals of interest, or the due dates (inside the decision's transaction)."""
    row = _locked(int(approval.content["deferment"]))
    ground = grounds()[row.ground]
    claims = list(row.claims.all())
    charges_locked([one.charge_id for one in claims])
    decider = approval.decided_by.staff_no if approval.decided_by else ""
    if ground.effect == "due":
        due_dates_move({one.charge_id: (one.due_before, row.until_on) for one in claims})
    else:
        InterestRelief.objects.bulk_create(
            InterestRelief(
                charge_id=one.charge_id, relief_from=row.from_on, relief_until=row.until_on, effect=ground.effect,
                legal_ground=ground.law[:80], decision_no=row.number, actor=f"staff:{decider}", recorded_at=clock.now(),
            )
            for one in claims
        )  # fmt: skip
    row.state, row.decided_on, row.decided_by = DefermentState.GRANTED, clock.today(), decider
    row.save(update_fields=["state", "decided_on", "decided_by"])
    _recorded(row, "update")


def deferment_given_up(approval: Approval) -> None:
    """Sent back, rejected or withdrawn: the entry is closed; a new one takes its place."""
    Deferment.objects.filter(pk=approval.content["deferment"], state=DefermentState.PROPOSED).update(
        state=DefermentState.WITHDRAWN
    )


def deferment_stale(approval: Approval) -> str:
    """Why the proposal no longer stands."""
    row = Deferment.objects.filter(pk=approval.content["deferment"], state=DefermentState.PROPOSED).first()
    if row is None:
        return "この起案は、すでに処理されています。"
    for claim in row.claims.select_related("charge"):
        if claim.charge.state != ChargeState.ACTIVE or claim.charge.due_on != claim.due_before:
            return "起案の後に、対象の期別が取り消されたか、納期限が変わりました。"
    return ""


@transaction.atomic
def deferment_end_propose(row: Deferment, *, on: date, reason: str, actor: Staff) -> Approval:
    """猶予・免除の取消を起案する: it does not hold from the day `on` (地方税法15条の3). Raises DefermentRefused."""
    row = _locked(row.pk)
    if row.state != DefermentState.GRANTED:
        raise DefermentRefused(f"「{row.get_state_display()}」のものは取り消せません。")
    if grounds()[row.ground].effect == "due":
        raise DefermentRefused("延長した納期限は取り消せません。納付者に知らせた日が変わるためです。")
    if not row.from_on < on <= row.until_on:
        raise DefermentRefused("取消の日は、始期の翌日から終期までの日にしてください。", field="ended_on")
    if not reason.strip():
        raise DefermentRefused("取消の理由を入力してください。", field="reason")
    return approval_propose(
        kind=END_KIND, subject_key=f"deferment:{row.number}",
        title_ja=f"{grounds()[row.ground].title}の取消（{row.number}）",
        content={
            "deferment": row.pk, "on": on.isoformat(), "reason": reason.strip()[:200],
            "before": {"state": str(row.get_state_display()), "ended_on": ""},
            "after": {
                "state": str(DefermentState.ENDED.label), "ended_on": wareki.format_long(on),
                "reason": reason.strip()[:200],
            },
        },
        actor=actor,
    )  # fmt: skip


@transaction.atomic
def deferment_ended(approval: Approval) -> None:
    """The second person agreed to the end: the intervals are cut at the day before it."""
    content: Mapping[str, Any] = approval.content
    row, on = _locked(int(content["deferment"])), date.fromisoformat(content["on"])
    reliefs = InterestRelief.objects.filter(decision_no=row.number, charge__in=row.claims.values("charge"))
    reliefs.filter(relief_until__gte=on).update(relief_until=on - timedelta(days=1))
    row.state, row.ended_on, row.end_reason_ja = DefermentState.ENDED, on, content["reason"]
    row.ended_by = approval.decided_by.staff_no if approval.decided_by else ""
    row.save(update_fields=["state", "ended_on", "end_reason_ja", "ended_by"])
    _recorded(row, "update")


def deferment_end_stale(approval: Approval) -> str:
    """Why the proposal to end it no longer stands."""
    is_same = Deferment.objects.filter(pk=approval.content["deferment"], state=DefermentState.GRANTED).exists()
    return "" if is_same else "起案の後に、この猶予等の状態が変わりました。"


def deferment_subjects(approval: Approval) -> list[str]:
    """The party, for the access log."""
    return [str(Deferment.objects.values_list("party_id", flat=True).get(pk=approval.content["deferment"]))]


def _locked(deferment_id: int) -> Deferment:
    return Deferment.objects.select_for_update().get(pk=deferment_id)


def _recorded(row: Deferment, action: str) -> None:
    access_record(
        action=action, subjects=[str(row.party_id)], record_type=RECORD_TYPE, record_id=row.number, reason=row.state
    )
