"""公金受取口座の照会のバッチ: the inquiries of the designated refunds, their answers, the end of what is not used."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import timedelta

from collection.payouts.designations import TOPIC_WANTED, public_accounts_unused_end
from intermediary.inquiries import services
from intermediary.permissions import INQUIRE_ACCOUNT, RELEASE_ACCOUNT_INQUIRY
from taxsys.platform.files.erasing import content_erase, contents_sweep
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.parsing import file_parsed
from taxsys.platform.files.services import line_errors_record
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Payload, Release, Stage
from taxsys.platform.jobs.errors import JobRefused
from taxsys.platform.jobs.intake import FILE, file_open, intake_finish, lines_plan, received_file
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.outbox.services import outbox_last_id, outbox_subjects

CHUNK = 200
LEGAL_BASE = "番号法19条8号・公金受取口座登録法9条"


def _plan(ctx: JobContext) -> Iterable[Payload]:
    until = outbox_last_id()
    wanted = outbox_subjects(TOPIC_WANTED, services.CONSUMER, "instruction_no", until_id=until)
    people = sorted({subject for subject, _number in wanted})
    ctx.log(f"照会の依頼 {len(wanted):,}件")
    return [{"people": people[at : at + CHUNK], "until": until} for at in range(0, len(people), CHUNK)] or [
        {"people": [], "until": until}
    ]


def _step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    made = services.inquiries_prepare(
        payload["people"],
        until_message=int(payload["until"]),
        run_id=ctx.run.pk,
        asked_by=ctx.run.requested_by,
    )
    return {"照会": made}


def _finish(ctx: JobContext) -> None:
    services.inquiries_take_over(ctx.run.pk)
    issued = services.inquiry_file_issue(ctx.run.pk)
    ctx.log(f"照会依頼 {issued.name}: {issued.record_count:,}件" if issued else "照会するものはありません。")


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    wrong = services.inquiries_undesignated(ctx.run.pk)
    yield GateResult(
        "MN-DESIGNATED", "照会の全件に、その還付の請求書による本人の指定がある", not wrong, len(wrong),
        "・".join(wrong[:5]), "R-113・N-057",
    )  # fmt: skip


def _stopped(run: JobRun) -> str:
    """A payment taken back since: its inquiry may not go."""
    wrong = services.inquiries_undesignated(run.pk)
    return f"支払の準備が取り消された照会が{len(wrong)}件あります。B-CL-21 を実行し直してください。" if wrong else ""


def _send(ctx: JobContext) -> None:
    sent = services.inquiries_send(ctx.run.pk, released_by=ctx.run.released_by)
    ctx.log(f"照会 {sent:,}件を中間サーバーへ渡しました。")


def _open(received: ReceivedFile) -> int:
    if received.state in (ReceivedFile.State.APPLIED, ReceivedFile.State.PARTLY_APPLIED):
        raise JobRefused("J-PARAM", f"{received.name} は取込済みです。")
    return file_open(received)


def _answer_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    received = received_file(ctx, services.ANSWER)
    counts, problems = services.answers_take(file_parsed(received).records)
    if problems:
        line_errors_record(received, problems)
        received.error_count += len(problems)
        received.save(update_fields=["error_count"])
    return {**counts, "使えない行": len(problems)}


def _answer_finish(ctx: JobContext) -> None:
    """The file has served: what it says stands in the payments alone."""
    intake_finish(ctx)
    content_erase(received_file(ctx, services.ANSWER))


def _erase_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    days = services.account_settings()["keep_days"]
    before = ctx.business_on - timedelta(days=days)
    return {
        "使われない回答": public_accounts_unused_end(on=ctx.business_on, days=days),
        "結果ファイル": contents_sweep(services.ANSWER, received_before=before),
    }


JOBS = (
    Job(
        id="B-CL-21",
        name_ja="公金受取口座 照会依頼作成",
        app="intermediary",
        scope="intermediary.account_inquiry",
        stages=(Stage("照会の作成", _plan, _step, must_succeed=True),),
        finish=_finish,
        gates=(_gates,),
        release=Release(RELEASE_ACCOUNT_INQUIRY, on_release=_send, refuse=_stopped),
        permission=INQUIRE_ACCOUNT,
        legal_base=LEGAL_BASE,
        description_ja="還付請求書で公金受取口座が指定された支払について、中間サーバーへの照会依頼を作ります。"
        "指定のない還付は照会できません。",
        recovery_ja="途中で止まったときは再開してください。同じ支払は二度照会されません。",
    ),
    Job(
        id="B-CL-21-R",
        name_ja="公金受取口座 照会結果取込",
        app="intermediary",
        params=(FILE,),
        scope="intermediary.account_answers.{file}",
        stages=(Stage("回答", lines_plan(services.ANSWER, size=None, opener=_open), _answer_step, must_succeed=True),),
        finish=_answer_finish,
        permission=INQUIRE_ACCOUNT,
        legal_base=LEGAL_BASE,
        description_ja="回答された口座を、照会した支払だけに入れます。結果ファイルの内容は取込の後に消去します。",
        recovery_ja="途中で止まったときは再開してください。同じ回答は二度使われません。",
    ),
    Job(
        id="B-CL-21-E",
        name_ja="公金受取口座 照会結果の消去",
        app="intermediary",
        scope="intermediary.account_erase",
        stages=(Stage("消去", lambda _ctx: [{}], _erase_step, must_succeed=True),),
        permission=INQUIRE_ACCOUNT,
        calendar="daily 18:40",
        legal_base=LEGAL_BASE,
        description_ja="支払に使われないまま保存期間（市の設定）を過ぎた口座と、結果ファイルの内容を消去します。",
        recovery_ja="途中で止まったときは再開してください。",
    ),
)
