"""検索の画面: terms by POST, results under a random id; one hit opens at once."""

from typing import Any
from uuid import UUID

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.search.models import SearchResult
from taxsys.platform.search.permissions import SEARCH
from taxsys.platform.search.registry import provider_get, providers_for
from taxsys.platform.search.services import RESULT_CAP, search
from taxsys.platform.staff.access import has_permission, requires

PAGE_SIZE = 50


@requires(SEARCH)
@sensitive_post_parameters("q")
@require_http_methods(["GET", "HEAD", "POST"])
def search_box(request: HttpRequest) -> HttpResponse:
    """The box with what it understands; a POST searches."""
    staff: Any = request.user
    values: dict[str, Any] = {"providers": providers_for(staff)}
    if request.method == "POST":
        answer = search(request.POST.get("q", ""), staff)
        if answer.result is not None:
            return _to_result(answer.result, staff)
        values |= {"message_ja": answer.message_ja, "offers": answer.offers}
    return render(request, "search/search.html", values)


def _to_result(result: SearchResult, staff: Any) -> HttpResponse:
    provider = provider_get(result.provider)
    if provider is not None and len(result.hits) == 1:
        if provider.url_of is not None:
            return redirect(provider.url_of(result.hits[0]))
        rows = provider.present(result.hits, staff)
        if len(rows) == 1:
            return redirect(rows[0].url)
    return redirect("search-result", result_id=result.pk)


@requires(SEARCH)
@require_safe
def search_result(request: HttpRequest, result_id: UUID) -> HttpResponse:
    """A stored result of this officer; the ids of every person shown go into the log (N-070)."""
    staff: Any = request.user
    result = get_object_or_404(SearchResult, pk=result_id, staff=staff, expires_at__gt=clock.now())
    provider = provider_get(result.provider)
    if provider is None or not has_permission(staff, provider.permission):
        raise Refused("R404", reason="search_provider")
    page = Paginator(result.hits, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = provider.present(list(page.object_list), staff)
    subjects = [row.subject for row in rows if row.subject]
    access_record(action="search", subjects=subjects, record_type=provider.kind, count=len(rows))
    values = {
        "provider": provider,
        "providers": providers_for(staff),
        "page": page,
        "rows": rows,
        "is_capped": len(result.hits) >= RESULT_CAP,
    }
    return render(request, "search/result.html", values)
