"""滞納のバッチ: extraction of reminders with its gates, and what has to be withdrawn because it was paid in time."""

from collections.abc import Iterable, Mapping
from datetime import date

from collection.models import Slip
from collection.selectors.overdue import receipt_cut_off, silent_channels
from collection.services.slip_list import slip_list_issue
from delinquency.models import Reminder, ReminderRun, ReminderState
from delinquency.permissions import EXTRACT_REMINDERS, RELEASE_REMINDERS
from delinquency.print_jobs import PRINT_JOBS
from delinquency.selectors.claims import open_now
from delinquency.services.extraction import reminders_extract
from delinquency.services.reminders import reminder_run_issued, reminders_issue, reminders_withdraw_groundless
from taxsys.platform.files.payloads.spreadsheet import table_csv
from taxsys.platform.jobs.context import JobContext
from taxsys.platform.jobs.declaration import GateResult, Job, Param, Payload, Release, Stage

CHUNK_REMINDERS = 500
WORK_KIND = "delinquency.undeliverable"


def _one_step(_ctx: JobContext) -> Iterable[Payload]:
    return [{}]


def _run(ctx: JobContext) -> ReminderRun:
    return ReminderRun.objects.get(job_run_id=ctx.run.pk)


def _extract_step(ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    """One set over the whole ledger: a claim is compared with everything that speaks against it at one moment."""
    found = reminders_extract(
        job_run_id=ctx.run.pk,
        issued_on=ctx.day("issued_on"),
        due_until=ctx.day("due_until"),
        requested_by=ctx.run.requested_by,
    )
    for charge_id, reason in found.undeliverable:
        ctx.work(
            WORK_KIND,
            subject_key=str(charge_id),
            code=reason,
            message_ja=f"督促状を送達できません（{reason}）。送付先・相続人を調べて登録してください。",
        )
    return {
        "督促対象": found.candidates,
        "督促対象の額": found.candidates_yen,
        "保留": found.held,
        "保留の額": found.held_yen,
    }


def _extracted(ctx: JobContext) -> None:
    """処理結果リスト: numbers and yen, no names."""
    header = ["督促番号", "通知書番号", "期別", "納期限", "未納税額", "督促手数料", "状態", "理由"]
    rows = list(_run(ctx).reminders.select_related("charge").order_by("pk"))
    lines = [
        (
            row.reminder_no, row.charge.notice_no, row.charge.instalment_no, row.due_on.isoformat(), row.unpaid_yen,
            row.fee_yen, row.get_state_display(), row.hold_ja,
        )
        for row in rows
    ]  # fmt: skip
    asked = [row for row in rows if row.state == ReminderState.CANDIDATE]
    ctx.output(
        "督促対象一覧.csv",
        "result_list",
        table_csv(header, lines),
        count=len(asked),
        amount_yen=sum(row.total_yen for row in asked),
    )


def _gates(ctx: JobContext) -> Iterable[GateResult]:
    """What must be so before anybody is reminded (I7)."""
    cut_off = receipt_cut_off(ctx.business_on)
    yield GateResult(
        "receipts_are_posted",
        "収納額=消込・仮受・過誤納の計、未処理の収納ファイルなし",
        cut_off.is_clean,
        len(cut_off.unposted_files) + (cut_off.difference_yen != 0),
        f"収納 {cut_off.received_yen:,}円、差 {cut_off.difference_yen:,}円、"
        f"未処理のファイル {len(cut_off.unposted_files)}件",
        "I7・R-115",
    )
    silent = [one for one in silent_channels(ctx.business_on) if one.last_file_on is not None]
    # A quiet channel may simply have had no payer: the second person reads it and decides, the gate does not.
    yield GateResult(
        "silent_channels",
        "しばらくデータの届いていない収納チャネル（決裁者が確かめる）",
        True,
        len(silent),
        "・".join(one.warning_ja for one in silent) or "なし",
        "I7",
    )
    rows = list(_run(ctx).reminders.filter(state=ReminderState.CANDIDATE))
    standing = open_now([row.charge_id for row in rows])
    changed = sum(standing.get(row.charge_id) != row.unpaid_yen for row in rows)
    yield GateResult(
        "claims_are_open",
        "督促対象の未納額=元帳の未収残高",
        changed == 0,
        changed,
        f"督促対象 {sum(row.unpaid_yen for row in rows):,}円",
        "I7・地方税法329条",
    )
    twice = Reminder.objects.filter(state=ReminderState.ISSUED, charge_id__in=[row.charge_id for row in rows]).count()
    yield GateResult("reminded_once", "同じ期別に二度督促しない", twice == 0, twice, "", "地方税法18条の2")
    late = sum(row.is_late for row in rows)
    yield GateResult(
        "within_days",
        "納期限後の法定の日数以内の発付",
        True,
        late,
        f"日数を過ぎて発付するもの {late:,}件",
        "地方税法329条1項",
    )


def _issue_plan(ctx: JobContext) -> Iterable[Payload]:
    ids = list(
        _run(ctx).reminders.filter(state=ReminderState.CANDIDATE).order_by("reminder_no").values_list("pk", flat=True)
    )
    return [{"reminders": ids[at : at + CHUNK_REMINDERS]} for at in range(0, len(ids), CHUNK_REMINDERS)]


def _issue_step(ctx: JobContext, payload: Payload) -> Mapping[str, int]:
    """Slips of the reminder are good until the books of the fiscal year close (出納閉鎖 5月31日)."""
    run = _run(ctx)
    closing = date(run.issued_on.year + (run.issued_on.month > 5), 5, 31)
    part = reminders_issue(run, payload["reminders"], slips_until=closing)
    return {
        "発付": part.issued,
        "発付の額": part.issued_yen,
        "発付前に除外": part.dropped,
        "新しい納付書": part.new_slips,
    }


def _issued(ctx: JobContext) -> None:
    run = _run(ctx)
    reminder_run_issued(run, released_by=ctx.run.released_by)
    charges = run.reminders.filter(state=ReminderState.ISSUED).values("charge_id")
    listed = slip_list_issue(
        Slip.objects.filter(issued_on=run.issued_on, lines__charge_id__in=charges),
        business_key=f"reminder:{run.issued_on}:{run.due_until}",
        name=f"nofu_tokusoku_{run.issued_on:%Y%m%d}",
    )
    if listed is not None:
        ctx.log(f"納付書情報 {listed.name}: {listed.record_count:,}件 {listed.amount_sums['amount']:,}円")


def _withdraw_step(_ctx: JobContext, _payload: Payload) -> Mapping[str, int]:
    withdrawn = reminders_withdraw_groundless()
    return {"取消": len(withdrawn), "取消の額": sum(row.total_yen for row in withdrawn)}


JOBS = (
    Job(
        id="B-CL-13-S",
        name_ja="督促対象抽出・発付",
        app="delinquency",
        params=(
            Param("issued_on", "date", name_ja="発付日"),
            Param("due_until", "date", name_ja="対象の納期限(この日まで)"),
        ),
        scope="reminders",
        stages=(Stage("抽出", _one_step, _extract_step, must_succeed=True),),
        finish=_extracted,
        gates=(_gates,),
        release=Release(
            RELEASE_REMINDERS,
            on_release=_issued,
            stages=(Stage("発付", _issue_plan, _issue_step, must_succeed=True),),
        ),
        permission=EXTRACT_REMINDERS,
        legal_base="地方税法329条・371条・463条の25",
        description_ja="納期限を過ぎた未納の期別を抽出し、納付済み・速報・猶予・仮受・送達できないものを除いて督促します。"
        "検査がすべて合格し、別の職員が決裁するまで、誰にも督促しません。決裁の後に督促状作成（B-CL-13）を実行します。",
        recovery_ja="途中で止まったときは再開してください。抽出は作り直され、発付済みのものは二度発付されません。",
    ),
    Job(
        id="B-CL-13-W",
        name_ja="督促取消(発付前の納付・決定の撤回)",
        app="delinquency",
        scope="reminders",
        stages=(Stage("取消", _one_step, _withdraw_step, must_succeed=True),),
        permission=EXTRACT_REMINDERS,
        legal_base="地方税法329条",
        description_ja="後から届いた収納データにより発付日より前に納付されていたと分かった督促と、賦課決定が撤回された期別の"
        "督促を取り消します。",
        recovery_ja="途中で止まったときは再開してください。",
    ),
    *PRINT_JOBS,
)
