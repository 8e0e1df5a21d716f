"""随時更正のバッチ (B-PI-19): whose papers changed, computed again, let go by a second person."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings

from assessment.models import AssessmentRun, RunKind
from assessment.permissions import RELEASE_ASSESSMENT, RUN_ASSESSMENT
from assessment.resident import corrections, runs
from assessment.resident.checks import run_checks
from assessment.resident.comparison import comparison_ranges, run_compare_range
from assessment.resident.comparison_checks import YearOnYear
from assessment.resident.release import job_release_refusal_ja
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage

CHUNK_PERSONS = 2000


def _run(ctx: JobContext) -> AssessmentRun:
    return AssessmentRun.objects.get(job_run_id=ctx.run.pk)


def _plan(ctx: JobContext) -> Iterable[Payload]:
    run = AssessmentRun.objects.filter(job_run_id=ctx.run.pk).first() or runs.run_open(
        tax_year=int(ctx.params["tax_year"]),
        kind=RunKind.CORRECTION,
        documents_until=ctx.params["documents_until"],
        requested_by=ctx.run.requested_by,
        city_code=settings.TAXSYS_MUNICIPALITY_CODE,
        job_run_id=ctx.run.pk,
    )
    people = [str(party) for party in corrections.correction_population(run)]
    ctx.log(f"資料が変わった者 {len(people):,}人、資料の締切日 {run.documents_until}")
    return [{"people": people[start : start + CHUNK_PERSONS]} for start in range(0, len(people), CHUNK_PERSONS)]


def _people(payload: Payload) -> list[UUID]:
    return [UUID(party) for party in payload["people"]]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    city_code = settings.TAXSYS_MUNICIPALITY_CODE
    return corrections.correction_compute_chunk(_run(ctx), _people(payload), city_code=city_code)


def _split(payload: Payload) -> list[Payload]:
    people = payload["people"]
    half = len(people) // 2
    return [{"people": people[:half]}, {"people": people[half:]}] if half else []


def _compare_plan(ctx: JobContext) -> Iterable[Payload]:
    return comparison_ranges(_run(ctx))


def _compare_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return run_compare_range(_run(ctx), payload, city_code=settings.TAXSYS_MUNICIPALITY_CODE)


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    run = _run(ctx)
    return [*run_checks(run), *YearOnYear()(run)]


def _release_plan(ctx: JobContext) -> Iterable[Payload]:
    run = _run(ctx)
    people = runs.people_to_release(run)
    first = runs.notice_numbers_used(run.tax_year) + 1
    payloads = []
    for start in range(0, len(people), CHUNK_PERSONS):
        part = people[start : start + CHUNK_PERSONS]
        payloads.append({"people": [str(one.party_id) for one in part], "first_no": first})
        first += sum(one.is_new for one in part)
    return payloads


def _release_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return corrections.correction_release_chunk(
        _run(ctx),
        _people(payload),
        first_no=int(payload["first_no"]),
        released_by=ctx.run.released_by,
        city_code=settings.TAXSYS_MUNICIPALITY_CODE,
    )


CORRECTION_JOB = Job(
    id="B-PI-19",
    name_ja="随時更正・月割再計算",
    app="assessment",
    params=(
        Param("tax_year", "int", name_ja="課税年度"),
        Param("documents_until", "date", name_ja="資料の締切日"),
    ),
    # The same scope as the year's runs: two runs of one year never compute side by side.
    scope="resident.run.{tax_year}",
    stages=(
        Stage("再計算", _plan, _step, split=_split),
        Stage("前年比較", _compare_plan, _compare_step, must_succeed=True),
    ),
    finish=lambda ctx: runs.run_computed(_run(ctx)),
    gates=(_gates,),
    release=Release(
        RELEASE_ASSESSMENT,
        on_release=lambda ctx: runs.run_released(_run(ctx), released_by=ctx.run.released_by),
        refuse=job_release_refusal_ja,
        stages=(Stage("更正・調定の増減", _release_plan, _release_step, must_succeed=True),),
    ),
    permission=RUN_ASSESSMENT,
    recovery_ja="途中で止まったときは再開してください。同じ者が二度更正されることはありません。",
)
