"""依頼の画面 of the tax office: work lists, one request with its checks, the legal check, execution, result."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intermediary.errors import TransferRefused
from intermediary.items import titles_ja
from intermediary.models import TransferExecution, TransferRequest
from intermediary.permissions import CHECK_TRANSFER, EXECUTE_TRANSFER, VIEW_TRANSFERS
from intermediary.selectors.transfers import WORK_LISTS, executions_of, transfer_counts, transfer_requests
from intermediary.services.executions import Order, execution_answers, transfer_execute
from intermediary.services.transfer_checks import legal_checks
from intermediary.services.transfers import Judgement, transfer_check, transfer_close, transfer_refuse
from intermediary.transfer_forms import CheckForm, ExecuteForm
from intermediary.views.refusing import proposal_refused
from taxsys.platform import clock
from taxsys.platform.approvals.errors import AlreadyProposed
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires

PAGE_SIZE = 50
State = TransferRequest.State


def titled(names: Any) -> list[str]:
    """Japanese titles of items; a name outside the dictionary stays as it is."""
    titles = titles_ja()
    return [titles.get(name, name) for name in names]


def request_values(one: TransferRequest) -> dict[str, Any]:
    """What both sides see of a request."""
    return {
        "one": one,
        "asked": titled(one.items),
        "approved": titled(one.approved_items),
        "executions": [{"execution": run, "items": titled(run.items)} for run in executions_of(one)],
        "level": LEVELS[State(one.state)],
    }


LEVELS = {
    State.SUBMITTED: "caution",
    State.CHECKED: "caution",
    State.APPROVED: "info",
    State.REFUSED: "danger",
    State.WITHDRAWN: "neutral",
    State.CLOSED: "done",
}


@requires(VIEW_TRANSFERS)
@require_safe
def requests(request: HttpRequest) -> HttpResponse:
    """依頼の一覧 by work list, newest first."""
    work = request.GET.get("work", "submitted")
    work = work if work in WORK_LISTS else ""
    page = Paginator(transfer_requests(work), PAGE_SIZE).get_page(request.GET.get("page"))
    access_record(action="view", record_type="transfer_request", count=len(page.object_list))
    values = {
        "page": page,
        "rows": [{"one": one, "level": LEVELS[State(one.state)]} for one in page],
        "counts": transfer_counts(),
        "work": work,
        "title_ja": WORK_LISTS[work][0] if work else "すべての依頼",
        "tab": "requests",
    }
    return render(request, "intermediary/transfers.html", values)


@requires(VIEW_TRANSFERS)
@require_safe
def detail(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """依頼の一件: who asks for what, the checks, the approval, every execution and refused attempt."""
    one = get_object_or_404(TransferRequest.objects.select_related("row"), pk=transfer_id)
    access_record(action="view", record_type="transfer_request", record_id=one.request_no, count=one.person_count)
    values = {
        **request_values(one),
        "checks": one.check_results or [check.kept() for check in legal_checks(one, on=clock.today())],
        "may_check": one.state == State.SUBMITTED and has_permission(request.user, CHECK_TRANSFER),
        "may_execute": one.state == State.APPROVED and has_permission(request.user, EXECUTE_TRANSFER),
        "may_read": has_permission(request.user, EXECUTE_TRANSFER),
        "may_close": one.state == State.APPROVED and has_permission(request.user, CHECK_TRANSFER),
        "tab": "requests",
    }
    return render(request, "intermediary/transfer.html", values)


@requires(CHECK_TRANSFER)
@require_http_methods(["GET", "HEAD", "POST"])
def check(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """法的確認: the register's checks, the officer's judgement; to the second person, or refused with a reason."""
    one = get_object_or_404(TransferRequest.objects.select_related("row"), pk=transfer_id, state=State.SUBMITTED)
    checks = legal_checks(one, on=clock.today())
    if request.method != "POST":
        base = f"{one.row.legal_base} {one.row.ordinance}".strip()
        form = CheckForm(one, initial={"base_ja": base, "items": one.items})
    else:
        form = CheckForm(one, request.POST)
        if form.is_valid() and (answer := _judged(request, one, form)):
            return answer
    values = {**request_values(one), "checks": checks, "form": form, "tab": "requests"}
    return render(request, "intermediary/transfer_check.html", values, status=422 if form.errors else 200)


def _judged(request: HttpRequest, one: TransferRequest, form: CheckForm) -> HttpResponse | None:
    actor: Any = request.user
    given = form.cleaned_data
    try:
        if given["decision"] == "refuse":
            transfer_refuse(one.pk, reason_ja=given["reason_ja"], actor=actor)
            word = "不承認にしました"
        else:
            judged = Judgement(
                given["base_ja"], tuple(given["items"]), given["valid_until"], given["is_purpose_inside"]
            )
            transfer_check(one.pk, judged, actor=actor)
            word = "承認を起案しました。別の職員が決裁します"
    except TransferRefused as error:
        form.add_error(None, error.message_ja)
        return None
    except AlreadyProposed as error:
        raise proposal_refused(error) from error
    access_record(action="update", record_type="transfer_request", record_id=one.request_no, reason=given["decision"])
    messages.success(request, f"依頼{one.request_no}を{word}。")
    return redirect("transfer", transfer_id=one.pk)


@requires(EXECUTE_TRANSFER)
@require_http_methods(["GET", "HEAD", "POST"])
def execute(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """提供・移転を実行する: from the approved items; what was not approved is refused and stays on record."""
    actor: Any = request.user
    one = get_object_or_404(TransferRequest.objects.select_related("row"), pk=transfer_id, state=State.APPROVED)
    form = ExecuteForm(one, request.POST) if request.method == "POST" else ExecuteForm(
        one, initial={"items": one.approved_items}
    )  # fmt: skip
    if form.is_bound:
        # The raw names, not the cleaned ones: a forged item is to be refused on record, not just sent back.
        form.is_valid()
        order = Order(
            tuple(request.POST.getlist("items")),
            one.method,
            media_no=request.POST.get("media_no", ""),
            is_encrypted=bool(form.cleaned_data.get("is_encrypted")),
        )
        try:
            execution = transfer_execute(one.pk, order, actor=actor)
        except TransferRefused as error:
            form.add_error(None, error.message_ja)
        else:
            messages.success(request, f"{execution.answered_count:,}人分を実行し、記録しました。")
            return redirect("transfer", transfer_id=one.pk)
    values = {**request_values(one), "form": form, "tab": "requests"}
    return render(request, "intermediary/transfer_execute.html", values, status=422 if form.errors else 200)


def result_values(execution: TransferExecution) -> dict[str, Any]:
    """The answers of an execution as a table: exactly its items."""
    titles = titles_ja()
    answers = execution_answers(execution)
    return {
        "execution": execution,
        "one": execution.request,
        "heads": [titles[name] for name in execution.items],
        "rows": [
            {"answer": answer, "values": [answer.items.get(name, "") for name in execution.items]} for answer in answers
        ],
    }


@requires(EXECUTE_TRANSFER)
@never_cache
@require_safe
def result(request: HttpRequest, execution_id: int) -> HttpResponse:
    """実行の結果 on the screen of the tax office, to compare before it leaves and to print."""
    execution = get_object_or_404(TransferExecution.objects.select_related("request", "provision"), pk=execution_id)
    if execution.provision_id is None:
        raise Http404
    return render(request, "intermediary/transfer_result.html", {**result_values(execution), "tab": "requests"})


@requires(CHECK_TRANSFER)
@require_POST
def close(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """依頼を完了にする."""
    one = get_object_or_404(TransferRequest, pk=transfer_id)
    try:
        transfer_close(one.pk)
    except TransferRefused as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    access_record(action="update", record_type="transfer_request", record_id=one.request_no, reason="closed")
    messages.success(request, f"依頼{one.request_no}を完了にしました。")
    return redirect("transfers")
