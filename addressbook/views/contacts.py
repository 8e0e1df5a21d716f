"""対応記録: notes about the party, newest first, and the form that adds one."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from addressbook.card import card_context
from addressbook.forms import ContactForm
from addressbook.models import ContactNote
from addressbook.permissions import VIEW_PARTY, WRITE_CONTACT
from addressbook.services.contacts import ContactRow, contact_add
from addressbook.subject_token import token_check, token_make
from taxsys.platform import clock
from taxsys.platform.staff.access import has_permission, requires

PAGE_SIZE = 20
FORM_ID = "contact"


@requires(VIEW_PARTY)
@require_safe
def contacts(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """The tab."""
    values = card_context(request, party_id, "contacts")
    return render(request, "addressbook/contacts.html", _page(request, values, _form(request, values)))


@requires(WRITE_CONTACT)
@sensitive_post_parameters("text")
@require_POST
def contact_new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Add a note; the same form sent twice is one note."""
    values = card_context(request, party_id, "contacts")
    party, staff = values["party"], request.user
    form = ContactForm(request.POST)
    if not form.is_valid():
        return render(request, "addressbook/contacts.html", _page(request, values, form), status=422)
    subject = token_check(request.POST.get("token", ""), party, staff=staff, form_id=FORM_ID, changes_party=False)
    contact_add(
        ContactRow(
            party_id=party.id,
            contacted_on=form.cleaned_data["contacted_on"],
            channel=form.cleaned_data["channel"],
            text=form.cleaned_data["text"],
            staff_no=staff.staff_no,  # type: ignore[union-attr]
            staff_name=staff.name,  # type: ignore[union-attr]
            unit_name=staff.unit_on().name,  # type: ignore[union-attr]
            form_key=subject.form_key,
        )
    )
    messages.success(request, "対応記録を登録しました。")
    return redirect("party-contacts", party_id=party.id)


def _form(request: HttpRequest, values: dict[str, Any]) -> ContactForm | None:
    if not has_permission(request.user, WRITE_CONTACT):
        return None
    token = token_make(values["party"], staff=request.user, form_id=FORM_ID)
    return ContactForm(initial={"contacted_on": clock.today(), "channel": "counter", "token": token})


def _page(request: HttpRequest, values: dict[str, Any], form: ContactForm | None) -> dict[str, Any]:
    notes = ContactNote.objects.filter(party=values["party"]).order_by("-contacted_on", "-id")
    return {**values, "form": form, "page": Paginator(notes, PAGE_SIZE).get_page(request.GET.get("page"))}
