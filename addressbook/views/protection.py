"""支援措置の内容と住所の表示: one full page, a reason, the second factor, and an event (N-086 to N-101)."""

from typing import Any
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from addressbook.card import OUTPUT, card_context
from addressbook.codes import ProtectionKind, ProtectionState
from addressbook.disclosure import address_for
from addressbook.forms import RevealForm
from addressbook.models import Protection
from addressbook.permissions import REVEAL_PROTECTED
from taxsys.platform.audit.services import access_record
from taxsys.platform.refusals import Refused
from taxsys.platform.staff.access import requires

TARGETS = {"1": "住民票の写し等", "2": "戸籍の附票の写し", "9": "税・福祉等"}


@requires(REVEAL_PROTECTED)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def reveal(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """Asks for the reason; with it, shows the address and the protection once. Reloading asks again."""
    values = card_context(request, party_id, "household")
    party = values["party"]
    if not values["person"]["is_protected"]:
        raise Refused("R404", "この宛名は支援措置の対象ではありません。", reason="not_found")
    form = RevealForm(request.POST or None)
    if request.method != "POST" or not form.is_valid():
        status = 422 if request.method == "POST" else 200
        return render(request, "addressbook/reveal.html", {**values, "form": form}, status=status)
    access_record(action="view", subjects=[str(party.id)], record_type="protection", reason=form.cleaned_data["reason"])
    shown = address_for(party.id, output=OUTPUT, viewer=request.user)
    rows = [_protection(row) for row in Protection.objects.filter(party=party).order_by("-accepted_on")]
    return render(request, "addressbook/revealed.html", {**values, "shown": shown, "protections": rows})


def _protection(row: Protection) -> dict[str, Any]:
    return {
        "row": row,
        "kind_ja": ProtectionKind(row.kind).label,
        "state_ja": ProtectionState(row.state).label,
        "targets_ja": "・".join(TARGETS.get(code, code) for code in row.targets.split(";") if code),
    }
