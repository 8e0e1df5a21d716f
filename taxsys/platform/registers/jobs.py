"""台帳のバッチ: time limits into the work list every morning, and the yearly rows (監査・自己点検)."""

from collections.abc import Iterable, Mapping

from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.jobs.models import WorkItem
from taxsys.platform.registers.models import RegisterRow, RowTask
from taxsys.platform.registers.permissions import RUN
from taxsys.platform.registers.registry import kind_get
from taxsys.platform.registers.reminders import tasks_remind, yearly_open
from taxsys.platform.registers.selectors import tasks_due
from taxsys.platform.registers.services import follow_ups_open, kinds_with_follow_ups
from taxsys.platform.registers.tasks import WORK_KIND, work_key

CHUNK = 500


def _remind_plan(ctx: JobContext) -> Iterable[Payload]:
    ids = list(tasks_due(ctx.business_on).order_by("pk").values_list("pk", flat=True))
    return [{"tasks": ids[at : at + CHUNK]} for at in range(0, len(ids), CHUNK)]


def _remind_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    """Each limit once as a row of the work list when its reminder comes, once more when it has passed."""
    tasks = tasks_remind(payload["tasks"], on=ctx.business_on)
    passed = [task for task in tasks if task.due_on < ctx.business_on]
    ctx.work_many(
        [
            WorkItem(
                kind=WORK_KIND,
                subject_key=work_key(task),
                code="passed" if task.due_on < ctx.business_on else "due",
                message_ja=_words(task),
            )
            for task in tasks
        ]
    )
    return {"期限の近い行": len(tasks) - len(passed), "期限を過ぎた行": len(passed)}


def _words(task: RowTask) -> str:
    return f"{task.row.unit.name}：{kind_get(task.row.kind).title_ja} {task.row.row_no} {task.title_ja}"


def _yearly_plan(ctx: JobContext) -> Iterable[Payload]:
    rows = RegisterRow.objects.filter(kind__in=kinds_with_follow_ups()).exclude(state="closed").order_by("pk")
    ids = [str(pk) for pk in rows.values_list("pk", flat=True)]
    chunks = [ids[at : at + CHUNK] for at in range(0, len(ids), CHUNK)]
    return [{"yearly": True}, *({"rows": chunk} for chunk in chunks)]


def _yearly_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    year = int(ctx.params["fiscal_year"])
    if payload.get("yearly"):
        return {"年次の行": yearly_open(year)}
    return {"定期の行": sum(follow_ups_open(row_id, year) for row_id in payload["rows"])}


JOBS = (
    Job(
        id="B-RG-01",
        name_ja="台帳の期限の確認",
        app="registers",
        scope="registers.remind",
        stages=(Stage("期限の近い行・過ぎた行", _remind_plan, _remind_step),),
        permission=RUN,
        calendar="daily 05:30",
        deadline="08:00",
        description_ja="台帳の期限のうち、知らせる日が来たものと過ぎたものを、担当所属の要処理一覧に載せます。",
        recovery_ja="途中で止まったときは再開してください。同じ期限が二重に載ることはありません。",
    ),
    Job(
        id="B-RG-02",
        name_ja="年度の監査・自己点検の行の作成",
        app="registers",
        scope="registers.yearly.{fiscal_year}",
        params=(Param("fiscal_year", "int", name_ja="年度（西暦）"),),
        stages=(Stage("契約ごとの監査・年次の点検", _yearly_plan, _yearly_step),),
        permission=RUN,
        description_ja="契約ごとの監査と、年1回の自己点検の行を、その年度について一度だけ作ります。",
        recovery_ja="途中で止まったときは再開してください。同じ年度の行が二重にできることはありません。",
    ),
)
