"""証明発行停止の設定と解除 (issue holds by a desk). F-CT-012."""

from uuid import UUID

from django.db import transaction

from certificates.errors import HoldRefused, ReasonMissing
from certificates.models import IssueHold
from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.services import access_record


@transaction.atomic
def hold_set(party_id: UUID, *, reason_ja: str) -> IssueHold:
    """Stop certificates about a party from now on. Raises ReasonMissing."""
    if not reason_ja.strip():
        raise ReasonMissing
    actor = context.current()
    hold = IssueHold.objects.create(
        party_id=party_id,
        reason_ja=reason_ja.strip(),
        held_on=clock.today(),
        held_by=actor.actor_id,
        held_unit_code=actor.unit_code,
    )
    _record(hold, "hold")
    return hold


@transaction.atomic
def hold_lift(hold_id: int, *, reason_ja: str) -> IssueHold:
    """Lift a hold; the row stays and says who lifted it and why. Raises ReasonMissing, HoldRefused."""
    if not reason_ja.strip():
        raise ReasonMissing
    hold = IssueHold.objects.select_for_update().get(pk=hold_id)
    if hold.lifted_on is not None:
        raise HoldRefused("この発行停止はすでに解除されています。")
    hold.lifted_on, hold.lifted_by = clock.today(), context.current().actor_id
    hold.lift_reason_ja = reason_ja.strip()
    hold.save(update_fields=["lifted_on", "lifted_by", "lift_reason_ja"])
    _record(hold, "lift")
    return hold


def _record(hold: IssueHold, reason: str) -> None:
    access_record(
        action="update",
        subjects=[str(hold.party_id)],
        record_type="certificate.hold",
        record_id=str(hold.pk),
        reason=reason,
    )
