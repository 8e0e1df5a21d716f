"""処分停止: anyone entitled may stop the erasure of a party's records; lifting it takes a second person (N-078)."""

from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from taxsys.platform import clock
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.services import approval_propose
from taxsys.platform.audit.services import access_record
from taxsys.platform.retention.errors import StopClosed, StopStands
from taxsys.platform.retention.models import StopOrder
from taxsys.platform.staff.models import Staff

KIND = "retention.lift_stop"
LABELS = {
    "stop": "処分停止の番号",
    "reason": "停止の理由",
    "reference": "文書番号",
    "from_on": "停止日",
    "why": "解除の理由",
}


@transaction.atomic
def stop_place(*, party_id: UUID, reason: str, reference: str, actor: Staff) -> StopOrder:
    """停止する. Raises StopStands where the same reason and document stand already."""
    open_ones = StopOrder.objects.filter(party_id=party_id, reason=reason, reference=reference, lifted_on__isnull=True)
    if open_ones.exists():
        raise StopStands
    placed = StopOrder.objects.create(
        party_id=party_id, reason=reason, reference=reference, from_on=clock.today(), placed_by=actor.staff_no
    )
    access_record(action="create", subjects=[str(party_id)], record_type="stop_order", record_id=str(placed.pk))
    return placed


@transaction.atomic
def lift_propose(stop_id: int, *, why: str, actor: Staff) -> Approval:
    """解除を起案する. Raises StopClosed."""
    stop = StopOrder.objects.select_for_update().get(pk=stop_id)
    if stop.lifted_on is not None:
        raise StopClosed
    access_record(action="update", subjects=[str(stop.party_id)], record_type="stop_order", record_id=str(stop.pk))
    return approval_propose(
        kind=KIND,
        subject_key=f"stop:{stop.pk}",
        title_ja=f"処分停止の解除：{stop.get_reason_display()} {stop.reference}",
        content={
            "stop": stop.pk,
            "reason": stop.get_reason_display(),
            "reference": stop.reference,
            "from_on": stop.from_on.isoformat(),
            "why": why,
        },
        actor=actor,
    )


def lift_stale(approval: Any) -> str:
    """Why the proposal no longer stands: the stop was lifted."""
    lifted = StopOrder.objects.filter(pk=approval.content["stop"], lifted_on__isnull=True).exists()
    return "" if lifted else "処分停止がすでに解除されています。"


def lift_approved(approval: Any) -> None:
    """解除の決裁."""
    stop = StopOrder.objects.select_for_update().get(pk=approval.content["stop"])
    if stop.lifted_on is not None:
        raise StopClosed
    stop.lifted_on = clock.today()
    stop.lift_approval_id = approval.pk
    stop.save(update_fields=("lifted_on", "lift_approval_id"))


def open_stops(party_id: UUID, *, on: date | None = None) -> list[StopOrder]:
    """The stops that stand for a party."""
    return list(StopOrder.objects.filter(party_id=party_id, lifted_on__isnull=True))
