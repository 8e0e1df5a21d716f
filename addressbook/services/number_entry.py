"""個人番号の登録・変更 by two people (番号法16条, R-197, R-198, R-200, R-207, N-008 to N-012, N-020, N-021).

One officer enters the number with the evidence; the four items are compared with the register; another officer reads
the paper a second time and approves. Until then the number waits in the vault under the entry's id; the proposal and
the entry hold no digit of it. What is not approved is erased.
"""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import date
from uuid import UUID

from django.db import transaction

from addressbook.access import number_use
from addressbook.address_text import address_key, addresses_agree
from addressbook.codes import Sex
from addressbook.errors import (
    NumberConflict,
    NumberEntryClosed,
    NumberKnown,
    NumberNotReleasable,
    NumberTooEarly,
)
from addressbook.models import NumberEntry, Party, PartyVersion
from addressbook.number_codes import (
    AgentAuthority,
    IdentityEvidence,
    Mismatch,
    NumberEntryKind,
    NumberEntryState,
    NumberEvidence,
    NumberForm,
    ReleaseReason,
)
from addressbook.number_text import FIRST_ACQUISITION_ON
from addressbook.permissions import APPROVE_NUMBER, REGISTER_NUMBER
from addressbook.selectors.match_rows import address_keys_of
from addressbook.services.feed import search_keys
from addressbook.services.number_use import counted
from addressbook.services.numbers import VERIFIED_COUNTER
from addressbook.vault.manager import Origin, vault
from addressbook.vault.value import MyNumber
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ContentChanged, NotEntitled
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.models import Staff

KIND = "addressbook.number"
SOURCE = "entry"
PURPOSE = "個人番号の登録・変更"


@dataclass(frozen=True, kw_only=True, slots=True)
class FourItems:
    """4情報 as the paper has them; `sex` 0 where the paper does not say."""

    name_kana: str
    birth_on: date
    sex: str
    address_text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Evidence:
    """How the number came and was confirmed; `agent_authority` only where an agent brought it."""

    form_code: str
    acquired_on: date
    number_evidence: str
    identity_evidence: str
    agent_authority: str = ""


def compare(party: Party, items: FourItems, *, on: date) -> list[str]:
    """Which of the four items differ from the register on the day, as codes of `Mismatch` (R-200, N-010)."""
    version = PartyVersion.objects.filter(party=party).as_of(on).first()
    kana = version.name_kana if version else party.name_kana
    birth_on = version.birth_on if version else party.birth_on
    written = address_key(items.address_text)
    homes = address_keys_of([party.id]).get(party.id, [])
    differs = {
        Mismatch.KANA: search_keys(items.name_kana)[0] != search_keys(kana)[0],
        Mismatch.BIRTH: items.birth_on != birth_on,
        Mismatch.SEX: items.sex != Sex.UNKNOWN and items.sex != party.sex,
        Mismatch.ADDRESS: not any(addresses_agree(home, written) for home in homes),
    }
    return [str(code) for code, is_different in differs.items() if is_different]


@transaction.atomic
def number_enter(
    entry_id: UUID, party: Party, number: str, *, items: FourItems, evidence: Evidence, staff: Staff
) -> NumberEntry:
    """番号を入力する: held in the vault and proposed, or kept back where something differs from the register.

    The same `entry_id` again answers the entry that stands. Raises NumberTooEarly, NumberKnown (it is this party's
    already), NumberEntryClosed (another entry of the party is open), NumberInvalid (check digit).
    """
    standing = NumberEntry.objects.filter(pk=entry_id).first()
    if standing is not None:
        return standing
    digits = MyNumber(number).expose().encode()
    if evidence.acquired_on < FIRST_ACQUISITION_ON:
        raise NumberTooEarly
    Party.objects.select_for_update(no_key=True).get(pk=party.id)
    if NumberEntry.objects.filter(party=party, settled_at=None).exists():
        raise NumberEntryClosed("この方の番号の登録が、ほかに処理中です。先にその登録を済ませてください。")
    with number_use(REGISTER_NUMBER, purpose=PURPOSE, staff=staff):
        vault.hold([entry_id], [digits], source=SOURCE)
        holder = vault.parties_by_held([entry_id]).get(entry_id)
        is_change = bool(vault.parties_with_number([party.id]))
    if holder == party.id:
        raise NumberKnown
    differences = compare(party, items, on=clock.today())
    if holder is not None:
        differences.append(str(Mismatch.HOLDER))
    entry = NumberEntry.objects.create(
        id=entry_id,
        party=party,
        kind=NumberEntryKind.CHANGE if is_change else NumberEntryKind.NEW,
        state=NumberEntryState.HELD if differences else NumberEntryState.PROPOSED,
        mismatches=differences,
        entered_by=staff.staff_no,
        entered_at=clock.now(),
        **{field.name: getattr(evidence, field.name) for field in fields(evidence)},
    )
    if not differences:
        _propose(entry, staff)
    return entry


