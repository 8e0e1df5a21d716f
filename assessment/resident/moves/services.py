"""異動届の記録 (writes): recorded as notified, corrected or withdrawn with a reason; runs take them up (B-PI-20).

A notification whose sums differ from the books, or that speaks of an employer the person is not with, is refused at
the screen and held when it came by file. 地方税法321条の5第2項・第3項, 規則9条の24; F-PL-004, R-017.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from assessment.errors import AssessmentError
from assessment.models import (
    AfterChange,
    AssessmentRun,
    ChangeReason,
    ChangeState,
    CollectionShare,
    Decision,
    EmploymentChange,
    LumpReason,
    NoLumpReason,
    RunState,
    Withholder,
)
from assessment.resident.facts import facts_build
from assessment.resident.moves.selectors import (
    INITIAL_KINDS,
    known_of,
    move_of,
    moves_of,
    timelines_of,
    withheld_months,
)
from assessment.resident.moves.timeline import FIRST_MONTH, timeline
from taxsys.kernel import wareki
from taxsys.platform import clock

JANUARY, APRIL, MAY = 1, 4, 5


class ChangeRefused(AssessmentError):
    """A notification of a change cannot be recorded as given."""

    code = "S0421"


@dataclass(frozen=True, slots=True)
class ChangeDraft:
    """異動届の内容. Months are places (1 = June … 12 = May); yen as the form states them, None where it does not."""

    tax_year: int
    party_id: UUID
    reason: str
    event_on: date
    after: str
    received_on: date
    withholder_id: int | None = None
    last_place: int = 0
    new_withholder_id: int | None = None
    new_employee_no: str = ""
    first_place: int | None = None
    lump_reason: str = ""
    lump_place: int | None = None
    no_lump_reason: str = ""
    annual_yen: int | None = None
    collected_yen: int | None = None
    uncollected_yen: int | None = None
    difference_reason: str = ""
    channel: str = "paper"
    received_file_id: UUID | None = None
    line_no: int | None = None


def draft_check(draft: ChangeDraft) -> None:
    """Refuse (ChangeRefused, with the field) what the form cannot mean, or what the law does not allow."""
    first, last = date(draft.tax_year, JANUARY, 1), date(draft.tax_year + 1, MAY, 31)
    if not first <= draft.event_on <= last:
        year = wareki.format_year(draft.tax_year)
        raise ChangeRefused(
            f"{year}年度の異動年月日は{wareki.format_long(first)}から{wareki.format_long(last)}までです。"
            "課税年度か日付を直してください。",
            field="event_on",
        )
    if draft.reason == ChangeReason.STARTED:
        if draft.withholder_id is not None or draft.after != AfterChange.CONTINUED:
            raise ChangeRefused("特別徴収への切替は、新しい給与支払者だけを入力してください。", field="after")
    elif draft.withholder_id is None:
        raise ChangeRefused("給与支払者の指定番号を入力してください。", field="withholder")
    _continued_check(draft)
    _lump_check(draft)
    _sums_check(draft)


def _continued_check(draft: ChangeDraft) -> None:
    if draft.after != AfterChange.CONTINUED:
        if draft.new_withholder_id is not None or draft.first_place is not None:
            raise ChangeRefused("転勤先を書くときは、徴収方法を「特別徴収継続」にしてください。", field="after")
        return
    if draft.new_withholder_id is None:
        raise ChangeRefused(
            "特別徴収を継続するときは、新しい給与支払者の指定番号を入力してください。", field="new_withholder"
        )
    if draft.new_withholder_id == draft.withholder_id:
        raise ChangeRefused("新しい給与支払者が元の給与支払者と同じです。", field="new_withholder")
    if draft.first_place is None or draft.first_place <= draft.last_place:
        raise ChangeRefused(
            "新しい給与支払者の徴収開始月は、徴収済の最後の月より後にしてください。", field="first_month"
        )


def _lump_check(draft: ChangeDraft) -> None:
    is_late = _is_compulsory_time(draft.event_on, draft.tax_year)
    if draft.after == AfterChange.LUMP:
        if draft.lump_place is None or draft.lump_place < max(draft.last_place, 1):
            raise ChangeRefused(
                "一括徴収分の納入月は、徴収済の最後の月かそれより後にしてください。", field="lump_month"
            )
        wanted = LumpReason.COMPULSORY if is_late else LumpReason.REQUESTED
        if draft.lump_reason != wanted:
            raise ChangeRefused(
                f"この異動年月日の一括徴収の理由は「{wanted.label}」です。理由か日付を直してください。",
                field="lump_reason",
            )
        return
    if draft.lump_place is not None or draft.lump_reason:
        raise ChangeRefused("一括徴収の欄を書くときは、徴収方法を「一括徴収」にしてください。", field="after")
    if draft.after == AfterChange.BILLED and is_late and draft.reason != ChangeReason.DIED:
        excused = {NoLumpReason.PAY_TOO_SMALL, NoLumpReason.OTHER}
        if draft.no_lump_reason not in excused:
            raise ChangeRefused(
                "1月1日から4月30日までの退職等は、未徴収税額の一括徴収が義務です(地方税法321条の5第2項)。"
                "一括徴収にするか、しない理由を選んでください。",
                field="no_lump_reason",
            )


def _is_compulsory_time(event_on: date, tax_year: int) -> bool:
    """From 1 January to 30 April of the year after the tax year's June (法321条の5第2項ただし書)."""
    return date(tax_year + 1, JANUARY, 1) <= event_on <= date(tax_year + 1, APRIL, 30)


