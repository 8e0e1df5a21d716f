"""業務ホーム: what waits for this officer today, the search box, and the people of this sitting."""

from dataclasses import dataclass
from datetime import UTC, datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from addressbook.access import access_shown
from addressbook.permissions import VIEW_PARTY
from addressbook.recent import recent_parties
from addressbook.search import PartyLine
from taxsys.platform.staff.access import has_permission, requires
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
        level = card.level if isinstance(card.level, str) else card.level(request.user)
        drawn.append(DrawnCard(card.title_ja, url, count, card.unit_ja, level if count else "done", note))
    drawn.sort(key=lambda card: card.count == 0)
    return render(request, "home/home.html", {"cards": drawn, "recent": _recent(request)})


def _recent(request: HttpRequest) -> list[PartyLine]:
    """Parties of this sitting; showing them again is an event of its own (N-070)."""
    if not has_permission(request.user, VIEW_PARTY):
        return []
    since = datetime.fromtimestamp(request.session.get("signed_in_at", 0), tz=UTC)
    lines = recent_parties(request.user, since=since)
    if lines:
        access_shown([line.party.id for line in lines], action="view", record_type="home.recent")
    return lines
