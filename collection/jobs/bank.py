"""指定金融機関の収納日計のバッチ: the bank's totals by day and channel, noted beside the books; nothing is posted."""

from collections.abc import Mapping

from collection.closing.checks import bank_differences
from collection.jobs.receipts import file_open_once
from collection.permissions import CLOSE_DAY
from collection.services.till import bank_totals_import
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import file_refuse
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Payload, Stage
from taxsys.platform.jobs.intake import FILE, intake_finish, lines_plan, received_file

TOTALS = "local_shitei_nikkei"


def _step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    received = received_file(ctx, TOTALS)
    if received.error_count:
        file_refuse(
            received, FileRefused("L0108", "行エラーのある収納日計は受け付けません。全件そろって取り込みます。")
        )
        ctx.log(f"受付不可: 行エラー{received.error_count:,}件", is_error=True)
        return {"受付不可": 1}
    days = bank_totals_import(file_parsed(received).records, actor=ctx.run.requested_by)
    wrong = bank_differences(min(days), max(days)) if days else []
    differing = [one for one in wrong if one.bank_yen is not None]
    for one in differing:
        ctx.log(f"{one.account_on} {one.channel_ja}: 入金と帳簿の差額 {one.difference_yen:,}円", is_error=True)
    return {"記録": len(days), "差額のある日": len(differing)}


JOBS = (
    Job(
        id="B-CL-33",
        name_ja="指定金融機関 収納日計 取込",
        app="collection",
        params=(FILE,),
        scope="bank.totals.{file}",
        stages=(Stage("記録", lines_plan(TOTALS, size=None, opener=file_open_once), _step, must_succeed=True),),
        finish=intake_finish,
        permission=CLOSE_DAY,
        description_ja="指定金融機関の日・チャネル別の入金額を記録し、帳簿の収納額と違う日を示します。何も計上しません。",
        recovery_ja="途中で止まったときは再開してください。同じ額は二度記録されません。",
    ),
)
