"""代決者の指定: named by one who is entitled to decide, for a period, in force when an administrator agrees (R-207)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.db.models import Q

from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.approvals.authority import kinds_for
from taxsys.platform.approvals.errors import DeputyRefused
from taxsys.platform.approvals.models import Approval, Deputy
from taxsys.platform.approvals.permissions import DECIDE
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.models import Staff

KIND = "approvals.deputy"
LABELS = {
    "principal": "決裁者",
    "principal_name": "決裁者の氏名",
    "deputy": "代決者",
    "deputy_name": "代決者の氏名",
    "from_on": "開始日",
    "to_on": "終了日（この日から不可）",
    "reason": "理由",
}
# No absence is bridged for longer without being looked at again.
LONGEST_DAYS = 366


def _fault(principal: Staff, deputy: Staff, from_on: date, to_on: date) -> DeputyRefused | None:
    if principal.person_key == deputy.person_key:
        return DeputyRefused("自分自身を代決者にはできません。別の職員を指定してください。", field="deputy_no")
    if not deputy.is_usable_on(max(from_on, clock.today())) or not has_permission(deputy, DECIDE):
        return DeputyRefused(
            "代決者は、開始日に利用でき、決裁の権限を持つ職員でなければなりません。", field="deputy_no"
        )
    if not kinds_for(principal):
        return DeputyRefused("決裁できる種類がないため、代決者を指定できません。")
    if not from_on < to_on or (to_on - from_on).days > LONGEST_DAYS:
        return DeputyRefused("終了日は、開始日の翌日から1年以内の日にしてください。", field="to_on")
    held = Deputy.objects.filter(principal=principal, deputy=deputy, from_on__lt=to_on, to_on__gt=from_on)
    if held.filter(~Q(to_on=clock.today())).exists():
        return DeputyRefused("同じ職員が、同じ期間の代決者になっています。", field="deputy_no")
    return None


@transaction.atomic
def deputy_propose(*, deputy_no: str, from_on: date, to_on: date, reason: str, actor: Staff) -> Approval:
    """代決者を指定する: the actor hands on the own decisions for a period; a second person approves it first.

    Raises DeputyRefused, NotEntitled, AlreadyProposed.
    """
    deputy = Staff.objects.filter(staff_no=deputy_no).first()
    if deputy is None:
        raise DeputyRefused("この職員番号の職員はいません。", field="deputy_no")
    if from_on < clock.today():
        raise DeputyRefused("開始日は今日以後の日にしてください。", field="from_on")
    if not reason.strip():
        raise DeputyRefused("理由（出張・休暇など）を入力してください。", field="reason")
    if fault := _fault(actor, deputy, from_on, to_on):
        raise fault
    return approval_propose(
        kind=KIND,
        subject_key=f"{actor.staff_no}:{deputy.staff_no}",
        title_ja=f"代決者の指定：{actor.name} → {deputy.name}",
        content={
            "before": {},
            "after": {
                "principal": actor.staff_no,
                "principal_name": actor.name,
                "deputy": deputy.staff_no,
                "deputy_name": deputy.name,
                "from_on": from_on.isoformat(),
                "to_on": to_on.isoformat(),
                "reason": reason.strip()[:200],
            },
        },
        actor=actor,
    )


def _people(approval: Approval) -> tuple[Staff, Staff]:
    after = approval.content["after"]
    found = {one.staff_no: one for one in Staff.objects.filter(staff_no__in=(after["principal"], after["deputy"]))}
    return found[after["principal"]], found[after["deputy"]]


def concerned(approval: Approval) -> frozenset[str]:
    """Neither who names nor who is named decides about it."""
    return frozenset(one.person_key for one in _people(approval))


def stale(approval: Approval) -> str:
    """Why the naming no longer stands."""
    after = approval.content["after"]
    principal, deputy = _people(approval)
    to_on = date.fromisoformat(after["to_on"])
    if to_on <= clock.today():
        return f"代決の期間（{wareki.format_long(to_on)}の前日まで）が過ぎました。"
    fault = _fault(principal, deputy, date.fromisoformat(after["from_on"]), to_on)
    return fault.message_ja if fault else ""


def deputy_approved(approval: Any) -> None:
    """The handler: the deputy may decide from the first day on."""
    after = approval.content["after"]
    principal, deputy = _people(approval)
    Deputy.objects.create(
        principal=principal,
        deputy=deputy,
        from_on=max(date.fromisoformat(after["from_on"]), clock.today()),
        to_on=date.fromisoformat(after["to_on"]),
        reason=after["reason"],
        approval=approval,
    )


@transaction.atomic
def deputy_end(deputy_id: int, *, actor: Staff) -> Deputy:
    """代決を終える: the principal takes the own naming back, at once; taking away is the safe direction.

    Raises DeputyRefused for somebody else's or one that has ended.
    """
    row = Deputy.objects.select_for_update().filter(pk=deputy_id, principal=actor, to_on__gt=clock.today()).first()
    if row is None:
        raise DeputyRefused("この代決者の指定はないか、すでに終わっています。")
    row.to_on = max(row.from_on, clock.today())
    row.save(update_fields=("to_on",))
    access_record(action="update", record_type="deputy", record_id=str(row.pk), reason="ended")
    return row
