"""収納データのバッチ: files of receipts, checked whole and posted whole; one that fails is refused with its reason."""

from collections.abc import Callable, Mapping

from collection.closing.errors import PeriodClosedError
from collection.errors import ReceiptFileRefusedError
from collection.models import FORMAT_CHANNELS
from collection.permissions import POST_RECEIPTS
from collection.services.debit import receipts_import_zengin91, result_totals_check
from collection.services.imports import receipts_import_common, receipts_import_cvs
from collection.services.receipts import ReceiptFileFacts, ReceiptOutcome
from collection.withheld.imports import receipts_import_agents
from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.errors import FileRefused, LineProblem
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import file_refuse, line_errors_record
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.intake import FILE, file_open, intake_finish, lines_plan, received_file

Importer = Callable[[Parsed, ReceiptFileFacts, JobContext], ReceiptOutcome]


def file_open_once(received: ReceivedFile) -> int:
    """Check and stage a file that is taken whole; one that was taken before is not opened again. Raises JobRefused."""
    if received.state in (ReceivedFile.State.APPLIED, ReceivedFile.State.PARTLY_APPLIED):
        raise JobRefused("J-PARAM", f"{received.name} は取込済みです。")
    return file_open(received)


def _step(format_name: str, importer: Importer, total: str) -> Callable[[JobContext, Payload], Mapping[str, int]]:
    """A receipt file is posted whole in one transaction, or refused whole with nothing of it posted."""

    def step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
        received = received_file(ctx, format_name)
        parsed = file_parsed(received)
        facts = ReceiptFileFacts(
            channel=FORMAT_CHANNELS[format_name],
            file_key=f"{received.sender}:{received.name}",
            sha256=received.sha256,
            created_on=received.received_on,
            received_on=received.received_on,
            record_count=len(parsed.records),
            total_yen=parsed.total(total),
        )
        try:
            outcome = importer(parsed, facts, ctx)
        except PeriodClosedError as error:
            # Nothing is posted; the file stays as it came, so that the run can go on once the closing is lifted.
            raise JobRefused(error.code, error.message_ja) from error
        except ReceiptFileRefusedError as error:
            file_refuse(received, FileRefused(error.code, error.message_ja))
            ctx.log(f"受付不可 {error.code}: {error.message_ja}", is_error=True)
            return {"受付不可": 1}
        _spent_record(received, outcome)
        return {
            "収納": outcome.payments,
            "消込額": outcome.allocated_yen,
            "仮受額": outcome.suspense_yen,
            "過誤納額": outcome.overpaid_yen,
            "重複": len(outcome.repeats),
            "訂正の保留": len(outcome.spent),
        }

    return step


def _spent_record(received: ReceivedFile, outcome: ReceiptOutcome) -> None:
    """Corrections that could not be followed stand as lines of the file, for the desk to work off."""
    if not outcome.spent:
        return
    message = (
        "訂正・取消の対象の収納から生じた過誤納金に、還付・充当の案または決定があります。"
        "案を取り下げてから、その収納を取り消してください。"
    )
    line_errors_record(received, [LineProblem(line, "C0402", message) for line, _key in outcome.spent])
    received.error_count += len(outcome.spent)
    received.save(update_fields=["error_count"])


def _cvs(parsed: Parsed, facts: ReceiptFileFacts, ctx: JobContext) -> ReceiptOutcome:
    return receipts_import_cvs(parsed.records, facts=facts, actor=ctx.run.requested_by, as_of=ctx.business_on)


def _common(parsed: Parsed, facts: ReceiptFileFacts, ctx: JobContext) -> ReceiptOutcome:
    return receipts_import_common(parsed.records, facts=facts, actor=ctx.run.requested_by, as_of=ctx.business_on)


def _debit(parsed: Parsed, facts: ReceiptFileFacts, ctx: JobContext) -> ReceiptOutcome:
    if len(parsed.headers) != 1 or parsed.trailer is None:
        raise ReceiptFileRefusedError("委託者が一つではありません。委託者ごとに受け取ってください。", code="L0102")
    if parsed.errors:
        raise ReceiptFileRefusedError(
            f"{parsed.errors[0].message_ja} 振替結果は全件そろって取り込みます。", code="L0108"
        )
    result_totals_check(parsed.trailer, parsed.records)
    return receipts_import_zengin91(
        parsed.header or {}, parsed.records, facts=facts, actor=ctx.run.requested_by, as_of=ctx.business_on
    )


def _job(job_id: str, name_ja: str, format_name: str, importer: Importer, *, total: str = "amount") -> Job:
    plan = lines_plan(format_name, size=None, opener=file_open_once)
    return Job(
        id=job_id,
        name_ja=name_ja,
        app="collection",
        params=(FILE,),
        scope="receipts.{file}",
        stages=(Stage("消込", plan, _step(format_name, importer, total), must_succeed=True),),
        finish=intake_finish,
        permission=POST_RECEIPTS,
        recovery_ja="途中で止まったときは再開してください。一つのファイルは一度だけ計上されます。",
    )


def _agents(parsed: Parsed, facts: ReceiptFileFacts, ctx: JobContext) -> ReceiptOutcome:
    if len(parsed.headers) != 1:
        raise ReceiptFileRefusedError("見出しが一つではありません。月分ごとに受け取ってください。", code="L0102")
    if parsed.errors:
        raise ReceiptFileRefusedError(
            f"{parsed.errors[0].message_ja} 納入データは全件そろって取り込みます。", code="L0108"
        )
    return receipts_import_agents(
        parsed.header or {}, parsed.records, facts=facts, actor=ctx.run.requested_by, as_of=ctx.business_on
    )


JOBS = (
    _job("B-CL-09", "給与特別徴収の納入 取込", "zengin_99", _agents, total="total_amount"),
    _job("B-CL-10", "コンビニ収納データ 取込", "cvs_csv", _cvs),
    _job("B-CL-11", "共通納税データ 取込", "local_kyotsu_nofu_result", _common),
    _job("B-CL-02", "口座振替結果 取込", "zengin_91", _debit),
)
