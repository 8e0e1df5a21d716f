"""検証結果の処理 (settling findings): who looked at what a check found, and why it may stand. R-004, R-019.

A 停止 finding is never talked away: its cause is mended and the run computed again. A 要確認 finding needs a reason and
an officer before the run may be released.
"""

from collections.abc import Sequence

from django.db import transaction
from django.db.models import Count

from assessment.errors import FindingRefused
from assessment.models import AssessmentRun, Finding, FindingSeverity, RunState
from taxsys.platform import clock

OPEN_STATES = frozenset({RunState.PREPARED, RunState.COMPUTED})


@transaction.atomic
def findings_settle(run_id: int, finding_ids: Sequence[int], *, actor_id: str, reason: str) -> int:
    """処理済とする: all of the findings named, or none. Answers how many.

    Raises FindingRefused: no reason, nothing chosen, a finding of another run or of severity 停止, one that somebody
    settled meanwhile, a run that is released or given up.
    """
    if not reason.strip():
        raise FindingRefused("処理の理由を入力してください。", field="reason")
    if not finding_ids:
        raise FindingRefused("処理する事項を選んでください。", field="findings")
    run = AssessmentRun.objects.select_for_update().get(pk=run_id)
    if run.state not in OPEN_STATES:
        raise FindingRefused(f"「{run.get_state_display()}」の計算の検証結果は処理できません。")
    wanted = set(finding_ids)
    found = list(Finding.objects.select_for_update().filter(run=run, pk__in=wanted).order_by("pk"))
    if len(found) != len(wanted):
        raise FindingRefused("選んだ事項がありません。検証がやり直された可能性があります。画面を開き直してください。")
    if any(one.severity == FindingSeverity.STOP for one in found):
        raise FindingRefused("停止の事項は理由を付けて済ませることはできません。原因を直して計算し直してください。")
    done = next((one for one in found if one.settled_at is not None), None)
    if done is not None:
        raise FindingRefused(f"職員番号{done.settled_by}が先に処理しています。画面を開き直してください。")
    return Finding.objects.filter(pk__in=wanted).update(
        settled_by=actor_id, settled_reason=reason.strip()[:200], settled_at=clock.now()
    )


def findings_open(run: AssessmentRun) -> dict[str, int]:
    """Open findings that hold a release back, by severity (stop, review)."""
    rows = Finding.objects.filter(
        run=run, severity__in=[FindingSeverity.STOP, FindingSeverity.REVIEW], settled_at__isnull=True
    )
    return dict(rows.order_by().values_list("severity").annotate(n=Count("pk")))
