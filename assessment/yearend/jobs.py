"""年度切替・過年度引継ぎ (B-PI-28): check list and trial, carried out when a second person lets it go."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from assessment.permissions import RELEASE_ASSESSMENT, RUN_ASSESSMENT
from assessment.yearend.carrying import ITEMS, people_with
from assessment.yearend.checks import switch_checks
from assessment.yearend.errors import SwitchRefused
from assessment.yearend.models import LineFate, YearSwitch
from assessment.yearend.selectors import line_list
from assessment.yearend.services import (
    switch_carry,
    switch_open,
    switch_refusal_ja,
    switch_released,
    switch_tried,
    switch_try,
)
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.models import JobRun

CHUNK_PERSONS = 200


def _switch(ctx: JobContext) -> YearSwitch:
    return YearSwitch.objects.get(job_run_id=ctx.run.pk)


def _plan(ctx: JobContext) -> Iterable[Payload]:
    try:
        switch = switch_open(
            tax_year=int(ctx.params["tax_year"]), job_run_id=ctx.run.pk, requested_by=ctx.run.requested_by
        )
    except SwitchRefused as refused:
        raise JobRefused("J-STATE", refused.message_ja) from refused
    payloads: list[Payload] = []
    for item, title in ITEMS.items():
        people = [str(one) for one in people_with(item, switch.tax_year)]
        ctx.log(f"{title}: 対象 {len(people):,}人")
        payloads += _cut(item, people)
    return payloads


def _cut(item: str, people: list[str]) -> list[Payload]:
    starts = range(0, len(people), CHUNK_PERSONS)
    return [{"item": item, "people": people[start : start + CHUNK_PERSONS]} for start in starts]


def _people(payload: Payload) -> list[UUID]:
    return [UUID(party) for party in payload["people"]]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return switch_try(_switch(ctx), payload["item"], _people(payload))


def _finish(ctx: JobContext) -> None:
    switch = _switch(ctx)
    switch_tried(switch)
    content, count = line_list(switch)
    ctx.output("年度切替の引継ぎ明細.csv", "result_list", content, count=count)


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    for one in switch_checks(int(ctx.params["tax_year"])):
        words = one.detail_ja if one.is_ok or one.blocks else f"{one.detail_ja}（切替は止めません）"
        yield GateResult(
            id=one.code, title_ja=one.title_ja, ok=not one.holds_back, count=one.count, detail_ja=words,
            guards=one.guards,
        )  # fmt: skip


def _refuse(job_run: JobRun) -> str:
    switch = YearSwitch.objects.filter(job_run_id=job_run.pk).first()
    return switch_refusal_ja(switch) if switch else "切替の試しがありません。"


def _carry_plan(ctx: JobContext) -> Iterable[Payload]:
    payloads: list[Payload] = []
    for item in ITEMS:
        rows = _switch(ctx).lines.filter(item=item, fate=LineFate.CARRY).order_by("party__person_no")
        people = list(dict.fromkeys(str(one) for one in rows.values_list("party_id", flat=True)))
        payloads += _cut(item, people)
    return payloads


def _carry_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return switch_carry(_switch(ctx), payload["item"], _people(payload))


def _released(ctx: JobContext) -> None:
    switch_released(_switch(ctx), released_by=ctx.run.released_by)


JOBS = (
    Job(
        id="B-PI-28",
        name_ja="年度切替・過年度引継ぎ",
        app="assessment",
        params=(Param("tax_year", "int", name_ja="新年度(課税年度)"),),
        scope="resident.year_switch",
        stages=(Stage("引継ぎの試し", _plan, _step, must_succeed=True),),
        finish=_finish,
        gates=(_gates,),
        release=Release(
            RELEASE_ASSESSMENT,
            on_release=_released,
            refuse=_refuse,
            stages=(Stage("引継ぎ", _carry_plan, _carry_step, must_succeed=True),),
        ),
        permission=RUN_ASSESSMENT,
        legal_base="地方税法318条・321条の4・321条の7の2",
        description_ja="新年度へ移る前の点検と、旧年度から引き継ぐものの試しをします。別の職員が出力を解放すると引き継ぎ、"
        "新年度が画面の作業年度になります。旧年度の更正・収納・滞納はそのまま続けられます。",
        recovery_ja="途中で止まったときは再開してください。同じ届出が二度引き継がれることはありません。点検で止まったときは"
        "原因を片付け、破棄して依頼し直します。切替の後に届いた旧年度の届出は、同じ年度でもう一度依頼すると引き継がれます。",
    ),
)
