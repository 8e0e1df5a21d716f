"""取込のバッチ: one run per received file; chunks of lines, each in one transaction with its numbers and documents."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from assessment.sources.services import RegisterCounts
from eltax_bridge.permissions import IMPORT_DOCUMENTS
from eltax_bridge.services import imports
from eltax_bridge.services.matching import documents_match, unmatched_documents
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_applied, file_refuse
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused

CHUNK_LINES = 1000
_LEGAL_BASE = "番号法9条1項・別表24"
_REASONS = {
    "no_candidate": "該当する宛名がありません。住登外者の登録を検討してください。",
    "ambiguous": "該当する宛名が複数あります。資料の内容から選んでください。",
    "weak": "一致する項目が足りません。本人か確かめてください。",
    "number_mismatch": "個人番号の持ち主と氏名・生年月日が合いません。二人で確かめてください。",
    "different_number": "候補の宛名は別の個人番号を持っています。二人で確かめてください。",
}
_FILE = Param("file", "str", name_ja="受領ファイル")


def _received(ctx: JobContext, expected: tuple[str, ...]) -> ReceivedFile:
    received = ReceivedFile.objects.filter(pk=str(ctx.params["file"])).first()
    if received is None:
        raise JobRefused("J-PARAM", "受領ファイルが見つかりません。番号を確かめてください。")
    if received.format not in expected:
        raise JobRefused("J-PARAM", f"このバッチは{'・'.join(expected)}のファイル用です(指定は{received.format})。")
    return received


def _planner(
    formats: tuple[str, ...], opener: Callable[[ReceivedFile], int]
) -> Callable[[JobContext], Iterable[Payload]]:
    """A plan that checks the file first (a refused file goes to quarantine with its reason) and cuts it into lines."""

    def plan(ctx: JobContext) -> Iterable[Payload]:
        received = _received(ctx, formats)
        try:
            lines = opener(received)
        except FileRefused as refusal:
            file_refuse(received, refusal)
            ctx.log(f"受付不可 {refusal.code}: {refusal.message_ja}", is_error=True)
            return []
        ctx.log(f"{received.name}: {lines:,}件、行エラー{received.error_count:,}件")
        return [{"start": start, "stop": min(start + CHUNK_LINES, lines)} for start in range(0, lines, CHUNK_LINES)]

    return plan


def _stepper(
    formats: tuple[str, ...], importer: Callable[[ReceivedFile, int, int], RegisterCounts]
) -> Callable[[JobContext, Payload], Mapping[str, int]]:
    def step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
        counts = importer(_received(ctx, formats), int(payload["start"]), int(payload["stop"]))
        return {
            "登録": counts.inserted,
            "訂正": counts.replaced,
            "取消": counts.cancelled,
            "保留": counts.held,
            "重複行": counts.repeated,
        }

    return step


def _summary_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    received = _received(ctx, ("local_soukatsu_17",))
    return {"総括表": imports.summaries_import(received, int(payload["start"]), int(payload["stop"]))}


def _finish(ctx: JobContext) -> None:
    """Mark the file: applied, or partly applied when lines were set aside."""
    received = ReceivedFile.objects.get(pk=str(ctx.params["file"]))
    if received.state == ReceivedFile.State.STAGED:
        file_applied(received, complete=received.error_count == 0)


def _matching_plan(ctx: JobContext) -> Iterable[Payload]:
    papers = unmatched_documents(int(ctx.params["tax_year"]))
    return [{"papers": papers[start : start + CHUNK_LINES]} for start in range(0, len(papers), CHUNK_LINES)]


def _matching_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    """Bind by number, then by kana, birth date and address; what stays open goes to the work list with its reason."""
    counts = documents_match(payload["papers"], actor_id=ctx.run.requested_by)
    for paper, reason in counts.left:
        ctx.work("突合不能", subject_key=str(paper), code="L0108", message_ja=_REASONS.get(reason, reason))
    return {"対象": counts.looked_at, "突合": counts.bound, "突合不能": len(counts.left)}


def _job(job_id: str, name_ja: str, formats: tuple[str, ...], opener: Any, step: Any) -> Job:
    return Job(
        id=job_id,
        name_ja=name_ja,
        app="eltax_bridge",
        params=(_FILE,),
        scope="import.{file}",
        stages=(Stage("取込", _planner(formats, opener), step),),
        finish=_finish,
        permission=IMPORT_DOCUMENTS,
        legal_base=_LEGAL_BASE,
        recovery_ja="途中で止まったときは再開してください。同じ行が二度登録されることはありません。",
    )


def _import_job(job_id: str, name_ja: str, format_name: str, importer: Any, opener: Any = imports.file_open) -> Job:
    return _job(job_id, name_ja, (format_name,), opener, _stepper((format_name,), importer))


JOBS = (
    _job("B-PI-03-S", "給与支払報告書総括表 取込", ("local_soukatsu_17",), imports.file_open, _summary_step),
    _import_job("B-PI-03", "給与支払報告書 取込", "kyuho_315", imports.wage_lines_import),
    _import_job("B-PI-04", "公的年金等支払報告書 取込", "nenpo_331", imports.pension_lines_import),
    _import_job("B-PI-05", "確定申告データ 取込", "koa020", imports.returns_import, imports.archive_open),
    Job(
        id="B-PI-10",
        name_ja="資料突合(個人特定)",
        app="eltax_bridge",
        params=(Param("tax_year", "int", name_ja="課税年度"),),
        scope="resident.matching.{tax_year}",
        stages=(Stage("突合", _matching_plan, _matching_step),),
        permission=IMPORT_DOCUMENTS,
        legal_base=_LEGAL_BASE,
    ),
    _import_job("B-PI-09", "申告特例通知(ワンストップ) 取込", "local_onestop_tsuchi", imports.onestop_lines_import),
)
