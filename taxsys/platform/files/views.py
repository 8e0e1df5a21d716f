"""ファイルの画面: what came in and what became of it, taking a file in, and handing an outgoing one over.

No page shows a line of a file; findings name line, item and code. A received file is never handed out again.
"""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from taxsys.platform.audit.services import access_record
from taxsys.platform.files import selectors
from taxsys.platform.files.errors import DuplicateFile, FilesError
from taxsys.platform.files.forms import ReceivedFilter, ReceiveForm, StateForm
from taxsys.platform.files.models import OutgoingFile, ReceivedFile
from taxsys.platform.files.permissions import RECEIVE, RELEASE, VIEW
from taxsys.platform.files.services import file_receive, outgoing_release, outgoing_state_change, states_next
from taxsys.platform.jobs.errors import JobError
from taxsys.platform.jobs.intake import jobs_taking
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.jobs.services import job_request, job_start
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires
from taxsys.platform.ui.documents import file_given

PAGE_SIZE = 50
LEVELS = {
    "received": "info",
    "refused": "danger",
    "staged": "info",
    "applied": "done",
    "partly_applied": "caution",
    "quarantined": "danger",
}
ISSUED_LEVELS = {
    "prepared": "caution",
    "released": "info",
    "sending": "info",
    "unknown": "danger",
    "acknowledged": "done",
    "rejected": "danger",
    "withdrawn": "neutral",
}
# Releasing has its own door with a second person; here only what became of a handed-over file is noted.
_NOTED = ("acknowledged", "rejected", "unknown", "withdrawn")


@requires(VIEW)
@never_cache
@require_safe
def received_list(request: HttpRequest) -> HttpResponse:
    """受領ファイルの一覧."""
    form = ReceivedFilter(request.GET)
    chosen = form.cleaned_data if form.is_valid() else {"state": "", "format": ""}
    found = selectors.received_files(state=chosen["state"], format_name=chosen["format"])
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"file": one, "title_ja": selectors.layout_title(one.format), "level": LEVELS[one.state]} for one in page]
    access_record(action="view", record_type="received_file", count=len(rows))
    values = {"form": form, "page": page, "rows": rows, "here": "received"}
    return render(request, "files/received_list.html", values)


@requires(RECEIVE)
@require_http_methods(["GET", "HEAD", "POST"])
def receive(request: HttpRequest) -> HttpResponse:
    """ファイルを受領する; refused at once when it was here before, checked by its job otherwise."""
    form = ReceiveForm(request.POST, request.FILES) if request.method == "POST" else ReceiveForm()
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            received = file_receive(
                name=given["file"].name,
                content=given["file"].read(),
                format=given["format"],
                sender=given["sender"],
                channel=given["channel"],
                manifest=given["manifest"].read() if given["manifest"] else b"",
            )
        except DuplicateFile as error:
            form.add_error("file", error.message_ja)
        except FilesError as error:
            form.add_error(None, f"{error.code} {error.message_ja}")
        else:
            access_record(action="create", record_type="received_file", record_id=str(received.pk))
            messages.success(request, f"「{received.name}」を受領しました。取込みを開始してください。")
            return redirect("files-received", file_id=received.pk)
    return render(request, "files/receive.html", {"form": form}, status=422 if form.errors else 200)


