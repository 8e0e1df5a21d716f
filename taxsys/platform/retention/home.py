"""業務ホームの札とメニュー of the retention desk."""

from taxsys.platform.retention.copies import overdue_copies
from taxsys.platform.retention.permissions import KEEP_COPIES, PROPOSE, VIEW
from taxsys.platform.retention.selectors import overdue_count
from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register


def desk_register() -> None:
    """Put the desk into the menu and what waits on the home page (AppConfig.ready)."""
    menu_register(MenuItem(key="retention", title_ja="保管・消去", url_name="retention", permission=VIEW, order=90))
    home_card(
        HomeCard(
            key="retention-due",
            title_ja="保管期間を過ぎた記録",
            url_name="retention",
            permission=PROPOSE,
            count=lambda _staff: overdue_count(),
            order=85,
            level="caution",
        )
    )
    home_card(
        HomeCard(
            key="retention-copies",
            title_ja="失効日を過ぎた控え",
            url_name="retention-copies",
            permission=KEEP_COPIES,
            count=lambda _staff: overdue_copies(),
            order=86,
            level="danger",
        )
    )
