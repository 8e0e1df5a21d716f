"""住民記録との全件整合のバッチ: the full extract beside the address book, differences as counts and work (R-277)."""

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date

from addressbook.permissions import IMPORT_FEED, LEGAL_BASE_TAX
from addressbook.services.reconciliation import Difference, RegisterDifference, register_compare, register_extra
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Counts, Job, ParamValue, Payload, Stage
from taxsys.platform.jobs.intake import FILE, intake_finish, lines_plan, received_file
from taxsys.platform.jobs.models import WorkItem

EXTRACT = "local_juki_zenken"
SOURCE = "juki"
CHUNK_RECORDS = 2000
_MESSAGE = "住民記録と宛名が違います。住民記録システムに異動の再送を依頼してください。"


def _told(ctx: JobContext, differences: list[Difference]) -> Counts:
    ctx.work_many(
        [
            WorkItem(kind=one.kind.label, subject_key=one.person_no, code=one.kind.value, message_ja=_MESSAGE)
            for one in differences
        ]
    )
    return {kind.label: count for kind, count in Counter(one.kind for one in differences).items()}


def _compare(ctx: JobContext, payload: Payload) -> Counts:
    records = file_parsed(received_file(ctx, EXTRACT)).records[int(payload["start"]) : int(payload["stop"])]
    differences = register_compare([record.values for record in records], source=SOURCE)
    return {"照合": len(records), **_told(ctx, differences)}


def _extra_plan(ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _extra(ctx: JobContext, payload: Payload) -> Counts:
    records = file_parsed(received_file(ctx, EXTRACT)).records
    return _told(ctx, register_extra([str(record.values["person_no"]) for record in records]))


def _newest(_day: date) -> Mapping[str, ParamValue]:
    """The newest full extract that was not compared yet; without one the plan is refused and shows so."""
    waiting = ReceivedFile.objects.filter(format=EXTRACT, state=ReceivedFile.State.RECEIVED).order_by("-received_at")
    found = waiting.values_list("pk", flat=True).first()
    return {"file": str(found) if found else None}


RECONCILIATION = Job(
    id="B-AB-10",
    name_ja="住民記録との全件整合",
    app="addressbook",
    params=(FILE,),
    scope="addressbook.reconciliation",
    stages=(
        Stage("照合", lines_plan(EXTRACT, size=CHUNK_RECORDS), _compare, must_succeed=True),
        Stage("住民記録にない宛名", _extra_plan, _extra, must_succeed=True),
    ),
    finish=intake_finish,
    calendar="monthly 05 21:00",
    scheduled_params=_newest,
    permission=IMPORT_FEED,
    legal_base=LEGAL_BASE_TAX,
    description_ja="住民記録の全件と宛名を項目ごとに比べ、相違を種別の件数と要処理一覧で示します。宛名は書き換えません。"
    f"種別: {'、'.join(label for _, label in RegisterDifference.choices)}。",
    recovery_ja="「届いていない異動がある住民」は、住民異動の取込み（B-AB-01）を終えてからもう一度行うとなくなります。",
)
