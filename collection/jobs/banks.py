"""金融機関マスタのバッチ: the list of a day brings the master in step, or is refused whole with its reason."""

from __future__ import annotations

from collections.abc import Mapping

from collection.errors import DebitError
from collection.jobs.receipts import file_open_once
from collection.permissions import MANAGE_DEBIT
from collection.services.banks import banks_replace, mandates_of_closed_branches
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import file_refuse
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Payload, Stage
from taxsys.platform.jobs.intake import FILE, intake_finish, lines_plan, received_file

BANKS = "local_ginko"


def _step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    received = received_file(ctx, BANKS)
    try:
        outcome = banks_replace(file_parsed(received).records, as_of=ctx.business_on)
    except DebitError as error:
        file_refuse(received, FileRefused(error.code, error.message_ja))
        ctx.log(f"受付不可 {error.code}: {error.message_ja}", is_error=True)
        return {"受付不可": 1}
    closed = mandates_of_closed_branches(ctx.business_on)
    if closed:
        ctx.log(f"支店の廃止で引き落とせない口座振替が{len(closed):,}件あります。口座振替の画面で確かめてください。")
    return {
        "新設": outcome.opened,
        "名称変更": outcome.renamed,
        "廃止": outcome.closed,
        "変更なし": outcome.unchanged,
        "引き落とせない口座振替": len(closed),
    }


JOBS = (
    Job(
        id="B-CL-25-B",
        name_ja="金融機関マスタ 取込",
        app="collection",
        params=(FILE,),
        scope="banks",
        stages=(Stage("更新", lines_plan(BANKS, size=None, opener=file_open_once), _step, must_succeed=True),),
        finish=intake_finish,
        permission=MANAGE_DEBIT,
        description_ja="全国の金融機関・支店の一覧（その日の全件）でマスタを置き換えます。なくなった支店は廃止になります。",
        recovery_ja="途中で止まったときは再開してください。同じ一覧を再び取り込んでも変わりません。",
    ),
)
