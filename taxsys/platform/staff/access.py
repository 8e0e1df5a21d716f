"""権限の門: deny by default; every view names the one permission it needs (R-218)."""

from collections.abc import Callable
from datetime import date
from functools import wraps
from typing import Any, TypeVar

from django.http import HttpRequest, HttpResponseBase

from taxsys.platform import clock
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.catalogue import Permission, catalogue, permission_get
from taxsys.platform.staff.models import ApiClient, Grant, Staff, open_period
from taxsys.platform.staff.pledges import is_trained
from taxsys.platform.staff.rooms import contract_codes

Target = TypeVar("Target", bound=Any)
STEP_UP_SECONDS = 300
EMERGENCY_PURPOSE = "緊急時の権限"
# What an emergency never opens, beside everything of a second person and of My Numbers.
NOT_IN_EMERGENCY = ("rights", "audit", "emergency", "approvals")
SELF_CODE = "staff.self"  # what remains open to an officer who must choose a new password first


def permissions_of(actor: Any, on: date | None = None) -> frozenset[str]:
    """The permission codes an officer or API client holds on the day; empty for anyone else.

    An officer's grant acts only while the account is usable and the officer belongs to the grant's unit, so access
    ends at 00:00 of the transfer or leaving date (R-227). Without a training in the last year nothing is left that
    touches My Numbers (N-110).
    """
    on = on or clock.today()
    if not isinstance(actor, Staff | ApiClient) or not actor.is_usable_on(on):
        return frozenset()
    if isinstance(actor, Staff):
        grants = Grant.objects.filter(open_period(on), staff=actor, unit=actor.unit_on(on))
        codes = frozenset(grants.values_list("permission_code", flat=True))
        if actor.contract:
            codes = contract_codes(actor, codes)
        elif actor.is_in_emergency:
            codes |= emergency_codes()
        return codes if is_trained(actor, on) else frozenset(code for code in codes if not _is_for_numbers(code))
    return frozenset(actor.grants.filter(open_period(on)).values_list("permission_code", flat=True))


def emergency_codes() -> frozenset[str]:
    """The rights of an emergency: to look and to work, never a second person's, a number's, rights or the log."""
    return frozenset(
        code
        for code, permission in catalogue().items()
        if not permission.four_eyes and permission.risk != "number" and code.partition(".")[0] not in NOT_IN_EMERGENCY
    )


def _is_for_numbers(code: str) -> bool:
    declared = catalogue().get(code)
    return declared is not None and declared.risk == "number"


def has_permission(staff: Any, permission: Permission | str, on: date | None = None) -> bool:
    """Whether the actor holds the permission on the day (today by default); raises UnknownPermission."""
    code = permission_get(str(permission)).code
    cache = getattr(staff, "_permission_cache", None)
    day = on or clock.today()
    if cache is None or cache[0] != day:
        cache = (day, permissions_of(staff, day))
        if isinstance(staff, Staff | ApiClient):
            staff._permission_cache = cache  # type: ignore[union-attr]  # one query per request object
    return code in cache[1]


def is_same_person(staff_no: str, other_no: str) -> bool:
    """Whether two staff numbers are of one human; a second account is no second pair of eyes (R-207)."""
    if staff_no == other_no:
        return True
    people = Staff.objects.filter(staff_no__in=(staff_no, other_no))
    keys = {one.staff_no: one.person_key for one in people}
    return keys.get(staff_no, staff_no) == keys.get(other_no, other_no)


def permission_forget(staff: Any) -> None:
    """Drop the permissions remembered on this object, after grants have changed."""
    if hasattr(staff, "_permission_cache"):
        del staff._permission_cache


def step_up_is_fresh(request: HttpRequest) -> bool:
    """Whether the second factor was given again within the last five minutes."""
    confirmed_at = request.session.get("step_up_at", 0)
    return bool(0 <= clock.now().timestamp() - confirmed_at <= STEP_UP_SECONDS)


def access_check(request: HttpRequest, permission: Permission) -> None:
    """The door of a page: raises Refused 401 (nobody), 403 (no right) or 401 (step-up wanted)."""
    user = request.user
    if not isinstance(user, Staff):
        raise Refused("R401", reason="anonymous")
    if user.must_change_password and permission.code != SELF_CODE:
        raise Refused("R403-PASSWORD", reason="password_change")
    if permission.risk == "number" and not is_trained(user):
        raise Refused("R403-TRAINING", reason="training")
    if not has_permission(user, permission):
        raise Refused("R403", f"この操作の権限がありません（必要：{permission.title_ja}）。", reason="no_permission")
    if permission.step_up and not step_up_is_fresh(request):
        raise Refused("R401-STEPUP", reason="step_up")


def requires(permission: Permission) -> Callable[[Target], Target]:
    """Declare the permission of a view: a function, the result of `as_view()`, a view class, or a REST view class.

    Sets `.permission`; the wrapped view refuses before any of its code runs. REST views are checked by
    `taxsys.platform.staff.rest.DeclaredPermission`, the default permission class.
    """

    def declare(view: Target) -> Target:
        if isinstance(view, type):
            view.permission = permission  # type: ignore[attr-defined]
            if not _is_rest_class(view):
                dispatch = view.dispatch  # type: ignore[attr-defined]

                @wraps(dispatch)
                def guarded_dispatch(self: Any, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
                    access_check(request, permission)
                    return dispatch(self, request, *args, **kwargs)

                view.dispatch = guarded_dispatch  # type: ignore[attr-defined]
            return view

        @wraps(view)
        def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
            access_check(request, permission)
            return view(request, *args, **kwargs)

        guarded.permission = permission  # type: ignore[attr-defined]
        return guarded  # type: ignore[return-value]

    return declare


def public_view(view: Target) -> Target:
    """Declare a view that needs no sign-in (sign-in itself, health, readiness); every such view is listed by a test."""
    view.is_public = True
    return view


def declared_permission(callback: Any) -> Permission | None:
    """The permission that a URL callback declares, or None."""
    for holder in (callback, getattr(callback, "view_class", None), getattr(callback, "cls", None)):
        permission = getattr(holder, "permission", None)
        if isinstance(permission, Permission):
            return permission
    return None


def is_public(callback: Any) -> bool:
    """Whether a URL callback is declared public."""
    holders = (callback, getattr(callback, "view_class", None), getattr(callback, "cls", None))
    return any(getattr(holder, "is_public", False) for holder in holders)


def _is_rest_class(view: type) -> bool:
    # Imported late: the REST framework loads our authentication class, which needs this module.
    from rest_framework.views import APIView

    return issubclass(view, APIView)


def is_rest(callback: Any) -> bool:
    """Whether a URL callback is a view of the REST framework (checked by its own permission class)."""
    view_class = getattr(callback, "cls", None)
    return isinstance(view_class, type) and _is_rest_class(view_class)
