"""利用者の画面: state of the own people's accounts, duties and training."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_POST, require_safe

from taxsys.platform import clock
from taxsys.platform.approvals.errors import ApprovalError
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.rights import errors, keys
from taxsys.platform.rights import people as desk
from taxsys.platform.rights.permissions import PEOPLE
from taxsys.platform.rights.views.refusing import refused
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import KeyEnrolment, Staff
from taxsys.platform.staff.passwords import password_expires_on
from taxsys.platform.staff.pledges import acknowledgement_ends_on, is_trained
from taxsys.platform.ui.forms import WarekiDateField


class PledgeForm(forms.Form):
    """研修・誓約の記録."""

    kind = forms.ChoiceField(label="記録", choices=(("training", "研修の受講"), ("pledge", "書面による守秘義務の誓約")))
    on = WarekiDateField(label="日付")


@requires(PEOPLE)
@require_safe
def people(request: HttpRequest) -> HttpResponse:
    """利用者の一覧: the people of the own units."""
    actor: Any = request.user
    rows = [
        {
            "staff": staff,
            "expires_on": password_expires_on(staff),
            "ends_on": acknowledgement_ends_on(staff),
            "is_trained": is_trained(staff),
            "keys": staff.security_keys.filter(revoked_at__isnull=True).count(),
        }
        for staff in desk.people_of(actor)
    ]
    access_record(action="view", record_type="staff", count=len(rows))
    values = {"rows": rows, "form": PledgeForm(initial={"on": clock.today()}), "tab": "people"}
    return render(request, "rights/people.html", values)


@requires(PEOPLE)
@require_POST
def pledge(request: HttpRequest, staff_id: int) -> HttpResponse:
    """研修の受講日・書面の誓約を記録する."""
    actor: Any = request.user
    staff = get_object_or_404(Staff, pk=staff_id)
    form = PledgeForm(request.POST)
    if not form.is_valid():
        raise Refused("R422", "日付を確かめてください。何も記録しませんでした。", reason="invalid")
    try:
        desk.pledge_note(staff, actor=actor, **form.cleaned_data)
    except errors.PeriodWrong as error:
        raise Refused("R422", error.message_ja, reason="future") from error
    except errors.RightsError as error:
        raise refused(error) from error
    access_record(action="update", record_type="staff", record_id=staff.staff_no, reason=form.cleaned_data["kind"])
    messages.success(request, f"{staff.name}の記録を登録しました。")
    return redirect("rights-people")


@requires(PEOPLE)
@require_POST
def reenable(request: HttpRequest, staff_id: int) -> HttpResponse:
    """停止した職員番号の再開を届け出る."""
    actor: Any = request.user
    staff = get_object_or_404(Staff, pk=staff_id)
    try:
        approval = desk.reenable_propose(staff, actor=actor)
    except errors.RightsError as error:
        raise refused(error) from error
    except ApprovalError as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    access_record(action="create", record_type="approval", record_id=str(approval.pk), reason="reenable")
    messages.success(request, "再開を届け出ました。権限管理者の決裁で使えるようになります。")
    return redirect("rights-people")


class KeyForm(forms.Form):
    """鍵の登録・再登録の届出."""

    purpose = forms.ChoiceField(choices=KeyEnrolment.Purpose.choices)


@requires(PEOPLE)
@require_POST
def key(request: HttpRequest, staff_id: int) -> HttpResponse:
    """鍵の登録・再登録を届け出る."""
    actor: Any = request.user
    staff = get_object_or_404(Staff, pk=staff_id)
    form = KeyForm(request.POST)
    if not form.is_valid():
        raise Refused("R422", "目的を選んでください。", reason="invalid")
    try:
        approval = keys.key_propose(staff, actor=actor, **form.cleaned_data)
    except errors.RightsError as error:
        raise refused(error) from error
    except ApprovalError as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    access_record(action="create", record_type="approval", record_id=str(approval.pk), reason="key")
    messages.success(request, "届け出ました。権限管理者の決裁から30分以内に、本人がサインインして鍵を登録します。")
    return redirect("rights-people")


@requires(PEOPLE)
@require_POST
def stop_keys(request: HttpRequest, staff_id: int) -> HttpResponse:
    """紛失した鍵を止める: at once, without a second person."""
    actor: Any = request.user
    staff = get_object_or_404(Staff, pk=staff_id)
    try:
        stopped = keys.keys_stop(staff, actor=actor)
    except errors.RightsError as error:
        raise refused(error) from error
    access_record(
        action="update", record_type="security_key", record_id=staff.staff_no, reason="stopped", count=stopped
    )
    messages.success(request, f"{staff.name}の鍵を{stopped}本止めました。")
    return redirect("rights-people")
