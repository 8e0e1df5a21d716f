"""紙の画像 (assessment.scans)."""

from django.apps import AppConfig


class ScansConfig(AppConfig):
    name = "assessment.scans"
    label = "scans"
    verbose_name = "紙の画像"

    def ready(self) -> None:
        """The tab of the party card and the card of the home page."""
        from addressbook.card import CardTab, tab_register
        from assessment.permissions import REGISTER_SCANS, VIEW_SCANS
        from assessment.scans.selectors import waiting_count
        from taxsys.platform.ui.menu import waiting_card

        tab_register(CardTab(id="scans", title_ja="画像", order=85, permission=VIEW_SCANS, url_name="party-scans"))
        waiting_card("遮蔽待ちの紙の画像", "scans", REGISTER_SCANS, lambda _staff: waiting_count(), order=33)
