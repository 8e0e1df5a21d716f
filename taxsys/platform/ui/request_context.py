"""要求からアクセス文脈へ: who a request comes from, in the words of the access log."""

from django.http import HttpRequest

from taxsys.platform.audit.context import AccessContext
from taxsys.platform.staff.access import EMERGENCY_PURPOSE
from taxsys.platform.staff.catalogue import Permission
from taxsys.platform.staff.models import Staff


def access_context_of(
    request: HttpRequest, permission: Permission | None, *, staff: Staff | None = None, terminal: str = ""
) -> AccessContext:
    """The access context of a page request; a request of nobody acts as `system:anonymous`.

    `staff` and `terminal` name an officer who is about to be signed in.
    """
    user = staff or getattr(request, "user", None)
    function_id = permission.code if permission else ""
    legal_base = permission.legal_base if permission else ""
    request_id = getattr(request, "request_id", "")
    address = getattr(request, "client_address", "")
    if not isinstance(user, Staff):
        return AccessContext(
            actor_kind="system",
            actor_id="anonymous",
            function_id=function_id,
            legal_base=legal_base,
            request_id=request_id,
            address=address,
        )
    return AccessContext(
        actor_kind="staff",
        actor_id=user.staff_no,
        unit_code=user.unit_on().code,
        terminal=terminal or request.session.get("terminal", ""),
        function_id=function_id,
        legal_base=legal_base,
        purpose=EMERGENCY_PURPOSE if user.is_in_emergency else "",
        request_id=request_id,
        address=address,
    )
