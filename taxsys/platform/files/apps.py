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
        from taxsys.platform.ui.menu import MenuItem, menu_register, waiting_card

        menu_register(MenuItem(key="files", title_ja="ファイル", url_name="files", permission=VIEW, order=75))
        waiting_card("受付不可・行エラーのある受領ファイル", "files", RECEIVE, standing_count, order=40)
