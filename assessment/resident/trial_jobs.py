"""翌年度試算のバッチ (B-PI-13-T): never released."""

from collections.abc import Iterable, Mapping

from django.conf import settings

from assessment.errors import RunNotReady
from assessment.models import AssessmentRun
from assessment.permissions import RUN_ASSESSMENT
from assessment.resident.comparison import comparison_ranges, run_compare_range
from assessment.resident.comparison_checks import YearOnYear
from assessment.resident.runs import run_computed
from assessment.resident.trial import trial_open, trial_range, trial_ranges
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Stage
from taxsys.platform.jobs.errors import JobRefused


def _run(ctx: JobContext) -> AssessmentRun:
    return AssessmentRun.objects.get(job_run_id=ctx.run.pk)


def _plan(ctx: JobContext) -> Iterable[Payload]:
    """Open the trial (once per job run); a year or a legal value that is not there stops it by name."""
    run = AssessmentRun.objects.filter(job_run_id=ctx.run.pk).first()
    if run is None:
        try:
            run = trial_open(
                tax_year=int(ctx.params["tax_year"]),
                requested_by=ctx.run.requested_by,
                city_code=settings.TAXSYS_MUNICIPALITY_CODE,
                job_run_id=ctx.run.pk,
            )
        except LookupError as missing:
            raise JobRefused("J-LAW", str(missing)) from missing
        except RunNotReady as refused:
            raise JobRefused("J-STATE", refused.message_ja) from refused
    return trial_ranges(run)


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return trial_range(_run(ctx), payload, city_code=settings.TAXSYS_MUNICIPALITY_CODE)


def _compare_plan(ctx: JobContext) -> Iterable[Payload]:
    return comparison_ranges(_run(ctx))


def _compare_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return run_compare_range(_run(ctx), payload, city_code=settings.TAXSYS_MUNICIPALITY_CODE)


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    return YearOnYear()(_run(ctx))


TRIAL_JOB = Job(
    id="B-PI-13-T",
    name_ja="翌年度試算",
    app="assessment",
    params=(Param("tax_year", "int", name_ja="課税年度"),),
    scope="resident.run.{tax_year}",
    stages=(
        Stage("試算", _plan, _step, must_succeed=True),
        Stage("前年比較", _compare_plan, _compare_step, must_succeed=True),
    ),
    finish=lambda ctx: run_computed(_run(ctx)),
    gates=(_gates,),
    trial=lambda _params: True,
    permission=RUN_ASSESSMENT,
    description_ja="決定済の年度の事実を一年進め、翌年度の法定値で計算します。決定にはなりません。",
    recovery_ja="法定値がないと止まったときは、公布後に法定値を登録してから依頼し直してください。",
)
