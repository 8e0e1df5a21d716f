"""要求の枠: request id, time limits of a sitting, the door of every page, and the access context."""

import re
import uuid
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseBase

from taxsys.platform import clock
from taxsys.platform.audit import context
from taxsys.platform.audit.services import access_record
from taxsys.platform.jobs.failures import sqlstate_of
from taxsys.platform.refusals import Refused
from taxsys.platform.sittings.models import Sitting
from taxsys.platform.sittings.services import (
    ABSOLUTE_SECONDS,
    SEEN_EVERY_SECONDS,
    sitting_end,
    sitting_of,
    sitting_seen,
)
from taxsys.platform.staff.access import declared_permission, is_public, is_rest
from taxsys.platform.staff.models import Staff
from taxsys.platform.staff.rooms import room_check
from taxsys.platform.staff.terminals import client_address, forged_certificate_refuse, terminal_get
from taxsys.platform.ui.refusal_pages import refusal_response
from taxsys.platform.ui.request_context import access_context_of
from taxsys.platform.ui.templatetags.house import moment

# Somebody else holds the lock for too long (3 s), or two waited for each other and this one gave way.
BUSY_STATES = frozenset({"55P03", "40P01", "40001"})
PARTS_OF_A_PAGE = ("HX-Request", "X-Taxsys-Background", "X-Taxsys-Part")
# What a browser could do for a page and no page of the house needs; security keys are not among it.
PERMISSIONS_POLICY = ", ".join(
    f"{feature}=()"
    for feature in (
        "accelerometer", "autoplay", "camera", "display-capture", "geolocation", "gyroscope", "magnetometer",
        "microphone", "midi", "payment", "screen-wake-lock", "usb", "web-share", "xr-spatial-tracking",
    )
)  # fmt: skip
GetResponse = Callable[[HttpRequest], HttpResponseBase]


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
        response["Permissions-Policy"] = PERMISSIONS_POLICY
        if not request.path.startswith("/static/") and "Cache-Control" not in response:
            response["Cache-Control"] = "no-store"
        return response


class SessionLifeMiddleware:
    """Idle lock (10 minutes at most), absolute end (12 hours), and the end of a sitting that another one took over."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """End an expired sitting, note that this one was used, then go on."""
        if isinstance(request.user, Staff):
            sitting = sitting_of(request.session.get("sitting"))
            refused = self._over(request, sitting)
            if refused is not None:
                return self._ended(request, sitting, refused)
            at = int(clock.now().timestamp())
            background = request.headers.get("X-Taxsys-Background")
            if sitting is not None and not background and at - request.session["seen_at"] >= SEEN_EVERY_SECONDS:
                request.session["seen_at"] = at
                sitting_seen(sitting)
        return self.get_response(request)

    @staticmethod
    def _over(request: HttpRequest, sitting: Sitting | None) -> Refused | None:
        """Why the sitting is over, or None while it lives."""
        if sitting is None:
            return Refused("R401-IDLE", reason="no_sitting")
        if sitting.ended_at is not None:
            return _ended_refusal(sitting)
        at = int(clock.now().timestamp())
        if at - request.session.get("seen_at", 0) > settings.TAXSYS_IDLE_LOCK_SECONDS:
            return Refused("R401-IDLE", reason=Sitting.Ended.IDLE)
        if at - request.session.get("signed_in_at", 0) > ABSOLUTE_SECONDS:
            return Refused("R401-IDLE", reason=Sitting.Ended.TOO_LONG)
        return None

    def _ended(self, request: HttpRequest, sitting: Sitting | None, refused: Refused) -> HttpResponseBase:
        if sitting is not None and sitting.ended_at is None:
            with context.using(access_context_of(request, None)):
                sitting_end(sitting, refused.reason)
        if any(request.headers.get(name) for name in PARTS_OF_A_PAGE):
            # The page itself asks next, and is to say why: until then the session keeps its ended sitting.
            return refusal_response(request, refused)
        logout(request)
        if re.fullmatch(r"/sign-(in|out)", request.path):
            return self.get_response(request)
        return refusal_response(request, refused)


def _ended_refusal(sitting: Sitting) -> Refused:
    """The refusal that tells which other sign-in ended this sitting, where and when."""
    by, at = sitting.ended_by, moment(sitting.ended_at)
    if sitting.ended_reason == Sitting.Ended.TERMINAL_TAKEN:
        text = f"{at}に、端末{sitting.terminal_code}で別の職員がサインインしたため、あなたの利用を終了しました。"
    elif by is not None:
        places = f"あなたが端末{by.terminal_code}でサインインしたため、端末{sitting.terminal_code}"
        text = f"{at}に、{places}での利用を終了しました。"
    else:
        return Refused("R401-IDLE", reason=sitting.ended_reason)
    return Refused("R401-ENDED", f"{text}登録していない入力は残っていません。", reason=sitting.ended_reason)


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
        try:
            return self._door(request, callback)
        except Refused as refused:
            return refusal_response(request, refused)

    @staticmethod
    def _door(request: HttpRequest, callback: Any) -> HttpResponse | None:
        forged_certificate_refuse(request)
        if is_rest(callback) or is_public(callback):
            if isinstance(request.user, Staff):
                context.become(access_context_of(request, declared_permission(callback)))
            return None
        permission = declared_permission(callback)
        if permission is None:
            raise Refused("R403", reason="undeclared_view")
        if isinstance(request.user, Staff):
            terminal = terminal_get(request)
            if terminal.code != request.session.get("terminal"):
                raise Refused("R403-TERMINAL", reason="terminal")
            room_check(request.user, terminal)
            request.terminal = terminal  # type: ignore[attr-defined]
            context.become(access_context_of(request, permission))
            if request.user.is_in_emergency:
                name = request.resolver_match.view_name if request.resolver_match else ""
                access_record(action="view", record_type="url", record_id=name[:80], reason="emergency")
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
        if isinstance(exception, OperationalError) and sqlstate_of(exception) in BUSY_STATES:
            return refusal_response(request, Refused("R409-BUSY", reason="busy"))
        return None
