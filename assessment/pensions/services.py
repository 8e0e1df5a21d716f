"""年金特別徴収の中止 (writes): recorded with its reason, notified to the payer, taken up by the next run of changes.

What was withheld before stays; the rest of the pension's tax is billed (地方税法321条の7の7・321条の7の9).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import transaction

from addressbook.models import Party
from assessment.models import AssessmentRun
from assessment.pensions.errors import PensionStopRefused
from assessment.pensions.models import PensionResult, PensionStop, RequestState, StopReason, StopState
from assessment.pensions.selectors import PLACES, month_ja, pension_charges, spring_to_come, target_of
from taxsys.platform import clock
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import file_issue

EVENTS = "local_nenkin_tokucho_events"
# 通知 41: loss of the state in which tax is withheld; reasons as the exchange writes them (formats §3).
STOP_NOTICE = "41"
_REASON_CODES = {StopReason.DIED: "01", StopReason.MOVED: "02"}
_OTHER_CODE = "03"


@dataclass(frozen=True, slots=True)
class StopDraft:
    """中止の内容. `first_place`: the first month that is not withheld (1 April … 6 February); `partial_yen`: what was
    withheld of it all the same."""

    party_id: UUID
    tax_year: int
    reason: str
    event_on: date
    first_place: int
    note_ja: str = ""
    partial_yen: int = 0
    received_file_id: UUID | None = None
    line_no: int | None = None


@transaction.atomic
def pension_stop_record(draft: StopDraft, *, actor_id: str) -> PensionStop:
    """中止を記録する. A payer's own stop needs no notice back. Raises PensionStopRefused."""
    Party.objects.select_for_update(of=("self",), no_key=True).get(pk=draft.party_id)
    if not 1 <= draft.first_place <= PLACES:
        raise PensionStopRefused("徴収しない最初の月は4月から翌年2月までの偶数月です。", field="first_place")
    if PensionStop.objects.filter(party_id=draft.party_id, tax_year=draft.tax_year, state=StopState.ACTIVE).exists():
        raise PensionStopRefused("この年度の年金特別徴収は、すでに中止されています。先の中止を確かめてください。")
    places = [one.instalment_no for one in pension_charges(draft.party_id, tax_year=draft.tax_year)]
    is_told_ahead = not places and draft.first_place == 1 and spring_to_come(draft.party_id, tax_year=draft.tax_year)
    if not is_told_ahead and not any(place >= draft.first_place for place in places):
        raise PensionStopRefused(
            f"{month_ja(draft.first_place)}から後に年金から徴収する月がありません。年度と月を確かめてください。",
            field="first_place",
        )
    is_from_payer = draft.received_file_id is not None
    return PensionStop.objects.create(
        party_id=draft.party_id, tax_year=draft.tax_year, reason=draft.reason, event_on=draft.event_on,
        first_place=draft.first_place, partial_yen=draft.partial_yen, note_ja=draft.note_ja.strip()[:200],
        request_state=RequestState.NONE if is_from_payer else RequestState.WAITING,
        # Next spring's months are not levied yet: the payer is told, no instalment has to follow.
        is_pending=not is_told_ahead, received_file_id=draft.received_file_id, line_no=draft.line_no,
        recorded_by=actor_id, recorded_at=clock.now(),
    )  # fmt: skip


@transaction.atomic
def pension_stop_withdraw(stop_id: int, *, actor_id: str, reason: str) -> PensionStop:
    """中止を取り下げる; the next run puts what can still be withheld back. Raises PensionStopRefused."""
    stop = PensionStop.objects.select_for_update().get(pk=stop_id)
    if not reason.strip():
        raise PensionStopRefused("取下げの理由を入力してください。", field="reason")
    if stop.state != StopState.ACTIVE:
        raise PensionStopRefused("この中止は取り下げられています。画面を開き直してください。")
    if stop.request_state in {RequestState.SENT, RequestState.ACCEPTED, RequestState.NONE}:
        raise PensionStopRefused("年金保険者が知っている中止は取り下げられません。年金からの徴収は再開できません。")
    stop.state, stop.closed_by, stop.closed_reason = StopState.WITHDRAWN, actor_id, reason.strip()[:200]
    stop.closed_at, stop.is_pending = clock.now(), True
    stop.save(update_fields=["state", "closed_by", "closed_reason", "closed_at", "is_pending"])
    return stop


