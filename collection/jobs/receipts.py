"""収納データのバッチ: files of receipts, checked whole and posted whole; one that fails is refused with its reason."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from collection.errors import ReceiptFileRefusedError
from collection.models import FORMAT_CHANNELS
from collection.permissions import POST_RECEIPTS
from collection.services.debit import receipts_import_zengin91, result_totals_check
from collection.services.imports import receipts_import_common, receipts_import_cvs
from collection.services.receipts import ReceiptFileFacts, ReceiptOutcome
from taxsys.platform.files import layouts
from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_applied, file_parse, file_refuse
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused

FILE = Param("file", "str", name_ja="受領ファイル")
Importer = Callable[[Parsed, ReceiptFileFacts, JobContext], ReceiptOutcome]


def received_file(ctx: JobContext, format_name: str) -> ReceivedFile:
    """The received file a run was asked for. Raises JobRefused J-PARAM."""
    received = ReceivedFile.objects.filter(pk=str(ctx.params["file"]), format=format_name).first()
    if received is None:
        raise JobRefused("J-PARAM", f"{format_name} の受領ファイルが見つかりません。番号を確かめてください。")
    return received


def refuse(ctx: JobContext, received: ReceivedFile, refusal: FileRefused) -> None:
    """Refuse a whole file: reason on its receipt, its bytes to quarantine, a word for the operator."""
    file_refuse(received, refusal)
    ctx.log(f"受付不可 {refusal.code}: {refusal.message_ja}", is_error=True)


def whole_file_plan(format_name: str) -> Callable[[JobContext], Iterable[Payload]]:
    """Check form, counts and totals of the file before anything is touched; one unit of work when they hold."""

    def plan(ctx: JobContext) -> Iterable[Payload]:
        received = received_file(ctx, format_name)
        if received.state in (ReceivedFile.State.APPLIED, ReceivedFile.State.PARTLY_APPLIED):
            raise JobRefused("J-PARAM", f"{received.name} は取込済みです。")
        try:
            lines = len(file_parse(received).records)
        except FileRefused as refusal:
            refuse(ctx, received, refusal)
            return []
        ctx.log(f"{received.name}: {lines:,}件、行エラー{received.error_count:,}件")
        return [{}]

    return plan


def _step(format_name: str, importer: Importer) -> Callable[[JobContext, Payload], Mapping[str, int]]:
    """A receipt file is posted whole in one transaction, or refused whole with nothing of it posted."""

    def step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
        received = received_file(ctx, format_name)
        parsed = layouts.get(received.format, received.edition or None).parse(received.open_bytes())
        facts = ReceiptFileFacts(
            channel=FORMAT_CHANNELS[format_name],
            file_key=f"{received.sender}:{received.name}",
            sha256=received.sha256,
            created_on=received.received_on,
            received_on=received.received_on,
            record_count=len(parsed.records),
            total_yen=_total(parsed.records),
        )
        try:
            outcome = importer(parsed, facts, ctx)
        except ReceiptFileRefusedError as error:
            refuse(ctx, received, FileRefused(error.code, error.message_ja))
            return {"受付不可": 1}
        return {
            "収納": outcome.payments,
            "消込額": outcome.allocated_yen,
            "仮受額": outcome.suspense_yen,
            "過誤納額": outcome.overpaid_yen,
            "重複": len(outcome.repeats),
        }

    return step


def _total(records: Sequence[Any]) -> int:
    return sum(int(record.values["amount"]) for record in records)


def finish(ctx: JobContext) -> None:
    """A file worked off is 取込済, or 一部取込 where lines were set aside."""
    received = ReceivedFile.objects.get(pk=str(ctx.params["file"]))
    if received.state == ReceivedFile.State.STAGED:
        file_applied(received, complete=received.error_count == 0)


def _cvs(parsed: Parsed, facts: ReceiptFileFacts, ctx: JobContext) -> ReceiptOutcome:
    return receipts_import_cvs(parsed.records, facts=facts, actor=ctx.run.requested_by, as_of=ctx.business_on)


def _common(parsed: Parsed, facts: ReceiptFileFacts, ctx: JobContext) -> ReceiptOutcome:
    return receipts_import_common(parsed.records, facts=facts, actor=ctx.run.requested_by, as_of=ctx.business_on)


def _debit(parsed: Parsed, facts: ReceiptFileFacts, ctx: JobContext) -> ReceiptOutcome:
    if len(parsed.headers) != 1 or parsed.trailer is None:
        raise ReceiptFileRefusedError(
            "委託者が一つではありません。委託者ごとのファイルを受け取ってください。", code="L0102"
        )
    result_totals_check(parsed.trailer, parsed.records)
    return receipts_import_zengin91(
        parsed.header or {}, parsed.records, facts=facts, actor=ctx.run.requested_by, as_of=ctx.business_on
    )


def _job(job_id: str, name_ja: str, format_name: str, importer: Importer) -> Job:
    return Job(
        id=job_id,
        name_ja=name_ja,
        app="collection",
        params=(FILE,),
        scope="receipts.{file}",
        stages=(Stage("消込", whole_file_plan(format_name), _step(format_name, importer), must_succeed=True),),
        finish=finish,
        permission=POST_RECEIPTS,
        recovery_ja="途中で止まったときは再開してください。一つのファイルは一度だけ計上されます。",
    )


JOBS = (
    _job("B-CL-10", "コンビニ収納データ 取込", "cvs_csv", _cvs),
    _job("B-CL-11", "共通納税データ 取込", "local_kyotsu_nofu_result", _common),
    _job("B-CL-02", "口座振替結果 取込", "zengin_91", _debit),
)
