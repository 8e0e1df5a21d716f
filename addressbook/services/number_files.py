"""取り込んだ番号の承認: per file, after two people have compared a random sample with the source (R-207, N-010).

The sample is lines of the stored file, read anew: the vault is asked who holds the line's number, and name (kana or as
written, present or former) and birth date of the line are compared with the register. What is kept and shown is the
outcome, never a digit.
"""

import hashlib
import secrets
from collections import Counter
from dataclasses import dataclass
from random import Random
from uuid import UUID

from django.conf import settings
from django.db import transaction

from addressbook.access import number_use
from addressbook.errors import NumberFileClosed
from addressbook.models import NumberFile, Party
from addressbook.number_codes import NumberFileState, SampleOutcome
from addressbook.number_sources import NumberLine, source_of
from addressbook.number_text import my_number_digits
from addressbook.permissions import APPROVE_NUMBER_FILE, CHECK_NUMBER_FILE
from addressbook.services.likeness import PaperPerson, likeness_of
from addressbook.services.numbers import parties_by_numbers
from addressbook.vault.manager import FileRefusal, vault
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ContentChanged, NotEntitled
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.errors import FilesError
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.staff.catalogue import Permission
from taxsys.platform.staff.models import Staff

KIND = "addressbook.number_file"
PURPOSE = "取り込んだ個人番号の標本の照合"
_TAKEN = {ReceivedFile.State.APPLIED, ReceivedFile.State.PARTLY_APPLIED}


@dataclass(frozen=True, slots=True)
class SampleRow:
    """One line of the sample: its party as a key, its outcome; nothing of the number."""

    line_no: int
    outcome: str
    party_id: str


@transaction.atomic
def sample_draw(file_id: UUID, *, staff: Staff) -> NumberFile:
    """標本を引いて照合する: the first person's comparison. Drawn once: again answers the sample that stands.

    Raises NumberFileClosed when the file is settled or not yet taken in whole, StoredFileDamaged when it was changed.
    """
    entry = _locked(file_id, NumberFileState.UNAPPROVED)
    if entry.drawn_by:
        return entry
    if entry.file.state not in _TAKEN:
        raise NumberFileClosed("取込みが終わっていません。取込みのバッチが終わってから照合してください。")
    entry.seed = secrets.token_hex(16)
    rows = _compare(entry, CHECK_NUMBER_FILE, staff)
    entry.sample = [[row.line_no, row.outcome, row.party_id] for row in rows]
    entry.drawn_by, entry.drawn_at = staff.staff_no, clock.now()
    entry.save(update_fields=("seed", "sample", "drawn_by", "drawn_at"))
    return entry


@transaction.atomic
def file_propose(file_id: UUID, *, staff: Staff) -> Approval:
    """標本の結果を付けて起案する. Raises NumberFileClosed where no sample was drawn, AlreadyProposed."""
    entry = _locked(file_id, NumberFileState.UNAPPROVED)
    if not entry.drawn_by:
        raise NumberFileClosed("先に標本を照合してください。")
    approval = approval_propose(
        kind=KIND,
        subject_key=str(entry.pk),
        title_ja=f"取り込んだ個人番号の承認　{entry.file.name}"[:100],
        content=content_of(entry),
        actor=staff,
    )
    entry.approval_id, entry.state = approval.pk, NumberFileState.PROPOSED
    entry.save(update_fields=("approval_id", "state"))
    return approval


@transaction.atomic
def sample_check(file_id: UUID, *, staff: Staff) -> bool:
    """再照合する: the second person repeats the comparison on the same lines; True where the outcome is the same.

    Raises NumberFileClosed, NotEntitled for who drew the sample or proposed.
    """
    entry = _locked(file_id, NumberFileState.PROPOSED)
    proposal = Approval.objects.get(kind=KIND, subject_key=str(entry.pk), state=Approval.State.PROPOSED)
    if staff.staff_no == entry.drawn_by or staff.pk == proposal.proposed_by_id:
        raise NotEntitled("標本を照合・起案した職員は再照合できません。権限のある別の職員が行ってください。")
    rows = _compare(entry, APPROVE_NUMBER_FILE, staff)
    agrees = [[row.line_no, row.outcome, row.party_id] for row in rows] == entry.sample
    if agrees:
        entry.checked_by = staff.staff_no
        entry.save(update_fields=("checked_by",))
    return agrees


