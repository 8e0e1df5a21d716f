"""減免の起案と決裁: grant, refusal and revocation, each decided by a second person on what it would change (R-173)."""

from datetime import date
from typing import Any

from django.db import transaction
from django.urls import reverse

from assessment.amendments.errors import AmendmentRefused
from assessment.amendments.models import Relief, ReliefAct, ReliefState
from assessment.amendments.relief_law import grade_of
from assessment.amendments.reliefs import (
    Line,
    lines_total,
    relief_back,
    relief_grant,
    relief_lines,
    relief_refuse,
    relief_revoke,
)
from assessment.decisions.selectors import standing_decision_of
from assessment.errors import RunNotReady
from taxsys.kernel import wareki
from taxsys.platform.approvals.errors import ContentChanged
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.staff.models import Staff

KIND = "assessment.relief"
_FROM = {
    ReliefAct.GRANT: ReliefState.RECEIVED,
    ReliefAct.REFUSE: ReliefState.RECEIVED,
    ReliefAct.REVOKE: ReliefState.GRANTED,
}


@transaction.atomic
def relief_propose(
    relief_id: int, *, act: str, reason_ja: str, actor: Staff, revoke_from: date | None = None
) -> Approval:
    """減免・不承認・取消を起案する with its amounts frozen. Raises AmendmentRefused, AlreadyProposed."""
    relief = Relief.objects.select_for_update().get(pk=relief_id)
    if act not in ReliefAct.values or relief.state != _FROM[ReliefAct(act)]:
        raise AmendmentRefused(f"この減免は「{relief.get_state_display()}」のため、この起案はできません。")
    if act != ReliefAct.GRANT and not reason_ja.strip():
        raise AmendmentRefused("理由を入力してください。通知書に書く文です。", field="reason_ja")
    if act == ReliefAct.REVOKE and revoke_from is None:
        raise AmendmentRefused("取消の日を入力してください。", field="revoke_from")
    lines = relief_lines(relief) if act == ReliefAct.GRANT else []
    if act == ReliefAct.GRANT and not lines:
        raise AmendmentRefused("減免できる期別がありません。申請日より後に納期限の来る期別を確かめてください。")
    relief.act, relief.act_reason_ja, relief.revoke_from = act, reason_ja.strip(), revoke_from
    approval = approval_propose(
        kind=KIND,
        subject_key=f"relief:{relief.relief_no}:{act}",
        title_ja=f"住民税の減免 {relief.relief_no} {relief.get_act_display()}",
        content=_content(relief, lines),
        actor=actor,
    )
    relief.approval_ref = str(approval.pk)
    relief.state = ReliefState.PROPOSED if act != ReliefAct.REVOKE else relief.state
    relief.save()
    return approval


@transaction.atomic
def application_propose(relief_id: int, *, actor: Staff) -> list[Approval]:
    """申請の全年度を起案する: a proposal for each year of the application that is not worked off, all or none.

    Raises AmendmentRefused naming the year that cannot be granted.
    """
    relief = Relief.objects.get(pk=relief_id)
    years = Relief.objects.filter(application_no=relief.application_no, state=ReliefState.RECEIVED)
    proposed = []
    for one in years.order_by("tax_year"):
        try:
            proposed.append(relief_propose(one.pk, act=ReliefAct.GRANT, reason_ja="", actor=actor))
        except AmendmentRefused as refused:
            year = wareki.format_year(one.tax_year)
            raise AmendmentRefused(f"{year}年度: {refused.message_ja}", field=refused.field) from refused
    return proposed


def _content(relief: Relief, lines: list[Line]) -> dict[str, Any]:
    decision = standing_decision_of(relief.party_id, tax_year=relief.tax_year)
    before_yen = decision.annual_yen if decision else 0
    less_yen = sum(lines_total(lines))
    if relief.act == ReliefAct.REVOKE and relief.revoke_from:
        less_yen = sum(relief_back(relief, relief.revoke_from))
    return {
        "relief_id": relief.pk,
        "party_id": str(relief.party_id),
        "act": relief.act,
        "version": decision.version if decision else 0,
        "lines": lines,
        "before": {"annual_yen": before_yen},
        "after": {"annual_yen": before_yen - less_yen},
    }


