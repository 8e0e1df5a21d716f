"""個人番号の机: where the functions that handle numbers hang in menu, home page and card."""

from typing import Any

from addressbook.card import CardTab, tab_register
from addressbook.models import NumberAlarm
from addressbook.permissions import REVIEW_NUMBER_USE, SEARCH_NUMBER, VIEW_NUMBER_STATE
from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register


def alarms_open(staff: Any) -> int:
    """Alarms nobody has looked into; one's own do not count."""
    return NumberAlarm.objects.filter(noted_at=None).exclude(staff_no=staff.staff_no).count()


def register() -> None:
    """Called when the app is ready."""
    tab_register(
        CardTab(
            id="number", title_ja="個人番号", order=97, permission=VIEW_NUMBER_STATE, url_name="party-number",
        )
    )  # fmt: skip
    menu_register(
        MenuItem(key="number-search", title_ja="番号検索", url_name="number-search", permission=SEARCH_NUMBER, order=95)
    )
    home_card(
        HomeCard(
            key="number-alarms",
            title_ja="個人番号の利用の警報",
            url_name="number-alarms",
            permission=REVIEW_NUMBER_USE,
            count=alarms_open,
            level="danger",
        )
    )
