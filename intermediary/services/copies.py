"""副本データの作成 (making copies): what changed since the last time becomes the next version, and one file carries it.

A message only says that something may have changed; what a copy must say is read from the decisions in force. So a
message that comes twice, late or in another order changes nothing, and a recall needs no words of its own.
R-084, R-260, R-263; N-041 to N-045, N-096.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import Max, Q

from addressbook.models import Party
from addressbook.selectors.protections import hidden_parties
from intermediary.errors import CopyNotReady
from intermediary.items import COPY_LAYOUT, contradiction_ja
from intermediary.models import CopyBatch, CopyRecord, ReplyHold, Revision
from intermediary.selectors.copies import holds_open, latest_copies
from intermediary.selectors.standing import Standing, standing_of, unsettled_parties
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.files import layouts
from taxsys.platform.files.models import OutgoingFile
from taxsys.platform.files.services import file_issue, outgoing_state_change
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.models import RunState as JobRunState
from taxsys.platform.outbox.services import outbox_settle, outbox_waiting

TOPICS = ("copy.changed",)
CONSUMER = "intermediary.copies"
KIND = "provision_copy"
_SUMMED = ("city_income", "city_per_capita", "pref_income", "pref_per_capita", "forest")


@dataclass(slots=True)
class Made:
    """What one range of people came to: counts, and copies that may not be registered (party → reason)."""

    initial: int = 0
    corrected: int = 0
    cancelled: int = 0
    unchanged: int = 0
    waiting: int = 0
    refused: dict[UUID, str] = field(default_factory=dict)


@transaction.atomic
def batch_open(*, job_run_id: int, made_on: date) -> CopyBatch:
    """The batch of a job run, opened once."""
    found = CopyBatch.objects.filter(job_run_id=job_run_id).first()
    if found is not None:
        return found
    last = CopyBatch.objects.filter(made_on=made_on).aggregate(last=Max("seq"))["last"] or 0
    batch = CopyBatch.objects.create(job_run_id=job_run_id, made_on=made_on, seq=last + 1, recorded_at=clock.now())
    _given_up_carry(batch)
    return batch


def _given_up_carry(batch: CopyBatch) -> None:
    """Records of batches whose run was discarded were told to nobody: they travel with this batch."""
    discarded = JobRun.objects.filter(state=JobRunState.DISCARDED).values("pk")
    for earlier in CopyBatch.objects.filter(
        job_run_id__in=discarded, released_by="", carried_by__isnull=True, pk__lt=batch.pk
    ).order_by("pk"):
        earlier.carried.update(carried_by=batch)
        earlier.carried_by = batch
        earlier.save(update_fields=["carried_by"])
        if earlier.file_id:
            outgoing_state_change(earlier.file_id, OutgoingFile.State.WITHDRAWN, reason="実行の破棄")


@transaction.atomic
def protection_holds_sync(*, on: date) -> int:
    """Hold automatic answers about everybody whose address is hidden; answers how many holds are new.

    The end of a protection lifts no hold: that is a decision of two people (`hold_lift`). N-096.
    """
    hidden = hidden_parties(on=on)
    held = ReplyHold.objects.filter(
        party_id__in=hidden, reason=ReplyHold.Reason.PROTECTION, lifted_on__isnull=True
    ).values_list("party_id", flat=True)
    new = sorted(hidden - set(held))
    ReplyHold.objects.bulk_create(
        ReplyHold(
            party_id=party,
            reason=ReplyHold.Reason.PROTECTION,
            from_on=on,
            set_by="system:protection",
            recorded_at=clock.now(),
        )
        for party in new
    )
    return len(new)


@transaction.atomic
def copies_make(batch: CopyBatch, changed: Mapping[int, Sequence[UUID]], *, until_message: int) -> Made:
    """New versions for these people (tax year → parties), and their messages settled, in one transaction.

    A person of a release that has not ended keeps the messages for the next time. Idempotent: what a copy says already
    makes no version. Answers the counts.
    """
    made = Made()
    people = sorted({party for parties in changed.values() for party in parties})
    messages = [
        message
        for topic in TOPICS
        for message in outbox_waiting(topic, CONSUMER, map(str, people), until_id=until_message)
    ]
    waiting: set[tuple[str, int]] = set()
    for tax_year in sorted(changed):
        parties = sorted(set(changed[tax_year]))
        unsettled = unsettled_parties(parties, tax_year)
        waiting |= {(str(party), tax_year) for party in unsettled}
        _year_make(batch, [party for party in parties if party not in unsettled], tax_year=tax_year, made=made)
    made.waiting = len(waiting)
    outbox_settle(
        (
            one
            for one in messages
            for tax_year in [int(one.payload["tax_year"])]
            if tax_year in changed and (one.subject_key, tax_year) not in waiting
        ),
        CONSUMER,
    )
    return made


def _year_make(batch: CopyBatch, parties: Sequence[UUID], *, tax_year: int, made: Made) -> None:
    latest, standing, holds = latest_copies(parties, tax_year), standing_of(parties, tax_year), holds_open(parties)
    records = []
    for party in parties:
        record = _next_version(latest.get(party), standing.get(party), hold=holds.get(party))
        if record is None:
            made.unchanged += 1
            continue
        if record.revision != Revision.CANCELLED and (reason := contradiction_ja(record.items)):
            made.refused[party] = reason
            continue
        record.batch, record.party_id, record.tax_year = batch, party, tax_year
        record.recorded_at = clock.now()
        records.append(record)
        made.initial += record.revision == Revision.INITIAL
        made.corrected += record.revision == Revision.CORRECTED
        made.cancelled += record.revision == Revision.CANCELLED
    CopyRecord.objects.bulk_create(records, batch_size=1000)


def _next_version(before: CopyRecord | None, now: Standing | None, *, hold: bool | None) -> CopyRecord | None:
    """The version that must follow `before`, or None where the copy says already what stands.

    `hold` is None without a hold, else whether the person is nondisclosed.
    """
    is_held, is_nondisclosed = hold is not None, bool(hold)
    if now is None or now.is_cancellation:
        if before is None or before.revision == Revision.CANCELLED:
            return None
        # The retraction repeats what it retracts, so that a reader who overlooks the code meets no new figure.
        return CopyRecord(
            version=before.version + 1,
            revision=Revision.CANCELLED,
            decision_id=now.decision.pk if now else before.decision_id,
            items=before.items,
            is_reply_held=before.is_reply_held or is_held,
            is_nondisclosed=before.is_nondisclosed or is_nondisclosed,
        )
    told = before is not None and before.revision != Revision.CANCELLED
    if (
        before is not None
        and told
        and before.decision_id == now.decision.pk
        and before.items == now.items
        and (before.is_reply_held, before.is_nondisclosed) == (is_held, is_nondisclosed)
    ):
        return None
    return CopyRecord(
        version=before.version + 1 if before else 1,
        revision=Revision.CORRECTED if before else Revision.INITIAL,
        decision_id=now.decision.pk,
        items=now.items,
        is_reply_held=is_held,
        is_nondisclosed=is_nondisclosed,
    )


@transaction.atomic
def batch_issue(batch: CopyBatch) -> OutgoingFile | None:
    """The file of the batch with its manifest; None when nothing changed. The same batch makes the same bytes."""
    records = list(
        CopyRecord.objects.filter(Q(batch=batch) | Q(batch__carried_by=batch))
        .order_by("tax_year", "party__person_no", "version")
        .select_related("party")
    )
    if not records:
        return None
    layout = layouts.get(COPY_LAYOUT)
    lines = [_line(record, record.party, made_on=batch.made_on) for record in records]
    issued = file_issue(
        kind=KIND,
        business_key=f"{batch.made_on}:{batch.seq}",
        name=f"fukuhon_{batch.made_on:%Y%m%d}_{batch.seq:03d}.csv",
        content=layout.write(lines),
        record_count=len(lines),
        amount_sums={name: sum(int(line[name]) for line in lines) for name in _SUMMED},
        layout=f"{layout.name}/{layout.edition}",
    )
    batch.file, batch.record_count = issued, len(lines)
    batch.save(update_fields=["file", "record_count"])
    _record_given(records, issued)
    return issued


def _line(record: CopyRecord, party: Party, *, made_on: date) -> dict[str, int | str]:
    return {
        **record.items,
        "person_no": party.person_no,
        "tax_year": record.tax_year,
        "version": f"{record.version:04d}",
        "revision": record.revision,
        "no_auto_reply": "1" if record.is_reply_held else "0",
        "no_disclosure": "1" if record.is_nondisclosed else "0",
        "updated_at": f"{made_on:%Y-%m-%d}T00:00:00+09:00",
    }


def _record_given(records: Iterable[CopyRecord], issued: OutgoingFile) -> None:
    """One event of the file with everybody in it as subject."""
    access_record(
        action="export",
        subjects=[str(record.party_id) for record in records],
        record_type="provision_copy",
        record_id=issued.name,
        count=issued.record_count,
    )


@transaction.atomic
def batch_release(batch: CopyBatch, *, released_by: str) -> None:
    """提供承認: the second person lets the file go to the intermediary server."""
    batch.released_by = released_by
    batch.save(update_fields=["released_by"])
    if batch.file_id:
        outgoing_state_change(batch.file_id, OutgoingFile.State.RELEASED)


@transaction.atomic
def batch_send(batch_id: int) -> OutgoingFile:
    """送信・再送: the file to hand to the connector. Sending again sends the same bytes under the same name.

    Raises CopyNotReady without a file or before its release, StateNotAllowed once its outcome is known.
    """
    batch = CopyBatch.objects.select_for_update().get(pk=batch_id)
    if batch.file is None or not batch.released_by:
        raise CopyNotReady("この副本データはまだ提供承認されていないため送信できません。先に決裁してください。")
    sent = outgoing_state_change(batch.file.pk, OutgoingFile.State.SENDING)
    batch.sent_at = clock.now()
    batch.save(update_fields=["sent_at"])
    return sent


@transaction.atomic
def batch_answered(batch_id: int, state: str, *, reason: str = "") -> OutgoingFile:
    """登録結果の記録: acknowledged, rejected (with the server's reason) or unknown (may be sent again)."""
    batch = CopyBatch.objects.select_for_update().get(pk=batch_id)
    if batch.file is None:
        raise CopyNotReady("この副本データにはファイルがないため、結果を記録できません。")
    answered = outgoing_state_change(batch.file.pk, state, reason=reason)
    batch.answered_at = clock.now()
    batch.save(update_fields=["answered_at"])
    return answered
