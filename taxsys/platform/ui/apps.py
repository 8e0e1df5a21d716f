"""画面 (taxsys.platform.ui)."""

from django.apps import AppConfig


class UiConfig(AppConfig):
    name = "taxsys.platform.ui"
    label = "ui"
    verbose_name = "画面"

    def ready(self) -> None:
        """The menu of the platform's own screens."""
        from taxsys.platform.approvals.permissions import VIEW_QUEUE
        from taxsys.platform.approvals.selectors import waiting_count
        from taxsys.platform.audit.permissions import VIEW_LOG
        from taxsys.platform.search.permissions import SEARCH
        from taxsys.platform.staff.permissions import HOME
        from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register

        menu_register(MenuItem(key="home", title_ja="業務ホーム", url_name="home", permission=HOME, order=0))
        menu_register(MenuItem(key="search", title_ja="宛名検索", url_name="search", permission=SEARCH, order=10))
        menu_register(
            MenuItem(
                key="approvals",
                title_ja="決裁",
                url_name="approvals-queue",
                permission=VIEW_QUEUE,
                order=70,
                count=waiting_count,
            )
        )
        menu_register(
            MenuItem(key="access-log", title_ja="アクセス記録", url_name="access-log", permission=VIEW_LOG, order=95)
        )
        home_card(
            HomeCard(
                key="approvals",
                title_ja="決裁待ち",
                url_name="approvals-queue",
                permission=VIEW_QUEUE,
                count=waiting_count,
                order=10,
                level="caution",
            )
        )
