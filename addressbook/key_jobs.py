"""個人番号の鍵のバッチ: data key and index key change while the system runs; retired ones are erased.

Both rotations go over the rows by the same ranges and end in a proof; both erasures name a retired version.
"""

from collections.abc import Callable, Iterable
from uuid import UUID

from addressbook.errors import KeyInUse
from addressbook.permissions import APPROVE_KEYS, LEGAL_BASE_TAX, ROTATE_KEYS
from addressbook.services import index_keys, key_ranges, keys
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Counts, Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.retention.certificates import key_certify


def _slices(version: int) -> Iterable[Payload]:
    """The rows in ranges, for work under this version."""
    for start, stop in key_ranges.slices(key_ranges.SLICE_BITS):
        yield {"version": version, "start": str(start), "stop": str(stop) if stop else ""}


def _range(payload: Payload) -> tuple[UUID, UUID | None]:
    return UUID(payload["start"]), UUID(payload["stop"]) if payload["stop"] else None


def _plan_erase(ctx: JobContext) -> Iterable[Payload]:
    return [{"version": int(ctx.params["key_version"])}]


def _erase_or_refuse(erase: Callable[[int], None], version: int) -> None:
    """Erase a retired version; one in use is a wrong parameter of the run."""
    try:
        erase(version)
    except KeyInUse as error:
        raise JobRefused("J-PARAM", error.message_ja) from error


# ---- the data key


def _plan_key(ctx: JobContext) -> Iterable[Payload]:
    return [{"version": keys.key_next()}]


def _make_key(ctx: JobContext, payload: Payload) -> Counts:
    keys.key_make(payload["version"])
    ctx.log(f"鍵 第{payload['version']}版を作成しました。")
    return {}


def _target() -> int:
    return keys.key_next() - 1


def _plan_reseal(ctx: JobContext) -> Iterable[Payload]:
    return _slices(_target())


def _reseal(ctx: JobContext, payload: Payload) -> Counts:
    start, stop = _range(payload)
    return {"再暗号化": keys.numbers_reseal(payload["version"], start=start, stop=stop)}


def _prove_key(ctx: JobContext) -> None:
    proof = keys.rotation_prove(_target())
    ctx.count("新しい鍵の番号", proof.sealed)
    ctx.count("復号の確認", proof.opened)
    retired = "・".join(f"第{version}版" for version in proof.retired) or "なし"
    ctx.log(
        f"{proof.sealed:,}件が新しい鍵で封印されています。{proof.opened}件を復号して確かめました。退役した鍵: {retired}"
    )


def _erase_key(ctx: JobContext, payload: Payload) -> Counts:
    _erase_or_refuse(keys.key_erase, payload["version"])
    made = key_certify(payload["version"], run_key=f"{ctx.run.job_id}#{ctx.run.pk}")
    ctx.log(
        f"鍵 第{payload['version']}版を消去しました。この鍵で封印した控えは開けません。消去証明書 {made.certificate_no}"
    )
    return {"消去した鍵": 1}


# ---- the key of the blind index


def _plan_index(ctx: JobContext) -> Iterable[Payload]:
    return [{"version": index_keys.index_target()}]


def _make_index(ctx: JobContext, payload: Payload) -> Counts:
    index_keys.index_make(payload["version"])
    ctx.log(f"索引鍵 第{payload['version']}版の作成を始めました。検索は今の版で続きます。")
    return {}


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


def _prove_index(ctx: JobContext) -> None:
    proof = index_keys.index_prove()
    ctx.count("新しい索引の番号", proof.indexed)
    ctx.count("索引の確認", proof.compared)
    ctx.log(
        f"第{proof.version}版の索引 {proof.indexed:,}件。標本{proof.compared}件を計算し直して確かめました。"
        "古い索引は残っていません。"
    )


def _erase_index(ctx: JobContext, payload: Payload) -> Counts:
    _erase_or_refuse(index_keys.index_erase, payload["version"])
    ctx.log(f"索引鍵 第{payload['version']}版を消去しました。控えに残る古い索引は、何とも対応しません。")
    return {"消去した鍵": 1}


ROTATION = Job(
    id="B-AB-03",
    name_ja="個人番号の鍵の更新",
    app="addressbook",
    scope="addressbook.keys",
    stages=(
        Stage("新しい鍵", _plan_key, _make_key, must_succeed=True),
        Stage("再暗号化", _plan_reseal, _reseal, must_succeed=True),
    ),
    finish=_prove_key,
    permission=ROTATE_KEYS,
    approval=APPROVE_KEYS,
    legal_base=LEGAL_BASE_TAX,
    description_ja="新しい鍵を作り、業務を止めずにすべての番号を封印し直し、件数と復号で確かめてから古い鍵を退役させます。"
    "年1回、または鍵の漏えいのおそれがあるときに行います。",
    recovery_ja="途中で止まっても番号はすべて使えます。再開してください。",
)
ERASURE = Job(
    id="B-AB-04",
    name_ja="退役した鍵の消去",
    app="addressbook",
    params=(Param("key_version", "int", name_ja="鍵の版"),),
    scope="addressbook.keys",
    stages=(Stage("消去", _plan_erase, _erase_key, must_succeed=True),),
    permission=ROTATE_KEYS,
    approval=APPROVE_KEYS,
    legal_base=LEGAL_BASE_TAX,
    description_ja="退役した鍵を壊します。その鍵で封印した控え（バックアップ）の番号は、どこでも開けなくなります。元に戻せません。",
    recovery_ja="鍵がまだ使われているときは消去できません。先に鍵の更新（B-AB-03）を終えてください。",
)
INDEX_ROTATION = Job(
    id="B-AB-05",
    name_ja="個人番号の索引鍵の更新",
    app="addressbook",
    scope="addressbook.keys",
    stages=(
        Stage("新しい索引鍵", _plan_index, _make_index, must_succeed=True),
        Stage("索引の作成", _plan_fill, _fill, must_succeed=True),
        Stage("切替え", _plan_index, _switch, must_succeed=True),
        Stage("旧索引の消去", _plan_clear, _clear, must_succeed=True),
    ),
    finish=_prove_index,
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
    stages=(Stage("消去", _plan_erase, _erase_index, must_succeed=True),),
    permission=ROTATE_KEYS,
    approval=APPROVE_KEYS,
    legal_base=LEGAL_BASE_TAX,
    description_ja="退役した索引鍵を壊します。その鍵で作った控え（バックアップ）の索引は、番号と対応しなくなります。元に戻せません。",
    recovery_ja="索引鍵がまだ使われているときは消去できません。先に索引鍵の更新（B-AB-05）を終えてください。",
)
KEY_JOBS = (ROTATION, ERASURE, INDEX_ROTATION, INDEX_ERASURE)
