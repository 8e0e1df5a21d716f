"""REST の門: neighbouring systems sign each call with their key; no session, no cookie."""

import hashlib
from typing import TYPE_CHECKING, Any

from rest_framework.authentication import BaseAuthentication, get_authorization_header
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request

from taxsys.platform.audit import context
from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.catalogue import Permission
from taxsys.platform.staff.models import ApiClient

if TYPE_CHECKING:
    from rest_framework.views import APIView


def key_hash(key: str) -> str:
    """SHA-256 of an API key in hex; the keys are 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(key.encode()).hexdigest()


class ApiClientAuthentication(BaseAuthentication):
    """`Authorization: Bearer <key>`; the access context of the call becomes the client's."""

    keyword = b"bearer"

    def authenticate(self, request: Request) -> tuple[ApiClient, str] | None:
        """The client of the key; None without the header, AuthenticationFailed for a wrong or expired key."""
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != self.keyword:
            return None
        if len(parts) != 2:
            raise AuthenticationFailed
        try:
            key = parts[1].decode("ascii")
        except UnicodeDecodeError:
            raise AuthenticationFailed from None
        client = ApiClient.objects.filter(key_hash=key_hash(key)).first()
        if client is None or not client.is_usable_on():
            raise AuthenticationFailed
        permission = getattr(request.parser_context.get("view") if request.parser_context else None, "permission", None)
        http_request = request._request
        context.become(
            context.AccessContext(
                actor_kind="client",
                actor_id=client.system,
                function_id=permission.code if isinstance(permission, Permission) else "",
                legal_base=permission.legal_base if isinstance(permission, Permission) else "",
                request_id=getattr(http_request, "request_id", ""),
                address=getattr(http_request, "client_address", ""),
            )
        )
        return client, client.system

    def authenticate_header(self, request: Request) -> str:
        """The challenge that makes a missing key a 401, not a 403."""
        return 'Bearer realm="taxsys"'


class DeclaredPermission(BasePermission):
    """Deny by default: the view must declare `permission` (or `permissions` by action) and the client must hold it."""

    def has_permission(self, request: Request, view: "APIView") -> bool:
        """Whether the caller may use this view."""
        if getattr(view, "is_public", False):
            return True
        permission: Any = getattr(view, "permission", None)
        by_action = getattr(view, "permissions", None)
        if by_action is not None:
            permission = by_action.get(getattr(view, "action", None))
        if not isinstance(permission, Permission) or not isinstance(request.user, ApiClient):
            return False
        return has_permission(request.user, permission)
