"""登録簿の表の取込の画面: take a table in, see each line beside the register, propose it as one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from intermediary.errors import RegisterRefused
from intermediary.forms import TableForm
from intermediary.permissions import PROPOSE_REGISTER
from intermediary.services.register import LABELS, TABLE_KIND
from intermediary.services.register_table import FORMAT, TableCheck, table_check, table_propose
from intermediary.views.refusing import proposal_refused
from taxsys.platform.approvals.errors import AlreadyProposed
from taxsys.platform.approvals.models import Approval
from taxsys.platform.audit.services import access_record
from taxsys.platform.files.errors import DuplicateFile, FilesError
from taxsys.platform.files.models import ReceivedFile
from taxsys.platform.files.services import file_receive
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import Staff


@requires(PROPOSE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """表を受け取る: kept as it came; a file that is no table is refused at once."""
    form = TableForm(request.POST, request.FILES) if request.method == "POST" else TableForm()
    if form.is_bound and form.is_valid():
        file = form.cleaned_data["file"]
        content = file.read()
        actor: Any = request.user
        try:
            table_check(content)
            received = _received(file.name, content, actor)
        except FilesError as error:
            form.add_error("file", error.message_ja)
        else:
            access_record(action="create", record_type="received_file", record_id=str(received.pk))
            return redirect("provision-table", file_id=received.pk)
    values = {"form": form, "labels": list(LABELS.values()), "tab": "table"}
    return render(request, "intermediary/register_receive.html", values, status=422 if form.errors else 200)


def _received(name: str, content: bytes, actor: Staff) -> ReceivedFile:
    """The receipt of these bytes; a table that was taken in before is opened again."""
    try:
        return file_receive(name=name, content=content, format=FORMAT, sender=actor.unit_on().name, channel="internal")
    except DuplicateFile as error:
        known = ReceivedFile.objects.filter(pk=error.received_id, format=FORMAT).first()
        if known is None:
            raise
        return known


@requires(PROPOSE_REGISTER)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """表の検査と起案: every line with its faults and differences; proposed only when no line has a fault."""
    actor: Any = request.user
    received = get_object_or_404(ReceivedFile, pk=file_id, format=FORMAT)
    if request.method == "POST":
        try:
            approval = table_propose(received, actor=actor)
        except AlreadyProposed as error:
            raise proposal_refused(error) from error
        except RegisterRefused as error:
            return _page(request, received, table_check(received.open_bytes()), error_ja=error.message_ja)
        access_record(action="create", record_type="register_proposal", record_id=str(approval.pk))
        messages.success(request, f"「{approval.title_ja}」を起案しました。別の職員が決裁すると有効になります。")
        return redirect("provision-register")
    access_record(action="view", record_type="received_file", record_id=str(received.pk))
    return _page(request, received, table_check(received.open_bytes()))


def _page(request: HttpRequest, received: ReceivedFile, checked: TableCheck, *, error_ja: str = "") -> HttpResponse:
    open_proposal = Approval.objects.filter(
        kind=TABLE_KIND, subject_key=str(received.pk), state=Approval.State.PROPOSED
    ).exists()
    values = {
        "file": received,
        "checked": checked,
        "error_ja": error_ja,
        "is_proposed": open_proposal,
        "fault_count": len(checked.faults) + sum(1 for one in checked.lines if one.faults),
        "tab": "table",
    }
    return render(request, "intermediary/register_check.html", values, status=422 if error_ja else 200)
