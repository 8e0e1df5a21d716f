"""バッチ (taxsys.platform.jobs)."""

from typing import Any

from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "taxsys.platform.jobs"
    label = "jobs"
    verbose_name = "バッチ"

    def ready(self) -> None:
        """The console in the menu; runs that wait for a second person, and runs that stand, on the home page."""
        from taxsys.platform.jobs.permissions import OPERATE, RELEASE, VIEW
        from taxsys.platform.jobs.selectors import release_waiting_count, standing_count
        from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register

        def standing(staff: Any) -> int:
            return standing_count()

        menu_register(MenuItem(key="jobs", title_ja="バッチ", url_name="jobs", permission=VIEW, order=80))
        home_card(
            HomeCard(
                key="jobs-release",
                title_ja="出力解放・承認待ちのバッチ",
                url_name="jobs",
                permission=RELEASE,
                count=release_waiting_count,
                order=20,
                level="caution",
            )
        )
        home_card(
            HomeCard(
                key="jobs-standing",
                title_ja="止まっているバッチ",
                url_name="jobs",
                permission=OPERATE,
                count=standing,
                order=25,
                level="danger",
            )
        )
