"""データセット (taxsys.platform.datasets)."""

from django.apps import AppConfig


class DatasetsConfig(AppConfig):
    name = "taxsys.platform.datasets"
    label = "datasets"
    verbose_name = "データセット"

    def ready(self) -> None:
        """The menu."""
        from taxsys.platform.datasets.permissions import VIEW
        from taxsys.platform.ui.menu import MenuItem, menu_register

        menu_register(MenuItem(key="datasets", title_ja="統計", url_name="datasets", permission=VIEW, order=78))
