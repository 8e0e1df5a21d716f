"""年金特別徴収 (assessment.pensions)."""

from django.apps import AppConfig


class PensionsConfig(AppConfig):
    name = "assessment.pensions"
    label = "pensions"
    verbose_name = "年金特別徴収"

    def ready(self) -> None:
        """The card of the home page."""
        from assessment.pensions.selectors import open_count
        from assessment.permissions import RECORD_CHANGES
        from taxsys.platform.ui.menu import waiting_card

        waiting_card("年金特徴の徴収結果の相違", "pension-stops", RECORD_CHANGES, lambda _staff: open_count(), order=34)
