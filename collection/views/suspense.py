"""仮受 (不明金): the work list with its ages, and putting the money where it belongs."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import access_shown
from collection.closing.errors import PeriodClosedError
from collection.errors import SuspenseError
from collection.forms import AllocateForm
from collection.models import Channel, Charge, Suspense, SuspenseReason
from collection.permissions import WORK_SUSPENSE
from collection.search import notice_forms
from collection.selectors import desk
from collection.selectors.account import charge_standing
from collection.services.reversals import suspense_resolve
from collection.views import rows
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires


@requires(WORK_SUSPENSE)
@never_cache
@require_safe
def suspense_list(request: HttpRequest) -> HttpResponse:
    """仮受の一覧: oldest first, with reason, channel, what the money names, and the ages summed."""
    found = desk.suspense_open(clock.today())
    names = rows.names([row.charge.party_id for row in found if row.charge])
    access_shown(sorted(names, key=str), action="view", record_type="suspense")
    values = {
        "ages": desk.suspense_ages(found),
        "rows": [
            {
                "row": row,
                "reason_ja": str(SuspenseReason(row.suspense.reason).label),
                "channel_ja": str(Channel(row.suspense.receipt.channel).label),
                "name": names.get(row.charge.party_id, "") if row.charge else "",
                "instalment_ja": rows.instalment_ja(row.charge) if row.charge else "",
            }
            for row in found
        ],
    }
    return render(request, "collection/suspense_list.html", values)


@requires(WORK_SUSPENSE)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def suspense_page(request: HttpRequest, suspense_id: int) -> HttpResponse:
    """仮受の解消: choose the instalment by notice number, part or all of the money; shown before it is posted."""
    suspense = Suspense.objects.select_related("receipt__slip").filter(pk=suspense_id).first()
    if suspense is None:
        raise Refused("R404", reason="not_found")
    named = Charge.objects.select_related("tax_kind").filter(slip_lines__slip=suspense.receipt.slip_id or 0).first()
    form = AllocateForm(request.POST) if request.method == "POST" else AllocateForm(initial=_initial(suspense, named))
    target = _target(form) if form.is_bound and form.is_valid() else None
    if target is not None and "post" in request.POST:
        staff: Any = request.user
        try:
            suspense_resolve(
                suspense.pk, charge_id=target.pk, yen=form.cleaned_data["amount"], occurred_on=clock.today(),
                actor=f"staff:{staff.staff_no}",
            )  # fmt: skip
        except (SuspenseError, PeriodClosedError) as error:
            form.add_error("amount", error.message_ja)
        else:
            access_record(
                action="update", subjects=[str(target.party_id)], record_type="suspense", record_id=str(suspense.pk)
            )
            messages.success(
                request, f"{form.cleaned_data['amount']:,}円を通知書番号{target.notice_no}に消し込みました。"
            )
            return redirect("collection-suspense")
    shown = target or named
    if shown is not None:
        access_shown([shown.party_id], action="view", record_type="suspense")
    values = {
        "form": form,
        "suspense": suspense,
        "reason_ja": str(SuspenseReason(suspense.reason).label),
        "channel_ja": str(Channel(suspense.receipt.channel).label),
        "target": target,
        "shown": shown,
        "instalment_ja": rows.instalment_ja(shown) if shown else "",
        "name": rows.names([shown.party_id]).get(shown.party_id, "") if shown else "",
        "standing": charge_standing(shown.pk, as_of=clock.today()) if shown else None,
    }
    return render(request, "collection/suspense.html", values, status=422 if form.errors else 200)


def _initial(suspense: Suspense, named: Charge | None) -> dict[str, Any]:
    initial: dict[str, Any] = {"amount": suspense.remaining_yen}
    if named is not None:
        initial |= {"notice_no": named.notice_no, "instalment_no": named.instalment_no, "tax_year": named.tax_year}
    return initial


def _target(form: AllocateForm) -> Charge | None:
    given = form.cleaned_data
    charges = Charge.objects.select_related("tax_kind").filter(
        notice_no__in=notice_forms(given["notice_no"]), instalment_no=given["instalment_no"], tax_year=given["tax_year"]
    )
    if charges.count() != 1:
        form.add_error("notice_no", "この番号・期別・年度の期別がありません。番号を確かめてください。")
        return None
    return charges[0]
