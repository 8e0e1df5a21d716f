"""収納のバッチ: slips and their list before they are mailed, and the receipts that come back."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from collection.models import Charge, ChargeState, Slip, SlipLine, SlipState
from collection.permissions import ISSUE_SLIPS, POST_RECEIPTS
from collection.services.imports import receipts_import_common, receipts_import_cvs
from collection.services.receipts import ReceiptFileFacts, ReceiptOutcome
from collection.services.slips import SlipRequest, slip_issue_many
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_applied, file_issue, file_parse, file_refuse
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused

CHUNK_CHARGES = 2000
SLIP_LIST = "local_kyotsu_nofu_slip"
_FILE = Param("file", "str", name_ja="受領ファイル")
_METHODS = (("ordinary", "普通徴収"), ("wage", "給与特別徴収"))


def _slip_plan(ctx: JobContext) -> Iterable[Payload]:
    """Charges of the year and method that have no slip in circulation yet, by number."""
    charges = list(
        Charge.objects.filter(
            tax_year=int(ctx.params["tax_year"]), method=str(ctx.params["method"]), state=ChargeState.ACTIVE,
            amount_yen__gt=0,
        )
        .exclude(slip_lines__slip__state=SlipState.ACTIVE)
        .order_by("notice_no", "instalment_no")
        .values_list("pk", flat=True)
    )  # fmt: skip
    return [{"charges": charges[start : start + CHUNK_CHARGES]} for start in range(0, len(charges), CHUNK_CHARGES)]


def _slip_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    """Slips are good until the books of the year close (出納閉鎖 5月31日, 地方自治法235条の5)."""
    until = date(int(ctx.params["tax_year"]) + 1, 5, 31)
    issued = slip_issue_many(
        [SlipRequest((charge,), until) for charge in payload["charges"]], issued_on=ctx.business_on
    )
    return {"納付書": len(issued), "納付書の金額": sum(slip.amount_yen for slip in issued)}


def _slip_list(ctx: JobContext) -> None:
    """The list of slips in circulation goes to the portal before they are mailed (formats §8.3)."""
    lines = (
        SlipLine.objects.filter(
            slip__state=SlipState.ACTIVE,
            slip__issued_on=ctx.business_on,
            charge__tax_year=int(ctx.params["tax_year"]),
            charge__method=str(ctx.params["method"]),
        )
        .select_related("slip", "charge")
        .order_by("slip__el_case_key")
    )
    records = [_slip_record(line) for line in lines]
    if not records:
        ctx.log("新しく発行した納付書はありません。")
        return
    content = layouts.get(SLIP_LIST).write(records)
    issued = file_issue(
        kind=SLIP_LIST,
        business_key=f"{ctx.params['tax_year']}:{ctx.params['method']}:{ctx.business_on}",
        name=f"nofu_{ctx.params['method']}_{ctx.business_on:%Y%m%d}.csv",
        content=content,
        record_count=len(records),
        amount_sums={"amount": sum(int(record["amount"]) for record in records)},
        layout=f"{SLIP_LIST}/v1",
    )
    ctx.log(f"納付書情報 {issued.name}: {issued.record_count:,}件 {issued.amount_sums['amount']:,}円")


def _slip_record(line: SlipLine) -> dict[str, str]:
    slip: Slip = line.slip
    return {
        "municipality_code": slip.el_municipality_code,
        "item_code": slip.el_item_code,
        "case_key": slip.el_case_key,
        "confirm_no": slip.el_confirm_no,
        "slip_version": str(slip.version),
        "notice_no": slip.notice_no,
        "tax_year": str(line.charge.tax_year),
        "levy_year": str(line.charge.levy_year),
        "term": str(line.charge.instalment_no),
        "principal": str(line.principal_yen),
        "reminder_fee": str(line.reminder_fee_yen),
        "delinquency": str(line.late_interest_yen),
        "amount": str(slip.amount_yen),
        "due_on": line.charge.due_on.isoformat(),
        "valid_until": slip.valid_until.isoformat(),
        "cvs_barcode": slip.cvs_barcode,
        "state": "1",
    }


def _received(ctx: JobContext, format_name: str) -> ReceivedFile:
    received = ReceivedFile.objects.filter(pk=str(ctx.params["file"]), format=format_name).first()
    if received is None:
        raise JobRefused("J-PARAM", f"{format_name} の受領ファイルが見つかりません。番号を確かめてください。")
    return received


def _receipt_plan(format_name: str) -> Callable[[JobContext], Iterable[Payload]]:
    def plan(ctx: JobContext) -> Iterable[Payload]:
        received = _received(ctx, format_name)
        try:
            lines = len(file_parse(received).records)
        except FileRefused as refusal:
            file_refuse(received, refusal)
            ctx.log(f"受付不可 {refusal.code}: {refusal.message_ja}", is_error=True)
            return []
        ctx.log(f"{received.name}: {lines:,}件、行エラー{received.error_count:,}件")
        return [{}]

    return plan


Importer = Callable[..., ReceiptOutcome]


def _receipt_step(
    format_name: str, channel: str, importer: Importer
) -> Callable[[JobContext, Payload], Mapping[str, int]]:
    """A receipt file is posted whole in one transaction: its totals are compared before anything is posted."""

    def step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
        received = _received(ctx, format_name)
        records = layouts.get(received.format, received.edition or None).parse(received.open_bytes()).records
        facts = ReceiptFileFacts(
            channel=channel,
            file_key=f"{received.sender}:{received.name}",
            sha256=received.sha256,
            created_on=received.received_on,
            received_on=received.received_on,
            record_count=len(records),
            total_yen=_total(records),
        )
        outcome = importer(records, facts=facts, actor=ctx.run.requested_by, as_of=ctx.business_on)
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


def _receipt_finish(ctx: JobContext) -> None:
    received = ReceivedFile.objects.get(pk=str(ctx.params["file"]))
    if received.state == ReceivedFile.State.STAGED:
        file_applied(received, complete=received.error_count == 0)


def _receipt_job(job_id: str, name_ja: str, format_name: str, channel: str, importer: Importer) -> Job:
    return Job(
        id=job_id,
        name_ja=name_ja,
        app="collection",
        params=(_FILE,),
        scope="receipts.{file}",
        stages=(
            Stage("消込", _receipt_plan(format_name), _receipt_step(format_name, channel, importer), must_succeed=True),
        ),
        finish=_receipt_finish,
        permission=POST_RECEIPTS,
        recovery_ja="途中で止まったときは再開してください。一つのファイルは一度だけ計上されます。",
    )


JOBS = (
    Job(
        id="B-CL-14",
        name_ja="納付書発行・納付書情報作成",
        app="collection",
        params=(
            Param("tax_year", "int", name_ja="課税年度"),
            Param("method", "choice", choices=_METHODS, name_ja="徴収方法"),
        ),
        scope="slips.{tax_year}.{method}",
        stages=(Stage("発行", _slip_plan, _slip_step, must_succeed=True),),
        finish=_slip_list,
        permission=ISSUE_SLIPS,
    ),
    _receipt_job("B-CL-10", "コンビニ収納データ 取込", "cvs_csv", "cvs", receipts_import_cvs),
    _receipt_job("B-CL-11", "共通納税データ 取込", "local_kyotsu_nofu_result", "common", receipts_import_common),
)
