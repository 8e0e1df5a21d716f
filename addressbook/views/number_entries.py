"""個人番号の登録・変更: entry, held entries, the second reading of the paper (R-197, R-198, R-200, R-207)."""

from typing import Any
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from addressbook.access import access_shown
from addressbook.errors import (
    NumberEntryClosed,
    NumberKnown,
    NumberNotAgreeing,
    NumberNotReleasable,
    NumberTooEarly,
)
from addressbook.models import NumberEntry
from addressbook.number_codes import NumberEntryState, ReleaseReason
from addressbook.number_forms import ConfirmForm, EntryForm, ReleaseForm
from addressbook.number_words import entry_words
from addressbook.permissions import APPROVE_NUMBER, REGISTER_NUMBER, VIEW_NUMBER_STATE
from addressbook.services.number_entry import (
    Evidence,
    FourItems,
    entry_confirm,
    entry_drop,
    entry_release,
    number_enter,
)
from addressbook.subject_token import token_check, token_make
from addressbook.views.numbers import METHODS, number_person, number_terminal, vault_faults
from taxsys.platform import clock
from taxsys.platform.approvals.errors import AlreadyProposed, NotEntitled
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

FORM_ID = "number-entry"
PAGE_SIZE = 50
_ITEMS = ("name_kana", "birth_on", "sex", "address_text")
_EVIDENCE = ("form_code", "acquired_on", "number_evidence", "identity_evidence", "agent_authority")


@requires(REGISTER_NUMBER)
@never_cache
@sensitive_post_parameters()
@require_http_methods(METHODS)
@sensitive_variables()
def number_new(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """個人番号の登録・変更: the form; what agrees goes to the second person, what differs is held back."""
    number_terminal(request)
    values = number_person(request, party_id)
    party, staff = values["party"], request.user
    form = EntryForm(request.POST or None, initial={"acquired_on": clock.today()})
    if request.method == "POST" and form.is_valid():
        subject = token_check(request.POST.get("token", ""), party, staff=staff, form_id=FORM_ID)
        entered = form.cleaned_data
        try:
            with vault_faults(party.id, passing=(NumberKnown, NumberEntryClosed, NumberTooEarly)):
                entry = number_enter(
                    subject.form_key,
                    party,
                    entered["number"],
                    items=FourItems(**{name: entered[name] for name in _ITEMS}),
                    evidence=Evidence(**{name: entered[name] for name in _EVIDENCE}),
                    staff=staff,  # type: ignore[arg-type]
                )
        except (NumberKnown, NumberEntryClosed, NumberTooEarly) as error:
            form.add_error("number" if isinstance(error, NumberKnown) else None, error.message_ja)
        else:
            if entry.state == NumberEntryState.HELD:
                messages.warning(request, "登録内容と違うところがあるため保留しました。相違を確かめてください。")
            else:
                messages.success(request, "起案しました。別の職員が書類と照合し、承認すると登録されます。")
            return redirect("party-number", party_id=party.id)
    if request.method != "POST":
        form.initial["token"] = token_make(party, staff=staff, form_id=FORM_ID)
    status = 422 if request.method == "POST" else 200
    return render(request, "addressbook/number_new.html", {**values, "form": form}, status=status)


@requires(REGISTER_NUMBER)
@require_http_methods(METHODS)
def number_release(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """相違を確かめて起案."""
    number_terminal(request)
    values = number_person(request, party_id)
    entry = _open_entry(values, NumberEntryState.HELD)
    form = ReleaseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with vault_faults(values["party"].id, passing=(NumberNotReleasable, NumberEntryClosed)):
                reason = ReleaseReason(form.cleaned_data["reason"])
                entry_release(entry.pk, reason=reason, staff=request.user)  # type: ignore[arg-type]
        except NumberNotReleasable as error:
            form.add_error(None, error.message_ja)
        except (NumberEntryClosed, AlreadyProposed) as error:
            raise Refused("R409", error.message_ja, reason="entry_closed") from error
        else:
            messages.success(request, "起案しました。別の職員が書類と照合し、承認すると登録されます。")
            return redirect("party-number", party_id=values["party"].id)
    status = 422 if request.method == "POST" else 200
    values |= {"form": form, "entry": entry, "words": entry_words(entry)}
    return render(request, "addressbook/number_release.html", values, status=status)


@requires(REGISTER_NUMBER)
@require_POST
def number_cancel(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """保留の取消し: the held number is erased."""
    number_terminal(request)
    values = number_person(request, party_id)
    entry = _open_entry(values, NumberEntryState.HELD)
    with vault_faults(values["party"].id):
        entry_drop(entry.pk, staff=request.user)  # type: ignore[arg-type]
    messages.success(request, "保留を取り消し、番号を消去しました。")
    return redirect("party-number", party_id=values["party"].id)


@requires(APPROVE_NUMBER)
@never_cache
@sensitive_post_parameters()
@require_http_methods(METHODS)
@sensitive_variables()
def number_confirm(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """照合入力: the second person types the number of the paper; it must be the held one."""
    number_terminal(request)
    values = number_person(request, party_id)
    entry = _open_entry(values, NumberEntryState.PROPOSED)
    form = ConfirmForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            with vault_faults(values["party"].id):
                agrees = entry_confirm(entry.pk, form.cleaned_data["number"], staff=request.user)  # type: ignore[arg-type]
        except NotEntitled as error:
            raise Refused("R403-OWN", error.message_ja, reason="own_entry") from error
        if agrees:
            messages.success(request, "番号が一致しました。内容を確かめて承認してください。")
            return redirect("approvals-detail", approval_id=entry.approval_id)
        form.add_error("number", NumberNotAgreeing.message_ja)
    status = 422 if request.method == "POST" else 200
    values |= {"form": form, "entry": entry, "words": entry_words(entry)}
    return render(request, "addressbook/number_confirm.html", values, status=status)


@requires(VIEW_NUMBER_STATE)
@require_safe
def number_entries(request: HttpRequest) -> HttpResponse:
    """処理中の登録: held and proposed entries, oldest first."""
    entries = NumberEntry.objects.filter(settled_at=None).select_related("party")
    page = Paginator(entries, PAGE_SIZE).get_page(request.GET.get("page"))
    rows = [{"entry": entry, "words": entry_words(entry)} for entry in page.object_list]
    access_shown([entry.party_id for entry in page.object_list], action="view", record_type="number_entry")
    return render(request, "addressbook/number_entries.html", {"page": page, "rows": rows})


def _open_entry(values: dict[str, Any], state: NumberEntryState) -> NumberEntry:
    entry = NumberEntry.objects.filter(party=values["party"], state=state).first()
    if entry is None:
        raise Refused("R409", NumberEntryClosed.message_ja, reason="entry_closed")
    return entry
