"""特別徴収義務者の指定: a new agent with its number."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from assessment.permissions import RECORD_WITHHOLDERS
from assessment.withholders.errors import DesignationRefused
from assessment.withholders.forms import DesignationForm
from assessment.withholders.issuing import Designation, withholder_issue
from taxsys.platform.staff.access import requires


@requires(RECORD_WITHHOLDERS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """指定番号を付ける."""
    staff: Any = request.user
    form = DesignationForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            made = withholder_issue(Designation(**form.cleaned_data), actor=staff)
        except DesignationRefused as error:
            form.add_error(error.field if error.field in form.fields else None, error.message_ja)
        else:
            messages.success(request, f"指定番号{made.designation_no}を付けました。")
            return redirect("assessment-withholder", withholder_id=made.pk)
    values = {"form": form, "here": "privileges"}
    return render(request, "withholders/designation_new.html", values, status=422 if form.errors else 200)
