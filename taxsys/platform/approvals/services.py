"""起案と決裁: proposed by one, approved by another entitled person, effective in the same transaction (R-207)."""

import hashlib
import json
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.authority import authority_get
from taxsys.platform.approvals.errors import (
    AlreadyDecided,
    AlreadyProposed,
    ContentChanged,
    NotEntitled,
    ProposalVoid,
    ReasonMissing,
)
from taxsys.platform.approvals.models import Approval
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import Staff

DECISIONS = {
    "approve": Approval.State.APPROVED,
    "send_back": Approval.State.SENT_BACK,
    "reject": Approval.State.REJECTED,
}

# States after which a proposal for the same subject is the next version of this one.
REWORKED = frozenset({Approval.State.SENT_BACK, Approval.State.VOID})


def content_hash(content: dict[str, Any]) -> str:
    """SHA-256 (hex) of the canonical JSON of a content: sorted keys, no spaces, UTF-8; raises for floats and dates."""

    def refuse_floats(value: Any) -> None:
        if isinstance(value, float):
            raise TypeError("the content of a proposal holds no floats")
        if isinstance(value, dict):
            for inner in value.values():
                refuse_floats(inner)
        elif isinstance(value, list | tuple):
            for inner in value:
                refuse_floats(inner)

    refuse_floats(content)
    text = json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


def approval_propose(
    *, kind: str, subject_key: str, title_ja: str, content: dict[str, Any], actor: Staff, due_on: date | None = None
) -> Approval:
    """起案する: store the proposal with its frozen content; raises UnknownApprovalKind, NotEntitled, AlreadyProposed.

    `content` is JSON; its `before` and `after` dictionaries are shown as the difference. After a send-back (or where an
    earlier one became void) the proposal for the same subject is its next version.
    """
    entry = registry.get(kind)
    if entry.proposes and not has_permission(actor, entry.proposes):
        raise NotEntitled("この種類の案件を起案する権限がありません。")
    latest = Approval.objects.filter(kind=kind, subject_key=subject_key).order_by("-proposed_at", "-version").first()
    previous = latest if latest is not None and latest.state in REWORKED else None
    try:
        with transaction.atomic():
            return Approval.objects.create(
                kind=kind,
                subject_key=subject_key,
                title_ja=title_ja,
                content=content,
                content_hash=content_hash(content),
                proposed_by=actor,
                proposed_unit_code=actor.unit_on().code,
                due_on=due_on,
                previous=previous,
                version=previous.version + 1 if previous else 1,
            )
    except IntegrityError as error:
        if "approval_one_open_proposal" in str(error) or "previous_id" in str(error):
            raise AlreadyProposed from error
        raise


def approval_decide(
    approval_id: UUID | str, *, decision: str, actor: Staff, reason: str = "", seen_hash: str = ""
) -> Approval:
    """決裁する: `approve`, `send_back` or `reject`; on approval the kind's handler runs in this same transaction.

    `seen_hash` is the content hash the approver's screen showed; nothing else is approved. The officer acts in the own
    name or as deputy (代決). Raises OwnProposal, NotEntitled, AlreadyDecided, ReasonMissing, ContentChanged, or
    whatever the handler raises (nothing is kept then); ProposalVoid where the proposal no longer stands: it is closed
    as void.
    """
    try:
        with transaction.atomic():
            return _decided(approval_id, decision=decision, actor=actor, reason=reason.strip(), seen_hash=seen_hash)
    except ProposalVoid as error:
        with transaction.atomic():
            _voided(approval_id, actor=actor, reason=error.message_ja)
        raise


def _decided(approval_id: UUID | str, *, decision: str, actor: Staff, reason: str, seen_hash: str) -> Approval:
    state = DECISIONS[decision]
    approval = _locked(approval_id)
    permission_forget(actor)
    authority = authority_get(actor, approval)
    if state != Approval.State.APPROVED and not reason:
        raise ReasonMissing
    stored = content_hash(approval.content)
    if stored != approval.content_hash or (seen_hash != stored and (seen_hash or state == Approval.State.APPROVED)):
        raise ContentChanged
    entry = registry.get(approval.kind)
    if state == Approval.State.APPROVED and (why := void_reason(approval)):
        raise ProposalVoid(why)
    approval.decided_for = authority.principal
    _close(approval, state, actor=actor, reason=reason)
    if state == Approval.State.APPROVED:
        try:
            entry.on_approved(approval)
        except ContentChanged as error:
            raise ProposalVoid(f"{error.message_ja}この案件は失効しました。") from error
    elif entry.on_sent_back is not None:
        entry.on_sent_back(approval)
    return approval


def void_reason(approval: Approval) -> str:
    """失効の理由: why an open proposal no longer stands, "" while it does.

    The proposer must still belong to the unit, and hold the right, from which the proposal was made (R-207, R-227).
    """
    entry = registry.get(approval.kind)
    proposer = approval.proposed_by
    permission_forget(proposer)
    if not proposer.is_usable_on() or proposer.unit_on().code != approval.proposed_unit_code:
        return "起案者が異動・退職したため、この案件は失効しました。今の担当者が起案し直してください。"
    if entry.proposes and not has_permission(proposer, entry.proposes):
        return "起案者の権限が終わったため、この案件は失効しました。権限のある職員が起案し直してください。"
    if entry.stale is not None and (why := entry.stale(approval)):
        return f"{why}この案件は失効しました。"
    return ""


def _voided(approval_id: UUID | str, *, actor: Staff, reason: str) -> None:
    approval = _locked(approval_id)
    _close(approval, Approval.State.VOID, actor=actor, reason=reason)
    undo = registry.get(approval.kind).on_sent_back
    if undo is not None:
        undo(approval)


def _locked(approval_id: UUID | str) -> Approval:
    approval = Approval.objects.select_for_update().get(pk=approval_id)
    if approval.state != Approval.State.PROPOSED:
        at = clock.local(approval.decided_at) if approval.decided_at else None
        when = f"{at:%m月%d日 %H:%M}に" if at else ""
        raise AlreadyDecided(
            f"この案件は、{when}{approval.decider_ja}が「{approval.get_state_display()}」にしています。"
            "一覧で結果を確かめてください。"
        )
    return approval


def _close(approval: Approval, state: str, *, actor: Staff, reason: str) -> None:
    approval.state = state
    approval.decided_by = actor
    approval.decided_at = clock.now()
    approval.reason = reason[:500]
    approval.save(update_fields=("state", "decided_by", "decided_for", "decided_at", "reason"))


@transaction.atomic
def approval_withdraw(approval_id: UUID | str, *, actor: Staff) -> Approval:
    """取下げる: the proposer takes an open proposal back; raises AlreadyDecided, NotEntitled."""
    approval = _locked(approval_id)
    if approval.proposed_by_id != actor.pk:
        raise NotEntitled("起案した本人だけが取り下げられます。")
    _close(approval, Approval.State.WITHDRAWN, actor=actor, reason="")
    entry = registry.get(approval.kind)
    if entry.on_withdrawn is not None:
        entry.on_withdrawn(approval)
    return approval
