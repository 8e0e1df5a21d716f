"""Jobs without any duty, for the tests of the job system. Each number of a run becomes one work list row, written
without any conflict handling: a number done twice breaks the unique key, a number lost is missing."""

from __future__ import annotations

import time
from collections.abc import Iterable
from typing import Any

from django.db import connection

from taxsys.platform.jobs import registry
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Done, GateResult, Job, Param, Release, Stage
from taxsys.platform.jobs.models import WorkItem
from taxsys.platform.jobs.permissions import OPERATE, RELEASE


def plan(ctx: JobContext) -> Iterable[dict[str, Any]]:
    n, size = ctx.params["n"], ctx.params["size"]
    for start in range(0, n, size):
        yield {"from": start, "to": min(n, start + size)}


def write(ctx: JobContext, payload: dict[str, Any]) -> dict[str, int]:
    numbers = range(payload["from"], payload["to"])
    if ctx.params["poison"] in numbers:
        raise ValueError("田中太郎 cannot be computed")  # a message with a person in it
    if ctx.params["sleep_ms"]:
        time.sleep(ctx.params["sleep_ms"] / 1000)
    for number in numbers:
        WorkItem.objects.create(run=ctx.run, kind="toy", subject_key=f"{number:06d}", code="x", message_ja=str(number))
    ctx.count("件数", len(numbers))
    return {"合計": sum(numbers)}


def halves(payload: dict[str, Any]) -> list[dict[str, Any]]:
    middle = (payload["from"] + payload["to"]) // 2
    if middle == payload["from"]:
        return []
    return [{"from": payload["from"], "to": middle}, {"from": middle, "to": payload["to"]}]


def finish(ctx: JobContext) -> None:
    keys = numbers_of(ctx.run.pk)
    text = "\n".join(keys).encode()
    ctx.output("数.txt", "一覧", text, count=len(keys), amount_yen=sum(int(k) for k in keys))


def complete(ctx: JobContext) -> list[GateResult]:
    count = len(numbers_of(ctx.run.pk))
    ok = count == ctx.params["n"]
    return [GateResult("T-1", "全件ある", ok, count, f"期待 {ctx.params['n']}件", guards="I1")]


def plan_release(ctx: JobContext) -> Iterable[dict[str, Any]]:
    return [{"key": key} for key in numbers_of(ctx.run.pk)]


def release_one(ctx: JobContext, payload: dict[str, Any]) -> dict[str, int]:
    WorkItem.objects.create(run=ctx.run, kind="released", subject_key=payload["key"], code="x", message_ja="")
    return {"解放": 1}


def on_release(ctx: JobContext) -> None:
    ctx.log("すべて解放しました。")


def numbers_of(run_id: int, kind: str = "toy") -> list[str]:
    rows = WorkItem.objects.filter(run_id=run_id, kind=kind).order_by("subject_key")
    return list(rows.values_list("subject_key", flat=True))


PARAMS = (
    Param("n", "int", name_ja="数", default=12),
    Param("size", "int", name_ja="単位", default=4),
    Param("poison", "int", name_ja="毒", default=-1),
    Param("sleep_ms", "int", name_ja="待ち", default=0),
    Param("mode", "choice", choices=(("trial", "試算"), ("final", "本番")), name_ja="区分", default="final"),
)

TOY = Job(
    id="B-TEST-1",
    name_ja="試験用の計算",
    app="jobs",
    params=PARAMS,
    scope="test.{mode}",
    stages=(Stage("計算", plan, write, split=halves),),
    finish=finish,
    gates=(complete,),
    release=Release(RELEASE, on_release=on_release, stages=(Stage("確定", plan_release, release_one),)),
    trial=lambda params: params["mode"] == "trial",
    permission=OPERATE,
    retry=(0.01, 0.01),
)

UNSPLIT = Job(
    id="B-TEST-2",
    name_ja="分割できない計算",
    app="jobs",
    params=PARAMS,
    scope="unsplit.{mode}",
    stages=(Stage("計算", plan, write),),
    requires=(Done("B-TEST-1", same="n"),),
    permission=OPERATE,
    retry=(0.01,),
)


def blocked(ctx: JobContext, payload: dict[str, Any]) -> dict[str, int]:
    """Write, then wait inside the open transaction until the test lets go of an advisory lock."""
    write(ctx, payload)
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(424242)")
    return {}


BLOCKED = Job(
    id="B-TEST-3",
    name_ja="待たされる計算",
    app="jobs",
    params=PARAMS,
    scope="blocked.{mode}",
    stages=(Stage("計算", plan, blocked),),
    permission=OPERATE,
    retry=(0.01,),
)

for _job in (TOY, UNSPLIT, BLOCKED):
    registry.register(_job)
