"""権限のバッチ: the yearly recertification is opened and, at its deadline, ends what nobody confirmed (R-226)."""

from collections.abc import Iterable, Mapping
from datetime import date

from taxsys.platform.audit.services import AccessRow, access_record_many
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.rights import recertification
from taxsys.platform.rights.models import Campaign
from taxsys.platform.rights.permissions import CAMPAIGN
from taxsys.platform.staff.passwords import real_today, staff_disable_expired, staff_with_expired_password

CHUNK_ITEMS = 500


def _campaign(ctx: JobContext) -> Campaign:
    due_on = ctx.params["due_on"]
    return recertification.campaign_open(
        title_ja=str(ctx.params["title"]), opened_on=ctx.business_on, due_on=date.fromisoformat(str(due_on))
    )


def _open_plan(ctx: JobContext) -> Iterable[Payload]:
    return [{"unit": unit_id} for unit_id in recertification.units_to_collect(ctx.business_on)]


def _open_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return {"棚卸の対象": recertification.campaign_collect(_campaign(ctx), payload["unit"])}


def _lapse_plan(ctx: JobContext) -> Iterable[Payload]:
    ids = list(recertification.overdue_items(ctx.business_on).order_by("pk").values_list("pk", flat=True))
    return [{"items": ids[at : at + CHUNK_ITEMS]} for at in range(0, len(ids), CHUNK_ITEMS)]


def _lapse_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return {"未確認のため失効": recertification.lapse(payload["items"], on=ctx.business_on)}


def _lapse_finish(ctx: JobContext) -> None:
    ctx.count("締め切った棚卸", recertification.campaigns_close(ctx.business_on))


def _expired_plan(ctx: JobContext) -> Iterable[Payload]:
    """Days of a password are real days: the day is fixed when the run is planned, so that a resumed run keeps it."""
    on = real_today()
    ids = list(staff_with_expired_password(on).order_by("pk").values_list("pk", flat=True))
    return [{"staff": ids[at : at + CHUNK_ITEMS], "on": on.isoformat()} for at in range(0, len(ids), CHUNK_ITEMS)]


def _expired_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    disabled = staff_disable_expired(payload["staff"], on=date.fromisoformat(payload["on"]))
    access_record_many(
        AccessRow(action="update", record_type="staff", record_id=staff.staff_no, reason="password_expired")
        for staff in disabled
    )
    return {"失効した職員番号": len(disabled)}


JOBS = (
    Job(
        id="B-ST-01",
        name_ja="権限の棚卸の開始",
        app="rights",
        scope="rights.campaign.{title}",
        params=(
            Param("title", "str", name_ja="棚卸の名称"),
            Param("due_on", "date", name_ja="締切日（この日まで）"),
        ),
        stages=(Stage("所属ごとの対象の取出し", _open_plan, _open_step),),
        permission=CAMPAIGN,
        description_ja="有効な権限付与をすべて取り出し、所属長の確認に出します。同じ名称で再実行しても二重になりません。",
        recovery_ja="途中で止まったときは再開してください。",
    ),
    Job(
        id="B-ST-02",
        name_ja="棚卸で確認されなかった権限の失効",
        app="rights",
        scope="rights.lapse",
        stages=(Stage("締切を過ぎた権限の終了", _lapse_plan, _lapse_step),),
        finish=_lapse_finish,
        permission=CAMPAIGN,
        calendar="daily 00:05",
        deadline="06:00",
        description_ja="締切日までに所属長が確認しなかった権限を、その日の0時に終わらせます。",
        recovery_ja="途中で止まったときは再開してください。終わらせた権限が二重に処理されることはありません。",
    ),
    Job(
        id="B-ST-03",
        name_ja="期限切れパスワードの職員番号の失効",
        app="rights",
        scope="rights.passwords",
        stages=(Stage("期限切れの職員番号の停止", _expired_plan, _expired_step),),
        permission=CAMPAIGN,
        calendar="daily 00:10",
        deadline="06:00",
        description_ja="期限までにパスワードを変更しなかった職員番号を停止します。再開は所属長の届出と権限管理者の決裁によります。",
        recovery_ja="途中で止まったときは再開してください。",
    ),
)
