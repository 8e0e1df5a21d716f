"""起案と決裁: proposed by one, approved by another entitled person, effective in the same transaction (R-207)."""

import hashlib
import json
from datetime import date
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from taxsys.platform import clock
from taxsys.platform.approvals import registry
from taxsys.platform.approvals.errors import (
    AlreadyDecided,
    AlreadyProposed,
    ContentChanged,
    NotEntitled,
    OwnProposal,
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
    """起案する: store the proposal with its frozen content; raises UnknownApprovalKind, AlreadyProposed.

    `content` is JSON; its `before` and `after` dictionaries are shown as the difference.
    """
    registry.get(kind)
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
            )
    except IntegrityError as error:
        if "approval_one_open_proposal" in str(error):
            raise AlreadyProposed from error
        raise


@transaction.atomic
def approval_decide(
    approval_id: UUID | str, *, decision: str, actor: Staff, reason: str = "", seen_hash: str = ""
) -> Approval:
    """決裁する: `approve`, `send_back` or `reject`; on approval the kind's handler runs in this same transaction.

    `seen_hash` is the content hash the approver's screen showed; another content is refused. Raises OwnProposal,
    NotEntitled, AlreadyDecided, ReasonMissing, ContentChanged, or whatever the handler raises (nothing is kept then).
    """
    state = DECISIONS[decision]
    approval = Approval.objects.select_for_update().get(pk=approval_id)
    entry = registry.get(approval.kind)
    if approval.state != Approval.State.PROPOSED:
        raise AlreadyDecided
    if approval.proposed_by.person_key == actor.person_key:
        raise OwnProposal
    permission_forget(actor)
    if not has_permission(actor, entry.permission):
        raise NotEntitled
    if state != Approval.State.APPROVED and not reason.strip():
        raise ReasonMissing
    stored = content_hash(approval.content)
    if stored != approval.content_hash or (seen_hash and seen_hash != stored):
        raise ContentChanged
    approval.state = state
    approval.decided_by = actor
    approval.decided_at = clock.now()
    approval.reason = reason.strip()
    approval.save(update_fields=("state", "decided_by", "decided_at", "reason"))
    if state == Approval.State.APPROVED:
        entry.on_approved(approval)
    elif entry.on_sent_back is not None:
        entry.on_sent_back(approval)
    return approval


@transaction.atomic
def approval_withdraw(approval_id: UUID | str, *, actor: Staff) -> Approval:
    """取下げる: the proposer takes an open proposal back; raises AlreadyDecided, NotEntitled."""
    approval = Approval.objects.select_for_update().get(pk=approval_id)
    if approval.state != Approval.State.PROPOSED:
        raise AlreadyDecided
    if approval.proposed_by_id != actor.pk:
        raise NotEntitled("起案した本人だけが取り下げられます。")
    approval.state = Approval.State.WITHDRAWN
    approval.decided_by = actor
    approval.decided_at = clock.now()
    approval.save(update_fields=("state", "decided_by", "decided_at"))
    entry = registry.get(approval.kind)
    if entry.on_withdrawn is not None:
        entry.on_withdrawn(approval)
    return approval
