"""コマンドでの本人の確認: an officer who acts on the command line, proved by password as at the sign-in."""

import getpass
import sys

from taxsys.platform import clock
from taxsys.platform.staff.models import Staff


def staff_at_console(staff_no: str, *, password_from_stdin: bool = False) -> Staff | None:
    """The officer, or None — a wrong number, a wrong password and an account out of use alike."""
    asked = f"{staff_no} のパスワード: "
    password = sys.stdin.readline().rstrip("\n") if password_from_stdin else getpass.getpass(asked)
    staff = Staff.objects.filter(staff_no=staff_no).first()
    if staff is None or not staff.is_usable_on(clock.today()) or not staff.check_password(password):
        return None
    return staff
