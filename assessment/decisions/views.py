"""決定の撤回の画面: what a recall would touch, and the proposal that a second person decides at the approvals desk."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from assessment.decisions.forms import RecallForm
from assessment.decisions.recall import RecallRefused, recall_propose, recall_scope
from assessment.models import AssessmentRun
from assessment.permissions import PROPOSE_RECALL
from taxsys.platform.approvals.errors import AlreadyProposed
from taxsys.platform.audit.services import access_record
from taxsys.platform.staff.access import requires

_FIELDS = {"due_on": "due_1", "reason": "reason"}


@requires(PROPOSE_RECALL)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def recall(request: HttpRequest, run_id: int) -> HttpResponse:
    """撤回の起案: shows the scope; a POST proposes it, nothing is taken back before another officer approves."""
    staff: Any = request.user
    run = get_object_or_404(AssessmentRun, pk=run_id)
    form = RecallForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                approval = recall_propose(
                    run, actor=staff, reason_ja=form.cleaned_data["reason"], new_due_dates=form.due_dates()
                )
            except RecallRefused as refused:
                form.add_error(_FIELDS.get(refused.field), refused.message_ja)
            except AlreadyProposed as refused:
                form.add_error(None, refused.message_ja)
            else:
                access_record(action="create", record_type="assessment.recall", record_id=str(run.pk))
                messages.success(request, f"「{approval.title_ja}」を起案しました。別の職員の決裁を待っています。")
                return redirect("approvals-own")
    access_record(action="view", record_type="assessment.recall", record_id=str(run.pk))
    return render(
        request, "assessment/recall.html", {"run": run, "scope": recall_scope(run), "form": form}, status=status
    )