@requires(VIEW)
@never_cache
@require_safe
def received_page(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """一つの受領ファイル: its controls, its findings, earlier attempts, and the job that takes it in."""
    received = get_object_or_404(ReceivedFile, pk=file_id)
    page = Paginator(received.line_errors.order_by("line_no", "id"), PAGE_SIZE).get_page(request.GET.get("page"))
    access_record(action="view", record_type="received_file", record_id=str(received.pk))
    staff: Any = request.user
    is_open = received.state == ReceivedFile.State.RECEIVED
    jobs = [job for job in jobs_taking(received.format) if has_permission(staff, job.permission)]
    values = {
        "file": received,
        "title_ja": selectors.layout_title(received.format),
        "level": LEVELS[received.state],
        "page": page,
        "attempts": list(received.attempts.order_by("-attempted_at")),
        "runs": list(JobRun.objects.filter(params__file=str(received.pk)).order_by("-pk")),
        "may_import": is_open and bool(jobs) and has_permission(staff, RECEIVE),
        "here": "received",
    }
    return render(request, "files/received.html", values)


@requires(VIEW)
@require_safe
def result(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """結果ファイル (CSV) for the sender: lines, codes and words, never what stood in the line."""
    received = get_object_or_404(ReceivedFile, pk=file_id)
    access_record(action="export", record_type="received_file", record_id=str(received.pk))
    return file_given(selectors.result_file(received), f"{received.pk}.result.csv", "text/csv; charset=utf-8")


@requires(RECEIVE)
@require_POST
def start_import(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """取込みを開始する: the job of the file's layout, asked for and started."""
    received = get_object_or_404(ReceivedFile, pk=file_id)
    staff: Any = request.user
    jobs = [job for job in jobs_taking(received.format) if has_permission(staff, job.permission)]
    if not jobs:
        raise Refused("R403", "この形式のファイルを取り込む権限がありません。", reason="no_permission")
    try:
        run = job_request(jobs[0].id, {"file": str(received.pk)}, actor=staff)
        job_start(run.pk, actor=staff)
    except JobError as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    access_record(action="create", record_type="job_run", record_id=str(run.pk))
    messages.success(request, f"第{run.pk}号として取込みを開始しました。")
    return redirect(reverse("jobs-run", args=[run.pk]))


@requires(VIEW)
@never_cache
@require_safe
def issued_list(request: HttpRequest) -> HttpResponse:
    """提供ファイルの一覧."""
    page = Paginator(selectors.issued_files(), PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"file": one, "level": ISSUED_LEVELS[one.state]} for one in page]
    access_record(action="view", record_type="outgoing_file", count=len(rows))
    return render(request, "files/issued_list.html", {"page": page, "rows": rows, "here": "issued"})


def _issued(file_id: UUID) -> OutgoingFile:
    return get_object_or_404(OutgoingFile, pk=file_id)


@requires(VIEW)
@never_cache
@require_safe
def issued_page(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """一つの提供ファイル: counts and sums, its state, and what may be done next."""
    issued = _issued(file_id)
    access_record(action="view", record_type="outgoing_file", record_id=str(issued.pk))
    return render(request, "files/issued.html", _issued_values(request, issued))


def _issued_values(request: HttpRequest, issued: OutgoingFile, form: StateForm | None = None) -> dict[str, Any]:
    may = has_permission(request.user, RELEASE)
    nexts = [state for state in _NOTED if state in states_next(issued)]
    return {
        "file": issued,
        "level": ISSUED_LEVELS[issued.state],
        "sums": sorted(issued.amount_sums.items()),
        "may_release": may and issued.state == OutgoingFile.State.PREPARED,
        "may_take": may and issued.state in {OutgoingFile.State.RELEASED, OutgoingFile.State.SENDING},
        "form": form or (StateForm(nexts) if may and nexts else None),
        "here": "issued",
    }


@requires(RELEASE)
@require_POST
def release(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """提供を承認する, by another person than the one who had the file made."""
    issued = _issued(file_id)
    staff: Any = request.user
    try:
        outgoing_release(issued.pk, approved_by=staff.staff_no, made_for=_asked_by(issued))
    except FilesError as error:
        code = "R403-OWN" if error.code == "F-SAME" else "R409"
        raise Refused(code, error.message_ja, reason=error.code) from error
    access_record(action="update", record_type="outgoing_file", record_id=str(issued.pk), reason="approved")
    messages.success(request, f"「{issued.name}」の提供を承認しました。")
    return redirect("files-issued", file_id=issued.pk)


def _asked_by(issued: OutgoingFile) -> str:
    """Staff number of who had the file made: in person, or by asking for the run that made it."""
    kind, _, who = issued.created_by.partition(":")
    if kind != "job":
        return who
    number = who.rpartition("#")[2]
    run = JobRun.objects.filter(pk=number).first() if number.isdecimal() else None
    return run.requested_by if run else ""


@requires(RELEASE)
@require_POST
def content(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """引渡し: the bytes themselves, only after approval; taking them marks the file as being sent."""
    issued = _issued(file_id)
    if issued.state not in {OutgoingFile.State.RELEASED, OutgoingFile.State.SENDING}:
        raise Refused("R409", "提供が承認されていないため、取り出せません。", reason="not_released")
    try:
        body = issued.open_bytes()
        if issued.state == OutgoingFile.State.RELEASED:
            outgoing_state_change(issued.pk, OutgoingFile.State.SENDING)
    except FilesError as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    access_record(action="export", record_type="outgoing_file", record_id=str(issued.pk), count=issued.record_count)
    return file_given(body, issued.name, "application/octet-stream")


@requires(RELEASE)
@require_POST
def state_change(request: HttpRequest, file_id: UUID) -> HttpResponse:
    """相手先の結果を記録する."""
    issued = _issued(file_id)
    form = StateForm([state for state in _NOTED if state in states_next(issued)], request.POST)
    if not form.is_valid():
        return render(request, "files/issued.html", _issued_values(request, issued, form), status=422)
    try:
        outgoing_state_change(issued.pk, form.cleaned_data["state"], reason=form.cleaned_data["reason"])
    except FilesError as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    access_record(action="update", record_type="outgoing_file", record_id=str(issued.pk))
    messages.success(request, "結果を記録しました。")
    return redirect("files-issued", file_id=issued.pk)