def file_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: numbers came in later, or the sample is not the one that was shown."""
    entry = NumberFile.objects.filter(pk=UUID(approval.subject_key), state=NumberFileState.PROPOSED).first()
    if entry is None or approval.content != content_of(entry):
        return "起案の後に、このファイルの番号または標本が変わりました。"
    return ""


def file_concerned(approval: Approval) -> frozenset[str]:
    """Who drew the sample compares and approves nothing of it."""
    drawn = NumberFile.objects.filter(pk=UUID(approval.subject_key)).values_list("drawn_by", flat=True)
    return frozenset(one.person_key for one in Staff.objects.filter(staff_no__in=[no for no in drawn if no]))


def file_approved(approval: Approval) -> None:
    """決裁の効力: the numbers of the file count as confirmed. Raises NotEntitled, ContentChanged."""
    try:
        entry = _locked(UUID(approval.subject_key), NumberFileState.PROPOSED)
    except NumberFileClosed as error:
        raise ContentChanged from error
    decider = approval.decided_by
    if decider is None or entry.checked_by != decider.staff_no:
        raise NotEntitled("先に標本を再照合してください（番号を含むファイルの画面）。")
    try:
        is_as_seen = approval.content == content_of(entry) and _hash_of(entry) == entry.sha256
    except FilesError as error:
        raise ContentChanged(error.message_ja) from error
    if not is_as_seen:
        raise ContentChanged
    _settle(entry, NumberFileState.APPROVED)


def file_closed(approval: Approval) -> None:
    """差戻し・取下げ・失効: the file waits again. 否認: its numbers go out of use at once."""
    try:
        entry = _locked(UUID(approval.subject_key), NumberFileState.PROPOSED)
    except NumberFileClosed:
        if approval.state == Approval.State.VOID:
            return  # numbers came in after the proposal: the file waits already
        raise
    if approval.state == Approval.State.REJECTED:
        with number_use(APPROVE_NUMBER_FILE, purpose="取り込んだ個人番号の否認", staff=approval.decided_by):
            done: FileRefusal = vault.file_refuse(entry.pk, on=clock.today())
        access_record(
            action="update", record_type="number_file", record_id=str(entry.pk), reason="refused",
            count=done.refused + done.dropped,
        )  # fmt: skip
        _settle(entry, NumberFileState.REFUSED)
        return
    entry.state, entry.checked_by, entry.approval_id = NumberFileState.UNAPPROVED, "", None
    entry.save(update_fields=("state", "checked_by", "approval_id"))


@transaction.atomic
def files_adopt(file_ids: list[UUID], *, first: Staff, second: Staff) -> int:
    """導入前に確かめたファイルをまとめて承認済みにする: for files whose numbers two people had checked before this
    register began (移行); one act, one event. Answers how many. Raises NotEntitled for one person in two roles.
    """
    if first.person_key == second.person_key:
        raise NotEntitled("二人の職員が必要です。")
    now = clock.now()
    done = NumberFile.objects.filter(pk__in=file_ids, state=NumberFileState.UNAPPROVED, drawn_by="").update(
        state=NumberFileState.APPROVED,
        drawn_by=first.staff_no,
        drawn_at=now,
        checked_by=second.staff_no,
        settled_at=now,
    )
    access_record(action="update", record_type="number_file", reason="adopted", count=done)
    return done


def content_of(entry: NumberFile) -> dict[str, object]:
    """What the proposal says: the file by its hash, how many lines, what the sample showed."""
    tally = Counter(row[1] for row in entry.sample)
    after = {
        "name": entry.file.name,
        "sha256": entry.sha256,
        "records": entry.file.record_count,
        "sample": f"{len(entry.sample)}件（種 {entry.seed[:8]}）",
        **{code: tally[code] for code in SampleOutcome.values if tally[code]},
    }
    return {"before": {}, "after": after}


LABELS = {
    "name": "ファイル", "sha256": "ハッシュ値", "records": "件数", "sample": "標本",
    **{str(code): label for code, label in SampleOutcome.choices},
}  # fmt: skip


def _compare(entry: NumberFile, permission: Permission, staff: Staff) -> list[SampleRow]:
    """The sample's lines against vault and register; the file must be the one that was taken in."""
    source = source_of(entry.file)
    if source is None or _hash_of(entry) != entry.sha256:
        raise NumberFileClosed("取り込んだときのファイルと違うため、照合できません。保護責任者に連絡してください。")
    size = source.count(entry.file)
    wanted = min(size, settings.TAXSYS_NUMBER_FILE_SAMPLE)
    positions = sorted(Random(entry.seed).sample(range(size), wanted))  # noqa: S311 -- the seed itself is secret-strength
    lines = source.read(entry.file, positions)
    with number_use(permission, purpose=PURPOSE, staff=staff):
        holders = parties_by_numbers([line.number for line in lines])
    known = set(Party.objects.filter(pk__in=[one for one in holders if one]).values_list("pk", flat=True))
    held = [(holder, line) for line, holder in zip(lines, holders, strict=True) if holder in known]
    persons = [PaperPerson(name=line.name, name_kana=line.name_kana, birth_on=line.birth_on) for _, line in held]
    found = likeness_of([(holder, person) for (holder, _), person in zip(held, persons, strict=True)])
    same = {id(line): one.is_same for (_, line), one in zip(held, found, strict=True)}
    return [
        SampleRow(line.line_no, _outcome(line, same.get(id(line))), str(holder or ""))
        for line, holder in zip(lines, holders, strict=True)
    ]


def _outcome(line: NumberLine, is_same: bool | None) -> str:
    """`is_same`: whether name and birth date are the holder's (N-010); None where the number has no holder."""
    if not line.number:
        return str(SampleOutcome.EMPTY)
    if not my_number_digits(line.number):
        return str(SampleOutcome.BAD_DIGIT)
    if is_same is None:
        return str(SampleOutcome.UNKNOWN)
    return str(SampleOutcome.AGREES if is_same else SampleOutcome.ITEMS_DIFFER)


def _hash_of(entry: NumberFile) -> str:
    """The hash of the bytes as stored now (reading them proves them against the receipt, R-209)."""
    return hashlib.sha256(entry.file.open_bytes()).hexdigest()


def _locked(file_id: UUID, state: NumberFileState) -> NumberFile:
    entry = (
        NumberFile.objects.select_for_update(of=("self",))
        .select_related("file")
        .filter(pk=file_id, state=state)
        .first()
    )
    if entry is None:
        raise NumberFileClosed
    return entry


def _settle(entry: NumberFile, state: NumberFileState) -> None:
    entry.state, entry.settled_at = state, clock.now()
    entry.save(update_fields=("state", "settled_at"))
