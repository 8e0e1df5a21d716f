"""領収済通知書 (collection.paid_slips)."""

from django.apps import AppConfig


class PaidSlipsConfig(AppConfig):
    name = "collection.paid_slips"
    label = "paid_slips"
    verbose_name = "領収済通知書"

    def ready(self) -> None:
        """The card of the home page."""
        from collection.paid_slips.selectors import open_batch_count
        from collection.permissions import POST_RECEIPTS
        from taxsys.platform.ui.menu import waiting_card

        waiting_card(
            "計上前の済通の束", "paid-slip-batches", POST_RECEIPTS, lambda _staff: open_batch_count(), order=41
        )
