"""申告との差異: a return against reports, itself and the ledger of losses; worked off with reasons."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from addressbook.access import access_shown
from assessment.errors import FindingRefused
from assessment.models import PaperDifference
from assessment.permissions import SETTLE_FINDING, VIEW_SOURCES
from assessment.resident.differences import differences, differences_settle, differences_shown
from assessment.views.people import officer_names
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import has_permission, requires

PAGE_SIZE = 100


class ReasonForm(forms.Form):
    """処理の入力."""

    reason = forms.CharField(label="理由", max_length=200, error_messages={"required": "理由を入力してください。"})


def _values(request: HttpRequest) -> dict[str, Any]:
    only_open = request.GET.get("all") != "1"
    page = Paginator(differences(only_open=only_open), PAGE_SIZE).get_page(request.GET.get("page"))
    rows: list[PaperDifference] = list(page.object_list)
    access_shown([one.party_id for one in rows], action="view", record_type="assessment.difference")
    shown = differences_shown(rows)
    officers = officer_names(one.settlement.settled_by for one in shown if one.settlement)
    return {
        "page": page,
        "rows": [
            {"one": one, "officer": officers.get(one.settlement.settled_by, "") if one.settlement else ""}
            for one in shown
        ],
        "only_open": only_open,
        "may_settle": has_permission(request.user, SETTLE_FINDING),
        "here": "differences",
    }


@requires(VIEW_SOURCES)
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """差異の一覧 of everybody's newest calculation."""
    return render(request, "assessment/differences.html", {**_values(request), "form": ReasonForm()})


@requires(SETTLE_FINDING)
@require_POST
def settle(request: HttpRequest) -> HttpResponse:
    """処理済にする: with the reason, all that were chosen or none."""
    staff: Any = request.user
    form = ReasonForm(request.POST)
    chosen = [int(one) for one in request.POST.getlist("differences") if one.isascii() and one.isdecimal()]
    if form.is_valid():
        try:
            count = differences_settle(chosen, reason=form.cleaned_data["reason"], actor=staff)
        except FindingRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        else:
            subjects = PaperDifference.objects.filter(pk__in=chosen).values_list("party_id", flat=True)
            access_record(
                action="update",
                subjects=sorted({str(party) for party in subjects}),
                record_type="assessment.difference",
                count=count,
            )
            messages.success(request, f"{count:,}件を処理済にしました。")
            return redirect("assessment-differences")
    return render(request, "assessment/differences.html", {**_values(request), "form": form}, status=422)
