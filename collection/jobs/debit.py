"""口座振替のバッチ: accepted applications, the request file before each due date, checked against the ledger."""

from collections.abc import Iterable, Mapping
from datetime import date

from django.db.models import Count, Sum

from collection.errors import LedgerMismatchError
from collection.jobs.receipts import file_open_once
from collection.models import DebitBatch, DebitBatchState, DebitRequestState
from collection.papers.debit_letter import DebitLetterDrawer, DebitPaidDrawer
from collection.params import debit_plan
from collection.permissions import MANAGE_DEBIT, RELEASE_DEBIT
from collection.rules.due_dates import debit_day
from collection.services.debit import debit_batch_build, debit_batch_check, debit_batch_records, debit_batch_release
from collection.services.debit_letters import (
    failed_keys,
    failed_pieces,
    paid_keys,
    paid_pieces,
    registered_keys,
    registered_pieces,
)
from collection.services.mandates import mandates_import
from taxsys.kernel import wareki
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import LineProblem
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import file_issue, line_errors_record, outgoing_state_change
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.intake import FILE, intake_finish, lines_plan, received_file
from taxsys.platform.printing.print_jobs import PrintWork, print_job

MANDATES = "local_koza_irai"
REQUEST = "zengin_91"


def _mandates_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    received = received_file(ctx, MANDATES)
    parsed = file_parsed(received)
    outcome = mandates_import(parsed.records, actor=ctx.run.requested_by)
    line_errors_record(
        received, [LineProblem(line, code, message, field) for line, code, field, message in outcome.problems]
    )
    received.error_count += len(outcome.problems)
    received.save(update_fields=["error_count"])
    return {
        "登録": outcome.registered,
        "廃止": outcome.ended,
        "変更なし": outcome.unchanged,
        "保留": len(outcome.problems),
    }


def _batch(ctx: JobContext) -> DebitBatch | None:
    return DebitBatch.objects.filter(
        originator_code=debit_plan().originator_code,
        debit_on=_debit_on(ctx),
        attempt_no=int(ctx.params["attempt_no"]),
    ).first()


def _debit_on(ctx: JobContext) -> date:
    return debit_day(
        ctx.params["due_on"], int(ctx.params["attempt_no"]), retry_days_after=debit_plan().retry_days_after
    )


