"""職員番号とパスワード: the first factor; the second follows on the same page before anyone is signed in."""

from typing import Any

from django.contrib.auth.backends import BaseBackend
from django.http import HttpRequest

from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.passwords import password_is_expired


class StaffBackend(BaseBackend):
    """Officer by staff number and password; unusable accounts fail exactly as wrong passwords do."""

    def authenticate(
        self, request: HttpRequest | None, staff_no: str | None = None, password: str | None = None, **_kwargs: Any
    ) -> Staff | None:
        """The officer, or None; takes the same time whether or not the number exists."""
        if staff_no is None or password is None:
            return None
        staff = Staff.objects.select_related("unit", "transfer_unit").filter(staff_no=staff_no).first()
        if staff is None:
            Staff().set_password(password)
            return None
        if not staff.check_password(password) or not staff.is_usable_on() or password_is_expired(staff):
            return None
        return staff

    def get_user(self, user_id: int) -> Staff | None:
        """The officer of a session while the account is usable; otherwise nobody."""
        staff = Staff.objects.select_related("unit", "transfer_unit").filter(pk=user_id).first()
        return staff if staff is not None and staff.is_usable_on() else None
