"""アクセス記録のバッチ: the daily, monthly and yearly review, and the nightly verification (R-231, R-232, N-069)."""

from collections.abc import Iterable, Mapping
from datetime import date, timedelta

from django.db import connection

from taxsys.platform.audit.models import LogCheck, ReviewReport
from taxsys.platform.audit.permissions import RUN_REVIEW
from taxsys.platform.audit.review.gathering import Limits, review_make
from taxsys.platform.audit.review.kinds import BY_CODE
from taxsys.platform.audit.signing import signer
from taxsys.platform.audit.verifying import verify_log
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, ParamValue, Payload, Stage
from taxsys.platform.jobs.models import WorkItem

_USUAL = Limits()
# The city's own hours and limits are not published (未確認): parameters of the run, kept with its report.
_PARAMS = (
    Param("from_on", "date", name_ja="期間の始め"),
    Param("to_on", "date", name_ja="期間の終り（含む）"),
    Param("opens", "int", name_ja="利用開始の時（時）", default=_USUAL.opens),
    Param("closes", "int", name_ja="利用終了の時（時）", default=_USUAL.closes),
    Param("volume_floor", "int", name_ja="突出とみなす一日の人数（以上）", default=_USUAL.volume_floor),
    Param("volume_ratio", "int", name_ja="突出とみなす倍率（所属の中央値の）", default=_USUAL.volume_ratio),
)


def run_key(ctx: JobContext) -> str:
    """The business key of a run's report."""
    return f"{ctx.run.job_id}#{ctx.run.pk}"


def _once(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _review(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    _no_time_limit()
    limits = Limits(**{name: ctx.params[name] for name in ("opens", "closes", "volume_floor", "volume_ratio")})
    report = review_make(
        from_on=ctx.params["from_on"], to_on=ctx.params["to_on"], limits=limits, run_key=run_key(ctx)
    )  # fmt: skip
    findings = list(report.findings.all())
    # The work list is read at the console too: it says what to look at, not who did it.
    ctx.work_many(
        [
            WorkItem(
                kind="audit.review",
                subject_key=f"review:{report.pk}:{one.pk}",
                code=one.kind,
                message_ja=f"{BY_CODE[one.kind].title_ja}：{one.count:,}件（点検結果の画面で確かめてください）",
            )
            for one in findings
        ]
    )
    return {"記録": sum(row[1] for row in report.figures["result"]), "所見": len(findings)}


def _no_time_limit() -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL statement_timeout = 0")


def last_month(day: date) -> Mapping[str, ParamValue]:
    """The month before the day."""
    last = day.replace(day=1) - timedelta(days=1)
    return {"from_on": last.replace(day=1), "to_on": last}


def last_fiscal_year(day: date) -> Mapping[str, ParamValue]:
    """The year from April to March that ended before the day."""
    ended = day.replace(month=3, day=31)
    if ended >= day:
        ended = ended.replace(year=ended.year - 1)
    return {"from_on": date(ended.year - 1, 4, 1), "to_on": ended}


def same_day(day: date) -> Mapping[str, ParamValue]:
    """The day itself: what is out of the ordinary is on the security officer's list the same evening (R-270)."""
    return {"from_on": day, "to_on": day}


def _verify(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    _no_time_limit()
    found = verify_log(public=signer().public)
    LogCheck.objects.create(
        run_key=run_key(ctx),
        seals=found.seals,
        sealed=found.sealed,
        unsealed=found.unsealed,
        heads=found.heads,
        faults=found.faults,
    )
    for fault in found.faults:
        ctx.log(f"異常 {fault}", is_error=True)
    return {"封印": found.seals, "封印済": found.sealed, "未封印": found.unsealed, "異常": len(found.faults)}


def _intact(ctx: JobContext) -> Iterable[GateResult]:
    check = LogCheck.objects.get(run_key=run_key(ctx))
    yield GateResult(
        "log_intact",
        "アクセス記録が封印・署名と一致する",
        not check.faults,
        len(check.faults),
        check.faults[0] if check.faults else "",
        guards="N-069",
    )


def _made(ctx: JobContext) -> Iterable[GateResult]:
    report = ReviewReport.objects.filter(run_key=run_key(ctx)).first()
    yield GateResult("review_made", "点検結果が作られている", report is not None, guards="R-231")


def _review_job(job_id: str, name_ja: str, calendar: str, period: object) -> Job:
    return Job(
        id=job_id,
        name_ja=name_ja,
        app="audit",
        params=_PARAMS,
        scope="audit.review",
        stages=(Stage("点検", _once, _review, must_succeed=True),),
        gates=(_made,),
        permission=RUN_REVIEW,
        calendar=calendar,
        scheduled_params=period,  # type: ignore[arg-type]
        description_ja="時間外利用、閲覧人数の突出、本人・世帯・同僚・注目される人の閲覧、番号の表示、拒否を拾い出します。",
        recovery_ja="再開してください。結果は一つだけ作られます。",
    )


JOBS = (
    _review_job("B-AU-01", "アクセス記録 月次点検", "monthly 03 05:00", last_month),
    _review_job("B-AU-02", "アクセス記録 年次点検", "yearly 04-10 05:00", last_fiscal_year),
    _review_job("B-AU-04", "アクセス記録 当日点検", "daily 21:00", same_day),
    Job(
        id="B-AU-03",
        name_ja="アクセス記録 検証",
        app="audit",
        scope="audit.verify",
        stages=(Stage("検証", _once, _verify, must_succeed=True),),
        gates=(_intact,),
        permission=RUN_REVIEW,
        calendar="daily 03:30",
        deadline="06:00",
        description_ja="すべての記録を封印・署名と照らし、最初に壊れた所を示します。",
        recovery_ja=(
            "検査が不合格のときは、データベースに触れず、セキュリティ責任者に知らせてください。"
            "出力済みの媒体（manage.py audit export）と日次の控えの符号で、いつから違うかを確かめられます。"
        ),
    ),
)
