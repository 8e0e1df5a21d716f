"""更正事案の起案と決裁: what the approver sees, and the acts that follow approval, send-back or withdrawal (R-173)."""

from typing import Any

from django.db import transaction
from django.urls import reverse

from assessment.amendments.cases import case_decide, fingerprint, year_ja
from assessment.amendments.errors import AmendmentRefused
from assessment.amendments.models import AmendmentCase, CaseState, CaseYear, YearOutcome
from assessment.decisions.selectors import standing_decisions
from assessment.errors import RunNotReady
from taxsys.platform.approvals.errors import ContentChanged
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.staff.models import Staff

KIND = "assessment.amendment"


@transaction.atomic
def case_propose(case_id: int, *, actor: Staff) -> Approval:
    """事案を起案する with every year's before and after. Raises AmendmentRefused, AlreadyProposed."""
    case = AmendmentCase.objects.select_for_update().get(pk=case_id)
    if case.state != CaseState.OPEN:
        raise AmendmentRefused(f"この事案は「{case.get_state_display()}」のため起案できません。")
    years = list(case.years.all())
    if not any(one.outcome == YearOutcome.CHANGED for one in years):
        raise AmendmentRefused("変更する年度がありません。「計算する」を押して結果を確かめてください。")
    if any(one.outcome == YearOutcome.STOPPED for one in years):
        raise AmendmentRefused("計算が止まった年度があります。資料を直してから計算し直してください。")
    if moved := _moved_ja(case, years):
        raise AmendmentRefused(f"{moved}計算し直してください。")
    approval = approval_propose(
        kind=KIND,
        subject_key=f"case:{case.case_no}",
        title_ja=f"税額の更正・決定 事案{case.case_no}",
        content=_content(case, years),
        actor=actor,
    )
    case.state, case.approval_ref = CaseState.PROPOSED, str(approval.pk)
    case.save(update_fields=["state", "approval_ref"])
    return approval


def _content(case: AmendmentCase, years: list[CaseYear]) -> dict[str, Any]:
    changed = [one for one in years if one.outcome == YearOutcome.CHANGED]
    return {
        "case_id": case.pk,
        "party_id": str(case.party_id),
        "people": sorted(str(party) for party in case.members.values_list("party_id", flat=True)),
        "years": fingerprint(years),
        "reason_ja": case.reason_ja,
        "before": {"total_yen": sum(one.before_yen for one in changed)},
        "after": {"total_yen": sum(one.after_yen for one in changed), "reason": case.reason_ja},
    }


def case_rows(approval: Approval) -> list[tuple[str, str, str]]:
    """(title, before, after) of each person and year on the approver's page, late and unchanged years too."""
    case = AmendmentCase.objects.get(pk=approval.content["case_id"])
    rows = [("理由", "", case.reason_ja), ("きっかけ", "", str(case.get_cause_display()))]
    numbers = dict(case.members.values_list("party_id", "party__person_no"))
    for one in case.years.all():
        after = f"{one.after_yen:,}円" if one.outcome == YearOutcome.CHANGED else str(one.get_outcome_display())
        title = f"{year_ja(one.tax_year)} 年税額(宛名番号 {numbers.get(one.party_id, '')})"
        rows.append((title, f"{one.before_yen:,}円", after))
        rows += [(f"　{name}", f"{before:,}", f"{now:,}") for name, before, now in one.figures]
    return rows


def case_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: a decision of one of its years has changed, or the case was closed."""
    case = AmendmentCase.objects.filter(pk=approval.content["case_id"], state=CaseState.PROPOSED).first()
    return "更正事案が取り下げられています。" if case is None else _moved_ja(case, list(case.years.all()))


def _moved_ja(case: AmendmentCase, years: list[CaseYear]) -> str:
    people = list(case.members.values_list("party_id", flat=True))
    for tax_year in sorted({one.tax_year for one in years}):
        now = dict(standing_decisions(tax_year=tax_year).filter(party_id__in=people).values_list("party_id", "version"))
        if any(one.before_version != now.get(one.party_id) for one in years if one.tax_year == tax_year):
            return f"計算の後に、{year_ja(tax_year)}の決定が変わりました。"
    return ""


def case_approved(approval: Approval) -> None:
    """決定: every year of the case by the second person. Raises ContentChanged where today's calculation differs."""
    by = approval.decided_by.staff_no if approval.decided_by else ""
    try:
        case_decide(approval.content["case_id"], approved_by=by, seen=approval.content["years"])
    except (AmendmentRefused, RunNotReady) as refused:
        raise ContentChanged(refused.message_ja) from refused


def case_reopened(approval: Approval) -> None:
    """差戻し・取下げ・失効: the case can be worked on again."""
    AmendmentCase.objects.filter(pk=approval.content["case_id"], state=CaseState.PROPOSED).update(state=CaseState.OPEN)


def case_subjects(approval: Approval) -> list[str]:
    """Whose taxes the proposal is about."""
    return [str(party) for party in approval.content["people"]]


def case_address(approval: Approval) -> str:
    """Where a sent-back proposal is mended."""
    return reverse("amendment", args=[approval.content["case_id"]])
