"""People of the tests: officers with just the rights a test wants, signed in on a registered terminal.

Other desks' tests use `officer(...)` and `sign_in(client, staff)`; no password or code is involved.
"""

import uuid
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.test import Client

from taxsys.platform import clock
from taxsys.platform.audit.context import AccessContext
from taxsys.platform.sittings.models import Sitting
from taxsys.platform.staff.catalogue import Permission
from taxsys.platform.staff.models import Grant, Room, Staff, Terminal, Unit

FROM_ON = date(2020, 4, 1)
# The people of the tests have long been told and trained; tests about these duties set days of their own.
PLEDGED_ON = date(2090, 4, 1)


def officer(
    staff_no: str = "5001", *, permissions: Iterable[Permission | str] = (), unit_name: str = "市民税課", **fields: Any
) -> Staff:
    """An officer of the unit who holds these permissions there; the same number twice is the same officer."""
    unit = Unit.objects.get(name=unit_name)
    staff = Staff.objects.filter(staff_no=staff_no).first()
    if staff is None:
        pledges = {"acknowledged_on": PLEDGED_ON, "trained_on": PLEDGED_ON}
        values = {"name": f"職員{staff_no}", "valid_from": FROM_ON, **pledges, **fields}
        if values.get("kind") == Staff.Kind.CONTRACTOR:
            values.setdefault("contract", Staff.Contract.OPERATION)
        staff = Staff.objects.create(staff_no=staff_no, unit=unit, **values)
    for permission in permissions:
        Grant.objects.get_or_create(staff=staff, unit=unit, permission_code=str(permission), from_on=FROM_ON)
    return staff


def terminal(address: str = "127.0.0.1", unit_name: str = "市民税課") -> Terminal:
    """The registered terminal of the test client."""
    found = Terminal.objects.filter(address=address).first()
    return found or Terminal.objects.create(
        code=f"T{Terminal.objects.count() + 1:04d}",
        name="試験端末",
        unit=Unit.objects.get(name=unit_name),
        address=address,
        rooms=Room.values,
    )


def sitting_at_a_desk_of_its_own(staff: Staff) -> Sitting:
    """A live sitting that stands in nobody's way: most tests let several people work on one terminal's address."""
    apart = uuid.uuid4().hex[:16]
    return Sitting.objects.create(staff=staff, person_key=f"{staff.person_key}#{apart}", terminal_code=apart)


def sign_in(client: Client, staff: Staff, *, step_up: bool = True) -> Client:
    """Sign the officer in with this client, with a fresh step-up confirmation unless told otherwise."""
    client.force_login(staff, backend="taxsys.platform.staff.backends.StaffBackend")
    session = client.session
    at = int(clock.now().timestamp())
    sitting = sitting_at_a_desk_of_its_own(staff)
    session.update({"signed_in_at": at, "seen_at": at, "terminal": terminal().code, "sitting": str(sitting.pk)})
    if step_up:
        session["step_up_at"] = at
    session.save()
    return client


def staff_context(staff: Staff, **fields: Any) -> AccessContext:
    """The access context of an officer for service calls outside a request."""
    values = {"terminal": "T0001", "unit_code": staff.unit_on().code, **fields}
    return AccessContext(actor_kind="staff", actor_id=staff.staff_no, **values)
