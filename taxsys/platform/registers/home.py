"""業務ホームの札とメニュー of the registers."""

from taxsys.platform import clock
from taxsys.platform.registers.kinds.oversight import untrained_among
from taxsys.platform.registers.permissions import VIEW
from taxsys.platform.registers.selectors import open_count, tasks_level, tasks_waiting_count
from taxsys.platform.rights.people import people_of
from taxsys.platform.rights.permissions import PEOPLE
from taxsys.platform.staff.models import Staff
from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register


def untrained_count(staff: Staff) -> int:
    """How many people of the units this officer heads have had no training in the last year (R-281)."""
    return len(untrained_among(list(people_of(staff)), clock.today()))


def cards_register() -> None:
    """Put the menu item and the cards in place (AppConfig.ready)."""
    menu_register(MenuItem(key="registers", title_ja="台帳", url_name="registers", permission=VIEW, order=87))
    home_card(
        HomeCard(
            key="untrained",
            title_ja="研修を受けていない利用者",
            url_name="rights-people",
            permission=PEOPLE,
            count=untrained_count,
            unit_ja="人",
            order=61,
            level="caution",
        )
    )
    home_card(
        HomeCard(
            key="register-tasks",
            title_ja="台帳の期限（間近・経過）",
            url_name="register-tasks",
            permission=VIEW,
            count=tasks_waiting_count,
            order=60,
            level=tasks_level,
            note=lambda staff: f"担当する処理中の行 {open_count(staff):,}件",
        )
    )
