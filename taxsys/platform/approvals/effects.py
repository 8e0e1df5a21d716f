"""決裁の効力: at once in the deciding act, or for large contents by a declared job whose state is shown here."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.models import Approval
from taxsys.platform.jobs.models import JobRun, RunState
from taxsys.platform.jobs.services import SYSTEM, job_request, job_start

PARAM = "approval"


@dataclass(frozen=True)
class Effect:
    """効力の状態: in force or not yet, the words for it, and the job run that brings it about."""

    title_ja: str
    level: str
    run_id: int | None = None


def effect_by_job(job_id: str) -> Callable[[Any], None]:
    """A handler that hands the effect to a declared job; requested in the transaction of the decision, so that an
    approval without its job, or a job without its approval, cannot be. The job's parameter `approval` names it.
    """

    def hand_over(approval: Approval) -> None:
        run = job_request(job_id, {PARAM: str(approval.pk)}, actor=SYSTEM, business_on=clock.today())
        job_start(run.pk, actor=SYSTEM)

    return hand_over


def effect_run(approval: Approval) -> JobRun | None:
    """The latest run that brings an approved proposal about, where its kind works by a job."""
    job_id = registry.get(approval.kind).job_id
    if not job_id:
        return None
    runs = JobRun.objects.filter(job_id=job_id, params__approval=str(approval.pk))
    return runs.exclude(state=RunState.DISCARDED).order_by("-pk").first()


def effect_of(approval: Approval) -> Effect | None:
    """What has become of an approved proposal; None for one that is not approved."""
    if approval.state != Approval.State.APPROVED:
        return None
    if not registry.get(approval.kind).job_id:
        return Effect("発効済み", "done")
    run = effect_run(approval)
    if run is None:
        return Effect("処理待ち", "caution")
    if run.state in (RunState.FINISHED, RunState.RELEASED):
        return Effect("発効済み", "done", run.pk)
    if run.state in (RunState.STOPPED, RunState.FAILED):
        return Effect(
            f"止まっています（{run.get_state_display()}）。運用担当が再開すると続きから行います。", "danger", run.pk
        )
    return Effect("処理中", "caution", run.pk)


def approval_of(run: JobRun) -> Approval:
    """The approval whose effect this run brings about."""
    found = Approval.objects.select_related("proposed_by", "decided_by", "decided_for")
    return found.get(pk=run.params[PARAM], state=Approval.State.APPROVED)