@transaction.atomic
def entry_release(entry_id: UUID, *, reason: ReleaseReason, staff: Staff) -> NumberEntry:
    """相違を確かめて起案する: a held entry goes to the second person with the reason.

    Raises NumberEntryClosed, NumberNotReleasable while another party holds the number.
    """
    entry = _locked(entry_id, NumberEntryState.HELD)
    with number_use(REGISTER_NUMBER, purpose=PURPOSE, staff=staff):
        holder = vault.parties_by_held([entry.pk]).get(entry.pk)
    if holder is not None:
        raise NumberNotReleasable
    entry.mismatches = [code for code in entry.mismatches if code != Mismatch.HOLDER]
    entry.release_reason, entry.state = reason, NumberEntryState.PROPOSED
    entry.save(update_fields=("mismatches", "release_reason", "state"))
    _propose(entry, staff)
    return entry


@transaction.atomic
def entry_drop(entry_id: UUID, *, staff: Staff) -> None:
    """保留の登録を取り消す: the held number is erased. Raises NumberEntryClosed."""
    entry = _locked(entry_id, NumberEntryState.HELD)
    with number_use(REGISTER_NUMBER, purpose=PURPOSE, staff=staff):
        _erase(entry)


@transaction.atomic
def entry_confirm(entry_id: UUID, number: str, *, staff: Staff) -> bool:
    """照合入力: the second person read the paper; True where it is the held number (a wrong reading is counted).

    Raises NumberInvalid, NumberEntryClosed, NotEntitled for the officer who entered it or proposed it.
    """
    entry = _locked(entry_id, NumberEntryState.PROPOSED)
    proposal = Approval.objects.get(kind=KIND, subject_key=str(entry.pk))
    if staff.staff_no == entry.entered_by or staff.pk == proposal.proposed_by_id:
        raise NotEntitled("入力・起案した職員は照合できません。権限のある別の職員が照合してください。")
    with counted(staff), number_use(APPROVE_NUMBER, purpose=PURPOSE, staff=staff):
        agrees = vault.held_agrees(entry.pk, MyNumber(number).expose().encode())
    if agrees:
        entry.confirmed_by = staff.staff_no
        entry.save(update_fields=("confirmed_by",))
    return agrees


def entry_approved(approval: Approval) -> None:
    """決裁の効力: the held number becomes the party's; an earlier one ends and stays in the history (N-012).

    Raises NotEntitled unless the approver is who confirmed the number from the paper, ContentChanged where the entry
    is not what was shown or another party has got the number meanwhile; the decision is not kept then.
    """
    entry = _locked(UUID(approval.subject_key), NumberEntryState.PROPOSED)
    approver = approval.decided_by
    if approver is None or entry.confirmed_by != approver.staff_no:
        raise NotEntitled("先に書類の番号を照合入力してください（宛名カードの「個人番号」タブ）。")
    if approval.content != content_of(entry) or entry.party.merged_into_id is not None:
        raise ContentChanged
    with number_use(APPROVE_NUMBER, purpose=PURPOSE, staff=approver):
        origin = Origin(source=SOURCE, verified_by=VERIFIED_COUNTER, acquired_on=entry.acquired_on)
        result = vault.bind_held([(entry.pk, entry.party_id)], origin=origin, replace=True).get(entry.pk)
    if result is None or result.outcome not in {"stored", "same"}:
        raise ContentChanged(NumberConflict.message_ja)
    _settle(entry, NumberEntryState.EFFECTIVE)


