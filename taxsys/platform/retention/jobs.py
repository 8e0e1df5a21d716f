"""消去のバッチ: the monthly dry run, and the erasure of an approved list (R-190, N-076)."""

from collections.abc import Iterable, Mapping
from itertools import groupby

from django.db import connection

from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.retention import services
from taxsys.platform.retention.certificates import list_certify
from taxsys.platform.retention.declarations import declared
from taxsys.platform.retention.errors import RetentionError
from taxsys.platform.retention.models import DoomedFile, ErasureCertificate, ErasureItem, ErasureList
from taxsys.platform.retention.permissions import RUN
from taxsys.platform.retention.proofs import proofs_of

CHUNK_ROOTS = 500
CHUNK_FILES = 200


def run_key(ctx: JobContext) -> str:
    """The business key of a run's lists."""
    return f"{ctx.run.job_id}#{ctx.run.pk}"


def _no_time_limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")


def _families(_ctx: JobContext) -> Iterable[Payload]:
    return [{"family": code} for code in sorted(declared().families)]


def _list(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    _no_time_limit()
    made = services.list_make(payload["family"], run_key=run_key(ctx))
    if made is None:
        return {}
    title = declared().families[made.family].title_ja
    ctx.log(f"{title}：消去する {made.planned:,}件、停止 {made.stopped:,}件（候補 第{made.pk}号）")
    return {"消去候補": made.planned, "停止": made.stopped}


def _target(ctx: JobContext) -> ErasureList:
    target = ErasureList.objects.filter(pk=ctx.params["list"]).first()
    if target is None:
        raise JobRefused(
            "J-PARAM", f"消去候補 第{ctx.params['list']}号はありません。「保管・消去」の一覧で確かめてください。"
        )
    return target


def _once(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _begin(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    _no_time_limit()
    try:
        return {"消去する": services.erasure_begin(_target(ctx).pk)}
    except RetentionError as error:
        raise JobRefused(error.code, error.message_ja) from error


def cuts(list_id: int, size: int) -> list[tuple[int, int]]:
    """Ranges of numbers of about `size` items that never split a group."""
    items = ErasureItem.objects.filter(list_id=list_id, stop_code="").order_by("no").values_list("group_no", "no")
    ranges: list[tuple[int, int]] = []
    first = last = count = 0
    for _group, members in groupby(items.iterator(chunk_size=10_000), key=lambda row: row[0]):
        numbers = [no for _, no in members if no is not None]
        if count and count + len(numbers) > size:
            ranges.append((first, last))
            count = 0
        first, last, count = (first if count else numbers[0]), numbers[-1], count + len(numbers)
    return [*ranges, (first, last)] if count else ranges


def _plan(ctx: JobContext) -> Iterable[Payload]:
    return [{"from": first, "to": last} for first, last in cuts(_target(ctx).pk, CHUNK_ROOTS)]


def _erase(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    _no_time_limit()
    counts = services.erasure_chunk(_target(ctx).pk, from_no=payload["from"], to_no=payload["to"])
    return {"消去した行": sum(counts.values())}


def _plan_files(ctx: JobContext) -> Iterable[Payload]:
    ids = list(DoomedFile.objects.filter(list=_target(ctx)).order_by("pk").values_list("pk", flat=True))
    return [{"files": ids[at : at + CHUNK_FILES]} for at in range(0, len(ids), CHUNK_FILES)]


def _remove(_ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return {"消去したファイル": services.files_remove(payload["files"])}


def _certify(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    made = list_certify(_target(ctx).pk, run_key=run_key(ctx), operator=ctx.run.requested_by)
    ctx.log(f"消去証明書 {made.certificate_no} を作成しました。")
    return {"消去証明書": 1}


def _gone(ctx: JobContext) -> Iterable[GateResult]:
    target = _target(ctx)
    made = ErasureCertificate.objects.filter(subject_key=f"list:{target.pk}").first()
    differing = target.planned - (made.facts["erased"] if made else 0)
    yield GateResult("erased_all", "承認された候補がすべて消去された", differing == 0, abs(differing), guards="R-190")
    for proof in proofs_of(target.family):
        fault = proof.fault()
        yield GateResult(proof.code, proof.title_ja, not fault, 1 if fault else 0, fault, guards="R-190")


JOBS = (
    Job(
        id="B-RT-01",
        name_ja="消去候補 抽出",
        app="retention",
        scope="retention.lists",
        stages=(Stage("抽出", _families, _list, must_succeed=True),),
        permission=RUN,
        calendar="monthly 05 04:00",
        description_ja="保管期間を過ぎた記録を消去単位ごとに拾い出し、停止の条件に当たるものを除きます。何も消去しません。",
        recovery_ja="再開してください。同じ実行の候補は二度作られません。",
    ),
    Job(
        id="B-RT-02",
        name_ja="消去の実行",
        app="retention",
        params=(Param("list", "int", name_ja="消去候補の番号"),),
        scope="retention.erase",
        stages=(
            Stage("停止の再確認", _once, _begin, must_succeed=True),
            Stage("消去", _plan, _erase, must_succeed=True),
            Stage("ファイルの消去", _plan_files, _remove, must_succeed=True),
            Stage("消去証明書", _once, _certify, must_succeed=True),
        ),
        gates=(_gone,),
        permission=RUN,
        description_ja=(
            "二人の決裁を受けた消去候補を消去し、消去証明書を作ります。決裁の後に停止されたものは消去しません。元に戻せません。"
        ),
        recovery_ja=(
            "途中で止まったときは再開してください。消去した区切りは二度処理されません。"
            "「データベースが消去を拒みました」と出たときは、理由を保管・消去の担当に伝えてください。"
        ),
    ),
)
