"""鍵の登録の許し: after two people agreed an officer may enrol one key, once, within half an hour."""

from datetime import timedelta

from django.db import transaction

from taxsys.platform import clock
from taxsys.platform.staff.models import KeyEnrolment, SecurityKey, Staff

ENROLMENT_LIFE = timedelta(minutes=30)


@transaction.atomic
def enrolment_open(
    staff: Staff, *, purpose: str, opened_by: Staff | None = None, approved_by: Staff | None = None
) -> KeyEnrolment:
    """登録を許す; an earlier unused permission of the officer ends."""
    KeyEnrolment.objects.filter(staff=staff, used_at__isnull=True).update(expires_at=clock.now())
    return KeyEnrolment.objects.create(
        staff=staff,
        purpose=KeyEnrolment.Purpose(purpose),
        opened_by=opened_by,
        approved_by=approved_by,
        expires_at=clock.now() + ENROLMENT_LIFE,
    )


def enrolment_of(staff: Staff) -> KeyEnrolment | None:
    """The permission in force, or None."""
    return KeyEnrolment.objects.filter(staff=staff, used_at__isnull=True, expires_at__gt=clock.now()).first()


@transaction.atomic
def enrolment_use(enrolment: KeyEnrolment, key: SecurityKey) -> SecurityKey:
    """鍵を登録する: the permission is used up; a recovery ends every other key of the officer."""
    enrolment = KeyEnrolment.objects.select_for_update().get(pk=enrolment.pk)
    if enrolment.used_at is not None:
        raise KeyEnrolment.DoesNotExist
    at = clock.now()
    if enrolment.purpose == KeyEnrolment.Purpose.RECOVERY:
        SecurityKey.objects.filter(staff=enrolment.staff, revoked_at__isnull=True).update(revoked_at=at)
    key.enrolment = enrolment
    key.save(force_insert=True)
    enrolment.used_at = at
    enrolment.save(update_fields=("used_at",))
    return key
