"""中間サーバー連携のバッチ: copies of what changed, and the monthly comparison of all copies with the books."""

from collections.abc import Iterable, Mapping
from uuid import UUID

from addressbook.models import Party
from addressbook.selectors.protections import hidden_parties
from intermediary.models import CopyBatch
from intermediary.permissions import MAKE_COPIES, RELEASE_COPIES
from intermediary.selectors.copies import (
    copies_flagless,
    copies_unlike,
    copies_with_stale_flags,
    reconcile,
    years_told_or_decided,
)
from intermediary.services import copies
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage
from taxsys.platform.outbox.services import outbox_last_id, outbox_subjects

CHUNK_PERSONS = 1000
WORK_KIND = "intermediary.copy"


def _plan(ctx: JobContext) -> Iterable[Payload]:
    """Everybody with an unread message or with flags out of date, cut into ranges by tax year."""
    copies.batch_open(job_run_id=ctx.run.pk, made_on=ctx.business_on)
    held = copies.protection_holds_sync(on=ctx.business_on)
    until = outbox_last_id()
    changed: dict[int, set[str]] = {}
    for topic in copies.TOPICS:
        for subject, tax_year in outbox_subjects(topic, copies.CONSUMER, "tax_year", until_id=until):
            changed.setdefault(int(tax_year), set()).add(subject)
    for party, stale_year in copies_with_stale_flags():
        changed.setdefault(stale_year, set()).add(str(party))
    ctx.log(f"対象 {sum(map(len, changed.values())):,}件、新しい自動応答不可 {held:,}人")
    return [
        {"tax_year": tax_year, "people": people[start : start + CHUNK_PERSONS], "until": until}
        for tax_year in sorted(changed)
        for people in [sorted(changed[tax_year])]
        for start in range(0, len(people), CHUNK_PERSONS)
    ]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    people = [UUID(party) for party in payload["people"]]
    made = copies.copies_make(_batch(ctx), {int(payload["tax_year"]): people}, until_message=int(payload["until"]))
    for party, reason in sorted(made.refused.items()):
        ctx.work(WORK_KIND, subject_key=f"{party}:{payload['tax_year']}", code="N-045", message_ja=reason)
    return {
        "当初": made.initial,
        "更正": made.corrected,
        "取消": made.cancelled,
        "変更なし": made.unchanged,
        "決定の処理中": made.waiting,
        "登録不可": len(made.refused),
    }


def _batch(ctx: JobContext) -> CopyBatch:
    return CopyBatch.objects.get(job_run_id=ctx.run.pk)


def _finish(ctx: JobContext) -> None:
    issued = copies.batch_issue(_batch(ctx))
    if issued is None:
        ctx.log("変更がないため、ファイルは作成しませんでした。")
        return
    ctx.log(f"副本データ {issued.name}: {issued.record_count:,}件")


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    """Every decision in force is told, nothing else is, and nobody to be protected can be answered automatically."""
    years = years_told_or_decided()
    hidden = hidden_parties(on=ctx.business_on)
    unlike = sum(len(copies_unlike(year, topics=copies.TOPICS, consumer=copies.CONSUMER)) for year in years)
    flagless = sum(len(copies_flagless(year, hidden)) for year in years)
    return [
        GateResult("copies_complete", "決定中の全員に最新の副本がある", unlike == 0, unlike, guards="R-266・N-043"),
        GateResult(
            "protected_flagged", "支援措置対象者は自動応答不可・不開示", flagless == 0, flagless, guards="R-260・N-096"
        ),
    ]


def _released(ctx: JobContext) -> None:
    copies.batch_release(_batch(ctx), released_by=ctx.run.released_by)


def _one_step(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _reconcile_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    """Compare, and list who differs by person number and item names; the list carries no amount."""
    tax_year = int(ctx.params["tax_year"])
    found = reconcile(tax_year)
    rows = [(party, "不足", "") for party in found.missing] + [(party, "余分", "") for party in found.extra]
    rows += [(party, "相違", " ".join(names)) for party, names in found.differing.items()]
    numbers = dict(Party.objects.filter(pk__in=[row[0] for row in rows]).values_list("pk", "person_no"))
    lines = sorted((numbers[party], what, items) for party, what, items in rows)
    ctx.output("副本照合.csv", "照合結果", table_csv(("宛名番号", "区分", "項目"), lines), count=len(rows))
    return {"照合": found.compared, "不足": len(found.missing), "余分": len(found.extra), "相違": len(found.differing)}


def _reconciled(ctx: JobContext) -> Iterable[GateResult]:
    found = ctx.run.outputs.get(name="副本照合.csv").count or 0
    return [GateResult("copies_agree", "副本と原本の差異が0件", found == 0, found, guards="R-266・N-047")]


JOBS = (
    Job(
        id="B-PI-21",
        name_ja="副本データ作成",
        app="intermediary",
        scope="intermediary.copies",
        stages=(Stage("差分作成", _plan, _step),),
        finish=_finish,
        gates=(_gates,),
        release=Release(RELEASE_COPIES, on_release=_released),
        permission=MAKE_COPIES,
        legal_base="番号法19条8号・21条の2",
        description_ja="決定・更正・撤回された課税の差分を副本の版とし、中間サーバーへ渡すファイルを作ります。",
        recovery_ja="途中で止まったときは再開してください。作成済の副本は作り直されません。",
    ),
    Job(
        id="B-MN-06",
        name_ja="副本・原本照合",
        app="intermediary",
        params=(Param("tax_year", "int", name_ja="課税年度"),),
        scope="intermediary.reconcile.{tax_year}",
        stages=(Stage("照合", _one_step, _reconcile_step, must_succeed=True),),
        gates=(_reconciled,),
        permission=MAKE_COPIES,
        legal_base="番号法19条8号・21条の2",
        description_ja="副本の全件を決定中の課税内容と項目ごとに照合します。差異は0件が正常です。",
        recovery_ja="差異があるときは照合結果を市民税課へ渡し、副本データ作成を実行してから照合し直してください。",
    ),
)
