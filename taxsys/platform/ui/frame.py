"""画面の枠: what every page shows around its content — environment, officer, terminal, business date, menu."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse

from taxsys.platform import clock
from taxsys.platform.staff.models import Staff
from taxsys.platform.ui.menu import menu_for

ENVIRONMENTS = {
    "production": "",
    "verification": "検証環境",
    "training": "研修環境",
    "embedded": "実演環境（架空の市民）",
}


@dataclass(frozen=True)
class MenuLink:
    """One link of the menu as drawn."""

    title_ja: str
    url: str
    is_current: bool
    count: int | None


def _links(request: HttpRequest, staff: Staff) -> list[MenuLink]:
    links = []
    for item in menu_for(staff):
        try:
            url = reverse(item.url_name)
        except NoReverseMatch:
            continue
        count = item.count(staff) if item.count else None
        current = request.path == url or (url != "/" and request.path.startswith(url.rstrip("/") + "/"))
        links.append(MenuLink(item.title_ja, url, current, count))
    return links


class Frame:
    """The frame of one request; its parts are made only when a template asks."""

    def __init__(self, request: HttpRequest) -> None:
        self._request = request
        self._menu: list[MenuLink] | None = None
        profile = getattr(settings, "TAXSYS_PROFILE", "embedded")
        self.environment = profile
        self.environment_ja = ENVIRONMENTS.get(profile, profile)
        user = getattr(request, "user", None)
        self.staff = user if isinstance(user, Staff) else None
        self.terminal = request.session.get("terminal", "") if hasattr(request, "session") else ""
        self.business_on = clock.today()
        self.request_id = getattr(request, "request_id", "")
        self.idle_seconds = settings.TAXSYS_IDLE_LOCK_SECONDS

    @property
    def printed_at(self) -> datetime:
        """The moment a page for paper was made (R-175)."""
        return clock.now()

    @property
    def unit(self) -> Any:
        """The officer's unit today."""
        return self.staff.unit_on(self.business_on) if self.staff else None

    @property
    def menu(self) -> list[MenuLink]:
        """The global menu for this officer."""
        if self._menu is None:
            self._menu = _links(self._request, self.staff) if self.staff else []
        return self._menu


def page_frame(request: HttpRequest) -> dict[str, Any]:
    """Context processor: `frame` in every template."""
    return {"frame": Frame(request)}