def entry_subjects(approval: Approval) -> list[str]:
    """Whose number the entry is."""
    entries = NumberEntry.objects.filter(pk=approval.subject_key)
    return [str(party_id) for party_id in entries.values_list("party_id", flat=True)]


def entry_stale(approval: Approval) -> str:
    """Why the proposal no longer stands: the entry or its party is not what was shown."""
    entry = NumberEntry.objects.select_related("party").filter(pk=approval.subject_key).first()
    if entry is None or approval.content != content_of(entry) or entry.party.merged_into_id is not None:
        return "起案の後に、登録の内容または宛名（名寄せ）が変わりました。"
    return ""


def entry_closed(approval: Approval) -> None:
    """差戻し・否認・取下げ: the held number is erased; the entry stays as a record without it."""
    entry = _locked(UUID(approval.subject_key), NumberEntryState.PROPOSED)
    with number_use(REGISTER_NUMBER, purpose=PURPOSE):
        _erase(entry)


def content_of(entry: NumberEntry) -> dict[str, Mapping[str, object]]:
    """What the proposal says: everything but the number."""
    after = {
        "person_no": entry.party.person_no,
        "kind": NumberEntryKind(entry.kind).label,
        "number": "書類のとおり（照合入力で確かめる）",
        "form": NumberForm(entry.form_code).label,
        "acquired_on": entry.acquired_on.isoformat(),
        "number_evidence": NumberEvidence(entry.number_evidence).label,
        "identity_evidence": IdentityEvidence(entry.identity_evidence).label,
        "agent": AgentAuthority(entry.agent_authority).label if entry.agent_authority else "本人",
        "mismatches": "、".join(Mismatch(code).label for code in entry.mismatches) or "なし",
        "reason": ReleaseReason(entry.release_reason).label if entry.release_reason else "",
    }
    before = {
        "person_no": entry.party.person_no,
        "number": "登録あり" if entry.kind == NumberEntryKind.CHANGE else "登録なし",
    }
    return {"before": before, "after": after}


LABELS = {
    "person_no": "宛名番号",
    "kind": "区分",
    "number": "個人番号",
    "form": "受け付けた書類",
    "acquired_on": "取得日",
    "number_evidence": "番号確認書類",
    "identity_evidence": "身元確認書類",
    "agent": "提出者・代理権",
    "mismatches": "登録内容との相違",
    "reason": "本人と認める理由",
}


def _propose(entry: NumberEntry, staff: Staff) -> None:
    approval = approval_propose(
        kind=KIND,
        subject_key=str(entry.pk),
        title_ja=f"個人番号の登録（{NumberEntryKind(entry.kind).label}） {entry.party.person_no}",
        content=content_of(entry),
        actor=staff,
    )
    entry.approval_id = approval.pk
    entry.save(update_fields=("approval_id",))


def _locked(entry_id: UUID, state: NumberEntryState) -> NumberEntry:
    entry = NumberEntry.objects.select_for_update(of=("self",)).select_related("party").filter(pk=entry_id).first()
    if entry is None or entry.state != state:
        raise NumberEntryClosed
    return entry


def _erase(entry: NumberEntry) -> None:
    vault.drop_held([entry.pk])
    _settle(entry, NumberEntryState.DROPPED)


def _settle(entry: NumberEntry, state: NumberEntryState) -> None:
    entry.state, entry.settled_at = state, clock.now()
    entry.save(update_fields=("state", "settled_at"))
    access_record(
        action="update",
        subjects=[str(entry.party_id)],
        record_type="number_entry",
        record_id=str(entry.pk),
        reason=state,
    )
