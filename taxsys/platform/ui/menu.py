"""メニューと業務ホームの札: what apps put into the global menu and on the home page."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from taxsys.platform.staff.access import has_permission
from taxsys.platform.staff.catalogue import Permission


@dataclass(frozen=True, kw_only=True)
class MenuItem:
    """メニュー項目: shown to those who hold the permission; `count(staff)` puts a number behind the title."""

    key: str
    title_ja: str
    url_name: str
    permission: Permission
    order: int = 100
    count: Callable[[Any], int] | None = None


@dataclass(frozen=True, kw_only=True)
class HomeCard:
    """業務ホームの札: what waits for this officer. `count(staff)` gives the number, `note(staff)` a line below it.

    `level` is stop | danger | caution | info | done | neutral, or answers one (`level(staff)`); it counts only while
    the number is above zero.
    """

    key: str
    title_ja: str
    url_name: str
    permission: Permission
    count: Callable[[Any], int]
    unit_ja: str = "件"
    order: int = 100
    level: str | Callable[[Any], str] = "info"
    note: Callable[[Any], str] | None = None


_items: dict[str, MenuItem] = {}
_cards: dict[str, HomeCard] = {}


def menu_register(item: MenuItem) -> None:
    """Put an item into the global menu (from AppConfig.ready); the same key replaces."""
    _items[item.key] = item


def home_card(card: HomeCard) -> None:
    """Put a card on the home page (from AppConfig.ready); the same key replaces."""
    _cards[card.key] = card


def waiting_card(
    title_ja: str,
    url_name: str,
    permission: Permission,
    count: Callable[[Any], int],
    *,
    order: int = 100,
    level: str = "caution",
) -> None:
    """A card of what waits at one address, known by that address (from AppConfig.ready)."""
    home_card(
        HomeCard(
            key=url_name, title_ja=title_ja, url_name=url_name, permission=permission, count=count, order=order,
            level=level,
        )
    )  # fmt: skip


def menu_for(staff: Any) -> list[MenuItem]:
    """The items this officer may open, in order."""
    items = sorted(_items.values(), key=lambda item: (item.order, item.key))
    return [item for item in items if has_permission(staff, item.permission)]


def cards_for(staff: Any) -> list[HomeCard]:
    """The cards this officer may open, in order."""
    cards = sorted(_cards.values(), key=lambda card: (card.order, card.key))
    return [card for card in cards if has_permission(staff, card.permission)]
