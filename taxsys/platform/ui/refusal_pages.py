"""拒否の画面とAPI応答: every refusal is rendered from the one table and recorded as a denied event."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import DatabaseError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from rest_framework import exceptions
from rest_framework.views import set_rollback

from taxsys.platform.audit import context
from taxsys.platform.audit.services import AuditWriteFailed, access_record
from taxsys.platform.refusals import FieldProblem, Refused, refusal_for_status
from taxsys.platform.staff.access import declared_permission
from taxsys.platform.staff.forms import PasswordForm
from taxsys.platform.ui.request_context import access_context_of


def is_api(request: HttpRequest) -> bool:
    """Whether the caller is a program: an address under /api/."""
    return request.path.startswith("/api/")


def refusal_response(request: HttpRequest, refused: Refused) -> HttpResponse:
    """The recorded answer to a refused request, as a page or as a problem document.

    Fails closed: when the refusal cannot be recorded the answer is 503 and tells nothing else.
    """
    if refused.refusal.is_recorded:
        try:
            _record(request, refused)
        except (AuditWriteFailed, DatabaseError):
            refused = Refused("R503", reason="audit_unavailable")
    if is_api(request):
        return problem_response(request, refused)
    return _page(request, refused)


def _record(request: HttpRequest, refused: Refused) -> None:
    match = request.resolver_match
    actor = context.current_or_none()
    if actor is None:
        actor = access_context_of(request, declared_permission(match.func) if match else None)
    with context.using(actor):
        access_record(
            action="denied",
            result="denied",
            reason=(refused.reason or refused.refusal.code)[:60],
            record_type="url",
            record_id=(match.view_name or "")[:80] if match else "unknown",
        )


def problem_document(request: HttpRequest, refused: Refused) -> dict[str, Any]:
    """The RFC 9457 members of an API refusal, with our code, the request id and the field errors."""
    row = refused.refusal
    document: dict[str, Any] = {
        "type": f"urn:taxsys:refusal:{row.code}",
        "title": row.title_ja,
        "status": row.status,
        "detail": refused.detail_ja,
        "code": row.code,
        "request_id": getattr(request, "request_id", ""),
    }
    if refused.fields:
        document["errors"] = [{"field": problem.field, "message": problem.message_ja} for problem in refused.fields]
    return document


def problem_response(request: HttpRequest, refused: Refused) -> JsonResponse:
    """The problem document as an answer."""
    response = JsonResponse(
        problem_document(request, refused),
        status=refused.refusal.status,
        content_type="application/problem+json",
        json_dumps_params={"ensure_ascii": False},
    )
    if refused.refusal.status == 401:
        response["WWW-Authenticate"] = 'Bearer realm="taxsys"'
    return response


def _page(request: HttpRequest, refused: Refused) -> HttpResponse:
    row = refused.refusal
    values = {
        "refusal": row,
        "detail_ja": refused.detail_ja,
        "fields": refused.fields,
        "next": request.get_full_path() if request.method == "GET" else "/",
        "request_id": getattr(request, "request_id", ""),
        "is_post": request.method != "GET",
    }
    if row.status >= 500:
        html = render_to_string("errors/plain.html", values)
    elif row.code == "R401-STEPUP":
        html = render_to_string("errors/step_up.html", values, request=request)
    elif row.status == 401:
        html = render_to_string("errors/sign_in.html", {**values, "sign_in_form": PasswordForm()}, request=request)
    else:
        html = render_to_string("errors/refusal.html", values, request=request)
    response = HttpResponse(html, status=row.status)
    if row.status == 401:
        response["WWW-Authenticate"] = 'Form realm="taxsys", location="/sign-in"'
    return response


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler400."""
    return refusal_response(request, Refused("R400", reason="bad_request"))


def permission_denied(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler403."""
    return refusal_response(request, Refused("R403", reason="permission_denied"))


def not_found(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    """handler404."""
    return refusal_response(request, Refused("R404", reason="not_found"))


def server_error(request: HttpRequest) -> HttpResponse:
    """handler500: needs neither database nor session."""
    refused = Refused("R500")
    return problem_response(request, refused) if is_api(request) else _page(request, refused)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """CSRF_FAILURE_VIEW."""
    return refusal_response(request, Refused("R403-FORM", reason="csrf"))


def locked_out(request: HttpRequest, *_args: Any, **_kwargs: Any) -> HttpResponse:
    """AXES_LOCKOUT_CALLABLE: too many failed sign-ins from this terminal for this number."""
    return refusal_response(request, Refused("R429", reason="locked_out"))


def _field_problems(detail: Any, prefix: str = "") -> list[FieldProblem]:
    if isinstance(detail, dict):
        return [
            problem
            for name, inner in detail.items()
            for problem in _field_problems(inner, f"{prefix}.{name}" if prefix else str(name))
        ]
    if isinstance(detail, list):
        return [problem for inner in detail for problem in _field_problems(inner, prefix)]
    return [FieldProblem(prefix or "non_field_errors", str(detail))]


def _refused_of(error: Exception) -> Refused | None:
    if isinstance(error, Refused):
        return error
    if isinstance(error, exceptions.ValidationError):
        return Refused("R422", fields=_field_problems(error.detail), reason="invalid")
    if isinstance(error, exceptions.NotAuthenticated | exceptions.AuthenticationFailed):
        return Refused("R401-CLIENT", reason="client_key")
    if isinstance(error, Http404):
        return Refused("R404", reason="not_found")
    if isinstance(error, PermissionDenied):
        return Refused("R403", reason="permission_denied")
    if isinstance(error, exceptions.APIException):
        return Refused(refusal_for_status(error.status_code).code, reason=str(error.default_code)[:60])
    return None


def rest_exception_handler(error: Exception, values: dict[str, Any]) -> HttpResponse | None:
    """EXCEPTION_HANDLER of the REST framework: the same table; unknown errors go to the 500 handler."""
    refused = _refused_of(error)
    if refused is None:
        return None
    set_rollback()
    request = values["request"]
    return refusal_response(request._request, refused)
