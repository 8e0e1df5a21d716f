"""守秘義務の確認と研修: yearly; without the one no sign-in, without the other no number functions (R-228, N-110)."""

from datetime import date, timedelta

from django.conf import settings
from django.db import transaction

from taxsys.platform import clock
from taxsys.platform.staff.models import Staff


def _year_later(day: date) -> date:
    try:
        return day.replace(year=day.year + 1)
    except ValueError:  # 29 February
        return date(day.year + 1, 3, 1)


def acknowledgement_due_on(staff: Staff) -> date:
    """The day from which the duty of secrecy wants to be acknowledged again (a newcomer: the first day)."""
    return _year_later(staff.acknowledged_on) if staff.acknowledged_on else staff.valid_from


def acknowledgement_ends_on(staff: Staff) -> date:
    """The first day without sign-in: the grace is over."""
    return acknowledgement_due_on(staff) + timedelta(days=settings.TAXSYS_ACKNOWLEDGEMENT_GRACE_DAYS)


def acknowledgement_is_due(staff: Staff, on: date | None = None) -> bool:
    """Whether the officer should acknowledge now."""
    return (on or clock.today()) >= acknowledgement_due_on(staff)


def acknowledgement_is_over(staff: Staff, on: date | None = None) -> bool:
    """Whether the grace has passed without an acknowledgement: no sign-in (R-228)."""
    return (on or clock.today()) >= acknowledgement_ends_on(staff)


def training_ends_on(staff: Staff) -> date:
    """The first day without number functions: twelve months after the training (never trained: always)."""
    return _year_later(staff.trained_on) if staff.trained_on else date.min


def is_trained(staff: Staff, on: date | None = None) -> bool:
    """Whether the officer's training is less than a year old on the day (N-110)."""
    return (on or clock.today()) < training_ends_on(staff)


@transaction.atomic
def acknowledge(staff: Staff, *, on: date | None = None) -> Staff:
    """守秘義務を確認する: the date is kept in the account and in the change log."""
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    staff.acknowledged_on = on or clock.today()
    staff.save(update_fields=("acknowledged_on",))
    return staff


@transaction.atomic
def training_note(staff: Staff, *, on: date) -> Staff:
    """研修の受講日を記録する; an earlier day than the one known changes nothing."""
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    if staff.trained_on is None or staff.trained_on < on:
        staff.trained_on = on
        staff.save(update_fields=("trained_on",))
    return staff
