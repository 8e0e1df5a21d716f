"""決定の撤回の決裁: what the approvals desk shows, who may decide, and that approval is the recall itself."""

from typing import Any

from assessment.decisions.recall import APPROVAL_KIND, LABELS, RecallRefused, RecallScope, run_recall
from assessment.permissions import RELEASE_ASSESSMENT
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.errors import ContentChanged


def _approved(approval: Any) -> None:
    after = approval.content["after"]
    try:
        run_recall(
            int(approval.content["run_id"]),
            reason_ja=after["reason"],
            new_due_dates=after["new_due_dates"],
            proposed_by=approval.proposed_by.staff_no,
            approved_by=approval.decided_by.staff_no,
            expected=RecallScope(after["people"], after["annual_yen"], after["packages"], after["was_mailed"]),
        )
    except RecallRefused as refused:
        raise ContentChanged(refused.message_ja) from refused


def approval_kind_register() -> None:
    """Tell the approvals desk of this kind of proposal (from AppConfig.ready)."""
    registry.register(
        APPROVAL_KIND,
        on_approved=_approved,
        title_ja="賦課決定の撤回",
        permission=RELEASE_ASSESSMENT.code,
        labels=LABELS,
    )
