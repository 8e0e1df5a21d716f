"""収納の業務画面: the desk's start page, day totals against the bank, suspense, and the proof of the ledger."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from collection.forms import BankTotalForm, DayForm, day_of
from collection.permissions import CLOSE_DAY, PROVE_LEDGER
from collection.selectors import desk
from collection.selectors.overdue import receipt_cut_off, silent_channels
from collection.selectors.proofs import prove_ledger
from collection.services.till import bank_total_note
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.jobs.models import JobRun
from taxsys.platform.staff.access import requires

PROOF_JOB = "B-CL-29"


@requires(CLOSE_DAY)
@never_cache
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """収納: what came in lately, what waits, which channel is silent, whether the books agreed last night."""
    today = clock.today()
    suspense = desk.suspense_open(today)
    access_record(action="view", record_type="collection.day", count=0)
    values = {
        "today": today,
        "days": desk.account_days(today),
        "suspense_count": len(suspense),
        "suspense_yen": sum(row.suspense.remaining_yen for row in suspense),
        "ages": desk.suspense_ages(suspense),
        "silent": silent_channels(today),
        "cut_off": receipt_cut_off(today),
        "proof": last_proof(),
    }
    return render(request, "collection/home.html", values)


def last_proof() -> dict[str, Any] | None:
    """The last run of the nightly proof: its day, and whether every gate was green."""
    run = JobRun.objects.filter(job_id=PROOF_JOB, state="finished").order_by("-pk").first()
    if run is None:
        return None
    gates = list(run.gates.order_by("pk"))
    return {"run": run, "gates": gates, "is_ok": bool(gates) and all(gate.ok for gate in gates)}


@requires(CLOSE_DAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def day(request: HttpRequest) -> HttpResponse:
    """日計: receipts of an account day by channel, where they went, and the bank's total beside them."""
    chosen = DayForm(request.GET or None)
    days = desk.account_days(clock.today())
    on = day_of(chosen, days[0][0] if days else clock.today())
    form = BankTotalForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        staff: Any = request.user
        noted = bank_total_note(
            channel=form.cleaned_data["channel"], account_on=on, yen=form.cleaned_data["amount"],
            reference=form.cleaned_data["reference"], actor=f"staff:{staff.staff_no}",
        )  # fmt: skip
        access_record(action="create", record_type="bank_total", record_id=str(noted.pk))
        messages.success(request, f"入金額 {noted.yen:,}円を記録しました。")
        return redirect(f"{request.path}?on={on.isoformat()}")
    rows = desk.day_against_bank(on)
    access_record(action="view", record_type="collection.day", count=len(rows))
    values = {
        "chosen": chosen if chosen.is_bound else DayForm(initial={"on": on}),
        "form": form,
        "day": on,
        "days": days,
        "rows": rows,
        "total": {
            "count": sum(row.day.count for row in rows if row.day),
            "received": sum(row.received_yen for row in rows),
            "allocated": sum(row.day.allocated_yen for row in rows if row.day),
            "suspense": sum(row.day.suspense_yen for row in rows if row.day),
            "overpaid": sum(row.day.overpaid_yen for row in rows if row.day),
        },
    }
    return render(request, "collection/day.html", values, status=422 if form.errors else 200)


@requires(PROVE_LEDGER)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def proof(request: HttpRequest) -> HttpResponse:
    """元帳の証明: the gates of last night's run; a press of the button proves the books as they stand now."""
    access_record(action="view", record_type="ledger.proof")
    now = prove_ledger() if request.method == "POST" else None
    return render(request, "collection/proof.html", {"last": last_proof(), "now": now, "today": clock.today()})
