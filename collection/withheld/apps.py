"""特別徴収義務者の納入 (collection.withheld)."""

from django.apps import AppConfig


class WithheldConfig(AppConfig):
    name = "collection.withheld"
    label = "withheld"
    verbose_name = "特別徴収義務者の納入"

    def ready(self) -> None:
        """The card of the home page."""
        from collection.permissions import WORK_SUSPENSE
        from collection.withheld.selectors import open_count
        from taxsys.platform.ui.menu import waiting_card

        waiting_card("特徴の納入の過不足", "agent-payments", WORK_SUSPENSE, lambda _staff: open_count(), order=42)
