"""保管・消去の画面: what is due, one list looked into and proposed, the classes with their periods."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.retention import selectors, services
from taxsys.platform.retention.certificates import table_ja
from taxsys.platform.retention.declarations import classes, declared
from taxsys.platform.retention.errors import RetentionError
from taxsys.platform.retention.models import ErasureList, ListState
from taxsys.platform.retention.permissions import PROPOSE, VIEW
from taxsys.platform.staff.access import has_permission, requires

PAGE_SIZE = 50
LEVELS = {
    ListState.OPEN: "caution",
    ListState.PROPOSED: "info",
    ListState.FIRST: "info",
    ListState.APPROVED: "danger",
    ListState.RUNNING: "danger",
    ListState.ERASED: "done",
    ListState.DROPPED: "neutral",
}


def _row(target: ErasureList) -> dict[str, Any]:
    return {
        "list": target,
        "family": declared().families[target.family],
        "class": classes()[target.class_code],
        "level": LEVELS[ListState(target.state)],
    }


@requires(VIEW)
@never_cache
@require_safe
def desk(request: HttpRequest) -> HttpResponse:
    """消去候補の一覧."""
    rows = [_row(target) for target in selectors.live_lists()]
    access_record(action="view", record_type="erasure_list", count=len(rows))
    return render(request, "retention/desk.html", {"rows": rows, "overdue": selectors.overdue_count()})


@requires(VIEW)
@never_cache
@require_safe
def list_page(request: HttpRequest, list_id: int) -> HttpResponse:
    """消去候補の一件: what would go, what is stopped and why."""
    target = get_object_or_404(ErasureList.objects.select_related("proposed_by"), pk=list_id)
    stopped = request.GET.get("show") == "stopped"
    page = Paginator(selectors.items_of(target, stopped=stopped), PAGE_SIZE).get_page(request.GET.get("page"))
    access_record(action="view", record_type="erasure_list", record_id=str(target.pk), count=len(page))
    family = declared().families[target.family]
    values = {
        **_row(target),
        "page": page,
        "rows": [(item, family.stop_ja(item.stop_code) if item.stop_code else "") for item in page],
        "stopped": stopped,
        "stop_counts": selectors.stop_counts(target),
        "tables": [table_ja(table) for table in family.tables],
        "can_propose": target.state == ListState.OPEN and target.planned and has_permission(request.user, PROPOSE),
    }
    return render(request, "retention/list.html", values)


@requires(PROPOSE)
@never_cache
@require_POST
def propose(request: HttpRequest, list_id: int) -> HttpResponse:
    """消去を起案する."""
    actor: Any = request.user
    get_object_or_404(ErasureList, pk=list_id)
    try:
        services.list_propose(list_id, actor=actor)
    except RetentionError as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    messages.success(request, "消去を起案しました。二人の決裁が済むと、バッチ（B-RT-02）で消去できます。")
    return redirect("retention-list", list_id=list_id)


@requires(VIEW)
@require_safe
def class_list(request: HttpRequest) -> HttpResponse:
    """保管区分と期間の一覧."""
    return render(request, "retention/classes.html", {"rows": selectors.class_rows()})
