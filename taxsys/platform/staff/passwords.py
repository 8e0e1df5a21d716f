"""パスワードの規則: no reuse, an expiry that disables the account, a change by its owner (R-220, R-221, N-073).

Days count from the real day, not from the business date of a demonstration: a password ages with the clock.
"""

from datetime import date, timedelta
from typing import Any

from django.conf import settings
from django.contrib.auth.hashers import check_password
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from taxsys.platform import clock
from taxsys.platform.staff.models import PasswordHistory, Staff

REENABLED_DAYS = 3  # after re-enabling, the owner has this long to choose a new password


def real_today() -> date:
    """The real day in Japan."""
    return timezone.localdate(clock.now())


def password_expires_on(staff: Staff) -> date:
    """The first day on which the password is no longer taken; a re-enabled account has a few days to change it."""
    changed_on = timezone.localdate(staff.password_changed_at) if staff.password_changed_at else staff.valid_from
    expires_on = changed_on + timedelta(days=settings.TAXSYS_PASSWORD_DAYS)
    if staff.reenabled_on is not None:
        return max(expires_on, staff.reenabled_on + timedelta(days=REENABLED_DAYS))
    return expires_on


def password_is_expired(staff: Staff, on: date | None = None) -> bool:
    """Whether the password's time is over on the day."""
    return (on or real_today()) >= password_expires_on(staff)


def password_warning_ja(staff: Staff) -> str:
    """The words of the warning in the last days before the expiry; "" before them."""
    left = (password_expires_on(staff) - real_today()).days
    if left > settings.TAXSYS_PASSWORD_WARNING_DAYS:
        return ""
    return f"パスワードの期限まであと{left}日です。期限までに変更しないと、職員番号が使えなくなります。"


class HistoryValidator:
    """Password validator of AUTH_PASSWORD_VALIDATORS: not the one in use, nor one of the last `remembered`."""

    def __init__(self, remembered: int = 5) -> None:
        self.remembered = remembered

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError for a password used before."""
        if not isinstance(user, Staff) or user.pk is None:
            return
        kept = PasswordHistory.objects.filter(staff=user).order_by("-set_at", "-pk")
        used = [user.password, *kept.values_list("password_hash", flat=True)[: self.remembered]]
        if any(encoded and check_password(password, encoded) for encoded in used):
            raise ValidationError(self.get_help_text(), code="password_reused")

    def get_help_text(self) -> str:
        """The rule in words."""
        return f"今のパスワードと、最近{self.remembered}回に使ったパスワードは使えません。"


@transaction.atomic
def password_change(staff: Staff, *, new: str) -> Staff:
    """パスワードを変える: raises ValidationError (Django's) where a rule is broken; the old one is remembered."""
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    validate_password(new, staff)
    PasswordHistory.objects.create(staff=staff, password_hash=staff.password)
    staff.set_password(new)
    staff.must_change_password = False
    staff.save(update_fields=("password", "password_changed_at", "must_change_password"))
    kept = PasswordHistory.objects.filter(staff=staff).order_by("-set_at", "-pk").values_list("pk", flat=True)
    PasswordHistory.objects.filter(staff=staff).exclude(pk__in=list(kept[: settings.TAXSYS_PASSWORDS_KEPT])).delete()
    return staff


def staff_with_expired_password(on: date) -> QuerySet[Staff]:
    """Active accounts that may have an expired password on the day (the re-enabled ones are looked at singly)."""
    limit = on - timedelta(days=settings.TAXSYS_PASSWORD_DAYS)
    return Staff.objects.filter(
        Q(password_changed_at__date__lte=limit) | Q(password_changed_at__isnull=True, valid_from__lte=limit),
        is_active=True,
    )


@transaction.atomic
def staff_disable_expired(staff_ids: list[int], *, on: date) -> list[Staff]:
    """失効: disable the accounts whose password's time is over on the day; returns those disabled now (R-221)."""
    rows = Staff.objects.select_for_update().filter(pk__in=staff_ids, is_active=True).order_by("pk")
    disabled = [staff for staff in rows if password_is_expired(staff, on)]
    for staff in disabled:
        staff.is_active = False
        staff.suspended_reason = Staff.Suspension.PASSWORD_EXPIRED
        staff.save(update_fields=("is_active", "suspended_reason"))
    return disabled


@transaction.atomic
def staff_reenable(staff: Staff, *, on: date) -> Staff:
    """再開: the account may be used again; the owner must choose a new password within three days."""
    staff = Staff.objects.select_for_update().get(pk=staff.pk)
    staff.is_active = True
    staff.suspended_reason = ""
    staff.reenabled_on = on
    staff.must_change_password = True
    staff.save(update_fields=("is_active", "suspended_reason", "reenabled_on", "must_change_password"))
    return staff
