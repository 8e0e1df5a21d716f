"""緊急時の権限 (taxsys.platform.emergency)."""

from django.apps import AppConfig


class EmergencyConfig(AppConfig):
    name = "taxsys.platform.emergency"
    label = "emergency"
    verbose_name = "緊急時の権限"

    def ready(self) -> None:
        """The menu of those who may use it, and the card and banner of those who are told."""
        from taxsys.platform.emergency.permissions import REVIEW, USE
        from taxsys.platform.emergency.selectors import waiting_count
        from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register

        menu_register(MenuItem(key="emergency", title_ja="緊急時", url_name="emergency-use", permission=USE, order=96))
        # In the menu of every page: whoever is to be told sees it wherever they work.
        menu_register(
            MenuItem(
                key="emergency-uses",
                title_ja="緊急時の点検",
                url_name="emergency-uses",
                permission=REVIEW,
                order=97,
                count=waiting_count,
            )
        )
        home_card(
            HomeCard(
                key="emergency-uses",
                title_ja="点検待ちの緊急時の権限",
                url_name="emergency-uses",
                permission=REVIEW,
                count=waiting_count,
                order=5,
                level="danger",
            )
        )
