"""口座振替 (S7): a party's mandates with what they draw, entry, change and end, request files and their answers."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from addressbook.access import access_shown
from addressbook.card import card_context
from addressbook.models import Party
from collection.errors import DebitError
from collection.forms_debit import MandateEndForm, MandateForm
from collection.models import DebitBatch, DebitMandate, DebitRequest
from collection.permissions import MANAGE_DEBIT, VIEW_LEDGER
from collection.rules.bank_accounts import AccountFault
from collection.selectors import debit_desk as found
from collection.services.banks import mandates_of_closed_branches
from collection.services.debit_desk import mandate_end, mandates_register, sent_requests
from collection.views import rows
from taxsys.kernel import wareki
from taxsys.platform import clock
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires
from taxsys.platform.staff.models import Staff


@requires(VIEW_LEDGER)
@never_cache
@require_safe
def debit_page(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """口座振替: mandates in force and ended, instalments they will draw, and what the banks answered."""
    values = card_context(request, party_id, "collection")
    party = values["party"]
    on = clock.today()
    mandates = found.party_mandates(party.pk)
    names = found.branch_names(mandates, on)
    access_record(action="view", subjects=[str(party.pk)], record_type="debit_mandate", count=len(mandates))
    values |= {
        "mandates": [
            {
                "one": one,
                "bank_ja": names.get((one.bank_code, one.branch_code), f"{one.bank_code}-{one.branch_code}"),
                "state": _state(one),
                "reached": [
                    {"of": each, "instalment_ja": rows.instalment_ja(each.charge)}
                    for each in found.instalments_reached(one, on=on)
                ],
            }
            for one in mandates
        ],
        "requests": [_request_row(one) for one in found.party_requests(party.pk)],
    }
    return render(request, "collection/debit.html", values)


def _state(mandate: DebitMandate) -> tuple[str, str]:
    on = clock.today()
    if mandate.valid_to is not None and mandate.valid_to <= on:
        return "neutral", "終了"
    if mandate.valid_from > on:
        return "info", "開始前"
    return ("caution", "終了予定") if mandate.valid_to is not None else ("done", "有効")


def _request_row(one: DebitRequest) -> dict[str, Any]:
    return {
        "one": one,
        "instalment_ja": rows.instalment_ja(one.charge),
        "result_ja": found.RESULT_JA.get(one.result_code, "") if one.state == "failed" else "",
        "again_on": found.asked_again_on(one) if one.state == "failed" else None,
    }


@requires(MANAGE_DEBIT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def debit_entry(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """口座振替の登録・変更: the account of an application; a running mandate of the same tax ends where this begins."""
    values = card_context(request, party_id, "collection")
    party: Party = values["party"]
    kana = party.name_kana
    form = MandateForm(request.POST, party_kana=kana) if request.method == "POST" else MandateForm.fresh(kana)
    if form.is_bound and form.is_valid() and isinstance(request.user, Staff):
        try:
            made = mandates_register(party.pk, form.application(), actor=f"staff:{request.user.staff_no}")
        except AccountFault as fault:
            form.add_error(fault.field, fault.message_ja)
        except DebitError as error:
            form.add_error(None, error.message_ja)
        else:
            start = made[0].valid_from
            messages.success(
                request, f"口座振替を{len(made)}件登録しました（{wareki.format_long(start)}以後の納期限から）。"
            )
            return redirect("collection-debit", party_id=party.pk)
    values |= {"form": form, "standing": [one for one in found.party_mandates(party.pk) if one.valid_to is None]}
    return render(request, "collection/debit_entry.html", values, status=422 if form.errors else 200)


@requires(MANAGE_DEBIT)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def debit_end(request: HttpRequest, party_id: UUID, mandate_id: int) -> HttpResponse:
    """口座振替の終了: the day and the reason; what a sent file still asks for is shown."""
    values = card_context(request, party_id, "collection")
    party = values["party"]
    mandate = DebitMandate.objects.select_related("tax_kind").filter(pk=mandate_id, party_id=party.pk).first()
    if mandate is None:
        raise Refused("R404", reason="not_found")
    form = MandateEndForm(request.POST or None, initial={"on": clock.today()})
    if form.is_bound and form.is_valid() and isinstance(request.user, Staff):
        given = form.cleaned_data
        try:
            mandate_end(mandate.pk, on=given["on"], reason=given["reason"], actor=f"staff:{request.user.staff_no}")
        except DebitError as error:
            form.add_error(None, error.message_ja)
        else:
            messages.success(request, f"{mandate.tax_kind.title}の口座振替を終了しました。納付書を発行してください。")
            return redirect("collection-debit", party_id=party.pk)
    values |= {
        "form": form,
        "mandate": mandate,
        "sent": [_request_row(one) for one in sent_requests(mandate)],
        "reached": [
            {"of": each, "instalment_ja": rows.instalment_ja(each.charge)}
            for each in found.instalments_reached(mandate, on=clock.today())
        ],
    }
    return render(request, "collection/debit_end.html", values, status=422 if form.errors else 200)


@requires(MANAGE_DEBIT)
@never_cache
@require_safe
def debit_desk(request: HttpRequest) -> HttpResponse:
    """口座振替の業務: request files with their answers, what one of them could not draw, mandates without a branch."""
    batch = DebitBatch.objects.filter(pk=_number(request.GET.get("batch", ""))).first()
    failed = found.failures(batch) if batch else []
    closed = mandates_of_closed_branches(clock.today())
    parties = {one.charge.party_id for one in failed} | {one.party_id for one in closed}
    names = rows.names(parties)
    access_shown(sorted(parties, key=str), action="view", record_type="debit_request")
    values = {
        "batches": list(found.batches()),
        "batch": batch,
        "failed": [_request_row(one) | {"name": names.get(one.charge.party_id, "")} for one in failed],
        "closed": [{"one": one, "name": names.get(one.party_id, "")} for one in closed],
    }
    return render(request, "collection/debit_desk.html", values)


def _number(text: str) -> int:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 18 else 0
