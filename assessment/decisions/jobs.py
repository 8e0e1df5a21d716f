"""決定の撤回のバッチ (B-PI-19-R): an approved recall takes effect outside the approving request, whatever its size.

One transaction for the whole run, so that nobody ever sees half a recall; a killed worker leaves nothing, and the run
is taken up again. The approval is the only way to it: without an approved proposal the job refuses.
"""

from collections.abc import Iterable, Mapping

from assessment.decisions.recall import APPROVAL_KIND, JOB_ID, RecallRefused, recall_execute
from assessment.models import RunRecall
from assessment.permissions import RUN_ASSESSMENT
from taxsys.platform.approvals.effects import PARAM, approval_of
from taxsys.platform.approvals.models import Approval
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Stage


def _approved(ctx: JobContext) -> Approval:
    try:
        approval = approval_of(ctx.run)
    except (Approval.DoesNotExist, ValueError) as error:
        raise RecallRefused("承認された撤回の決裁ではありません。決裁一覧で番号を確かめてください。") from error
    if approval.kind != APPROVAL_KIND:
        raise RecallRefused("撤回の決裁ではありません。決裁一覧で番号を確かめてください。")
    return approval


def _plan(ctx: JobContext) -> Iterable[Payload]:
    return [{"run": int(_approved(ctx).content["run_id"])}]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    done = RunRecall.objects.filter(run_id=payload["run"]).first()
    if done is not None:
        ctx.log("この計算は撤回済みです。行うことはありません。")
        return {}
    counts = recall_execute(_approved(ctx)).counts
    return {
        "撤回した決定": counts["people"],
        "戻した調定": counts["charges"],
        "無効にした納付書": counts["slips_voided"],
        "回収した印刷物": len(counts["packages"]),
    }


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    run_id = int(_approved(ctx).content["run_id"])
    recall = RunRecall.objects.filter(run_id=run_id).first()
    yield GateResult(
        "recalled", "撤回の記録がある", recall is not None, 0 if recall else 1, guards="起案と決裁のとおりの撤回"
    )


RECALL_JOB = Job(
    id=JOB_ID,
    name_ja="賦課決定の撤回",
    app="assessment",
    params=(Param(PARAM, "str", name_ja="決裁の番号"),),
    scope=f"assessment.recall.{{{PARAM}}}",
    stages=(Stage("撤回", _plan, _step, must_succeed=True),),
    gates=(_gates,),
    permission=RUN_ASSESSMENT,
    description_ja="決裁された撤回を行います。決裁と同時に自動で始まり、結果は決裁の画面に出ます。",
    recovery_ja="途中で止まっても何も変わっていません。原因を除いて再開すると、はじめから一度に行います。",
)

JOBS = (RECALL_JOB,)
