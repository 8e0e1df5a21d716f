"""還付のバッチ: the transfer file of reserved payments (総合振込 21), and the notices of a day's decisions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collection.errors import RefundError
from collection.models import PayoutWay, RefundFile, RefundFileState
from collection.papers.refund_notice import RefundNoticeDrawer
from collection.params import refund_rules
from collection.permissions import APPROVE_REFUND, RELEASE_REFUND, WORK_REFUND
from collection.services.refund_notices import notice_keys, notice_pieces
from collection.services.refund_payments import (
    refund_file_build,
    refund_file_faults,
    refund_file_records,
    refund_file_send,
)
from taxsys.kernel import wareki
from taxsys.platform.files import layouts
from taxsys.platform.files.services import file_issue, outgoing_state_change
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage
from taxsys.platform.printing.print_jobs import PrintWork, print_job

TRANSFER = "zengin_21"


def file_waiting(ctx: JobContext, way: PayoutWay) -> RefundFile | None:
    """The file of the day and way that has not gone out yet."""
    found = RefundFile.objects.filter(way=way, transfer_on=ctx.day("transfer_on"), state=RefundFileState.PREPARED)
    return found.order_by("-sequence").first()


def once_gate(file: RefundFile | None, *, title_ja: str) -> GateResult:
    """No decision is paid beyond its amount, and what is written equals the file's count and sum (I8)."""
    faults = refund_file_faults(file) if file else []
    return GateResult(
        "CL-REFUND-ONCE",
        title_ja,
        not faults,
        len(faults),
        "・".join(faults) or (f"{file.payment_count:,}件 {file.payment_yen:,}円" if file else "対象がありません。"),
        "同じ過誤納金の二重の還付（I8）",
    )


def _build_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    file = refund_file_build(transfer_on=ctx.day("transfer_on"))
    if file is None:
        ctx.log("準備された支払はありません。")
        return {"支払": 0, "支払の金額": 0}
    ctx.log(f"振込指定日{file.transfer_on} 第{file.sequence}回: {file.payment_count:,}件 {file.payment_yen:,}円")
    return {"支払": file.payment_count, "支払の金額": file.payment_yen}


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    file = file_waiting(ctx, PayoutWay.TRANSFER)
    yield once_gate(file, title_ja="支払の計が決定の額を超えず、支払データの件数・合計と一致する")


def _send(ctx: JobContext) -> None:
    """Release: checked once more, written and handed over; afterwards no payment of it can be taken back."""
    file = file_waiting(ctx, PayoutWay.TRANSFER)
    if file is None or file.payment_count == 0:
        return
    try:
        file = refund_file_send(file.pk)
    except RefundError as error:
        ctx.log(f"送付しませんでした。{error.message_ja}", is_error=True)
        return
    header = {"code_kubun": "0", **refund_rules().header, "value_mmdd": f"{file.transfer_on:%m%d}"}
    issued = file_issue(
        kind=TRANSFER,
        business_key=f"{file.transfer_on}:{file.sequence}",
        name=f"kanpu_21_{file.transfer_on:%Y%m%d}_{file.sequence}.txt",
        content=layouts.get(TRANSFER).write(list(refund_file_records(file)), header=header),
        record_count=file.payment_count,
        amount_sums={"amount": file.payment_yen},
        layout=f"{TRANSFER}/{layouts.get(TRANSFER).edition}",
    )
    outgoing_state_change(issued.pk, "released", reason=f"第{ctx.run.pk}号")
    ctx.log(f"還付支払データ {issued.name}: {issued.record_count:,}件 {file.payment_yen:,}円")


NOTICES = PrintWork(
    kind="refund_notice",
    drawer=RefundNoticeDrawer(),
    title_ja=lambda ctx: f"過誤納金還付（充当）通知書（{wareki.format_long(ctx.day('decided_on'))}決定）",
    business_key=lambda ctx: ctx.day("decided_on").isoformat(),
    item_keys=lambda ctx: notice_keys(ctx.day("decided_on")),
    load=lambda _ctx, keys: notice_pieces(keys),
)

JOBS = (
    Job(
        id="B-CL-15",
        name_ja="還付支払データ作成",
        app="collection",
        params=(Param("transfer_on", "date", name_ja="振込指定日"),),
        scope="refund.{transfer_on}",
        stages=(Stage("支払データ", lambda _ctx: [{}], _build_step, must_succeed=True),),
        gates=(_gates,),
        release=Release(RELEASE_REFUND, on_release=_send),
        permission=WORK_REFUND,
        legal_base="地方税法17条",
        description_ja="口座の登録された還付を集め、総合振込(全銀協21)の支払データを作ります。",
        recovery_ja="送付の前は同じ振込指定日で作り直せます。送付済みの支払データは作り直せません。",
    ),
    print_job(
        NOTICES,
        id="B-CL-15-N",
        name_ja="還付充当通知書作成",
        app="collection",
        scope="refund.notices.{decided_on}",
        params=(Param("decided_on", "date", name_ja="支出決定日"),),
        permission=WORK_REFUND,
        release_permission=APPROVE_REFUND,
        legal_base="地方税法17条・17条の2",
        description_ja="その日に決定した還付・充当の通知書を、還付請求書とともに一つの組にします。",
    ),
)
