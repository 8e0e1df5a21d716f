"""支援措置の期限: what ends within 30 days or has passed its end, and the proposal of extension or end (N-086)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import access_shown
from addressbook.codes import ProtectionKind
from addressbook.disclosure import names_for
from addressbook.errors import ProtectionTermRefused
from addressbook.forms import ProtectionTermForm
from addressbook.models import Protection
from addressbook.permissions import MANAGE_PROTECTION
from addressbook.selectors.protections import measures_due
from addressbook.services.protection_terms import (
    KIND,
    extension_opens_on,
    protection_end_propose,
    protection_extend_propose,
)
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.approvals.models import Approval
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

OUTPUT = "addressbook.measures"


@requires(MANAGE_PROTECTION)
@never_cache
@require_safe
def measures(request: HttpRequest) -> HttpResponse:
    """一覧: names and days; neither an address nor the opponent stands here."""
    today = clock.today()
    found = list(measures_due(today))
    names = names_for([row.party_id for row in found], output=OUTPUT)
    proposed = _proposed([row.pk for row in found])
    access_shown([row.party_id for row in found], action="view", record_type="protection")
    rows = [
        {
            "row": row,
            "name": names[row.party_id],
            "opens_on": extension_opens_on(row),
            "is_pending": row.kind == ProtectionKind.DETAILS_PENDING,
            "is_past": row.valid_to is not None and row.valid_to < today,
            "is_proposed": row.pk in proposed,
        }
        for row in found
    ]
    return render(request, "addressbook/measures.html", {"rows": rows})


def _proposed(protection_ids: list[int]) -> set[int]:
    keys = {f"protection:{pk}": pk for pk in protection_ids}
    open_ones = Approval.objects.filter(kind=KIND, subject_key__in=keys, state=Approval.State.PROPOSED)
    return {keys[key] for key in open_ones.values_list("subject_key", flat=True)}


@requires(MANAGE_PROTECTION)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def term(request: HttpRequest, protection_id: int) -> HttpResponse:
    """延長・終了・取下げの起案; a second person approves it before anything changes."""
    staff: Any = request.user
    row = Protection.objects.select_related("party").filter(pk=protection_id).first()
    if row is None:
        raise Refused("R404", "この支援措置はありません。一覧を開き直してください。", reason="not_found")
    form = ProtectionTermForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            if given["decision"] == form.EXTEND:
                protection_extend_propose(row.pk, until=given["until"], actor=staff)
            else:
                protection_end_propose(row.pk, is_withdrawn=given["decision"] == form.WITHDRAW, actor=staff)
        except ProtectionTermRefused as error:
            form.add_error(error.field or None, error.message_ja)
        except ApprovalError as error:
            form.add_error(None, error.message_ja)
        else:
            messages.success(request, "起案しました。別の職員が決裁すると有効になります。")
            return redirect("protections")
    access_shown([row.party_id], action="view", record_type="protection")
    values = {"form": form, "row": row, "name": names_for([row.party_id], output=OUTPUT)[row.party_id]}
    return render(request, "addressbook/measure_term.html", values, status=422 if form.errors else 200)
