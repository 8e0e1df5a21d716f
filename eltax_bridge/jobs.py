"""取込のバッチ: one run per received file; chunks of lines, each in one transaction with its numbers and documents."""

from collections.abc import Callable, Iterable, Mapping

from assessment.sources.services import RegisterCounts
from eltax_bridge.permissions import IMPORT_DOCUMENTS
from eltax_bridge.services import imports
from eltax_bridge.services.employment_changes import change_lines_import
from eltax_bridge.services.matching import documents_match, unmatched_documents
from eltax_bridge.services.pension_events import pension_events_import
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.jobs.intake import (
    FILE,
    LinesImporter,
    Opener,
    file_open,
    intake_finish,
    lines_plan,
    lines_split,
    lines_step,
)

CHUNK_LINES = 1000
_LEGAL_BASE = "番号法9条1項・別表24"
_REASONS = {
    "no_candidate": "該当する宛名がありません。住登外者の登録を検討してください。",
    "ambiguous": "該当する宛名が複数あります。資料の内容から選んでください。",
    "weak": "一致する項目が足りません。本人か確かめてください。",
    "number_mismatch": "個人番号の持ち主が資料の氏名・生年月日と合いません。二人で確かめてください。",
    "different_number": "候補の宛名は別の個人番号を持っています。二人で確かめてください。",
}


def _registering(importer: Callable[[ReceivedFile, int, int], RegisterCounts]) -> LinesImporter:
    """An importer of papers that answers its counts in the words of the console."""

    def named(received: ReceivedFile, start: int, stop: int) -> Mapping[str, int]:
        counts = importer(received, start, stop)
        return {
            "登録": counts.inserted,
            "訂正": counts.replaced,
            "取消": counts.cancelled,
            "保留": counts.held,
            "重複の資料": counts.duplicates,
            "重複行": counts.repeated,
        }

    return named


def _summaries(received: ReceivedFile, start: int, stop: int) -> Mapping[str, int]:
    return {"総括表": imports.summaries_import(received, start, stop)}


def _changes(received: ReceivedFile, start: int, stop: int) -> Mapping[str, int]:
    counts = change_lines_import(received, start, stop)
    return {
        "記録": counts.recorded,
        "保留": counts.held,
        "取込済の行": counts.repeated,
        "突合不能・誤り": counts.set_aside,
    }


def _matching_plan(ctx: JobContext) -> Iterable[Payload]:
    papers = unmatched_documents(int(ctx.params["tax_year"]))
    return [{"papers": papers[start : start + CHUNK_LINES]} for start in range(0, len(papers), CHUNK_LINES)]


def _matching_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    """Bind by number, then by kana, birth date and address; what stays open goes to the work list with its reason."""
    counts = documents_match(payload["papers"], actor_id=ctx.run.requested_by)
    for paper, reason in counts.left:
        ctx.work("突合不能", subject_key=str(paper), code="L0108", message_ja=_REASONS.get(reason, reason))
    return {"対象": counts.looked_at, "突合": counts.bound, "突合不能": len(counts.left)}


def _job(job_id: str, name_ja: str, format_name: str, importer: LinesImporter, opener: Opener = file_open) -> Job:
    return Job(
        id=job_id,
        name_ja=name_ja,
        app="eltax_bridge",
        params=(FILE,),
        scope="import.{file}",
        stages=(
            Stage(
                "取込",
                lines_plan(format_name, size=CHUNK_LINES, opener=opener),
                lines_step(importer, format_name),
                split=lines_split,
            ),
        ),
        finish=intake_finish,
        permission=IMPORT_DOCUMENTS,
        legal_base=_LEGAL_BASE,
        recovery_ja="途中で止まったときは再開してください。同じ行が二度登録されることはありません。",
    )


def _pension_events(received: ReceivedFile, start: int, stop: int) -> Mapping[str, int]:
    counts = pension_events_import(received, start, stop)
    return {
        "対象者": counts.targets,
        "徴収結果": counts.results,
        "徴収額": counts.collected_yen,
        "中止": counts.stops,
        "中止通知の結果": counts.answers,
        "取込済の行": counts.repeated,
        "突合不能・誤り": counts.set_aside,
    }


JOBS = (
    _job("B-PI-17", "年金特徴 対象者・徴収結果 取込", "local_nenkin_tokucho_events", _pension_events),
    _job("B-PI-03-S", "給与支払報告書総括表 取込", "local_soukatsu_17", _summaries),
    _job("B-PI-03", "給与支払報告書 取込", "kyuho_315", _registering(imports.wage_lines_import)),
    _job("B-PI-04", "公的年金等支払報告書 取込", "nenpo_331", _registering(imports.pension_lines_import)),
    _job("B-PI-05", "確定申告データ 取込", "koa020", _registering(imports.returns_import), imports.archive_open),
    _job("B-PI-20-F", "異動届 取込", "local_ido_todoke_18", _changes),
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
    _job(
        "B-PI-09",
        "申告特例通知(ワンストップ) 取込",
        "local_onestop_tsuchi",
        _registering(imports.onestop_lines_import),
    ),
)
