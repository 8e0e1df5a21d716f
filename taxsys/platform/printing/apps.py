"""印刷 (taxsys.platform.printing)."""

from django.apps import AppConfig


class PrintingConfig(AppConfig):
    name = "taxsys.platform.printing"
    label = "printing"
    verbose_name = "印刷"

    def ready(self) -> None:
        """Packages in the menu; those that wait for a second person or for the post on the home page."""
        from taxsys.platform.printing.permissions import HANDLE, RELEASE, VIEW
        from taxsys.platform.printing.selectors import posting_waiting_count, release_waiting_count
        from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register

        menu_register(MenuItem(key="printing", title_ja="印刷物", url_name="printing", permission=VIEW, order=70))
        home_card(
            HomeCard(
                key="printing-release",
                title_ja="発送承認待ちの印刷物",
                url_name="printing",
                permission=RELEASE,
                count=release_waiting_count,
                order=30,
                level="caution",
            )
        )
        home_card(
            HomeCard(
                key="printing-posting",
                title_ja="発送日が未記録の印刷物",
                url_name="printing",
                permission=HANDLE,
                count=posting_waiting_count,
                order=32,
                level="info",
            )
        )
