"""個人番号: what is registered (masked), the number itself for thirty seconds, the search by number (N-024, N-025)."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from addressbook.card import card_context
from addressbook.codes import NumberAlarmKind, NumberPurpose, PartyKind
from addressbook.errors import VaultError
from addressbook.models import NumberAlarm, NumberEntry
from addressbook.number_forms import FindForm, ShowForm
from addressbook.number_words import entry_words, spell_rows
from addressbook.permissions import REVEAL_NUMBER, REVIEW_NUMBER_USE, SEARCH_NUMBER, VIEW_NUMBER_STATE
from addressbook.services.number_use import alarm_note, number_find, number_show
from addressbook.services.numbers import number_spells
from taxsys.platform.audit.sealing import SealsLate
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

TAB = "number"
METHODS = ["GET", "HEAD", "POST"]
_ALARMS_SHOWN = 200


def number_terminal(request: HttpRequest) -> None:
    """The door of every page that takes or shows a number: a number-use terminal, or Refused R403-NUMBER (R-067)."""
    terminal = getattr(request, "terminal", None)
    if terminal is None or not terminal.is_number_use:
        raise Refused("R403-NUMBER", reason="not_number_terminal")


@contextmanager
def vault_faults(party_id: UUID | None = None, *, passing: tuple[type[VaultError], ...] = ()) -> Iterator[None]:
    """A vault that cannot open or is closed: recorded, told in plain words, nothing shown (fail closed).

    Errors of the entered number (`passing`) go on to the form they belong to.
    """
    try:
        yield
    except passing:
        raise
    except (VaultError, SealsLate) as error:
        subjects = [str(party_id)] if party_id else []
        access_record(
            action="denied", result="failed", subjects=subjects, record_type="vault.number", reason=error.code
        )
        raise Refused("R503", error.message_ja, reason=error.code) from None


def number_person(request: HttpRequest, party_id: UUID) -> dict[str, Any]:
    """The card of a person; corporations have no My Number (R404)."""
    values = card_context(request, party_id, TAB)
    if values["party"].kind in {PartyKind.CORPORATION, PartyKind.BODY}:
        raise Refused("R404", "法人・団体には個人番号がありません。", reason="not_found")
    return values


@requires(VIEW_NUMBER_STATE)
@require_safe
def number_card(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """The tab: whether a number is registered, since when and how it was confirmed; the number itself is masked."""
    values = number_person(request, party_id)
    party = values["party"]
    entry = NumberEntry.objects.filter(party=party, settled_at=None).first()
    values |= {"spells": spell_rows(number_spells(party.id)), "entry": entry}
    if entry is not None:
        values |= {"words": entry_words(entry), "is_own_entry": entry.entered_by == request.user.staff_no}  # type: ignore[union-attr]
    return render(request, "addressbook/number.html", values)


@requires(REVEAL_NUMBER)
@never_cache
@require_http_methods(METHODS)
@sensitive_variables()
def reveal_number(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Asks for the purpose; with it, shows the number once, for thirty seconds. Reloading asks again."""
    number_terminal(request)
    values = number_person(request, party_id)
    party, staff = values["party"], request.user
    form = ShowForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "addressbook/number_reveal.html", {**values, "form": form}, status=status)
    purpose = NumberPurpose(form.cleaned_data["purpose"])
    with vault_faults(party.id):
        number = number_show(party.id, staff=staff, purpose=purpose)  # type: ignore[arg-type]
    if number is None:
        raise Refused("R404", "この方の個人番号は登録されていません。", reason="not_found")
    digits = number.expose()
    shown = {
        "digits": f"{digits[:4]} {digits[4:8]} {digits[8:]}",
        "seconds": settings.TAXSYS_REVEAL_SECONDS,
        "after": reverse("party-number", kwargs={"party_id": party.id}),
    }
    response = render(request, "addressbook/number_shown.html", {**values, "shown": shown})
    # Without JavaScript the page leaves by itself all the same.
    response["Refresh"] = f"{shown['seconds']}; url={shown['after']}"
    return response


@requires(SEARCH_NUMBER)
@never_cache
@sensitive_post_parameters("number")
@require_http_methods(METHODS)
@sensitive_variables()
def number_search(request: HttpRequest) -> HttpResponse:
    """個人番号による検索: by POST only; the one place where a number is a search key (R-213)."""
    number_terminal(request)
    form = FindForm(request.POST or None)
    if request.method != "POST":
        return render(request, "addressbook/number_search.html", {"form": form})
    if not form.is_valid():
        return render(request, "addressbook/number_search.html", {"form": form}, status=422)
    purpose = NumberPurpose(form.cleaned_data["purpose"])
    with vault_faults():
        found = number_find(form.cleaned_data["number"], staff=request.user, purpose=purpose)  # type: ignore[arg-type]
    if found is not None:
        return redirect("party-overview", party_id=found)
    form.add_error("number", "この個人番号の登録はありません。")
    return render(request, "addressbook/number_search.html", {"form": form}, status=422)


@requires(REVIEW_NUMBER_USE)
@require_safe
def number_alarms(request: HttpRequest) -> HttpResponse:
    """個人番号の利用の警報: officers who used far more numbers than usual, open ones first."""
    alarms = NumberAlarm.objects.order_by("noted_at", "-raised_at")[:_ALARMS_SHOWN]
    rows = [{"alarm": alarm, "kind_ja": NumberAlarmKind(alarm.kind).label} for alarm in alarms]
    access_record(action="view", record_type="number_alarm", count=len(rows))
    return render(request, "addressbook/number_alarms.html", {"rows": rows})


@requires(REVIEW_NUMBER_USE)
@require_POST
def number_alarm_note(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """警報を確認済みにする."""
    if not NumberAlarm.objects.filter(pk=alarm_id).exists():
        raise Refused("R404", reason="not_found")
    alarm_note(alarm_id, staff=request.user)  # type: ignore[arg-type]
    return redirect("number-alarms")
