"""移行のバッチ (jobs of the take-over): opening balances posted whole or not at all; the parallel run compared."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from collection.permissions import TAKE_OVER
from collection.services.imports import FileRecord
from collection.takeover.comparison import ITEMS_JA, compare
from collection.takeover.errors import TakeoverError
from collection.takeover.models import Comparison, ComparisonRow, TakeoverBatch, TakeoverTotal
from collection.takeover.reading import CHARGES, RECEIPTS, SLIPS, STATES
from collection.takeover.services import TakeoverFacts, takeover_post
from collection.takeover.totals import SUBJECTS_JA
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.files.services import file_applied, file_parse, file_refuse
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.intake import FILE, received_file

STATE_OF_DAY = "local_ikou_shogo"
_FILES = {
    "charges": (CHARGES, "調定のファイル"),
    "receipts": (RECEIPTS, "収納のファイル"),
    "states": (STATES, "延滞金のファイル"),
    "slips": (SLIPS, "納付書のファイル"),
}
_CONTROL = {"charges": "調定", "receipts": "収納", "fees": "手数料・延滞金", "slips": "納付書"}
TOTAL_HEADINGS = (
    "移行番号", "対象", "税目", "課税年度", "移行元の件数", "移行元の金額(円)", "元帳の件数", "元帳の金額(円)",
)  # fmt: skip


def _whole(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _received(ctx: JobContext) -> dict[str, ReceivedFile]:
    """The files of the run by layout. Raises JobRefused where a number is none or names a file of another layout."""
    found = {}
    for name, (layout, title_ja) in _FILES.items():
        file_id = str(ctx.params[name] or "")
        if not file_id:
            continue
        received = ReceivedFile.objects.filter(pk=file_id, format=layout).first() if _is_uuid(file_id) else None
        if received is None:
            raise JobRefused("J-PARAM", f"{title_ja}が見つからないか、別の形式です。受領番号を確かめてください。")
        found[layout] = received
    return found


def _is_uuid(text: str) -> bool:
    try:
        ReceivedFile._meta.pk.to_python(text)
    except ValueError:
        return False
    return True


def _facts(ctx: JobContext, received: Mapping[str, ReceivedFile]) -> TakeoverFacts:
    return TakeoverFacts(
        batch_no=str(ctx.params["batch_no"]),
        cutover_on=ctx.day("cutover_on"),
        files={layout: str(file.pk) for layout, file in received.items()},
        control={
            name: (int(ctx.params[f"{name}_count"] or 0), int(ctx.params[f"{name}_yen"] or 0)) for name in _CONTROL
        },
        actor=ctx.run.requested_by,
    )


def _post_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    received = _received(ctx)
    if TakeoverBatch.objects.filter(batch_no=str(ctx.params["batch_no"])).exists():
        ctx.log("この移行番号は計上済みです。", is_error=True)
        return {"受付不可": 1}
    records: dict[str, Sequence[FileRecord]] = {}
    for layout, file in received.items():
        try:
            file_parse(file)
        except FileRefused as refusal:
            file_refuse(file, refusal)
            ctx.log(f"受付不可 {refusal.code} {file.name}: {refusal.message_ja}", is_error=True)
            return {"受付不可": 1}
        if file.error_count:
            ctx.log(
                f"受付不可 {file.name}: 行エラー{file.error_count:,}件。移行データは全件そろって計上します。",
                is_error=True,
            )
            return {"受付不可": 1}
        # Records are made on demand: millions of them at once would only keep the garbage collector busy.
        records[layout] = file_parsed(file).records
    try:
        lines = takeover_post(_facts(ctx, received), records)
    except TakeoverError as error:
        ctx.log(f"受付不可 {error.code}: {error.message_ja}", is_error=True)
        return {"受付不可": 1}
    for file in received.values():
        file_applied(file, complete=True)
    totals: dict[str, int] = {}
    for line in lines:
        title = SUBJECTS_JA[line.subject]
        totals[title] = totals.get(title, 0) + line.ledger_count
        totals[f"{title}の金額"] = totals.get(f"{title}の金額", 0) + line.ledger_yen
    return totals


def total_cells(batch: TakeoverBatch) -> list[tuple[object, ...]]:
    """Lines of the reconciliation of a batch: counts and yen, no person."""
    order = list(SUBJECTS_JA)
    rows = sorted(batch.totals.all(), key=lambda row: (order.index(row.subject), row.tax_kind, -row.tax_year))
    return [
        (
            batch.batch_no, SUBJECTS_JA[row.subject], row.tax_kind, row.tax_year, row.file_count, row.file_yen,
            row.ledger_count, row.ledger_yen,
        )
        for row in rows
    ]  # fmt: skip


def _post_finish(ctx: JobContext) -> None:
    batch = TakeoverBatch.objects.filter(batch_no=str(ctx.params["batch_no"])).first()
    if batch is not None:
        cells = total_cells(batch)
        ctx.output("移行照合表.csv", "移行照合表", table_csv(TOTAL_HEADINGS, cells), count=len(cells))


def _post_gates(ctx: JobContext) -> Iterable[GateResult]:
    batch = TakeoverBatch.objects.filter(batch_no=str(ctx.params["batch_no"])).first()
    count = TakeoverTotal.objects.filter(batch=batch).count() if batch else 0
    yield GateResult(
        "CL-TAKEOVER",
        "移行元と元帳の件数・金額が税目・年度ごとに1円まで一致する",
        batch is not None and batch.files == {layout: str(file.pk) for layout, file in _received(ctx).items()},
        count,
        f"{count:,}行一致" if batch else "計上されていません。記録の理由を確かめてください。",
        "移行時の残高の誤り",
    )


DIFFERENCE_HEADINGS = (
    "税目", "賦課年度", "課税年度", "徴収方法", "通知書番号", "期別", "項目", "旧システム(円)", "こちら(円)", "差(円)",
)  # fmt: skip


def difference_cells(rows: Iterable[ComparisonRow]) -> list[tuple[object, ...]]:
    """Lines of the list of differences: numbers of the instalment, the item, both figures; no name."""
    return [
        (
            *row.charge_key.split("|"), ITEMS_JA[row.item], row.legacy_yen, row.yen,
            (row.yen or 0) - (row.legacy_yen or 0),
        )
        for row in rows
    ]  # fmt: skip


def _compare_plan(ctx: JobContext) -> Iterable[Payload]:
    received = received_file(ctx, STATE_OF_DAY)
    try:
        file_parse(received)
    except FileRefused as refusal:
        file_refuse(received, refusal)
        ctx.log(f"受付不可 {refusal.code}: {refusal.message_ja}", is_error=True)
        return []
    return [{}]


def _compare_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    received = received_file(ctx, STATE_OF_DAY)
    if received.error_count:
        ctx.log(f"受付不可: 行エラー{received.error_count:,}件。全件そろって比較します。", is_error=True)
        return {"受付不可": 1}
    summary = compare(file_parsed(received).records, on=ctx.day("on"), file_name=received.name)
    file_applied(received, complete=True)
    return {
        "比較": summary.rows,
        "差異": summary.differing,
        "こちらにない": summary.missing_here,
        "旧システムにない": summary.missing_there,
    }


def _compare_finish(ctx: JobContext) -> None:
    rows = list(ComparisonRow.objects.order_by("charge_key", "item"))
    ctx.output("並行稼働差異.csv", "差異一覧", table_csv(DIFFERENCE_HEADINGS, difference_cells(rows)), count=len(rows))


def _compare_gates(_ctx: JobContext) -> Iterable[GateResult]:
    last = Comparison.objects.first()
    found = ComparisonRow.objects.count()
    detail = (
        f"未納額 旧システム{last.legacy_unpaid_yen:,}円 こちら{last.unpaid_yen:,}円、差異{found:,}件"
        if last
        else "比較していません。"
    )
    yield GateResult("CL-PARALLEL", "旧システムの期別の額と一致する", bool(last) and not found, found, detail, "移行")


_PARAMS = (
    Param("batch_no", "str", name_ja="移行番号"),
    Param("cutover_on", "date", name_ja="移行日"),
    *(
        Param(name, "str", name_ja=f"{title_ja}（受領番号）", required=name == "charges")
        for name, (_layout, title_ja) in _FILES.items()
    ),
    *(
        Param(
            f"{name}_{unit}", "int", name_ja=f"送付票: {title_ja}の{unit_ja}", default=None if name == "charges" else 0
        )
        for name, title_ja in _CONTROL.items()
        for unit, unit_ja in (("count", "件数"), ("yen", "金額"))
    ),
)

JOBS = (
    Job(
        id="B-CL-40",
        name_ja="移行データ 計上",
        app="collection",
        params=_PARAMS,
        scope="takeover.{batch_no}",
        stages=(Stage("計上", _whole, _post_step, must_succeed=True),),
        finish=_post_finish,
        gates=(_post_gates,),
        permission=TAKE_OVER,
        approval=TAKE_OVER,
        description_ja="旧システムの調定・収納・延滞金・流通中の納付書を、送付票の件数と金額に一致するときだけ元帳に計上します。",
        recovery_ja="途中で止まったときは再開してください。受付不可のときは何も計上されていません。移行元を直して受け取り直します。",
    ),
    Job(
        id="B-CL-41",
        name_ja="並行稼働 比較",
        app="collection",
        params=(FILE, Param("on", "date", name_ja="時点")),
        scope="takeover.comparison",
        stages=(Stage("比較", _compare_plan, _compare_step, must_succeed=True),),
        finish=_compare_finish,
        gates=(_compare_gates,),
        permission=TAKE_OVER,
        description_ja="旧システムの期別ごとの調定・収納・未納・延滞金を、同じ日のこちらの額と比べて差異の一覧を作ります。",
        recovery_ja="途中で止まったときは再開してください。何も計上しません。",
    ),
)
