"""済通の訂正の画面: one slip as it was read beside what the officer reads on the paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from collection.paid_slips.errors import SlipBatchError
from collection.paid_slips.forms import SlipCorrectionForm
from collection.paid_slips.models import BatchState, PaidSlip
from collection.paid_slips.rules import Reading
from collection.paid_slips.selectors import Named, named_by, same_elsewhere, slip_next, slips_waiting
from collection.paid_slips.services import slip_correct
from collection.paid_slips.views.batches import RECORD, actor_of, faults_text
from collection.permissions import POST_RECEIPTS
from collection.search import instalment_text
from taxsys.kernel import wareki
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.ui.subject_token import subject_check, subject_token

FORM = "paid_slips.slip"


@requires(POST_RECEIPTS)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def correct(request: HttpRequest, slip_batch_id: int, paid_slip_id: int) -> HttpResponse:
    """済通の訂正: saved, the next slip that waits follows; after the last one the batch."""
    slip = PaidSlip.objects.select_related("batch").filter(pk=paid_slip_id, batch_id=slip_batch_id).first()
    if slip is None:
        raise Refused("R404", reason="not_found")
    form = SlipCorrectionForm(request.POST) if request.method == "POST" else SlipCorrectionForm(initial=_initial(slip))
    named = named_by(slip.key_kind, slip.match_key)
    if request.method == "POST":
        subject_check(request, form=FORM, subject=str(slip.pk), version=_version(slip))
        if form.is_valid():
            kind, key = form.key()
            named = named_by(kind, key)
            if _is_doubtless(form, slip, named) and _save(request, form, slip):
                following = slip_next(slip)
                if following is None:
                    return redirect("paid-slip-batch", slip.batch_id)
                return redirect("paid-slip", slip.batch_id, following.pk)
    access_record(action="view", record_type=RECORD, record_id=f"{slip.batch_id}:{slip.seq_no}")
    values = {
        "slip": slip,
        "form": form,
        "faults_ja": faults_text(slip.faults),
        "named": named,
        "instalment_ja": instalment_text(named.charge) if named else "",
        "waiting": len(slips_waiting(slip.batch)),
        "may_correct": slip.batch.state == BatchState.OPEN,
        "token": subject_token(request, form=FORM, subject=str(slip.pk), version=_version(slip)),
    }
    return render(request, "paid_slips/slip.html", values, status=422 if form.errors else 200)


def _version(slip: PaidSlip) -> str:
    return f"{slip.batch.state}:{slip.state}:{slip.corrected_at}"


def _initial(slip: PaidSlip) -> dict[str, Any]:
    initial: dict[str, Any] = {"paid_on": slip.paid_on, "amount": slip.amount_yen}
    if slip.key_kind == "charge" and slip.match_key:
        names = ("tax_kind", "levy_year", "tax_year", "method", "notice_no", "instalment_no")
        initial |= dict(zip(names, slip.match_key.split("|"), strict=True))
    else:
        initial["case_no"] = slip.match_key
    return initial


def _is_doubtless(form: SlipCorrectionForm, slip: PaidSlip, named: Named | None) -> bool:
    """Doubts stand at their field unless the officer says that the paper says so."""
    given = form.cleaned_data
    if given["is_seen"]:
        return True
    kind, key = form.key()
    if named is None:
        form.add_error(
            "case_no" if kind == "case" else "notice_no",
            "該当する納付書・期別がありません。番号を確かめてください。"
            "現物でも分からないときは「現物で確かめた」を選ぶと仮受に計上されます。",
        )
    elif named.asked_yen is not None and named.asked_yen != given["amount"]:
        form.add_error("amount", f"納付書の額は{named.asked_yen:,}円です。領収印の金額を確かめてください。")
    if other := same_elsewhere(slip, key, given["paid_on"]):
        form.add_error(
            "is_seen",
            f"同じ納付書・領収日の済通が束 {other.batch} 第{other.seq_no}号にあります。"
            "二度読み取った一枚なら、束を取り下げて送付元に連絡してください。",
        )
    return not form.errors


def _save(request: HttpRequest, form: SlipCorrectionForm, slip: PaidSlip) -> bool:
    given = form.cleaned_data
    kind, key = form.key()
    try:
        slip_correct(
            slip.pk, reading=Reading(given["paid_on"], kind, key, given["amount"], ()), actor=actor_of(request)
        )
    except SlipBatchError as error:
        form.add_error(None, error.message_ja)
        return False
    access_record(action="update", record_type=RECORD, record_id=f"{slip.batch_id}:{slip.seq_no}")
    messages.success(
        request, f"第{slip.seq_no}号を{wareki.format_short(given['paid_on'])}・{given['amount']:,}円としました。"
    )
    return True