def relief_rows(approval: Approval) -> list[tuple[str, str, str]]:
    """(title, before, after) for the approver: ground, documents, opinion, each instalment, the year's tax."""
    relief = Relief.objects.get(pk=approval.content["relief_id"])
    ground, grade = grade_of(relief.ground, relief.grade)
    rows = [
        ("年度", "", f"{wareki.format_year(relief.tax_year)}年度"),
        ("事由", "", f"{ground.title_ja}({grade.title_ja})"),
        ("申請日", "", wareki.format_long(relief.applied_on) + ("(職権)" if relief.is_ex_officio else "")),
        ("確認した書類", "", relief.documents_ja),
        ("所見", "", relief.opinion_ja),
        ("理由", "", relief.act_reason_ja),
    ]
    if relief.act == ReliefAct.REVOKE and relief.revoke_from:
        rows.append(("取消の日", "", wareki.format_long(relief.revoke_from)))
    for method, _, number, due, city, prefecture, forest in approval.content["lines"]:
        word = {"ordinary": "普通徴収", "wage": "給与特別徴収", "pension": "年金特別徴収"}[method]
        day = wareki.format_short(date.fromisoformat(due))
        rows.append((f"{word} 第{number}期(納期限 {day})の減免額", "", f"{city + prefecture + forest:,}円"))
    before, after = (approval.content[name]["annual_yen"] for name in ("before", "after"))
    return [*rows, ("年税額", f"{before:,}円", f"{after:,}円")]


def relief_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: withdrawn, or the year's decision is another one now."""
    content = approval.content
    act = ReliefAct(content["act"])
    wanted = ReliefState.GRANTED if act == ReliefAct.REVOKE else ReliefState.PROPOSED
    relief = Relief.objects.filter(pk=content["relief_id"], state=wanted).first()
    if relief is None:
        return "減免の申請が取り下げられ、または処理されています。"
    decision = standing_decision_of(relief.party_id, tax_year=relief.tax_year)
    if act != ReliefAct.REFUSE and (decision is None or decision.version != content["version"]):
        return "起案の後に、この年度の決定が変わりました。"
    return ""


def relief_approved(approval: Approval) -> None:
    """決定: what the approver saw. Raises ContentChanged where the books say otherwise by now."""
    content = approval.content
    by = approval.decided_by.staff_no if approval.decided_by else ""
    try:
        if content["act"] == ReliefAct.GRANT:
            relief_grant(content["relief_id"], lines=content["lines"], decided_by=by)
        elif content["act"] == ReliefAct.REFUSE:
            relief_refuse(content["relief_id"], decided_by=by)
        else:
            proposed_by = approval.proposed_by.staff_no
            relief_revoke(content["relief_id"], proposed_by=proposed_by, decided_by=by)
    except (AmendmentRefused, RunNotReady) as refused:
        raise ContentChanged(refused.message_ja) from refused


def relief_reopened(approval: Approval) -> None:
    """差戻し・取下げ・失効: the application waits again; a remission in force stays."""
    Relief.objects.filter(pk=approval.content["relief_id"], state=ReliefState.PROPOSED).update(
        state=ReliefState.RECEIVED
    )
    Relief.objects.filter(pk=approval.content["relief_id"], state=ReliefState.GRANTED).update(revoke_from=None)


def relief_subjects(approval: Approval) -> list[str]:
    """Whose tax it is about."""
    return [approval.content["party_id"]]


def relief_address(approval: Approval) -> str:
    """Where a sent-back proposal is mended."""
    return reverse("relief", args=[approval.content["relief_id"]])
