"""代決者の画面: whom an officer has named, who named the officer, and the naming of another."""

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from taxsys.platform import clock
from taxsys.platform.approvals import selectors
from taxsys.platform.approvals.deputies import KIND, deputy_end, deputy_propose
from taxsys.platform.approvals.errors import ApprovalError, DeputyRefused
from taxsys.platform.approvals.models import Approval
from taxsys.platform.approvals.permissions import NAME_DEPUTY
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.forms import WarekiDateField


class DeputyForm(forms.Form):
    """代決者の指定: who decides in one's absence, from when to when, and why."""

    deputy_no = forms.CharField(label="代決者の職員番号", max_length=20)
    from_on = WarekiDateField(label="開始日")
    to_on = WarekiDateField(label="終了日", help_text="この日の0時から代決できません。")
    reason = forms.CharField(label="理由", max_length=200, help_text="出張・休暇など")


@requires(NAME_DEPUTY)
@require_http_methods(["GET", "HEAD", "POST"])
def deputies(request: HttpRequest) -> HttpResponse:
    """代決者: the officer's own deputies; a new one is proposed and waits for an administrator."""
    staff: Any = request.user
    form = DeputyForm(request.POST or None, initial={"from_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        try:
            approval = deputy_propose(actor=staff, **form.cleaned_data)
        except DeputyRefused as error:
            form.add_error(error.field or None, error.message_ja)
        except ApprovalError as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(action="create", record_type="deputy", record_id=str(approval.pk))
            messages.success(request, "代決者の指定を起案しました。権限管理者が決裁すると有効になります。")
            return redirect("approvals-deputies")
    waiting = Approval.objects.filter(kind=KIND, proposed_by=staff, state=Approval.State.PROPOSED)
    values = {
        "form": form,
        "named": selectors.deputies_of(staff),
        "naming": selectors.deputising_for(staff),
        "waiting": waiting,
        "today": clock.today(),
        "view": "deputies",
    }
    return render(request, "approvals/deputies.html", values, status=422 if form.errors else 200)


@requires(NAME_DEPUTY)
@require_POST
def deputy_end_now(request: HttpRequest, deputy_id: int) -> HttpResponse:
    """代決を終える: at once."""
    staff: Any = request.user
    try:
        row = deputy_end(deputy_id, actor=staff)
    except DeputyRefused as error:
        raise Refused("R409", error.message_ja, reason="deputy_ended") from error
    messages.success(request, f"{row.deputy.name}の代決を終えました。")
    return redirect("approvals-deputies")