def _sums_check(draft: ChangeDraft) -> None:
    stated = (draft.annual_yen, draft.collected_yen, draft.uncollected_yen)
    if any(yen is not None and yen < 0 for yen in stated):
        raise ChangeRefused("税額に負の数は入力できません。", field="annual_yen")
    if None not in stated and draft.annual_yen - draft.collected_yen != draft.uncollected_yen:  # type: ignore[operator]
        raise ChangeRefused("(ア)特別徴収税額 − (イ)徴収済額 が (ウ)未徴収税額と合いません。", field="uncollected_yen")


def books_difference_ja(draft: ChangeDraft) -> str:
    """Where the stated sums differ from the books ("" where they do not, or where nothing is stated)."""
    if draft.withholder_id is None or draft.annual_yen is None:
        return ""
    number = _number(draft.withholder_id)
    months = withheld_months(draft.party_id, tax_year=draft.tax_year, designation_no=number)
    annual, collected = sum(months), sum(months[: draft.last_place])
    told = []
    if draft.annual_yen != annual:
        told.append(f"特別徴収税額は届出{draft.annual_yen:,}円、台帳{annual:,}円")
    if draft.collected_yen is not None and draft.collected_yen != collected:
        told.append(f"徴収済額は届出{draft.collected_yen:,}円、台帳{collected:,}円")
    return "、".join(told)


def fit_refusal_ja(draft: ChangeDraft, *, leaving_out: Collection[int] = ()) -> str:
    """Why the change does not fit what is known of the person's employers ("": it fits)."""
    now = clock.now()
    moves = moves_of(draft.tax_year, [draft.party_id], known_at=now).get(draft.party_id, [])
    own = move_of(_row(draft, None), known_at=now)
    others = [one for one in moves if one.id not in leaving_out]
    is_decided = Decision.objects.filter(
        party_id=draft.party_id, tax_year=draft.tax_year, run__state=RunState.RELEASED
    ).exists()
    papers = None if is_decided else paper_employers(draft.tax_year, [draft.party_id], until=clock.today())
    found = known_of(draft.tax_year, {draft.party_id: [*others, own]}, papers=papers)[draft.party_id]
    base, known = found.base_id, [one for one in found.moves if one != own]
    before = timeline(base, [one for one in known if (one.event_on, one.last_place) <= (own.event_on, own.last_place)])
    if draft.reason == ChangeReason.STARTED and before.withholder_id is not None and before.lump is None:
        return f"この人は指定番号{_number(before.withholder_id)}で特別徴収中です。先に異動届を入力してください。"
    after = timeline(base, [*known, own])
    if own.id not in after.taken:
        when, number = wareki.format_long(draft.event_on), _number(draft.withholder_id)
        return f"この人は{when}に指定番号{number}で特別徴収していません。"
    if set(after.unfitting) - set(timeline(base, known).unfitting):
        return "この届出を入れると、後の日付の異動届が合わなくなります。先に後の異動届を訂正してください。"
    return ""


