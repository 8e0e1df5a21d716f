"""緊急時の権限: half an hour, with a reason, a second person told, everything on record, reviewed afterwards.

There is no permanent superuser. What the half hour adds are the rights to look and to work, never those of a second
person, of My Numbers, of rights or of the log; the step-up of each act stays.
"""

from uuid import UUID

from django.db import IntegrityError, transaction

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.emergency.errors import (
    NobodyToTell,
    NotAllowed,
    NotOver,
    ReasonMissing,
    SamePerson,
    Unreviewed,
)
from taxsys.platform.emergency.models import LIFE, EmergencyUse
from taxsys.platform.emergency.permissions import REVIEW, USE
from taxsys.platform.staff.access import has_permission, permission_forget
from taxsys.platform.staff.models import Grant, Staff, open_period

SHORTEST_REASON = 10


def reviewers_for(staff: Staff) -> list[Staff]:
    """The people who may review a use of this officer: another human with the right in force today."""
    held = Grant.objects.filter(open_period(clock.today()), permission_code=str(REVIEW)).values("staff_id")
    people = Staff.objects.filter(pk__in=held).select_related("unit", "transfer_unit").order_by("staff_no")
    return [one for one in people if one.person_key != staff.person_key and has_permission(one, REVIEW)]


def _text(reason: str) -> str:
    reason = reason.strip()
    if len(reason) < SHORTEST_REASON:
        raise ReasonMissing
    return reason


@transaction.atomic
def emergency_begin(*, actor: Staff, reason: str, terminal_code: str) -> EmergencyUse:
    """緊急時の権限を使い始める. Raises NotAllowed, ReasonMissing, NobodyToTell, Unreviewed. Needs an access context."""
    staff = Staff.objects.select_for_update(of=("self",)).select_related("unit", "transfer_unit").get(pk=actor.pk)
    if staff.contract or not has_permission(staff, USE):
        raise NotAllowed
    reason = _text(reason)
    told = reviewers_for(staff)
    if not told:
        raise NobodyToTell
    at = clock.now()
    use = EmergencyUse(
        staff=staff,
        person_key=staff.person_key,
        terminal_code=terminal_code,
        reason=reason,
        begun_at=at,
        ends_at=at + LIFE,
        told=[one.staff_no for one in told],
    )
    try:
        with transaction.atomic():
            use.save(force_insert=True)
    except IntegrityError as error:
        if "emergency_one_unreviewed" in str(error):
            raise Unreviewed from error
        raise
    _until(staff, actor, use)
    access_record(action="create", record_type="emergency", record_id=str(use.pk), reason="begun")
    return use


def _until(staff: Staff, actor: Staff, use: EmergencyUse) -> None:
    staff.emergency_until = use.ends_at
    staff.save(update_fields=("emergency_until",))
    actor.emergency_until = use.ends_at
    permission_forget(actor)


@transaction.atomic
def emergency_end(*, actor: Staff) -> None:
    """緊急時の権限を終える before the half hour is over; nothing happens where none is in use."""
    use = EmergencyUse.objects.select_for_update().filter(staff=actor, ends_at__gt=clock.now()).first()
    if use is None:
        return
    use.ends_at = max(clock.now(), use.begun_at)
    use.save(update_fields=("ends_at",))
    _until(Staff.objects.get(pk=actor.pk), actor, use)
    access_record(action="update", record_type="emergency", record_id=str(use.pk), reason="ended")


@transaction.atomic
def emergency_review(use_id: UUID | str, *, actor: Staff, remark: str) -> EmergencyUse:
    """使用を点検する, by another person, when it is over. Raises NotAllowed, SamePerson, NotOver, ReasonMissing."""
    use = EmergencyUse.objects.select_for_update().get(pk=use_id)
    permission_forget(actor)
    if not has_permission(actor, REVIEW):
        raise NotAllowed
    if actor.person_key == use.person_key:
        raise SamePerson
    if use.is_running or use.reviewed_at is not None:
        raise NotOver
    use.remark = _text(remark)
    use.reviewed_by, use.reviewed_person, use.reviewed_at = actor, actor.person_key, clock.now()
    use.save(update_fields=("remark", "reviewed_by", "reviewed_person", "reviewed_at"))
    access_record(action="update", record_type="emergency", record_id=str(use.pk), reason="reviewed")
    return use
