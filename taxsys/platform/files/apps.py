"""ファイル授受 (taxsys.platform.files)."""

from django.apps import AppConfig


class FilesConfig(AppConfig):
    name = "taxsys.platform.files"
    label = "files"
    verbose_name = "ファイル授受"

    def ready(self) -> None:
        """Files in the menu; refused and partly applied ones on the home page."""
        from taxsys.platform.files.permissions import RECEIVE, VIEW
        from taxsys.platform.files.selectors import standing_count
        from taxsys.platform.ui.menu import HomeCard, MenuItem, home_card, menu_register

        menu_register(MenuItem(key="files", title_ja="ファイル", url_name="files", permission=VIEW, order=75))
        home_card(
            HomeCard(
                key="files-standing",
                title_ja="受付不可・行エラーのある受領ファイル",
                url_name="files",
                permission=RECEIVE,
                count=standing_count,
                order=40,
                level="caution",
            )
        )
