"""業務ホームの札とメニュー of the retention desk."""

from taxsys.platform.retention.copies import overdue_copies
from taxsys.platform.retention.permissions import KEEP_COPIES, PROPOSE, VIEW
from taxsys.platform.retention.selectors import overdue_count
from taxsys.platform.ui.menu import MenuItem, menu_register, waiting_card


def desk_register() -> None:
    """Put the desk into the menu and what waits on the home page (AppConfig.ready)."""
    menu_register(MenuItem(key="retention", title_ja="保管・消去", url_name="retention", permission=VIEW, order=90))
    waiting_card("保管期間を過ぎた記録", "retention", PROPOSE, lambda _staff: overdue_count(), order=85)
    waiting_card(
        "失効日を過ぎた控え", "retention-copies", KEEP_COPIES, lambda _staff: overdue_copies(), order=86, level="danger"
    )
