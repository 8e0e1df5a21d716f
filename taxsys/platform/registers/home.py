"""業務ホームの札とメニュー of the registers."""

from taxsys.platform.registers.permissions import VIEW
from taxsys.platform.registers.selectors import open_count, tasks_level, tasks_waiting_count
from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register


def cards_register() -> None:
    """Put the menu item and the cards in place (AppConfig.ready)."""
    menu_register(MenuItem(key="registers", title_ja="台帳", url_name="registers", permission=VIEW, order=87))
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
