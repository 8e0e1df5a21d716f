"""決定の撤回の決裁: what the approvals desk shows, who may decide, what voids it, and the job that takes it back."""

from django.urls import reverse

from assessment.decisions.recall import APPROVAL_KIND, JOB_ID, LABELS, recall_stale
from assessment.permissions import PROPOSE_RECALL, RELEASE_ASSESSMENT
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.effects import effect_by_job


def approval_kind_register() -> None:
    """Tell the approvals desk of this kind of proposal (from AppConfig.ready)."""
    registry.register(
        APPROVAL_KIND,
        on_approved=effect_by_job(JOB_ID),
        job_id=JOB_ID,
        title_ja="賦課決定の撤回",
        proposes=PROPOSE_RECALL.code,
        permission=RELEASE_ASSESSMENT.code,
        stale=recall_stale,
        rework=lambda approval: reverse("assessment-recall", args=[approval.content["run_id"]]),
        voided_by_ja="決定・印刷物の数や発送の状態の変更、後の計算の決定、過ぎた新しい納期限",
        labels=LABELS,
    )
