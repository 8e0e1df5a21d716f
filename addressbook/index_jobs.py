"""個人番号の索引鍵のバッチ: the key of the blind index changes while the system runs; a retired one is erased."""

from collections.abc import Iterable
from uuid import UUID

from addressbook.errors import KeyInUse
from addressbook.permissions import APPROVE_KEYS, LEGAL_BASE_TAX, ROTATE_KEYS
from addressbook.services import index_keys, keys
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Counts, Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused


def _plan_key(ctx: JobContext) -> Iterable[Payload]:
    return [{"version": index_keys.index_target()}]


def _make_key(ctx: JobContext, payload: Payload) -> Counts:
    index_keys.index_make(payload["version"])
    ctx.log(f"索引鍵 第{payload['version']}版の作成を始めました。検索は今の版で続きます。")
    return {}


def _slices(version: int) -> Iterable[Payload]:
    for start, stop in keys.slices(keys.SLICE_BITS):
        yield {"version": version, "start": str(start), "stop": str(stop) if stop else ""}


def _range(payload: Payload) -> tuple[UUID, UUID | None]:
    return UUID(payload["start"]), UUID(payload["stop"]) if payload["stop"] else None


def _plan_fill(ctx: JobContext) -> Iterable[Payload]:
    return _slices(index_keys.index_target())


def _fill(ctx: JobContext, payload: Payload) -> Counts:
    start, stop = _range(payload)
    return {"索引の作成": index_keys.index_fill(payload["version"], start=start, stop=stop)}


def _switch(ctx: JobContext, payload: Payload) -> Counts:
    index_keys.index_switch(payload["version"])
    ctx.log(f"索引鍵 第{payload['version']}版に切り替えました。")
    return {}


def _plan_clear(ctx: JobContext) -> Iterable[Payload]:
    return _slices(index_keys.index_retired()[-1])


def _clear(ctx: JobContext, payload: Payload) -> Counts:
    start, stop = _range(payload)
    return {"旧索引の消去": index_keys.index_clear(payload["version"], start=start, stop=stop)}


def _prove(ctx: JobContext) -> None:
    proof = index_keys.index_prove()
    ctx.count("新しい索引の番号", proof.indexed)
    ctx.count("索引の確認", proof.compared)
    ctx.log(
        f"第{proof.version}版の索引 {proof.indexed:,}件。標本{proof.compared}件を計算し直して確かめました。"
        "古い索引は残っていません。"
    )


def _plan_erase(ctx: JobContext) -> Iterable[Payload]:
    return [{"version": int(ctx.params["key_version"])}]


def _erase(ctx: JobContext, payload: Payload) -> Counts:
    try:
        index_keys.index_erase(payload["version"])
    except KeyInUse as error:
        raise JobRefused("J-PARAM", error.message_ja) from error
    ctx.log(f"索引鍵 第{payload['version']}版を消去しました。控えに残る古い索引は、何とも対応しません。")
    return {"消去した鍵": 1}


INDEX_ROTATION = Job(
    id="B-AB-05",
    name_ja="個人番号の索引鍵の更新",
    app="addressbook",
    scope="addressbook.keys",
    stages=(
        Stage("新しい索引鍵", _plan_key, _make_key, must_succeed=True),
        Stage("索引の作成", _plan_fill, _fill, must_succeed=True),
        Stage("切替え", _plan_key, _switch, must_succeed=True),
        Stage("旧索引の消去", _plan_clear, _clear, must_succeed=True),
    ),
    finish=_prove,
    permission=ROTATE_KEYS,
    approval=APPROVE_KEYS,
    legal_base=LEGAL_BASE_TAX,
    description_ja="番号を探すための索引の鍵を、業務を止めずに替えます。新旧の索引を並べて作り、全件そろってから一度に切り替え、"
    "古い索引を消去して、件数と標本の再計算で確かめます。年1回、または鍵の漏えいのおそれがあるときに行います。",
    recovery_ja="途中で止まっても検索と登録は正しく行えます。再開してください。鍵がないと表示されたときは、次の版の鍵を装置に用意してから再開します。",
)
INDEX_ERASURE = Job(
    id="B-AB-06",
    name_ja="退役した索引鍵の消去",
    app="addressbook",
    params=(Param("key_version", "int", name_ja="索引鍵の版"),),
    scope="addressbook.keys",
    stages=(Stage("消去", _plan_erase, _erase, must_succeed=True),),
    permission=ROTATE_KEYS,
    approval=APPROVE_KEYS,
    legal_base=LEGAL_BASE_TAX,
    description_ja="退役した索引鍵を壊します。その鍵で作った控え（バックアップ）の索引は、番号と対応しなくなります。元に戻せません。",
    recovery_ja="索引鍵がまだ使われているときは消去できません。先に索引鍵の更新（B-AB-05）を終えてください。",
)
INDEX_JOBS = (INDEX_ROTATION, INDEX_ERASURE)
