"""済通の束の画面: all batches beside the bank's day totals, one batch with what waits in it, a batch to be keyed."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from collection.closing.errors import PeriodClosedError
from collection.errors import ReceiptFileRefusedError
from collection.paid_slips.errors import SlipBatchError
from collection.paid_slips.forms import BatchForm, DiscardForm
from collection.paid_slips.models import BatchKind, SlipBatch
from collection.paid_slips.reading import BatchDraft
from collection.paid_slips.rules import FAULTS_JA
from collection.paid_slips.selectors import batch_days, batches, slips_waiting
from collection.paid_slips.services import batch_discard, batch_post, batch_standing, keyed_batch_open
from collection.permissions import POST_RECEIPTS
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

RECORD = "slip_batch"
_PAGE_SIZE = 50


def actor_of(request: HttpRequest) -> str:
    """The officer as the books name an actor."""
    staff: Any = request.user
    return f"staff:{staff.staff_no}"


@requires(POST_RECEIPTS)
@never_cache
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """済通の束の一覧: newest day first, with the days' sums beside the bank's."""
    page = Paginator(batches(), _PAGE_SIZE).get_page(request.GET.get("page"))
    found = list(page.object_list)
    access_record(action="view", record_type=RECORD, count=len(found))
    values = {"page": page, "rows": found, "days": batch_days([one.account_on for one in found])}
    return render(request, "paid_slips/batches.html", values)


@requires(POST_RECEIPTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """画面入力の束: the control slip is keyed first, the slips follow one by one."""
    form = BatchForm(request.POST or None, initial={"account_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        draft = BatchDraft(
            BatchKind.KEYED, given["bank_code"], given["batch_no"], given["account_on"], given["control_count"],
            given["control_yen"], (),
        )  # fmt: skip
        try:
            batch = keyed_batch_open(draft, actor=actor_of(request))
        except (SlipBatchError, ReceiptFileRefusedError) as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(action="create", record_type=RECORD, record_id=str(batch.pk))
            return redirect("paid-slip", batch.pk, slips_waiting(batch)[0].pk)
    return render(request, "paid_slips/new.html", {"form": form}, status=422 if form.errors else 200)


@requires(POST_RECEIPTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def one(request: HttpRequest, slip_batch_id: int) -> HttpResponse:
    """束一つ: the control slip beside what is known, slips that wait, posting and discarding."""
    batch = SlipBatch.objects.filter(pk=slip_batch_id).first()
    if batch is None:
        raise Refused("R404", reason="not_found")
    form = DiscardForm(request.POST if "discard" in request.POST else None)
    fault = ""
    if request.method == "POST":
        try:
            done = _act(request, batch, form)
        except (SlipBatchError, PeriodClosedError) as error:
            fault, done = error.message_ja, False
        if done:
            return redirect("paid-slip-batch", batch.pk)
        batch.refresh_from_db()
    access_record(action="view", record_type=RECORD, record_id=str(batch.pk))
    waiting = slips_waiting(batch)
    values = {
        "batch": batch,
        "standing": batch_standing(batch),
        "waiting": [{"slip": slip, "faults_ja": faults_text(slip.faults)} for slip in waiting],
        "corrected": batch.slips.exclude(corrected_by="").order_by("seq_no"),
        "days": batch_days([batch.account_on]),
        "form": form,
        "fault": fault,
    }
    return render(request, "paid_slips/batch.html", values, status=422 if fault or form.errors else 200)


def _act(request: HttpRequest, batch: SlipBatch, form: DiscardForm) -> bool:
    """Post or discard; False where the form has to be shown again. Raises SlipBatchError, PeriodClosedError."""
    if "discard" in request.POST:
        if not form.is_valid():
            return False
        batch_discard(batch.pk, reason_ja=form.cleaned_data["reason"], actor=actor_of(request))
        messages.success(request, "束を取り下げました。")
    else:
        try:
            outcome = batch_post(batch.pk, actor=actor_of(request), as_of=clock.today())
        except ReceiptFileRefusedError as error:
            raise SlipBatchError(error.message_ja, code=error.code) from error
        messages.success(
            request,
            f"{outcome.posted:,}件 {outcome.posted_yen:,}円を計上しました（消込 {outcome.allocated_yen:,}円、"
            f"仮受 {outcome.suspense_yen:,}円、過誤納 {outcome.overpaid_yen:,}円）。",
        )
    access_record(action="update", record_type=RECORD, record_id=str(batch.pk))
    return True


def faults_text(faults: list[str]) -> str:
    """What is wrong with a slip, in words."""
    return "・".join(FAULTS_JA[one] for one in faults)
