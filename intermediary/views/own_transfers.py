"""依頼元の画面: a division asks under the rows of which it is the recipient, follows its requests, signs for media."""

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from intermediary.errors import TransferRefused
from intermediary.models import TransferExecution, TransferRequest
from intermediary.permissions import REQUEST_TRANSFER
from intermediary.selectors.register import rows_for_unit
from intermediary.selectors.transfers import is_readable, own_requests
from intermediary.services.executions import SIGNED, execution_receive
from intermediary.services.transfers import Wanted, person_nos_read, transfer_submit, transfer_withdraw
from intermediary.transfer_forms import ReceiptForm, RequestForm
from intermediary.views.transfers import LEVELS, PAGE_SIZE, State, request_values, result_values
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires


def _own(request: HttpRequest, transfer_id: int) -> TransferRequest:
    """A request of the officer's own division; another's is as if it did not exist."""
    staff: Any = request.user
    found = TransferRequest.objects.select_related("row")
    return get_object_or_404(found, pk=transfer_id, unit_code=staff.unit_on().code)


@requires(REQUEST_TRANSFER)
@require_safe
def own(request: HttpRequest) -> HttpResponse:
    """自所属の依頼と、依頼できる登録簿の行."""
    staff: Any = request.user
    unit = staff.unit_on()
    page = Paginator(own_requests(unit.code), PAGE_SIZE).get_page(request.GET.get("page"))
    access_record(action="view", record_type="transfer_request", count=len(page.object_list))
    values = {
        "page": page,
        "rows": [{"one": one, "level": LEVELS[State(one.state)]} for one in page],
        "open_rows": list(rows_for_unit(unit.name, on=clock.today())),
        "unit": unit,
        "tab": "own",
    }
    return render(request, "intermediary/own_transfers.html", values)


@requires(REQUEST_TRANSFER)
@require_http_methods(["GET", "HEAD", "POST"])
def ask(request: HttpRequest, row_no: str) -> HttpResponse:
    """依頼する under one row: purpose, year, items, people."""
    staff: Any = request.user
    row = rows_for_unit(staff.unit_on().name, on=clock.today()).filter(row_no=row_no).first()
    if row is None:
        raise Http404
    form = RequestForm(row, request.POST) if request.method == "POST" else RequestForm(row)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            wanted = Wanted(
                row_no=row_no,
                form=given["form"],
                purpose_ja=given["purpose_ja"],
                tax_year=given["tax_year"],
                items=tuple(given["items"]),
                method=given["method"],
                person_nos=person_nos_read(given["person_nos"]),
                known_on=given["known_on"],
            )
            made = transfer_submit(wanted, actor=staff)
        except TransferRefused as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(
                action="create",
                record_type="transfer_request",
                record_id=made.request_no,
                subjects=[str(pk) for pk in made.parties.values_list("pk", flat=True)],
                tax_year=made.tax_year,
            )
            unknown = f"該当のない宛名番号が{made.unknown_count:,}件ありました。" if made.unknown_count else ""
            messages.success(request, f"依頼{made.request_no}を受け付けました（{made.person_count:,}人）。{unknown}")
            return redirect("own-transfers")
    values = {"form": form, "row": row, "tab": "own"}
    return render(request, "intermediary/transfer_ask.html", values, status=422 if form.errors else 200)


@requires(REQUEST_TRANSFER)
@require_safe
def own_detail(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """自所属の依頼の一件: what was approved, what was given, and the media to sign for."""
    one = _own(request, transfer_id)
    access_record(action="view", record_type="transfer_request", record_id=one.request_no, count=one.person_count)
    values = request_values(one)
    for entry in values["executions"]:
        run = entry["execution"]
        entry["may_read"] = is_readable(run)
        entry["to_sign"] = run.result == "done" and run.method in SIGNED and run.handed_over_at is None
        entry["form"] = ReceiptForm(auto_id=f"id_{run.pk}_%s")
    return render(
        request,
        "intermediary/own_transfer.html",
        {**values, "may_withdraw": one.state == State.SUBMITTED, "tab": "own"},
    )


@requires(REQUEST_TRANSFER)
@never_cache
@require_safe
def own_result(request: HttpRequest, execution_id: int) -> HttpResponse:
    """庁内連携の結果 on the division's screen, once a second person has let it go."""
    execution = get_object_or_404(
        TransferExecution.objects.select_related("request", "provision", "file"), pk=execution_id
    )
    _own(request, execution.request_id)
    if not is_readable(execution):
        raise Http404
    return render(request, "intermediary/transfer_result.html", {**result_values(execution), "tab": "own"})


@requires(REQUEST_TRANSFER)
@require_POST
def withdraw(request: HttpRequest, transfer_id: int) -> HttpResponse:
    """依頼を取り下げる."""
    staff: Any = request.user
    one = _own(request, transfer_id)
    try:
        transfer_withdraw(one.pk, actor=staff)
    except TransferRefused as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    access_record(action="update", record_type="transfer_request", record_id=one.request_no, reason="withdrawn")
    messages.success(request, f"依頼{one.request_no}を取り下げました。")
    return redirect("own-transfers")


@requires(REQUEST_TRANSFER)
@require_POST
def receive(request: HttpRequest, execution_id: int) -> HttpResponse:
    """媒体・紙の受領に署名する."""
    staff: Any = request.user
    execution = get_object_or_404(TransferExecution, pk=execution_id)
    one = _own(request, execution.request_id)
    form = ReceiptForm(request.POST)
    try:
        execution_receive(execution.pk, media_no=form.data.get("media_no", ""), actor=staff)
    except TransferRefused as error:
        raise Refused("R409", error.message_ja, reason=error.code) from error
    access_record(action="update", record_type="transfer_execution", record_id=one.request_no, reason="received")
    messages.success(request, "受領を記録しました。")
    return redirect("own-transfer", transfer_id=one.pk)
