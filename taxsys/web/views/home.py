"""業務ホーム: what waits for this officer today, and the search box."""

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from taxsys.platform.staff.access import requires
from taxsys.platform.staff.permissions import HOME
from taxsys.platform.ui.menu import cards_for


@dataclass(frozen=True)
class DrawnCard:
    """One card with its number."""

    title_ja: str
    url: str
    count: int
    unit_ja: str
    level: str
    note: str


@requires(HOME)
@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The home page: cards with counts (those with work first), the search box focused."""
    drawn = []
    for card in cards_for(request.user):
        try:
            url = reverse(card.url_name)
        except NoReverseMatch:
            continue
        count = card.count(request.user)
        note = card.note(request.user) if card.note else ""
        drawn.append(DrawnCard(card.title_ja, url, count, card.unit_ja, card.level if count else "done", note))
    drawn.sort(key=lambda card: card.count == 0)
    return render(request, "home/home.html", {"cards": drawn})
