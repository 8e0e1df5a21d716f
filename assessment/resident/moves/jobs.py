"""異動届・切替処理のバッチ (B-PI-20): notified changes of employer, brought into the instalments by a second person."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings

from assessment.models import AssessmentRun, RunKind
from assessment.permissions import RELEASE_ASSESSMENT, RUN_ASSESSMENT
from assessment.resident import runs
from assessment.resident.moves import runs as moves
from assessment.resident.moves.gates import instalments_whole, unfitting_changes
from assessment.resident.release import job_release_refusal_ja
from taxsys.platform import clock
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage

CHUNK_PERSONS = 1000


def _run(ctx: JobContext) -> AssessmentRun:
    return AssessmentRun.objects.get(job_run_id=ctx.run.pk)


def _plan(ctx: JobContext) -> Iterable[Payload]:
    run = AssessmentRun.objects.filter(job_run_id=ctx.run.pk).first() or runs.run_open(
        tax_year=int(ctx.params["tax_year"]),
        kind=RunKind.MOVES,
        documents_until=clock.today(),
        requested_by=ctx.run.requested_by,
        city_code=settings.TAXSYS_MUNICIPALITY_CODE,
        job_run_id=ctx.run.pk,
    )
    people = [str(party) for party in moves.moves_population(run)]
    ctx.log(f"未処理の異動届がある者 {len(people):,}人")
    return [{"people": people[start : start + CHUNK_PERSONS]} for start in range(0, len(people), CHUNK_PERSONS)]


def _people(payload: Payload) -> list[UUID]:
    return [UUID(party) for party in payload["people"]]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    city_code = settings.TAXSYS_MUNICIPALITY_CODE
    return moves.moves_compute_chunk(_run(ctx), _people(payload), city_code=city_code)


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    run = _run(ctx)
    return [instalments_whole(run, city_code=settings.TAXSYS_MUNICIPALITY_CODE), unfitting_changes(run)]


def _release_plan(ctx: JobContext) -> Iterable[Payload]:
    people = [str(one.party_id) for one in runs.people_to_release(_run(ctx))]
    return [{"people": people[start : start + CHUNK_PERSONS]} for start in range(0, len(people), CHUNK_PERSONS)]


def _release_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return moves.moves_release_chunk(
        _run(ctx),
        _people(payload),
        released_by=ctx.run.released_by,
        city_code=settings.TAXSYS_MUNICIPALITY_CODE,
    )


def _released(ctx: JobContext) -> None:
    run = _run(ctx)
    moves.moves_released(run)
    runs.run_released(run, released_by=ctx.run.released_by)


MOVES_JOB = Job(
    id="B-PI-20",
    name_ja="異動届・切替処理",
    app="assessment",
    params=(Param("tax_year", "int", name_ja="課税年度"),),
    # The same scope as the year's runs: two runs of one year never compute side by side.
    scope="resident.run.{tax_year}",
    stages=(Stage("徴収方法の変更", _plan, _step),),
    finish=lambda ctx: runs.run_computed(_run(ctx)),
    gates=(_gates,),
    release=Release(
        RELEASE_ASSESSMENT,
        on_release=_released,
        refuse=job_release_refusal_ja,
        stages=(Stage("変更決定・調定の増減", _release_plan, _release_step, must_succeed=True),),
    ),
    permission=RUN_ASSESSMENT,
    legal_base="地方税法321条の5・321条の7",
    description_ja="記録した異動届・切替届を、月割額と普通徴収の期別に反映します。年税額は変わりません。",
    recovery_ja="途中で止まったときは再開してください。同じ者が二度変更されることはありません。",
)
