"""法定値の訂正のバッチ (B-PI-19-L): who is touched and by how much, then one run let go by two."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from django.conf import settings

from assessment.amendments import replaced_law
from assessment.amendments.named import named_run_open
from assessment.models import AssessmentRun, RunKind
from assessment.permissions import RELEASE_ASSESSMENT, RUN_ASSESSMENT
from assessment.resident import runs
from assessment.resident.checks import run_checks
from assessment.resident.moves.gates import instalments_whole
from assessment.resident.release import job_release_refusal_ja
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage

CHUNK_PERSONS = 2000
_TITLE_MOST = 100


def _run(ctx: JobContext) -> AssessmentRun:
    return AssessmentRun.objects.get(job_run_id=ctx.run.pk)


def _plan(ctx: JobContext) -> Iterable[Payload]:
    run = AssessmentRun.objects.filter(job_run_id=ctx.run.pk).first()
    if run is None:
        run = named_run_open(
            tax_year=int(ctx.params["tax_year"]),
            kind=RunKind.REPLACED_LAW,
            title_ja=str(ctx.params["reason"])[:_TITLE_MOST],
            requested_by=ctx.run.requested_by,
            city_code=settings.TAXSYS_MUNICIPALITY_CODE,
            job_run_id=ctx.run.pk,
        )
    people = [str(party) for party in replaced_law.replaced_population(run.tax_year)]
    ctx.log(f"今と違う法定値で決定した者 {len(people):,}人、今の法定値の指紋 {run.parameter_hash[:12]}")
    return [{"people": people[start : start + CHUNK_PERSONS]} for start in range(0, len(people), CHUNK_PERSONS)]


def _people(payload: Payload) -> list[UUID]:
    return [UUID(party) for party in payload["people"]]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return replaced_law.replaced_compute_chunk(_run(ctx), _people(payload))


def _finish(ctx: JobContext) -> None:
    run = _run(ctx)
    runs.run_computed(run)
    told = replaced_law.replaced_totals(run)
    ctx.log(
        f"増額 {told.raised:,}人 {told.raised_yen:,}円、減額 {told.lowered:,}人 {told.lowered_yen:,}円、"
        f"税額の変わらない者 {told.level:,}人、期限を過ぎて変更しない者 {told.late:,}人"
    )
    ctx.output(
        "法定値の訂正の対象者.csv", "result_list", replaced_law.replaced_list(run),
        count=told.raised + told.lowered + told.level, amount_yen=told.raised_yen - told.lowered_yen,
    )  # fmt: skip


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    run = _run(ctx)
    return [*run_checks(run), instalments_whole(run, city_code=settings.TAXSYS_MUNICIPALITY_CODE)]


def _release_plan(ctx: JobContext) -> Iterable[Payload]:
    people = [str(one.party_id) for one in runs.people_to_release(_run(ctx))]
    return [{"people": people[start : start + CHUNK_PERSONS]} for start in range(0, len(people), CHUNK_PERSONS)]


def _release_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    return replaced_law.replaced_release_chunk(_run(ctx), _people(payload), released_by=ctx.run.released_by)


REPLACED_LAW_JOB = Job(
    id="B-PI-19-L",
    name_ja="法定値の訂正による更正",
    app="assessment",
    params=(
        Param("tax_year", "int", name_ja="課税年度"),
        Param("reason", "str", name_ja="理由(通知書に印字)"),
    ),
    scope="resident.run.{tax_year}",
    stages=(Stage("再計算", _plan, _step),),
    finish=_finish,
    gates=(_gates,),
    release=Release(
        RELEASE_ASSESSMENT,
        on_release=lambda ctx: runs.run_released(_run(ctx), released_by=ctx.run.released_by),
        refuse=job_release_refusal_ja,
        stages=(Stage("更正・調定の増減", _release_plan, _release_step, must_succeed=True),),
    ),
    permission=RUN_ASSESSMENT,
    legal_base="地方税法17条の5・321条の6",
    description_ja="誤った法定値で決定した人を今の（審査済の）法定値で計算し直し、だれが・いくら変わるかを示します。"
    "別の職員が出力を解放するまで、何も決定されません。",
    recovery_ja="途中で止まったときは再開してください。同じ者が二度更正されることはありません。",
)