def _request_plan(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _request_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    attempt_no, debit_on = int(ctx.params["attempt_no"]), _debit_on(ctx)
    try:
        batch = debit_batch_build(
            originator_code=debit_plan().originator_code,
            debit_on=debit_on,
            due_on=ctx.params["due_on"],
            attempt_no=attempt_no,
        )
    except LedgerMismatchError as error:
        ctx.log(error.message_ja)
        return {"依頼": 0, "依頼の金額": 0}
    ctx.log(f"引落日{debit_on} 第{attempt_no}回: {batch.request_count:,}件 {batch.request_yen:,}円")
    return {"依頼": batch.request_count, "依頼の金額": batch.request_yen}


def _count_sheet(ctx: JobContext) -> None:
    """件数表 by bank (L-CL-14): counts and yen, no person."""
    batch = _batch(ctx)
    if batch is None:
        return
    rows = (
        batch.requests.filter(state=DebitRequestState.REQUESTED)
        .values("mandate__bank_code")
        .annotate(count=Count("id"), yen=Sum("amount_yen"))
    )
    lines = ["金融機関,件数,金額"]
    lines += [f"{row['mandate__bank_code']},{row['count']},{row['yen']}" for row in rows.order_by("mandate__bank_code")]
    content = ("\r\n".join([*lines, f"計,{batch.request_count},{batch.request_yen}"]) + "\r\n").encode()
    ctx.output("口座振替依頼件数表.csv", "件数表", content, count=batch.request_count, amount_yen=batch.request_yen)


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    """The request must say what the ledger says now: no charge that is paid, withdrawn or of another amount."""
    batch = _batch(ctx)
    detail = "対象がありません。"
    is_ok = True
    if batch is not None:
        try:
            debit_batch_check(batch)
            detail = f"{batch.request_count:,}件 {batch.request_yen:,}円が元帳の未納額と一致しました。"
        except LedgerMismatchError as error:
            is_ok, detail = False, error.message_ja
    return [
        GateResult(
            "CL-DEBIT-LEDGER",
            "依頼の件数・金額が元帳の未納額と一致する",
            is_ok,
            count=batch.request_count if batch else 0,
            detail_ja=detail,
            guards="前年の依頼データの再送・納付済みの人への再振替",
        ),
        _day_gate(ctx),
    ]


def _day_gate(ctx: JobContext) -> GateResult:
    """The day of a request lies ahead: the file names month and day only, so last year's would draw this year (I10)."""
    debit_on, is_ok = _debit_on(ctx), _debit_on(ctx) > ctx.business_on
    detail = f"引落日は{debit_on:%Y年%m月%d日}です。"
    if not is_ok:
        detail += "過ぎた納期限の依頼は送れません。納期限を確かめて、作り直してください。"
    return GateResult(
        "CL-DEBIT-DAY", "引落日がこれから来る日である", is_ok, detail_ja=detail, guards="前年の依頼データの再送"
    )


def _send(ctx: JobContext) -> None:
    """Release: the batch is checked against the ledger once more; only then the file is written and handed over."""
    batch = _batch(ctx)
    if batch is None or batch.request_count == 0:
        return
    plan = debit_plan()
    try:
        batch = debit_batch_release(batch.pk)
    except LedgerMismatchError as error:
        # Nothing leaves, the run ends: a new run of the job brings the batch in step with the ledger.
        ctx.log(f"送付しませんでした。{error.message_ja}", is_error=True)
        return
    header = {"code_kubun": "0", **plan.header, "debit_mmdd": f"{batch.debit_on:%m%d}"}
    content = layouts.get(REQUEST).write(list(debit_batch_records(batch)), header=header)
    issued = file_issue(
        kind=REQUEST,
        business_key=f"{batch.originator_code}:{batch.debit_on}:{batch.attempt_no}",
        name=f"irai_91_{batch.debit_on:%Y%m%d}_{batch.attempt_no}.txt",
        content=content,
        record_count=batch.request_count,
        amount_sums={"amount": batch.request_yen},
        layout=f"{REQUEST}/{layouts.get(REQUEST).edition}",
    )
    outgoing_state_change(issued.pk, "released", reason=f"第{ctx.run.pk}号")
    ctx.log(f"口座振替依頼 {issued.name}: {issued.record_count:,}件 {batch.request_yen:,}円")


def _answered(ctx: JobContext) -> DebitBatch:
    """The answered request file of the run. Raises JobRefused where the bank has not answered yet."""
    batch = _batch(ctx)
    if batch is None or batch.state != DebitBatchState.ANSWERED:
        raise JobRefused("J-PARAM", "この引落しの結果はまだ取り込まれていません。納期限と回次を確かめてください。")
    return batch


REGISTERED = PrintWork(
    kind="debit_registered",
    drawer=DebitLetterDrawer(),
    title_ja=lambda ctx: f"口座振替のお知らせ（{wareki.format_long(ctx.day('registered_on'))}登録）",
    business_key=lambda ctx: f"{ctx.day('registered_on'):%Y%m%d}",
    item_keys=lambda ctx: registered_keys(ctx.day("registered_on")),
    load=lambda ctx, keys: registered_pieces(ctx.day("registered_on"), keys),
)
FAILED = PrintWork(
    kind="debit_failed",
    drawer=DebitLetterDrawer(),
    title_ja=lambda ctx: f"口座振替不能のお知らせ（{wareki.format_long(_debit_on(ctx))}引落し）",
    business_key=lambda ctx: f"{_debit_on(ctx):%Y%m%d}-{int(ctx.params['attempt_no'])}",
    item_keys=lambda ctx: failed_keys(_answered(ctx)),
    load=lambda ctx, keys: failed_pieces(_answered(ctx), keys, on=ctx.day("notice_on")),
)
PAID = PrintWork(
    kind="debit_paid",
    drawer=DebitPaidDrawer(),
    title_ja=lambda ctx: f"口座振替済通知書（{wareki.format_year(int(ctx.params['year']))}分）",
    business_key=lambda ctx: f"{int(ctx.params['year'])}",
    item_keys=lambda ctx: paid_keys(int(ctx.params["year"])),
    load=lambda ctx, keys: paid_pieces(int(ctx.params["year"]), keys, on=ctx.day("notice_on")),
)

JOBS = (
    Job(
        id="B-CL-25",
        name_ja="口座振替申込 取込",
        app="collection",
        params=(FILE,),
        scope="mandates",
        stages=(
            Stage(
                "登録",
                lines_plan(MANDATES, size=None, opener=file_open_once),
                _mandates_step,
                must_succeed=True,
            ),
        ),
        finish=intake_finish,
        permission=MANAGE_DEBIT,
        recovery_ja="途中で止まったときは再開してください。同じ依頼番号は一度だけ登録されます。",
    ),
    Job(
        id="B-CL-01",
        name_ja="口座振替依頼データ作成",
        app="collection",
        params=(
            Param("due_on", "date", name_ja="納期限"),
            Param("attempt_no", "int", name_ja="回次", default=1),
        ),
        scope="debit.{due_on}.{attempt_no}",
        stages=(Stage("依頼", _request_plan, _request_step, must_succeed=True),),
        finish=_count_sheet,
        gates=(_gates,),
        release=Release(RELEASE_DEBIT, on_release=_send),
        permission=MANAGE_DEBIT,
        description_ja="納期限の未納を元帳から拾い、振替依頼データ(全銀協91)を作ります。2回目は資金不足だけを再振替します。",
        recovery_ja="検査が不合格のときは依頼を取り下げて作り直してください。送付済みの依頼データは作り直せません。",
    ),
    print_job(
        REGISTERED,
        id="B-CL-25-N",
        name_ja="口座振替開始・変更・廃止通知作成",
        app="collection",
        scope="debit.registered.{registered_on}",
        params=(Param("registered_on", "date", name_ja="登録日"),),
        permission=MANAGE_DEBIT,
        release_permission=RELEASE_DEBIT,
        description_ja="その日に登録・終了した口座振替を、一人一通のお知らせにします。",
    ),
    print_job(
        FAILED,
        id="B-CL-02-N",
        name_ja="口座振替不能通知作成",
        app="collection",
        scope="debit.failed.{due_on}.{attempt_no}",
        params=(
            Param("due_on", "date", name_ja="納期限"),
            Param("attempt_no", "int", name_ja="回次", default=1),
            Param("notice_on", "date", name_ja="通知年月日"),
        ),
        permission=MANAGE_DEBIT,
        release_permission=RELEASE_DEBIT,
        description_ja="引き落とせなかった分を知らせ、再振替のないものには発行済みの納付書を同封します。",
    ),
    print_job(
        PAID,
        id="B-CL-02-Y",
        name_ja="口座振替済通知書作成",
        app="collection",
        scope="debit.paid.{year}",
        params=(
            Param("year", "int", name_ja="年（1月～12月）"),
            Param("notice_on", "date", name_ja="通知年月日"),
        ),
        permission=MANAGE_DEBIT,
        release_permission=RELEASE_DEBIT,
        description_ja="一年間に口座振替で納められた市税を、一人一通の通知書にします。取り消された収納は載せません。",
    ),
)
