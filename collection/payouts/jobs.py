"""還付の支払のバッチ: the list and the notices of 隔地払, and the claims whose time has run out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from collection.closing.errors import PeriodClosedError
from collection.errors import RefundError
from collection.jobs.refunds import file_waiting, once_gate
from collection.models import PayoutWay
from collection.papers.refund_letter import RemittanceNoticeDrawer
from collection.payouts import expiry, remote
from collection.permissions import APPROVE_REFUND, RELEASE_REFUND, WORK_REFUND
from collection.services.refund_payments import refund_file_build, refund_file_send
from taxsys.kernel import wareki
from taxsys.platform.files import layouts
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.files.services import file_issue, outgoing_state_change
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage
from taxsys.platform.printing.print_jobs import PrintWork, print_job

LIST = "local_kakuchi"


def _build_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    file = refund_file_build(transfer_on=ctx.day("transfer_on"), way=PayoutWay.REMOTE)
    if file is None:
        ctx.log("準備された隔地払はありません。")
        return {"支払": 0, "支払の金額": 0}
    ctx.log(f"支払開始日{file.transfer_on} 第{file.sequence}回: {file.payment_count:,}件 {file.payment_yen:,}円")
    return {"支払": file.payment_count, "支払の金額": file.payment_yen}


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    file = file_waiting(ctx, PayoutWay.REMOTE)
    yield once_gate(file, title_ja="支払の計が決定の額を超えず、送金の明細の件数・合計と一致する")


def _send(ctx: JobContext) -> None:
    file = file_waiting(ctx, PayoutWay.REMOTE)
    if file is None or file.payment_count == 0:
        return
    try:
        file = refund_file_send(file.pk)
    except RefundError as error:
        ctx.log(f"送付しませんでした。{error.message_ja}", is_error=True)
        return
    layout = layouts.get(LIST)
    issued = file_issue(
        kind=LIST,
        business_key=f"{file.transfer_on}:{file.sequence}",
        name=f"kakuchi_{file.transfer_on:%Y%m%d}_{file.sequence}.csv",
        content=layout.write(list(remote.remote_records(file))),
        record_count=file.payment_count,
        amount_sums={"amount": file.payment_yen},
        layout=f"{LIST}/{layout.edition}",
    )
    outgoing_state_change(issued.pk, "released", reason=f"第{ctx.run.pk}号")
    ctx.log(f"送金の明細 {issued.name}: {issued.record_count:,}件 {file.payment_yen:,}円")


def _expiry_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    ended = expiry.claims_ended(ctx.business_on)
    for one in ended:
        if one.to_offset:
            ctx.work(
                "collection.refund_expiry", subject_key=one.key, code="C0551",
                message_ja="時効の完成した過誤納金に、充当できる未納があります。充当を起案してください。",
            )  # fmt: skip
    count, yen = expiry.expiries_list(ended, on=ctx.business_on, run_id=ctx.run.pk)
    lines = [
        ("決定済" if one.decision else "案なし", one.key, one.ended_on.isoformat(), one.yen)
        for one in ended
        if not one.to_offset
    ]
    ctx.output("還付請求権時効.csv", "時効の完成した還付請求権",
               table_csv(("区分", "還付番号・期別", "時効の完成日", "額"), lines), count=count)  # fmt: skip
    return {"時効": count, "時効の金額": yen, "充当の起案待ち": sum(one.to_offset for one in ended)}


def _expiry_gates(ctx: JobContext) -> Iterable[GateResult]:
    moved = expiry.expiries_moved(ctx.run.pk, on=ctx.business_on)
    yield GateResult(
        "CL-EXPIRY", "抽出した全件の時効が完成しており、支払・充当の途中にない", not moved, len(moved),
        "・".join(moved[:5]), "地方税法18条の3",
    )  # fmt: skip


def _written_off(ctx: JobContext) -> None:
    try:
        count, yen = expiry.expiries_write_off(ctx.run.pk, on=ctx.business_on, released_by=ctx.run.released_by)
    except PeriodClosedError as error:
        ctx.log(f"組み入れませんでした。{error.message_ja}", is_error=True)
        return
    ctx.log(f"雑入への組入れ {count:,}件 {yen:,}円")


NOTICES = PrintWork(
    kind="remittance_notice",
    drawer=RemittanceNoticeDrawer(),
    title_ja=lambda ctx: f"還付金送金通知書（{wareki.format_long(ctx.day('transfer_on'))}）",
    business_key=lambda ctx: ctx.day("transfer_on").isoformat(),
    item_keys=lambda ctx: remote.notice_keys(ctx.day("transfer_on")),
    load=lambda _ctx, keys: remote.notice_pieces(keys),
)
_DAY = (Param("transfer_on", "date", name_ja="支払開始日"),)

JOBS = (
    Job(
        id="B-CL-15-K",
        name_ja="還付 隔地払 送金明細作成",
        app="collection",
        params=_DAY,
        scope="refund.remote.{transfer_on}",
        stages=(Stage("送金の明細", lambda _ctx: [{}], _build_step, must_succeed=True),),
        gates=(_gates,),
        release=Release(RELEASE_REFUND, on_release=_send),
        permission=WORK_REFUND,
        legal_base="地方自治法施行令165条",
        description_ja="準備された隔地払を集め、指定金融機関へ渡す送金の明細を作ります。明細に住所は載りません。",
        recovery_ja="送付の前は同じ支払開始日で作り直せます。送付済みの明細は作り直せません。",
    ),
    print_job(
        NOTICES,
        id="B-CL-15-L",
        name_ja="還付金送金通知書作成",
        app="collection",
        scope="refund.remote_notices.{transfer_on}",
        params=_DAY,
        permission=WORK_REFUND,
        release_permission=RELEASE_REFUND,
        legal_base="地方自治法施行令165条",
        description_ja="指定金融機関に送付した隔地払の受取人への通知書を、一つの組にします。",
    ),
    Job(
        id="B-CL-15-T",
        name_ja="還付請求権 時効の抽出・歳入組入れ",
        app="collection",
        scope="refund.expiry",
        stages=(Stage("抽出", lambda _ctx: [{}], _expiry_step, must_succeed=True),),
        gates=(_expiry_gates,),
        release=Release(APPROVE_REFUND, on_release=_written_off),
        permission=WORK_REFUND,
        legal_base="地方税法18条の3",
        description_ja="時効（5年、通知・請求書で更新）の完成した還付を抽出し、別の職員の出力解放で雑入に組み入れます。",
        recovery_ja="途中で止まったときは再開してください。同じ還付は二度組み入れられません。",
    ),
)
