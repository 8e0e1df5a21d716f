"""要求の枠: request id, time limits of a sitting, the door of every page, and the access context."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import declared_permission, is_public, is_rest
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.terminals import client_address, terminal_of
from taxsys.platform.ui.refusal_pages import refusal_response
from taxsys.platform.ui.request_context import access_context_of

GetResponse = Callable[[HttpRequest], HttpResponseBase]
ABSOLUTE_SECONDS = 12 * 60 * 60
SEEN_EVERY_SECONDS = 30


class RequestMiddleware:
    """Gives every request an id and an address, and an audit scope that ends with it."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer inside a fresh audit scope; personal pages are never stored by a cache."""
        request.request_id = uuid.uuid4().hex  # type: ignore[attr-defined]
        request.client_address = client_address(request)  # type: ignore[attr-defined]
        with context.scope():
            response = self.get_response(request)
        response["X-Request-Id"] = request.request_id  # type: ignore[attr-defined]
        if not request.path.startswith("/static/") and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response


class SessionLifeMiddleware:
    """Idle lock (10 minutes) and absolute end (12 hours) of a sitting; a sitting is bound to its terminal."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """End an expired sitting, note that this one was used, then go on."""
        if isinstance(request.user, Staff):
            at = int(clock.now().timestamp())
            session = request.session
            idle = at - session.get("seen_at", 0) > settings.TAXSYS_IDLE_LOCK_SECONDS
            too_long = at - session.get("signed_in_at", 0) > ABSOLUTE_SECONDS
            if idle or too_long:
                logout(request)
                if not self._is_sign_in(request):
                    return refusal_response(request, Refused("R401-IDLE", reason="idle" if idle else "absolute"))
            elif not request.headers.get("X-Taxsys-Background") and at - session["seen_at"] >= SEEN_EVERY_SECONDS:
                session["seen_at"] = at
        return self.get_response(request)

    @staticmethod
    def _is_sign_in(request: HttpRequest) -> bool:
        return bool(re.fullmatch(r"/sign-(in|out)", request.path))


class AccessContextMiddleware:
    """Denies what is not declared, sets who acts with which function, and turns refusals into their page."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Just go on; the work is in the hooks."""
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, callback: Any, _args: tuple[Any, ...], _kwargs: dict[str, Any]
    ) -> HttpResponse | None:
        """Before the view: terminal, declaration, access context."""
        if is_rest(callback) or is_public(callback):
            if isinstance(request.user, Staff):
                context.become(access_context_of(request, declared_permission(callback)))
            return None
        permission = declared_permission(callback)
        if permission is None:
            return refusal_response(request, Refused("R403", reason="undeclared_view"))
        if isinstance(request.user, Staff):
            terminal = terminal_of(request.client_address)  # type: ignore[attr-defined]
            if terminal is None or terminal.code != request.session.get("terminal"):
                return refusal_response(request, Refused("R403-TERMINAL", reason="terminal"))
            request.terminal = terminal  # type: ignore[attr-defined]
            context.become(access_context_of(request, permission))
        return None

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        """After a view raised: the refusal's page; anything else is left to the 500 handler."""
        if isinstance(exception, Refused):
            return refusal_response(request, exception)
        if isinstance(exception, Http404):
            return refusal_response(request, Refused("R404", reason="not_found"))
        if isinstance(exception, PermissionDenied):
            return refusal_response(request, Refused("R403", reason="permission_denied"))
        if isinstance(exception, SuspiciousOperation):
            return refusal_response(request, Refused("R400", reason="suspicious"))
        return None
