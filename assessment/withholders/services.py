"""納期の特例の申請・承認・取消 (writes): recorded by one officer, proposed, decided by another (R-207).

Whoever pays twice a year keeps the money longer: approval, refusal and revocation take two people. What was levied
before gets the due dates of the decision in the same transaction; later levies ask for them themselves.
地方税法321条の5の2; F-PL-005, L-PI-10.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import transaction

from assessment.models import Withholder
from assessment.resident.collection_split import WAGE, due_dates
from assessment.resident.due_dates import due_dates_in_force
from assessment.withholders.errors import PrivilegeRefused
from assessment.withholders.models import DueDateMove, PaymentPrivilege, PrivilegeState
from assessment.withholders.rules import PLACES, Span, due_places, place_number
from assessment.withholders.selectors import privilege_spans, privilege_terms
from collection.models import Charge
from collection.services.due_dates import due_dates_move
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.models import Staff

KIND = "assessment.payment_privilege"
TAX_KIND = "10"
RECORD_TYPE = "assessment.withholder"
APPROVE, REFUSE, REVOKE, GIVE_UP = "approve", "refuse", "revoke", "give_up"
ACTS_JA = {APPROVE: "承認", REFUSE: "却下", REVOKE: "承認取消", GIVE_UP: "取りやめ"}
_FROM = {
    APPROVE: PrivilegeState.APPLIED, REFUSE: PrivilegeState.APPLIED,
    REVOKE: PrivilegeState.APPROVED, GIVE_UP: PrivilegeState.APPROVED,
}  # fmt: skip
_TO = {
    APPROVE: PrivilegeState.APPROVED, REFUSE: PrivilegeState.REFUSED,
    REVOKE: PrivilegeState.REVOKED, GIVE_UP: PrivilegeState.GIVEN_UP,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Application:
    """申請の内容. `first_month` may be any day of the month from which it shall hold."""

    received_on: date
    channel: str
    employee_count: int
    first_month: date
    reception_no: str = ""


@transaction.atomic
def privilege_apply(withholder: Withholder, application: Application, *, actor: Staff) -> PaymentPrivilege:
    """申請を記録する. Raises PrivilegeRefused for an agent that has one open or is no agent any more."""
    agent = Withholder.objects.select_for_update().get(pk=withholder.pk)
    first = application.first_month.replace(day=1)
    months = privilege_terms()["first_month_after"]
    if application.received_on > clock.today():
        raise PrivilegeRefused("申請日が業務日より後です。日付を直してください。", field="received_on")
    if _months(application.received_on) + months > _months(first):
        raise PrivilegeRefused(
            "適用を始める月は、申請の月かそれより後にしてください。過ぎた月分の納期限は変わりません。",
            field="first_month",
        )
    if agent.valid_to is not None and agent.valid_to <= first:
        raise PrivilegeRefused("指定の終わった特別徴収義務者です。承継した義務者で申請してください。")
    if agent.privileges.filter(state__in=[PrivilegeState.APPLIED, PrivilegeState.APPROVED]).exists():
        raise PrivilegeRefused("申請中か承認中の納期の特例があります。履歴を確かめてください。")
    ends = [one for one in agent.privileges.values_list("ended_on", flat=True) if one is not None]
    if ends and _months(max(ends)) >= _months(first):
        raise PrivilegeRefused("前の特例が終わった月より後の月から始めてください。", field="first_month")
    made = PaymentPrivilege.objects.create(
        withholder=agent, received_on=application.received_on, channel=application.channel,
        reception_no=application.reception_no.strip(), employee_count=application.employee_count, first_month=first,
        recorded_by=actor.staff_no, recorded_at=clock.now(),
    )  # fmt: skip
    _recorded(made, "create")
    return made


def _months(day: date) -> int:
    return day.year * 12 + day.month


@transaction.atomic
def privilege_withdraw(privilege_id: int, *, actor: Staff, reason: str) -> PaymentPrivilege:
    """申請を取り下げる, as the agent asked. Raises PrivilegeRefused."""
    privilege = _locked(privilege_id)
    if privilege.state != PrivilegeState.APPLIED:
        raise PrivilegeRefused(f"「{privilege.get_state_display()}」の申請は取り下げられません。")
    _reason_check(reason)
    privilege.state, privilege.decision_reason_ja = PrivilegeState.WITHDRAWN, reason.strip()[:200]
    privilege.save(update_fields=["state", "decision_reason_ja"])
    _recorded(privilege, "update")
    return privilege


def privilege_propose(
    privilege: PaymentPrivilege, act: str, *, reason: str, on: date, actor: Staff
) -> Approval:  # fmt: skip
    """起案する: approve, refuse, revoke or give_up, as of a day. Raises PrivilegeRefused, AlreadyProposed.

    `on`: for an end the day of the revocation or of the agent's notice; else the day of the proposal.
    """
    if act not in _FROM or privilege.state != _FROM[act]:
        raise PrivilegeRefused(f"「{privilege.get_state_display()}」の特例に、この処理はできません。")
    if act != APPROVE:
        _reason_check(reason)
    limit = privilege_terms()["employees_below"]
    if act == APPROVE and privilege.employee_count >= limit:
        raise PrivilegeRefused(
            f"給与の支払を受ける者が{privilege.employee_count}人です。常時{limit}人未満でないため承認できません。"
            "却下するか、人数を確かめて申請し直してもらってください。"
        )
    if act in {REVOKE, GIVE_UP} and on < privilege.first_month:
        raise PrivilegeRefused("適用を始める月より前の日では終えられません。日付を直してください。", field="ended_on")
    if on > clock.today():
        raise PrivilegeRefused("取消・取りやめの日が業務日より後です。日付を直してください。", field="ended_on")
    agent = privilege.withholder
    return approval_propose(
        kind=KIND,
        subject_key=f"privilege:{agent.designation_no}:{privilege.received_on:%Y%m%d}",
        title_ja=f"納期の特例の{ACTS_JA[act]}(指定番号 {agent.designation_no})",
        content={
            "privilege": privilege.pk, "act": act, "reason": reason.strip()[:200], "on": on.isoformat(),
            "before": _shown(privilege, privilege.state, None),
            "after": _shown(privilege, _TO[act], on if act in {REVOKE, GIVE_UP} else None),
        },
        actor=actor,
    )  # fmt: skip


def _shown(privilege: PaymentPrivilege, state: str, ended_on: date | None) -> dict[str, str]:
    """What the second person compares."""
    return {
        "state": str(PrivilegeState(state).label),
        "employees": f"{privilege.employee_count}人",
        "first_month": f"{wareki.format_long(privilege.first_month)}の属する月分から",
        "ended_on": wareki.format_long(ended_on) if ended_on else "",
    }


LABELS = {"state": "状態", "employees": "給与の支払を受ける者", "first_month": "適用", "ended_on": "終わる日"}


def privilege_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: the application was withdrawn or decided meanwhile."""
    content = approval.content
    is_same = PaymentPrivilege.objects.filter(pk=content["privilege"], state=_FROM[content["act"]]).exists()
    return "" if is_same else "起案の後に、この申請の状態が変わりました。"


