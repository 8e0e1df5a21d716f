"""保管の画面: until when the records of the party are kept, and what stops their erasure (R-189, N-078)."""

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from addressbook.card import card_context
from addressbook.permissions import VIEW_PARTY
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.refusals import Refused
from taxsys.platform.retention import stops
from taxsys.platform.retention.errors import StopClosed, StopStands
from taxsys.platform.retention.models import StopOrder
from taxsys.platform.retention.permissions import STOP
from taxsys.platform.retention.selectors import party_dates
from taxsys.platform.staff.access import has_permission, requires


class StopForm(forms.Form):
    """処分停止の登録."""

    reason = forms.ChoiceField(label="停止の理由", choices=StopOrder.Reason.choices)
    reference = forms.CharField(label="文書番号", max_length=60, help_text="例：審第12号、開示第3号")


@requires(VIEW_PARTY)
@require_safe
def retention(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """The tab."""
    values = card_context(request, party_id, "retention")
    return render(request, "addressbook/retention.html", _page(request, values, StopForm()))


def _page(request: HttpRequest, values: dict[str, Any], form: StopForm) -> dict[str, Any]:
    party = values["party"]
    return {
        **values,
        "rows": party_dates(party.id),
        "stops": stops.open_stops(party.id),
        "form": form if has_permission(request.user, STOP) else None,
    }


@requires(STOP)
@require_POST
def stop_new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """処分停止を登録する."""
    values = card_context(request, party_id, "retention")
    actor: Any = request.user
    form = StopForm(request.POST)
    if form.is_valid():
        try:
            stops.stop_place(party_id=values["party"].id, actor=actor, **form.cleaned_data)
        except StopStands as error:
            form.add_error("reference", error.message_ja)
        else:
            messages.success(request, "処分停止を登録しました。この人の記録は、解除されるまで消去されません。")
            return redirect("party-retention", party_id=values["party"].id)
    return render(request, "addressbook/retention.html", _page(request, values, form), status=422)


@requires(STOP)
@require_POST
def stop_lift(request: HttpRequest, party_id: UUID, stop_id: int) -> HttpResponse:
    """処分停止の解除を起案する."""
    values = card_context(request, party_id, "retention")
    actor: Any = request.user
    stop = get_object_or_404(StopOrder, pk=stop_id, party_id=values["party"].id)
    why = request.POST.get("why", "").strip()[:200]
    if not why:
        raise Refused("R400", "解除の理由を入力してください。", reason="reason_missing")
    try:
        stops.lift_propose(stop.pk, why=why, actor=actor)
    except (StopClosed, ApprovalError) as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    messages.success(request, "処分停止の解除を起案しました。別の職員の決裁で解除されます。")
    return redirect("party-retention", party_id=values["party"].id)
