"""年金特徴 中止通知のバッチ (B-PI-18): stops by residents' events and of the desk, told to payers in one file a day."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict
from datetime import date
from uuid import UUID

from django.conf import settings

from assessment.pensions.events import EventStop, event_stops_record, events_pending
from assessment.pensions.models import PensionStop, RequestState, StopState
from assessment.pensions.provisional_jobs import PROVISIONAL_JOB
from assessment.pensions.selectors import target_parties
from assessment.pensions.services import stop_notices_issue
from assessment.pensions.told import amounts_due, amounts_issue, changes_issue
from assessment.permissions import RECORD_CHANGES, RELEASE_ASSESSMENT
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import Job, Param, Payload, Release, Stage

CHUNK = 500


def _events_plan(ctx: JobContext) -> Iterable[Payload]:
    city_code = settings.TAXSYS_MUNICIPALITY_CODE
    found = events_pending(int(ctx.params["tax_year"]), on=ctx.business_on, city_code=city_code)
    ctx.log(f"死亡・転出により中止する人 {len(found):,}人")
    lines = [{**asdict(one), "party_id": str(one.party_id), "event_on": one.event_on.isoformat()} for one in found]
    return [{"events": lines[start : start + CHUNK]} for start in range(0, len(lines), CHUNK)]


def _events_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    events = [
        EventStop(**{**one, "party_id": UUID(one["party_id"]), "event_on": date.fromisoformat(one["event_on"])})
        for one in payload["events"]
    ]
    recorded, idle = event_stops_record(events)
    return {"中止の記録": recorded, "中止する月なし": idle}


def _plan(ctx: JobContext) -> Iterable[Payload]:
    year = int(ctx.params["tax_year"])
    # A move out of the city after March stops next year's 仮徴収, of which the payer knows already.
    rows = PensionStop.objects.filter(
        tax_year__in=(year, year + 1), state=StopState.ACTIVE, request_state=RequestState.WAITING
    )
    waiting = list(rows.order_by("party__person_no").values_list("pk", flat=True))
    ctx.log(f"未送付の中止 {len(waiting):,}件")
    return [{"stops": waiting}] if waiting else []


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    year, day = int(ctx.params["tax_year"]), ctx.business_on
    key = f"stop:{year}:{day:%Y%m%d}:{ctx.run.pk}"
    issued = stop_notices_issue(payload["stops"], business_key=key, name=f"nenkin_teishi_{year}_{day:%Y%m%d}.csv")
    left = PensionStop.objects.filter(pk__in=payload["stops"], request_state=RequestState.WAITING)
    for one in left.order_by("pk"):
        ctx.work(
            "対象者の通知なし", subject_key=str(one.pk), code="S0413",
            message_ja="年金保険者の対象者の通知(00)がないため、中止を通知できません。保険者に確かめてください。",
        )  # fmt: skip
    return {"通知": issued.record_count if issued else 0, "通知できない": len(payload["stops"]) - (
        issued.record_count if issued else 0
    )}  # fmt: skip


def _changes_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    year, day = int(ctx.params["tax_year"]), ctx.business_on
    told = changes_issue(
        year,
        on=day,
        business_key=f"change:{year}:{day:%Y%m%d}:{ctx.run.pk}",
        name=f"nenkin_henko_{year}_{day:%Y%m%d}.csv",
    )
    return {"変更の通知": told.people}


def _amounts_plan(ctx: JobContext) -> Iterable[Payload]:
    year = int(ctx.params["tax_year"])
    people = {party for party, _ in amounts_due(year)}
    ctx.log(f"税額を通知していない人 {len(people):,}人")
    return [{}] if people else []


def _amounts_look(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    """Whom the payers have not named yet, before anything is told."""
    year = int(ctx.params["tax_year"])
    due = amounts_due(year)
    nameless = sorted({party for party, _ in due} - target_parties())
    for party in nameless:
        ctx.work(
            "対象者の通知なし", subject_key=str(party), code="S0413",
            message_ja="年金保険者の対象者の通知(00)がないため、税額を通知できません。保険者に確かめてください。",
        )  # fmt: skip
    months = [yen for (_, own), rows in due.items() if own == year for yen in rows.values()]
    return {"対象": len({party for party, _ in due}), "本徴収税額": sum(months), "通知できない": len(nameless)}


def _amounts_issue(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    year = int(ctx.params["tax_year"])
    told = amounts_issue(
        year, business_key=f"amount:{year}:{ctx.run.pk}", name=f"nenkin_zeigaku_{year}_{ctx.run.pk}.csv"
    )
    return {"税額の通知": told.people}


JOBS = (
    Job(
        id="B-PI-18",
        name_ja="年金特徴 中止・変更通知 作成",
        app="assessment",
        params=(Param("tax_year", "int", name_ja="課税年度"),),
        scope="pension.stops.{tax_year}",
        stages=(
            Stage("住民異動からの中止", _events_plan, _events_step, must_succeed=True),
            Stage("中止の通知", _plan, _step, must_succeed=True),
            Stage("税額変更の通知", lambda _ctx: [{}], _changes_step, must_succeed=True),
        ),
        permission=RECORD_CHANGES,
        legal_base="地方税法321条の7の7・321条の7の9",
        description_ja="死亡・市外転出の異動から年金特別徴収の中止を記録し、画面で記録したものとともに、年金保険者への通知(41)のファイルにします。通知した税額が変わった月は、変更の通知(61)にします。",
        recovery_ja="途中で止まったときは再開してください。同じ中止・変更が二度通知されることはありません。",
    ),
    Job(
        id="B-PI-17-N",
        name_ja="年金特徴 税額通知 作成",
        app="assessment",
        params=(Param("tax_year", "int", name_ja="課税年度"),),
        scope="pension.stops.{tax_year}",
        stages=(Stage("対象の確認", _amounts_plan, _amounts_look, must_succeed=True),),
        release=Release(
            RELEASE_ASSESSMENT, stages=(Stage("税額の通知", _amounts_plan, _amounts_issue, must_succeed=True),)
        ),
        permission=RECORD_CHANGES,
        legal_base="地方税法321条の7の5・321条の7の8",
        description_ja="10月から2月までの本徴収税額と翌年4月から8月までの仮徴収税額を、年金保険者への通知(01)のファイルにします(7月)。",
        recovery_ja="途中で止まったときは再開してください。同じ人の税額が二度通知されることはありません。",
    ),
    PROVISIONAL_JOB,
)
