"""権限の一覧と届出の一覧."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.rights import selectors
from taxsys.platform.rights.forms import GrantFilterForm
from taxsys.platform.rights.permissions import CONFIRM, VIEW
from taxsys.platform.rights.subsystems import BY_CODE
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import Unit

PAGE_SIZE = 50


@requires(VIEW)
@require_safe
def grants(request: HttpRequest) -> HttpResponse:
    """権限の一覧: grants in force on a day, by unit, person or permission."""
    form = GrantFilterForm(request.GET or None)
    values = form.cleaned_data if form.is_bound and form.is_valid() else {}
    on = values.get("on") or clock.today()
    unit = Unit.objects.filter(code=values.get("unit", "")).first()
    found = selectors.grants_shown(
        unit=unit, staff_no=values.get("staff_no", ""), code=values.get("permission", ""), on=on
    )
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    access_record(action="view", record_type="grant", count=len(page.object_list))
    rows = [
        {
            "grant": grant,
            "title_ja": selectors.title_of(grant.permission_code),
            "acts": grant.staff.is_usable_on(on) and grant.staff.unit_on(on).pk == grant.unit_id,
        }
        for grant in page.object_list
    ]
    return render(
        request,
        "rights/grants.html",
        {"page": page, "rows": rows, "form": form, "on": on, "tab": "grants"},
        status=422 if form.is_bound and form.errors else 200,
    )


def _request_list(request: HttpRequest, found: Any, tab: str) -> HttpResponse:
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    access_record(action="view", record_type="grant_request", count=len(page.object_list))
    rows = [{"request": one, "subsystem_ja": BY_CODE[one.subsystem].title_ja} for one in page.object_list]
    return render(request, "rights/requests.html", {"page": page, "rows": rows, "tab": tab})


@requires(VIEW)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """届出の一覧: every request, newest first."""
    return _request_list(request, selectors.requests_all(), "requests")


@requires(CONFIRM)
@require_safe
def waiting(request: HttpRequest) -> HttpResponse:
    """確認待ち: requests that lack the answer of an office the officer holds, oldest first."""
    return _request_list(request, selectors.requests_waiting_for(request.user), "waiting")  # type: ignore[arg-type]
