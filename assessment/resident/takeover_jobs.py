"""前年度課税の移行のバッチ (B-PI-90): lines in, parallel run, release by a second person."""

from collections.abc import Iterable, Mapping
from functools import lru_cache
from uuid import UUID

from django.conf import settings

from assessment.models import AssessmentRun
from assessment.permissions import RELEASE_ASSESSMENT, RUN_ASSESSMENT
from assessment.resident.comparison_checks import thresholds
from assessment.resident.runs import run_computed, run_released
from assessment.resident.takeover import (
    difference_list,
    takeover_counts,
    takeover_decide,
    takeover_lines,
    takeover_open,
)
from taxsys.platform.files import layouts
from taxsys.platform.files.codec.parsed import Parsed
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Payload, Release, Stage
from taxsys.platform.jobs.intake import FILE, intake_finish, lines_plan, lines_split, received_file

LAYOUT = "local_zennendo_kazei"
CHUNK_LINES = 5000


@lru_cache(maxsize=1)
def _parsed(file_id: UUID, sha256: str) -> Parsed:
    received = ReceivedFile.objects.get(pk=file_id)
    return layouts.get(received.format, received.edition or None).parse(received.open_bytes())


def _records(ctx: JobContext) -> list[Mapping[str, object]]:
    received = received_file(ctx, LAYOUT)
    return [record.values for record in _parsed(received.pk, received.sha256).records]


def _run(ctx: JobContext) -> AssessmentRun:
    return AssessmentRun.objects.get(job_run_id=ctx.run.pk)


_lines = lines_plan(LAYOUT, size=CHUNK_LINES)


def _plan(ctx: JobContext) -> Iterable[Payload]:
    """Check the file, then open the run of its year (once per job run)."""
    ranges = list(_lines(ctx))
    if ranges and not AssessmentRun.objects.filter(job_run_id=ctx.run.pk).exists():
        takeover_open(
            tax_year=int(str(_records(ctx)[0]["tax_year"])),
            requested_by=ctx.run.requested_by,
            city_code=settings.TAXSYS_MUNICIPALITY_CODE,
            job_run_id=ctx.run.pk,
        )
    return ranges


_plan.formats = (LAYOUT,)  # type: ignore[attr-defined]  # read by `jobs_taking`


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    part = _records(ctx)[int(payload["start"]) : int(payload["stop"])]
    counts, unknown = takeover_lines(_run(ctx), part, city_code=settings.TAXSYS_MUNICIPALITY_CODE)
    for person_no in unknown:
        ctx.work(
            "移行の宛名なし",
            subject_key=person_no,
            code="S0301",
            message_ja="移行元の宛名番号が宛名にありません。住民記録を取り込んでから移行し直してください。",
        )
    return counts


def _finish(ctx: JobContext) -> None:
    intake_finish(ctx)
    run = AssessmentRun.objects.filter(job_run_id=ctx.run.pk).first()
    if run is None:
        return
    run_computed(run)
    counts = takeover_counts(run)
    ctx.output("並行計算の差異一覧.csv", "result_list", difference_list(run), count=counts["differing"])


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    run = AssessmentRun.objects.filter(job_run_id=ctx.run.pk).first()
    counts = takeover_counts(run) if run else {"lines": 0, "differing": 0}
    yield GateResult(
        id="takeover_not_empty",
        title_ja="移行した決定がある",
        ok=counts["lines"] > 0,
        count=counts["lines"],
        guards="F-PI-004",
    )
    percent = int(thresholds()["takeover"]["difference_percent"])
    yield GateResult(
        id="takeover_parallel_run",
        title_ja="移行元の税額と再計算の税額の差が許容の範囲にある",
        ok=counts["differing"] * 100 <= counts["lines"] * percent,
        count=counts["differing"],
        detail_ja=f"{counts['lines']:,}件のうち{counts['differing']:,}件に差があります(許容 {percent}%)。",
        guards="I2",
    )


def _decide(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    return takeover_decide(_run(ctx), released_by=ctx.run.released_by)


def _one_step(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _released(ctx: JobContext) -> None:
    run_released(_run(ctx), released_by=ctx.run.released_by)


TAKEOVER_JOB = Job(
    id="B-PI-90",
    name_ja="前年度課税の移行",
    app="assessment",
    params=(FILE,),
    scope="resident.takeover",
    stages=(Stage("取込・再計算", _plan, _step, split=lines_split),),
    finish=_finish,
    gates=(_gates,),
    release=Release(
        RELEASE_ASSESSMENT,
        on_release=_released,
        stages=(Stage("決定", _one_step, _decide, must_succeed=True),),
    ),
    permission=RUN_ASSESSMENT,
    recovery_ja="途中で止まったときは再開してください。取り込んだ行は作り直され、二重になりません。",
)
