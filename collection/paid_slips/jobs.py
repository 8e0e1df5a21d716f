"""済通の取込のバッチ: a batch is taken and, where everything could be read, posted; else it waits at the desk."""

from collections.abc import Callable, Mapping

from collection.closing.errors import PeriodClosedError
from collection.errors import ReceiptFileRefusedError
from collection.jobs.receipts import file_open_once
from collection.paid_slips.models import BatchKind, PaidSlip
from collection.paid_slips.reading import draft_of
from collection.paid_slips.rules import FAULTS_JA
from collection.paid_slips.selectors import slips_waiting
from collection.paid_slips.services import batch_post, batch_take
from collection.permissions import POST_RECEIPTS
from taxsys.platform.files.errors import L_CHECK_DIGIT, FileRefused, LineProblem
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import file_refuse, line_errors_record
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.intake import FILE, intake_finish, lines_plan, received_file


def _step(format_name: str, kind: BatchKind) -> Callable[[JobContext, Payload], Mapping[str, int]]:
    def step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
        received = received_file(ctx, format_name)
        parsed = file_parsed(received)
        try:
            if parsed.errors:
                raise ReceiptFileRefusedError(
                    f"{parsed.errors[0].message_ja} 済通の束は全件そろって取り込みます。", code="L0108"
                )
            draft = draft_of(kind, parsed.header or {}, parsed.records, parsed.trailer or {}, ref=str(received.pk))
            batch = batch_take(draft, actor=ctx.run.requested_by)
        except ReceiptFileRefusedError as error:
            file_refuse(received, FileRefused(error.code, error.message_ja))
            ctx.log(f"受付不可 {error.code}: {error.message_ja}", is_error=True)
            return {"受付不可": 1}
        waiting = slips_waiting(batch)
        if waiting:
            line_errors_record(received, [_problem(slip) for slip in waiting])
            ctx.log(f"束 {batch}: 訂正を待つ済通{len(waiting):,}件。収納の「済通」で訂正して計上してください。")
            return {"済通": draft.control_count, "訂正待ち": len(waiting)}
        try:
            outcome = batch_post(batch.pk, actor=ctx.run.requested_by, as_of=ctx.business_on)
        except PeriodClosedError as error:
            # Nothing is posted; the file stays as it came, so that the run can go on once the closing is lifted.
            raise JobRefused(error.code, error.message_ja) from error
        return {
            "済通": draft.control_count,
            "消込額": outcome.allocated_yen,
            "仮受額": outcome.suspense_yen,
            "過誤納額": outcome.overpaid_yen,
        }

    return step


def _problem(slip: PaidSlip) -> LineProblem:
    """A slip that waits, as a finding of the file: its line and what is wrong, never what was read."""
    words = "・".join(FAULTS_JA[one] for one in slip.faults)
    return LineProblem(slip.line_no, L_CHECK_DIGIT, f"{words}。訂正待ちです。", severity="warning")


def _job(job_id: str, name_ja: str, format_name: str, kind: BatchKind, description_ja: str) -> Job:
    plan = lines_plan(format_name, size=None, opener=file_open_once)
    return Job(
        id=job_id,
        name_ja=name_ja,
        app="collection",
        params=(FILE,),
        scope="paid_slips.{file}",
        stages=(Stage("取込", plan, _step(format_name, kind), must_succeed=True),),
        finish=intake_finish,
        permission=POST_RECEIPTS,
        description_ja=description_ja,
        recovery_ja="途中で止まったときは再開してください。一つの束は一度だけ取り込まれ、一度だけ計上されます。",
    )


JOBS = (
    _job(
        "B-CL-07", "領収済通知書 OCR読取データ 取込", "local_sumitsu_ocr", BatchKind.OCR,
        "金融機関窓口の済通を読み取った束を送付票の件数・金額と照らし、全部読めていれば計上します。"
        "読めない済通があるときは計上せず、訂正の画面に並べます。",
    ),
    _job(
        "B-CL-07-P", "領収済通知書 パンチデータ 取込", "local_sumitsu_punch", BatchKind.PUNCH,
        "済通を入力した束を送付票の件数・金額と照らし、照合先がすべてあれば計上します。"
        "該当のない番号や読めない項目があるときは計上せず、訂正の画面に並べます。",
    ),
)  # fmt: skip
