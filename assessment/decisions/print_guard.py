"""撤回と発送: nothing of a run leaves the house between the approval of its recall and the recall (I1)."""

from collections.abc import Iterator

from assessment.decisions.recall import APPROVAL_KIND, run_packages
from assessment.models import AssessmentRun, RunState
from taxsys.platform.approvals.models import Approval
from taxsys.platform.printing.guards import Stop
from taxsys.platform.printing.models import Batch, PrintPackage

BEING_RECALLED = "載っている決定は、撤回が決裁されています"


def recall_stops(package: PrintPackage) -> Iterator[Stop]:
    """The whole package, where it tells decisions of a run whose recall was approved and has not taken effect yet."""
    approved = Approval.objects.filter(kind=APPROVAL_KIND, state=Approval.State.APPROVED)
    runs = AssessmentRun.objects.filter(
        pk__in=[content["run_id"] for content in approved.values_list("content", flat=True)], state=RunState.RELEASED
    )
    for run in runs:
        if run_packages(run).filter(pk=package.pk).exists():
            yield Stop(Batch.BULK, 0, BEING_RECALLED)
