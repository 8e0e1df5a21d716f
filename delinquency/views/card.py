"""滞納タブ (tab 滞納 of the card): claims past due, reminders with their days, contacts; acts on them."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from addressbook.card import card_context
from collection.errors import CollectionError
from delinquency.errors import DelinquencyError
from delinquency.forms import ContactForm, ReasonForm, ReturnForm
from delinquency.models import Reminder
from delinquency.permissions import RECORD_CONTACTS, VIEW_ARREARS, WITHDRAW_REMINDERS
from delinquency.selectors.arrears import claims_of, contacts_of, reminders_of
from delinquency.services.contacts import ContactDraft, contact_record
from delinquency.services.reminders import reminder_returned, reminder_withdraw
from taxsys.platform import clock
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import has_permission, requires

TAB = "delinquency"


@requires(VIEW_ARREARS)
@require_safe
def card_tab(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """滞納タブ."""
    return _tab(request, party_id)


def _tab(
    request: HttpRequest, party_id: UUID, *, contact_form: ContactForm | None = None, status: int = 200
) -> HttpResponse:
    values: dict[str, Any] = card_context(request, party_id, TAB)
    party = values["party"]
    claims = claims_of(party.id, on=values["on"])
    values |= {
        "claims": claims,
        "open_yen": sum(claim.open_yen for claim in claims),
        "reminders": reminders_of(party.id),
        "contacts": contacts_of(party.id),
        "may_record": has_permission(request.user, RECORD_CONTACTS),
        "may_withdraw": has_permission(request.user, WITHDRAW_REMINDERS),
        "form": contact_form or ContactForm(initial={"contacted_on": clock.today()}),
    }
    return render(request, "delinquency/card.html", values, status=status)


@requires(RECORD_CONTACTS)
@sensitive_post_parameters("content")
@require_POST
def contact_new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """折衝記録の登録."""
    form = ContactForm(request.POST)
    if not form.is_valid():
        return _tab(request, party_id, contact_form=form, status=422)
    party = card_context(request, party_id, TAB)["party"]
    typed = form.cleaned_data
    try:
        contact_record(
            ContactDraft(
                party_id=party.id,
                contacted_on=typed["contacted_on"],
                method=typed["method"],
                content_ja=typed["content"],
                next_on=typed["next_on"],
                next_ja=typed["next_step"],
            )
        )
    except DelinquencyError as error:
        form.add_error(None, error.message_ja)
        return _tab(request, party_id, contact_form=form, status=422)
    messages.success(request, "折衝記録を登録しました。")
    return redirect("party-delinquency", party_id=party.id)


def _reminder_page(
    request: HttpRequest, row: Reminder, *, reason: ReasonForm, returned: ReturnForm, status: int = 200
) -> HttpResponse:
    values: dict[str, Any] = card_context(request, row.party_id, TAB)
    values |= {
        "reminder": row,
        "reason_form": reason,
        "return_form": returned,
        "form": reason if reason.errors else returned,
        "may_withdraw": has_permission(request.user, WITHDRAW_REMINDERS) and row.state == "issued",
    }
    return render(request, "delinquency/reminder.html", values, status=status)


def _found(reminder_id: int) -> Reminder:
    return get_object_or_404(Reminder.objects.select_related("charge", "charge__tax_kind", "run"), pk=reminder_id)


@requires(VIEW_ARREARS)
@require_safe
def reminder(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """One reminder: what was asked, on what ground, and the days that follow from it."""
    first = ReturnForm(initial={"returned_on": clock.today()})
    return _reminder_page(request, _found(reminder_id), reason=ReasonForm(), returned=first)


@requires(WITHDRAW_REMINDERS)
@require_POST
def withdraw(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """督促の取消."""
    row, form = _found(reminder_id), ReasonForm(request.POST)
    if not form.is_valid():
        return _reminder_page(request, row, reason=form, returned=ReturnForm(), status=422)
    try:
        reminder_withdraw(reminder_id, reason_ja=form.cleaned_data["reason"])
    except (DelinquencyError, CollectionError) as error:
        raise Refused("R409", error.message_ja, reason="reminder_state") from error
    messages.success(request, f"督促 {row.reminder_no} を取り消しました。")
    return redirect("delinquency-reminder", reminder_id=reminder_id)


@requires(WITHDRAW_REMINDERS)
@require_POST
def returned(request: HttpRequest, reminder_id: int) -> HttpResponse:
    """返戻の記録."""
    row, form = _found(reminder_id), ReturnForm(request.POST)
    if not form.is_valid():
        return _reminder_page(request, row, reason=ReasonForm(), returned=form, status=422)
    try:
        reminder_returned(
            reminder_id, returned_on=form.cleaned_data["returned_on"], reason_ja=form.cleaned_data["reason"]
        )
    except DelinquencyError as error:
        raise Refused("R409", error.message_ja, reason="reminder_state") from error
    messages.success(request, f"督促 {row.reminder_no} の返戻を記録しました。居所を調べてください。")
    return redirect("delinquency-reminder", reminder_id=reminder_id)
