"""年金特徴 仮徴収のバッチ (B-PI-17-K): half of last year's tax on pensions, levied in April by a second person."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings

from assessment.pensions.models import ProvisionalLevy
from assessment.pensions.provisional import (
    provisional_compute,
    provisional_people,
    provisional_refuse_time,
    provisional_release,
)
from assessment.pensions.provisional_checks import provisional_checks
from assessment.permissions import RELEASE_ASSESSMENT, RUN_ASSESSMENT
from assessment.resident.runs import notice_numbers_used
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage

CHUNK_PERSONS = 5000


def _year(ctx: JobContext) -> int:
    return int(ctx.params["tax_year"])


def _people(payload: Payload) -> list[UUID]:
    return [UUID(party) for party in payload["people"]]


def _ranges(people: list[str]) -> list[list[str]]:
    return [people[start : start + CHUNK_PERSONS] for start in range(0, len(people), CHUNK_PERSONS)]


def _plan(ctx: JobContext) -> Iterable[Payload]:
    provisional_refuse_time(_year(ctx), on=ctx.business_on)
    ProvisionalLevy.objects.filter(tax_year=_year(ctx), levied_on__isnull=True).exclude(job_run_id=ctx.run.pk).delete()
    people = [str(party) for party in provisional_people(_year(ctx), on=ctx.business_on)]
    ctx.log(f"仮徴収の対象者 {len(people):,}人")
    return [{"people": part} for part in _ranges(people)]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    city_code = settings.TAXSYS_MUNICIPALITY_CODE
    return provisional_compute(_year(ctx), _people(payload), job_run_id=ctx.run.pk, city_code=city_code)


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    return provisional_checks(_year(ctx), on=ctx.business_on, city_code=settings.TAXSYS_MUNICIPALITY_CODE)


def _release_plan(ctx: JobContext) -> Iterable[Payload]:
    rows = ProvisionalLevy.objects.filter(tax_year=_year(ctx), levied_on__isnull=True).order_by("party__person_no")
    first = notice_numbers_used(_year(ctx)) + 1
    payloads = []
    for part in _ranges([str(party) for party in rows.values_list("party_id", flat=True)]):
        payloads.append({"people": part, "first_no": first})
        first += len(part)
    return payloads


def _release_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return provisional_release(
        _year(ctx), _people(payload), first_no=int(payload["first_no"]), on=ctx.business_on,
        released_by=ctx.run.released_by,
    )  # fmt: skip


PROVISIONAL_JOB = Job(
    id="B-PI-17-K",
    name_ja="年金特徴 仮徴収 調定",
    app="assessment",
    params=(Param("tax_year", "int", name_ja="課税年度"),),
    # The same scope as the year's runs: notice numbers are given by one of them at a time.
    scope="resident.run.{tax_year}",
    stages=(Stage("仮徴収税額の計算", _plan, _step, must_succeed=True),),
    gates=(_gates,),
    release=Release(
        RELEASE_ASSESSMENT,
        stages=(Stage("仮徴収の調定", _release_plan, _release_step, must_succeed=True),),
    ),
    permission=RUN_ASSESSMENT,
    legal_base="地方税法321条の7の8",
    description_ja="前年度から年金で徴収している人の4月・6月・8月の仮徴収税額(前年度の年金分の2分の1)を、新しい年度の調定にします。",
    recovery_ja="途中で止まったときは再開してください。同じ人の仮徴収が二度調定されることはありません。",
)
