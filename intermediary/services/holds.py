"""自動応答不可の設定と解除 (holds on automatic replies): set by one officer, lifted only by a second (N-063, N-064)."""

from datetime import date
from uuid import UUID

from django.db import transaction

from addressbook.selectors.protections import hidden_parties
from intermediary.errors import HoldRefused
from intermediary.models import ReplyHold
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record


@transaction.atomic
def hold_set(party_id: UUID, *, reason: str, on: date, set_by: str, is_nondisclosed: bool = True) -> ReplyHold:
    """Hold automatic answers about a person; the same reason again is the same hold."""
    hold = ReplyHold.objects.filter(party_id=party_id, reason=reason, lifted_on__isnull=True).first()
    if hold is None:
        hold = ReplyHold.objects.create(
            party_id=party_id, reason=reason, from_on=on, set_by=set_by, is_nondisclosed=is_nondisclosed,
            recorded_at=clock.now(),
        )  # fmt: skip
        access_record(action="create", subjects=[str(party_id)], record_type="reply_hold", record_id=str(hold.pk))
    return hold


@transaction.atomic
def hold_lift(hold_id: int, *, on: date, proposed_by: str, approved_by: str, reason_ja: str) -> ReplyHold:
    """Lift a hold; the next batch tells it. Raises HoldRefused: same person, no reason, still protected."""
    hold = ReplyHold.objects.select_for_update().get(pk=hold_id)
    if hold.lifted_on is not None:
        return hold
    if proposed_by == approved_by or not approved_by:
        raise HoldRefused("起案した本人は解除を決裁できません。別の職員が決裁してください。")
    if not reason_ja.strip():
        raise HoldRefused("解除の理由がありません。理由を入力してください。")
    if hold.reason == ReplyHold.Reason.PROTECTION and hold.party_id in hidden_parties(on=on):
        raise HoldRefused("支援措置が続いているため解除できません。支援措置の終了を確認してから解除してください。")
    hold.lifted_on, hold.lift_proposed_by, hold.lifted_by = on, proposed_by, approved_by
    hold.lift_reason = reason_ja.strip()[:200]
    hold.save(update_fields=["lifted_on", "lift_proposed_by", "lifted_by", "lift_reason"])
    access_record(action="update", subjects=[str(hold.party_id)], record_type="reply_hold", record_id=str(hold.pk))
    return hold
