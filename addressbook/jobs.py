"""宛名のバッチ: the resident feed and the protection list, one run per received file."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict

from addressbook.permissions import IMPORT_FEED
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.protections import protections_apply
from taxsys.platform.files import layouts
from taxsys.platform.files.errors import FileRefused
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_applied, file_parse, file_refuse
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused

CHUNK_RECORDS = 2000
SOURCE = "juki"
_LEGAL_BASE = "番号法9条1項・別表24"
_FILE = Param("file", "str", name_ja="受領ファイル")


def _received(ctx: JobContext, format_name: str) -> ReceivedFile:
    received = ReceivedFile.objects.filter(pk=str(ctx.params["file"]), format=format_name).first()
    if received is None:
        raise JobRefused("J-PARAM", f"{format_name} の受領ファイルが見つかりません。番号を確かめてください。")
    return received


def _plan(ctx: JobContext, format_name: str, size: int) -> Iterable[Payload]:
    """Check the whole file, then cut it; a refused file goes to quarantine with its reason."""
    received = _received(ctx, format_name)
    try:
        lines = len(file_parse(received).records)
    except FileRefused as refusal:
        file_refuse(received, refusal)
        ctx.log(f"受付不可 {refusal.code}: {refusal.message_ja}", is_error=True)
        return []
    ctx.log(f"{received.name}: {lines:,}件、行エラー{received.error_count:,}件")
    return [{"start": start, "stop": min(start + size, lines)} for start in range(0, lines, size)]


def _records(ctx: JobContext, format_name: str, payload: Payload) -> list[Mapping[str, object]]:
    received = _received(ctx, format_name)
    parsed = layouts.get(received.format, received.edition or None).parse(received.open_bytes())
    return [record.values for record in parsed.records[int(payload["start"]) : int(payload["stop"])]]


def _feed_plan(ctx: JobContext) -> Iterable[Payload]:
    return _plan(ctx, "local_juki_ido", CHUNK_RECORDS)


def _feed_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    result = asdict(feed_apply_chunk(_records(ctx, "local_juki_ido", payload), source=SOURCE))
    names = {
        "inserted": "新規",
        "changed": "異動",
        "undone": "取消",
        "unchanged": "変更なし",
        "number_tasks": "番号確認",
    }
    return {names[name]: int(count) for name, count in result.items() if name in names}


def _protection_plan(ctx: JobContext) -> Iterable[Payload]:
    return _plan(ctx, "local_shien_sochi", CHUNK_RECORDS)


def _protection_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return {"支援措置": protections_apply(_records(ctx, "local_shien_sochi", payload), source=SOURCE)}


def _finish(ctx: JobContext) -> None:
    received = ReceivedFile.objects.get(pk=str(ctx.params["file"]))
    if received.state == ReceivedFile.State.STAGED:
        file_applied(received, complete=received.error_count == 0)


JOBS = (
    Job(
        id="B-AB-01",
        name_ja="住民異動 取込",
        app="addressbook",
        params=(_FILE,),
        scope="addressbook.feed",
        # Records build on each other: one worker, in order, and a fault stops the run.
        stages=(Stage("取込", _feed_plan, _feed_step, must_succeed=True),),
        finish=_finish,
        workers=1,
        permission=IMPORT_FEED,
        legal_base=_LEGAL_BASE,
        recovery_ja="連番の欠けで止まったときは、欠けたファイルを先に取り込んでから再開してください。",
    ),
    Job(
        id="B-AB-02",
        name_ja="支援措置対象者 取込",
        app="addressbook",
        params=(_FILE,),
        scope="addressbook.protection",
        stages=(Stage("取込", _protection_plan, _protection_step, must_succeed=True),),
        finish=_finish,
        permission=IMPORT_FEED,
        legal_base=_LEGAL_BASE,
    ),
)