def _number(withholder_id: int | None) -> str:
    return Withholder.objects.in_bulk([withholder_id])[withholder_id].designation_no if withholder_id else ""


def paper_employers(tax_year: int, party_ids: Collection[UUID], *, until: date) -> dict[UUID, int | None]:
    """Who withholds of these people by their papers (None: nobody is named)."""
    built = facts_build(tax_year=tax_year, party_ids=list(party_ids), documents_until=until)
    return {party: one.withholder_id for party, one in zip(built.party_ids, built.found, strict=True)}


@transaction.atomic
def change_record(
    draft: ChangeDraft, *, actor_id: str, corrects: EmploymentChange | None = None, may_hold: bool = False
) -> EmploymentChange:
    """異動届を記録する. Raises ChangeRefused.

    `corrects`: the notification that this one replaces. `may_hold`: what does not agree with the books is kept for an
    officer (保留) instead of being refused, as a file's lines are.
    """
    draft_check(draft)
    same = EmploymentChange.objects.select_for_update().filter(
        Q(withholder_id=draft.withholder_id) if draft.withholder_id else Q(withholder__isnull=True),
        Q(new_withholder_id=draft.new_withholder_id) if draft.new_withholder_id else Q(new_withholder__isnull=True),
        tax_year=draft.tax_year, party_id=draft.party_id, reason=draft.reason, event_on=draft.event_on,
        state__in=[ChangeState.ACTIVE, ChangeState.HELD],
    )  # fmt: skip
    if same.exclude(pk=corrects.pk if corrects else 0).exists():
        raise ChangeRefused("同じ異動の届出が記録済みです。内容を直すときは、その届出を訂正してください。", field="")
    problem, field = fit_refusal_ja(draft, leaving_out=[corrects.pk] if corrects else []), "withholder"
    if not problem and not draft.difference_reason:
        problem, field = books_difference_ja(draft), "difference_reason"
    if problem and not may_hold:
        hint = "税額を直すか、違う理由を入力してください。" if field == "difference_reason" else ""
        raise ChangeRefused(f"{problem.rstrip('。')}。{hint}", field=field)
    if corrects is not None:
        change_close(corrects, ChangeState.SUPERSEDED, actor_id=actor_id, reason="届出の訂正")
    row = _row(draft, corrects)
    row.recorded_by, row.recorded_at = actor_id, clock.now()
    row.employee_no = _employee_no(draft)
    if problem:
        row.state, row.hold_reason_ja = ChangeState.HELD, problem[:200]
    row.save(force_insert=True)
    return row


def _row(draft: ChangeDraft, corrects: EmploymentChange | None) -> EmploymentChange:
    return EmploymentChange(
        tax_year=draft.tax_year, party_id=draft.party_id, reason=draft.reason, event_on=draft.event_on,
        after=draft.after, withholder_id=draft.withholder_id, last_place=draft.last_place,
        new_withholder_id=draft.new_withholder_id, new_employee_no=draft.new_employee_no,
        first_place=draft.first_place, lump_reason=draft.lump_reason, lump_place=draft.lump_place,
        no_lump_reason=draft.no_lump_reason, annual_yen=draft.annual_yen, collected_yen=draft.collected_yen,
        uncollected_yen=draft.uncollected_yen, difference_reason=draft.difference_reason,
        received_on=draft.received_on, channel=draft.channel, received_file_id=draft.received_file_id,
        line_no=draft.line_no, supersedes=corrects,
    )  # fmt: skip


