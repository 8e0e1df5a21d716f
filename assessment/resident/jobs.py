"""個人住民税のバッチ: population of 1 January, and the year's runs from trial to release."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings

from assessment.models import AssessmentRun, RunKind
from assessment.permissions import RELEASE_ASSESSMENT, RUN_ASSESSMENT
from assessment.premises.services import premises_freeze
from assessment.resident import runs
from assessment.resident.checks import run_checks
from assessment.resident.comparison import comparison_ranges, run_compare_range
from assessment.resident.comparison_checks import YearOnYear
from assessment.resident.corrections_jobs import CORRECTION_JOB
from assessment.resident.dependants_jobs import DEPENDANTS_JOB
from assessment.resident.moves.jobs import MOVES_JOB
from assessment.resident.non_filers_jobs import NON_FILERS_JOB
from assessment.resident.notices.filing_requests import FILING_REQUEST_JOB
from assessment.resident.notices.print_jobs import NOTICE_JOBS
from assessment.resident.release import job_release_refusal_ja
from assessment.resident.takeover_jobs import TAKEOVER_JOB
from assessment.resident.tax_status.jobs import TAX_STATUS_JOB
from assessment.resident.trial_jobs import TRIAL_JOB
from assessment.resident.what_if.jobs import WHAT_IF_JOB
from assessment.sources.services import population_freeze
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage

CHUNK_PERSONS = 4000
RELEASE_PERSONS = 10_000
# Kinds that this job runs; corrections and the take-over of last year have jobs of their own.
MODES = (RunKind.INITIAL_WAGE, RunKind.INITIAL_ORDINARY, RunKind.TRIAL)
_YEAR = Param("tax_year", "int", name_ja="課税年度")


def _one_step(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _population_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    tax_year = int(ctx.params["tax_year"])
    everybody = population_freeze(tax_year=tax_year)
    return {"対象者": everybody, "家屋敷等": premises_freeze(tax_year=tax_year)}


def _run(ctx: JobContext) -> AssessmentRun:
    return AssessmentRun.objects.get(job_run_id=ctx.run.pk)


def _run_plan(ctx: JobContext) -> Iterable[Payload]:
    """Open the run (once per job run) and cut its population into ranges of people."""
    run = AssessmentRun.objects.filter(job_run_id=ctx.run.pk).first() or runs.run_open(
        tax_year=int(ctx.params["tax_year"]),
        kind=str(ctx.params["mode"]),
        documents_until=ctx.day("documents_until"),
        requested_by=ctx.run.requested_by,
        city_code=settings.TAXSYS_MUNICIPALITY_CODE,
        job_run_id=ctx.run.pk,
    )
    people = [str(party) for party in runs.run_population(run)]
    ctx.log(f"対象 {len(people):,}人、資料の締切日 {run.documents_until}")
    return [{"people": people[start : start + CHUNK_PERSONS]} for start in range(0, len(people), CHUNK_PERSONS)]


def _people(payload: Payload) -> list[UUID]:
    return [UUID(party) for party in payload["people"]]


def _compute_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return runs.run_compute_chunk(_run(ctx), _people(payload), city_code=settings.TAXSYS_MUNICIPALITY_CODE)


def _split(payload: Payload) -> list[Payload]:
    """Halve a failing range until the one person stands alone."""
    people = payload["people"]
    half = len(people) // 2
    return [{"people": people[:half]}, {"people": people[half:]}] if half else []


def _computed(ctx: JobContext) -> None:
    runs.run_computed(_run(ctx))


def _compare_plan(ctx: JobContext) -> Iterable[Payload]:
    ranges = comparison_ranges(_run(ctx))
    if not ranges:
        ctx.log("前年の決定がないため、前年比較を行いません。")
    return ranges


def _compare_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return run_compare_range(_run(ctx), payload, city_code=settings.TAXSYS_MUNICIPALITY_CODE)


def _year_on_year(ctx: JobContext) -> Iterable[GateResult]:
    return YearOnYear()(_run(ctx))


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    return run_checks(_run(ctx))


def _release_plan(ctx: JobContext) -> Iterable[Payload]:
    run = _run(ctx)
    people = runs.people_to_release(run)
    first = runs.notice_numbers_used(run.tax_year) + 1
    payloads = []
    for start in range(0, len(people), RELEASE_PERSONS):
        part = people[start : start + RELEASE_PERSONS]
        payloads.append({"people": [str(one.party_id) for one in part], "first_no": first})
        first += sum(one.is_new for one in part)
    return payloads


def _release_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return runs.run_release_chunk(
        _run(ctx), _people(payload), first_no=int(payload["first_no"]), released_by=ctx.run.released_by
    )


def _released(ctx: JobContext) -> None:
    runs.run_released(_run(ctx), released_by=ctx.run.released_by)


JOBS = (
    Job(
        id="B-PI-01",
        name_ja="賦課期日対象者抽出",
        app="assessment",
        params=(_YEAR,),
        scope="resident.population.{tax_year}",
        stages=(Stage("抽出", _one_step, _population_step, must_succeed=True),),
        permission=RUN_ASSESSMENT,
    ),
    Job(
        id="B-PI-13",
        name_ja="課税計算・徴収区分判定",
        app="assessment",
        params=(
            _YEAR,
            Param("mode", "choice", choices=tuple((kind.value, str(kind.label)) for kind in MODES), name_ja="種別"),
            Param("documents_until", "date", name_ja="資料の締切日"),
        ),
        scope="resident.run.{tax_year}",
        stages=(
            Stage("計算", _run_plan, _compute_step, split=_split),
            Stage("前年比較", _compare_plan, _compare_step, must_succeed=True),
        ),
        finish=_computed,
        gates=(_gates, _year_on_year),
        release=Release(
            RELEASE_ASSESSMENT,
            on_release=_released,
            refuse=job_release_refusal_ja,
            stages=(Stage("決定・調定", _release_plan, _release_step, must_succeed=True),),
        ),
        trial=lambda params: params.get("mode") == RunKind.TRIAL,
        permission=RUN_ASSESSMENT,
        recovery_ja="途中で止まったときは再開してください。計算済の範囲は作り直されません。",
    ),
    DEPENDANTS_JOB,
    NON_FILERS_JOB,
    FILING_REQUEST_JOB,
    CORRECTION_JOB,
    MOVES_JOB,
    TAKEOVER_JOB,
    TRIAL_JOB,
    TAX_STATUS_JOB,
    WHAT_IF_JOB,
    *NOTICE_JOBS,
)
