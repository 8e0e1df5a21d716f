"""職責の画面: heads, deputies and administrators, and the proposals that change them."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.audit.services import access_record
from taxsys.platform.rights import appointments, errors
from taxsys.platform.rights.forms import AppointmentForm, EndForm
from taxsys.platform.rights.models import Appointment
from taxsys.platform.rights.permissions import APPOINT, VIEW
from taxsys.platform.rights.views.refusing import refused
from taxsys.platform.staff.access import requires


@requires(VIEW)
@require_safe
def offices(request: HttpRequest) -> HttpResponse:
    """職責の一覧: who is head, deputy or administrator, and until when."""
    today = clock.today()
    rows = [
        {
            "appointment": row,
            "scope_ja": appointments.scope_title(row.duty, row.scope),
            "is_open": row.to_on is None or row.to_on > today,
        }
        for row in Appointment.objects.select_related("staff__unit", "deputises__staff")
    ]
    access_record(action="view", record_type="appointment", count=len(rows))
    return render(request, "rights/offices.html", {"rows": rows, "tab": "offices"})


@requires(APPOINT)
@require_http_methods(["GET", "HEAD", "POST"])
def propose(request: HttpRequest) -> HttpResponse:
    """職責を届け出る; a second administrator approves it."""
    actor: Any = request.user
    form = AppointmentForm(request.POST or None, initial={"from_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        values = form.cleaned_data
        duty, _, scope = values["office"].partition(":")
        deputises = (
            Appointment.objects.select_related("staff").get(pk=int(values["deputises"]))
            if values["deputises"]
            else None
        )
        try:
            approval = appointments.appointment_propose(
                values["staff"],
                duty=duty,
                scope=scope,
                from_on=values["from_on"],
                to_on=values["to_on"],
                deputises=deputises,
                actor=actor,
            )
        except errors.NotAppointed as error:
            raise refused(error) from error
        except (errors.RightsError, ApprovalError) as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(action="create", record_type="approval", record_id=str(approval.pk), reason="appointment")
            messages.success(request, "職責を届け出ました。別の権限管理者の決裁で有効になります。")
            return redirect("rights-offices")
    status = 422 if request.method == "POST" else 200
    return render(request, "rights/office.html", {"form": form, "tab": "offices"}, status=status)


@requires(APPOINT)
@require_http_methods(["GET", "HEAD", "POST"])
def end(request: HttpRequest, appointment_id: int) -> HttpResponse:
    """職責の終了を届け出る."""
    actor: Any = request.user
    row = get_object_or_404(Appointment.objects.select_related("staff"), pk=appointment_id)
    form = EndForm(request.POST or None, initial={"on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            approval = appointments.appointment_end_propose(row, on=form.cleaned_data["on"], actor=actor)
        except errors.NotAppointed as error:
            raise refused(error) from error
        except (errors.RightsError, ApprovalError) as error:
            form.add_error("on" if isinstance(error, errors.PeriodWrong) else None, error.message_ja)
        else:
            access_record(action="create", record_type="approval", record_id=str(approval.pk), reason="appointment")
            messages.success(request, "職責の終了を届け出ました。別の権限管理者の決裁で有効になります。")
            return redirect("rights-offices")
    values = {
        "form": form,
        "row": row,
        "scope_ja": appointments.scope_title(row.duty, row.scope),
        "tab": "offices",
    }
    return render(request, "rights/office_end.html", values, status=422 if request.method == "POST" else 200)