def pension_stops_settle(run: AssessmentRun, party_ids: Sequence[UUID]) -> int:
    """The run's instalments follow the stops known when it was opened. Answers their number."""
    rows = PensionStop.objects.filter(
        tax_year=run.tax_year, party_id__in=party_ids, is_pending=True, recorded_at__lte=run.recorded_at
    )
    rows = rows.exclude(closed_at__gt=run.recorded_at)
    rows.filter(run__isnull=True).update(run=run)
    return rows.update(is_pending=False)


def pension_stops_reopen(run: AssessmentRun) -> int:
    """The run is recalled: its stops wait again."""
    return PensionStop.objects.filter(run=run).update(is_pending=True, run=None)


@transaction.atomic
def pension_stop_carry(stop_id: int, *, tax_year: int, actor_id: str) -> PensionStop | None:
    """年度切替: a stop that outlasts its year holds for the whole new year; the payer knows of it. None: it stands."""
    old = PensionStop.objects.select_for_update().get(pk=stop_id)
    if PensionStop.objects.filter(party_id=old.party_id, tax_year=tax_year, state=StopState.ACTIVE).exists():
        return None
    return PensionStop.objects.create(
        party_id=old.party_id, tax_year=tax_year, reason=old.reason, event_on=old.event_on, first_place=1,
        note_ja="年度切替による引継ぎ", request_state=RequestState.NONE, recorded_by=actor_id, recorded_at=clock.now(),
    )  # fmt: skip


@transaction.atomic
def stop_notices_issue(stop_ids: Sequence[int], *, business_key: str, name: str) -> OutgoingFile | None:
    """中止の通知 (41) to the payers, once for the business key; None where nothing can be sent.

    A person whom no payer has named (通知 00) cannot be notified: the stop keeps waiting and is told by the job.
    """
    rows = PensionStop.objects.select_for_update(of=("self",)).filter(pk__in=stop_ids).select_related("party")
    records = []
    for seq, stop in enumerate(rows.order_by("party__person_no"), start=1):
        target = target_of(stop.party_id, tax_year=stop.tax_year)
        if target is None:
            continue
        places = {one.instalment_no: one.amount_yen for one in pension_charges(stop.party_id, tax_year=stop.tax_year)}
        records.append({
            "notice": STOP_NOTICE, "collector": target.collector, "tax_year": stop.tax_year,
            "basic_pension_no": target.basic_pension_no, "pension_code": target.pension_code,
            "person_no": stop.party.person_no, "kana": "", "name": "", "birth": stop.party.birth_on,
            "sex": stop.party.sex, "month": f"{stop.event_on:%Y%m}",
            "collected": sum(yen for place, yen in places.items() if place < stop.first_place),
            "stop_reason": _REASON_CODES.get(StopReason(stop.reason), _OTHER_CODE), "source_file": name,
            "source_seq": seq,
        })  # fmt: skip
        stop.request_state, stop.request_key = RequestState.SENT, business_key
        stop.save(update_fields=["request_state", "request_key"])
    if not records:
        return None
    return file_issue(
        kind=EVENTS, business_key=business_key, name=name, content=layouts.get(EVENTS).write(records),
        record_count=len(records), amount_sums={}, layout=f"{EVENTS}/v1",
    )  # fmt: skip


@transaction.atomic
def result_settle(result_id: int, *, note: str, actor_id: str) -> PensionResult:
    """結果を確認済にする. Raises PensionStopRefused without a note or for one that is worked off."""
    result = PensionResult.objects.select_for_update().get(pk=result_id)
    if not note.strip():
        raise PensionStopRefused("処理の内容を入力してください。", field="note")
    if not result.is_open:
        raise PensionStopRefused("この結果は処理済みです。一覧を開き直してください。")
    result.is_open, result.note_ja = False, note.strip()[:200]
    result.settled_by, result.settled_at = actor_id, clock.now()
    result.save(update_fields=["is_open", "note_ja", "settled_by", "settled_at"])
    return result
