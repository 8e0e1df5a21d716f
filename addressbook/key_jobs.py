"""個人番号の鍵のバッチ: rotation of the data key while the system runs, and erasure of a retired key."""

from collections.abc import Iterable
from uuid import UUID

from addressbook.errors import KeyInUse
from addressbook.permissions import APPROVE_KEYS, LEGAL_BASE_TAX, ROTATE_KEYS
from addressbook.services import keys
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Counts, Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.retention.certificates import key_certify


def _plan_key(ctx: JobContext) -> Iterable[Payload]:
    return [{"version": keys.key_next()}]


def _make_key(ctx: JobContext, payload: Payload) -> Counts:
    keys.key_make(payload["version"])
    ctx.log(f"鍵 第{payload['version']}版を作成しました。")
    return {}


def _target() -> int:
    return keys.key_next() - 1


def _plan_slices(ctx: JobContext) -> Iterable[Payload]:
    target = _target()
    for start, stop in keys.slices(keys.SLICE_BITS):
        yield {"target": target, "start": str(start), "stop": str(stop) if stop else ""}


def _reseal(ctx: JobContext, payload: Payload) -> Counts:
    stop = UUID(payload["stop"]) if payload["stop"] else None
    return {"再暗号化": keys.numbers_reseal(payload["target"], start=UUID(payload["start"]), stop=stop)}


def _prove(ctx: JobContext) -> None:
    proof = keys.rotation_prove(_target())
    ctx.count("新しい鍵の番号", proof.sealed)
    ctx.count("復号の確認", proof.opened)
    retired = "・".join(f"第{version}版" for version in proof.retired) or "なし"
    ctx.log(
        f"{proof.sealed:,}件が新しい鍵で封印されています。{proof.opened}件を復号して確かめました。退役した鍵: {retired}"
    )


def _plan_erase(ctx: JobContext) -> Iterable[Payload]:
    return [{"version": int(ctx.params["key_version"])}]


def _erase(ctx: JobContext, payload: Payload) -> Counts:
    try:
        keys.key_erase(payload["version"])
    except KeyInUse as error:
        raise JobRefused("J-PARAM", error.message_ja) from error
    made = key_certify(payload["version"], run_key=f"{ctx.run.job_id}#{ctx.run.pk}")
    ctx.log(
        f"鍵 第{payload['version']}版を消去しました。この鍵で封印した控えは開けません。消去証明書 {made.certificate_no}"
    )
    return {"消去した鍵": 1}


ROTATION = Job(
    id="B-AB-03",
    name_ja="個人番号の鍵の更新",
    app="addressbook",
    scope="addressbook.keys",
    stages=(
        Stage("新しい鍵", _plan_key, _make_key, must_succeed=True),
        Stage("再暗号化", _plan_slices, _reseal, must_succeed=True),
    ),
    finish=_prove,
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
    stages=(Stage("消去", _plan_erase, _erase, must_succeed=True),),
    permission=ROTATE_KEYS,
    approval=APPROVE_KEYS,
    legal_base=LEGAL_BASE_TAX,
    description_ja="退役した鍵を壊します。その鍵で封印した控え（バックアップ）の番号は、どこでも開けなくなります。元に戻せません。",
    recovery_ja="鍵がまだ使われているときは消去できません。先に鍵の更新（B-AB-03）を終えてください。",
)
KEY_JOBS = (ROTATION, ERASURE)
