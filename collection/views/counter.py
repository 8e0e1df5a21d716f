"""窓口収納 (the till): find by slip or notice, take the money once, say where it went; closing for the day."""

from __future__ import annotations

import unicodedata
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from addressbook.access import access_shown, party_require
from addressbook.card import person_of
from collection.errors import CollectionError
from collection.forms import ClosingForm, FindForm, PaymentForm
from collection.models import Channel, Charge, ChargeState, Receipt, Slip, TillClosing
from collection.permissions import CLOSE_DAY, TAKE_PAYMENT
from collection.search import notice_forms, slip_case_no, slip_digits
from collection.selectors.account import charge_standing
from collection.selectors.desk import receipt_parts
from collection.services.till import (
    CounterPayment,
    TillError,
    charge_due,
    counter_payment_take,
    till_close,
    till_day,
    till_key,
)
from collection.views import rows
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.search.registry import SearchRefused
from taxsys.platform.staff.access import requires

FOUND_MAX = 50


@requires(TAKE_PAYMENT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def counter(request: HttpRequest) -> HttpResponse:
    """窓口収納: a bar code opens its instalment, a notice number lists its instalments. Looking posts nothing."""
    form = FindForm(request.POST if request.method == "POST" else None)
    found: list[dict[str, Any]] = []
    if form.is_bound and form.is_valid():
        charges, slip = _found(form)
        if slip is not None and len(charges) == 1:
            return redirect("collection-take", charge_id=charges[0].pk)
        found = _listed(charges)
        if not found and not form.errors:
            form.add_error("key", "見つかりません。番号を確かめるか、宛名検索から収納の画面を開いてください。")
    staff: Any = request.user
    values = {
        "form": form,
        "rows": found,
        "day": till_day(staff.staff_no, clock.today()),
        "is_closed": TillClosing.objects.filter(staff_no=staff.staff_no, closed_for=clock.today()).exists(),
    }
    return render(request, "collection/counter.html", values, status=422 if form.errors else 200)


def _found(form: FindForm) -> tuple[list[Charge], Slip | None]:
    """Instalments of a bar code, eL number or notice number; problems of the code go on the form."""
    key = unicodedata.normalize("NFKC", form.cleaned_data["key"]).strip().upper()
    base = Charge.objects.select_related("tax_kind").exclude(amount_yen=0)
    if slip_digits(key):
        try:
            slip = Slip.objects.filter(case_no=slip_case_no(key)).first()
        except SearchRefused as problem:
            form.add_error("key", str(problem))
            return [], None
        if slip is None:
            return [], None
        return list(base.filter(slip_lines__slip=slip).order_by("instalment_no")), slip
    charges = base.filter(notice_no__in=notice_forms(key)).order_by("-tax_year", "tax_kind_id", "instalment_no")
    return list(charges[:FOUND_MAX]), None


def _listed(charges: list[Charge]) -> list[dict[str, Any]]:
    names = rows.names([charge.party_id for charge in charges])
    access_shown(sorted(names, key=str), record_type="counter")
    today = clock.today()
    out = []
    for charge in charges:
        standing = charge_standing(charge.pk, as_of=today)
        out.append(
            {
                "charge": charge,
                "standing": standing,
                "name": names.get(charge.party_id, ""),
                "instalment_ja": rows.instalment_ja(charge),
                "state": rows.state_of(standing, today, is_debit=False),
            }
        )
    return out


@requires(TAKE_PAYMENT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def take(request: HttpRequest, charge_id: int) -> HttpResponse:
    """窓口収納の計上: amount and receipt date; pressed twice it is one payment; then what it was allocated to."""
    charge = Charge.objects.select_related("tax_kind").filter(pk=charge_id).first()
    if charge is None:
        raise Refused("R404", reason="not_found")
    staff: Any = request.user
    party = party_require(charge.party_id, staff=staff, record_type="counter")
    due = charge_due(charge.pk, on=clock.today())
    form = PaymentForm(request.POST) if request.method == "POST" else PaymentForm.fresh(amount_yen=due.total_yen)
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        known = Receipt.objects.filter(external_key=till_key(staff.staff_no, str(given["token"]))).exists()
        payment = CounterPayment(
            staff_no=staff.staff_no, token=str(given["token"]), charge_id=charge.pk, amount_yen=given["amount"],
            paid_on=given["paid_on"], takes_excess=given["takes_excess"],
        )  # fmt: skip
        try:
            receipt = counter_payment_take(payment)
        except TillError as error:
            form.add_error(None, error.message_ja)
        else:
            if known:
                messages.info(request, "この収納はすでに計上されています。二重には計上していません。")
            else:
                access_record(
                    action="create", subjects=[str(party.id)], record_type="receipt", record_id=str(receipt.pk),
                    tax_year=charge.tax_year,
                )  # fmt: skip
                messages.success(request, f"{receipt.amount_yen:,}円を計上しました。")
            return redirect("collection-receipt", receipt_id=receipt.pk)
    values = {
        "form": form,
        "charge": charge,
        "person": person_of(party, staff=staff, on=clock.today()),
        "instalment_ja": rows.instalment_ja(charge),
        "due": due,
        "is_closed": charge.state != ChargeState.ACTIVE,
    }
    return render(request, "collection/take.html", values, status=422 if form.errors else 200)


@requires(CLOSE_DAY)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def closing(request: HttpRequest) -> HttpResponse:
    """窓口の締め: what this officer has taken today, counted against the cash."""
    staff: Any = request.user
    today = clock.today()
    form = ClosingForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        try:
            closed = till_close(
                staff_no=staff.staff_no, closed_for=today, counted_yen=form.cleaned_data["counted"],
                note=form.cleaned_data["note"],
            )  # fmt: skip
        except CollectionError as error:
            form.add_error(None, error.message_ja)
        else:
            access_record(action="create", record_type="till_closing", record_id=str(closed.pk))
            messages.success(request, f"窓口を締めました（{closed.receipt_count}件 {closed.posted_yen:,}円）。")
            return redirect("collection-closing")
    return render(
        request, "collection/closing.html", {"form": form, **_till_values(staff, today)},
        status=422 if form.errors else 200,
    )  # fmt: skip


def _till_values(staff: Any, today: Any) -> dict[str, Any]:
    taken = Receipt.objects.filter(
        channel=Channel.COUNTER, external_key__startswith=till_key(staff.staff_no, ""), paid_on=today
    ).order_by("pk")
    receipts = list(taken)
    parts = receipt_parts([receipt.pk for receipt in receipts])
    names = rows.names([part.charge.party_id for part in parts])
    access_shown(sorted(names, key=str), action="view", record_type="till")
    first = {part.receipt.pk: part for part in reversed(parts)}
    return {
        "today": today,
        "till": till_day(staff.staff_no, today),
        "closed": TillClosing.objects.filter(staff_no=staff.staff_no, closed_for=today).first(),
        "rows": [
            {
                "receipt": receipt,
                "part": first.get(receipt.pk),
                "instalment_ja": rows.instalment_ja(first[receipt.pk].charge) if receipt.pk in first else "",
                "name": names.get(first[receipt.pk].charge.party_id, "") if receipt.pk in first else "",
            }
            for receipt in receipts
        ],
    }
