"""権限の棚卸の画面."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from taxsys.platform.audit.services import access_record
from taxsys.platform.rights import errors, recertification, selectors
from taxsys.platform.rights.forms import RecertifyForm
from taxsys.platform.rights.models import CampaignItem
from taxsys.platform.rights.permissions import RECERTIFY
from taxsys.platform.rights.views.refusing import refused
from taxsys.platform.staff.access import requires

PAGE_SIZE = 100


def _values(request: HttpRequest) -> dict[str, Any]:
    actor: Any = request.user
    campaign = recertification.campaign_current()
    found = recertification.items_for(actor, campaign) if campaign else CampaignItem.objects.none()
    open_ones = found.filter(state=CampaignItem.State.PENDING)
    page = Paginator(open_ones, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"item": item, "title_ja": selectors.title_of(item.grant.permission_code)} for item in page.object_list]
    return {
        "campaign": campaign,
        "page": page,
        "rows": rows,
        "decided": found.exclude(state=CampaignItem.State.PENDING).count(),
        "progress": recertification.progress(campaign) if campaign else [],
        "tab": "recertification",
    }


@requires(RECERTIFY)
@require_safe
def items(request: HttpRequest) -> HttpResponse:
    """棚卸: the grants of the own units that wait, and how far every unit is."""
    values = _values(request)
    access_record(action="view", record_type="grant", count=len(values["rows"]))
    return render(request, "rights/recertification.html", values)


@requires(RECERTIFY)
@require_POST
def decide(request: HttpRequest) -> HttpResponse:
    """棚卸の権限を継続・取消する."""
    actor: Any = request.user
    values = _values(request)
    form = RecertifyForm(request.POST, item_ids=[int(pk) for pk in request.POST.getlist("item") if pk.isdecimal()])
    if form.is_valid():
        ids = [int(pk) for pk in form.cleaned_data["item"]]
        keep = form.cleaned_data["decision"] == "keep"
        try:
            done = recertification.items_decide(ids, keep=keep, actor=actor)
        except errors.RightsError as error:
            raise refused(error) from error
        messages.success(request, f"{done}件の権限を{'継続' if keep else '取消'}にしました。")
        return redirect("rights-recertification")
    return render(request, "rights/recertification.html", {**values, "form": form}, status=422)