def privilege_subjects(approval: Approval) -> list[str]:
    """The agent, for the access log."""
    privilege = PaymentPrivilege.objects.select_related("withholder").get(pk=approval.content["privilege"])
    return [str(privilege.withholder.party_id)]


def privilege_decided(approval: Approval) -> None:
    """The second person agreed: state and due dates follow (inside the decision's transaction)."""
    content: dict[str, Any] = approval.content
    privilege = _locked(int(content["privilege"]))
    act, decider = content["act"], approval.decided_by.staff_no if approval.decided_by else ""
    before = privilege_spans([privilege.withholder_id]).get(privilege.withholder_id, [])
    privilege.state = _TO[act]
    if act in {REVOKE, GIVE_UP}:
        privilege.ended_on, privilege.ended_by = date.fromisoformat(content["on"]), decider
        privilege.end_decided_on, privilege.end_reason_ja = clock.today(), content["reason"]
    else:
        privilege.decided_on, privilege.decided_by = clock.today(), decider
        privilege.decision_reason_ja = content["reason"]
    privilege.save()
    Withholder.objects.filter(pk=privilege.withholder_id).update(
        has_payment_privilege=privilege.state == PrivilegeState.APPROVED
    )
    if act != REFUSE:
        _dues_follow(privilege, before)
    _recorded(privilege, "update")


def _dues_follow(privilege: PaymentPrivilege, before: Sequence[Span]) -> None:
    """Months levied already fall due as the agent's spans say now."""
    after = privilege_spans([privilege.withholder_id]).get(privilege.withholder_id, [])
    charges = Charge.objects.filter(
        method=WAGE, tax_kind_id=TAX_KIND, notice_no=privilege.withholder.designation_no, instalment_no__lte=PLACES,
        tax_year__gte=_first_year(privilege.first_month),
    )  # fmt: skip
    half = privilege_terms()["half_months"]
    wanted: dict[int, tuple[date, date]] = {}
    for year in sorted({one.tax_year for one in charges}):
        dues = year_due_dates(year)
        old, new = (due_places(year, spans, half_months=half) for spans in (before, after))
        for charge in charges:
            if charge.tax_year == year:
                no = charge.instalment_no - 1
                wanted[charge.pk] = (dues[old[no] - 1], dues[new[no] - 1])
    by_id = {one.pk: one for one in charges}
    DueDateMove.objects.bulk_create(
        DueDateMove(
            privilege=privilege, tax_year=by_id[charge].tax_year, instalment_no=by_id[charge].instalment_no,
            due_before=now, due_after=to_come, moved_at=clock.now(),
        )
        for charge, now, to_come in due_dates_move(wanted)
    )  # fmt: skip


def _first_year(first_month: date) -> int:
    """The tax year whose twelve months the month belongs to."""
    return first_month.year if place_number(first_month, first_month.year) > 0 else first_month.year - 1


def year_due_dates(tax_year: int) -> list[date]:
    """月割額の納期限 of a year, June first, as the newest word on them says."""
    changed = due_dates_in_force(tax_year)
    return [
        date.fromisoformat(changed[f"{WAGE}:{place}"]) if f"{WAGE}:{place}" in changed else due_on
        for place, due_on in enumerate(due_dates(WAGE, tax_year), start=1)
    ]


def _locked(privilege_id: int) -> PaymentPrivilege:
    return PaymentPrivilege.objects.select_for_update(of=("self",)).select_related("withholder").get(pk=privilege_id)


def _reason_check(reason: str) -> None:
    if not reason.strip():
        raise PrivilegeRefused("理由を入力してください。", field="reason")


def _recorded(privilege: PaymentPrivilege, action: str) -> None:
    access_record(
        action=action, subjects=[str(privilege.withholder.party_id)], record_type=RECORD_TYPE,
        record_id=f"privilege:{privilege.pk}", reason=privilege.state,
    )  # fmt: skip