def _employee_no(draft: ChangeDraft) -> str:
    if draft.withholder_id is None:
        return ""
    shares = CollectionShare.objects.filter(
        party_id=draft.party_id, run__tax_year=draft.tax_year, withholder_id=draft.withholder_id
    )
    return shares.order_by("-run_id").values_list("employee_no", flat=True).first() or ""


@transaction.atomic
def change_withdraw(change_id: int, *, actor_id: str, reason: str) -> EmploymentChange:
    """取下げ: the notification counts no longer; the next run puts the instalments back. Raises ChangeRefused."""
    if not reason.strip():
        raise ChangeRefused("取下げの理由を入力してください。", field="reason")
    change = EmploymentChange.objects.select_for_update().get(pk=change_id)
    change_close(change, ChangeState.WITHDRAWN, actor_id=actor_id, reason=reason.strip())
    return change


def change_close(change: EmploymentChange, state: ChangeState, *, actor_id: str, reason: str) -> None:
    """The notification is replaced or taken back. Raises ChangeRefused where that has happened before."""
    if change.state not in {ChangeState.ACTIVE, ChangeState.HELD}:
        raise ChangeRefused(f"この届出は「{change.get_state_display()}」です。新しい届出を確かめてください。")
    was_held = change.state == ChangeState.HELD
    change.state, change.closed_by, change.closed_reason, change.closed_at = state, actor_id, reason[:200], clock.now()
    change.is_pending = not was_held
    change.save(update_fields=["state", "closed_by", "closed_reason", "closed_at", "is_pending"])


@transaction.atomic
def change_accept(change_id: int, *, actor_id: str, reason: str) -> EmploymentChange:
    """保留の届出を有効にする, with the reason why its sums differ from the books. Raises ChangeRefused."""
    if not reason.strip():
        raise ChangeRefused("有効にする理由を入力してください。", field="reason")
    change = EmploymentChange.objects.select_for_update().get(pk=change_id)
    if change.state != ChangeState.HELD:
        raise ChangeRefused(f"この届出は「{change.get_state_display()}」です。保留の届出ではありません。")
    change.state, change.hold_reason_ja, change.difference_reason = ChangeState.ACTIVE, "", reason.strip()[:200]
    change.recorded_by, change.recorded_at = actor_id, clock.now()
    change.save(update_fields=["state", "hold_reason_ja", "difference_reason", "recorded_by", "recorded_at"])
    return change


@transaction.atomic
def changes_settle(run: AssessmentRun, party_ids: Collection[UUID]) -> int:
    """The run's instalments follow what was known of these people when it was opened. Answers the number of changes."""
    rows = EmploymentChange.objects.filter(
        tax_year=run.tax_year, party_id__in=party_ids, is_pending=True, recorded_at__lte=run.recorded_at
    ).exclude(state=ChangeState.HELD)
    if not rows.exists():
        return 0
    papers = None
    if run.kind in INITIAL_KINDS:
        papers = paper_employers(run.tax_year, party_ids, until=run.documents_until)
    states = timelines_of(run, list(party_ids), papers=papers).values()
    taken = {one for state in states for one in (*state.taken, *state.idle)}
    if run.kind in INITIAL_KINDS:
        rows = rows.filter(event_on__lt=date(run.tax_year, FIRST_MONTH, 1), last_place=0)
    done = [one for one in rows if one.pk in taken or (one.closed_at is not None and one.closed_at <= run.recorded_at)]
    for one in done:
        one.is_pending, one.run_id = False, one.run_id or run.pk
    EmploymentChange.objects.bulk_update(done, ["is_pending", "run_id"])
    return len(done)


@transaction.atomic
def changes_reopen(run: AssessmentRun) -> int:
    """The run is recalled: what it had taken up waits again. Answers the number of changes."""
    return EmploymentChange.objects.filter(run=run).update(is_pending=True, run=None)
