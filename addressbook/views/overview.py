"""総合: the first tab of the card, put together from the panels that the apps hang there."""

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from addressbook.card import card_context, panels_for
from addressbook.permissions import VIEW_PARTY
from taxsys.platform.staff.access import requires


@requires(VIEW_PARTY)
@require_safe
def overview(request: HttpRequest, party_id: UUID) -> HttpResponse:
    """The card's first page: who it is, what is owed and what happened last, on one screen."""
    values = card_context(request, party_id, "overview")
    party, on = values["party"], values["on"]
    panels = []
    for panel in panels_for(request.user):
        inside = panel.context(party, request.user, on)
        if inside is not None:
            panels.append({"panel": panel, "values": inside})
    return render(request, "addressbook/overview.html", {**values, "panels": panels})
