"""宛名のバッチ: the resident feed and the protection list, one run per received file."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date, timedelta

from addressbook.key_jobs import KEY_JOBS
from addressbook.permissions import IMPORT_FEED
from addressbook.register_jobs import RECONCILIATION
from addressbook.services.feed import feed_apply_chunk
from addressbook.services.protections import protections_apply
from addressbook.services.reveals import report_make
from taxsys.platform.audit.permissions import RUN_REVIEW
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Payload, Stage
from taxsys.platform.jobs.intake import FILE, intake_finish, lines_plan, lines_split, lines_step

CHUNK_RECORDS = 2000
SOURCE = "juki"
_LEGAL_BASE = "番号法9条1項・別表24"
FEED, PROTECTIONS = "local_juki_ido", "local_shien_sochi"


def _records(received: ReceivedFile, start: int, stop: int) -> list[Mapping[str, object]]:
    return [record.values for record in file_parsed(received).records[start:stop]]


def _feed_import(received: ReceivedFile, start: int, stop: int) -> Mapping[str, int]:
    result = asdict(feed_apply_chunk(_records(received, start, stop), source=SOURCE, file=received))
    names = {
        "inserted": "新規",
        "changed": "異動",
        "undone": "取消",
        "unchanged": "変更なし",
        "number_tasks": "番号確認",
    }
    return {names[name]: int(count) for name, count in result.items() if name in names}


def _protections_import(received: ReceivedFile, start: int, stop: int) -> Mapping[str, int]:
    return {"支援措置": protections_apply(_records(received, start, stop), source=SOURCE)}


def _reveals_plan(ctx: JobContext) -> Iterable[Payload]:
    """The evening before belongs to the next report: acts after its making are not lost."""
    return [{"day": (ctx.business_on - timedelta(days=back)).isoformat()} for back in (1, 0)]


def _reveals_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    report = report_make(date.fromisoformat(payload["day"]))
    return {"表示": report.events, "表示された方": report.people}


JOBS = (
    Job(
        id="B-AB-01",
        name_ja="住民異動 取込",
        app="addressbook",
        params=(FILE,),
        scope="addressbook.feed",
        # Records build on each other: one worker, in order, and a fault stops the run.
        stages=(
            Stage(
                "取込",
                lines_plan(FEED, size=CHUNK_RECORDS),
                lines_step(_feed_import, FEED),
                must_succeed=True,
            ),
        ),
        finish=intake_finish,
        workers=1,
        permission=IMPORT_FEED,
        legal_base=_LEGAL_BASE,
        recovery_ja="連番の欠けで止まったときは、欠けたファイルを先に取り込んでから再開してください。",
    ),
    Job(
        id="B-AB-02",
        name_ja="支援措置対象者 取込",
        app="addressbook",
        params=(FILE,),
        scope="addressbook.protection",
        # One line that cannot be applied must not keep the others unprotected.
        stages=(
            Stage(
                "取込",
                lines_plan(PROTECTIONS, size=CHUNK_RECORDS),
                lines_step(_protections_import, PROTECTIONS),
                split=lines_split,
            ),
        ),
        finish=intake_finish,
        permission=IMPORT_FEED,
        legal_base=_LEGAL_BASE,
    ),
    Job(
        id="B-AB-07",
        name_ja="支援措置対象者の表示の日報",
        app="addressbook",
        scope="addressbook.reveals",
        stages=(Stage("集計", _reveals_plan, _reveals_step, must_succeed=True),),
        permission=RUN_REVIEW,
        calendar="daily 18:30",
        description_ja="その日に表示された支援措置対象者の住所・内容・個人番号を数え、セキュリティ責任者の確認に出します。"
        "前日の日報の後に表示があったときは、前日の日報も作り直します。",
        recovery_ja="再開してください。日報は日ごとに一つだけ作られます。",
    ),
    *KEY_JOBS,
    RECONCILIATION,
)
