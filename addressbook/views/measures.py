"""支援措置の登録の画面: entered from the paper by one officer, compared and approved by another (N-086, R-207)."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from addressbook.errors import ProtectionTermRefused
from addressbook.measure_forms import MeasureForm
from addressbook.permissions import MANAGE_PROTECTION
from addressbook.services.protection_measures import measure_propose
from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires


@requires(MANAGE_PROTECTION)
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def measure_new(request: HttpRequest) -> HttpResponse:
    """登録の起案: from the moment it is entered the person and the household are hidden."""
    staff: Any = request.user
    form = MeasureForm(request.POST or None, initial={"accepted_on": clock.today(), "valid_from": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            measure_propose(form.measure(), actor=staff)
        except ProtectionTermRefused as error:
            form.add_error(error.field or None, error.message_ja)
        except ApprovalError as error:
            form.add_error(None, error.message_ja)
        else:
            messages.success(
                request,
                "起案しました。対象者と世帯の住所は、いまから表示されません。別の職員が決裁すると登録されます。",
            )
            return redirect("protections")
    if request.method != "POST":
        access_record(action="view", record_type="protection_form")
    return render(request, "addressbook/measure_new.html", {"form": form}, status=422 if form.errors else 200)
